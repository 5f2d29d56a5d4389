"""What can go wrong in enforcement: one root; a city's faults are collected, then raised once."""

from __future__ import annotations

from dataclasses import dataclass


class EnforcementError(Exception):
    """Input or output that cannot be used, told so that a user can act.

    Parameters
    ----------
    code
        Short stable name of the fault.
    message
        What was found and what was expected.
    where
        File, line, row or field that the fault is at.
    """

    def __init__(self, code: str, message: str, where: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.code = code
        self.message = message
        self.where = where


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong with a city folder, or worth a warning.

    Attributes
    ----------
    file
        Name of the file inside the city folder.
    place
        ``line 7``, ``feature 3 (C-001)``; empty for the whole file.
    field
        Name of the field, ``grants[0].schedule``; empty when none.
    message
        What is wrong, with the value found and what was expected.
    code
        Short stable name, ``unknown_route``.
    """

    file: str
    place: str
    field: str
    message: str
    code: str

    def __str__(self) -> str:
        """Return the fault on one line."""
        return ": ".join(part for part in (self.file, self.place, self.field, self.message) if part)


class CityError(EnforcementError):
    """A city folder with faults; carries every one of them."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("city_faults", "\n".join(str(fault) for fault in faults))
        self.faults = faults


class RulesFileError(EnforcementError):
    """A compiled rules file that is broken or of another version."""


class SweepError(EnforcementError):
    """A sweep that cannot start or cannot write its results."""


class SettlingStateError(EnforcementError):
    """A saved state that is damaged, of another version, or of other rules."""
