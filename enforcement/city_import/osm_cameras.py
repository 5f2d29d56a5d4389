"""Speed cameras and plate readers of OpenStreetMap as cameras of a city."""

from __future__ import annotations

from typing import Any

from enforcement.city_import.cameras import CameraImport, ImportedCamera, Rejected
from roadnet.importers.devices import read_devices


def osm_cameras(
    path: str, *, looks_along_travel: bool = False, surveillance: bool = False
) -> CameraImport:
    """Read the devices of an OSM file as cameras, in WGS-84.

    Parameters
    ----------
    path, looks_along_travel, surveillance
        As for `roadnet.importers.devices.read_devices`.

    Raises
    ------
    NetworkError
        Not an OSM file, or broken.
    """
    reading = read_devices(path, looks_along_travel=looks_along_travel, surveillance=surveillance)
    cameras = []
    for device in reading.devices:
        properties: dict[str, Any] = {"camera_id": device.device_id}
        name = ", ".join(filter(None, (device.name, *device.enforces)))
        if name:
            properties["name"] = name
        if device.bearing_deg is not None:
            properties["bearing"] = device.bearing_deg
        cameras.append(
            ImportedCamera(
                place=f"node {device.node_id}",
                lon=device.lon,
                lat=device.lat,
                properties=properties,
                bearing_by=device.bearing_by,
                doubts=device.doubts,
            )
        )
    left_out = tuple(Rejected(one.element, "", one.reason) for one in reading.left_out)
    return CameraImport(tuple(cameras), left_out=left_out)
