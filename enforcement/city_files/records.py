"""One object of a city's file, read value by value: each value that will not do is a fault."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from enforcement.city_files.fault_log import FaultLog, nearest, shown
from enforcement.rules.instants import InstantError, instant_us, valid_from_us, valid_until_us
from enforcement.rules.places import ALWAYS_FROM_US

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from zoneinfo import ZoneInfo

MISSING: Final = (None, "")  # an optional value that is null or empty is not given


class Record:
    """An object in a file: its values, and where a fault of it is.

    Every reader returns the value, or a stand-in after adding a fault, so that the next value of
    the object is looked at too; `FaultLog.fault_count` says whether the object can be used.

    Attributes
    ----------
    faults
        Where faults go.
    file, place, path
        Name of the file, ``line 7 (P-1)``, and the prefix of field names, ``grants[0].``.
    values
        The object.
    """

    __slots__ = ("faults", "file", "path", "place", "values")

    def __init__(
        self, faults: FaultLog, file: str, place: str, values: Mapping[str, Any], path: str = ""
    ) -> None:
        self.faults = faults
        self.file = file
        self.place = place
        self.path = path
        self.values = values

    def fault(self, name: str, message: str, code: str) -> None:
        """Add a fault of the value `name`; of the whole object if it is empty."""
        field = (self.path + name).rstrip(".")
        self.faults.fault(self.file, self.place, field, message, code)

    def warn(self, name: str, message: str, code: str, *, once_per: object | None = None) -> None:
        """Add a warning about the value `name`."""
        self.faults.warn(self.file, self.place, self.path + name, message, code, once_per=once_per)

    def check_names(self, known: Collection[str]) -> None:
        """Warn of values that nothing reads: the name may be a slip of the pen."""
        for name in self.values:
            if name not in known:
                self.warn(
                    str(name),
                    f"unknown property `{name}`{nearest(str(name), known)}; it is not read",
                    "unknown_property",
                    once_per=(self.path.partition("[")[0], name),
                )

    def check_keys(self, known: Collection[str]) -> None:
        """Add a fault for every value that nothing reads: settings have no room for notes."""
        for key in self.values:
            if key not in known:
                self.fault(
                    key,
                    f"unknown key{nearest(key, known)}; expected one of {', '.join(known)}",
                    "unknown_key",
                )

    def given(self, name: str, expected: str) -> bool:
        """Tell whether a setting is given; an empty text is a fault, since it can be left out."""
        if self.values.get(name) == "":
            self.fault(name, f"found an empty text, expected {expected}", "empty_setting")
            return False
        return name in self.values

    def text(self, name: str) -> str:
        """Return a text; numbers become text, a missing one is empty."""
        value = self.values.get(name)
        if isinstance(value, str):
            return value
        if value is None:
            return ""
        text = as_text(value)
        if text is None:
            self.fault(name, f"found {shown(value)}, expected text", "not_text")
        return text or ""

    def identifier(self, name: str) -> str:
        """Return an id that must be there; empty after a fault."""
        value = self.values.get(name)
        text = as_text(value)
        if text is None or not text.strip():
            found = "is missing" if value in MISSING else f"is {shown(value)}"
            self.fault(name, f"{found}, expected an id", "missing_id")
            return ""
        if text != text.strip():
            self.warn(name, f"`{text}` begins or ends with a blank", "blank_in_id")
        return text

    def new_identifier(self, name: str, seen: dict[str, str]) -> str:
        """Return an id that no earlier record has; `seen` keeps them with their places."""
        identifier = self.identifier(name)
        if identifier and seen.setdefault(identifier, self.place) != self.place:
            self.fault(
                name, f"`{identifier}` stands in {seen[identifier]} too", f"duplicate_{name}"
            )
        return identifier

    def number(
        self, name: str, *, least: float = -math.inf, most: float = math.inf, unit: str = ""
    ) -> float | None:
        """Return a number in [`least`, `most`]; None when missing, or after a fault."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        number = as_number(value)
        if number is None:
            self.fault(name, f"found {shown(value)}, expected a number{unit}", "not_a_number")
        elif not least <= number <= most:
            bounds = f"at least {least:g}" if math.isinf(most) else f"{least:g} to {most:g}"
            self.fault(name, f"found {number:g}, expected {bounds}{unit}", "out_of_range")
            return None
        return number

    def flag(self, name: str, *, default: bool) -> bool:
        """Return true or false; `default` when missing."""
        value = self.values.get(name)
        if value in MISSING:
            return default
        if not isinstance(value, bool):
            self.fault(name, f"found {shown(value)}, expected true or false", "not_a_flag")
            return default
        return value

    def choice(self, name: str, words: Collection[str], *, default: str = "") -> str:
        """Return one of `words`; the default when missing, a fault if there is none."""
        value = self.values.get(name)
        if isinstance(value, str) and value in words:
            return value
        if value in MISSING and default:
            return default
        found = "is missing" if value in MISSING else f"found {shown(value)}"
        near = nearest(value, words) if isinstance(value, str) else ""
        self.fault(name, f"{found}, expected one of {', '.join(words)}{near}", f"unknown_{name}")
        return ""

    def items(self, name: str) -> list[Any] | None:
        """Return a list; None when missing, or after a fault."""
        value = self.values.get(name)
        if value in MISSING:
            return None
        if not isinstance(value, list):
            self.fault(name, f"found {shown(value)}, expected a list", "not_a_list")
            return None
        return value

    def records(self, name: str, expected: str) -> Iterator[Record]:
        """Return the objects of a list that must hold at least one; `expected` names it."""
        value = self.values.get(name)
        if not isinstance(value, list) or not value:
            found = "is missing" if value in MISSING else f"found {shown(value)}"
            self.fault(name, f"{found}, expected {expected}", f"no_{name}")
            return
        for i, item in enumerate(value):
            if isinstance(item, dict):
                yield Record(self.faults, self.file, self.place, item, f"{self.path}{name}[{i}].")
            else:
                self.fault(f"{name}[{i}]", f"found {shown(item)}, expected an object", "no_object")

    def osm_ids(self, name: str) -> tuple[int, ...]:
        """Return one OSM id or a list of them; none when missing, or after a fault."""
        value = self.values.get(name)
        if value in MISSING:
            return ()
        ids = value if isinstance(value, list) else [value]
        numbers = [as_number(one) for one in ids]
        whole = [int(one) for one in numbers if one is not None and one.is_integer() and one > 0]
        if len(whole) < len(ids) or max(whole, default=0) >= 2**53:
            self.fault(
                name,
                f"found {shown(value)}, expected an OSM id, a whole number above 0, or a list of them",
                "no_osm_id",
            )
            return ()
        return tuple(whole)

    def instant(self, name: str, zone: ZoneInfo) -> int | None:
        """Return an instant in microseconds UTC; None when missing, or after a fault."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        try:
            return instant_us(value, zone)
        except InstantError as error:
            self.fault(name, error.message, error.code)
            return None

    def validity(self, zone: ZoneInfo) -> tuple[int, int]:
        """Return `valid_from` and `valid_until`, half-open microseconds UTC, unbounded if missing."""
        before = self.faults.fault_count
        bounds = []
        for name, read in (("valid_from", valid_from_us), ("valid_until", valid_until_us)):
            try:
                bounds.append(read(self.values.get(name), zone))
            except InstantError as error:
                self.fault(name, error.message, error.code)
                bounds.append(0)
        first, last = bounds
        if self.faults.fault_count == before and last <= first:
            self.fault(
                "valid_until",
                f"found {shown(self.values.get('valid_until'))}, expected a time after valid_from, "
                f"which is {shown(self.values.get('valid_from'))}",
                "empty_validity",
            )
        return first, last

    def warning_until(self, zone: ZoneInfo, valid_from_us: int) -> int:
        """Return the end of a warning period, exclusive, microseconds UTC.

        ALWAYS_FROM_US when missing, or after a fault; a date is inclusive.
        """
        value = self.values.get("warning_until")
        if value in MISSING:
            return ALWAYS_FROM_US
        try:
            until_us = valid_until_us(value, zone)
        except InstantError as error:
            self.fault("warning_until", error.message, error.code)
            return ALWAYS_FROM_US
        if until_us <= valid_from_us:
            self.warn(
                "warning_until",
                f"{shown(value)} is not after valid_from, {shown(self.values.get('valid_from'))}: "
                "there is no time of warnings",
                "no_warning_period",
            )
        return until_us


def as_text(value: object) -> str | None:
    """Return a text, or a number as text; None for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return None if isinstance(value, bool) or value.bit_length() > 64 else str(value)
    number = as_number(value)
    if number is None:
        return None
    return str(int(number)) if number.is_integer() else str(value)


def as_number(value: object) -> float | None:
    """Return a finite number; None for anything else, true and false too."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    try:
        number = float(value)
    except (OverflowError, ValueError):
        return None
    return number if math.isfinite(number) else None
