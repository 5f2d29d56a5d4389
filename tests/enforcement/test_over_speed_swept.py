"""Violations by speed from a city folder to the results of a sweep."""

from __future__ import annotations

import json
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

# From corner to corner 1,180 m along one street, less what both cameras may read ahead of them.
DAY = [
    hit(at, camera_id=camera_id, plate=plate, vehicle_class="heavy_truck")
    for at, camera_id, plate in (
        ("10:00:00", "C-1", "赣C12345"),
        ("10:01:00", "C-2", "赣C12345"),  # at 62 km/h or more
        ("10:03:30", "C-1", "赣C12345"),  # at 28 km/h or more
        ("11:00:00", "C-1", "赣C54321"),
        ("11:01:00", "C-2", "赣C54321"),
    )
]


def town(
    folder: Path, kmh: float | None = 40, *, restricted: bool = True, **first: Any
) -> CompiledCity:
    """Compile a city of one street; `first` are properties of its first camera."""
    limited = permit(
        "P-1", binding="confines", grants=[{"cameras": ["C-1", "C-2"]}], max_speed_kmh=kmh
    )
    free = permit(
        "P-2",
        vehicles=[{"plate": "赣C54321", "plate_class": "01"}],
        grants=[{"cameras": ["C-1", "C-2"]}],
    )
    cameras = [camera("C-1", 0, 1, **first), camera("C-2", 3, 1), camera("C-3", 1, 2)]
    return compile_city(
        str(
            write_city(
                folder,
                cameras=cameras,
                restrictions=[restriction("X-1", cameras=["C-1", "C-2"])] if restricted else [],
                permits=[limited, free],
            )
        ),
        quiet,
    )


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> CompiledCity:
    return town(tmp_path_factory.mktemp("town") / "city")


@pytest.fixture(scope="module")
def out(city: CompiledCity, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("day")
    swept(city, folder / "out", write_hits(folder / "hits.ndjson", DAY))
    return folder / "out"


def test_the_rules_keep_the_metres_of_the_streets(city: CompiledCity) -> None:
    assert city.rules.section_place.tolist() == [0, 1, -1]
    there, back = city.rules.section_metres[0, 1], city.rules.section_metres[1, 0]
    assert there == back
    assert 1100 < there < 1180


def test_the_second_hit_is_a_violation_with_its_drive(city: CompiledCity, out: Path) -> None:
    (violation,) = rows(out / "violations.parquet")
    named = ("camera_id", "reason", "held", "restriction_id", "permit_id", "route_id")
    assert [violation[name] for name in named] == ["C-2", "over_speed", None, None, "P-1", None]
    (case,) = rows(out / "cases.parquet")
    assert (case["case_id"], case["reasons"]) == (violation["case_id"], ["over_speed"])
    (drive,) = rows(out / "over_speed.parquet")
    metres = int(city.rules.section_metres[0, 1])
    assert drive["violation_id"] == violation["violation_id"]
    assert (drive["from_camera_id"], drive["to_camera_id"]) == ("C-1", "C-2")
    assert (drive["to_at"] - drive["from_at"]).total_seconds() == drive["seconds"] == 60.0
    assert (drive["max_speed_kmh"], drive["metres"]) == (40.0, metres)
    assert drive["clock_error_seconds"] == 2.0
    assert drive["least_kmh"] == round(metres * 3.6 / 62 / 1.03, 2)


def test_the_summary_and_the_report_tell_it(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    assert summary["reasons"]["over_speed"] == 1
    assert (summary["verdicts"]["violation"], summary["verdicts"]["permitted"]) == (1, 4)
    print_summary(summary, str(out))
    assert "over speed 超速" in capsys.readouterr().out
    report = (out / "report.html").read_text("utf-8")
    assert "超速 over speed" in report
    assert "通行证 P-1 限速 40 km/h；10:00:00 经过 C-1，60.0 s后到达 C-2" in report
    assert "permit P-1 allows 40 km/h; the vehicle passed C-1 at 10:00:00 and C-2" in report


def test_a_limit_that_is_raised_voids_it(out: Path, tmp_path: Path) -> None:
    hits = write_hits(tmp_path / "hits.ndjson", DAY)
    raised = town(tmp_path / "city", 80)
    summary = swept(raised, tmp_path / "out", hits, previous=str(out))
    assert summary["voided"]["permitted"] == 1
    assert rows(tmp_path / "out" / "over_speed.parquet") == []


def test_a_rules_file_and_files_of_hours_say_the_same(
    city: CompiledCity, out: Path, tmp_path: Path
) -> None:
    save_rules(city.rules, str(tmp_path / "rules"))
    for number, one in enumerate(reversed(DAY)):
        write_hits(tmp_path / "hits" / f"{number}.csv", [one])
    source = read_rules_source(str(tmp_path / "rules"))
    swept(source, tmp_path / "out", tmp_path / "hits", workers=2)
    for name in ("violations.parquet", "over_speed.parquet"):
        assert rows(tmp_path / "out" / name) == rows(out / name)
