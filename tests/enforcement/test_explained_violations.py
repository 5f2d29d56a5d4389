"""Violations explained by the hits of their day and by a sweep's result: what other readings say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from enforcement.explained_violations import Wanted, explain_in_hits, explain_in_result
from tests.enforcement.cities import camera, permit, restriction, route, write_city
from tests.enforcement.command import freightpass, refused
from tests.enforcement.days import hit, rows, swept, write_hits
from tests.enforcement.test_over_speed_swept import DAY as TOO_FAST
from tests.enforcement.test_over_speed_swept import town

if TYPE_CHECKING:
    from pathlib import Path

CLONE = "沪A99999"
OTHER = "沪B88888"
HEAVY = {"vehicle_class": "heavy_truck"}
DAY = [
    # One plate at two ends of the town, 1.7 km apart, and a day's violation of it.
    hit("12:00:00", plate=CLONE, camera_id="C-001", **HEAVY),
    hit("12:00:10", plate=CLONE, camera_id="C-003", **HEAVY),
    hit("18:00:00", plate=CLONE, camera_id="C-002", **HEAVY),
    # One case of two violations, and a duplicate; a reading that is no violation.
    hit("13:00:00", plate=OTHER, camera_id="C-001", hit_id="h-1", **HEAVY),
    hit("13:00:05", plate=OTHER, camera_id="C-001", **HEAVY),
    hit("13:20:00", plate=OTHER, camera_id="C-003", hit_id="h-2", **HEAVY),
    hit("12:00:00"),
]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Give a city, its hits and the results of their sweep."""
    folder = tmp_path_factory.mktemp("explained")
    city = write_city(
        folder / "city",
        cameras=[camera("C-001", 0, 1), camera("C-002", 1, 1), camera("C-003", 3, 3)],
        restrictions=[restriction("X-1", cameras=["C-001", "C-002", "C-003"])],
        routes=[route("R-1", (0, 1), (3, 1))],
        permits=[permit("P-1")],
        closures=[],
    )
    hits = write_hits(folder / "hits.ndjson", DAY)
    outcome = freightpass("sweep", hits, "--city", city, "-o", folder / "out")
    assert outcome.code == 0, outcome
    return city, hits, folder / "out"


def explained(city: Path, *options: object) -> dict[str, Any]:
    outcome = freightpass("explain", "--city", city, *options, "--json")
    assert outcome.code == 0, outcome
    said: dict[str, Any] = json.loads(outcome.out)
    return said


def at(plate: str, camera_id: str, clock: str) -> tuple[str, ...]:
    return ("--plate", plate, "--camera", camera_id, "--at", f"2026-03-17T{clock}")


def step(said: dict[str, Any], code: str) -> dict[str, Any]:
    (found,) = (one for one in said["steps"] if one["code"] == code)
    return found


def test_two_sightings_are_told_with_the_time_that_was_lacking(places):
    city, hits, _ = places
    said = explained(city, *at(CLONE, "C-002", "18:00"), "--hits", hits)
    assert (said["held"], said["asked"], said["needs_hits"]) == ("implausible_travel", "hits", [])
    travel = step(said, "doubt_implausible_travel")
    drive = travel["data"]["evidence"]
    least_s = drive.pop("least_seconds")
    assert drive.pop("lacking_seconds") == pytest.approx(least_s - 10.0 - 2.0, abs=0.11)
    assert drive == {
        "from_camera_id": "C-001",
        "from_at": "2026-03-17T04:00:00Z",
        "to_camera_id": "C-003",
        "to_at": "2026-03-17T04:00:10Z",
        "seconds": 10.0,
        "impossible_drives": 1,
    }
    across_m = 5 * 0.004 * 111_195.0 * 0.9  # five streets, in degrees; a bound from below
    assert least_s > across_m / 50.0
    assert travel["en"].startswith(
        "The plate was seen by C-001 (Tuesday 2026-03-17 12:00) and 10 s later by C-003, a drive of at "
        f"least {least_s:g} s: "
    )
    assert "先见于 C-001（2026-03-17 星期二 12:00），10 秒后见于 C-003" in travel["zh"]
    assert step(said, "doubt_camera")["data"]["state"] == "does_not_hold"


