"""Results appear whole or not at all."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from enforcement.errors import SweepError
from enforcement.result_folder import RESULT_FILES, result_folder


def fill(folder: Path, text: str) -> None:
    for name in RESULT_FILES:
        (folder / name).write_text(text)


def texts(out: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in out.iterdir()}


def test_a_new_folder_holds_every_file(tmp_path: Path) -> None:
    with result_folder(str(tmp_path / "deep" / "out")) as folder:
        fill(folder, "new")
        assert not (tmp_path / "deep" / "out").exists()
    assert texts(tmp_path / "deep" / "out") == dict.fromkeys(RESULT_FILES, "new")
    assert [entry.name for entry in (tmp_path / "deep").iterdir()] == ["out"]


def test_older_results_are_replaced_whole(tmp_path: Path) -> None:
    for text in ("old", "new"):
        with result_folder(str(tmp_path / "out")) as folder:
            fill(folder, text)
    assert texts(tmp_path / "out") == dict.fromkeys(RESULT_FILES, "new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_an_error_changes_nothing(tmp_path: Path) -> None:
    with result_folder(str(tmp_path / "out")) as folder:
        fill(folder, "old")
    with pytest.raises(RuntimeError), result_folder(str(tmp_path / "out")) as folder:
        (folder / "violations.parquet").write_text("half")
        raise RuntimeError
    assert texts(tmp_path / "out") == dict.fromkeys(RESULT_FILES, "old")
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt(), OSError(errno.EIO, "broken")])
def test_older_results_come_back_when_the_new_ones_do_not_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interrupt: BaseException
) -> None:
    out = tmp_path / "out"
    with result_folder(str(out)) as folder:
        fill(folder, "old")
    rename = Path.rename

    def interrupted(path: Path, target: Path) -> Path:
        if path.name == "whole":
            raise interrupt
        return rename(path, target)

    def sweep() -> None:
        with result_folder(str(out)) as folder:
            fill(folder, "new")

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises((KeyboardInterrupt, SweepError)):
        sweep()
    assert texts(out) == dict.fromkeys(RESULT_FILES, "old")
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_other_files_in_the_folder_stay(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with result_folder(str(tmp_path)) as folder:
        fill(folder, "new")
    assert texts(tmp_path) == {**dict.fromkeys(RESULT_FILES, "new"), "notes.txt": "mine"}


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(SweepError, match="is a file; results need a folder"):
        with result_folder(str(tmp_path / "out")):
            pass
    assert (tmp_path / "out").read_text() == "a file"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_full_disk_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(SweepError, match="No space left on device; nothing was changed"):
        with result_folder(str(tmp_path / "out")) as folder:
            fill(folder, "new")
            with Path("/dev/full").open("w") as full:
                full.write("x" * 100_000)
                full.flush()
    assert list(tmp_path.iterdir()) == []


def test_a_url_gets_the_files(tmp_path: Path) -> None:
    with result_folder(f"file://{tmp_path}/bucket/out") as folder:
        fill(folder, "new")
    assert texts(tmp_path / "bucket" / "out") == dict.fromkeys(RESULT_FILES, "new")


def test_a_killed_process_leaves_no_results_and_the_next_one_cleans_up(tmp_path: Path) -> None:
    program = (
        "import sys, os\n"
        "from pathlib import Path\n"
        "from enforcement.result_folder import result_folder\n"
        "with result_folder(sys.argv[1]) as folder:\n"
        "    (folder / 'violations.parquet').write_text('half')\n"
        "    print('written', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "out")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert not (tmp_path / "out").exists()
    assert len(list(tmp_path.iterdir())) == 1
    with result_folder(str(tmp_path / "out")) as folder:
        fill(folder, "new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]
