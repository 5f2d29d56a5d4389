"""Steps 0 to 3 clause by clause, each by name on the toy city, with the answer written out.

All three judges must give it.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.same_verdict.judges import agreed
from tests.same_verdict.toy_city import (
    CITY,
    ELSEWHERE,
    HIT,
    LONG_AGO,
    MALFORMED,
    NO_PERMIT,
    NOT_RESTRICTED,
    OUTSIDE_HOURS,
    PERMITTED,
    UNKNOWN_CAMERA,
    UNREADABLE,
    history,
    missed,
    permit,
    restriction,
)

# name: (changes of the city, changes of the hit, the answer)
CLAUSES: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[Any, ...]]] = {
    # Step 0
    "malformed: camera_id is missing": ({}, {"camera_id": None}, MALFORMED),
    "malformed: captured_at is missing": ({}, {"captured_at": None}, MALFORMED),
    "malformed: captured_at cannot be read": ({}, {"captured_at": "noon"}, MALFORMED),
    "malformed comes before unreadable": ({}, {"captured_at": None, "plate": None}, MALFORMED),
    "a time without offset is civil time": (
        {},
        {"captured_at": "2025-10-14 16:05:00"},
        OUTSIDE_HOURS,
    ),
    # Step 1
    "unreadable: no plate": ({}, {"plate": None}, UNREADABLE),
    "unreadable: a plate without a digit": ({}, {"plate": "无车牌"}, UNREADABLE),
    "unreadable: a mark is never dropped": ({}, {"plate": "赣C1?345"}, UNREADABLE),
    "unreadable: confidence below the least": ({}, {"confidence": 0.7999999}, UNREADABLE),
    "readable: confidence just enough": ({}, {"confidence": 0.8}, PERMITTED),
    "a missing confidence counts as 1": ({}, {"confidence": None}, PERMITTED),
    "unreadable is tested before the camera": (
        {},
        {"confidence": 0.5, "camera_id": "C-404"},
        UNREADABLE,
    ),
    "unknown_camera: not registered": ({}, {"camera_id": "C-404"}, UNKNOWN_CAMERA),
    "unknown_camera: not yet in service": (
        {"cameras": [{**CITY["cameras"][0], "valid_from": "2025-10-14T12:00:00.000001+08:00"}]}
        | {"routes": {"R-17": []}, "restrictions": [restriction(cameras=["C-1"])]},
        {},
        UNKNOWN_CAMERA,
    ),
    "unknown_camera: its service ends at that instant": (
        {"cameras": [{**CITY["cameras"][0], "valid_until": "2025-10-14T12:00:00+08:00"}]}
        | {"routes": {"R-17": []}, "restrictions": [restriction(cameras=["C-1"])]},
        {},
        UNKNOWN_CAMERA,
    ),
    "plates are compared as normalised": ({}, {"plate": " 赣ｃ·123-45 "}, PERMITTED),
    # Step 2
    "the vehicle is in no class list": ({}, {"vehicle_class": "car"}, NOT_RESTRICTED),
    "a missing vehicle_class is unknown": ({}, {"vehicle_class": None}, NOT_RESTRICTED),
    "either list is enough: the plate class": (
        {"restrictions": [restriction(vehicle_classes=["bus"], plate_classes=["01"])]},
        {},
        PERMITTED,
    ),
    "either list is enough: the vehicle class": (
        {"restrictions": [restriction(plate_classes=["51"])]},
        {},
        PERMITTED,
    ),
    "a missing plate_class is in no plate_classes": (
        {"restrictions": [restriction(vehicle_classes=[], plate_classes=["01"])]},
        {"plate_class": None},
        NOT_RESTRICTED,
    ),
    "the camera is in no restriction": (
        {"restrictions": [restriction(cameras=["C-2"])]},
        {},
        NOT_RESTRICTED,
    ),
    "an area has the cameras on its boundary": (
        {"restrictions": [restriction(area=[(114.39, 27.81), (114.4, 27.81), (114.4, 27.9)])]},
        {},
        PERMITTED,
    ),
    "a restriction begins with its first minute": (
        {"restrictions": [restriction(schedule="12:00-13:00")]},
        {},
        PERMITTED,
    ),
    "a restriction is over with its last minute": (
        {"restrictions": [restriction(schedule="11:00-12:00")]},
        {},
        NOT_RESTRICTED,
    ),
    "a restriction has no grace": (
        {"restrictions": [restriction(schedule="12:01-13:00")]},
        {},
        NOT_RESTRICTED,
    ),
    "a restriction is valid on its last day": (
        {"restrictions": [restriction(valid_until="2025-10-14")]},
        {"captured_at": "2025-10-14T23:59:59.999999+08:00"},
        OUTSIDE_HOURS,
    ),
    "a restriction is over at the next midnight": (
        {"restrictions": [restriction(valid_until="2025-10-14")]},
        {"captured_at": "2025-10-15T00:00:00+08:00"},
        NOT_RESTRICTED,
    ),
    "the registry overrides the seen class": (
        {"vehicles": [{"plate": "赣C12345", "plate_class": "01", "vehicle_class": "car"}]},
        {},
        NOT_RESTRICTED,
    ),
    "the registry of another plate class does not": (
        {"vehicles": [{"plate": "赣C12345", "plate_class": "02", "vehicle_class": "car"}]},
        {},
        PERMITTED,
    ),
    "a registry row without plate_class stands for every class": (
        {"vehicles": [{"plate": "赣C12345", "plate_class": None, "vehicle_class": "car"}]},
        {},
        NOT_RESTRICTED,
    ),
    "the row with the plate_class goes before the one without": (
        {
            "vehicles": [
                {"plate": "赣C12345", "plate_class": None, "vehicle_class": "car"},
                {"plate": "赣C12345", "plate_class": "01", "vehicle_class": "medium_truck"},
            ]
        },
        {},
        PERMITTED,
    ),
    "an exact row that is unknown overrides nothing": (
        {
            "vehicles": [
                {"plate": "赣C12345", "plate_class": None, "vehicle_class": "car"},
                {"plate": "赣C12345", "plate_class": "01", "vehicle_class": "unknown"},
            ]
        },
        {},
        PERMITTED,
    ),
    "no plate_class: all registered vehicles agree": (
        {
            "vehicles": [
                {"plate": "赣C12345", "plate_class": "01", "vehicle_class": "car"},
                {"plate": "赣C12345", "plate_class": "02", "vehicle_class": "car"},
            ]
        },
        {"plate_class": None},
        NOT_RESTRICTED,
    ),
    "no plate_class: the registered vehicles differ": (
        {
            "vehicles": [
                {"plate": "赣C12345", "plate_class": "01", "vehicle_class": "bus"},
                {"plate": "赣C12345", "plate_class": "02", "vehicle_class": "car"},
            ]
        },
        {"plate_class": None},
        PERMITTED,
    ),
    # Step 3
    "another plate_class is another vehicle": ({}, {"plate_class": "02"}, NO_PERMIT),
    "a hit without plate_class is named by every permit": ({}, {"plate_class": None}, PERMITTED),
    "a permit without plate_class names every class": (
        {"permits": [permit(vehicles=[{"plate": "赣C12345", "plate_class": None}])]},
        {"plate_class": "52"},
        PERMITTED,
    ),
    "one permit names several vehicles": (
        {
            "permits": [
                permit(
                    vehicles=[
                        {"plate": "赣C00001", "plate_class": "01"},
                        {"plate": "赣c-12345", "plate_class": "01"},
                    ]
                )
            ]
        },
        {},
        PERMITTED,
    ),
    "a permit is in force from its first instant": (
        {"permits": [permit(valid_from="2025-10-14T12:00:00+08:00")]},
        {},
        PERMITTED,
    ),
    "a permit is in force on its last day": (
        {"permits": [permit(valid_until="2025-10-14")]},
        {"captured_at": "2025-10-14T15:59:59.999999+08:00"},
        PERMITTED,
    ),
    "a status holds from its instant on": (
        {"permits": [permit(status=history(LONG_AGO, ("suspended", "2025-10-14T12:00:00")))]},
        {},
        missed("suspended"),
    ),
    "a status does not hold before its instant": (
        {
            "permits": [
                permit(status=history(LONG_AGO, ("suspended", "2025-10-14T12:00:00.000001")))
            ]
        },
        {},
        PERMITTED,
    ),
    "a suspended permit is reinstated": (
        {
            "permits": [
                permit(
                    status=history(
                        LONG_AGO,
                        ("suspended", "2025-10-13T00:00:00"),
                        ("active", "2025-10-14T12:00:00"),
                    )
                )
            ]
        },
        {},
        PERMITTED,
    ),
    "of two entries at one instant the later one holds": (
        {
            "permits": [
                permit(
                    status=history(
                        ("active", "2025-10-14T12:00:00"), ("revoked", "2025-10-14T12:00:00")
                    )
                )
            ]
        },
        {},
        missed("revoked"),
    ),
}


@pytest.mark.parametrize("name", CLAUSES)
def test_clause(name: str) -> None:
    of_city, of_hit, expected = CLAUSES[name]
    city = {**CITY, **of_city}
    (answer,) = agreed(city, [{**HIT, **of_hit}])
    fields = ("verdict", "reason", "restriction_id", "permit_id", "grant")
    assert tuple(answer[field] for field in fields) == expected


def test_the_judged_class_is_the_registrys() -> None:
    row = {"plate": "赣C12345", "plate_class": None, "vehicle_class": "medium_truck"}
    (answer,) = agreed({**CITY, "vehicles": [row]}, [{**HIT, "vehicle_class": "car"}])
    assert answer["vehicle_class"] == "medium_truck"


def test_a_camera_that_moved_is_judged_where_it_stood() -> None:
    moved = "2025-10-14T12:00:00+08:00"
    area = [(114.385, 27.805), (114.395, 27.805), (114.395, 27.815), (114.385, 27.815)]
    city = {
        **CITY,
        "cameras": [
            {**CITY["cameras"][0], "valid_until": moved},
            {**CITY["cameras"][0], "lon": 114.45, "valid_from": moved},
        ],
        "routes": {"R-17": [1]},
        "restrictions": [restriction(area=area)],
        "permits": [],
    }
    before, after = agreed(
        city,
        [
            {**HIT, "captured_at": f"2025-10-14T{clock}+08:00"}
            for clock in ("11:59:59.999999", "12:00:00")
        ],
    )
    assert before["reason"] == "no_permit"
    assert after["verdict"] == "not_restricted"


def test_a_route_covers_the_record_of_a_camera_not_its_name() -> None:
    moved = "2025-10-14T12:00:00+08:00"
    city = {
        **CITY,
        "cameras": [
            {**CITY["cameras"][0], "valid_until": moved},
            {**CITY["cameras"][0], "lon": 114.45, "valid_from": moved},
        ],
        "routes": {"R-17": [1]},
        "restrictions": [restriction(cameras=["C-1"])],
        "permits": [permit(grants=ELSEWHERE)],
    }
    before, after = agreed(
        city, [{**HIT, "captured_at": f"2025-10-14T{hour}:00:00+08:00"} for hour in (11, 12)]
    )
    assert before["reason"] == "off_route"
    assert after["verdict"] == "permitted"
