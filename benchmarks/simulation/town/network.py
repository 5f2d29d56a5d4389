"""The whole invented town: roads, small streets, signals, all of it reachable; and its OSM file."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import osmium
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from benchmarks.simulation.plane import Plane
from benchmarks.simulation.seeds import stream
from benchmarks.simulation.town import plan
from benchmarks.simulation.town.blocks import fill, lots
from benchmarks.simulation.town.ground import Ground, lay_ground
from benchmarks.simulation.town.names import NameBook
from benchmarks.simulation.town.roads import draw_roads
from benchmarks.simulation.town.streets import StreetMap, WayDraft

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt
    import shapely

_FIRST_NODE_ID: Final = 1_000_001
_FIRST_WAY_ID: Final = 5_000_001
_SIGNALLED: Final = ("trunk", "primary", "secondary")


@dataclass(frozen=True, slots=True, eq=False)
class Town:
    """An invented town.

    Attributes
    ----------
    node_xy
        (n, 2) metres from the centre of the plan.
    node_tags
        Tags of the few nodes that have some.
    ways
        Streets; their nodes are places in `node_xy`.
    ground
        Water and parks.
    """

    node_xy: npt.NDArray[np.float64]
    node_tags: dict[int, dict[str, str]]
    ways: tuple[WayDraft, ...]
    ground: Ground


PLANE: Final = Plane(plan.CENTRE_LON, plan.CENTRE_LAT)


def invent_town(seed: int) -> Town:
    """Return the town of a seed: the plan is fixed, its small streets differ."""
    ground = lay_ground()
    streets = draw_roads(ground)
    names = NameBook(stream(seed, "street names"), {road.name for road in plan.ROADS})
    for lot in lots(streets, ground):
        fill(streets, ground, lot, names, stream(seed, f"streets of {lot.name}"))
    node_tags = _signals(streets, stream(seed, "signals"))
    ways = _reachable(streets.ways(), len(streets.node_xy))
    return Town(np.array(streets.node_xy), node_tags, tuple(ways), ground)


def _signals(streets: StreetMap, random: np.random.Generator) -> dict[int, dict[str, str]]:
    """Return signal tags: where two roads of the plan cross, and at some of the side roads."""
    tags: dict[int, dict[str, str]] = {}
    side = {
        node for way in streets.local if way.tags["highway"] == "tertiary" for node in way.nodes
    }
    for line in streets.lines:
        if line.tags["highway"] not in _SIGNALLED:
            continue
        for stop in sorted(line.stops, key=lambda stop: stop.at_m):
            if stop.major or (stop.node in side and random.random() < 0.5):
                tags[stop.node] = {"highway": "traffic_signals"}
    return tags


def _reachable(ways: list[WayDraft], nodes: int) -> list[WayDraft]:
    """Return the ways of one connected town; a one-way street that traps traffic loses its sign."""
    while True:
        part = _strong_parts(ways, nodes)
        main = np.bincount(part).argmax()
        kept = [_opened(way) if any(part[n] != main for n in way.nodes) else way for way in ways]
        changed = any(a is not b for a, b in zip(kept, ways, strict=True))
        ways = kept
        if not changed:
            break
    part = _strong_parts(ways, nodes)
    main = np.bincount(part).argmax()
    return [
        way
        for way in ways
        if way.tags["highway"] == "motorway" or any(part[node] == main for node in way.nodes)
    ]


def _opened(way: WayDraft) -> WayDraft:
    """Return a way without its one-way sign; one that has none, and a motorway, as it is."""
    if not way.tags.get("oneway") or way.tags["highway"] == "motorway":
        return way
    return WayDraft(way.nodes, {k: v for k, v in way.tags.items() if k != "oneway"})


def _strong_parts(ways: list[WayDraft], nodes: int) -> npt.NDArray[np.int32]:
    start: list[int] = []
    end: list[int] = []
    for way in ways:
        pairs = list(pairwise(way.nodes))
        oneway = way.tags.get("oneway")
        if oneway != "-1":
            start += [a for a, _ in pairs]
            end += [b for _, b in pairs]
        if oneway != "yes":
            start += [b for _, b in pairs]
            end += [a for a, _ in pairs]
    matrix = sp.csr_matrix((np.ones(len(start)), (start, end)), shape=(nodes, nodes))
    return np.asarray(connected_components(matrix, connection="strong")[1])


def write_osm(town: Town, path: Path) -> None:
    """Write the town as an OSM file, its water and parks as ways that are no roads.

    The same town gives the same bytes.
    """
    lonlat = PLANE.to_lonlat(town.node_xy)
    used = sorted({node for way in town.ways for node in way.nodes})
    areas = _areas(town.ground)
    next_id = _FIRST_NODE_ID + len(town.node_xy)
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for node in used:
            _add_node(writer, _FIRST_NODE_ID + node, lonlat[node], town.node_tags.get(node, {}))
        refs_of_areas = []
        for points, closed, _ in areas:
            corners = PLANE.to_lonlat(points[:-1] if closed else points)
            refs = list(range(next_id, next_id + len(corners)))
            next_id += len(corners)
            for ref, corner in zip(refs, corners, strict=True):
                _add_node(writer, ref, corner, {})
            refs_of_areas.append([*refs, refs[0]] if closed else refs)
        number = _FIRST_WAY_ID
        for way in town.ways:
            _add_way(writer, number, [_FIRST_NODE_ID + node for node in way.nodes], dict(way.tags))
            number += 1
        for refs, (_, _, tags) in zip(refs_of_areas, areas, strict=True):
            _add_way(writer, number, refs, tags)
            number += 1


def _add_node(
    writer: osmium.SimpleWriter, number: int, lonlat: npt.NDArray[np.float64], tags: dict[str, str]
) -> None:
    location = (round(float(lonlat[0]), 7), round(float(lonlat[1]), 7))
    writer.add_node(osmium.osm.mutable.Node(id=number, location=location, tags=tags, version=1))


def _add_way(
    writer: osmium.SimpleWriter, number: int, refs: list[int], tags: dict[str, str]
) -> None:
    writer.add_way(osmium.osm.mutable.Way(id=number, nodes=refs, tags=tags, version=1))


def _areas(ground: Ground) -> list[tuple[npt.NDArray[np.float64], bool, dict[str, str]]]:
    """Return (points, closed, tags) of everything that is no road."""

    def edge(shape: shapely.Polygon) -> npt.NDArray[np.float64]:
        return np.asarray(shape.exterior.coords)

    return [
        (
            edge(ground.river_area),
            True,
            {"natural": "water", "water": "river", "name": plan.RIVER_NAME},
        ),
        (
            edge(ground.stream_area),
            True,
            {"natural": "water", "water": "stream", "name": plan.STREAM_NAME},
        ),
        (ground.river, False, {"waterway": "river", "name": plan.RIVER_NAME}),
        (ground.stream, False, {"waterway": "stream", "name": plan.STREAM_NAME}),
        *(
            (edge(shape), True, {"natural": "water", "water": "lake", "name": name})
            for name, shape in ground.lakes
        ),
        *((edge(shape), True, {"leisure": "park", "name": name}) for name, shape in ground.parks),
    ]
