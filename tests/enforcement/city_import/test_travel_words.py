"""Directions of travel as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enforcement.city_import.travel_words import Travel, travel_bearing

POINTS = {
    "北": 0,
    "东北": 45,
    "东": 90,
    "东南": 135,
    "南": 180,
    "西南": 225,
    "西": 270,
    "西北": 315,
}
points = st.sampled_from(sorted(POINTS))


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("271.5", 271.5), ("271,5°", 271.5), ("360", 0), (" 90 ", 90), ("９０度", 90),
        ("N", 0), ("nne", 22.5), ("north-east", 45), ("South West", 225), ("westbound", 270),
        ("WB", 270), ("Northbound", 0), ("E to W", 270), ("from north to south", 180), ("N-S", None),
        ("由东向西", 270), ("东向西", 270), ("自南往北方向", 0), ("从西到东行驶", 90), ("东→西", 270),
        ("向西", 270), ("西向", 270), ("往北方向", 0), ("东北", 45), ("北东", 45), ("东进口", 270),
        ("北进口道", 180),
        # Vehicles that turn are read where they come from.
        ("由东向北", 270), ("N to E", 180),
    ],
)  # fmt: skip
def test_words(text: str, degrees: float | None) -> None:
    travel = travel_bearing(text)
    assert travel.degrees == degrees
    assert (travel.fault == "") == (degrees is not None)


@pytest.mark.parametrize("text", ["", " ", "both", "双向", "ALL", "全方向"])
def test_all_directions(text: str) -> None:
    assert travel_bearing(text) == Travel(None)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("361", "expected degrees 0 to 360"),
        ("-1", "expected degrees 0 to 360"),
        ("东西向", "names two directions: expected one of them, or a row for each"),
        ("南北双向", "names two directions: expected one of them, or a row for each"),
        ("towards the river", "expected degrees 0 to 360, a compass word"),
        ("由东向西向南", "expected degrees 0 to 360, a compass word"),
    ],
)
def test_what_is_no_direction(text: str, fault: str) -> None:
    travel = travel_bearing(text)
    assert travel.degrees is None
    assert travel.fault.startswith(fault)


@given(points, points, st.sampled_from(("由{}向{}", "{}往{}", "自{}至{}", "{} 到 {}行驶")))
def test_where_vehicles_come_from_counts(origin: str, goal: str, words: str) -> None:
    assert travel_bearing(words.format(origin, goal)).degrees == (POINTS[origin] + 180) % 360


@given(st.floats(0, 360))
def test_degrees(degrees: float) -> None:
    read = travel_bearing(f"{degrees:.6f}").degrees
    assert read is not None
    assert abs((read - degrees + 180) % 360 - 180) < 1e-5


@given(
    st.one_of(
        st.text(), st.text("东南西北由向行口 NSEWto-bound0°"), st.from_regex(r"\d+[,.]?\d*°?")
    )
)
def test_it_never_raises_and_stays_on_the_circle(text: str) -> None:
    travel = travel_bearing(text)
    assert travel.degrees is None or (0 <= travel.degrees < 360 and not travel.fault)
