"""Where compiled kernels are kept between processes.

numba keeps a compiled function as long as the file that defines it does not change; what that
function calls, and the constants it was compiled with, may stand in other files. So the cache lies in
a folder that is named after all of our sources: whatever changes, nothing stale is run. It is outside
the installation, which may be read-only.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from importlib import util
from pathlib import Path
from typing import Final

_PACKAGES: Final = ("roadnet", "ingest", "enforcement")
_EDITIONS_KEPT: Final = 4


def use_kernel_cache() -> Path:
    """Tell numba where to keep compiled kernels; call before anything imports numba.

    An environment that names a folder in NUMBA_CACHE_DIR keeps it.

    Returns
    -------
    pathlib.Path
        The folder: below the user's cache folder, or, where that cannot be written, a new private
        one, so that nobody else's machine code is ever loaded.
    """
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        return Path(chosen)
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "freightpass"
    folder = home / _edition()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.utime(folder)
        writable = os.access(folder, os.W_OK)
    except OSError:
        writable = False
    if writable:
        _forget_old_editions(folder)
    else:
        folder = Path(tempfile.mkdtemp(prefix="freightpass-kernels-"))
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    return folder


def _edition() -> str:
    """Return a name that changes with every source file of ours."""
    digest = hashlib.sha256()
    for package in _PACKAGES:
        spec = util.find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            continue
        root = Path(spec.submodule_search_locations[0])
        for file in sorted(root.rglob("*.py")):
            digest.update(str(file.relative_to(root.parent)).encode() + b"\0")
            digest.update(file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _forget_old_editions(current: Path) -> None:
    """Remove all editions but the current one and the few that were used last."""
    others = [folder for folder in current.parent.iterdir() if folder != current]
    others.sort(key=_last_use, reverse=True)
    for folder in others[_EDITIONS_KEPT - 1 :]:
        shutil.rmtree(folder, ignore_errors=True)


def _last_use(folder: Path) -> float:
    """Return when a folder was last used, long ago if another process has just removed it."""
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:
        return 0.0
