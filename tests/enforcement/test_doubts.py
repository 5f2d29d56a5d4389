"""What holds a violation back: each doubt by small cases, and the same however the hits are cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcement.compiled_city import compile_city
from enforcement.engine import judge, settle
from enforcement.findings import HELD_CODES
from enforcement.index.camera_travel import CameraTravel
from enforcement.index.closed_routes import ClosedRoute
from enforcement.index.compiler import compile_rules
from enforcement.progress import quiet
from enforcement.rules.permits import NamedVehicle
from enforcement.settings import Judgement
from tests.enforcement.cities import closure, route, write_city
from tests.enforcement.cities import permit as permit_line
from tests.enforcement.definitions import (
    TUESDAY,
    batch,
    camera,
    city,
    compiled,
    grant,
    permit,
    registered,
    restriction,
    us,
)
from tests.enforcement.definitions import route as named_route

if TYPE_CHECKING:
    from enforcement.index.layout import Rules
    from ingest.hits import HitBatch

FAR = camera("C-2", 114.49)  # 9.8 km from C-1: 193 s at the fastest
CAMERAS = [camera("C-1"), FAR, camera("C-3", 114.41)]
EVERYWHERE = restriction("Z-1", cameras=("C-1", "C-2", "C-3"))
OTHER = "赣C54321"


def no_rank(_pairs: Any) -> list[tuple[str, ...]]:
    raise AssertionError("these hits differ in their instants")


def settled(rules: Rules, *batches: HitBatch) -> dict[str, list[str | None]]:
    """Return the codes that hold the violations of each vehicle, in the order of time."""
    parts = [judge(rules, one) for one in batches]
    found = settle(rules, parts, no_rank)
    rows = []
    for part, kept, held in zip(parts, found.kept, found.held, strict=True):
        at = part.violations[kept]
        rows += zip(
            part.passages.captured_at_us[at].tolist(),
            part.passages.plate_key[at].tolist(),
            [None if code == 0 else HELD_CODES[code - 1] for code in held.tolist()],
            strict=True,
        )
    codes: dict[str, list[str | None]] = {}
    for _, key, code in sorted(rows, key=lambda row: row[:2]):
        codes.setdefault(key, []).append(code)
    return codes


def held(rules: Rules, *hits: dict[str, Any]) -> list[str | None]:
    """Return the codes that hold the violations of one vehicle, in the order of time."""
    (codes,) = settled(rules, batch(rules, *hits)).values()
    return codes


def hit(camera_id: str, at: str, **fields: Any) -> dict[str, Any]:
    return {"camera": camera_id, "at": f"{TUESDAY} {at}", "plate": OTHER, **fields}


# Implausible travel


@pytest.mark.parametrize(
    ("second", "code"), [("12:03:05", "implausible_travel"), ("12:03:15", None)]
)
def test_two_sightings_farther_apart_than_a_vehicle_drives(second, code):
    rules = compiled(cameras=CAMERAS, restrictions=[EVERYWHERE])
    assert held(rules, hit("C-1", "12:00:00"), hit("C-2", second)) == [code, code]


def test_the_network_says_more_than_the_straight_line():
    units = np.array([[0, 900], [900, 0]], np.uint16)
    travel = CameraTravel(np.array([0, 1, -1], np.int32), units, 1.0)
    rules = compile_rules(city(cameras=CAMERAS, restrictions=[EVERYWHERE]), {}, travel)
    near = [hit("C-1", "12:00:00"), hit("C-2", "12:14:50")]  # 890 s, two clocks off by a second
    assert held(rules, *near) == ["implausible_travel"] * 2
    assert held(rules, near[0], hit("C-2", "12:15:00")) == [None] * 2
    assert held(rules, near[0], hit("C-3", "12:01:00")) == [None] * 2  # it stands on no street


def test_what_the_plate_did_within_a_day_is_held_too_and_nothing_else():
    rules = compiled(cameras=CAMERAS, restrictions=[EVERYWHERE])
    pair = [hit("C-1", "12:00:00"), hit("C-2", "12:01:00")]
    day = 24 * 3600 * 1_000_000
    first, last = us(f"{TUESDAY} 12:00:00"), us(f"{TUESDAY} 12:01:00")
    for at, code in (
        (first - day - 1, None),
        (first - day, "implausible_travel"),
        (last + day, "implausible_travel"),
        (last + day + 1, None),
    ):
        codes = held(rules, *pair, hit("C-1", "") | {"at": at})
        assert codes.pop(0 if at < first else 2) == code
        assert codes == ["implausible_travel"] * 2
    another = hit("C-3", "12:30:00", plate="赣C99999")
    assert [None] in settled(rules, batch(rules, *pair, another)).values()


def test_the_plate_class_of_a_clone_does_not_matter():
    rules = compiled(cameras=CAMERAS, restrictions=[EVERYWHERE])
    pair = [hit("C-1", "12:00:00"), hit("C-2", "12:01:00")]
    assert held(rules, *pair, hit("C-3", "15:00", plate_class=None)) == ["implausible_travel"] * 3


def test_a_sighting_that_is_no_violation_proves_a_clone_as_well():
    rules = compiled(cameras=CAMERAS, restrictions=[restriction("Z-1", cameras=("C-1",))])
    assert held(rules, hit("C-1", "12:00:00"), hit("C-2", "12:01:00")) == ["implausible_travel"]


# Cameras


def platoon(count: int, at: str, camera_id: str, minutes: int) -> list[dict[str, Any]]:
    """Return lorries that pass a camera some minutes after a time, ten seconds one after another."""
    start = us(f"{TUESDAY} {at}") + minutes * 60_000_000
    return [
        {"camera": camera_id, "at": start + n * 10_000_000, "plate": f"赣C{10000 + 1111 * n}"}
        for n in range(count)
    ]


def test_a_camera_whose_clock_is_off_is_not_believed_and_its_neighbours_are():
    cameras = [camera("C-1"), camera("C-2", 114.44), camera("C-3", 114.49), camera("C-4", 114.54)]
    rules = compiled(
        cameras=cameras,
        restrictions=[restriction("Z-1", cameras=("C-1", "C-2", "C-3", "C-4"))],
    )
    # From C-1 to C-4 in half an hour, but the clock of C-2 is 11 minutes behind.
    hits = [
        *platoon(8, "10:00", "C-1", 0),
        *platoon(8, "10:00", "C-2", 10 - 11),
        *platoon(8, "10:00", "C-3", 20),
        *platoon(8, "10:00", "C-4", 30),
    ]
    codes = settled(rules, batch(rules, *hits))
    assert len(codes) == 8
    assert all(code == ["camera", None, None, None] for code in codes.values())
    found = settle(rules, [judge(rules, batch(rules, *hits))], no_rank).doubts
    assert found.health.record[found.health.quarantined].tolist() == [1]
    assert found.health.impossible[found.health.quarantined].tolist() == [8]
    assert found.impossible.before.size == 0


def test_an_instant_long_ago_makes_no_table_of_all_days_since():
    rules = compiled(cameras=CAMERAS, restrictions=[EVERYWHERE])
    hits = [hit("C-1", "") | {"at": us("1970-01-03")}, hit("C-2", "") | {"at": us("2099-12-30")}]
    found = settle(rules, [judge(rules, batch(rules, *hits))], no_rank).doubts
    assert found.health.day.tolist() == [1, 47479]
    assert found.health.drives.tolist() == [1, 1]


def test_one_clone_quarantines_no_camera():
    rules = compiled(cameras=CAMERAS, restrictions=[EVERYWHERE])
    hits = [*platoon(9, "10:00", "C-1", 0), *platoon(9, "10:00", "C-2", 9)]
    clone = [hit("C-1", "08:00:00"), hit("C-2", "08:00:30"), hit("C-1", "08:01:00")]
    codes = settled(rules, batch(rules, *hits, *clone))
    assert max(codes.values(), key=len) == ["implausible_travel"] * 3
    assert sum(code == [None, None] for code in codes.values()) == 9


# Clock


@pytest.mark.parametrize(
    ("at", "code"), [("16:00:00.999", "clock"), ("16:00:01.000", None), ("08:59:59.001", "clock")]
)
def test_within_the_error_of_the_clock(at, code):
    rules = compiled(
        restrictions=[restriction("Z-1")], permits=[permit("P-1", grant(schedule="09:00-16:00"))]
    )
    assert held(rules, {"at": f"{TUESDAY} {at}"}) == [code]


def test_a_camera_may_have_a_greater_error():
    cameras = [camera("C-1", clock_error_s=60.0), camera("C-2", 114.40)]
    rules = compiled(
        cameras=cameras,
        restrictions=[restriction("Z-1")],
        permits=[permit("P-1", grant("C-1", "C-2", schedule="09:00-16:00"))],
    )
    at = f"{TUESDAY} 16:00:59"
    assert held(rules, {"at": at}) == ["clock"]
    assert held(rules, {"at": at, "camera": "C-2"}) == [None]


# Look-alikes


def test_an_unknown_plate_like_one_that_is_permitted_there_and_then():
    rules = compiled(
        restrictions=[restriction("Z-1")], permits=[permit("P-1", grant(schedule="09:00-16:00"))]
    )
    assert held(rules, {"plate": "赣C1Z345"}) == ["look_alike"]
    assert held(rules, {"plate": "赣C1Z345", "camera": "C-2"}) == [None]
    assert held(rules, {"plate": "赣C1Z345", "at": f"{TUESDAY} 17:00"}) == [None]
    assert held(rules, {"plate": "赣C17345"}) == ["look_alike"]
    assert held(rules, {"plate": "赣C1Z845"}) == [None]


def test_another_plate_class_of_a_permitted_vehicle():
    rules = compiled(restrictions=[restriction("Z-1")], permits=[permit("P-1")])
    assert held(rules, {"plate_class": 2}) == ["look_alike"]


@pytest.mark.parametrize(
    ("violator", "minutes", "elsewhere", "code"),
    [
        ("赣C1Z345", 30, (), "look_alike"),
        ("赣C1Z345", -30, (), "look_alike"),
        ("赣C1Z345", 31, (), None),  # it was not about
        ("赣C1Z345", 10, ("12:20",), None),  # another camera saw the vehicle itself
        ("赣C1Z345", 10, ("12:31",), "look_alike"),  # too late
        ("赣C19345", 10, (), None),  # one character taken for any other is too far off
        ("赣C77777", 10, (), None),
    ],
)
def test_a_violators_plate_misread_accuses_nobody_else(violator, minutes, elsewhere, code):
    """One camera reads the plate of a registered vehicle, others the violator's that looks alike."""
    own = "赣C12345"
    rules = compiled(
        cameras=CAMERAS,
        restrictions=[EVERYWHERE],
        vehicles=[registered("heavy_truck", plate=plate) for plate in (own, violator)],
    )
    at = us(f"{TUESDAY} 12:00")
    hits = [
        {"camera": "C-1", "plate": own, "at": at},
        {"camera": "C-3", "plate": violator, "at": at + minutes * 60_000_000},
        {"camera": "C-1", "plate": violator, "at": at + (minutes + 2) * 60_000_000},
        *({"camera": "C-3", "plate": own, "at": f"{TUESDAY} {time}"} for time in elsewhere),
    ]
    codes = settled(rules, batch(rules, *hits))
    of_own = batch(rules, {"plate": own}).plate_key[0]
    assert codes.pop(int(of_own))[0] == code
    assert list(codes.values()) == [[None, None]]


