"""Tags of one way as rules for trucks: every rule of precedence, and nothing lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcement.city_import.way_rules import WayRules, way_rules
from enforcement.rules.calendars import Calendar
from enforcement.rules.schedule_text import read_schedule_text

HGV = ("heavy_truck", "medium_truck", "tractor")
GOODS = ("light_truck", "mini_truck")
ALL = tuple(sorted((*HGV, *GOODS)))


def read(unconditional: bool = False, weight_limits: bool = False, **tags: str) -> WayRules:
    """Read tags whose `:` is written `__`."""
    named = {key.replace("__", ":"): value for key, value in tags.items()}
    return way_rules(
        {"highway": "residential"} | named,
        Calendar(),
        unconditional=unconditional,
        weight_limits=weight_limits,
    )


def rules(found: WayRules) -> list[tuple[str, tuple[str, ...], str]]:
    return [rule[:3] for rule in found.rules]


def test_hours_of_a_ban() -> None:
    found = read(hgv__conditional="no @ (19:00-06:00)")
    assert rules(found) == [("no", HGV, "19:00-06:00")]
    assert found.rules[0].source == "hgv:conditional=no @ (19:00-06:00)"
    assert found.remarks == ()
    assert rules(read(goods__conditional="no @ (Su)")) == [("no", GOODS, "Su")]
    for key in ("access", "vehicle", "motor_vehicle"):
        assert rules(read(**{f"{key}__conditional": "no @ (Su)"})) == [("no", ALL, "Su")]


def test_hours_in_which_a_ban_is_lifted() -> None:
    found = read(hgv="no", hgv__conditional="yes @ (19:00-07:00)")
    assert rules(found) == [("no", HGV, "24/7; 19:00-07:00 off")]
    found = read(hgv="no", hgv__conditional="delivery @ (06:00-11:00)")
    assert rules(found) == [
        ("no", HGV, "24/7; 06:00-11:00 off"),
        ("destination", HGV, "06:00-11:00"),
    ]
    # Said the other way: a condition of purpose. It closes nothing that is open.
    again = read(hgv="no", hgv__conditional="yes @ (06:00-11:00 AND delivery)")
    assert rules(again) == rules(found)
    night = read(hgv__conditional="no @ (22:00-06:00); yes @ destination")
    assert rules(night) == [("destination", HGV, "22:00-06:00")]
    assert read(hgv__conditional="yes @ destination") == WayRules((), ())
    partly = read(hgv__conditional="no @ (22:00-06:00); yes @ (Su AND destination)")
    assert rules(partly) == [("no", HGV, "22:00-06:00; Su off")]
    assert "are taken as open to all" in partly.remarks[0].reason


def test_a_later_clause_goes_before_an_earlier_one() -> None:
    found = read(hgv__conditional="no @ (Mo-Fr 07:00-19:00); yes @ (12:00-13:00)")
    assert rules(found) == [("no", HGV, "Mo-Fr 07:00-19:00; 12:00-13:00 off")]


def test_the_more_particular_key_goes_before_the_more_general_one() -> None:
    assert rules(read(hgv="yes", access__conditional="no @ (Su)")) == [("no", GOODS, "Su")]
    found = read(motor_vehicle="no", goods="yes", hgv__conditional="yes @ (Su)")
    assert rules(found) == [("no", HGV, "24/7; Su off")]


def test_a_pedestrian_street_is_closed_unless_it_says_otherwise() -> None:
    found = read(highway="pedestrian", motor_vehicle__conditional="destination @ (06:00-11:00)")
    assert rules(found) == [
        ("no", ALL, "24/7; 06:00-11:00 off"),
        ("destination", ALL, "06:00-11:00"),
    ]
    assert read(highway="pedestrian") == WayRules((), ())


def test_weights_reach_whole_classes_only() -> None:
    found = read(access__conditional="no @ (7:30-19:00 AND weight>7.5)")
    assert rules(found) == [("no", ("heavy_truck",), "7:30-19:00")]
    assert {remark.reason for remark in found.remarks} == {
        "it reaches medium_truck in part only, so that class is left out",
        "it reaches tractor in part only, so that class is left out",
    }
    assert rules(read(hgv__conditional="no @ (weightrating>=3.5)")) == [("no", HGV, "24/7")]
    # Hours that are open for some of a class are open for the class.
    found = read(unconditional=True, hgv="no", hgv__conditional="yes @ (weight<7.5)")
    assert rules(found) == [("no", ("heavy_truck",), "24/7")]


@pytest.mark.parametrize(
    ("tags", "classes"),
    [
        ({"maxweight": "12"}, ("heavy_truck",)),
        ({"maxweight": "7500 kg"}, ("heavy_truck",)),
        ({"maxweightrating": "3.5 t"}, HGV),
        ({"maxweight": "1.5"}, tuple(sorted((*HGV, "light_truck")))),
        ({"maxweight": "3.5", "maxweight:hgv": "none"}, ()),
        ({"maxweight": "none"}, ()),
        ({"maxweight": "40"}, ()),
    ],
)
def test_limits_of_weight_only_when_asked(tags: dict[str, str], classes: tuple[str, ...]) -> None:
    found = read(weight_limits=True, **tags)
    assert [rule.classes for rule in found.rules] == ([classes] if classes else [])
    assert all(rule[::2] == ("no", "24/7") for rule in (rule[:3] for rule in found.rules))
    unasked = read(**tags)
    assert unasked.rules == ()
    assert {remark.tag for remark in unasked.remarks} == {
        f"{key}={value}" for key, value in tags.items() if value != "none"
    }


def test_limits_of_weight_with_conditions() -> None:
    found = read(weight_limits=True, maxweight="12", maxweight__conditional="none @ destination")
    assert rules(found) == [("destination", ("heavy_truck",), "24/7")]
    found = read(weight_limits=True, maxweight__conditional="3.5 @ (22:00-06:00)")
    assert rules(found) == [("no", HGV, "22:00-06:00")]
    (remark,) = read(weight_limits=True, maxweight="heavy").remarks
    assert remark == ("maxweight=heavy", "`heavy` is no value that is known")


def test_sizes_are_told_once_for_each_key() -> None:
    found = read(maxheight="3.8", maxwidth="2", maxlength="none", maxheight__physical="4")
    assert {remark.tag for remark in found.remarks} == {
        "maxheight",
        "maxwidth",
        "maxheight:physical",
    }


def test_a_guess_never_closes_and_never_opens_what_is_closed_anyway() -> None:
    found = read(unconditional=True, hgv="destination", hgv__conditional="no @ wet")
    assert rules(found) == [("destination", HGV, "24/7")]
    found = read(unconditional=True, hgv="no", hgv__conditional="destination @ wet")
    assert rules(found) == []


def test_others_are_no_trucks() -> None:
    assert read(access__conditional="no @ agricultural") == WayRules((), ())
    assert read(motor_vehicle__conditional="yes @ bus; no @ motorcycle").rules == ()
    assert rules(read(access__conditional="no @ (hgv AND Su)")) == [("no", HGV, "Su")]


def test_plain_values_only_when_asked() -> None:
    found = read(hgv="no", goods="delivery", access="private")
    assert found.rules == ()
    reason = "it holds at all hours: --unconditional makes a restriction of it"
    assert {tuple(remark) for remark in found.remarks} == {
        ("hgv=no", reason),
        ("goods=delivery", reason),
    }
    found = read(unconditional=True, hgv="no", goods="delivery", access="private")
    assert rules(found) == [("no", HGV, "24/7"), ("destination", GOODS, "24/7")]
    assert found.remarks == ()
    assert read(unconditional=True, access="private", motor_vehicle="no") == WayRules((), ())
    assert read(unconditional=True, hgv="designated", goods="yes") == WayRules((), ())


def test_one_direction_of_a_two_way_street_is_no_area() -> None:
    tags = {"hgv__backward__conditional": "no @ (Su)"}
    found = read(**tags)
    assert found.rules == ()
    assert [tuple(remark) for remark in found.remarks] == [
        (
            "hgv:backward:conditional=no @ (Su)",
            "it holds in one direction only, and an area has none",
        )
    ]
    assert rules(read(oneway="-1", **tags)) == [("no", HGV, "Su")]
    assert rules(read(oneway="yes", **tags)) == []
    both = read(hgv__forward__conditional="no @ (Su)", **tags)
    assert [rule[:3] for rule in both.rules] in ([], [("no", HGV, "Su")])


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("no @ (Mo-Fr 07:00-19:00", "its parentheses do not match"),
        ("no @ (25:00-27:00)", "schedule `25:00-27:00`: column"),
        ("no @ (sunset-sunrise)", "schedule `sunset-sunrise`: column 1: found `sunset`"),
        ("no @ wet", "a camera does not see `wet`"),
        ("no @ (delivery)", "a camera does not see `delivery`"),
        ("no @ (height>4)", "a camera does not see the size or the axle load"),
        ("30 @ (Su)", "`30` is no value that is known"),
        ("no", "there is no condition"),
    ],
)
def test_what_cannot_be_said_is_told(value: str, reason: str) -> None:
    found = read(hgv__conditional=value)
    assert found.rules == ()
    (remark,) = found.remarks
    assert remark.tag == f"hgv:conditional={value}"
    assert remark.reason.startswith(reason)


values = st.one_of(
    st.sampled_from(("yes", "no", "destination", "private", "unknown", "no;yes", "7.5", "none")),
    st.text(max_size=6),
)
conditions = st.sampled_from(
    (
        "Su",
        "Mo-Fr 07:00-19:00",
        "22:00-06:00 AND weight>7.5",
        "wet",
        "delivery",
        "agricultural",
        "(",
        "",
    )
)
conditionals = st.lists(st.tuples(values, conditions), max_size=3).map(
    lambda clauses: "; ".join(f"{value} @ ({condition})" for value, condition in clauses)
)
keys = st.tuples(
    st.sampled_from(("access", "motor_vehicle", "goods", "hgv", "maxweight", "maxweight:hgv")),
    st.sampled_from(("", ":forward", ":backward")),
).map("".join)


@given(
    st.dictionaries(keys, values, max_size=3),
    st.dictionaries(keys.map(lambda key: key + ":conditional"), conditionals, max_size=2),
    st.booleans(),
    st.booleans(),
)
@settings(deadline=None)
def test_any_tags_give_schedules_that_can_be_read(
    plain: dict[str, str], conditional: dict[str, str], unconditional: bool, weight_limits: bool
) -> None:
    tags = {"highway": "primary", **plain, **conditional}
    found = way_rules(tags, Calendar(), unconditional=unconditional, weight_limits=weight_limits)
    for rule in found.rules:
        assert rule.level in {"no", "destination"}
        assert rule.classes
        read_schedule_text(rule.schedule)
    assert all(remark.tag and remark.reason for remark in found.remarks)
