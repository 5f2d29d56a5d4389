"""Sweeping again takes back what is not suspected any more, and says what was recorded late."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from enforcement.rules.knowledge import late_record
from enforcement.rules.permits import StatusEntry
from tests.enforcement.cities import SETTINGS, camera, good_city, restriction, write_city
from tests.enforcement.cities import permit as permit_line
from tests.enforcement.command import freightpass, refused
from tests.enforcement.days import hit, rows, write_hits
from tests.enforcement.definitions import permit, us

LATE = "2026-03-18T10:00:00+08:00"
BEFORE = ("--as-known-at", "2026-03-18T09:59:59+08:00")


def sweep(tmp_path, hits, *more, out="out", **bent):
    """Sweep hits by the good small city with something bent; return the summary and what is voided."""
    folder = write_city(tmp_path / "city", **(good_city() | bent))
    file = write_hits(tmp_path / "hits.csv", hits)
    arguments = ("sweep", file, "--city", folder, "-o", tmp_path / out, "--json", *more)
    outcome = freightpass(*arguments)
    assert outcome.code == 0, outcome
    return json.loads(outcome.out), rows(tmp_path / out / "voided.parquet")


def one_voided(tmp_path, hits, *more, **bent):
    _, (row,) = sweep(tmp_path, hits, *more, **bent)
    return row


def test_a_permit_recorded_late_voids_what_was_suspected_before(tmp_path):
    late = {"permits": [permit_line("P-1", recorded_at=LATE)]}
    day = [hit("10:00:00", hit_id="a"), hit("17:00:00", hit_id="b")]
    summary, voided = sweep(tmp_path, day, *BEFORE, **late)
    assert summary["reasons"]["no_permit"] == 2
    assert (summary["previous"], voided) == (None, [])
    (suspected, _) = rows(tmp_path / "out" / "violations.parquet")

    summary, (row,) = sweep(tmp_path, day, **late)
    assert summary["reasons"]["outside_hours"] == 1
    same = ("violation_id", "hit_id", "camera_id", "plate", "reason", "rules_hash", "captured_at")
    assert {name: row[name] for name in same} == {name: suspected[name] for name in same}
    assert (row["hit_id"], row["reason"], row["now"]) == ("a", "no_permit", "permitted")
    assert (row["permit_id"], row["late"]) == ("P-1", "permit")
    assert row["recorded_at"] == datetime(2026, 3, 18, 2, tzinfo=UTC)
    assert summary["voided"]["permitted"] == sum(summary["voided"].values()) == 1
    assert summary["voided_by_late_records"] == 1
    assert summary["previous"]["suspected"] == 2
    assert summary["previous"]["not_read_again"] == 0
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "P-1: 许可登记较晚 the permit was recorded late (2026-03-18 10:00)" in page


def test_what_was_voided_once_stays_on_the_list_until_it_is_suspected_again(tmp_path):
    late = {"permits": [permit_line("P-1", recorded_at=LATE)]}
    day = [hit("10:00:00")]
    sweep(tmp_path, day, *BEFORE, **late)
    voided = [sweep(tmp_path, day, **late)[1] for _ in range(3)]
    assert len(voided[0]) == 1
    assert voided[0] == voided[1] == voided[2]
    assert sweep(tmp_path, day, *BEFORE, **late)[1] == []
    assert (
        "voided 已撤销: permitted"
        in freightpass(
            "sweep", tmp_path / "hits.csv", "--city", tmp_path / "city", "-o", tmp_path / "out"
        ).out
    )


def test_a_status_recorded_late_voids_too(tmp_path):
    history = [
        {"status": "active", "from": "2025-12-20T09:00:00+08:00"},
        {"status": "suspended", "from": "2026-03-01T00:00:00+08:00"},
        {"status": "active", "from": "2026-03-10T00:00:00+08:00", "recorded_at": LATE},
    ]
    bent = {"permits": [permit_line("P-1", status=history)]}
    sweep(tmp_path, [hit("10:00:00")], *BEFORE, **bent)
    row = one_voided(tmp_path, [hit("10:00:00")], **bent)
    assert (row["reason"], row["now"], row["permit_id"]) == ("suspended", "permitted", "P-1")
    assert row["late"] == "status"


NOBODY = {"permits": []}
LIFTED = [restriction("X-1", schedule="off")]


@pytest.mark.parametrize(
    ("after", "now"),
    [
        ({}, "permitted"),  # a permit that nobody says was recorded late
        (NOBODY | {"restrictions": LIFTED}, "not_restricted"),
        (NOBODY | {"cameras": [camera("C-001", valid_until="2026-03-16")]}, "unknown_camera"),
        (NOBODY | {"cameras": [camera("C-009")]}, "unknown_camera"),
    ],
)
def test_what_else_a_suspicion_may_have_become(tmp_path, after, now):
    only = {"restrictions": [restriction("X-1")]}
    sweep(tmp_path, [hit("10:00:00")], **(NOBODY | only))
    row = one_voided(tmp_path, [hit("10:00:00")], **(only | after))
    assert (row["now"], row["late"], row["recorded_at"]) == (now, None, None)
    assert row["permit_id"] == ("P-1" if now == "permitted" else None)


def test_duplicates_unreadable_plates_and_held_violations_are_told_apart(tmp_path):
    day = [
        hit("17:00:00", hit_id="first"),
        hit("17:00:20", hit_id="second"),
        hit("17:30:00", hit_id="faint", confidence=0.85),
        hit("16:05:01", hit_id="close"),
    ]
    sweep(tmp_path, day)
    stricter = (
        "[judgement]\nduplicate_seconds = 30\nmin_confidence = 0.9\nclock_error_seconds = 2\n"
    )
    summary, voided = sweep(tmp_path, day, settings=SETTINGS + stricter)
    assert {row["hit_id"]: row["now"] for row in voided} == {
        "second": "duplicate",
        "faint": "unreadable",
        "close": "held",
    }
    assert summary["held"]["clock"] == summary["voided"]["held"] == 1


def test_hits_that_are_not_read_again_are_not_voided(tmp_path):
    sweep(tmp_path, [hit("17:00:00"), hit("17:20:00")])
    summary, voided = sweep(tmp_path, [hit("17:20:00"), hit("2026-03-18T17:00:00+08:00")])
    assert voided == []
    assert summary["previous"] == {
        "folder": str(tmp_path / "out"),
        "suspected": 2,
        "not_read_again": 1,
    }


def test_another_folder_may_hold_the_earlier_sweep(tmp_path):
    sweep(tmp_path, [hit("10:00:00")], out="first", **NOBODY)
    previous = ("--previous", tmp_path / "first")
    assert len(sweep(tmp_path, [hit("10:00:00")], *previous, out="second")[1]) == 1
    assert sweep(tmp_path, [hit("10:00:00")], out="third")[1] == []


def test_earlier_results_that_are_none_are_told(tmp_path):
    city = write_city(tmp_path / "city")
    call = ("sweep", write_hits(tmp_path / "h.csv", [hit("10:00:00")]), "--city", city, "-o")
    missing = refused(*call, tmp_path / "out", "--previous", tmp_path / "nowhere")
    assert missing.endswith("nowhere: there is no violations.parquet of an earlier sweep")
    junk = tmp_path / "junk" / "violations.parquet"
    junk.parent.mkdir()
    junk.write_text("junk")
    assert "violations.parquet: this is not what a sweep wrote" in refused(*call, junk.parent)
    assert junk.read_text() == "junk"


def test_the_later_record_of_permit_and_status_is_named():
    noon = us("2026-03-03 12:00")
    history = (
        StatusEntry("active", us("2026-01-01"), noon + 5),
        StatusEntry("suspended", noon + 1, noon + 99),
    )
    assert late_record(permit("P-1"), noon) is None
    assert late_record(permit("P-1", recorded_at_us=noon), noon) is None
    assert late_record(permit("P-1", recorded_at_us=noon + 1), noon) == ("permit", noon + 1)
    both = permit("P-1", status=history, recorded_at_us=noon + 9)
    assert late_record(both, noon) == ("permit", noon + 9)
    assert late_record(permit("P-1", status=history), noon) == ("status", noon + 5)
