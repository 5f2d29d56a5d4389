"""A rules file stands where a city's folder does: the same verdicts, years later."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest

from enforcement.rules_source import StoredRules, read_rules_source
from tests.enforcement.cities import SETTINGS, restriction, write_city
from tests.enforcement.command import freightpass, refused
from tests.enforcement.days import hit, write_hits
from tests.enforcement.test_report import assert_self_contained

DAY = [
    hit("08:00:00"),
    hit("12:00:00", camera_id="C-002"),
    hit("13:00:00", camera_id="C-003", plate="赣C9999<"),
    hit("14:00:00", camera_id="C-003", plate="赣C99999", vehicle_class="heavy_truck"),
]


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Give the folder of a city with a hostile name and its own case policy, and its rules file."""
    folder = tmp_path_factory.mktemp("source")
    policy = (
        '[judgement]\ncase_policy = {name = "<b>ours", same_restriction = true, same_day = true}'
    )
    city = write_city(
        folder / "city",
        settings=SETTINGS + policy,
        restrictions=[restriction("X-1", name="<b>Old")],
    )
    outcome = freightpass("compile", city, "-o", folder / "rules")
    assert outcome.code == 0, outcome
    return city, folder / "rules"


def test_a_sweep_by_the_rules_file_is_the_citys_sweep(both, tmp_path):
    hits = write_hits(tmp_path / "h.csv", DAY)
    summaries = []
    for source in both:
        out = tmp_path / source.name
        outcome = freightpass("sweep", hits, "--city", source, "-o", out, "--json")
        assert outcome.code == 0, outcome
        summaries.append(json.loads(outcome.out))
    city, rules = summaries
    for name in ("city", "rules_hash", "verdicts", "reasons", "held", "cases", "case_policy"):
        assert city[name] == rules[name]
    tables = (
        "violations",
        "cases",
        "rejected",
        "camera_health",
        "clones",
        "over_speed",
        "avoidance",
        "voided",
    )
    for name in tables:
        of_city, of_rules = (tmp_path / one.name / f"{name}.parquet" for one in both)
        assert of_city.read_bytes() == of_rules.read_bytes(), name
    page = (tmp_path / "rules" / "report.html").read_text("utf-8")
    assert_self_contained(page)
    assert "C-003: 1" in page
    assert "&lt;b&gt;ours: suspected violations of one vehicle, of one restriction, of one" in page
    cases = pq.read_table(tmp_path / "rules" / "cases.parquet")
    assert set(cases["policy"].to_pylist()) == {"<b>ours"}
    assert 'id="road-' not in page


def test_an_explanation_by_the_rules_file_is_the_citys(both):
    call = ("--plate", "赣C12345", "--plate-class", "01", "--camera", "C-001")
    call += ("--at", "2026-03-17T16:07", "--json")
    of_city, of_rules = (freightpass("explain", "--city", source, *call) for source in both)
    assert of_city == of_rules
    assert json.loads(of_rules.out)["reason"] == "outside_hours"


def test_rules_without_a_camera_are_drawn_too(tmp_path):
    bare = {"cameras": [], "restrictions": [], "permits": [], "routes": []}
    city = write_city(tmp_path / "city", **bare)
    assert freightpass("compile", city, "-o", tmp_path / "rules").code == 0
    hits = write_hits(tmp_path / "h.csv", DAY)
    outcome = freightpass("sweep", hits, "--city", tmp_path / "rules", "-o", tmp_path / "out")
    assert outcome.code == 0, outcome


def test_what_was_recorded_late_cannot_be_told_by_rules_alone(both, tmp_path):
    hits = write_hits(tmp_path / "h.csv", DAY)
    nobody = write_city(tmp_path / "city", permits=[], restrictions=[restriction("X-1")])
    assert freightpass("sweep", hits, "--city", nobody, "-o", tmp_path / "out").code == 0
    outcome = freightpass("sweep", hits, "--city", both[1], "-o", tmp_path / "out", "--json")
    summary = json.loads(outcome.out)
    assert summary["voided"]["permitted"] == 1
    assert summary["voided_by_late_records"] == 0


def test_rules_know_one_time_only(both):
    call = ("--plate", "赣C12345", "--camera", "C-001", "--at", "2026-03-17T16:07")
    message = refused("explain", "--city", both[1], *call, "--as-known-at", "2026-01-01")
    assert "a rules file holds what was known when it was compiled" in message
    assert isinstance(read_rules_source(str(both[1]), known_at=lambda _zone: None), StoredRules)


def test_a_file_that_holds_no_rules_is_told(tmp_path):
    hits = write_hits(tmp_path / "h.csv", DAY)
    message = refused("sweep", hits, "--city", hits, "-o", tmp_path / "out")
    assert message.endswith("this is no rules file; make one with `freightpass compile`")