def test_a_known_vehicle_that_was_seen_elsewhere_is_itself():
    rules = compiled(
        restrictions=[restriction("Z-1", cameras=("C-1",))],
        permits=[permit("P-1")],
        vehicles=[registered("heavy_truck", plate="赣C1Z345")],
    )
    alone = {"plate": "赣C1Z345"}
    assert held(rules, alone) == ["look_alike"]
    seen = {"plate": "赣C1Z345", "camera": "C-3", "at": f"{TUESDAY} 12:30"}
    assert held(rules, alone, seen) == [None]
    assert held(rules, alone, seen | {"at": f"{TUESDAY} 12:30:00.000001"}) == ["look_alike"]
    assert held(rules, alone, seen | {"camera": "C-1"}) == ["look_alike"] * 2


# Detours


def closed_rules(more: int = 0, **judgement: Any) -> Rules:
    """Return rules of a route by C-1 and so many cameras more, and a way round by C-2; not by C-3."""
    cameras = [camera(f"C-{i}") for i in (*range(1, 5), *range(40, 40 + more))]
    definition = city(
        judgement=Judgement(grace_minutes=0, **judgement),
        cameras=cameras,
        restrictions=[restriction("Z-1", cameras=("C-1", "C-2", "C-3", "C-4"))],
        routes=[named_route("R-1")],
        permits=[permit("P-1", grant(route_id="R-1", schedule="08:00-18:00"))],
    )
    works = ClosedRoute(
        "K-1", "R-1", us(f"{TUESDAY} 10:00"), us(f"{TUESDAY} 12:00"), cameras=(1, 3)
    )
    on_route = [0, *range(4, 4 + more)]
    return compile_rules(definition, {"R-1": on_route}, closed_routes=[works])


