"""The doubt `calendar`: whatever a holiday notice might undo in a year that none covers is held."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings

from enforcement.doubts.unpublished_days import hours_by_day, on_unpublished_days
from enforcement.engine import judge, settle
from enforcement.index.compiler import compile_rules
from enforcement.rules.permits import NamedVehicle
from tests.enforcement.definitions import batch, compiled, grant, permit, restriction, status, us
from tests.oracles.judgement import judge as judge_by_force
from tests.same_verdict.translation import batch_of, definition_of
from tests.same_verdict.worlds import UNPUBLISHED, World, worlds

if TYPE_CHECKING:
    from enforcement.analysis.suspects import Suspects
    from enforcement.index.layout import Rules
    from ingest.hits import HitBatch

FRIDAY = "2061-02-04"
WEEKDAYS, HOLIDAYS = "Mo-Fr 07:00-09:00", "PH 10:00-16:00"
SHUT = grant(schedule="07:00-09:00")


def no_rank(_pairs: Any) -> list[tuple[str, ...]]:
    raise AssertionError("these hits differ in their instants")


def suspects_of(rules: Rules, hits: HitBatch) -> Suspects:
    return settle(rules, [judge(rules, hits)], no_rank).suspects


def hours(*permits: Any, day: str = FRIDAY, **fields: Any) -> list[str]:
    """Return the hours that decide a violation at noon, none where a notice covers its year."""
    values = {"restrictions": [restriction("Z-1")], "holidays": "CN", **fields}
    rules = compiled(permits=list(permits), **values)
    suspects = suspects_of(rules, batch(rules, {"at": f"{day} 12:00"}))
    assert len(suspects) == 1
    decide = hours_by_day(rules, suspects)
    held = on_unpublished_days(rules, suspects).tolist()
    assert held == [bool(decide.rule.size) and day == FRIDAY]
    return [rules.schedule_texts[schedule] for schedule in decide.rule]


def test_every_grant_that_has_the_camera_is_asked_whichever_is_named():
    holidays = grant(schedule=HOLIDAYS)
    assert hours(permit("P-1", SHUT, holidays)) == [HOLIDAYS]
    assert hours(permit("P-1", SHUT), permit("P-2", holidays)) == [HOLIDAYS]
    assert hours(permit("P-1", grant("C-2")), permit("P-2", holidays)) == [HOLIDAYS]
    assert hours(permit("P-1", holidays, grant(schedule=WEEKDAYS))) == [WEEKDAYS, HOLIDAYS]
    assert hours(permit("P-1", SHUT, holidays), day="2026-03-03") == [HOLIDAYS]
    assert hours(permit("P-1", SHUT, grant("C-2", schedule=HOLIDAYS))) == []
    assert hours(permit("P-1", SHUT)) == []


def test_only_permits_of_the_vehicle_that_are_in_force_are_asked():
    noon = us(f"{FRIDAY} 12:00")
    for fields, asked in (
        ({"vehicles": (NamedVehicle("赣C54321", 1),)}, False),
        ({"vehicles": (NamedVehicle("赣C12345", 2),)}, False),
        ({"vehicles": (NamedVehicle("赣C12345", None),)}, True),
        ({"vehicles": (NamedVehicle("赣C12345", 1), NamedVehicle("赣C12345", None))}, True),
        ({"valid_until_us": noon}, False),
        ({"valid_until_us": noon + 1}, True),
        ({"valid_from_us": noon + 1}, False),
        ({"status": status(("active", 0), ("suspended", noon))}, False),
        ({"status": status(("active", 0), ("suspended", noon + 1))}, True),
        ({"status": status(("applied", 0), ("active", noon))}, True),
        ({"status": status(("active", noon + 1))}, False),
    ):
        found = hours(permit("P-1", SHUT), permit("P-2", grant(schedule=HOLIDAYS), **fields))
        assert found == [HOLIDAYS] * asked, fields


def test_the_hours_of_the_restriction_are_asked():
    weekdays = [restriction("Z-1", schedule="Mo-Fr 07:00-20:00")]
    assert hours(restrictions=weekdays) == ["Mo-Fr 07:00-20:00"]
    assert hours() == []


def test_a_grant_that_could_not_clear_is_not_asked():
    holidays = permit("P-1", grant(schedule=HOLIDAYS))
    assert hours(holidays, restrictions=[restriction("Z-1", permits_exempt=False)]) == []
    elsewhere = permit("P-2", grant("C-2"), binding="confines")
    assert hours(holidays, elsewhere) == []
    confining = permit("P-3", grant(schedule=HOLIDAYS), binding="confines")
    assert hours(holidays, elsewhere, confining) == [HOLIDAYS]


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(worlds(settings=UNPUBLISHED))
def test_what_any_notice_would_undo_is_held(world: World) -> None:
    city = world.city
    rules = compile_rules(definition_of(city), city["routes"])
    hits = [hit for hit in world.hits if judge_by_force(city, hit)["verdict"] == "violation"]
    for hit in hits:
        suspects = suspects_of(rules, batch_of(rules, [hit], city["timezone"]))
        if any(is_undone(city, hit, notice) for notice in notices(city, suspects)):
            assert on_unpublished_days(rules, suspects).all()


def notices(city: dict[str, Any], suspects: Suspects) -> list[dict[str, Any]]:
    """Return the city with every notice that might come for the day of a hit and those beside it."""
    day = date(1970, 1, 1) + timedelta(
        microseconds=int(suspects.captured_at_us[0]) + 8 * 3_600_000_000
    )
    days = [day + timedelta(days=shift) for shift in (-1, 0, 1)]
    return [
        city
        | {
            "days_off": {one for one, kind in zip(days, kinds, strict=True) if kind == "off"},
            "working_weekends": {
                one
                for one, kind in zip(days, kinds, strict=True)
                if kind == "working" and one.weekday() > 4
            },
        }
        for kinds in product(("ordinary", "off", "working"), repeat=3)
    ]


def is_undone(city: dict[str, Any], hit: dict[str, Any], notice: dict[str, Any]) -> bool:
    now, then = (judge_by_force(one, hit) for one in (city, notice))
    return then["verdict"] != "violation" or (then["warning"] and not now["warning"])
