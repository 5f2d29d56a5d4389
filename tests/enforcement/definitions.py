"""Cities built straight from the dataclasses, without files: small ones, bent a piece at a time.

>>> rules = compiled(restrictions=[restriction("Z-1")], permits=[permit("P-1")])
>>> see(rules, at="2026-03-03 10:00")
Seen(verdict='permitted', reason='none', restriction=None, permit='P-1', grant=0, ...)
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from enforcement.findings import REASON_NAMES, VERDICT_NAMES
from enforcement.index.compiler import compile_rules
from enforcement.matching.matcher import match_hits
from enforcement.rules.definition import CityDefinition
from enforcement.rules.permits import Grant, NamedVehicle, Permit, StatusEntry
from enforcement.rules.places import ALWAYS_FROM_US, ALWAYS_UNTIL_US, Camera, Route
from enforcement.rules.registry import RegisteredVehicle
from enforcement.rules.restrictions import Restriction
from enforcement.settings import Judgement
from ingest.hits import (
    CAMERA_MISSING,
    CAMERA_UNKNOWN,
    NO_INSTANT,
    NO_PLATE,
    NO_PLATE_CLASS,
    VEHICLE_CLASSES,
    HitBatch,
)
from ingest.plate_keys import PlateKeys

if TYPE_CHECKING:
    from enforcement.index.layout import Rules

PLATE = "赣C12345"
SHANGHAI = "Asia/Shanghai"
TUESDAY = "2026-03-03"  # an ordinary working day
_EPOCH = datetime(1970, 1, 1, tzinfo=ZoneInfo("UTC"))


def us(text: str, zone: str = SHANGHAI, fold: int = 0) -> int:
    """Return microseconds UTC of a civil time; `fold` 1 is the second of an hour come twice."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=ZoneInfo(zone), fold=fold)
    return (instant - _EPOCH) // timedelta(microseconds=1)


def camera(camera_id: str, lon: float = 114.39, lat: float = 27.81, **fields: Any) -> Camera:
    values = {
        "name": "",
        "bearing_deg": None,
        "valid_from_us": ALWAYS_FROM_US,
        "valid_until_us": ALWAYS_UNTIL_US,
        "clock_error_s": None,
        "recorded_at_us": None,
        "place": f"feature ({camera_id})",
        **fields,
    }
    return Camera(camera_id=camera_id, lon=lon, lat=lat, **values)


def restriction(restriction_id: str = "Z-1", **fields: Any) -> Restriction:
    """Return a restriction of heavy trucks at C-1 and C-2, at all times, unless told otherwise."""
    values = {
        "name": "",
        "vehicle_classes": frozenset({"heavy_truck"}),
        "plate_classes": frozenset(),
        "schedule": "24/7",
        "valid_from_us": ALWAYS_FROM_US,
        "valid_until_us": ALWAYS_UNTIL_US,
        "permits_exempt": True,
        "code": None,
        "area": None,
        "cameras": None if "area" in fields else ("C-1", "C-2"),
        "recorded_at_us": None,
        "place": f"feature ({restriction_id})",
        **fields,
    }
    return Restriction(restriction_id=restriction_id, **values)


def grant(*cameras: str, schedule: str = "24/7", **fields: Any) -> Grant:
    if not fields:
        fields["cameras"] = cameras or ("C-1",)
    return Grant(schedule=schedule, **fields)


def status(*entries: tuple[str, int]) -> tuple[StatusEntry, ...]:
    return tuple(StatusEntry(name, from_us, None) for name, from_us in entries)


def permit(permit_id: str = "P-1", *grants: Grant, **fields: Any) -> Permit:
    """Return a permit of PLATE at C-1 for ever, active since 2020, unless told otherwise."""
    values = {
        "holder": "Toytown Haulage",
        "binding": "exempts",
        "vehicles": (NamedVehicle(PLATE, 1),),
        "valid_from_us": ALWAYS_FROM_US,
        "valid_until_us": ALWAYS_UNTIL_US,
        "status": status(("active", us("2020-01-01"))),
        "max_speed_kmh": None,
        "recorded_at_us": None,
        "place": f"line ({permit_id})",
        **fields,
    }
    return Permit(permit_id=permit_id, grants=grants or (grant(),), **values)


