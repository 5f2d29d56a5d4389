"""Every command does what its help says, for people and, with --json, for programs."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from enforcement.cli.instants import instant_option
from enforcement.rules_file import load_rules
from tests.enforcement.cities import corner, feature, good_city, line, point, write_city
from tests.enforcement.command import command_line, freightpass, process
from tests.enforcement.days import hit, rows, write_hits

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = (
    "demo",
    "check",
    "compile",
    "sweep",
    "compare",
    "explain",
    "route",
    "rematch",
    "import-cameras",
    "import-restrictions",
    "serve",
)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_city(tmp_path_factory.mktemp("cli") / "city")


def test_help_lists_every_command_and_each_has_its_own() -> None:
    overview = freightpass("--help")
    assert overview.code == 0
    assert re.findall(r"^  ([a-z][a-z-]*)  ", overview.out, re.MULTILINE) == list(COMMANDS)
    for command in COMMANDS:
        own = freightpass(command, "-h")
        assert own.code == 0
        assert own.out.startswith(f"Usage: freightpass {command} ")
        assert len(own.out.splitlines()) > 4


def test_help_loads_no_heavy_library() -> None:
    program = (
        "import sys\nsys.argv = ['freightpass', '--help']\n"
        "from enforcement.cli.main import main\n"
        "try:\n    main()\nfinally:\n"
        "    print([n for n in ('numpy', 'pyarrow', 'numba', 'fastapi', 'rich') if n in sys.modules])"
    )
    done = subprocess.run([command_line()[0], "-c", program], capture_output=True, check=True)
    assert done.stdout.splitlines()[-1] == b"[]"


def test_the_version() -> None:
    assert re.fullmatch(r"freightpass, version \d+\.\d+\.\d+\n", freightpass("--version").out)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("swep",), "No such command 'swep'"),
        (("sweep",), "Missing argument 'HITS...'"),
        (("sweep", "x"), "Missing option '--city'"),
        (("sweep", "x", "--city", "c"), "Missing option '-o'"),
        (("sweep", "x", "--city", "c", "-o", "o", "--workers", "0"), "0 is not in the range"),
        (("sweep", "x", "--city", "c", "-o", "o", "--workers", "all"), "'all' is not a valid"),
        (("serve", "--city", "c", "--port", "70000"), "70000 is not in the range"),
        (("route", "c", "nowhere.geojson"), "'nowhere.geojson' does not exist"),
        (("explain", "--city", "c"), "Missing option '--plate'"),
    ],
)  # fmt: skip
def test_wrong_usage_is_exit_code_2(arguments: tuple[str, ...], message: str) -> None:
    outcome = freightpass(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("Usage: freightpass ")
    assert message in outcome.err


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--at", "yesterday", "--at: 'yesterday' is no time; write 2026-03-17, "),
        ("--at", "2026-02-30", "--at: '2026-02-30' is no time"),
        ("--at", "9999-12-31T23:59:59-12:00", "is outside the calendar"),
        ("--at", "0001-01-01", "is outside the calendar"),
        ("--plate-class", "lorry", "--plate-class: 'lorry' is no class of GA 24.7"),
        ("--vehicle-class", "tank", "'tank' is not one of 'heavy_truck'"),
        ("--confidence", "2", "2.0 is not in the range"),
    ],
)  # fmt: skip
def test_wrong_values_of_explain(city: Path, option: str, value: str, message: str) -> None:
    arguments = {"--city": city, "--plate": "赣C12345", "--camera": "C-001", "--at": "2026-03-17"}
    flat = [part for pair in (arguments | {option: value}).items() for part in pair]
    outcome = freightpass("explain", *flat)
    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err


def test_a_range_of_time_must_hold_some_time(city: Path, tmp_path: Path) -> None:
    hits = write_hits(tmp_path / "hits.csv", [hit("08:00:00")])
    call = ("sweep", hits, "--city", city, "-o", tmp_path / "out")
    for begin, end in (("2026-03-18", "2026-03-17"), ("2026-03-17", "2026-03-17T00:00:00+08:00")):
        outcome = freightpass(*call, "--from", begin, "--to", end)
        assert outcome.code == 2
        assert f"--from {begin} is not before --to {end}" in outcome.err
    assert "is no time" in freightpass(*call, "--to", "noon").err
    assert not (tmp_path / "out").exists()


def test_times_without_offset_are_the_citys() -> None:
    same = {
        instant_option("--at", text, "Asia/Shanghai")
        for text in (
            "2026-03-17",
            "2026-03-17T00:00",
            "2026-03-16T16:00Z",
            "2026-03-17T01:00+09:00",
        )
    }
    assert same == {1_773_676_800_000_000}
    assert instant_option("--at", "2026-03-17T00:00:00.000001", "UTC") == 1_773_705_600_000_001
    assert instant_option("--at", None, "UTC") is None


def test_check_counts_what_it_read(city: Path) -> None:
    said = json.loads(freightpass("check", city, "--json").out)
    assert said["faults"] == []
    assert [one["code"] for one in said["warnings"]] == ["closure_cuts_route"]
    assert said["counts"]["cameras"] == said["counts"]["cameras_at_intersections"] == 3
    assert said["counts"]["permits"] == 2
    assert [one["linked_to"] for one in said["cameras"]] == ["intersection"] * 3
    assert said["routes"] == [{"route_id": "R-1", "matched": True, "cameras": ["C-001", "C-002"]}]
    plain = freightpass("check", city)
    assert plain.code == 0
    assert f"no faults, 没有错误; rules {said['rules_hash']}" in plain.out
    listed = freightpass("check", city)
    assert all(name in listed.out for name in ("C-001", "C-002", "C-003", "approach ways"))


def test_compile_writes_the_rules_with_their_hash(city: Path, tmp_path: Path) -> None:
    said = json.loads(freightpass("compile", city, "-o", tmp_path / "a", "--json").out)
    rules = load_rules(str(tmp_path / "a"))
    assert said == {"file": str(tmp_path / "a"), "rules_hash": rules.content_hash}
    again = freightpass("compile", city, "-o", tmp_path / "b")
    assert again.out == f"{rules.content_hash}  {tmp_path}/b\n"
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_sweep_cuts_by_the_citys_days(city: Path, tmp_path: Path) -> None:
    day = [hit(f"2026-03-{day}T08:00:00+08:00") for day in (16, 17, 18)]
    hits = write_hits(tmp_path / "hits.csv", day)
    call = ("sweep", hits, "--city", city, "-o", tmp_path / "out")
    said = json.loads(
        freightpass(*call, "--from", "2026-03-17", "--to", "2026-03-18", "--json").out
    )
    assert said["hits"] == 1
    assert said == json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    (row,) = rows(tmp_path / "out" / "violations.parquet")
    assert row["captured_at"].isoformat() == "2026-03-17T00:00:00+00:00"
    plain = freightpass(*call)
    assert re.search(r"violations of the rules 违反规则 +3 *\n", plain.out)
    assert re.search(r"suspected violations 疑似违规 +3 *\n", plain.out)
    assert re.search(r"cases 案件 \(continuous\) +3 *\n", plain.out)
    assert f"report: {tmp_path}/out/report.html" in plain.out


def test_explain_speaks_both_languages(city: Path) -> None:
    call = ("explain", "--city", city, "--plate", "赣c·12345", "--plate-class", "01")
    call += ("--camera", "C-001", "--at", "2026-03-17T08:00")
    both = freightpass(*call).out
    chinese, english = (freightpass(*call, "--language", one).out for one in ("zh", "en"))
    assert both == chinese + english
    assert chinese.startswith("疑似违规")
    assert english.startswith("Suspected violation")
    said = json.loads(freightpass(*call, "--json").out)
    assert (said["verdict"], said["reason"]) == ("violation", "outside_hours")


def test_route_prints_geojson_in_the_system_asked_for(city: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "line.geojson"
    drawn.write_text(json.dumps(feature(line(corner(0, 1), corner(3, 1)))))
    collection = json.loads(freightpass("route", city, drawn).out)
    found = [one["properties"] for one in collection["features"]]
    assert [one["role"] for one in found[:3]] == ["path", "camera", "camera"]
    assert [one["camera_id"] for one in found[1:3]] == ["C-001", "C-002"]
    clicked = json.loads(freightpass("route", city, drawn, "--via").out)
    assert [one["properties"]["role"] for one in clicked["features"][:3]] == [
        "path",
        "camera",
        "camera",
    ]
    # The same numbers taken for GCJ-02 lie 500 m away: another street, or none.
    moved = freightpass("route", city, drawn, "--coordinates", "gcj02")
    assert moved.code == 1 or "Street 1002" not in moved.out


def test_a_reader_that_goes_away_is_no_fault(tmp_path: Path) -> None:
    many = [feature(point(*corner(n % 4, n // 4 % 4)), camera_id=f"C-{n}") for n in range(3000)]
    folder = write_city(tmp_path / "city", cameras=[*good_city()["cameras"], *many])
    for options in (("--json",), ("--brief",)):
        call = subprocess.Popen(
            command_line("check", folder, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert call.stdout is not None
        assert call.stderr is not None
        call.stdout.close()
        with call.stderr:
            assert call.stderr.read() == b""
        assert call.wait() in (0, 1)


def test_the_demo_holds_the_sample_against_its_truth(tmp_path: Path) -> None:
    outcome = process("demo", "-o", "results", "--json", cwd=tmp_path)
    assert (outcome.code, outcome.err) == (0, "")
    said = json.loads(outcome.out)
    assert said["hits"] == sum(said["verdicts"].values()) + said["duplicates"] > 100_000
    assert said["truth"]["really_violations"] > 0.8 * said["truth"]["suspected"] > 0
    assert (tmp_path / "results" / "report.html").stat().st_size < 3_000_000
