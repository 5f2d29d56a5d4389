"""A sweep writes exactly what the contract says, and its counts add up."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from enforcement.findings import CASES_SCHEMA, REJECTED_SCHEMA, VIOLATIONS_SCHEMA
from enforcement.result_folder import RESULT_FILES
from enforcement.sweep import SweepRequest, sweep
from ingest.errors import HitFileError
from tests.enforcement.days import hit, quiet, rows, swept, toytown, write_hits

if TYPE_CHECKING:
    from pathlib import Path

# 16:00:00 is outside the hours of the permit, yet within its grace until 16:05.
DAY = [
    hit("08:00:00", hit_id="h-01"),  # outside hours, begins a case
    hit("08:00:10", hit_id="h-02"),  # a duplicate: ten seconds later at the same camera
    hit("08:00:21", hit_id="h-03"),  # no duplicate, the same case
    hit("08:30:21", hit_id="h-04", camera_id="C-002"),  # half an hour later: still the same case
    hit("09:00:21.000001", hit_id="h-05", camera_id="C-003"),  # off route in the open hours
    hit("12:00:00", hit_id="h-06"),  # permitted
    hit("12:00:00", hit_id="h-06", camera_id="C-002"),  # its hit_id was seen
    hit("16:04:59", hit_id="h-07"),  # permitted by grace
    hit("22:30:00", hit_id="h-08"),  # nothing restricts
    hit("08:00:00", hit_id="h-09", plate="赣C99999", vehicle_class="heavy_truck"),  # no permit
    hit("08:00:00", hit_id="h-10", plate="赣C99999", vehicle_class="car", plate_class="02"),
    hit("08:00:00", hit_id="h-11", plate="无车牌"),
    hit("08:00:00", hit_id="h-12", camera_id="C-404"),
    hit("08:00:00", hit_id="h-13", camera_id=None),
    hit("2026-03-17T08:00:99+08:00", hit_id="h-14"),
    hit("08:00:00", hit_id="h-15", confidence=0.79),
]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("day")
    swept(toytown(), folder / "out", write_hits(folder / "hits.ndjson", DAY))
    return folder / "out"


def test_the_result_files_and_nothing_else_are_written(out: Path) -> None:
    tables = (
        "avoidance",
        "camera_health",
        "cases",
        "clones",
        "over_speed",
        "rejected",
        "violations",
        "voided",
    )
    names = sorted([*(f"{table}.parquet" for table in tables), "report.html", "summary.json"])
    assert sorted(file.name for file in out.iterdir()) == names == sorted(RESULT_FILES)
    assert [file.name for file in out.parent.iterdir() if file.name.startswith(".")] == []


def test_columns_types_and_their_order_are_those_of_the_contract(out: Path) -> None:
    columns = (
        "violation_id hit_id camera_id plate plate_class vehicle_class captured_at reason held"
    )
    columns += " warning restriction_id permit_id route_id case_id rules_hash"
    instant = pa.timestamp("us", tz="UTC")
    violations = pq.read_schema(out / "violations.parquet")
    assert violations.names == columns.split()
    others = {"captured_at": instant, "warning": pa.bool_()}
    for name in violations.names:
        assert violations.field(name).type == others.get(name, pa.string())
    cases = pq.read_schema(out / "cases.parquet")
    assert cases.names == [
        "case_id",
        "plate",
        "plate_class",
        "first_at",
        "last_at",
        "violations",
        "reasons",
        "policy",
        "warnings",
    ]
    assert [cases.field(name).type for name in ("first_at", "last_at")] == [instant, instant]
    rejected = pq.read_schema(out / "rejected.parquet")
    assert rejected.names == ["hit_id", "camera_id", "plate", "captured_at", "verdict", "detail"]
    assert rejected.field("captured_at").type == instant
    for schema, stated in (
        (violations, VIOLATIONS_SCHEMA),
        (cases, CASES_SCHEMA),
        (rejected, REJECTED_SCHEMA),
    ):
        assert schema.equals(stated)


def test_the_summary_counts_every_row_once(out: Path) -> None:
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["hits"] == len(DAY)
    assert summary["duplicates"] == 2
    assert list(summary["verdicts"]) == (
        ["malformed", "unreadable", "unknown_camera", "not_restricted", "permitted", "violation"]
    )
    assert list(summary["verdicts"].values()) == [2, 2, 1, 2, 2, 5]
    assert sum(summary["verdicts"].values()) == summary["hits"] - summary["duplicates"]
    counted = {name: count for name, count in summary["reasons"].items() if count}
    assert counted == {"outside_hours": 3, "off_route": 1, "no_permit": 1}
    assert summary["held"] == dict.fromkeys(
        ("camera", "clock", "calendar", "implausible_travel", "look_alike", "detour"), 0
    )
    assert (summary["cases"], summary["warnings"], summary["city_warnings"]) == (3, 0, [])
    assert summary["case_policy"] == {
        "name": "continuous",
        "gap_minutes": 30.0,
        "same_restriction": False,
        "same_day": False,
    }
    assert summary["rules_hash"] == toytown().rules.content_hash
    assert summary["seconds"] > 0


def test_violations_name_what_was_compared_and_are_in_order(out: Path) -> None:
    found = rows(out / "violations.parquet")
    assert [row["hit_id"] for row in found] == ["h-01", "h-09", "h-03", "h-04", "h-05"]
    first, none, _, _, last = found
    assert first["captured_at"] == datetime(2026, 3, 17, tzinfo=UTC)
    named = {name: first[name] for name in ("reason", "restriction_id", "permit_id", "route_id")}
    assert named == {
        "reason": "outside_hours",
        "restriction_id": "X-1",
        "permit_id": "P-1",
        "route_id": "R-1",
    }
    assert (first["plate"], first["plate_class"], first["vehicle_class"]) == (
        "赣C12345",
        "01",
        "heavy_truck",
    )
    assert (none["permit_id"], none["route_id"], none["held"]) == (None, None, None)
    assert last["captured_at"].microsecond == 1
    assert len({row["violation_id"] for row in found}) == len(found)
    assert {row["rules_hash"] for row in found} == {toytown().rules.content_hash}


def test_a_case_ends_only_by_a_longer_gap(out: Path) -> None:
    cases = rows(out / "cases.parquet")
    assert [case["violations"] for case in sorted(cases, key=lambda case: case["violations"])] == [
        *(1, 1, 3)
    ]
    (long,) = (case for case in cases if case["violations"] == 3)
    assert long["last_at"] - long["first_at"] == timedelta(minutes=30, seconds=21)
    assert long["reasons"] == ["outside_hours"]
    by_case: dict[str, int] = {}
    for row in rows(out / "violations.parquet"):
        by_case[row["case_id"]] = by_case.get(row["case_id"], 0) + 1
    assert by_case == {case["case_id"]: case["violations"] for case in cases}
    assert cases == sorted(cases, key=lambda case: (case["first_at"], case["case_id"]))


def test_rejected_rows_are_kept_with_their_line(out: Path) -> None:
    kept = {row["hit_id"]: row for row in rows(out / "rejected.parquet")}
    assert {name: row["verdict"] for name, row in kept.items()} == {
        "h-11": "unreadable",
        "h-12": "unknown_camera",
        "h-13": "malformed",
        "h-14": "malformed",
        "h-15": "unreadable",
    }
    assert "hits.ndjson, line 12" in kept["h-11"]["detail"]
    assert kept["h-11"]["plate"] == "无车牌"
    assert kept["h-14"]["captured_at"] is None
    assert "2026-03-17T08:00:99+08:00" in kept["h-14"]["detail"]


def test_a_cut_in_time_is_half_open_and_comes_before_duplicates(tmp_path: Path) -> None:
    hits = write_hits(
        tmp_path / "hits.csv", [hit(f"08:00:{s:02}", hit_id=f"h{s}") for s in range(3)]
    )
    second = int(datetime(2026, 3, 17, 0, 0, 1, tzinfo=UTC).timestamp()) * 1_000_000
    cuts = [(None, None), (second, None), (None, second), (second, second + 1_000_000)]
    counts, first = [], []
    for number, (begin, end) in enumerate(cuts):
        out = tmp_path / str(number)
        summary = swept(toytown(), out, hits, from_us=begin, until_us=end)
        counts.append((summary["hits"], summary["duplicates"]))
        first.append(rows(out / "violations.parquet")[0]["hit_id"])
    assert counts == [(3, 2), (2, 1), (1, 0), (1, 0)]
    assert first == ["h0", "h1", "h0", "h1"]


def test_a_time_that_cannot_be_read_is_never_cut_away(tmp_path: Path) -> None:
    hits = write_hits(tmp_path / "hits.csv", [hit("2026-03-17T25:00:00Z", hit_id="h")])
    summary = swept(toytown(), tmp_path / "out", hits, from_us=0, until_us=1)
    assert summary["verdicts"]["malformed"] == 1


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_no_hits_give_empty_results(tmp_path: Path, suffix: str) -> None:
    hits = write_hits(tmp_path / f"hits.{suffix}", [hit("08:00:00")])
    summary = swept(toytown(), tmp_path / "out", hits, until_us=0)
    assert (summary["hits"], summary["cases"], sum(summary["verdicts"].values())) == (0, 0, 0)
    for name, schema in (
        ("violations", VIOLATIONS_SCHEMA),
        ("cases", CASES_SCHEMA),
        ("rejected", REJECTED_SCHEMA),
    ):
        table = pq.read_table(tmp_path / "out" / f"{name}.parquet")
        assert table.num_rows == 0
        assert table.schema.equals(schema)
    assert "没有疑似违规" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_a_broken_file_among_good_ones_stops_the_sweep_and_changes_nothing(tmp_path: Path) -> None:
    good = write_hits(tmp_path / "a.ndjson", DAY)
    swept(toytown(), tmp_path / "out", good)
    before = {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()}
    bad = write_hits(tmp_path / "b.parquet", DAY)
    bad.write_bytes(bad.read_bytes()[:-20])
    with pytest.raises(HitFileError, match=r"b\.parquet"):
        swept(toytown(), tmp_path / "out", good, bad, workers=2)
    assert {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()} == before


def test_progress_reaches_its_end(tmp_path: Path) -> None:
    told: dict[str, tuple[int, int]] = {}

    def progress(stage: str, done: int, total: int) -> None:
        assert done >= told.get(stage, (0, 0))[0]
        told[stage] = (done, total)

    hits = write_hits(tmp_path / "hits.ndjson", DAY)
    sweep(toytown(), SweepRequest((str(hits),), str(tmp_path / "out")), progress)
    assert {stage: done == total for stage, (done, total) in told.items()} == dict.fromkeys(
        ("judge", "settle", "report"), True
    )
    quiet("judge", 0, 1)
