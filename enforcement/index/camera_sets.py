"""Which camera records a route, an area, a place or a list of names means; equal sets shared."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import numpy as np
import shapely

from enforcement.errors import EnforcementError
from roadnet.geodesy import haversine_m

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt
    from shapely.geometry.base import BaseGeometry

    from enforcement.rules.permits import Place
    from enforcement.rules.places import Camera

    Records: TypeAlias = npt.NDArray[np.int64]

_EMPTY: Final = np.zeros(0, np.int64)
_LEAST_EARTH_RADIUS_M: Final = 6_350_000.0  # below every radius, so that the box is never too small


class CameraPositions(NamedTuple):
    """The camera records of a city, ready to be asked by name and by position.

    `record_offsets` is (k + 1,): the records of `camera_ids[i]` are
    `record_offsets[i]:record_offsets[i + 1]`; `number` is the place of an id.
    """

    camera_ids: tuple[str, ...]
    record_offsets: npt.NDArray[np.int32]
    number: dict[str, int]
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    tree: shapely.STRtree


class Pairs(NamedTuple):
    """`records[i]` belongs to source `sources[i]`; both int64."""

    sources: Records
    records: Records


def index_cameras(cameras: Sequence[Camera]) -> CameraPositions:
    """Index the camera records of a city.

    Raises
    ------
    EnforcementError
        The records are not sorted by (camera_id, valid_from_us): their place is their number
        everywhere, so they cannot be sorted here.
    """
    ordered = [(camera.camera_id, camera.valid_from_us) for camera in cameras]
    if any(one > other for one, other in pairwise(ordered)):
        raise EnforcementError(
            "cameras_unsorted", "camera records must be sorted by camera_id and valid_from"
        )
    ids: list[str] = []
    offsets: list[int] = []
    for place, camera in enumerate(cameras):
        if not ids or ids[-1] != camera.camera_id:
            ids.append(camera.camera_id)
            offsets.append(place)
    offsets.append(len(cameras))
    lon = np.array([camera.lon for camera in cameras], np.float64)
    lat = np.array([camera.lat for camera in cameras], np.float64)
    return CameraPositions(
        camera_ids=tuple(ids),
        record_offsets=np.array(offsets, np.int32),
        number={camera_id: place for place, camera_id in enumerate(ids)},
        lon=lon,
        lat=lat,
        tree=shapely.STRtree(shapely.points(lon, lat)),
    )


def records_of_names(cameras: CameraPositions, names: Sequence[str], where: str) -> Records:
    """Return every record of the named cameras.

    Raises
    ------
    EnforcementError
        A name is not the id of a camera; `where` says who names it.
    """
    found: list[int] = []
    for name in names:
        number = cameras.number.get(name)
        if number is None:
            raise EnforcementError(
                "unknown_camera", f"camera {name!r} is not in the city's cameras", where
            )
        found.extend(range(cameras.record_offsets[number], cameras.record_offsets[number + 1]))
    return np.array(found, np.int64)


def records_in_areas(cameras: CameraPositions, areas: Sequence[BaseGeometry]) -> Pairs:
    """Return the records inside or on the boundary of each (multi)polygon (WGS-84)."""
    if not areas or not cameras.camera_ids:
        return Pairs(_EMPTY, _EMPTY)
    sources, records = cameras.tree.query(np.array(areas, object), predicate="intersects")
    return Pairs(sources.astype(np.int64), records.astype(np.int64))


def records_in_places(cameras: CameraPositions, places: Sequence[Place]) -> Pairs:
    """Return the records whose haversine distance to a place is at most its radius."""
    if not places or not cameras.camera_ids:
        return Pairs(_EMPTY, _EMPTY)
    boxes = shapely.box(*np.array([_box_around(place) for place in places], np.float64).T)
    sources, records = cameras.tree.query(boxes)
    lon = np.array([place.lon for place in places], np.float64)
    lat = np.array([place.lat for place in places], np.float64)
    radius_m = np.array([place.radius_m for place in places], np.float64)
    distance_m = haversine_m(lon[sources], lat[sources], cameras.lon[records], cameras.lat[records])
    near = distance_m <= radius_m[sources]
    return Pairs(sources[near].astype(np.int64), records[near].astype(np.int64))


def _box_around(place: Place) -> tuple[float, float, float, float]:
    """Return (west, south, east, north) degrees of a box that holds the whole circle."""
    angle = place.radius_m / _LEAST_EARTH_RADIUS_M
    half_height = math.degrees(angle)
    south, north = place.lat - half_height, place.lat + half_height
    if south <= -90.0 or north >= 90.0:
        return -180.0, south, 180.0, north
    half_width = math.degrees(math.asin(math.sin(angle) / math.cos(math.radians(place.lat))))
    half_width *= 1.0 + 1e-9  # rounding must not cut a camera that stands on the rim
    west, east = place.lon - half_width, place.lon + half_width
    if west <= -180.0 or east >= 180.0:
        return -180.0, south, 180.0, north  # the circle goes on at the other end of the world
    return west, south, east, north


def records_of_route(
    cameras: CameraPositions,
    route_id: str,
    route_cameras: Mapping[str, Sequence[int]],
    where: str,
) -> Records:
    """Return the records that a route covers, as `route_cameras` lists them.

    Raises
    ------
    EnforcementError
        The route has no entry, or the entry names a record that does not exist; `where` says who
        names the route.
    """
    if route_id not in route_cameras:
        raise EnforcementError(
            "unknown_route", f"route {route_id!r} has not been matched to the roads", where
        )
    records = np.array(route_cameras[route_id], np.int64)
    count = len(cameras.lon)
    if records.size and (records.min() < 0 or records.max() >= count):
        raise EnforcementError(
            "unknown_camera",
            f"route {route_id!r} has a camera record outside 0 to {count - 1}",
            where,
        )
    return records


def share_sets(
    pairs: Pairs, source_count: int, record_count: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint64]]:
    """Turn (source, record) pairs into bitsets, one for each distinct set.

    Parameters
    ----------
    pairs
        Any order, repeats allowed.
    source_count, record_count
        Sources and camera records there are; a source without a pair has the empty set.

    Returns
    -------
    tuple
        (source_count,) int32 set of each source, numbered by first use; (sets, words) uint64
        bitsets of at least one word.
    """
    width = max(record_count, 1)
    codes = np.unique(pairs.sources * width + pairs.records)
    sources, records = codes // width, (codes % width).astype(np.int32)
    offsets = np.searchsorted(sources, np.arange(source_count + 1)).tolist()
    packed = records.tobytes()
    numbers: dict[bytes, int] = {}
    set_of_source = np.array(
        [
            numbers.setdefault(packed[4 * begin : 4 * end], len(numbers))
            for begin, end in pairwise(offsets)
        ],
        np.int32,
    )
    bitsets = np.zeros((len(numbers), (width + 63) // 64), np.uint64)
    members = np.frombuffer(b"".join(numbers), np.int32)
    rows = np.repeat(np.arange(len(numbers)), [len(key) // 4 for key in numbers])
    bits = np.uint64(1) << (members & 63).astype(np.uint64)
    np.bitwise_or.at(bitsets, (rows, members >> 6), bits)
    return set_of_source, bitsets
