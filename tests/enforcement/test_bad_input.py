"""Bad input as a new user has it: one clear message, or a counted, kept row; never a traceback."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from enforcement.result_folder import RESULT_FILES
from tests.enforcement.cities import (
    BOW_TIE,
    LAT,
    LON,
    collection,
    feature,
    good_city,
    line,
    permit,
    point,
    restriction,
    route,
    write_city,
)
from tests.enforcement.command import freightpass, process, refused
from tests.enforcement.days import SUFFIXES, hit, rows, write_hits

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_city(tmp_path_factory.mktemp("bad") / "city")


def sweep_refused(city: Path, out: Path, *hits: Path) -> str:
    message = refused("sweep", *hits, "--city", city, "-o", out)
    assert not out.exists()
    return message


def summary_of(city: Path, out: Path, *hits: Path) -> dict[str, Any]:
    outcome = freightpass("sweep", *hits, "--city", city, "-o", out, "--json")
    assert outcome.code == 0, outcome
    return json.loads(outcome.out)


def checked(folder: Path) -> list[str]:
    """Return the lines that `check` prints of a city with faults."""
    outcome = freightpass("check", folder)
    assert outcome.code == 1, outcome
    *faults, count = outcome.out.splitlines()
    assert count.startswith(f"{len(faults)} fault")
    return [fault.removeprefix("fault: ") for fault in faults]


# Hits


def test_a_missing_hit_file(city: Path, tmp_path: Path) -> None:
    message = sweep_refused(city, tmp_path / "out", tmp_path / "nope.csv")
    assert message == f"{tmp_path}/nope.csv: no such file or folder"


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_wrong_columns_name_the_columns(city: Path, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"hits.{suffix}"
    if suffix == "csv":
        file.write_text("plate,time\n赣C12345,08:00\n", encoding="utf-8")
    else:
        pq.write_table(pa.table({"plate": ["赣C12345"], "time": ["08:00"]}), file)
    message = sweep_refused(city, tmp_path / "out", file)
    assert message.startswith(f"{file}: has no column camera_id and no column captured_at")
    assert "it has: plate, time" in message


def test_lines_without_the_fields_are_counted_and_kept(city: Path, tmp_path: Path) -> None:
    file = tmp_path / "hits.ndjson"
    write_hits(file, [hit("08:00:00"), {"plate": "赣C12345"}])
    with file.open("a", encoding="utf-8") as stream:
        stream.write('no json\n\n{"camera_id"\n')
    summary = summary_of(city, tmp_path / "out", file)
    assert (summary["hits"], summary["verdicts"]["malformed"]) == (4, 3)
    kept = rows(tmp_path / "out" / "rejected.parquet")
    assert [row["detail"].split(": ")[0] for row in kept] == [
        f"{file}, line {number}" for number in (2, 3, 5)
    ]


def test_an_empty_parquet_is_a_day_without_hits(city: Path, tmp_path: Path) -> None:
    nothing = pa.array([], pa.string())
    columns = dict.fromkeys(("camera_id", "plate", "captured_at"), nothing)
    pq.write_table(pa.table(columns), tmp_path / "hits.parquet")
    summary = summary_of(city, tmp_path / "out", tmp_path / "hits.parquet")
    assert (summary["hits"], sum(summary["verdicts"].values())) == (0, 0)
    assert {file.name for file in (tmp_path / "out").iterdir()} == set(RESULT_FILES)


@pytest.mark.parametrize("left", [0, 4, 12, 200, -8, -1])
def test_a_truncated_parquet(city: Path, tmp_path: Path, left: int) -> None:
    file = write_hits(tmp_path / "hits.parquet", [hit("08:00:00")] * 50)
    file.write_bytes(file.read_bytes()[:left])
    message = sweep_refused(city, tmp_path / "out", file)
    assert message.startswith(f"{file}: is no Parquet file, or cut off")
    assert "\n" not in message


def test_a_parquet_file_with_garbled_pages(city: Path, tmp_path: Path) -> None:
    day = [hit(f"08:{n // 60:02}:{n % 60:02}", hit_id=f"h{n}") for n in range(3000)]
    file = write_hits(tmp_path / "hits.parquet", day)
    content = bytearray(file.read_bytes())
    content[10:400] = bytes(reversed(content[10:400]))
    file.write_bytes(content)
    assert sweep_refused(city, tmp_path / "out", file).startswith(f"{file}: is broken in rows 1 to")


def test_a_folder_of_mixed_formats_is_read_and_the_rest_named(city: Path, tmp_path: Path) -> None:
    folder = tmp_path / "hits"
    for number, suffix in enumerate(SUFFIXES):
        write_hits(folder / f"{number}.{suffix}", [hit(f"0{7 + number}:00:00")])
    (folder / "readme.txt").write_text("not hits", encoding="utf-8")
    (folder / "_SUCCESS").write_text("", encoding="utf-8")
    outcome = freightpass("sweep", folder, "--city", city, "-o", tmp_path / "out")
    assert outcome.code == 0
    assert f"note: {folder}/readme.txt: passed over" in outcome.err
    assert "_SUCCESS" not in outcome.err
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["hits"] == 3


def test_a_folder_without_hits_and_a_file_that_is_none(city: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    message = sweep_refused(city, tmp_path / "out", tmp_path / "empty")
    assert message.startswith(f"{tmp_path}/empty: no hit files in this folder")
    (tmp_path / "photo").write_bytes(bytes(range(256)))
    assert "is no hit file" in sweep_refused(city, tmp_path / "out", tmp_path / "photo")


def test_an_empty_csv(city: Path, tmp_path: Path) -> None:
    (tmp_path / "hits.csv").write_bytes(b"")
    message = sweep_refused(city, tmp_path / "out", tmp_path / "hits.csv")
    assert message.endswith("is empty: a header with the names of the columns is expected")


def test_a_file_that_may_not_be_read(city: Path, tmp_path: Path) -> None:
    file = write_hits(tmp_path / "hits.csv", [hit("08:00:00")])
    file.chmod(0)
    if os.access(file, os.R_OK):
        pytest.skip("root reads everything")
    assert "Permission denied" in sweep_refused(city, tmp_path / "out", file)


# Cities


def test_a_missing_city_is_one_message_in_every_command(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    hits = write_hits(tmp_path / "hits.csv", [hit("08:00:00")])
    drawn = tmp_path / "line.geojson"
    drawn.write_text(json.dumps(line((LON, LAT), (LON + 0.01, LAT))))
    (fault,) = checked(nowhere)
    assert fault.startswith(f"{nowhere}: no city can be read here: there is no such folder")
    for arguments in (
        ("compile", nowhere, "-o", tmp_path / "rules"),
        ("sweep", hits, "--city", nowhere, "-o", tmp_path / "out"),
        ("route", nowhere, drawn),
        ("serve", "--city", nowhere),
        ("explain", "--city", nowhere, "--plate", "x", "--camera", "c", "--at", "2026-01-01"),
    ):
        assert refused(*arguments) == fault
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "rules").exists()


def test_a_permit_with_an_unknown_route(tmp_path: Path) -> None:
    folder = write_city(tmp_path / "c", permits=[permit("P-1", grants=[{"route": "R-9"}])])
    assert checked(folder) == [
        "permits.jsonl: line 1 (P-1): grants[0].route: found `R-9`, which is no route"
    ]


def test_a_polygon_that_crosses_itself(tmp_path: Path) -> None:
    folder = write_city(tmp_path / "c", restrictions=[restriction("X-1", BOW_TIE)])
    assert checked(folder) == [
        "restrictions.geojson: feature 1 (X-1): geometry: the polygon crosses itself at 1, 1"
    ]


def test_a_schedule_with_a_typo_points_at_the_column(tmp_path: Path) -> None:
    grant = {"route": "R-1", "schedule": "Mo-Fri 09:00-16:00"}
    folder = write_city(tmp_path / "c", permits=[permit("P-1", grants=[grant])])
    (fault,) = checked(folder)
    assert fault.startswith("permits.jsonl: line 1 (P-1): grants[0].schedule: ")
    assert "`Mo-Fri 09:00-16:00`: column 6: found `i`" in fault


def test_every_fault_of_a_city_is_printed_at_once(tmp_path: Path) -> None:
    folder = write_city(
        tmp_path / "c",
        restrictions=[restriction("X-1", BOW_TIE), restriction("X-2", schedule="Moo")],
        permits=[permit("P-1", grants=[{"route": "R-9"}])],
    )
    faults = checked(folder)
    assert len(faults) == 3
    message = refused("compile", folder, "-o", tmp_path / "rules")
    assert message.splitlines() == ["3 faults:", *(f"  {fault}" for fault in faults)]
    said = json.loads(freightpass("check", folder, "--json").out)
    assert [set(fault) for fault in said["faults"]] == [
        {"file", "place", "field", "code", "message"}
    ] * 3


def test_a_camera_in_the_sea_is_a_warning_that_names_it(tmp_path: Path) -> None:
    cameras = [feature(point(116.0, 20.0), camera_id="SEA-1"), *good_city()["cameras"]]
    folder = write_city(tmp_path / "c", cameras=cameras)
    outcome = freightpass("check", folder)
    assert outcome.code == 0
    assert "warning: cameras.geojson: feature 1 (SEA-1): no road within 60 m" in outcome.out
    hits = write_hits(tmp_path / "hits.csv", [hit("08:00:00"), hit("08:00:00", camera_id="SEA-1")])
    summary = summary_of(folder, tmp_path / "out", hits)
    assert (summary["verdicts"]["violation"], summary["verdicts"]["not_restricted"]) == (1, 1)
    assert any("SEA-1" in warning for warning in summary["city_warnings"])


def test_a_city_without_permits(tmp_path: Path) -> None:
    folder = write_city(tmp_path / "c", permits=None)
    outcome = freightpass("check", folder)
    assert outcome.code == 0
    assert "warning: permits.jsonl: there is no such file, so nobody has a permit" in outcome.out
    hits = write_hits(tmp_path / "hits.csv", [hit("08:00:00"), hit("12:00:00")])
    summary = summary_of(folder, tmp_path / "out", hits)
    assert summary["reasons"]["no_permit"] == 2


def test_a_route_in_the_sea(tmp_path: Path) -> None:
    in_the_sea = feature(line((116.0, 20.0), (116.1, 20.0)), route_id="R-1")
    (fault,) = checked(write_city(tmp_path / "c", routes=[in_the_sea]))
    assert fault.startswith("routes.geojson: feature 1 (R-1): geometry: no road within 150 m")
    unused = [feature(line((116.0, 20.0), (116.1, 20.0)), route_id="R-2"), route("R-1")]
    outcome = freightpass("check", write_city(tmp_path / "d", routes=unused))
    assert outcome.code == 0  # no permit relies on it
    assert "warning: routes.geojson: feature 1 (R-2): geometry: no road" in outcome.out


def test_networks_that_are_missing_empty_or_broken(tmp_path: Path) -> None:
    (fault,) = checked(write_city(tmp_path / "a", network_osm=None))
    assert "there is no network, expected one of network.osm.pbf" in fault
    empty = write_city(tmp_path / "b", network_osm='<osm version="0.6"></osm>')
    assert "no road in it that motor vehicles drive on" in refused("check", empty)
    broken = write_city(tmp_path / "d", network_osm='<osm version="0.6"><no')
    assert "network.osm: the file ends too early" in refused("check", broken)
    junk = write_city(tmp_path / "e", network_osm=None, files={"network.osm.pbf": b"\0" * 90})
    assert "network.osm.pbf: " in refused("check", junk)


# Results


def test_a_file_where_the_results_should_go(city: Path, tmp_path: Path) -> None:
    hits = write_hits(tmp_path / "hits.csv", [hit("08:00:00")])
    before = hits.read_bytes()
    message = refused("sweep", hits, "--city", city, "-o", hits)
    assert message == f"{hits}: is a file; results need a folder"
    assert hits.read_bytes() == before


def test_a_place_that_cannot_be_written(city: Path, tmp_path: Path) -> None:
    hits = write_hits(tmp_path / "hits.csv", [hit("08:00:00")])
    for out in ("/proc/results", f"{hits}/out"):
        message = refused("sweep", hits, "--city", city, "-o", out)
        assert message.startswith(f"{out}: cannot write the results: ")
        assert message.endswith("; nothing was changed")
    assert "the rules cannot be written" in refused("compile", city, "-o", tmp_path / "no" / "r")


def test_a_file_size_limit_is_one_message_and_keeps_older_results(
    city: Path, tmp_path: Path
) -> None:
    hits = write_hits(tmp_path / "hits.csv", [hit("08:00:00")])
    summary_of(city, tmp_path / "out", hits)
    before = {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()}

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))  # the report is larger

    outcome = process("sweep", hits, "--city", city, "-o", tmp_path / "out", preexec_fn=limit)
    assert outcome.code == 1
    assert outcome.err.startswith(
        f"error: {tmp_path}/out: cannot write the results: File too large"
    )
    assert outcome.err.count("\n") == 1
    assert {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()} == before
    assert {file.name for file in tmp_path.iterdir()} == {"hits.csv", "out"}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk of 64 KiB."""
    if os.geteuid() != 0:
        pytest.skip("only root mounts a small disk")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this system lets nobody mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.long
