"""The restrictions of a city: rings and quarters, hours, bridges, plate classes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from benchmarks.simulation import hours

if TYPE_CHECKING:
    from benchmarks.simulation.cameras import Camera
    from benchmarks.simulation.hours import Hours
    from benchmarks.simulation.setting import Setting

HEAVY: Final = ("heavy_truck", "medium_truck", "tractor", "special")
FREIGHT: Final = ("heavy_truck", "medium_truck", "light_truck", "mini_truck", "tractor", "special")


@dataclass(frozen=True, slots=True, eq=False)
class Restriction:
    """One restriction; `area` is in WGS-84 degrees, exactly one of it and `cameras` is given.

    `records` are the places of its camera records in the list of cameras.
    """

    restriction_id: str
    name: str
    schedule: Hours
    vehicle_classes: tuple[str, ...] = ()
    plate_classes: tuple[str, ...] = ()
    permits_exempt: bool = True
    valid_from: str | None = None
    valid_until: str | None = None
    code: str | None = None
    area: shapely.Polygon | None = None
    cameras: tuple[str, ...] | None = None
    records: frozenset[int] = frozenset()


def restrict(setting: Setting, cameras: list[Camera], day: dt.date) -> list[Restriction]:
    """Return the restrictions of a city, some of them not in force on `day`."""
    bridges = [
        tuple(camera.camera_id for camera in cameras if set(camera.edges) & set(bridge))
        for bridge in setting.bridges
    ]
    drafts = [
        Restriction("X-01-RING-HEAVY", "环城大道以内中重型货车白天禁行", hours.RING_DAY, HEAVY, area=_area(setting, setting.inner), code="1344"),
        Restriction("X-02-RING-LIGHT", "环城大道以内轻微型货车早晚高峰禁行", hours.PEAKS, ("light_truck", "mini_truck"), area=_area(setting, setting.inner), code="1344"),
        Restriction("X-03-OLD-TOWN", "老城货车全天禁行", hours.ALWAYS, FREIGHT, area=_area(setting, setting.core), code="1344"),
        Restriction("X-04-SCHOOL", "学校周边上下学时段货车禁行", hours.SCHOOL_RUNS, FREIGHT, permits_exempt=False, area=_area(setting, setting.school), code="1345"),
        Restriction("X-07-EMBANKMENT", "滨江北路黄牌车辆禁行", hours.EMBANKMENT, plate_classes=("01",), area=_area(setting, setting.embankment), valid_from=f"{day.year - 1}-05-01"),
        Restriction("X-08-SCENIC", "东湖景区节假日货车禁行", hours.HOLIDAY_OUTINGS, FREIGHT, area=_area(setting, setting.scenic)),
        Restriction("X-09-WORKS", "施工路段货车禁行（已结束）", hours.ALWAYS, FREIGHT, area=_area(setting, setting.scenic), valid_from=f"{day.year - 1}-10-01", valid_until=(day - dt.timedelta(days=17)).isoformat()),
        Restriction("X-10-CLEAN-AIR", "低排放区（尚未实施）", hours.ALWAYS, ("heavy_truck", "tractor"), ("01",), area=_area(setting, setting.inner), valid_from=(day + dt.timedelta(days=45)).isoformat()),
    ]  # fmt: skip
    if bridges and bridges[0]:
        drafts.append(Restriction("X-05-OLD-BRIDGE", "老桥货车绝对禁行", hours.ALWAYS, FREIGHT, permits_exempt=False, cameras=bridges[0], code="1345"))  # fmt: skip
    if len(bridges) > 1 and bridges[1]:
        drafts.append(Restriction("X-06-BRIDGE", "大桥中重型货车白天禁行", hours.BRIDGE_DAY, HEAVY, cameras=bridges[1], code="1344"))  # fmt: skip
    drafts.sort(key=lambda draft: draft.restriction_id)
    return [_with_records(draft, cameras) for draft in drafts]


def _with_records(draft: Restriction, cameras: list[Camera]) -> Restriction:
    if draft.area is not None:
        records = records_in(draft.area, cameras)
    else:
        named = set(draft.cameras or ())
        records = frozenset(i for i, camera in enumerate(cameras) if camera.camera_id in named)
    fields = {name: getattr(draft, name) for name in Restriction.__dataclass_fields__}
    return Restriction(**(fields | {"records": records}))


def records_in(area: shapely.Geometry, cameras: list[Camera]) -> frozenset[int]:
    """Return the camera records that stand in an area (degrees), its boundary included."""
    points = shapely.points([(camera.lon, camera.lat) for camera in cameras])
    return frozenset(np.flatnonzero(shapely.covers(area, points)).tolist())


def _area(setting: Setting, shape: shapely.Polygon) -> shapely.Polygon:
    """Return an area of the plane in degrees, rounded as it will be written."""
    ring = setting.plane.to_lonlat(np.asarray(shape.exterior.coords))
    return shapely.Polygon(np.round(ring, 6))
