"""Compiled kernels are kept per edition of the sources."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from enforcement import kernel_cache


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "freightpass"


def test_the_folder_is_named_after_the_sources(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = kernel_cache.use_kernel_cache()
    assert first.parent == home
    package = tmp_path / "someones_kernels"
    package.mkdir()
    source = package / "__init__.py"
    monkeypatch.setattr(kernel_cache, "_PACKAGES", ("someones_kernels",))
    monkeypatch.syspath_prepend(tmp_path)
    names = set()
    for text in ("A = 1\n", "A = 2\n", "A = 1\n"):
        source.write_text(text)
        monkeypatch.delenv("NUMBA_CACHE_DIR")
        names.add(kernel_cache.use_kernel_cache().name)
    assert len(names) == 2
    assert first.name not in names


def test_a_folder_that_the_user_chose_stays(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/somewhere")
    assert kernel_cache.use_kernel_cache() == Path("/somewhere")
    assert not home.exists()


def test_old_editions_go(home: Path) -> None:
    for number in range(9):
        (home / f"old{number}").mkdir(parents=True)
        os.utime(home / f"old{number}", (4e9, 4e9))  # a clock that was wrong, or the same tick
    current = kernel_cache.use_kernel_cache()
    left = list(home.iterdir())
    assert current in left
    assert len(left) == 4


def test_a_home_that_cannot_be_written_gets_a_private_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    folder = kernel_cache.use_kernel_cache()
    assert folder.is_dir()
    assert folder.stat().st_mode & 0o077 == 0