@pytest.mark.parametrize(
    ("at", "code"),
    [("09:59:59", None), ("10:00", "detour"), ("12:29:59.999999", "detour"), ("12:30", None)],
)
def test_on_a_way_round_while_the_route_is_closed(at, code):
    assert held(closed_rules(), {"camera": "C-2", "at": f"{TUESDAY} {at}"}) == [code]


def test_who_goes_round_a_closure_is_on_the_route_before_it_or_after():
    """C-1 is on the route, C-2 and C-4 on ways round it, C-3 on neither."""
    rules, here = closed_rules(), {"camera": "C-2", "at": f"{TUESDAY} 11:00"}
    elsewhere = {"camera": "C-3", "at": f"{TUESDAY} 11:15"}
    assert held(rules, here, elsewhere) == [None, None]
    on_route = {"camera": "C-1", "at": f"{TUESDAY} 11:30"}
    assert held(rules, here, elsewhere, on_route) == ["detour", None]
    # A short route may be left altogether, by way of C-4, a long one not.
    round_it = elsewhere | {"camera": "C-4"}
    assert held(rules, here, round_it) == ["detour", "detour"]
    assert held(closed_rules(6), here, round_it) == ["detour", "detour"]
    assert held(closed_rules(7), here, round_it) == [None, None]
    # Half an hour either way, and what happened beyond says nothing.
    late = {"at": f"{TUESDAY} 11:30:00.000001"}
    assert held(rules, here, elsewhere, on_route | late) == [None, None]
    assert held(rules, here, elsewhere | late) == ["detour", None]


