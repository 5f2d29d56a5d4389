"""A road graph from nodes and edges of any source: a table, another program, a few lines by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from shapely.geometry.base import BaseMultipartGeometry

from roadnet.edge_rows import EdgeRow, Nodes, graph_of_rows
from roadnet.errors import NetworkError
from roadnet.importers.features import tags_of, way_id_of
from roadnet.importers.network import check_degrees
from roadnet.importers.tags import TagReader, read_name
from roadnet.types import NO_OSM_ID, ROAD_CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from roadnet.graph import RoadGraph
    from roadnet.importers.tags import RoadTags
    from roadnet.types import FloatArray

WHERE: Final = "edges"
_FAULTS_SHOWN: Final = 10


def graph_from_edges(
    nodes_lonlat: npt.ArrayLike,
    edges: Iterable[Sequence[Any]] | Mapping[str, Sequence[Any]],
    *,
    country: str = "",
) -> RoadGraph:
    """Build a road graph from places and what joins them.

    Parameters
    ----------
    nodes_lonlat
        (n, 2) WGS-84 degrees; node i of the graph is row i.
    edges
        Streets, each ``(from, to)`` or ``(from, to, attributes)`` with numbers of nodes; or columns of
        one length by name, ``{"from": ..., "to": ..., "highway": ...}``. Attributes bear the names of
        OSM tags and mean the same: `highway` (`road` if there is none), `oneway` (a street is driven
        both ways if it says nothing), `name`, `maxspeed` in km/h, `hgv`, `maxweight`, `layer`, ...,
        and `osmid`. `geometry` is a shapely LineString or (k, 2) points from `from` to `to`; a street
        without one is straight.
    country
        ISO 3166 code, for speeds that no attribute gives; empty where unknown.

    Returns
    -------
    RoadGraph
        Sorted as any: find an edge by its ends, not by its row.

    Raises
    ------
    NetworkError
        Codes ``coordinates_out_of_range`` and ``edges_faulty``; the latter names the first ten faults,
        each with its row from 0 and its field.
    """
    places = _places(nodes_lonlat)
    reader = TagReader(country)
    rows: list[EdgeRow] = []
    faults: list[str] = []
    for number, row in enumerate(_rows(edges)):
        try:
            rows += _edge_rows(row, places, reader)
        except (TypeError, ValueError, NetworkError) as fault:
            faults.append(f"edge {number}: {fault}")
    if faults:
        more = (
            f"\n... and {len(faults) - _FAULTS_SHOWN} more" if len(faults) > _FAULTS_SHOWN else ""
        )
        raise NetworkError("edges_faulty", "\n".join(faults[:_FAULTS_SHOWN]) + more, WHERE)
    count = places.shape[0]
    nodes = Nodes(
        lon=np.ascontiguousarray(places[:, 0]),
        lat=np.ascontiguousarray(places[:, 1]),
        osm_id=np.full(count, NO_OSM_ID, dtype=np.int64),
        signals=np.zeros(count, dtype=np.bool_),
    )
    return graph_of_rows(nodes, rows)[0]


def _places(nodes_lonlat: npt.ArrayLike) -> FloatArray:
    try:
        places = np.array(nodes_lonlat, dtype=np.float64)
    except (TypeError, ValueError) as error:
        message = f"nodes are no numbers ({error}); expected (n, 2) longitude and latitude"
        raise NetworkError("edges_faulty", message, "nodes") from error
    if places.size == 0:
        places = places.reshape(0, 2)
    if places.ndim != 2 or places.shape[1] != 2:
        message = f"nodes have shape {places.shape}; expected (n, 2) longitude and latitude"
        raise NetworkError("edges_faulty", message, "nodes")
    check_degrees(places[:, 0], places[:, 1], "nodes")
    return places


def _rows(edges: Iterable[Sequence[Any]] | Mapping[str, Sequence[Any]]) -> Iterable[Sequence[Any]]:
    """Give edges row by row, whatever way they came."""
    if not hasattr(edges, "__iter__"):
        message = f"found {type(edges).__name__}; expected rows (from, to), or columns by name"
        raise NetworkError("edges_faulty", message, WHERE)
    if not isinstance(edges, Mapping):
        return edges
    missing = [name for name in ("from", "to") if name not in edges]
    if missing:
        message = f"there is no column {missing[0]!r}; expected columns from and to"
        raise NetworkError("edges_faulty", message, WHERE)
    # A table of pandas or numpy gives its columns' values as they are.
    columns = {str(name): list(edges[name]) for name in edges}
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise NetworkError("edges_faulty", f"columns differ in length: {lengths}", WHERE)
    begins, ends = columns.pop("from"), columns.pop("to")
    return [
        (begin, end, {name: column[row] for name, column in columns.items()})
        for row, (begin, end) in enumerate(zip(begins, ends, strict=True))
    ]


def _edge_rows(row: Sequence[Any], places: FloatArray, reader: TagReader) -> Iterable[EdgeRow]:
    """Read one street; raises ValueError with what is wrong."""
    if isinstance(row, str) or len(row) not in {2, 3}:
        raise ValueError("expected (from, to) or (from, to, attributes)")
    attributes = dict(row[2]) if len(row) == 3 else {}
    count = places.shape[0]
    begin, end = _node("from", row[0], count), _node("to", row[1], count)
    points = _points(attributes.pop("geometry", None), places[[begin, end]])
    tags = tags_of({str(key): _plain(value) for key, value in attributes.items()})
    road = _road(tags, reader)
    name, way_id = read_name(tags), way_id_of(tags)
    one_way = road.forward is None or road.backward is None
    if road.forward is not None:
        yield EdgeRow(begin, end, points, road, road.forward, name, way_id, one_way)
    if road.backward is not None:
        back = points[::-1].copy()
        yield EdgeRow(end, begin, back, road, road.backward, name, way_id, one_way)


def _node(name: str, value: Any, count: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} is {value!r}; expected the number of a node")
    if not 0 <= value < count:
        raise ValueError(f"{name} is {value}; there are {count} nodes, from 0")
    return int(value)


def _points(geometry: Any, ends: FloatArray) -> FloatArray:
    """Give the points of a street from its first node to its last."""
    points = ends
    if geometry is not None and not (isinstance(geometry, float) and np.isnan(geometry)):
        if isinstance(geometry, BaseMultipartGeometry):
            raise TypeError(f"geometry is a {geometry.geom_type}; expected a LineString")
        points = np.array(getattr(geometry, "coords", geometry), dtype=np.float64)
        if points.ndim != 2 or points.shape[0] < 2 or points.shape[1] < 2:
            raise ValueError(f"geometry has shape {points.shape}; expected (k, 2), k of 2 or more")
        points = points[:, :2].copy()
        if not np.allclose(points[[0, -1]], ends, rtol=0.0, atol=1e-6):
            raise ValueError("geometry does not run from the node `from` to the node `to`")
        points[[0, -1]] = ends
        check_degrees(points[:, 0], points[:, 1], "geometry")
    if (points == points[0]).all():
        raise ValueError("it has no length: all its points are at one place")
    return points


def _plain(value: Any) -> Any:
    """Give values of numpy arrays and tables as Python's own."""
    return value.item() if isinstance(value, np.generic) else value


def _road(tags: dict[str, str], reader: TagReader) -> RoadTags:
    road_class = tags.setdefault("highway", "road")
    if road_class not in ROAD_CLASSES:
        known = ", ".join(ROAD_CLASSES)
        raise ValueError(f"highway is {road_class!r}; expected one of {known}")
    road = reader.read(tags)
    if road is None:
        raise ValueError("its attributes close it to all motor vehicles; leave it out")
    return road
