"""Chosen ways of an OSM file and where chosen nodes lie, for files whose other ways do not matter."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import osmium

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from osmium.osm.types import TagList

    from roadnet.types import FloatArray

Place = tuple[float, float]  # longitude, latitude; degrees
_NOTHING: Final = "no object has this key"


class TaggedWay(NamedTuple):
    """A way with its tags and the ids of its nodes."""

    way_id: int
    tags: dict[str, str]
    refs: tuple[int, ...]

    def stretches(self, places: Mapping[int, Place]) -> list[FloatArray]:
        """Return the (k, 2) degrees of the way, cut where the file does not hold a node; k >= 2."""
        found: list[list[Place]] = [[]]
        for ref in self.refs:
            place = places.get(ref)
            if place is None:
                found.append([])
            elif not found[-1] or found[-1][-1] != place:
                found[-1].append(place)
        return [np.array(part, dtype=np.float64) for part in found if len(part) > 1]


def chosen_ways(
    path: str, wanted: Callable[[int, TagList, tuple[int, ...]], bool]
) -> list[TaggedWay]:
    """Find the ways with a `highway` tag that `wanted` says yes to, given id, tags and nodes.

    Call it within `reading_osm`, as `locate`. Of ways of one id the last counts.
    """
    found: dict[int, TaggedWay] = {}
    ways = osmium.FileProcessor(path, osmium.osm.WAY).with_filter(
        osmium.filter.KeyFilter("highway")
    )
    for way in ways:
        if isinstance(way, osmium.osm.Way):
            refs = tuple(node.ref for node in way.nodes)
            if len(refs) > 1 and wanted(way.id, way.tags, refs):
                found[way.id] = TaggedWay(way.id, dict(way.tags), refs)
    return list(found.values())


def locate(path: str, node_ids: Collection[int]) -> dict[int, Place]:
    """Find where nodes lie; those that the file does not hold are missing from the answer."""
    if not node_ids:
        return {}
    # No node passes the filter, so Python sees none, while osmium notes where each one lies.
    nodes = (
        osmium.FileProcessor(path, osmium.osm.NODE)
        .with_locations()
        .with_filter(osmium.filter.KeyFilter(_NOTHING))
    )
    for _ in nodes:
        pass
    table = nodes.node_location_storage
    found: dict[int, Place] = {}
    # osmium's table knows no negative ids, and raises for those that it does not hold.
    for node_id in node_ids:
        with contextlib.suppress(KeyError):
            location = table.get(node_id) if table is not None and node_id >= 0 else None
            if location is not None and location.valid():
                found[node_id] = (location.lon, location.lat)
    negative = {node_id for node_id in node_ids if node_id < 0}
    return found | _locate_one_by_one(path, negative) if negative else found


def _locate_one_by_one(path: str, node_ids: set[int]) -> dict[int, Place]:
    return {
        node.id: (node.location.lon, node.location.lat)
        for node in osmium.FileProcessor(path, osmium.osm.NODE)
        if isinstance(node, osmium.osm.Node) and node.id in node_ids and node.location.valid()
    }
