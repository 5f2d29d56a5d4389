"""Network files into a road graph: the first importer whose file names fit reads it."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from roadnet.assemble import assemble_with_notes
from roadnet.datum import to_wgs84
from roadnet.errors import NetworkError
from roadnet.graph_file import SUFFIX as GRAPH_SUFFIX
from roadnet.graph_file import load_graph
from roadnet.importers.network import Importer, Network, check_degrees
from roadnet.pieces import note_on_pieces

if TYPE_CHECKING:
    from roadnet.graph import RoadGraph

__all__ = ["IMPORTERS", "Importer", "Network", "read_network", "read_network_with_notes"]

IMPORTERS: Final = (
    Importer((".pbf", ".osm", ".osm.gz", ".osm.bz2"), "roadnet.importers.osm", "load_osm"),
    Importer((".geojson", ".json"), "roadnet.importers.geojson", "load_geojson"),
    Importer((".parquet", ".geoparquet"), "roadnet.importers.geoparquet", "load_geoparquet"),
    Importer((".shp", ".gpkg", ".fgb"), "roadnet.importers.gis", "load_gis"),
)


def read_network(path: str, *, datum: str = "wgs84", country: str = "") -> RoadGraph:
    """Read a road network file; see `read_network_with_notes`, whose graph this is."""
    return read_network_with_notes(path, datum=datum, country=country).graph


def read_network_with_notes(path: str, *, datum: str = "wgs84", country: str = "") -> Network:
    """Read a road network file of any kind that an importer knows, or a saved graph.

    Parameters
    ----------
    path
        A file, or the URL of one that `pyarrow.fs` reads; its name says of what kind it is:
        `.pbf`, `.osm`, `.osm.gz`, `.osm.bz2`, `.geojson`, `.json`, `.parquet` (GeoParquet),
        `.shp`, `.gpkg`, `.fgb` (with the extra `gis`), or `.roadgraph`.
    datum
        Of the coordinates in the file: `wgs84`, `gcj02` or `bd09`. A saved graph is in WGS-84 whatever
        this says.
    country
        ISO 3166 code: its speeds hold where no tag gives one. Empty where unknown.

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
        return _read_url(path, datum, country)
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
                return _import(importer, path, datum, country)
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        raise NetworkError("network_unreadable", message, path) from error
    known = ", ".join(suffix for importer in IMPORTERS for suffix in importer.suffixes)
    raise NetworkError(
        "network_kind_unknown", f"unknown kind of file; expected {known} or {GRAPH_SUFFIX}", path
    )


def _import(importer: Importer, path: str, datum: str, country: str) -> Network:
    ways, notes = importer.load(path, country)
    check_degrees(ways.lon, ways.lat, path)
    lon, lat = to_wgs84(ways.lon, ways.lat, datum)
    graph, more_notes = assemble_with_notes(replace(ways, lon=lon, lat=lat))
    if graph.edge_count == 0:
        expected = "expected ways with a highway tag such as primary or residential"
        message = "; ".join(
            ("no road in it that motor vehicles drive on", expected, *notes, *more_notes)
        )
        raise NetworkError("network_empty", message, path)
    on_pieces = note_on_pieces(graph)
    return Network(graph, (*notes, *more_notes, *([on_pieces] if on_pieces else [])))


def _read_url(url: str, datum: str, country: str) -> Network:
    """Copy a file of an object store here, since osmium reads local files only."""
    # Loaded here, since local files do not need it and it takes as much memory as a city.
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.fs as pafs  # noqa: PLC0415

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
                return read_network_with_notes(str(copy), datum=datum, country=country)
            except NetworkError as error:
                raise NetworkError(error.code, error.message, url) from error
    except FileNotFoundError as error:
        raise NetworkError("network_missing", "there is no such file", url) from error
    except (pa.ArrowException, OSError, ValueError) as error:
        raise NetworkError("network_unreadable", f"cannot be read: {error}", url) from error
