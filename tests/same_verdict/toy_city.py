"""One toy city and one hit, to be changed a clause at a time; shapes as in the oracle.

Two cameras; R-1 keeps trucks off both. The hit: a heavy truck at C-1 on Tuesday 2025-10-14 at
12:00, which permit P-1 covers on working days from 09:00 to 16:00.
"""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

CITY: dict[str, Any] = {
    "timezone": "Asia/Shanghai",
    "holidays": "CN",
    "days_off": {date(2025, 10, day) for day in range(1, 9)} | {date(2025, 4, 4)},
    "working_weekends": {date(2025, 9, 28), date(2025, 10, 11)},
    "min_confidence": 0.8,
    "grace_minutes": 5,
    "cameras": [
        {"camera_id": "C-1", "lon": 114.39, "lat": 27.81, "valid_from": None, "valid_until": None},
        {"camera_id": "C-2", "lon": 114.40, "lat": 27.81, "valid_from": None, "valid_until": None},
    ],
    "restrictions": [
        {
            "restriction_id": "R-1",
            "vehicle_classes": ["heavy_truck", "medium_truck"],
            "plate_classes": [],
            "schedule": "24/7",
            "valid_from": None,
            "valid_until": None,
            "permits_exempt": True,
            "cameras": ["C-1", "C-2"],
        }
    ],
    "routes": {"R-17": [1]},
    "permits": [
        {
            "permit_id": "P-1",
            "binding": "exempts",
            "vehicles": [{"plate": "赣C12345", "plate_class": "01"}],
            "valid_from": "2025-01-01",
            "valid_until": "2025-12-31",
            "status": [{"status": "active", "from": "2025-01-01T00:00:00+08:00"}],
            "grants": [{"cameras": ["C-1"], "schedule": "Mo-Fr 09:00-16:00"}],
        }
    ],
    "vehicles": [],
}
HIT: dict[str, Any] = {
    "camera_id": "C-1",
    "plate": "赣C12345",
    "captured_at": "2025-10-14T12:00:00+08:00",
    "plate_class": "01",
    "vehicle_class": "heavy_truck",
    "confidence": 0.97,
}
PERMITTED = ("permitted", None, None, "P-1", 0)
OUTSIDE_HOURS = ("violation", "outside_hours", "R-1", "P-1", 0)
OFF_ROUTE = ("violation", "off_route", "R-1", "P-1", 0)
NO_PERMIT = ("violation", "no_permit", "R-1", None, None)
ABSOLUTE_BAN = ("violation", "absolute_ban", "R-1", None, None)
NOT_RESTRICTED = ("not_restricted", None, None, None, None)
UNREADABLE = ("unreadable", None, None, None, None)
MALFORMED = ("malformed", None, None, None, None)
UNKNOWN_CAMERA = ("unknown_camera", None, None, None, None)


def missed(reason: str, permit_id: str = "P-1", grant: int = 0) -> tuple[Any, ...]:
    return ("violation", reason, "R-1", permit_id, grant)


def restriction(**changes: Any) -> dict[str, Any]:
    """Return R-1, changed; an area takes the place of its cameras."""
    rule = {**deepcopy(CITY["restrictions"][0]), **changes}
    if "area" in changes:
        del rule["cameras"]
    return rule


def permit(**changes: Any) -> dict[str, Any]:
    return {**deepcopy(CITY["permits"][0]), **changes}


def history(*entries: tuple[str, str]) -> list[dict[str, str]]:
    return [{"status": status, "from": f"{moment}+08:00"} for status, moment in entries]


LONG_AGO = ("active", "2025-01-01T00:00:00")
ELSEWHERE = [{"route": "R-17", "schedule": "24/7"}]

BERLIN: dict[str, Any] = {
    "timezone": "Europe/Berlin",
    "holidays": "",
    "days_off": set(),
    "working_weekends": set(),
}
