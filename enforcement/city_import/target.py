"""The city that imported files are meant for: its coordinates, zone and holidays; and its new files."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from enforcement.city_files.fault_log import FaultLog
from enforcement.city_files.folder import CityFolder
from enforcement.city_files.references import Frame
from enforcement.city_files.settings_file import SETTINGS_FILE, CitySettings, read_settings
from enforcement.errors import CityError, EnforcementError

if TYPE_CHECKING:
    from collections.abc import Sequence


def target_settings(city: str | None) -> CitySettings:
    """Return the settings of a city folder; without one WGS-84, UTC and no holidays.

    Raises
    ------
    CityError
        There is no such folder, or its city.toml has faults.
    """
    if city is None:
        return CitySettings()
    folder = CityFolder(city)
    faults = FaultLog()
    try:
        settings = read_settings(faults, folder.read(SETTINGS_FILE))
    except OSError as error:
        raise EnforcementError(
            "no_file", f"cannot be read: {error.strerror or error}", f"{city}/{SETTINGS_FILE}"
        ) from error
    if faults.faults:
        raise CityError(faults.faults)
    return settings


def frame_of(settings: CitySettings) -> Frame:
    """Return what a file of the city is checked against, with no fault in it yet."""
    return Frame(FaultLog(), settings.zone, settings.coordinates, settings.calendar)


def collection_text(features: Sequence[dict[str, Any]]) -> str:
    """Return a GeoJSON FeatureCollection, one feature a line, Chinese as it is."""
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in features)
    return f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'


def refuse_to_overwrite(path: str, *, force: bool) -> None:
    """Refuse a file that is there already, before any work is done for it.

    Raises
    ------
    EnforcementError
        Code ``exists``, or ``not_a_file`` for a folder, which is never replaced.
    """
    if Path(path).is_dir():
        raise EnforcementError("not_a_file", "is a folder; expected the name of a file", path)
    if Path(path).exists() and not force:
        raise EnforcementError("exists", "is there already; it is replaced only with --force", path)


def write_whole(path: str, text: str, *, force: bool) -> None:
    """Write a file so that it is there whole or as it was before.

    Raises
    ------
    EnforcementError
        It is there already and `force` is not set, or it cannot be written.
    """
    target = Path(path).absolute()
    refuse_to_overwrite(path, force=force)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            prefix=f".{target.name}.", suffix=".partial", dir=target.parent
        )
        partial = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            partial.chmod(0o644)
            partial.replace(target)
        finally:
            with contextlib.suppress(FileNotFoundError):
                partial.unlink()
    except OSError as error:
        reason = error.strerror or str(error)
        raise EnforcementError("cannot_write", f"cannot be written: {reason}", path) from error
