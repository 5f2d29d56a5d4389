"""Which way vehicles travel past a device: sightings, ways, words."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadnet.importers.device_bearings import (
    COMPASS,
    Bearing,
    Member,
    along_street,
    bearing_between,
    compass_deg,
    distinct,
    looks_deg,
    way_bearing,
)


def place(x: float, y: float) -> Member:
    return Member(np.array([[x, y]]))


def way(*points: tuple[float, float], oneway: int = 0) -> Member:
    return Member(np.array(points, dtype=np.float64), oneway)


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("N", 0), ("nw", 315), ("SSE", 157.5), ("north", 0), ("south-west", 225), ("North East", 45),
        ("", None), ("X", None), ("NN", None), ("forward", None),
    ],
)  # fmt: skip
def test_compass(text: str, degrees: float | None) -> None:
    assert compass_deg(text) == degrees


@pytest.mark.parametrize(
    ("text", "looks"),
    [
        ("191", [191.0]), ("191°", [191.0]), ("360", [0.0]), ("12,5", [12.5]), ("NE", [45.0]),
        ("90;270", [90.0, 270.0]), ("45-135", [90.0]), ("300-20", [340.0]), ("S; 10", [180.0, 10.0]),
        ("361", None), ("up", None), ("90;up", None), ("", None), ("-5", None),
    ],
)  # fmt: skip
def test_where_a_device_looks(text: str, looks: list[float] | None) -> None:
    assert looks_deg(text) == looks


@pytest.mark.parametrize(
    ("begin", "end", "degrees"),
    [
        (place(0, -100), place(0, 50), 0),
        (place(-100, 0), place(60, 0), 90),
        # Beside the road: from begin to end, not past the device.
        (place(-60, -8), place(60, -8), 90),
        (place(-60, 0), None, 90),
        (None, place(0, -40), 180),
        # A way that ends at the device, drawn either way, counts by its last metres.
        (way((-200, -100), (-50, 0), (0, 0)), None, 90),
        (way((0, 0), (-50, 0), (-200, -100)), None, 90),
        (None, way((0, 0), (0, 70)), 0),
        (None, way((0, 70), (0, 0)), 0),
        (place(-80, 0), way((0, 0), (0, 70)), 90),
        # One that passes it, by its traffic or by where the stretch ends.
        (way((-90, 0), (90, 0), oneway=1), None, 90),
        (way((-90, 0), (90, 0), oneway=-1), None, 270),
        (way((-90, 0), (90, 0)), place(-80, 10), 270),
    ],
)
def test_from_begin_to_end(begin: Member | None, end: Member | None, degrees: float) -> None:
    bearing = bearing_between(begin, end)
    assert bearing.degrees == pytest.approx(degrees)
    assert bearing.doubt == ""


@pytest.mark.parametrize(
    ("begin", "end", "degrees", "doubt"),
    [
        (None, None, None, "nothing is known of it"),
        (place(1, 1), None, None, "the from of its relation lies where the device stands"),
        (None, place(0, 2), None, "the to of its relation lies where the device stands"),
        (None, place(0, 8), 0, "the to of its relation is only 8 m away"),
        (place(50, 3), place(52, 3), None, "from and to of its relation lie in one place"),
        (
            place(-50, 0),
            place(0, 50),
            90,
            "the road seems to bend at the device: taken as vehicles",
        ),
        (way((0, 0), (1, 0)), None, None, "a way of its relation is too short"),
        (way((-90, 0), (90, 0)), None, None, "a way of its relation passes the device and nothing"),
        (way((-90, 0), (90, 0)), place(0, 70), None, "a way of its relation passes the device"),
    ],
)
def test_what_tells_no_direction_is_doubted(
    begin: Member | None, end: Member | None, degrees: float | None, doubt: str
) -> None:
    bearing = bearing_between(begin, end)
    assert bearing.degrees == (None if degrees is None else pytest.approx(degrees))
    assert bearing.doubt.startswith(doubt)


def test_a_bearing_becomes_that_of_its_street() -> None:
    assert along_street(Bearing(80.0), [270.0]) == Bearing(90.0)
    assert along_street(Bearing(80.0, "far"), [0.0, 100.0]) == Bearing(100.0, "far")
    assert along_street(Bearing(80.0), []) == Bearing(80.0)
    assert along_street(Bearing(80.0), [0.0]) == Bearing(80.0)  # the device reads no such street
    assert along_street(Bearing(None, "why"), [0.0]) == Bearing(None, "why")
    bend = bearing_between(place(-50, 0), place(0, 50))
    assert along_street(bend, [150.0]) == Bearing(150.0)
    assert along_street(bend, [0.0]) == bend


degrees = st.floats(0, 359)
metres = st.floats(30, 500)


@given(degrees, metres, metres, st.floats(-10, 10))
def test_a_device_beside_a_straight_road(
    heading: float, before: float, behind: float, beside: float
) -> None:
    turn = math.radians(heading)
    along, across = (
        np.array([math.sin(turn), math.cos(turn)]),
        np.array([math.cos(turn), -math.sin(turn)]),
    )
    begin, end = beside * across - before * along, beside * across + behind * along
    for first, last in (
        (place(*begin), place(*end)),
        (way(begin, end, oneway=1), None),
        (way(end, begin, oneway=-1), None),
        (way(begin, end), place(*end)),
    ):
        found = bearing_between(first, last)
        assert found.degrees is not None
        assert abs((found.degrees - heading + 180) % 360 - 180) < 1e-6
    assert abs((way_bearing(np.array([begin, end])) - heading + 180) % 360 - 180) < 1e-6


@given(st.lists(degrees, max_size=8))
def test_distinct_bearings_cover_all_and_lie_apart(bearings: list[float]) -> None:
    kept = distinct(bearings)

    def apart(a: float, b: float) -> float:
        return abs((a - b + 180) % 360 - 180)

    assert all(any(apart(one, other) < 45 + 1e-9 for other in kept) for one in bearings)
    assert all(apart(a, b) >= 45 - 1e-9 for n, a in enumerate(kept) for b in kept[:n])
    # So each has a compass point of its own, which names it.
    points = {COMPASS[round(one / 22.5) % 16] for one in kept}
    assert len(points) == len(kept)


@given(st.one_of(st.text(max_size=12), st.text("0123456789-;°. NSEW", max_size=12)))
def test_any_direction_text_is_read_or_refused(text: str) -> None:
    assert all(0 <= look < 360 for look in looks_deg(text) or [])
