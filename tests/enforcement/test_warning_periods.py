"""Warning periods from a city's files to the results of a sweep."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from enforcement.rules.places import ALWAYS_FROM_US, ALWAYS_UNTIL_US
from tests.enforcement.cities import (
    SETTINGS,
    camera,
    faults_of,
    good_city,
    read,
    restriction,
    warnings_of,
    write_city,
)
from tests.enforcement.command import freightpass
from tests.enforcement.days import hit, rows, write_hits
from tests.enforcement.definitions import us

if TYPE_CHECKING:
    from pathlib import Path

NOBODY = {"permits": [], "restrictions": [restriction("X-1")]}


@pytest.mark.parametrize(
    ("text", "instant_us"),
    [
        ("2026-03-17", us("2026-03-18")),  # a date is inclusive
        ("2026-03-17T12:00:00Z", us("2026-03-17T12:00:00+00:00")),
        ("2026-03-17T12:00:00+08:00", us("2026-03-17T12:00")),
        ("9999-12-31", ALWAYS_UNTIL_US),
        (None, ALWAYS_FROM_US),
        ("", ALWAYS_FROM_US),
    ],
)
def test_cameras_and_restrictions_may_have_one(tmp_path: Path, text, instant_us) -> None:
    folder = write_city(
        tmp_path,
        cameras=[camera("C-001", warning_until=text)],
        restrictions=[restriction("X-1", warning_until=text)],
        permits=[],
    )
    city, warnings = read(folder)
    assert city.cameras[0].warning_until_us == city.restrictions[0].warning_until_us == instant_us
    assert {warning.file for warning in warnings} == {"permits.jsonl"}


@pytest.mark.parametrize("value", ["soon", "2026-13-01", 20260317, ["2026-03-17"], {}, True])
def test_what_is_no_time_is_a_fault(tmp_path: Path, value) -> None:
    folder = write_city(
        tmp_path,
        cameras=[camera("C-001", warning_until=value)],
        restrictions=[restriction("X-1", warning_until=value)],
        permits=[],
    )
    faults = faults_of(folder)
    assert len(faults) == 2
    for fault, place in zip(faults, ("feature 1 (C-001)", "feature 1 (X-1)"), strict=True):
        assert re.search(rf"{re.escape(place)}: warning_until: .*expected", fault), fault


def test_one_that_ends_before_it_begins_is_told(tmp_path: Path) -> None:
    folder = write_city(
        tmp_path,
        cameras=[camera("C-001", valid_from="2026-03-01", warning_until="2026-02-28")],
        restrictions=[restriction("X-1")],
        permits=[],
    )
    (told,) = (text for text in warnings_of(folder) if "warning_until" in text)
    assert told == (
        "cameras.geojson: feature 1 (C-001): warning_until: `2026-02-28` is not after valid_from, "
        "`2026-03-01`: there is no time of warnings"
    )


DAY = [
    hit("10:00:00", hit_id="a"),
    hit("10:10:00", hit_id="b", camera_id="C-002"),
    hit("10:20:00", hit_id="c", camera_id="C-003"),
    hit("15:00:00", hit_id="d", camera_id="C-002"),
]
CAMERAS = [
    camera("C-001", 1, 1),
    camera("C-002", 2, 1, warning_until="2026-03-17"),
    camera("C-003", 2, 2),
]


def swept(folder: Path, out: Path, *files: Path) -> tuple[dict, str]:
    outcome = freightpass("sweep", *files, "--city", folder, "-o", out)
    assert outcome.code == 0, outcome
    return json.loads((out / "summary.json").read_text(encoding="utf-8")), outcome.out


def test_a_sweep_counts_warnings_apart_and_says_them_on_the_case(tmp_path: Path) -> None:
    folder = write_city(tmp_path / "city", **NOBODY, cameras=CAMERAS)
    summary, terminal = swept(folder, tmp_path / "out", write_hits(tmp_path / "h.csv", DAY))
    found = rows(tmp_path / "out" / "violations.parquet")
    assert {row["hit_id"]: row["warning"] for row in found} == {
        "a": False,
        "b": True,
        "c": False,
        "d": True,
    }
    assert summary["warnings"] == 2
    assert summary["reasons"]["no_permit"] == summary["verdicts"]["violation"] == 4
    assert re.search(r"of them warnings only 其中仅作警告 +2 *\n", terminal)
    cases = rows(tmp_path / "out" / "cases.parquet")
    assert [(case["violations"], case["warnings"]) for case in cases] == [(3, 1), (1, 1)]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<b>2</b><span>其中仅作警告</span><span class=en>of them warnings only</span>" in page
    assert page.count("其中仅作警告 of them warnings only: 1") == 2
    assert "仅作警告，待人工核实" in page


def test_any_cut_into_files_and_a_rules_file_give_the_same_bytes(tmp_path: Path) -> None:
    folder = write_city(tmp_path / "city", **NOBODY, cameras=CAMERAS)
    assert freightpass("compile", folder, "-o", tmp_path / "rules").code == 0
    whole = write_hits(tmp_path / "h.csv", DAY)
    parts = [write_hits(tmp_path / f"{number}.csv", [one]) for number, one in enumerate(DAY)]
    swept(folder, tmp_path / "whole", whole)
    swept(tmp_path / "rules", tmp_path / "cut", *reversed(parts))
    for name in ("violations", "cases"):
        whole_bytes, cut_bytes = (
            (tmp_path / out / f"{name}.parquet").read_bytes() for out in ("whole", "cut")
        )
        assert whole_bytes == cut_bytes


def test_what_was_an_accusation_and_is_a_warning_now_is_voided(tmp_path: Path) -> None:
    file = write_hits(tmp_path / "h.csv", DAY[:1])
    old = write_city(tmp_path / "old", **NOBODY)
    new = write_city(
        tmp_path / "new",
        permits=[],
        restrictions=[restriction("X-1", warning_until="2026-03-31")],
    )
    out = tmp_path / "out"
    swept(old, out, file)
    for _ in range(2):  # and stays so
        summary, terminal = swept(new, out, file)
        (row,) = rows(out / "voided.parquet")
        assert (row["hit_id"], row["now"]) == ("a", "warning")
        assert summary["voided"]["warning"] == summary["warnings"] == 1
        assert summary["previous"]["suspected"] == 1
        assert "voided 已撤销: warning" in terminal
    assert "仅作警告 a warning" in (out / "report.html").read_text(encoding="utf-8")
    swept(old, out, file)
    assert rows(out / "voided.parquet") == []


def test_a_warning_that_stays_one_is_not_voided_and_one_that_is_permitted_now_is(tmp_path) -> None:
    file = write_hits(tmp_path / "h.csv", DAY[:1])
    new = {"restrictions": [restriction("X-1", warning_until="2026-03-31")]}
    out = tmp_path / "out"
    for _ in range(2):
        swept(write_city(tmp_path / "city", permits=[], **new), out, file)
        assert rows(out / "voided.parquet") == []
    swept(write_city(tmp_path / "permitted", **(good_city() | new)), out, file)
    assert [row["now"] for row in rows(out / "voided.parquet")] == ["permitted"]


@pytest.mark.parametrize(
    ("at", "held", "warning"),
    [
        ("23:59:59.999999", None, True),
        ("2026-03-18T00:00:00.999999+08:00", "clock", False),
        ("2026-03-18T00:00:01+08:00", None, False),
    ],
)
def test_a_clock_that_may_be_fast_does_not_end_a_warning_period(tmp_path, at, held, warning):
    folder = write_city(
        tmp_path / "city",
        settings=SETTINGS,
        permits=[],
        restrictions=[restriction("X-1", warning_until="2026-03-17")],
    )
    swept(folder, tmp_path / "out", write_hits(tmp_path / "h.csv", [hit(at)]))
    (row,) = rows(tmp_path / "out" / "violations.parquet")
    assert (row["held"], row["warning"]) == (held, warning)


def test_explain_gives_it_as_json_and_in_words(tmp_path: Path) -> None:
    folder = write_city(tmp_path / "city", **NOBODY, cameras=CAMERAS)
    call = ("explain", "--city", folder, "--plate", "赣C12345", "--vehicle-class", "heavy_truck")
    call += ("--camera", "C-002", "--at", "2026-03-17T10:00")
    assert json.loads(freightpass(*call, "--json").out)["warning"] is True
    assert "Only a warning: camera C-002 only warns until Wednesday 2026-03-18" in (
        freightpass(*call, "--language", "en").out
    )


def test_compare_counts_them(tmp_path: Path) -> None:
    file = write_hits(tmp_path / "h.csv", DAY)
    cities = [
        write_city(tmp_path / "a", **NOBODY),
        write_city(tmp_path / "b", **NOBODY, cameras=CAMERAS),
    ]
    call = ("compare", "--city", cities[0], "--against", cities[1], file)
    said = json.loads(freightpass(*call, "--json").out)
    assert [said[side]["warnings"] for side in ("city", "against")] == [0, 2]
    assert re.search(r"warnings +0 +2", freightpass(*call).out)


def test_explain_says_when_the_clock_decides_between_a_warning_and_an_accusation(tmp_path) -> None:
    folder = write_city(
        tmp_path / "city",
        permits=[],
        restrictions=[restriction("X-1", warning_until="2026-03-17")],
    )
    call = ("explain", "--city", folder, "--plate", "赣C12345", "--vehicle-class", "heavy_truck")
    call += ("--camera", "C-001", "--at", "2026-03-18T00:00:00.5", "--json")
    said = json.loads(freightpass(*call).out)
    assert (said["held"], said["warning"]) == ("clock", False)
    (clock,) = (step for step in said["steps"] if step["code"] == "doubt_clock")
    assert [moved["warning"] for moved in clock["data"]["moved"]] == [True, False, False]
    assert (
        "1 s earlier (Tuesday 2026-03-17 23:59:59): Suspected violation, for a warning only"
        in (clock["en"])
    )
