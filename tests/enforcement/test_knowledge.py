"""A city as it was known: what was recorded later does not count, in the library and on the command line."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from enforcement.index.compiler import compile_rules
from enforcement.rules.knowledge import as_known_at
from enforcement.rules.permits import StatusEntry
from tests.enforcement.cities import permit as permit_line
from tests.enforcement.cities import write_city
from tests.enforcement.command import freightpass
from tests.enforcement.days import hit, rows, write_hits
from tests.enforcement.definitions import camera, city, grant, permit, restriction, see, us

NOON = us("2026-03-03 12:00")
LATER = us("2026-03-04 09:00")


def verdict(definition, known_at_us, **fields):
    return see(compile_rules(as_known_at(definition, known_at_us), {}), **fields)


def test_a_permit_recorded_late_clears_only_who_knows_of_it():
    late = replace(permit("P-1"), recorded_at_us=LATER)
    known = city(restrictions=[restriction("Z-1")], permits=[late])
    assert verdict(known, LATER - 1).reason == "no_permit"
    assert verdict(known, LATER).verdict == "permitted"


def test_a_status_entry_recorded_late_has_not_happened_yet():
    history = (
        StatusEntry("active", us("2026-01-01"), None),
        StatusEntry("suspended", us("2026-03-01"), LATER),
    )
    known = city(restrictions=[restriction("Z-1")], permits=[permit("P-1", status=history)])
    assert verdict(known, LATER - 1).verdict == "permitted"
    assert verdict(known, LATER).reason == "suspended"


def test_a_permit_without_any_known_status_has_never_been_active():
    history = (StatusEntry("active", us("2026-01-01"), LATER),)
    known = city(restrictions=[restriction("Z-1")], permits=[permit("P-1", status=history)])
    assert verdict(known, NOON).reason == "no_permit"


def test_a_camera_and_a_restriction_that_nobody_knows_of():
    known = city(
        cameras=[camera("C-1"), camera("C-2", 114.40, recorded_at_us=LATER), camera("C-3")],
        restrictions=[
            restriction("Z-1", recorded_at_us=LATER),
            restriction("Z-2", cameras=("C-2", "C-3")),
        ],
        permits=[permit("P-1", grant("C-2"))],
    )
    assert verdict(known, NOON, camera="C-1").verdict == "not_restricted"
    assert verdict(known, NOON, camera="C-2").verdict == "unknown_camera"
    assert verdict(known, NOON, camera="C-3").reason == "off_route"
    assert verdict(known, LATER, camera="C-1").reason == "off_route"
    assert verdict(known, LATER, camera="C-2").verdict == "permitted"


def test_what_has_no_record_was_always_known():
    known = city(restrictions=[restriction("Z-1")], permits=[permit("P-1")])
    then = compile_rules(as_known_at(known, 0), {})
    assert then.content_hash == compile_rules(known, {}).content_hash


@pytest.mark.parametrize(
    ("known_at", "suspected"), [("2026-03-04T08:59:59", 1), ("2026-03-04T09:00:00+08:00", 0)]
)
def test_a_sweep_as_known_at(tmp_path, known_at, suspected):
    folder = write_city(
        tmp_path / "city", permits=[permit_line("P-1", recorded_at="2026-03-04T09:00:00+08:00")]
    )
    hits = write_hits(tmp_path / "h.csv", [hit("10:00:00")])
    out = tmp_path / "out"
    arguments = ("sweep", hits, "--city", folder, "-o", out, "--as-known-at", known_at, "--json")
    said = freightpass(*map(str, arguments))
    assert said.code == 0, said.out
    summary = json.loads(said.out)
    assert sum(summary["reasons"].values()) == len(rows(out / "violations.parquet")) == suspected
    assert summary["as_known_at"].startswith("2026-03-04T0")
    assert "as known at" in (out / "report.html").read_text("utf-8")


def test_a_time_that_is_none_is_told(tmp_path):
    said = freightpass(
        "compile", write_city(tmp_path / "c"), "-o", tmp_path / "r", "--as-known-at", "x"
    )
    assert said.code == 2
    assert "--as-known-at: 'x' is no time" in said.err
