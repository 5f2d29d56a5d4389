"""Steps 4 to 8 clause by clause, each by name on the toy city, with the answer written out.

All three judges must give it.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.same_verdict.judges import agreed
from tests.same_verdict.toy_city import (
    ABSOLUTE_BAN,
    BERLIN,
    CITY,
    ELSEWHERE,
    HIT,
    LONG_AGO,
    NO_PERMIT,
    NOT_RESTRICTED,
    OFF_ROUTE,
    OUTSIDE_HOURS,
    PERMITTED,
    history,
    missed,
    permit,
    restriction,
)

# name: (changes of the city, changes of the hit, the answer)
CLAUSES: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[Any, ...]]] = {
    # Step 4
    "confined, at another hour": (
        {"permits": [permit(binding="confines")], "restrictions": []},
        {"captured_at": "2025-10-14T17:00:00+08:00"},
        ("violation", "outside_hours", None, "P-1", 0),
    ),
    "confined, at another camera": (
        {"permits": [permit(binding="confines")], "restrictions": []},
        {"camera_id": "C-2"},
        ("violation", "off_route", None, "P-1", 0),
    ),
    "confined, though another permit exempts": (
        {"permits": [permit(binding="confines", grants=ELSEWHERE), permit(permit_id="P-2")]},
        {},
        ("violation", "off_route", None, "P-1", 0),
    ),
    "confined before an absolute ban": (
        {
            "permits": [permit(binding="confines", grants=ELSEWHERE)],
            "restrictions": [restriction(permits_exempt=False)],
        },
        {},
        ("violation", "off_route", None, "P-1", 0),
    ),
    "confined by two, one of which covers": (
        {
            "permits": [
                permit(binding="confines", grants=ELSEWHERE),
                permit(permit_id="P-2", binding="confines"),
            ]
        },
        {},
        ("permitted", None, None, "P-2", 0),
    ),
    "confined by two, the one with the camera is named": (
        {
            "permits": [
                permit(binding="confines", grants=ELSEWHERE),
                permit(permit_id="P-2", binding="confines"),
            ]
        },
        {"captured_at": "2025-10-14T17:00:00+08:00"},
        ("violation", "outside_hours", None, "P-2", 0),
    ),
    "confined within grace": (
        {"permits": [permit(binding="confines")], "restrictions": []},
        {"captured_at": "2025-10-14T16:04:59.999999+08:00"},
        NOT_RESTRICTED,
    ),
    "a permit out of force confines nobody": (
        {"permits": [permit(binding="confines", valid_until="2025-10-13")], "restrictions": []},
        {"camera_id": "C-2"},
        NOT_RESTRICTED,
    ),
    # Step 5
    "nothing restricts, no permit is needed": (
        {"permits": [], "restrictions": []},
        {},
        NOT_RESTRICTED,
    ),
    # Step 6
    "absolute_ban: no permit exempts": (
        {"restrictions": [restriction(permits_exempt=False)]},
        {},
        ABSOLUTE_BAN,
    ),
    "absolute_ban: goes before a smaller id": (
        {"restrictions": [restriction(restriction_id="R-0"), restriction(permits_exempt=False)]},
        {},
        ABSOLUTE_BAN,
    ),
    "absolute_ban: not in force": (
        {
            "restrictions": [
                restriction(),
                restriction(restriction_id="R-0", permits_exempt=False, schedule="off"),
            ]
        },
        {},
        PERMITTED,
    ),
    # Step 7
    "permitted from the first instant of grace": (
        {},
        {"captured_at": "2025-10-14T08:55:00+08:00"},
        PERMITTED,
    ),
    "not permitted before grace": (
        {},
        {"captured_at": "2025-10-14T08:54:59.999999+08:00"},
        OUTSIDE_HOURS,
    ),
    "permitted to the last instant of grace": (
        {},
        {"captured_at": "2025-10-14T16:04:59.999999+08:00"},
        PERMITTED,
    ),
    "not permitted after grace": (
        {},
        {"captured_at": "2025-10-14T16:05:00+08:00"},
        OUTSIDE_HOURS,
    ),
    "grace goes past midnight": (
        {"permits": [permit(grants=[{"cameras": ["C-1"], "schedule": "Mo 20:00-24:00"}])]},
        {"captured_at": "2025-10-14T00:04:59+08:00"},
        PERMITTED,
    ),
    "grace comes before midnight": (
        {"permits": [permit(grants=[{"cameras": ["C-1"], "schedule": "We 00:00-04:00"}])]},
        {"captured_at": "2025-10-14T23:55:00+08:00"},
        PERMITTED,
    ),
    "past midnight the evening's rule holds": (
        {"permits": [permit(grants=[{"cameras": ["C-1"], "schedule": "Mo 22:00-06:00"}])]},
        {"captured_at": "2025-10-14T05:59:59+08:00"},
        PERMITTED,
    ),
    "any grant is enough, the first that covers is named": (
        {
            "permits": [
                permit(
                    grants=[
                        *ELSEWHERE,
                        {
                            "area": [(114.39, 27.81), (114.4, 27.81), (114.4, 27.9)],
                            "schedule": "24/7",
                        },
                        {"cameras": ["C-1"], "schedule": "24/7"},
                    ]
                )
            ]
        },
        {},
        ("permitted", None, None, "P-1", 1),
    ),
    "of several permits the smallest id that covers is named": (
        {
            "permits": [
                permit(permit_id="P-2"),
                permit(permit_id="P-10"),
                permit(permit_id="P-1", grants=ELSEWHERE),
            ]
        },
        {},
        ("permitted", None, None, "P-10", 0),
    ),
    "a place has the cameras within its radius": (
        {
            "permits": [
                permit(
                    grants=[
                        {
                            "place": {"lon": 114.39, "lat": 27.82, "radius_m": 1000},
                            "schedule": "24/7",
                        },
                        {
                            "place": {"lon": 114.39, "lat": 27.82, "radius_m": 1200},
                            "schedule": "24/7",
                        },
                    ]
                )
            ]
        },
        {},
        ("permitted", None, None, "P-1", 1),
    ),
    "a day off is off for PH": (
        {"permits": [permit(grants=[{"cameras": ["C-1"], "schedule": "24/7; PH off"}])]},
        {"captured_at": "2025-10-08T12:00:00+08:00"},
        OUTSIDE_HOURS,
    ),
    "Qingming 2025 is a day off": (
        {"permits": [permit(grants=[{"cameras": ["C-1"], "schedule": "PH 09:00-16:00"}])]},
        {"captured_at": "2025-04-04T12:00:00+08:00"},
        PERMITTED,
    ),
    "on a make-up working Saturday Mo-Fr holds": (
        {},
        {"captured_at": "2025-10-11T12:00:00+08:00"},
        PERMITTED,
    ),
    "on a make-up working Saturday Sa does not": (
        {"permits": [permit(grants=[{"cameras": ["C-1"], "schedule": "Sa 09:00-16:00"}])]},
        {"captured_at": "2025-10-11T12:00:00+08:00"},
        OUTSIDE_HOURS,
    ),
    "an hour that comes twice is judged alike: the first": (
        BERLIN | {"permits": [permit(grants=[{"cameras": ["C-1"], "schedule": "Su 01:00-02:30"}])]},
        {"captured_at": "2025-10-26T02:29:00+02:00"},
        PERMITTED,
    ),
    "an hour that comes twice is judged alike: the second": (
        BERLIN | {"permits": [permit(grants=[{"cameras": ["C-1"], "schedule": "Su 01:00-02:30"}])]},
        {"captured_at": "2025-10-26T02:34:59+01:00"},
        PERMITTED,
    ),
    "the clocks go back: the instant itself is on the new side": (
        BERLIN | {"permits": [permit(grants=[{"cameras": ["C-1"], "schedule": "Su 02:00-02:30"}])]},
        {"captured_at": "2025-10-26T01:00:00+00:00"},
        PERMITTED,
    ),
    "the clocks go forward: the instant itself is on the new side": (
        BERLIN
        | {"grace_minutes": 0}
        | {"permits": [permit(grants=[{"cameras": ["C-1"], "schedule": "Su 01:00-03:00"}])]},
        {"captured_at": "2025-03-30T01:00:00+00:00"},
        OUTSIDE_HOURS,
    ),
    "after the hour that does not come": (
        BERLIN | {"permits": [permit(grants=[{"cameras": ["C-1"], "schedule": "Su 01:00-02:30"}])]},
        {"captured_at": "2025-03-30T03:00:00+02:00"},
        OUTSIDE_HOURS,
    ),
    # Step 8
    "outside_hours: the first grant with the camera is named": (
        {
            "permits": [
                permit(
                    grants=[
                        *ELSEWHERE,
                        {"cameras": ["C-1"], "schedule": "off"},
                        {"cameras": ["C-1"], "schedule": "09:00-16:00"},
                    ]
                )
            ]
        },
        {"captured_at": "2025-10-14T17:00:00+08:00"},
        missed("outside_hours", grant=1),
    ),
    "outside_hours: a grant that is off still has its cameras": (
        {"permits": [permit(grants=[{"cameras": ["C-1"], "schedule": "off"}])]},
        {},
        OUTSIDE_HOURS,
    ),
    "outside_hours goes before off_route, though its id is greater": (
        {"permits": [permit(grants=ELSEWHERE), permit(permit_id="P-2")]},
        {"captured_at": "2025-10-14T17:00:00+08:00"},
        missed("outside_hours", "P-2"),
    ),
    "off_route": ({"permits": [permit(grants=ELSEWHERE)]}, {}, OFF_ROUTE),
    "off_route goes before suspended": (
        {
            "permits": [
                permit(status=history(LONG_AGO, ("suspended", "2025-10-01T00:00:00"))),
                permit(permit_id="P-2", grants=ELSEWHERE),
            ]
        },
        {},
        missed("off_route", "P-2"),
    ),
    "suspended: whatever else is wrong with it": (
        {
            "permits": [
                permit(
                    status=history(LONG_AGO, ("suspended", "2025-06-01T00:00:00")),
                    valid_until="2025-10-13",
                )
            ]
        },
        {},
        missed("suspended"),
    ),
    "suspended goes before revoked": (
        {
            "permits": [
                permit(status=history(LONG_AGO, ("revoked", "2025-06-01T00:00:00"))),
                permit(
                    permit_id="P-2",
                    status=history(LONG_AGO, ("suspended", "2025-06-01T00:00:00")),
                ),
            ]
        },
        {},
        missed("suspended", "P-2"),
    ),
    "suspended without ever having been active does not count": (
        {"permits": [permit(status=history(("suspended", "2025-06-01T00:00:00")))]},
        {},
        NO_PERMIT,
    ),
    "revoked": (
        {"permits": [permit(status=history(LONG_AGO, ("revoked", "2025-06-01T00:00:00")))]},
        {},
        missed("revoked"),
    ),
    "revoked: withdrawn after having been active": (
        {"permits": [permit(status=history(LONG_AGO, ("withdrawn", "2025-06-01T00:00:00")))]},
        {},
        missed("revoked"),
    ),
    "revoked: the first grant is named, not the one that would cover": (
        {
            "permits": [
                permit(
                    status=history(LONG_AGO, ("revoked", "2025-06-01T00:00:00")),
                    grants=[*ELSEWHERE, {"cameras": ["C-1"], "schedule": "24/7"}],
                )
            ]
        },
        {},
        missed("revoked", grant=0),
    ),
    "expired: from the midnight after its last day": (
        {"permits": [permit(valid_until="2025-10-13")]},
        {"captured_at": "2025-10-14T00:00:00+08:00"},
        missed("expired"),
    ),
    "expired: at the instant that it states": (
        {"permits": [permit(valid_until="2025-10-14T12:00:00+08:00")]},
        {},
        missed("expired"),
    ),
    "expired goes before not_yet_valid": (
        {
            "permits": [
                permit(valid_from="2025-10-15"),
                permit(permit_id="P-2", valid_until="2025-10-13"),
            ]
        },
        {},
        missed("expired", "P-2"),
    ),
    "not_yet_valid": (
        {"permits": [permit(valid_from="2025-10-15")]},
        {},
        missed("not_yet_valid"),
    ),
    "not_yet_valid: approved only afterwards does not count": (
        {
            "permits": [
                permit(
                    valid_from="2025-10-15",
                    status=history(("active", "2025-10-14T12:00:00.000001")),
                )
            ]
        },
        {},
        NO_PERMIT,
    ),
    "no_permit: nobody's plate": ({}, {"plate": "沪A00001"}, NO_PERMIT),
    "no_permit: only applied for": (
        {"permits": [permit(status=history(("applied", "2025-06-01T00:00:00")))]},
        {},
        NO_PERMIT,
    ),
    "no_permit: rejected": (
        {"permits": [permit(status=history(("rejected", "2025-06-01T00:00:00")))]},
        {},
        NO_PERMIT,
    ),
    "no_permit: withdrawn before it was active": (
        {"permits": [permit(status=history(("withdrawn", "2025-06-01T00:00:00")))]},
        {},
        NO_PERMIT,
    ),
    "no_permit: expired, but never active": (
        {
            "permits": [
                permit(status=history(("applied", "2025-01-01T00:00:00")), valid_until="2025-10-13")
            ]
        },
        {},
        NO_PERMIT,
    ),
    "the restriction with the smallest id by code point is named": (
        {
            "permits": [],
            "restrictions": [
                restriction(restriction_id=text) for text in ("r-1", "R-2", "限-1", "R-10")
            ],
        },
        {},
        ("violation", "no_permit", "R-10", None, None),
    ),
}


@pytest.mark.parametrize("name", CLAUSES)
def test_clause(name: str) -> None:
    of_city, of_hit, expected = CLAUSES[name]
    city = {**CITY, **of_city}
    (answer,) = agreed(city, [{**HIT, **of_hit}])
    fields = ("verdict", "reason", "restriction_id", "permit_id", "grant")
    assert tuple(answer[field] for field in fields) == expected
