"""What is told, and taken back, when hits come late, from bad clocks, or not at all for days."""

from __future__ import annotations

from typing import Any

import pytest

from enforcement.settling.believed_step import STEPS
from enforcement.settling.state import begin
from enforcement.settling.state_bytes import from_bytes, to_bytes
from ingest.plate_keys import PlateKeys
from tests.enforcement.definitions import TUESDAY, batch, camera, compiled, restriction, us
from tests.enforcement.settling.streams import Reader, arrived, finished, taken_in

STEP_US = 6 * 3600 * 1_000_000  # they begin at 02:00, 08:00, 14:00 and 20:00
PLATE = "赣C54321"
RULES = compiled(
    cameras=[camera("C-1"), camera("C-2", 114.49), camera("C-3", 114.41)],
    restrictions=[restriction("Z-1", cameras=("C-1", "C-2", "C-3"))],
)


class Town:
    """A state that takes in hits, (hit_id, camera, time, fields) each, and who reads of them."""

    def __init__(self) -> None:
        self.state, self.reader = begin(RULES), Reader()
        self.findings: Any = None

    def sees(self, *hits: tuple[str, str, Any, dict[str, Any]]) -> dict[str, str]:
        """Take in a batch; return what changed: suspected, cleared, or the code that holds it."""
        keys = PlateKeys(RULES.side_plates)
        rows = [{"camera": name, "at": at, "plate": PLATE, **more} for _, name, at, more in hits]
        came = arrived(RULES, batch(RULES, *rows, keys=keys), [hit[0] for hit in hits], keys)
        before = dict(self.reader.known)
        self.state, self.findings = taken_in(RULES, self.state, came, self.reader)
        known = self.reader.known
        return {
            name[1]: (known[name].held or "suspected") if name in known else "cleared"
            for name in (before | known)
            if before.get(name) != known.get(name)
        }

    @property
    def stands(self) -> dict[str, Any]:
        """What was told of each hit_id that is not cleared."""
        return {hit_id: told for (_, hit_id), told in self.reader.known.items()}


def seen(hit_id: str, camera_id: str, time: str, day: str = TUESDAY, **more: Any):
    return hit_id, camera_id, f"{day} {time}", more


def others(day: str, time: str) -> list[Any]:
    """Return cars at two cameras, of which there is nothing to tell."""
    return [
        seen(f"{name} {day} {time}", name, time, day, vehicle_class="car", plate="赣C99999")
        for name in ("C-1", "C-3")
    ]


@pytest.fixture
def town() -> Town:
    return Town()


def test_what_is_told_once_is_not_told_again(town: Town) -> None:
    assert town.sees(seen("a", "C-1", "12:00:00")) == {"a": "suspected"}
    assert town.sees() == {}
    assert town.sees(seen("a", "C-1", "12:00:00")) == {}
    assert len(town.findings.changes) == 0
    assert town.reader.totals.duplicates == 1


def test_a_late_hit_makes_a_duplicate_of_what_was_told(town: Town) -> None:
    assert town.sees(seen("b", "C-1", "12:00:08")) == {"b": "suspected"}
    assert town.sees(seen("a", "C-1", "12:00:00")) == {"a": "suspected", "b": "cleared"}


def test_a_clone_that_is_seen_later_holds_what_was_suspected_an_hour_ago(town: Town) -> None:
    assert town.sees(seen("a", "C-1", "12:00:00")) == {"a": "suspected"}
    assert town.sees(seen("b", "C-1", "13:00:00")) == {"b": "suspected"}
    assert town.sees(seen("c", "C-2", "13:01:00")) == dict.fromkeys("abc", "implausible_travel")
    assert town.findings.changes.hit_id == ("a", "b", "c")


def test_a_late_twin_with_a_smaller_hit_id_takes_its_place(town: Town) -> None:
    assert town.sees(seen("b", "C-1", "12:00:00")) == {"b": "suspected"}
    car = seen("a", "C-1", "12:00:00", vehicle_class="car")
    assert town.sees(car) == {"b": "cleared"}


