"""What the README shows works as shown."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.enforcement.command import PROGRAM

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
_NEVER_ENDS = "serve"
_INVENTED = ("CITY", "HITS", "RULES", "LINE", "OUT", "my-", "…", "...")  # names to fill in


def blocks(language: str) -> list[str]:
    text = README.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    """Return the calls of `freightpass` in shell blocks; continued lines joined."""
    lines = "\n".join(blocks("sh")).replace("\\\n", " ").splitlines()
    bare = (line.removeprefix("$ ").partition(" #")[0].strip() for line in lines)
    calls = (line.removeprefix(".venv/bin/") for line in bare)
    return [
        line
        for line in calls
        if line.startswith("freightpass ") and not any(word in line for word in _INVENTED)
    ]


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder that looks like a checkout, where results may be written."""
    folder = tmp_path_factory.mktemp("readme")
    for name in ("data", "docs", "benchmarks"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def test_the_readme_shows_commands_and_code() -> None:
    assert commands()
    assert blocks("python")


def test_every_command_works(workplace: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    for line in commands():
        arguments = shlex.split(line)[1:]
        if arguments[0] == _NEVER_ENDS:
            arguments = [*arguments, "--help"]
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *arguments],
            cwd=workplace, capture_output=True, text=True, check=False, env=environment,
        )  # fmt: skip
        assert done.returncode == 0, (line, done.stderr)
        assert done.stdout, line


def test_every_piece_of_code_works(workplace: Path) -> None:
    printed = io.StringIO()
    with contextlib.chdir(workplace), contextlib.redirect_stdout(printed):
        for block in blocks("python"):
            exec(compile(block, str(README), "exec"), {"__name__": "readme"})
    assert printed.getvalue() or not any("print(" in block for block in blocks("python"))


def test_every_file_that_the_readme_links_is_there() -> None:
    text = README.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#:]+)\)", text)
    assert [target for target in targets if not (ROOT / target).exists()] == []
