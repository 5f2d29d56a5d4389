"""Cameras of any source as features of cameras.geojson."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from enforcement.city_files.cameras import read_cameras
from enforcement.city_import.target import collection_text, frame_of
from enforcement.errors import Fault
from roadnet.datum import from_wgs84, to_wgs84

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enforcement.city_files.settings_file import CitySettings

_DIGITS: Final = 7  # of a degree: a centimetre
_FEATURE: Final = re.compile(r"feature (\d+)")


@dataclass(frozen=True, slots=True)
class ImportedCamera:
    """One record of a camera as its source states it.

    Attributes
    ----------
    place
        Where it stands in the source: `line 7`, `node 123`.
    lon, lat
        Degrees, in the datum of the source.
    properties
        As cameras.geojson names them, `camera_id` first; what is not known is left out.
    bearing_by
        What told the bearing; empty without one.
    doubts
        What should be looked at, each for a human.
    """

    place: str
    lon: float
    lat: float
    properties: dict[str, Any]
    bearing_by: str = ""
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """Something of the source that is not imported: where it stands, why, and the row if it was one."""

    place: str
    field: str
    message: str
    row: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class CameraImport:
    """What a source holds.

    Attributes
    ----------
    cameras
        Records that can be used, in the order of the source.
    rejected
        Rows with faults; each fault is one.
    left_out
        What is no camera, or not one that reads plates.
    notes
        Remarks on the source as a whole.
    """

    cameras: tuple[ImportedCamera, ...]
    rejected: tuple[Rejected, ...] = ()
    left_out: tuple[Rejected, ...] = ()
    notes: tuple[str, ...] = ()


def camera_features(
    cameras: Sequence[ImportedCamera], datum: str, settings: CitySettings
) -> list[dict[str, Any]]:
    """Return GeoJSON features in the coordinates of the city.

    Parameters
    ----------
    cameras
        From one source.
    datum
        Of the source: `wgs84`, `gcj02` or `bd09`.
    settings
        Of the city; says the coordinates of its files.
    """
    lon = np.array([camera.lon for camera in cameras], dtype=np.float64)
    lat = np.array([camera.lat for camera in cameras], dtype=np.float64)
    if datum != settings.coordinates:
        lon, lat = from_wgs84(*to_wgs84(lon, lat, datum), settings.coordinates)
    return [
        {
            "type": "Feature",
            "properties": camera.properties,
            "geometry": {"type": "Point", "coordinates": [round(x, _DIGITS), round(y, _DIGITS)]},
        }
        for camera, x, y in zip(cameras, lon.tolist(), lat.tolist(), strict=True)
    ]


def check_cameras(
    cameras: Sequence[ImportedCamera], features: Sequence[dict[str, Any]], settings: CitySettings
) -> tuple[Fault, ...]:
    """Read features as the city will, and say what is wrong in the places of the source.

    What `freightpass check` would refuse, an id twice for periods that overlap for one, is found
    here before anything is written.
    """
    frame = frame_of(settings)
    read_cameras(frame, collection_text(features).encode())

    def in_source(found: re.Match[str]) -> str:
        return cameras[int(found[1]) - 1].place

    return tuple(
        Fault(
            "",
            _FEATURE.sub(in_source, fault.place),
            fault.field,
            _FEATURE.sub(in_source, fault.message),
            fault.code,
        )
        for fault in frame.faults.faults
    )
