"""From a definition to rules: what is where, what is shared, what the hash depends on."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcement.errors import EnforcementError
from enforcement.index.compiler import compile_rules
from enforcement.index.layout import NO_ROUTE
from enforcement.rules.permits import Grant, NamedVehicle, Place
from enforcement.rules.schedules import ScheduleError
from enforcement.settings import CasePolicy, Judgement
from roadnet.geodesy import haversine_m
from tests.enforcement.definitions import (
    camera,
    city,
    compiled,
    grant,
    permit,
    registered,
    restriction,
    route,
    status,
)


def members(rules, number):
    """Return the camera records of a grant."""
    words = rules.camera_sets[rules.grant_camera_set[number]]
    return {c for c in range(len(rules.camera_lon)) if int(words[c // 64]) >> c % 64 & 1}


def restricted(rules, record):
    first, last = rules.camera_restriction_offsets[record : record + 2]
    return [rules.restriction_ids[n] for n in rules.camera_restrictions[first:last]]


GRID = [camera(f"C-{x}{y}", float(x), float(y)) for x in range(5) for y in range(5)]


def at(*corners):
    """Return the records of GRID at the given (x, y)."""
    return {x * 5 + y for x, y in corners}


def test_an_area_has_the_cameras_inside_and_on_its_boundary():
    area = shapely.box(1, 1, 2, 2.5)
    rules = compiled(
        cameras=GRID,
        permits=[permit("P-1", grant(area=area))],
        restrictions=[restriction(area=area)],
    )
    wanted = at((1, 1), (1, 2), (2, 1), (2, 2))
    assert members(rules, 0) == wanted
    assert {record for record in range(25) if restricted(rules, record)} == wanted


def test_an_area_may_have_holes_and_parts():
    ring = shapely.box(0, 0, 4, 4).difference(shapely.box(0.5, 0.5, 3.5, 3.5))
    two = shapely.MultiPolygon([shapely.box(-1, -1, 0, 0), shapely.box(3.9, 3.9, 9, 9)])
    rules = compiled(
        cameras=GRID, permits=[permit("P-1", grant(area=ring), grant(area=two), grant("C-00"))]
    )
    assert members(rules, 0) == at(*((x, y) for x in range(5) for y in range(5) if {x, y} & {0, 4}))
    assert members(rules, 1) == at((0, 0), (4, 4))
    assert rules.grant_camera_set.tolist() == [0, 1, 2]


def test_a_place_has_the_cameras_up_to_its_radius():
    radius = float(haversine_m(2.0, 2.0, 2.0, 3.0))
    point = [Place(2.0, 2.0, r) for r in (radius, np.nextafter(radius, 0), 0.0)]
    rules = compiled(cameras=GRID, permits=[permit("P-1", *(grant(point=p) for p in point))])
    near = {record for record in range(25) if _metres(GRID[record], point[0]) <= radius}
    assert at((2, 2), (2, 3)) <= near
    assert members(rules, 0) == near
    assert members(rules, 1) == {
        record for record in near if _metres(GRID[record], point[0]) < radius
    }
    assert members(rules, 2) == at((2, 2))


def _metres(one, place):
    return float(haversine_m(place.lon, place.lat, one.lon, one.lat))


LON = st.floats(-180, 180).map(lambda degrees: round(degrees, 3))
LAT = st.floats(-90, 90).map(lambda degrees: round(degrees, 3))


@settings(deadline=None)
@given(
    st.lists(st.tuples(LON, LAT), min_size=1, max_size=12),
    LON,
    LAT,
    st.one_of(st.floats(0, 500_000), st.floats(0, 20_100_000)),
)
def test_a_place_is_measured_on_the_sphere_anywhere(positions, lon, lat, radius_m):
    cameras = [camera(f"C-{n:02d}", *position) for n, position in enumerate(positions)]
    place = Place(lon, lat, radius_m)
    rules = compiled(cameras=cameras, permits=[permit("P-1", grant(point=place))])
    assert members(rules, 0) == {
        n for n, one in enumerate(cameras) if _metres(one, place) <= radius_m
    }


def test_a_name_means_every_record_of_that_camera():
    cameras = [
        camera("C-1", valid_until_us=5),
        camera("C-1", valid_from_us=5),
        camera("C-10"),
        camera("C-2"),
    ]
    rules = compiled(
        cameras=cameras,
        permits=[permit("P-1", grant("C-2", "C-1", "C-2"))],
        restrictions=[restriction(cameras=("C-1",))],
    )
    assert rules.camera_ids == ("C-1", "C-10", "C-2")
    assert rules.camera_record_offsets.tolist() == [0, 2, 3, 4]
    assert members(rules, 0) == {0, 1, 3}
    assert [restricted(rules, record) for record in range(4)] == [["Z-1"], ["Z-1"], [], []]


def test_a_route_has_the_records_it_was_matched_to():
    rules = compiled(
        routes=[route("R-2"), route("R-1"), route("R-3")],
        permits=[permit("P-1", grant(route_id="R-2"), grant("C-1"), grant(route_id="R-3"))],
        route_cameras={"R-1": [0], "R-2": [2, 1, 2], "R-3": []},
    )
    assert rules.route_ids == ("R-1", "R-2", "R-3")
    assert rules.grant_route.tolist() == [1, NO_ROUTE, 2]
    assert [members(rules, number) for number in range(3)] == [{1, 2}, {0}, set()]


def test_more_than_64_cameras_need_more_than_one_word():
    cameras = [camera(f"C-{n:04d}") for n in range(130)]
    rules = compiled(cameras=cameras, permits=[permit("P-1", grant("C-0000", "C-0064", "C-0129"))])
    assert rules.camera_sets.shape == (1, 3)
    assert members(rules, 0) == {0, 64, 129}


def test_equal_camera_sets_and_schedules_are_shared():
    rules = compiled(
        routes=[route("R-1")],
        route_cameras={"R-1": [1, 0]},
        judgement=Judgement(grace_minutes=5),
        restrictions=[restriction(schedule="Mo-Fr 09:00-16:00")],
        permits=[
            permit("P-1", grant("C-1", "C-2"), grant(route_id="R-1")),
            permit("P-2", grant("C-2", "C-1", schedule="Mo-Fr 09:00-16:00")),
            permit("P-3", grant(area=shapely.box(114.38, 27.8, 114.405, 27.82))),
            permit("P-4", grant(schedule="Mo-Fr 10:00-11:00")),
        ],
    )
    assert rules.grant_camera_set.tolist() == [0, 0, 0, 0, 1]
    pairs = list(zip(rules.schedule_texts, rules.schedule_grace.tolist(), strict=True))
    assert pairs == sorted(set(pairs))
    assert [pairs[number] for number in rules.grant_schedule] == [
        ("24/7", 5),
        ("24/7", 5),
        ("Mo-Fr 09:00-16:00", 5),
        ("24/7", 5),
        ("Mo-Fr 10:00-11:00", 5),
    ]
    assert pairs[rules.restriction_schedule[0]] == ("Mo-Fr 09:00-16:00", 0)
    assert len(rules.day_pattern) == 2  # every day alike, and working days


def test_restrictions_of_a_camera_are_absolute_bans_first_then_by_id():
    names = ["z", "B", "区", "A", "b"]
    rules = compiled(
        restrictions=[restriction(name, permits_exempt=name in "bA") for name in names]
    )
    assert rules.restriction_ids == ("A", "B", "b", "z", "区")
    assert restricted(rules, 0) == ["B", "z", "区", "A", "b"]
    assert restricted(rules, 2) == []


def test_side_plates_are_those_that_do_not_pack():
    plates = ["赣C12345", "АВ123СХ777", "ABCDEFGHIJK1", "京A12345挂", "京京京京京京京京1"]
    rules = compiled(
        permits=[permit("P-1", vehicles=tuple(NamedVehicle(plate, None) for plate in plates[:3]))],
        vehicles=[registered("bus", plate=plate) for plate in plates[2:]],
    )
    assert rules.side_plates == ("京京京京京京京京1", "АВ123СХ777")[::-1]
    assert np.count_nonzero(rules.table_keys) == 5


# The hash


def a_city(**changes):
    values = {
        "cameras": [camera("C-1"), camera("C-2", 114.4), camera("C-3", 114.41)],
        "routes": [route("R-1"), route("R-2")],
        "restrictions": [restriction("Z-1"), restriction("Z-2", schedule="Mo-Fr 07:00-09:00")],
        "permits": [
            permit("P-1", grant(route_id="R-1"), grant(point=Place(114.4, 27.81, 300.0))),
            permit(
                "P-2",
                grant(area=shapely.box(114.405, 27.8, 114.42, 27.9), schedule="22:00-06:00"),
                vehicles=(NamedVehicle("АВ123СХ777", None), NamedVehicle("京A12345挂", 1)),
            ),
            permit("P-3", grant(route_id="R-2"), binding="confines", max_speed_kmh=40.0),
        ],
        "vehicles": [registered("bus"), registered("car", None), registered("car", 2, "沪A00001")],
        "holidays": "CN",
        **changes,
    }
    return city(**values)


ROUTES = {"R-1": [0, 1], "R-2": [2]}


def test_the_hash_does_not_depend_on_the_order_of_anything():
    one = compile_rules(a_city(), ROUTES)
    turned = a_city()
    turned = replace(
        turned,
        **{
            name: getattr(turned, name)[::-1]
            for name in ("routes", "restrictions", "permits", "vehicles")
        },
    )
    other = compile_rules(turned, {name: ROUTES[name][::-1] for name in reversed(ROUTES)})
    assert one.content_hash == other.content_hash
    assert len(one.content_hash) == 64


def test_the_hash_of_one_city_is_known():
    """It is the same on every machine and in every process; a new layout changes it on purpose."""
    small = city(
        timezone="UTC",
        cameras=[camera("C-1")],
        restrictions=[restriction("Z-1", cameras=("C-1",))],
        permits=[permit("P-1")],
    )
    assert compile_rules(small, {}).content_hash == KNOWN_HASH


KNOWN_HASH = "bc90bb98e5b6bdfc0499121b8261253a036abe158a23497e62ca5f78806cf130"


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Other"},
        {"timezone": "Asia/Urumqi"},
        {"holidays": ""},
        {"judgement": Judgement(grace_minutes=1)},
        {"judgement": Judgement(grace_minutes=0, min_confidence=0.81)},
        {"judgement": Judgement(grace_minutes=0, duplicate_seconds=11)},
        {"judgement": Judgement(grace_minutes=0, case_policy=CasePolicy("continuous", 31.0))},
        {"judgement": Judgement(grace_minutes=0, case_policy=CasePolicy("ours", 30.0))},
        {"cameras": [camera("C-1"), camera("C-2", 114.41), camera("C-3", 114.41)]},
        {"cameras": [camera("C-1"), camera("C-2", 114.4), camera("C-3", 114.41, valid_from_us=1)]},
        {"restrictions": [restriction("Z-1"), restriction("Z-2", schedule="Mo-Fr 07:00-09:01")]},
        {"restrictions": [restriction("Z-1"), restriction("Z-2", permits_exempt=False)]},
        {"restrictions": [restriction("Z-1"), restriction("Z-2", warning_until_us=1)]},
        {
            "cameras": [
                camera("C-1"),
                camera("C-2", 114.4),
                camera("C-3", 114.41, warning_until_us=1),
            ]
        },
        {"permits": []},
        {"vehicles": [registered("bus"), registered("car", None)]},
        {"routes": [route("R-1"), route("R-2"), route("R-3")]},
    ],
)
def test_the_hash_depends_on_everything_that_is_stated(change):
    assert compile_rules(a_city(**change), ROUTES).content_hash != _HASH


@pytest.mark.parametrize(
    "change",
    [
        {"holder": "Other"},
        {"binding": "exempts"},
        {"vehicles": (NamedVehicle("赣C12345", None),)},
        {"valid_from_us": 1},
        {"valid_until_us": 1 << 60},
        {"status": status(("active", 1))},
        {"status": status(("applied", 0), ("active", 1))},
        {"max_speed_kmh": None},
        {"max_speed_kmh": 41.0},
        {"grants": (grant(route_id="R-1"),)},
        {"grants": (grant("C-3"),)},
        {"grants": (grant(route_id="R-2", schedule="Mo"),)},
    ],
)
def test_the_hash_depends_on_everything_in_a_permit(change):
    definition = a_city()
    *others, last = definition.permits
    names = [name for name in last.__slots__ if name not in change]
    changed = type(last)(**{name: getattr(last, name) for name in names}, **change)
    rules = compile_rules(replace(definition, permits=[*others, changed]), ROUTES)
    assert rules.content_hash != _HASH


_HASH = compile_rules(a_city(), ROUTES).content_hash


def test_whole_numbers_are_the_same_settings_as_floats():
    whole, real = (
        compiled(
            judgement=Judgement(
                grace_minutes=0,
                duplicate_seconds=number(10),
                min_confidence=number(1),
                case_policy=CasePolicy("continuous", number(30)),
            )
        )
        for number in (int, float)
    )
    assert whole.content_hash == real.content_hash


def test_nothing_of_the_rules_can_be_changed():
    rules = compile_rules(a_city(), ROUTES)
    for field in fields(rules):
        value = getattr(rules, field.name)
        if isinstance(value, np.ndarray):
            with pytest.raises(ValueError, match="read-only"):
                value[...] = 0
    with pytest.raises(AttributeError):
        rules.name = "Other"


# Faults


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"permits": [permit("P-1", grant("C-9"))]}, "unknown_camera", "'C-9'"),
        ({"restrictions": [restriction(cameras=("C-9",))]}, "unknown_camera", "'C-9'"),
        ({"permits": [permit("P-1", grant(route_id="R-9"))]}, "unknown_route", "'R-9'"),
        ({"permits": [permit("P-1", Grant("24/7"))]}, "no_cameras", "line (P-1)"),
        ({"restrictions": [restriction(area=None)]}, "no_cameras", "feature (Z-1)"),
        ({"permits": [permit(status=status(("open", 0)))]}, "unknown_status", "'open'"),
        ({"permits": [permit(binding="frees")]}, "unknown_binding", "'frees'"),
        ({"vehicles": [registered("tank")]}, "unknown_vehicle_class", "'tank'"),
        (
            {"restrictions": [restriction(vehicle_classes=frozenset({"tank"}))]},
            "unknown_vehicle_class",
            "feature (Z-1)",
        ),
        (
            {"restrictions": [restriction(plate_classes=frozenset({128}))]},
            "unknown_plate_class",
            "128",
        ),
        ({"timezone": "Mars/Olympus"}, "unknown_timezone", "'Mars/Olympus'"),
        ({"cameras": [camera("C-2"), camera("C-1")]}, "cameras_unsorted", "sorted"),
    ],
)
def test_what_refers_to_nothing_is_told(change, code, words):
    with pytest.raises(EnforcementError) as caught:
        compiled(**change)
    assert caught.value.code == code
    assert words in str(caught.value)


def test_a_route_must_have_been_matched_to_cameras_that_exist():
    cities = {"routes": [route("R-1")], "permits": [permit("P-1", grant(route_id="R-1"))]}
    with pytest.raises(EnforcementError, match="'R-1' has not been matched"):
        compiled(**cities)
    with pytest.raises(EnforcementError, match="'R-1' has a camera record outside 0 to 2"):
        compiled(route_cameras={"R-1": [3]}, **cities)
    with pytest.raises(EnforcementError, match="'R-1' is not in the city's routes"):
        compiled(route_cameras={"R-1": [0]}, permits=cities["permits"])


def test_a_schedule_that_cannot_be_read_is_told():
    with pytest.raises(ScheduleError):
        compiled(restrictions=[restriction(schedule="Mo-Fr 25:00")])
