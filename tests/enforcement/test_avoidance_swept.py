"""Who keeps missing at a camera, from a city folder to the results of a sweep."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from enforcement.cli.summary import print_summary
from enforcement.compiled_city import CompiledCity, compile_city
from enforcement.rules_file import save_rules
from enforcement.rules_source import read_rules_source
from tests.enforcement.cities import camera, permit, restriction, write_city
from tests.enforcement.days import hit, quiet, rows, swept, write_hits

if TYPE_CHECKING:
    from pathlib import Path

WAY = {"C-1": 0, "C-2": 2, "C-3": 4}  # minutes after the drive began
HOURS = range(9, 15)


def passing(hour: int, number: int, plate: str, *cameras: str) -> list[dict[str, Any]]:
    return [
        hit(
            f"{hour:02d}:{10 + WAY[name]:02d}:{number:02d}",
            camera_id=name,
            plate=plate,
            vehicle_class="heavy_truck" if plate.startswith("赣C") else "car",
        )
        for name in cameras
    ]


DAY = [
    one
    for hour in HOURS
    for number in range(10)
    for one in passing(hour, number, f"赣D{number:05d}", *WAY)
] + [one for hour in HOURS for one in passing(hour, 30, "赣C12345", "C-1", "C-3")]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> CompiledCity:
    folder = write_city(
        tmp_path_factory.mktemp("town") / "city",
        cameras=[camera("C-1", 0, 1), camera("C-2", 1, 1), camera("C-3", 2, 1)],
        restrictions=[restriction("X-1", cameras=["C-2"])],
        permits=[permit("P-1", grants=[{"cameras": ["C-1"]}])],
    )
    return compile_city(str(folder), quiet)


@pytest.fixture(scope="module")
def out(city: CompiledCity, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("day")
    swept(city, folder / "out", write_hits(folder / "hits.ndjson", DAY))
    return folder / "out"


def test_it_is_listed_apart_and_no_violation(out: Path) -> None:
    assert rows(out / "avoidance.parquet") == [
        {
            "plate": "赣C12345",
            "plate_class": "01",
            "camera_id": "C-2",
            "from_camera_id": "C-1",
            "to_camera_id": "C-3",
            "passages_unseen": 6,
            "passages_seen": 0,
            "others": 60,
            "others_share": 1.0,
            "first_at": datetime(2026, 3, 17, 1, 10, 30, tzinfo=UTC),
            "last_at": datetime(2026, 3, 17, 6, 14, 30, tzinfo=UTC),
        }
    ]
    assert rows(out / "violations.parquet") == rows(out / "cases.parquet") == []


def test_the_summary_and_the_report_tell_it(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    assert summary["avoidance"] == 1
    print_summary(summary, str(out))
    assert "屡次未被拍到" in capsys.readouterr().out
    report = (out / "report.html").read_text("utf-8")
    assert "屡次未被摄像机拍到的车辆" in report
    assert "<td>C-1 → C-3</td><td>6</td><td>0</td><td>100.0% / 60</td>" in report
    assert "<td>2026-03-17 09:10 – 2026-03-17 14:14</td>" in report
    assert "To look at, not a violation" in report


def test_a_rules_file_and_files_of_hours_say_the_same(
    city: CompiledCity, out: Path, tmp_path: Path
) -> None:
    save_rules(city.rules, str(tmp_path / "rules"))
    for number in range(7):
        write_hits(tmp_path / "hits" / f"{number}.csv", DAY[number::7][::-1])
    source = read_rules_source(str(tmp_path / "rules"))
    swept(source, tmp_path / "out", tmp_path / "hits", workers=2)
    assert rows(tmp_path / "out" / "avoidance.parquet") == rows(out / "avoidance.parquet")


def test_a_day_without_has_no_section(city: CompiledCity, tmp_path: Path) -> None:
    summary = swept(city, tmp_path / "out", write_hits(tmp_path / "hits.csv", DAY[:180]))
    assert summary["avoidance"] == 0
    assert rows(tmp_path / "out" / "avoidance.parquet") == []
    assert "屡次未被" not in (tmp_path / "out" / "report.html").read_text("utf-8")
