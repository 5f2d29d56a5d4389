"""Lines with properties into ways: what GeoJSON and other feature files have in common.

Properties bear OpenStreetMap's tag names. Coordinates that agree to 1e-7 degrees (a centimetre, OSM's
own precision) are one point, and ways that share a point meet there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from roadnet.assemble import WayTable
from roadnet.errors import NetworkError
from roadnet.importers.network import ReadWays, check_degrees
from roadnet.importers.tags import RoadTags, read_tags
from roadnet.types import NO_OSM_ID

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from roadnet.types import FloatArray

_PARTS_PER_DEGREE: Final = 1e7
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
    """

    number: int
    lines: tuple[FloatArray, ...]
    properties: Mapping[str, Any]
    fault: str = ""


class _Line(NamedTuple):
    points: FloatArray
    road: RoadTags
    way_id: int


def ways_of_features(features: Iterable[Feature], path: str) -> ReadWays:
    """Interpret features as roads.

    Parameters
    ----------
    features
        In the order of the file.
    path
        The file, for messages.

    Returns
    -------
    ReadWays
        With a note on features that are no line or bear no `highway`.

    Raises
    ------
    NetworkError
        Some feature is faulty; names the first ten of all, each with its number and field.
    """
    lines: list[_Line] = []
    faults: list[NetworkError] = []
    no_line = no_highway = 0
    for feature in features:
        try:
            _check(feature, path)
        except NetworkError as fault:
            faults.append(fault)
            continue
        if not feature.lines:
            no_line += 1
        elif not feature.properties.get("highway"):
            no_highway += 1
        else:
            lines += _lines(feature)
    if faults:
        _raise_together(faults)
    notes = []
    if no_line:
        notes.append(f"{no_line} features are no line; left out")
    if no_highway:
        notes.append(f"{no_highway} lines have no property highway; left out")
    return ReadWays(_tabulate(lines), tuple(notes))


def _check(feature: Feature, path: str) -> None:
    where = f"{path}: feature {feature.number}"
    if feature.fault:
        raise NetworkError("feature_faulty", feature.fault, where)
    for line in feature.lines:
        if line.shape[0] < 2:
            raise NetworkError(
                "feature_faulty",
                f"geometry.coordinates has {line.shape[0]} points; expected 2 or more",
                where,
            )
        check_degrees(line[:, 0], line[:, 1], where)


def _lines(feature: Feature) -> Iterable[_Line]:
    road = read_tags(PropertyTags(feature.properties))
    if road is None:
        return
    way_id = way_id_of(feature.properties)
    for line in feature.lines:
        yield _Line(line, road, way_id)


class PropertyTags:
    """Properties read as OSM tags: true is `yes`, 50.0 is `50`, of a list the first counts, NaN is none."""

    def __init__(self, properties: Mapping[str, Any]) -> None:
        self._properties = properties

    def get(self, key: str, default: None = None, /) -> str | None:
        """Return the value as text, None if there is none or it is an object."""
        value = self._properties.get(key, default)
        if isinstance(value, list | tuple):
            value = value[0] if value else None
        if value is None or isinstance(value, dict) or value != value:  # noqa: PLR0124 - NaN
            return None
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return str(value)


def way_id_of(properties: Mapping[str, Any]) -> int:
    """Find an OSM way id among properties, as `way/123` or a number; else NO_OSM_ID."""
    tags = PropertyTags(properties)
    for key in _ID_KEYS:
        match = _ID.fullmatch(tags.get(key) or "")
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


def _tabulate(lines: list[_Line]) -> WayTable:
    points = np.concatenate((np.zeros((0, 2)), *(line.points for line in lines)))
    fixed = np.rint(points * _PARTS_PER_DEGREE).astype(np.int64)
    # One number a place; both parts fit in 32 bits.
    _, number = np.unique((fixed[:, 0] << 32) + fixed[:, 1], return_inverse=True)
    names: dict[str, int] = {}
    return WayTable(
        offsets=np.cumsum([0, *(line.points.shape[0] for line in lines)], dtype=np.int64),
        lon=fixed[:, 0] / _PARTS_PER_DEGREE,
        lat=fixed[:, 1] / _PARTS_PER_DEGREE,
        # Below 0, as these are no OSM ids, and rising with the place, so that the nodes' order
        # does not depend on the order of the features.
        node_ids=number.astype(np.int64) - number.shape[0],
        signals=np.zeros(number.shape[0], dtype=np.bool_),
        road_class=np.array([line.road.road_class for line in lines], dtype=np.uint8),
        speed_kmh=np.array([line.road.speed_kmh for line in lines], dtype=np.float32),
        oneway=np.array([line.road.oneway for line in lines], dtype=np.int32),
        flags=np.array([line.road.flags for line in lines], dtype=np.uint8),
        layer=np.array([line.road.layer for line in lines], dtype=np.int32),
        way_id=np.array([line.way_id for line in lines], dtype=np.int64),
        name=np.array(
            [names.setdefault(line.road.name, len(names)) for line in lines], dtype=np.int32
        ),
        names=tuple(names),
    )