def test_a_result_gives_the_same_codes_as_the_hits(places):
    city, hits, out = places
    found = rows(out / "violations.parquet")
    assert {row["held"] for row in found} == {None, "implausible_travel"}
    for row in found:
        for name in (row["violation_id"], row["hit_id"]):
            by_hits = explained(city, "--violation", name, "--hits", hits)
            by_result = explained(city, "--violation", name, "--result", out)
            assert by_hits["held"] == by_result["held"] == row["held"]
            assert step(by_hits, "doubt_camera") == step(by_result, "doubt_camera")
            assert by_result["asked"] == "result"


def test_nothing_is_said_of_the_reading_that_a_sweep_does_not_keep(tmp_path):
    lorries = {"registered": "沪C77777", "unregistered": OTHER}
    city = write_city(
        tmp_path / "city",
        restrictions=[restriction("X-1", cameras=["C-001"])],
        vehicles=[
            {"plate": lorries["registered"], "plate_class": "01", "vehicle_class": "heavy_truck"}
        ],
    )
    day = [
        hit("12:00:00", plate=plate, hit_id=name, vehicle_class=seen, confidence=0.9)
        for (name, plate), seen in zip(lorries.items(), ("light_truck", "heavy_truck"), strict=True)
    ]
    hits = write_hits(tmp_path / "hits.ndjson", day)
    assert freightpass("sweep", hits, "--city", city, "-o", tmp_path / "out").code == 0
    told = {
        "registered": "Registered as heavy truck: the registry counts.",
        "unregistered": "Judged as heavy truck; the registry does not say otherwise.",
    }
    for name, words in told.items():
        for where in (("--hits", hits), ("--result", tmp_path / "out")):
            said = explained(city, "--violation", name, *where)
            assert step(said, "vehicle")["en"] == words
            assert step(said, "vehicle")["data"]["seen"] is None
            assert step(said, "reading")["en"] == "The plate is readable."
            assert step(said, "reading")["data"]["confidence"] is None


def test_a_violators_plate_misread_is_told_as_far_as_it_is_known(places, tmp_path):
    """A sweep's result does not say whether the violator held it or the permitted vehicle farther off."""
    city = places[0]
    misread, violator = "赣C12X45", "赣C1ZX45"
    day = [
        hit("12:00:00", plate=misread, camera_id="C-001", hit_id="misread", **HEAVY),
        hit("12:05:00", plate=violator, camera_id="C-002", hit_id="right", **HEAVY),
        hit("12:10:00", plate=violator, camera_id="C-003", **HEAVY),
    ]
    hits = write_hits(tmp_path / "hits.ndjson", day)
    assert freightpass("sweep", hits, "--city", city, "-o", tmp_path / "out").code == 0

    def told(name: str, *where: object) -> str:
        said = explained(city, "--violation", name, *where)
        words: str = step(said, "doubt_look_alike")["en"]
        return words

    by_hits, by_result = ("--hits", hits), ("--result", tmp_path / "out")
    assert told("misread", *by_hits) == (
        "It may be 赣C1ZX45 (2 read for Z), which has suspected violations of its own: other cameras saw "
        "it near in time, and not the plate as read."
    )
    assert told("misread", *by_result) == (
        "It may be 赣C12345 (X read for 3), permitted here then; nobody has the plate as read, no other "
        "camera saw it near in time, and that vehicle was about then, or a suspected one whose plate "
        "looks alike was near."
    )
    assert told("right", *by_hits) == told("right", *by_result)
    assert told("right", *by_hits).endswith(
        "and nothing shows that it is a misread plate of another suspected vehicle."
    )


