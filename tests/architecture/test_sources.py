"""What every source file owes its reader."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("roadnet", "ingest", "enforcement")
# Files of more than 500 lines, each with the reason why it is one file.
LONG_FILES: dict[str, str] = {}
# Spelled in two parts, so that this file does not hold them itself.
FORBIDDEN = (
    *("TO" + "DO", "FIX" + "ME", "XX" + "X:", "/wo" + "rk/"),
    *("pypi." + "org", "files.python" + "hosted", "npm" + "js.", "crates" + ".io"),
)
ONLY_OUTSIDE_TESTS = ("/t" + "mp/",)
TEXT = {".py", ".md", ".toml", ".css", ".lock", ".yml", ".cfg", ""}
VAGUE = {"utils", "util", "core", "common", "helpers", "helper", "manager", "base", "misc"}


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("no git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def modules() -> list[Path]:
    return [file for name in PACKAGES for file in sorted((ROOT / name).rglob("*.py"))]


def test_no_file_is_longer_than_a_reader_wants() -> None:
    long = {
        str(file.relative_to(ROOT)): count
        for file in tracked()
        if file.suffix == ".py"
        and (count := len(file.read_text(encoding="utf-8").splitlines())) > 500
    }
    assert long.keys() <= LONG_FILES.keys(), long


def test_no_file_holds_what_belongs_elsewhere() -> None:
    found = []
    for file in tracked():
        if file.suffix not in TEXT or "data/" in str(file.relative_to(ROOT)):
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        name = str(file.relative_to(ROOT))
        words = FORBIDDEN if name.startswith("tests/") else (*FORBIDDEN, *ONLY_OUTSIDE_TESTS)
        found += [(name, word) for word in words if word in text]
    assert found == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [file for file in modules() if file.stem in VAGUE] == []


def test_kernel_files_hold_kernels_only() -> None:
    for file in modules():
        if file.stem != "kernels" and not file.stem.endswith("_kernels"):
            continue
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef):
                assert not isinstance(node, ast.ClassDef), (file, node.name)
                continue
            made = [ast.unparse(one) for one in node.decorator_list]
            assert any(re.search("jit|intrinsic|overload", one) for one in made) or (
                node.name.startswith("_generate_")  # makes the code of an intrinsic
            ), (file, node.name)
            arguments = node.args
            count = len(arguments.posonlyargs) + len(arguments.args) + len(arguments.kwonlyargs)
            assert count <= 10, (file, node.name, count)
            raised = [one for one in ast.walk(node) if isinstance(one, ast.Raise)]
            assert raised == [], (file, node.name)


def test_the_architecture_page_names_files_that_exist() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_]+(?:/[a-z_]+)+\.(?:py|md))`", text))
    assert len(named) >= 7
    places = (ROOT, ROOT / "enforcement")  # the text may speak of the package it is in
    assert [
        name for name in sorted(named) if not any((place / name).is_file() for place in places)
    ] == []
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / "docs" / target).is_file(), target
