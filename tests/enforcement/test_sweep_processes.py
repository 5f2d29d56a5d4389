"""Sweeps as processes: killed, interrupted, two at once; the results are whole or not there."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import signal
import subprocess
import threading
import time
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from enforcement.result_folder import RESULT_FILES
from tests.enforcement.cities import write_city
from tests.enforcement.command import command_line, freightpass
from tests.enforcement.days import hit, rows, write_hits

if TYPE_CHECKING:
    from pathlib import Path

SEED = 7


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a city and a day of hits in several files."""
    folder = tmp_path_factory.mktemp("processes")
    write_city(folder / "city")
    for part in range(8):
        day = [
            hit(f"{8 + n % 3:02}:{n % 60:02}:{part:02}", plate=f"赣C{part}{n:04}", hit_id=f"{part}-{n}",
                vehicle_class="heavy_truck")
            for n in range(250)
        ]  # fmt: skip
        write_hits(folder / "hits" / f"{part}.csv", day)
    return folder


def start(place: Path, out: Path, *options: str) -> subprocess.Popen[bytes]:
    arguments = ("sweep", place / "hits", "--city", place / "city", "-o", out, *options)
    return subprocess.Popen(
        command_line(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def whole(out: Path) -> bool:
    """Tell whether results are all there and belong together; half of them fail."""
    if not out.exists():
        return False
    assert {file.name for file in out.iterdir()} == set(RESULT_FILES)
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    violations = pq.read_table(out / "violations.parquet")
    assert violations.num_rows == summary["verdicts"]["violation"] > 1000
    assert pq.read_metadata(out / "cases.parquet").num_rows == summary["cases"]
    assert (out / "report.html").read_text(encoding="utf-8").endswith("</html>\n")
    return True


def appears(folder: Path, pattern: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until a file is there, or the process has ended."""
    while not any(folder.glob(pattern)):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.001)
            return


def test_a_sweep_killed_at_any_moment_leaves_results_whole_or_none(
    place: Path, tmp_path: Path
) -> None:
    draw = random.Random(SEED)
    # Kills fall after the folder of unfinished results appears, until the whole lies in place.
    began = time.monotonic()
    process = start(place, tmp_path / "measured")
    appears(tmp_path, ".measured.*", process)
    seen = time.monotonic()
    process.communicate()
    ends = time.monotonic() - seen
    assert process.returncode == 0
    assert seen > began
    assert whole(tmp_path / "measured")
    out = tmp_path / "out"
    outcomes = []
    for moment in (0.0, 0.5, draw.uniform(0.5, 1.0)):
        process = start(place, out)
        appears(tmp_path, ".out.*", process)
        alarm = threading.Timer(moment * ends, process.kill)
        alarm.start()
        process.communicate()
        alarm.cancel()
        outcomes.append(process.returncode)
        assert process.returncode in (0, -signal.SIGKILL)
        if process.returncode == 0:
            assert whole(out)
        else:
            whole(out)
    assert -signal.SIGKILL in outcomes
    process = start(place, out)
    process.communicate()
    assert whole(out)
    assert {file.name for file in tmp_path.iterdir()} == {"out", "measured"}  # cleaned up


def interrupted(place: Path, folder: Path, after_s: float) -> bool:
    """Press Ctrl-C some time after the folder of unfinished results appears; False if too late."""
    out = folder / "out"
    process = start(place, out)
    appears(folder, ".out.*", process)
    press = threading.Timer(after_s, process.send_signal, (signal.SIGINT,))
    press.start()
    stdout, stderr = process.communicate()
    press.cancel()
    if process.returncode == 0:
        assert whole(out)
        assert stderr == b""
        shutil.rmtree(out)
    else:
        assert process.returncode == 130, stderr.decode()
        assert stdout == b""
        assert stderr.decode().strip() == "interrupted; nothing was changed"
    assert list(folder.iterdir()) == []
    return process.returncode == 130


def test_ctrl_c_gives_one_message_and_changes_nothing(place: Path, tmp_path: Path) -> None:
    draw = random.Random(SEED)
    assert interrupted(place, tmp_path, 0.0)
    for most in (0.05, 0.5):
        interrupted(place, tmp_path, draw.uniform(0.0, most))


@pytest.mark.long
def test_ctrl_c_at_many_moments(place: Path, tmp_path: Path) -> None:
    draw = random.Random(SEED)
    moments = [draw.uniform(0.0, draw.choice((0.02, 0.2, 1.0))) for _ in range(12)]
    obeyed = [interrupted(place, tmp_path, moment) for moment in moments]
    assert any(obeyed)


def test_sweeps_into_one_folder_at_once_leave_one_whole_result(place: Path, tmp_path: Path) -> None:
    processes = [start(place, tmp_path / "out", "--json") for _ in range(3)]
    for process in processes:
        _, stderr = process.communicate()
        assert (process.returncode, stderr) == (0, b"")
        assert whole(tmp_path / "out")
    assert [file.name for file in tmp_path.iterdir()] == ["out"]


def test_results_of_workers_in_processes_are_the_same_bytes(place: Path, tmp_path: Path) -> None:
    seen = set()
    for workers in ("1", "2", "4"):
        out = tmp_path / workers
        outcome = freightpass(
            *("sweep", place / "hits", "--city", place / "city", "-o", out, "--workers", workers)
        )
        assert outcome.code == 0, outcome
        seen.add((out / "violations.parquet").read_bytes())
        assert len(rows(out / "rejected.parquet")) == 0
    assert len(seen) == 1
