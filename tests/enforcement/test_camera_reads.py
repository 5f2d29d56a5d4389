"""What cameras send by the hour, counted as one by one; silent, flooded and badly read days."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from enforcement.analysis.camera_reads import daily_reads, hourly_rows
from tests.enforcement.definitions import camera, compiled

HOUR_US = 3_600_000_000
EVENING = 500_008  # an hour: 16:00 UTC of some day
NAMES = [f"C-{number:02d}" for number in range(21)]
RULES = compiled(cameras=[camera(name) for name in NAMES])
ROWS = st.lists(
    st.tuples(
        st.integers(-1, 4),
        st.one_of(
            st.integers(EVENING, EVENING + 60), st.integers(0, 50), st.integers(0, 1_100_000)
        ).map(lambda hour: hour * HOUR_US + 17),
    ),
    max_size=60,
)


def rows_of(rows) -> tuple[np.ndarray, np.ndarray]:
    camera, at = zip(*rows, strict=True) if rows else ((), ())
    return np.array(camera, np.int32), np.array(at, np.int64)


def hours_of(counts: dict[tuple[int, int], int]):
    """Return rows of (camera, hour) as often as counted."""
    return hourly_rows(
        [rows_of([(camera, hour * HOUR_US)] * count) for (camera, hour), count in counts.items()]
    )


@given(ROWS, st.lists(st.integers(0, 60), max_size=3))
def test_rows_are_counted_however_they_are_cut(rows, cuts):
    expected = Counter((camera, at // HOUR_US) for camera, at in rows if camera >= 0)
    edges = [0, *sorted(cuts), len(rows)]
    for pieces in ([rows], [rows[a:b] for a, b in itertools.pairwise(edges)]):
        found = hourly_rows(map(rows_of, pieces))
        keys = list(zip(found.camera.tolist(), found.hour.tolist(), strict=True))
        assert keys == sorted(expected)
        assert dict(zip(keys, found.rows.tolist(), strict=True)) == expected


def test_a_flooded_hour():
    usual = {(0, EVENING + hour): 60 for hour in range(10)}
    nothing = hours_of({})
    for reads, flooded in ((1_199, False), (1_200, True)):
        days = daily_reads(RULES, hours_of(usual | {(0, EVENING + 3): reads}), nothing)
        assert days.flooded.tolist() == [flooded, False]
    busy = {(0, EVENING + hour): 100 for hour in range(10)} | {(0, EVENING + 3): 1_999}
    assert not daily_reads(RULES, hours_of(busy), nothing).flooded.any()


def test_a_camera_that_cannot_read():
    read = {(camera, EVENING): 100 for camera in range(20)} | {(7, EVENING): 35}
    unread = {(camera, EVENING): 2 for camera in range(20)}
    for count, badly in ((14, False), (15, True)):
        days = daily_reads(RULES, hours_of(read), hours_of(unread | {(7, EVENING): count}))
        assert days.camera[days.badly_read].tolist() == [7] * badly
        assert days.unread[7] == count
    fog = {(camera, EVENING): 80 for camera in range(20)}
    assert not daily_reads(RULES, hours_of(read), hours_of(fog)).badly_read.any()


def test_a_camera_that_sends_nothing_readable_at_all():
    read = {(camera, EVENING): 100 for camera in range(20)}
    days = daily_reads(RULES, hours_of(read), hours_of({(20, EVENING): 60}))
    assert days.camera[days.badly_read].tolist() == [20]
    assert days.read[20] == 0


def test_silent_hours():
    every = {(camera, EVENING + hour): 100 for camera in range(10) for hour in range(12)}
    heard = {
        key: rows for key, rows in every.items() if key not in {(3, EVENING + 2), (3, EVENING + 9)}
    }
    heard |= {(11, EVENING): 1}
    days = daily_reads(RULES, hours_of(heard), hours_of({}))
    silent = dict(
        zip(
            zip(days.camera.tolist(), days.day.tolist(), strict=True),
            days.silent_hours.tolist(),
            strict=True,
        )
    )
    first = EVENING // 24
    assert silent[3, first] == 1
    assert silent[3, first + 1] == 1
    assert sum(silent.values()) == 2


def test_no_hour_is_silent_in_which_a_camera_was_not_in_service_throughout():
    hours = range(EVENING, EVENING + 48)
    comes, goes = EVENING + 20, EVENING + 40  # C-03 is installed, moved in an hour, and retired
    heard = {(number, hour): 200 for number in range(10) for hour in hours}
    for hour in hours:
        if not comes <= hour < goes or hour == comes + 5:
            heard.pop((3, hour))

    def silent(*records: tuple[float, float]) -> dict[int, int]:
        """Return silent hours by day of C-03, in service in spans of hours."""
        mine = [
            camera("C-03", valid_from_us=int(first * HOUR_US), valid_until_us=int(last * HOUR_US))
            for first, last in records
        ]
        others = [camera(name) for name in NAMES if name != "C-03"]
        cameras = sorted([*others, *mine], key=lambda one: (one.camera_id, one.valid_from_us))
        days = daily_reads(compiled(cameras=cameras), hours_of(heard), hours_of({}))
        return {
            day: count
            for number, day, count in zip(
                days.camera.tolist(), days.day.tolist(), days.silent_hours.tolist(), strict=True
            )
            if number == 3 and count
        }

    first = EVENING // 24
    assert silent((0, 1_000_000)) == {first: 8, first + 1: 13, first + 2: 8}
    assert silent((comes, goes)) == {first + 1: 1}
    assert silent((comes - 0.5, goes + 0.5)) == {first + 1: 1}
    assert silent((comes - 1, goes + 2)) == {first + 1: 2, first + 2: 2}
    assert silent((comes, comes + 5.5), (comes + 5.5, goes)) == {}
    assert silent((comes, comes + 5), (comes + 5, goes)) == {first + 1: 1}


def test_the_part_of_a_camera_is_that_of_the_hours_in_which_it_served():
    heard = {(number, EVENING + hour): 100 for number in range(10) for hour in range(100)}
    # C-03 reads 65 in each of the last six hours but one: little of all hours.
    for hour in range(100):
        heard.pop((3, EVENING + hour))
        if hour >= 94 and hour != 97:
            heard[3, EVENING + hour] = 65
    rules = compiled(
        cameras=[
            camera(name, **({"valid_from_us": (EVENING + 94) * HOUR_US} if name == "C-03" else {}))
            for name in NAMES
        ]
    )
    days = daily_reads(rules, hours_of(heard), hours_of({}))
    assert days.camera[days.silent_hours > 0].tolist() == [3]
    days = daily_reads(RULES, hours_of(heard), hours_of({}))
    assert not days.silent_hours.any()