@pytest.mark.parametrize("rows_of_a_day", [10, 30_000])
def test_a_full_disk_is_one_message(
    city: Path, tmp_path: Path, small_disk: Path, rows_of_a_day: int
) -> None:
    # Few hits fill it with the report, many with violations or rejected rows.
    (small_disk / "ballast").write_bytes(b"x" * 50_000)
    day = [
        hit(f"{7 + n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}", plate=f"赣C{n % 90000:05}",
            vehicle_class="heavy_truck", hit_id=f"{n * 2654435761 % 2**32:x}")
        for n in range(rows_of_a_day)
    ]  # fmt: skip
    hits = write_hits(tmp_path / "hits.csv", day)
    out = small_disk / "out"
    message = refused("sweep", hits, "--city", city, "-o", out)
    assert message == (
        f"{out}: cannot write the results: No space left on device; nothing was changed"
    )
    assert [file.name for file in small_disk.iterdir()] == ["ballast"]


def test_a_full_disk_behind_the_output_is_one_message(city: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs Linux's /dev/full")
    with Path("/dev/full").open("w") as full:
        outcome = process("check", city, "--json", stdout=full)
    assert outcome.code == 1
    assert outcome.err == "error: cannot write: No space left on device\n"


# Drawn lines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "is no JSON: "),
        ("[1]", "holds 0 LineStrings; expected one drawn line"),
        (json.dumps(point(LON, LAT)), "holds 0 LineStrings; expected one drawn line"),
        ('{"type": "FeatureCollection", "features": 3}', "holds 0 LineStrings"),
        ('{"type": "FeatureCollection", "features": [1, null]}', "holds 0 LineStrings"),
        (
            json.dumps(collection([feature(line((LON, LAT), (LON, LAT + 0.01)))] * 2)),
            "holds 2 LineStrings; expected one drawn line",
        ),
        (json.dumps(line((LON, LAT))), "the line has one distinct point, expected two or more"),
        ('{"type": "LineString", "coordinates": null}', "are no list of [lon, lat] numbers"),
        ('{"type": "LineString", "coordinates": [["a", "b"]]}', "are no list of [lon, lat]"),
        ('{"type": "LineString", "coordinates": [[NaN, 2], [3, 4]]}', "lon nan"),
        (json.dumps(line((LAT, LON), (LAT + 0.01, LON))), "seem to be swapped"),
        (json.dumps(line((116.0, 20.0), (116.1, 20.0))), "no road within 150 m"),
    ],
)  # fmt: skip
def test_a_bad_line_is_told_with_its_file(
    city: Path, tmp_path: Path, text: str, expected: str
) -> None:
    drawn = tmp_path / "line.geojson"
    drawn.write_text(text)
    message = refused("route", city, drawn)
    assert message.startswith(f"{drawn}: ")
    assert expected in message
