"""What the files of a city share while they are read: zone, coordinates, ids, schedules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from enforcement.city_files.fault_log import shown
from enforcement.city_files.records import MISSING, as_text
from enforcement.rules.schedule_text import ScheduleError, read_schedule_text
from enforcement.rules.schedules import compile_schedule, schedule_warnings
from ingest.hits import NO_PLATE_CLASS
from ingest.plate_classes import PLATE_CLASSES, plate_class_code

if TYPE_CHECKING:
    from collections.abc import Collection
    from zoneinfo import ZoneInfo

    from enforcement.city_files.fault_log import FaultLog
    from enforcement.city_files.records import Record
    from enforcement.rules.calendars import Calendar

ALWAYS_OPEN: Final = "24/7"


@dataclass(slots=True)
class Frame:
    """What every file is read against.

    Attributes
    ----------
    faults
        Takes faults and warnings.
    zone, coordinates, calendar
        From city.toml.
    camera_ids, route_ids
        Ids that may be referred to; None when the file that states them could not be read, so that
        one broken file is not told again at every reference.
    never_open
        Checked schedules, and whether they open on no day.
    """

    faults: FaultLog
    zone: ZoneInfo
    coordinates: str
    calendar: Calendar
    camera_ids: Collection[str] | None = None
    route_ids: Collection[str] | None = None
    never_open: dict[str, bool] = field(default_factory=dict)
    _plain_ids: dict[str, dict[str, str]] = field(default_factory=dict)

    def schedule(self, record: Record) -> str:
        """Return the record's `schedule`, ``24/7`` when it has none; a bad one is a fault."""
        value = record.values.get("schedule")
        if value is None:
            return ALWAYS_OPEN
        if isinstance(value, str) and value in self.never_open:
            return value
        if not isinstance(value, str):
            record.fault("schedule", f"found {shown(value)}, expected text", "not_text")
            return ALWAYS_OPEN
        try:
            parsed = read_schedule_text(value)
        except ScheduleError as error:
            record.fault("schedule", error.message, error.code)
            return ALWAYS_OPEN
        for words in schedule_warnings(value):
            record.warn("schedule", f"schedule `{value}`: {words}", "schedule_doubt")
        if not self.calendar.holidays and any(s.holiday_offsets for s in parsed.segments):
            record.warn(
                "schedule",
                f"schedule `{value}`: names PH, but the city's calendar has no holidays",
                "no_holidays",
            )
        self.never_open[value] = compile_schedule(value, self.calendar).never_opens
        return value

    def reference(self, record: Record, name: str, kind: str) -> str | None:
        """Return the id under `name` of a route or camera that the city has; None otherwise."""
        return self.known_id(record, name, record.values.get(name), kind)

    def known_id(self, record: Record, field_name: str, value: Any, kind: str) -> str | None:
        """Return `value` as the id of a `kind` (camera, route); unknown ones are faults."""
        known = self.camera_ids if kind == "camera" else self.route_ids
        if known is not None and isinstance(value, str) and value in known:
            return value
        text = as_text(value)
        if text is None:
            record.fault(field_name, f"found {shown(value)}, expected a {kind}'s id", "not_text")
        elif known is not None and text not in known:
            near = self._spelt_otherwise(text, kind, known)
            record.fault(
                field_name, f"found {shown(text)}, which is no {kind}{near}", f"unknown_{kind}"
            )
            return None
        return text

    def _spelt_otherwise(self, text: str, kind: str, known: Collection[str]) -> str:
        """Name the id that differs in blanks and capitals only; a merely similar one is another's."""
        if kind not in self._plain_ids:
            self._plain_ids[kind] = {known_id.strip().casefold(): known_id for known_id in known}
        found = self._plain_ids[kind].get(text.strip().casefold())
        return f", did you mean `{found}`?" if found else ""

    def camera_list(self, record: Record) -> tuple[str, ...] | None:
        """Return the distinct ids under `cameras` in order; None when the list is missing."""
        items = record.items("cameras")
        if items is None:
            return None
        ids = [
            self.known_id(record, f"cameras[{i}]", item, "camera") for i, item in enumerate(items)
        ]
        return tuple(dict.fromkeys(id_ for id_ in ids if id_ is not None))


def read_plate_class(record: Record, name: str, value: Any, *, optional: bool) -> int | None:
    """Return a plate class as a number; None for a missing optional one, or after a fault."""
    if optional and (value in MISSING or value != value):  # noqa: PLR0124 - NaN is missing
        return None
    code = NO_PLATE_CLASS
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            code = plate_class_code(value)
        except (ValueError, OverflowError):
            code = NO_PLATE_CLASS
    if code == NO_PLATE_CLASS:
        record.fault(
            name,
            f"found {shown(value)}, expected two digits of GA 24.7 "
            f"({PLATE_CLASSES[0]:02d} to {PLATE_CLASSES[-1]}){' or null' if optional else ''}",
            "unknown_plate_class",
        )
        return None
    return code
