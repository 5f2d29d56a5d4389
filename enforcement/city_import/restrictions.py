"""Restricted ways of OpenStreetMap as features of restrictions.geojson: ways of one rule, side by side, are one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import networkx as nx
import numpy as np
import shapely

from enforcement.city_files.restrictions import read_restrictions
from enforcement.city_import.target import collection_text, frame_of
from enforcement.city_import.way_rules import DESTINATION, way_rules
from roadnet.datum import from_wgs84
from roadnet.geodesy import local_plane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from enforcement.city_files.settings_file import CitySettings
    from enforcement.city_import.way_rules import WayRule
    from enforcement.errors import Fault
    from roadnet.importers.restricted_ways import RestrictedWay

_SAME_STREET_M: Final = 200.0  # stretches of one name and rule no farther apart are one street
_QUARTER_CIRCLE: Final = 3  # corners of the area where a street bends
_SIMPLER_M: Final = 0.5
_DIGITS: Final = 7
_NAMES_AT_MOST: Final = 3


@dataclass(frozen=True, slots=True)
class ImportedRestriction:
    """A restriction, and the ways that it was made of.

    Attributes
    ----------
    feature
        GeoJSON, in the coordinates of the city.
    way_ids
        Ascending.
    level
        `no`, or `destination`: only for who has business there.
    source
        The tags of the ways.
    """

    feature: dict[str, Any]
    way_ids: tuple[int, ...]
    level: str
    source: str


@dataclass(frozen=True, slots=True, order=True)
class NotExpressed:
    """A tag that no restriction says, or not wholly: why, and on which ways."""

    tag: str
    reason: str
    way_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RestrictionImport:
    """What the ways of a file say, in the order of their ids."""

    restrictions: tuple[ImportedRestriction, ...]
    not_expressed: tuple[NotExpressed, ...]


def restrictions_of(
    ways: Sequence[RestrictedWay],
    settings: CitySettings,
    *,
    unconditional: bool = False,
    weight_limits: bool = False,
    destination: bool = True,
    name: str = "",
    width_m: float = 20.0,
) -> RestrictionImport:
    """Make restrictions of ways.

    Parameters
    ----------
    ways
        As `read_restricted_ways` found them; in any order.
    settings
        Of the city: coordinates of the features, and the calendar that hours are compared with.
    unconditional
        Take plain values of `hgv` and `goods` too.
    weight_limits
        Take `maxweight` and `maxweightrating` too.
    destination
        Take what only keeps out those who have no business there.
    name
        Only streets whose name holds this text, whatever the case; empty for all.
    width_m
        Of the area along a street, so that the cameras on it are inside.
    """
    groups: dict[WayRule, list[RestrictedWay]] = {}
    missing: dict[tuple[str, str], list[int]] = {}
    for way in sorted(ways, key=lambda way: way.way_id):
        if name.lower() not in way.tags.get("name", "").lower():
            continue
        read = way_rules(
            way.tags,
            settings.calendar,
            unconditional=unconditional,
            weight_limits=weight_limits,
        )
        for remark in read.remarks:
            missing.setdefault(remark, []).append(way.way_id)
        for rule in read.rules:
            if rule.level == DESTINATION and not destination:
                why = "who has business there may drive: left out as asked"
                missing.setdefault((rule.source, why), []).append(way.way_id)
            elif not way.lines:
                why = "the file does not hold the nodes of the way"
                missing.setdefault((rule.source, why), []).append(way.way_id)
            else:
                groups.setdefault(rule, []).append(way)
    found: list[ImportedRestriction] = []
    ids: set[str] = set()
    streets = [(rule, street) for rule, members in groups.items() for street in _streets(members)]
    for rule, street in sorted(streets, key=lambda one: (one[1][0].way_id, one[0])):
        found.append(_restriction(rule, street, ids, settings, width_m))
    not_expressed = sorted(
        NotExpressed(tag, reason, tuple(sorted(way_ids)))
        for (tag, reason), way_ids in missing.items()
    )
    return RestrictionImport(tuple(found), tuple(not_expressed))


def check_restrictions(
    restrictions: Sequence[ImportedRestriction], settings: CitySettings
) -> tuple[tuple[Fault, ...], tuple[Fault, ...]]:
    """Read features as the city will; return faults, and warnings of what may not be meant."""
    frame = frame_of(settings)
    read_restrictions(frame, collection_text([one.feature for one in restrictions]).encode())
    return frame.faults.faults, frame.faults.warnings


def _streets(ways: Sequence[RestrictedWay]) -> list[list[RestrictedWay]]:
    """Put together ways of one rule that share a node, or have one name and are near each other."""
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(ways)))
    at_node: dict[int, int] = {}
    for number, way in enumerate(ways):
        for ref in way.refs:
            graph.add_edge(at_node.setdefault(ref, number), number)
    named: dict[str, list[int]] = {}
    for number, way in enumerate(ways):
        if way.tags.get("name"):
            named.setdefault(way.tags["name"], []).append(number)
    for numbers in named.values():
        lines = _in_metres([ways[number] for number in numbers])
        pairs = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=_SAME_STREET_M)
        graph.add_edges_from((numbers[a], numbers[b]) for a, b in pairs.T.tolist())
    parts = [sorted(part) for part in nx.connected_components(graph)]
    return [[ways[number] for number in part] for part in parts]


def _in_metres(ways: Sequence[RestrictedWay]) -> list[BaseGeometry]:
    """Return the lines of each way, in metres around the first."""
    plane = local_plane(*ways[0].lines[0][0])
    return [
        shapely.MultiLineString(
            [np.column_stack(plane.to_xy(line[:, 0], line[:, 1])) for line in way.lines]
        )
        for way in ways
    ]


def _restriction(
    rule: WayRule,
    street: Sequence[RestrictedWay],
    ids: set[str],
    settings: CitySettings,
    width_m: float,
) -> ImportedRestriction:
    way_ids = tuple(sorted(way.way_id for way in street))
    stem = f"osm-way-{way_ids[0]}-{rule.level}"
    number = 1
    restriction_id = stem
    while restriction_id in ids:
        number += 1
        restriction_id = f"{stem}-{number}"
    ids.add(restriction_id)
    names = list(dict.fromkeys(way.tags["name"] for way in street if way.tags.get("name")))
    more = f" + {len(names) - _NAMES_AT_MOST}" if len(names) > _NAMES_AT_MOST else ""
    streets = ", ".join(names[:_NAMES_AT_MOST]) + more
    return ImportedRestriction(
        feature={
            "type": "Feature",
            "properties": {
                "restriction_id": restriction_id,
                "name": f"{streets}: {rule.source}" if streets else rule.source,
                "vehicle_classes": list(rule.classes),
                "schedule": rule.schedule,
                "permits_exempt": True,
            },
            "geometry": _area(street, settings.coordinates, width_m),
        },
        way_ids=way_ids,
        level=rule.level,
        source=rule.source,
    )


def _area(street: Sequence[RestrictedWay], datum: str, width_m: float) -> dict[str, Any]:
    """Return a GeoJSON area around ways, which ends where they end."""
    lines = shapely.line_merge(shapely.union_all(_in_metres(street)))
    area = shapely.buffer(
        lines, width_m / 2.0, quad_segs=_QUARTER_CIRCLE, cap_style="flat", join_style="round"
    )
    area = shapely.simplify(area, _SIMPLER_M)
    plane = local_plane(*street[0].lines[0][0])

    def to_city(xy: np.ndarray) -> np.ndarray:
        lon, lat = from_wgs84(*plane.to_lonlat(xy[:, 0], xy[:, 1]), datum)
        return np.round(np.column_stack((lon, lat)), _DIGITS)

    drawn = shapely.transform(area, to_city)
    if not drawn.is_valid:  # rounding may close a gap of millimetres
        drawn = shapely.buffer(drawn, 0)
    geometry: dict[str, Any] = shapely.geometry.mapping(drawn)
    return geometry
