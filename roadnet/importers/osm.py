"""OpenStreetMap files, PBF or XML, through osmium."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final

import numpy as np
import osmium

from roadnet.assemble import WayTable
from roadnet.importers.network import Importer, ReadWays
from roadnet.importers.osm_files import OSM_SUFFIXES, reading_osm
from roadnet.importers.tags import RoadTags, read_tags

if TYPE_CHECKING:
    from roadnet.types import BoolArray, IdArray, IndexArray

_PER_DEGREE: Final = 1e7  # OSM counts in such parts of a degree
_UNDEFINED: Final = 2**31 - 1  # osmium's coordinate of a node that it has not seen


def load_osm(path: str) -> ReadWays:
    """Read the roads of an OSM file.

    Parameters
    ----------
    path
        Local `.pbf`, `.osm`, `.osm.gz` or `.osm.bz2`; ways may stand before their nodes, and ids
        may be negative.

    Returns
    -------
    ReadWays
        All ways that motor vehicles drive on. Where a way refers to nodes that the file does not
        hold (it was cut out of a larger one), the stretches between them remain.

    Raises
    ------
    NetworkError
        Not such a file, or broken.
    """
    with reading_osm(path):
        columns = _read(path)
        x, y, missing = _with_missing_nodes(path, columns)
    return _tabulate(columns, x, y, missing)


OSM: Final = Importer(OSM_SUFFIXES, load_osm)


class _Columns:
    """What one pass over the file collects."""

    def __init__(self) -> None:
        self.refs = array("q")
        self.x = array("i")
        self.y = array("i")
        self.counts = array("q")
        self.way_ids = array("q")
        self.roads: list[RoadTags] = []
        self.signals = array("q")


def _read(path: str) -> _Columns:
    columns = _Columns()
    refs, x, y = columns.refs, columns.x, columns.y
    # Filters run in C++, so Python sees only what has a `highway`: ways, and signals among nodes.
    objects = (
        osmium.FileProcessor(path, osmium.osm.NODE | osmium.osm.WAY)
        .with_locations()
        .with_filter(osmium.filter.KeyFilter("highway"))
    )
    for item in objects:
        if isinstance(item, osmium.osm.Node):
            if item.tags.get("highway") == "traffic_signals":
                columns.signals.append(item.id)
        elif isinstance(item, osmium.osm.Way):
            road = read_tags(item.tags)
            if road is None or len(item.nodes) < 2:
                continue
            for node in item.nodes:
                refs.append(node.ref)
                x.append(node.x)
                y.append(node.y)
            columns.counts.append(len(item.nodes))
            columns.way_ids.append(item.id)
            columns.roads.append(road)
    return columns


def _with_missing_nodes(path: str, columns: _Columns) -> tuple[IndexArray, IndexArray, BoolArray]:
    """Look for the nodes that osmium had not seen when their way came, or whose id is negative."""
    x = np.array(columns.x, dtype=np.int32)
    y = np.array(columns.y, dtype=np.int32)
    missing = x == _UNDEFINED
    if not missing.any():
        return x, y, missing
    refs = np.array(columns.refs, dtype=np.int64)
    wanted = set(refs[missing].tolist())
    found: dict[int, tuple[int, int]] = {}
    # Not osmium's IdFilter: it knows no negative ids and spends a bit on each id up to the greatest.
    for node in osmium.FileProcessor(path, osmium.osm.NODE):
        if isinstance(node, osmium.osm.Node) and node.id in wanted and node.location.valid():
            found[node.id] = (node.location.x, node.location.y)
    for place in np.flatnonzero(missing).tolist():
        location = found.get(int(refs[place]))
        if location is not None:
            x[place], y[place] = location
            missing[place] = False
    return x, y, missing


def _tabulate(columns: _Columns, x: IndexArray, y: IndexArray, missing: BoolArray) -> ReadWays:
    refs: IdArray = np.array(columns.refs, dtype=np.int64)
    way = np.repeat(np.arange(len(columns.roads)), np.array(columns.counts, dtype=np.int64))
    notes: tuple[str, ...] = ()
    if missing.any():
        cut = np.unique(way[missing]).shape[0]
        nodes = np.unique(refs[missing]).shape[0]
        note = f"{cut} of {len(columns.roads)} roads refer to {nodes} nodes that the file does not hold"
        notes = (f"{note}; those stretches are left out",)
    # A stretch begins with each way, and after each gap in one.
    kept = ~missing
    begins = np.ones(way.shape[0], dtype=np.bool_)
    begins[1:] = (way[1:] != way[:-1]) | missing[:-1]
    stretch = np.cumsum(begins)[kept]
    first = np.ones(stretch.shape[0], dtype=np.bool_)
    first[1:] = stretch[1:] != stretch[:-1]
    starts = np.flatnonzero(first)
    way_of_stretch = way[kept][starts]
    roads = [columns.roads[place] for place in way_of_stretch.tolist()]
    names: dict[str, int] = {}
    ids = refs[kept]
    return ReadWays(
        WayTable(
            offsets=np.concatenate((starts, [stretch.shape[0]])).astype(np.int64),
            lon=x[kept] / _PER_DEGREE,
            lat=y[kept] / _PER_DEGREE,
            node_ids=ids,
            signals=np.isin(ids, np.array(columns.signals, dtype=np.int64)),
            road_class=np.array([road.road_class for road in roads], dtype=np.uint8),
            speed_kmh=np.array([road.speed_kmh for road in roads], dtype=np.float32),
            oneway=np.array([road.oneway for road in roads], dtype=np.int32),
            flags=np.array([road.flags for road in roads], dtype=np.uint8),
            layer=np.array([road.layer for road in roads], dtype=np.int32),
            way_id=np.array(columns.way_ids, dtype=np.int64)[way_of_stretch],
            name=np.array(
                [names.setdefault(road.name, len(names)) for road in roads], dtype=np.int32
            ),
            names=tuple(names),
        ),
        notes,
    )