def test_a_hit_id_that_was_used_before_keeps_its_first_hit(town: Town) -> None:
    assert town.sees(seen("a", "C-1", "12:00:00")) == {"a": "suspected"}
    town.sees(seen("a", "C-3", "11:00:00"))
    assert town.findings.changes.hit_id == ("a", "a")
    assert town.findings.changes.stands.tolist() == [True, False]
    assert town.stands["a"].camera == "C-3"


def test_hits_of_more_than_a_horizon_ago_are_counted_and_handed_back(town: Town) -> None:
    town.sees(seen("a", "C-1", "12:00:08"), *others(TUESDAY, "12:00:00"))
    assert town.sees(*others("2026-03-05", "14:00:00")) == {}
    late, first = seen("b", "C-1", "13:59:59"), seen("c", "C-1", "14:00:00")
    rejected = seen("d", "C-9", "12:00:00")
    assert town.sees(rejected, first, late) == {"c": "suspected"}
    assert town.findings.too_late.tolist() == [2]
    assert set(town.stands) == {"a", "c"}
    totals = town.reader.totals
    assert (totals.too_late, totals.counts.tolist()) == (1, [0, 0, 1, 4, 0, 2])


def test_plates_of_the_side_table_are_the_same_in_every_batch(town: Town) -> None:
    one, other = "粤B12345學", "АВ123ЕФ"
    town.sees(seen("a", "C-1", "12:00:00", plate=one))
    again = seen("b", "C-1", "12:00:05", plate=other), seen("c", "C-1", "12:00:08", plate=one)
    assert town.sees(*again) == {"b": "suspected"}
    assert {name: told.plate for name, told in town.stands.items()} == {"a": one, "b": other}


def test_days_in_one_batch_end_as_their_hits_one_by_one() -> None:
    later = "2026-03-06"
    hits = [
        seen("a", "C-1", "12:00:00"),
        *others(TUESDAY, "12:00:01"),
        *others(later, "10:00:00"),
        *(seen("b", "C-1", "10:05:00", later), seen("c", "C-2", "10:06:00", later)),
        *(seen("d", "C-1", "15:05:00", later), seen("e", "C-2", "15:06:00", later)),
    ]
    whole, pieces = Town(), Town()
    whole.sees(*hits)
    for hit in hits:
        pieces.sees(hit)
    assert whole.reader.known == pieces.reader.known
    held = {name: told.held for name, told in whole.stands.items()}
    assert held == {"a": None} | dict.fromkeys("bcde", "implausible_travel")


def test_what_a_camera_could_not_read_is_remembered_too(town: Town) -> None:
    def passing(count: int, name: str, hour: int, **more: Any) -> list[Any]:
        return [
            seen(
                f"{name} {hour} {n}",
                name,
                f"{hour}:{n % 60:02}:{n // 60:02}",
                **{"plate": f"赣C{20000 + n}", **more},
            )
            for n in range(count)
        ]

    suspected = town.sees(*passing(30, "C-1", 10))
    assert set(suspected.values()) == {"suspected"}
    town.sees(*passing(200, "C-3", 12, vehicle_class="car"))
    for unread in (passing(15, "C-1", 13, plate=None), passing(15, "C-1", 14, plate=None)):
        town.state = from_bytes(RULES, to_bytes(town.state))
        told = town.sees(*unread)
    assert told == dict.fromkeys(suspected, "camera")


def test_what_is_final_is_evidence_for_two_days_more_and_then_forgotten(town: Town) -> None:
    town.sees(seen("a", "C-1", "12:00:00"), *others(TUESDAY, "12:00:00"))
    town.sees(*others("2026-03-06", "13:59:00"))
    assert town.state.final.counts.sum() == 0
    assert town.sees(*others("2026-03-06", "14:00:00")) == {}
    assert town.state.final.counts.tolist() == [0, 0, 0, 2, 0, 1]
    assert town.sees(seen("a", "C-2", "14:00:00", "2026-03-04")) == {}
    assert town.reader.totals.duplicates == 1
    town.sees(*others("2026-03-08", "13:59:00"))
    assert len(town.state.rows) == 10
    town.sees(*others("2026-03-08", "14:00:00"))
    assert len(town.state.rows) == 9
    assert set(town.stands) == {"a"}