def test_a_violation_is_told_with_its_case(places):
    city, hits, out = places
    for where in (("--hits", hits), ("--result", out)):
        said = explained(city, "--violation", "h-2", *where)
        case = step(said, "case")
        assert case["data"]["violations"] == 2
        assert case["en"].endswith("from Tuesday 2026-03-17 13:00 to Tuesday 2026-03-17 13:20.")
        assert said["held"] is None
        assert said["needs_hits"] == []


def test_a_duplicate_is_told_with_the_reading_before(places):
    city, hits, _ = places
    said = explained(
        city, *at(OTHER, "C-001", "13:00:05"), "--vehicle-class", "heavy_truck", "--hits", hits
    )
    assert said["held"] is None
    assert said["summary"]["en"] == (
        "A duplicate, which does not count: the camera had read the vehicle on Tuesday 2026-03-17 13:00."
    )
    assert step(said, "duplicate")["data"] == {"earlier_at": "2026-03-17T05:00:00Z"}
    permitted = explained(city, *at("赣C12345", "C-001", "12:00"), "--hits", hits)
    assert (permitted["verdict"], permitted["asked"]) == ("permitted", None)


def test_what_is_not_there_is_told_with_what_comes_nearest(places):
    city, hits, out = places
    for where in (("--hits", hits), ("--result", out)):
        call = ("explain", "--city", city, *where)
        assert "the nearest is --at 2026-03-17T10:00:00.000000Z" in refused(
            *call, *at(CLONE, "C-002", "18:01")
        )
        assert "nor at any other" in refused(*call, *at("沪C77777", "C-002", "18:00"))
        assert "'h-9'" in refused(*call, "--violation", "h-9")
    missing = refused("explain", "--city", city, "--violation", "h-1", "--result", city / "no")
    assert "there is no violations.parquet of a sweep" in missing


def test_a_drive_that_was_too_fast_is_told_by_its_metres_and_seconds(tmp_path):
    city = town(tmp_path / "city")
    hits = write_hits(tmp_path / "hits.ndjson", TOO_FAST)
    swept(city, tmp_path / "out", hits)
    (row,) = rows(tmp_path / "out" / "violations.parquet")
    wanted = Wanted(row["violation_id"], None)
    by_hits = explain_in_hits(city, [str(hits)], wanted, 1).to_dict()
    by_result = explain_in_result(city, str(tmp_path / "out"), wanted).to_dict()
    assert by_hits | {"asked": "result"} == by_result
    assert (by_hits["verdict"], by_hits["reason"], by_hits["held"]) == (
        "violation",
        "over_speed",
        None,
    )
    assert (
        "permit P-1 allows 40 km/h; the vehicle passed C-1 at 10:00:00" in by_hits["summary"]["en"]
    )
    assert step(by_hits, "over_speed")["data"]["drive"]["seconds"] == 60.0
    assert step(by_hits, "case")["data"]["case_id"] == row["case_id"]


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("warning_until", ["2026-03-01", "2026-04-01"])
def test_a_drive_is_told_with_what_its_violation_names(tmp_path, restricted, warning_until):
    city = town(tmp_path / "city", restricted=restricted, warning_until=warning_until)
    hits = write_hits(tmp_path / "hits.ndjson", TOO_FAST)
    swept(city, tmp_path / "out", hits)
    (row,) = rows(tmp_path / "out" / "violations.parquet")
    wanted = Wanted(row["violation_id"], None)
    names = ("reason", "held", "warning", "restriction_id", "permit_id", "route_id")
    for said in (
        explain_in_hits(city, [str(hits)], wanted, 1).to_dict(),
        explain_in_result(city, str(tmp_path / "out"), wanted).to_dict(),
    ):
        assert {name: said[name] for name in names} == {name: row[name] for name in names}