def route(route_id: str) -> Route:
    return Route(route_id, "", np.zeros((2, 2)), f"feature ({route_id})")


def registered(vehicle_class: str, plate_class: int | None = 1, plate: str = PLATE):
    return RegisteredVehicle(plate, plate_class, vehicle_class, "holder")


def city(**fields: Any) -> CityDefinition:
    """Return a city of cameras C-1, C-2, C-3 and no rules, unless told otherwise."""
    values: dict[str, Any] = {
        "name": "Toytown",
        "timezone": SHANGHAI,
        "judgement": Judgement(grace_minutes=0),
        "cameras": [camera("C-1"), camera("C-2", 114.40), camera("C-3", 114.41)],
        **fields,
    }
    return CityDefinition(**values)


def compiled(route_cameras: dict[str, Any] | None = None, **fields: Any) -> Rules:
    return compile_rules(city(**fields), route_cameras or {})


class Seen(NamedTuple):
    """A verdict in words; `grant` counts within the permit."""

    verdict: str
    reason: str
    restriction: str | None
    permit: str | None
    grant: int | None
    vehicle_class: str
    camera: int | None


def batch(rules: Rules, *hits: dict[str, Any], keys: PlateKeys | None = None) -> HitBatch:
    """Return hits as a batch; a heavy truck with PLATE at C-1 on TUESDAY at noon by default."""
    keys = PlateKeys(rules.side_plates) if keys is None else keys
    columns: dict[str, list[Any]] = {name: [] for name in HitBatch.__dataclass_fields__}
    for hit in hits:
        camera_id = hit.get("camera", "C-1")
        at = hit.get("at", f"{TUESDAY} 12:00")
        plate = hit.get("plate", PLATE)
        plate_class = hit.get("plate_class", 1)
        code = CAMERA_MISSING
        if camera_id is not None:
            known = camera_id in rules.camera_ids
            code = rules.camera_ids.index(camera_id) if known else CAMERA_UNKNOWN
        columns["camera"].append(code)
        columns["plate_key"].append(NO_PLATE if plate is None else keys.key(plate))
        columns["plate_class"].append(NO_PLATE_CLASS if plate_class is None else plate_class)
        columns["vehicle_class"].append(
            VEHICLE_CLASSES.index(hit.get("vehicle_class", "heavy_truck"))
        )
        if isinstance(at, str):
            at = us(at, rules.timezone)
        columns["captured_at_us"].append(NO_INSTANT if at is None else at)
        columns["confidence"].append(hit.get("confidence", 1.0))
    dtypes = (np.int32, np.uint64, np.uint8, np.uint8, np.int64, np.float64)
    return HitBatch(
        **{
            name: np.array(values, dtype)
            for (name, values), dtype in zip(columns.items(), dtypes, strict=True)
        }
    )


def see_all(rules: Rules, *hits: dict[str, Any]) -> list[Seen]:
    """Judge hits and return the verdicts in words."""
    verdicts = match_hits(rules, batch(rules, *hits))
    seen = []
    for row in range(len(verdicts)):
        number = int(verdicts.permit[row])
        first = int(rules.grant_offsets[number]) if number >= 0 else 0
        seen.append(
            Seen(
                VERDICT_NAMES[verdicts.verdict[row]],
                REASON_NAMES[verdicts.reason[row]],
                _text(rules.restriction_ids, verdicts.restriction[row]),
                _text(rules.permit_ids, number),
                None if verdicts.grant[row] < 0 else int(verdicts.grant[row]) - first,
                VEHICLE_CLASSES[verdicts.vehicle_class[row]],
                None if verdicts.camera[row] < 0 else int(verdicts.camera[row]),
            )
        )
    return seen


def see(rules: Rules, **hit: Any) -> Seen:
    """Judge one hit and return the verdict in words."""
    return see_all(rules, hit)[0]


def _text(texts: tuple[str, ...], place: int) -> str | None:
    return texts[place] if place >= 0 else None
