"""Network files into a road graph: the first importer whose file names fit reads it."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.fs as pafs

from roadnet.assemble import assemble_table
from roadnet.datum import to_wgs84
from roadnet.errors import NetworkError
from roadnet.graph_file import SUFFIX as GRAPH_SUFFIX
from roadnet.graph_file import load_graph
from roadnet.importers.geojson import GEOJSON
from roadnet.importers.geoparquet import GEOPARQUET
from roadnet.importers.network import Importer, Network, check_degrees
from roadnet.importers.osm import OSM

if TYPE_CHECKING:
    from roadnet.graph import RoadGraph

__all__ = ["IMPORTERS", "Importer", "Network", "read_network", "read_network_with_notes"]

IMPORTERS: Final[tuple[Importer, ...]] = (OSM, GEOJSON, GEOPARQUET)


def read_network(path: str, *, datum: str = "wgs84") -> RoadGraph:
    """Read a road network file; see `read_network_with_notes`, whose graph this is."""
    return read_network_with_notes(path, datum=datum).graph


def read_network_with_notes(path: str, *, datum: str = "wgs84") -> Network:
    """Read a road network file of any kind that an importer knows, or a saved graph.

    Parameters
    ----------
    path
        A file, or the URL of one that `pyarrow.fs` reads; its name says of what kind it is:
        `.pbf`, `.osm`, `.osm.gz`, `.osm.bz2`, `.geojson`, `.json`, `.parquet` (GeoParquet), or
        `.roadgraph`.
    datum
        Of the coordinates in the file: `wgs84`, `gcj02` or `bd09`. A saved graph is in WGS-84 whatever
        this says.

    Returns
    -------
    Network
        The graph, in WGS-84, with at least one edge; and remarks on what was left out.

    Raises
    ------
    NetworkError
        There is no such file, it is of no kind known or broken, its coordinates are no degrees, or
        it has no road that motor vehicles drive on.
    RoadnetError
        The datum is unknown.
    """
    if "://" in path:
        return _read_url(path, datum)
    file = Path(path)
    if not file.exists():
        raise NetworkError("network_missing", "there is no such file", path)
    if not file.is_file():
        raise NetworkError("network_missing", "this is a folder; expected a network file", path)
    try:
        if path.lower().endswith(GRAPH_SUFFIX):
            return Network(load_graph(path), ())
        for importer in IMPORTERS:
            if importer.applicable(path):
                return _import(importer, path, datum)
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        raise NetworkError("network_unreadable", message, path) from error
    known = ", ".join(suffix for importer in IMPORTERS for suffix in importer.suffixes)
    raise NetworkError(
        "network_kind_unknown", f"unknown kind of file; expected {known} or {GRAPH_SUFFIX}", path
    )


def _import(importer: Importer, path: str, datum: str) -> Network:
    ways, notes = importer.load(path)
    check_degrees(ways.lon, ways.lat, path)
    lon, lat = to_wgs84(ways.lon, ways.lat, datum)
    graph = assemble_table(replace(ways, lon=lon, lat=lat))
    if graph.edge_count == 0:
        raise NetworkError(
            "network_empty",
            "no road in it that motor vehicles drive on; expected ways with a highway tag "
            "such as primary or residential",
            path,
        )
    return Network(graph, notes)


def _read_url(url: str, datum: str) -> Network:
    """Copy a file of an object store here, since osmium reads local files only."""
    try:
        filesystem, inner = pafs.FileSystem.from_uri(url)
        with tempfile.TemporaryDirectory(prefix="roadnet-") as folder:
            copy = Path(folder) / PurePosixPath(inner).name
            with (
                filesystem.open_input_stream(inner, compression=None) as source,
                copy.open("wb") as target,
            ):
                shutil.copyfileobj(source, target, 1 << 20)
            try:
                return read_network_with_notes(str(copy), datum=datum)
            except NetworkError as error:
                raise NetworkError(error.code, error.message, url) from error
    except FileNotFoundError as error:
        raise NetworkError("network_missing", "there is no such file", url) from error
    except (pa.ArrowException, OSError, ValueError) as error:
        raise NetworkError("network_unreadable", f"cannot be read: {error}", url) from error
