"""cameras.geojson: where cameras stand, which way they look, and when."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from enforcement.city_files.features import read_features
from enforcement.city_files.geometries import lines_to_wgs84, read_point
from enforcement.rules.places import Camera

if TYPE_CHECKING:
    from enforcement.city_files.references import Frame

CAMERAS_FILE: Final = "cameras.geojson"
_NAMES: Final = frozenset(
    (
        "camera_id",
        "name",
        "bearing",
        "valid_from",
        "valid_until",
        "warning_until",
        "clock_error_seconds",
        "recorded_at",
        "node",
        "way",
    )
)


def read_cameras(frame: Frame, content: bytes) -> tuple[Camera, ...] | None:
    """Return the camera records sorted by (camera_id, valid_from_us).

    None when the file is broken as a whole; `frame.camera_ids` then stays unknown.
    """
    features = read_features(frame.faults, CAMERAS_FILE, content, "camera_id")
    if features is None:
        return None
    cameras: list[Camera] = []
    ids: set[str] = set()
    for feature in features:
        record = feature.properties
        before = frame.faults.fault_count
        record.check_names(_NAMES)
        camera_id = record.identifier("camera_id")
        ids.add(camera_id)
        position = read_point(record, feature.geometry)
        bearing = record.number("bearing", least=0, most=360, unit=" degrees")
        valid_from_us, valid_until_us = record.validity(frame.zone)
        nodes, ways = record.osm_ids("node"), record.osm_ids("way")
        if len(nodes) > 1:
            record.fault("node", f"found {len(nodes)} ids, expected one node", "several_nodes")
        lon, lat = position or (0.0, 0.0)
        camera = Camera(
            camera_id=camera_id,
            name=record.text("name"),
            lon=lon,
            lat=lat,
            bearing_deg=None if bearing is None else bearing % 360,
            valid_from_us=valid_from_us,
            valid_until_us=valid_until_us,
            clock_error_s=record.number("clock_error_seconds", least=0, unit=" seconds"),
            recorded_at_us=record.instant("recorded_at", frame.zone),
            place=record.place,
            node=nodes[0] if nodes else None,
            ways=ways,
            warning_until_us=record.warning_until(frame.zone, valid_from_us),
        )
        if frame.faults.fault_count == before:
            cameras.append(camera)
    frame.camera_ids = ids
    cameras = _to_wgs84(cameras, frame.coordinates)
    cameras.sort(key=lambda camera: (camera.camera_id, camera.valid_from_us))
    _check_overlaps(frame, cameras)
    return tuple(cameras)


def _to_wgs84(cameras: list[Camera], datum: str) -> list[Camera]:
    drawn = [np.array([[camera.lon, camera.lat]]) for camera in cameras]
    return [
        replace(camera, lon=float(position[0, 0]), lat=float(position[0, 1]))
        for camera, position in zip(cameras, lines_to_wgs84(drawn, datum), strict=True)
    ]


def _check_overlaps(frame: Frame, cameras: list[Camera]) -> None:
    """Add a fault for every record that begins before an earlier one of its camera has ended."""
    latest: Camera | None = None
    for camera in cameras:
        if latest is None or camera.camera_id != latest.camera_id:
            latest = camera
            continue
        if camera.valid_from_us < latest.valid_until_us:
            frame.faults.fault(
                CAMERAS_FILE,
                camera.place,
                "camera_id",
                f"`{camera.camera_id}` stands in {latest.place} too and the two periods overlap; "
                "expected each camera once, or valid_from and valid_until that follow each other",
                "camera_twice",
            )
        if camera.valid_until_us > latest.valid_until_us:
            latest = camera