def explained_drive(folder: Path, city: Any, day: list[dict[str, Any]]) -> tuple[Any, Any]:
    """Return what the hits and a sweep's result say of the first drive that was too fast."""
    hits = write_hits(folder / "hits.ndjson", day)
    swept(city, folder / "out", hits)
    row = next(
        row for row in rows(folder / "out" / "violations.parquet") if row["reason"] == "over_speed"
    )
    wanted = Wanted(row["violation_id"], None)
    return (
        explain_in_hits(city, [str(hits)], wanted, 1).to_dict(),
        explain_in_result(city, str(folder / "out"), wanted).to_dict(),
    )


def test_a_drive_that_the_clocks_may_excuse_is_told_with_both_instants(tmp_path):
    city = town(tmp_path / "city", warning_until="2026-03-17T10:00:00+08:00")
    by_hits, by_result = explained_drive(tmp_path, city, TOO_FAST)
    assert by_hits | {"asked": "result"} == by_result
    assert by_hits["held"] == "clock"
    clock = step(by_hits, "doubt_clock")
    assert clock["en"] == (
        "The clocks of cameras C-1 and C-2 may be off by 1 s and 1 s. If the passages were on Tuesday "
        "2026-03-17 09:59:59 and on Tuesday 2026-03-17 10:00:59, it is only warned of."
    )
    assert clock["zh"] == (
        "摄像机 C-1 和 C-2 的时钟可能分别有 1 秒和 1 秒误差。如经过时间为 2026-03-17 星期二 09:59:59 和 "
        "2026-03-17 星期二 10:00:59，则仅作警告。"
    )
    assert [one["seconds"] for one in clock["data"]["moved"]] == [-1.0, -1.0]
    assert by_hits["summary"]["en"].startswith(
        "Held back by a doubt, not suspected while it lasts: "
    )


def test_a_drive_of_a_cloned_plate_is_told_with_its_two_sightings(tmp_path):
    lorry = {"plate": "赣C12345", **HEAVY}
    day = [
        hit(at, camera_id=camera_id, **lorry)
        for at, camera_id in (("10:00:00", "C-1"), ("10:01:00", "C-2"), ("10:01:05", "C-1"))
    ]
    by_hits, by_result = explained_drive(tmp_path, town(tmp_path / "city"), day)
    assert by_hits["held"] == by_result["held"] == "implausible_travel"
    told = step(by_hits, "doubt_implausible_travel")
    assert told["en"].startswith(
        "The plate was seen by C-2 (Tuesday 2026-03-17 10:01) and 5 s later"
    )
    assert told["data"]["passages"][0]["evidence"]["evidence"]["seconds"] == 5.0
    told = step(by_result, "doubt_implausible_travel")
    assert told["en"].startswith("The plate was at two cameras faster than any vehicle drives")


def test_a_result_without_its_evidence_still_tells_what_held(places, tmp_path):
    city, _, out = places
    (tmp_path / "out").mkdir()
    name = "violations.parquet"
    (tmp_path / "out" / name).write_bytes((out / name).read_bytes())
    call = (*at(CLONE, "C-002", "18:00"), "--result", tmp_path / "out")
    said = explained(city, *call)
    assert said["held"] == "implausible_travel"
    assert step(said, "doubt_camera")["data"] == {"state": "does_not_hold", "evidence": None}
    assert step(said, "doubt_implausible_travel")["data"] == {"state": "holds", "evidence": None}


def test_a_result_of_other_rules_says_so(places, tmp_path):
    _, _, out = places
    other = write_city(tmp_path / "city", permits=[], closures=[])
    said = explained(other, "--violation", "h-2", "--result", out)
    told = step(said, "other_rules")
    assert told["data"]["reason"] == "no_permit"
    assert told["data"]["rules_hash"] != said["rules_hash"]
    assert said["asked"] != "result"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--violation", "h-1"), "--violation: say where it was found, by --result or --hits"),
        (("--result", "o", "--hits", "h"), "--result and --hits: give one of them"),
        (("--plate", "x", "--camera", "c"), "Missing option '--at'"),
    ],
)
def test_one_hit_and_one_place_to_look_for_it(options, message):
    outcome = freightpass("explain", "--city", "c", *options)
    assert outcome.code == 2
    assert message in outcome.err
