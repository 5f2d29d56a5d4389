"""Lines with properties into ways: what GeoJSON and other feature files have in common.

Properties bear OpenStreetMap's tag names; `feature_nodes` says where ways meet.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from roadnet.errors import NetworkError
from roadnet.importers.barriers import read_barrier
from roadnet.importers.feature_nodes import NO_ENDS, Ends, LineNodes, ends_of
from roadnet.importers.network import ReadWays, check_degrees
from roadnet.importers.road_rows import RoadRows
from roadnet.importers.tags import TagReader, read_name
from roadnet.types import NO_OSM_ID
from roadnet.ways import Barrier, WayTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from roadnet.types import FloatArray

_FAULTS_SHOWN: Final = 10
_ID_KEYS: Final = ("@id", "osm_id", "osmid", "way_id")
_ID: Final = re.compile(r"(?:way/)?(\d{1,18})")


class Feature(NamedTuple):
    """One feature of a file.

    Attributes
    ----------
    number
        Its place in the file, from 1.
    lines
        (k, 2) lon and lat each; none for a feature that is no line.
    properties
        As in the file; values of any JSON type.
    fault
        Why it cannot be read, with the field, empty if it can.
    place
        lon and lat of a feature that is a point, else None.
    """

    number: int
    lines: tuple[FloatArray, ...]
    properties: Mapping[str, Any]
    fault: str = ""
    place: tuple[float, float] | None = None


def ways_of_features(features: Iterable[Feature], path: str, country: str = "") -> ReadWays:
    """Interpret features as roads.

    Parameters
    ----------
    features
        In the order of the file.
    path
        The file, for messages.
    country
        ISO 3166 code, for speeds that no property gives; empty where unknown.

    Returns
    -------
    ReadWays
        Points that are traffic signals (`highway`) or a `barrier` stand on the roads whose points they
        are. Lines of `type=restriction` are banned turns: the streets that no lorry may drive one after
        the other, each as driven. With a note on features that are none of these, and on lines that bear no
        `highway`.

    Raises
    ------
    NetworkError
        Some feature is faulty; names the first ten of all, each with its number and field.
    """
    lines: list[FloatArray] = []
    ends: list[Ends] = []
    turns: list[tuple[FloatArray, ...]] = []
    roads, reader = RoadRows(), TagReader(country)
    faults: list[NetworkError] = []
    on_roads: list[Feature] = []
    no_line = no_highway = 0
    for feature in features:
        try:
            _check(feature, path)
        except NetworkError as fault:
            faults.append(fault)
            continue
        if _stands_on_roads(feature):
            on_roads.append(feature)
        elif not feature.lines:
            no_line += 1
        elif feature.properties.get("type") == "restriction":
            turns.append(feature.lines)
        elif not feature.properties.get("highway"):
            no_highway += 1
        else:
            tags = tags_of(feature.properties)
            road = reader.read(tags)
            if road is not None:
                kind, name = roads.kind(road), roads.name(read_name(tags))
                for line in feature.lines:
                    roads.append(kind, name, way_id_of(tags))
                    lines.append(line)
                    ends.append(ends_of(tags) if len(feature.lines) == 1 else NO_ENDS)
    if faults:
        _raise_together(faults)
    nodes = LineNodes(lines, ends)
    banned = nodes.along(turns)
    left_out = (
        (no_line, f"{no_line} features are no line; left out"),
        (no_highway, f"{no_highway} lines have no property highway; left out"),
        (banned.unknown, f"{banned.unknown} banned turns lead over streets that are not there"),
    )
    notes = tuple(note for count, note in left_out if count)
    table = _tabulate(nodes, roads, on_roads)
    return ReadWays(replace(table, bans=banned.found), notes)


def _stands_on_roads(feature: Feature) -> bool:
    told = feature.properties
    of_roads = told.get("highway") == "traffic_signals" or bool(told.get("barrier"))
    return feature.place is not None and of_roads


def _check(feature: Feature, path: str) -> None:
    where = f"{path}: feature {feature.number}"
    if feature.fault:
        raise NetworkError("feature_faulty", feature.fault, where)
    if feature.place is not None and _stands_on_roads(feature):
        check_degrees(np.array(feature.place[:1]), np.array(feature.place[1:]), where)
    for line in feature.lines:
        if line.shape[0] < 2:
            raise NetworkError(
                "feature_faulty",
                f"geometry.coordinates has {line.shape[0]} points; expected 2 or more",
                where,
            )
        check_degrees(line[:, 0], line[:, 1], where)


def tags_of(properties: Mapping[str, Any]) -> dict[str, str]:
    """Read properties as OSM tags: true is `yes`, 50.0 is `50`, of a list the first counts; objects, null and NaN are none."""
    tags = {}
    for key, given in properties.items():
        value = given
        if isinstance(value, list | tuple):
            value = value[0] if value else None
        if value is None or isinstance(value, dict) or value != value:  # noqa: PLR0124 - NaN
            continue
        if isinstance(value, bool):
            tags[key] = "yes" if value else "no"
        elif isinstance(value, float) and value.is_integer():
            tags[key] = str(int(value))
        else:
            tags[key] = str(value)
    return tags


def way_id_of(tags: Mapping[str, str]) -> int:
    """Find an OSM way id among tags, as `way/123` or a number; else NO_OSM_ID."""
    for key in _ID_KEYS:
        match = _ID.fullmatch(tags.get(key, ""))
        if match is not None:
            return int(match[1])
    return NO_OSM_ID


def _raise_together(faults: list[NetworkError]) -> None:
    if len(faults) == 1:
        raise faults[0]
    shown = "\n".join(str(fault) for fault in faults[:_FAULTS_SHOWN])
    more = len(faults) - _FAULTS_SHOWN
    if more > 0:
        shown += f"\n... and {more} more"
    raise NetworkError(faults[0].code, f"{len(faults)} features cannot be read:\n{shown}")


def _tabulate(nodes: LineNodes, roads: RoadRows, on_roads: list[Feature]) -> WayTable:
    signals: set[int] = set()
    barriers: list[Barrier] = []
    for feature in on_roads:
        tags = tags_of(feature.properties)
        for node_id in nodes.at(feature.place or (0.0, 0.0), way_id_of(tags)).tolist():
            if tags.get("highway") == "traffic_signals":
                signals.add(node_id)
            barrier = read_barrier(tags, node_id)
            if barrier is not None:
                barriers.append(barrier)
    return WayTable(
        offsets=nodes.offsets,
        lon=nodes.lon,
        lat=nodes.lat,
        node_ids=nodes.node_ids,
        signals=np.isin(nodes.node_ids, np.array(sorted(signals), dtype=np.int64)),
        **roads.columns(),
        barriers=tuple(barriers),
    )