def test_a_detour_excuses_no_other_camera_hour_or_vehicle():
    rules = closed_rules()
    assert held(rules, {"camera": "C-3", "at": f"{TUESDAY} 11:00"}) == [None]
    assert held(rules, {"camera": "C-2", "at": f"{TUESDAY} 11:00", "plate": OTHER}) == [None]
    none_after = closed_rules(detour_minutes=0)
    assert held(none_after, {"camera": "C-2", "at": f"{TUESDAY} 12:00"}) == [None]


def test_a_city_folder_with_a_closure_knows_its_ways_round(tmp_path):
    folder = write_city(
        tmp_path / "city",
        routes=[route("R-1", (0, 1), (3, 1))],
        permits=[permit_line("P-1")],
        closures=[closure("K-1", (1, 1), (2, 1))],
    )
    rules = compile_city(str(folder), quiet).rules
    assert rules.closure_ids == ("K-1",)
    assert rules.detour_route.tolist() == [0]
    assert rules.travel_place.shape == rules.camera_lon.shape


# Calendar


@pytest.mark.parametrize(
    ("at", "schedule", "code"),
    [
        ("2031-03-04 12:00", "Mo-Fr 07:00-20:00", "calendar"),
        ("2031-03-04 12:00", "07:00-20:00", None),
        ("2026-03-03 12:00", "Mo-Fr 07:00-20:00", None),
    ],
)
def test_a_year_whose_holidays_are_not_published(at, schedule, code):
    rules = compiled(holidays="CN", restrictions=[restriction("Z-1", schedule=schedule)])
    assert held(rules, {"at": at}) == [code]


# Any cut


HITS = st.lists(
    st.tuples(
        st.sampled_from(("C-1", "C-2", "C-3")),
        st.integers(0, 600),
        st.sampled_from((OTHER, "赣C1Z345", "赣C12345", "赣C54327")),
    ),
    min_size=1,
    max_size=40,
    unique_by=lambda one: one[1],
)


@settings(max_examples=60, deadline=None)
@given(HITS, st.data())
def test_any_cut_of_the_hits_is_one_piece(hits, data):
    rules = compiled(
        cameras=CAMERAS,
        restrictions=[EVERYWHERE],
        permits=[permit("P-1", grant("C-1", schedule="09:00-12:05"))],
    )
    start = us(f"{TUESDAY} 12:00")
    rows = [
        {"camera": name, "at": start + 1_000_000 * second, "plate": plate}
        for name, second, plate in hits
    ]
    whole = settled(rules, batch(rules, *rows))
    mixed = data.draw(st.permutations(rows))
    edges = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4)))
    cuts = zip([0, *edges], [*edges, len(rows)], strict=True)
    assert settled(rules, *(batch(rules, *mixed[a:b]) for a, b in cuts)) == whole


def test_no_hits_are_no_doubts():
    rules = compiled(permits=[permit("P-1", vehicles=(NamedVehicle(OTHER, None),))])
    assert settled(rules) == {}
    assert settled(rules, batch(rules)) == {}