@pytest.mark.parametrize("year", ["2099", "1970"])
def test_one_bad_clock_moves_no_time(town: Town, year: str) -> None:
    town.sees(seen("a", "C-1", "12:00:00"), *others(TUESDAY, "12:00:00"))
    step = town.state.step
    assert step == us(f"{TUESDAY} 12:00:00") // STEP_US
    town.sees(seen("bad", "C-2", "12:00:00", f"{year}-03-03"))
    assert town.state.step == step
    assert town.sees(seen("b", "C-1", "11:00:00")) == {"b": "suspected"}
    town.sees(*others(TUESDAY, "14:00:00"))
    assert town.state.step == step + 1
    assert set(town.stands) == {"a", "b"}
    totals = town.reader.totals
    assert (totals.too_late, totals.too_early) == ((0, 1) if year == "2099" else (1, 0))


def test_a_clock_of_1970_that_is_heard_first_is_judged_by_itself(town: Town) -> None:
    assert town.sees(seen("bad", "C-2", "12:00:00", "1970-01-03")) == {"bad": "suspected"}
    assert town.state.step is None
    assert town.sees(seen("a", "C-1", "12:00:00")) == {"a": "suspected"}
    assert town.sees(*others(TUESDAY, "12:30:00")) == {}
    assert town.state.final.counts.tolist() == [0, 0, 0, 0, 0, 1]
    assert len(town.state.rows) == 3


def test_after_a_week_without_hits_time_moves_on_with_the_second_camera(town: Town) -> None:
    town.sees(seen("a", "C-1", "12:00:00"), *others(TUESDAY, "12:00:00"))
    assert town.sees(seen("b", "C-1", "12:00:00", "2026-03-10")) == {"b": "suspected"}
    assert town.state.step == us(f"{TUESDAY} 12:00:00") // STEP_US
    assert town.sees(*others("2026-03-10", "12:05:00")) == {}
    assert town.state.step == us("2026-03-10 12:00:00") // STEP_US
    assert set(town.stands) == {"a", "b"}


def test_the_end_takes_back_what_is_far_ahead(town: Town) -> None:
    town.sees(seen("a", "C-1", "12:00:00"), *others(TUESDAY, "12:00:00"))
    town.sees(seen("bad", "C-2", "12:00:00", "2099-03-03"))
    assert set(town.stands) == {"a", "bad"}
    finished(RULES, town.state, town.reader)
    assert set(town.stands) == {"a"}
    assert town.reader.totals.too_early == 1


def test_few_of_many_cameras_that_agree_on_next_year_move_no_time() -> None:
    cameras = [camera(f"C-{number:03}", 114.0 + number / 1000) for number in range(200)]
    rules = compiled(cameras=cameras)
    state, reader = begin(rules), Reader()

    def take(names: list[str], day: str) -> None:
        nonlocal state
        keys = PlateKeys(rules.side_plates)
        rows = [{"camera": name, "at": f"{day} 12:00"} for name in names]
        ids = [f"{name} {day}" for name in names]
        came = arrived(rules, batch(rules, *rows, keys=keys), ids, keys)
        state, _ = taken_in(rules, state, came, reader)

    names = [one.camera_id for one in cameras]
    take(names, TUESDAY)
    step = state.step
    take(names[:3], "2027-03-03")
    assert state.step == step
    take(names[3:4], "2027-03-03")
    assert state.step == us("2027-03-03 12:00") // STEP_US


def test_a_horizon_has_whole_steps() -> None:
    begin(RULES, STEPS)
    for horizon_us in (0, STEPS - 1, STEPS + 1):
        with pytest.raises(ValueError, match="a multiple of 8 microseconds"):
            begin(RULES, horizon_us)
