"""Warning periods a clause at a time; kernel, explanation and oracle must all say so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from enforcement.index.compiler import compile_rules
from enforcement.rules.places import ALWAYS_UNTIL_US
from tests.same_verdict.judges import agreed
from tests.same_verdict.toy_city import CITY, HIT, permit, restriction
from tests.same_verdict.translation import definition_of, explanation_of

TODAY = "2025-10-14"  # of HIT, 12:00
NOBODY: dict[str, Any] = {"permits": []}
NEW = restriction(restriction_id="R-0", warning_until=TODAY)
NEW_BAN = restriction(restriction_id="R-0", warning_until=TODAY, permits_exempt=False)
OLD = restriction()
OLD_BAN = restriction(permits_exempt=False)
CONFINED = permit(binding="confines", grants=[{"cameras": ["C-2"], "schedule": "24/7"}])


def new_camera(until: str) -> dict[str, Any]:
    first, second = CITY["cameras"]
    return {"cameras": [{**first, "warning_until": until}, second]}


# What is changed, then verdict, reason, restriction_id, permit_id and warning.
CLAUSES = {
    "a restriction past nothing accuses": (NOBODY, ("violation", "no_permit", "R-1", None, False)),
    "a new restriction warns": (
        NOBODY | {"restrictions": [NEW]},
        ("violation", "no_permit", "R-0", None, True),
    ),
    "its last day is in it": (
        NOBODY | {"restrictions": [restriction(warning_until="2025-10-13")]},
        ("violation", "no_permit", "R-1", None, False),
    ),
    "an instant is not in it": (
        NOBODY | {"restrictions": [restriction(warning_until="2025-10-14T12:00:00+08:00")]},
        ("violation", "no_permit", "R-1", None, False),
    ),
    "the microsecond before is": (
        NOBODY | {"restrictions": [restriction(warning_until="2025-10-14T12:00:00.000001+08:00")]},
        ("violation", "no_permit", "R-1", None, True),
    ),
    "a new camera warns, whatever it sees broken": (
        NOBODY | new_camera(TODAY),
        ("violation", "no_permit", "R-1", None, True),
    ),
    "until its day is over": (
        NOBODY | new_camera("2025-10-13"),
        ("violation", "no_permit", "R-1", None, False),
    ),
    "one old restriction among new ones accuses, and is named": (
        NOBODY | {"restrictions": [NEW, OLD]},
        ("violation", "no_permit", "R-1", None, False),
    ),
    "all that are broken are new": (
        NOBODY | {"restrictions": [NEW, restriction(warning_until="2025-10-20")]},
        ("violation", "no_permit", "R-0", None, True),
    ),
    "a restriction at other hours is not broken": (
        NOBODY | {"restrictions": [NEW, restriction(schedule="22:00-06:00")]},
        ("violation", "no_permit", "R-0", None, True),
    ),
    "a permit exempts from a new restriction too": (
        {"restrictions": [NEW]},
        ("permitted", None, None, "P-1", False),
    ),
    "a new ban warns a permitted vehicle": (
        {"restrictions": [NEW_BAN]},
        ("violation", "absolute_ban", "R-0", None, True),
    ),
    "an old restriction that a permit exempts from is not broken beside a new ban": (
        {"restrictions": [NEW_BAN, OLD]},
        ("violation", "absolute_ban", "R-0", None, True),
    ),
    "an old restriction without a permit is named before a new ban": (
        NOBODY | {"restrictions": [NEW_BAN, OLD]},
        ("violation", "no_permit", "R-1", None, False),
    ),
    "with the nearest permit": (
        {
            "restrictions": [NEW_BAN, OLD],
            "permits": [permit(grants=[{"cameras": ["C-1"], "schedule": "09:00-11:00"}])],
        },
        ("violation", "outside_hours", "R-1", "P-1", False),
    ),
    "an old ban is named before a new one": (
        {"restrictions": [NEW_BAN, OLD_BAN]},
        ("violation", "absolute_ban", "R-1", None, False),
    ),
    "an old ban is named before a new restriction": (
        {"restrictions": [NEW, OLD_BAN]},
        ("violation", "absolute_ban", "R-1", None, False),
    ),
    "who breaks what the permit confines to is not excused by a new restriction": (
        {"restrictions": [NEW], "permits": [CONFINED]},
        ("violation", "off_route", None, "P-1", False),
    ),
    "but by a new camera": (
        {"permits": [CONFINED]} | new_camera(TODAY),
        ("violation", "off_route", None, "P-1", True),
    ),
}


@pytest.mark.parametrize(("changes", "expected"), CLAUSES.values(), ids=CLAUSES)
def test_clause(changes: dict[str, Any], expected: tuple[Any, ...]) -> None:
    (answer,) = agreed({**CITY, **changes}, [HIT])
    names = ("verdict", "reason", "restriction_id", "permit_id", "warning")
    assert tuple(answer[name] for name in names) == expected


def explained(**changes: Any) -> Any:
    city = {**CITY, **changes}
    return explanation_of(compile_rules(definition_of(city), city["routes"]), HIT, city["timezone"])


def test_words_say_that_it_is_a_warning_and_until_when() -> None:
    said = explained(**NOBODY, restrictions=[NEW], **new_camera("2025-10-20"))
    assert said.summary.en.startswith(
        "Suspected violation, for a warning only, for a person to confirm: restriction R-0"
    )
    assert said.summary.zh.startswith("疑似违规，仅作警告，待人工核实：此处当时按 R-0 限行")
    steps = {step.code: step for step in said.steps}
    assert steps["warning"].en == (
        "Only a warning: camera C-1 only warns until Tuesday 2025-10-21 00:00; "
        "restriction R-0 only warns until Wednesday 2025-10-15 00:00."
    )
    assert steps["warning"].zh == (
        "仅作警告：摄像机 C-1 在 2025-10-21 星期二 00:00 之前只作警告；"
        "限行规定 R-0 在 2025-10-15 星期三 00:00 之前只作警告。"
    )
    assert steps["warning"].data == {
        "camera_until": "2025-10-20T16:00:00Z",
        "restriction_id": "R-0",
        "restriction_until": "2025-10-14T16:00:00Z",
    }
    assert steps["restrictions"].en == (
        "Restrictions at this camera: R-0 applies, but only warns until Wednesday 2025-10-15 00:00."
    )
    assert said.to_dict()["warning"] is True


def test_words_say_why_an_old_restriction_is_looked_at_before_a_new_ban() -> None:
    said = explained(**NOBODY, restrictions=[NEW_BAN, OLD])
    steps = {step.code: step for step in said.steps}
    assert steps["absolute_ban"].en == (
        "No permit exempts from R-0. It only warns yet; the other restrictions are looked at first."
    )
    assert "warning" not in steps
    assert said.summary.en.startswith(
        "Suspected violation, for a person to confirm: restriction R-1"
    )


def test_a_warning_period_without_end_is_told() -> None:
    definition = definition_of({**CITY, **NOBODY})
    endless = [replace(one, warning_until_us=ALWAYS_UNTIL_US) for one in definition.restrictions]
    rules = compile_rules(replace(definition, restrictions=endless), CITY["routes"])
    said = explanation_of(rules, HIT, CITY["timezone"])
    steps = {step.code: step for step in said.steps}
    assert steps["warning"].en == "Only a warning: restriction R-1 only warns, without end."
    assert steps["warning"].zh == "仅作警告：限行规定 R-1 在任何时候都只作警告。"
