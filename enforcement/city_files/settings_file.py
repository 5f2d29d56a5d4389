"""city.toml: the city's name, zone, holidays, coordinates and judgement."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from enforcement.city_files.case_policy import GAP_KEY, read_case_policy
from enforcement.city_files.fault_log import shown
from enforcement.city_files.json_text import BYTE_ORDER_MARK
from enforcement.city_files.records import Record
from enforcement.rules.calendars import Calendar, CalendarError, calendar_for
from enforcement.settings import JUDGEMENT_FIELDS, Judgement

if TYPE_CHECKING:
    from enforcement.city_files.fault_log import FaultLog

SETTINGS_FILE: Final = "city.toml"
COORDINATES: Final = ("wgs84", "gcj02", "bd09")
_TOML_PLACE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)")


@dataclass(frozen=True, slots=True)
class CitySettings:
    """What city.toml states; stand-ins where it had faults, so that other files can be read."""

    name: str = ""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    holidays: str = ""
    calendar: Calendar = field(default_factory=Calendar)
    coordinates: str = "wgs84"
    judgement: Judgement = field(default_factory=Judgement)


_NAMES: Final = ("name", "timezone", "holidays", "coordinates", "judgement")


def read_settings(faults: FaultLog, content: bytes) -> CitySettings:
    """Read city.toml; whatever is wrong with it is added to `faults`."""
    try:
        table = tomllib.loads(content.removeprefix(BYTE_ORDER_MARK).decode())
    except UnicodeDecodeError:
        faults.fault(SETTINGS_FILE, "", "", "the text is not UTF-8", "broken_toml")
        return CitySettings()
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        message = str(error) or "the text is nested too deep"
        at = _TOML_PLACE.search(message)
        place = f"line {at[1]}, column {at[2]}" if at and at[1] else ""
        what = _TOML_PLACE.sub("" if place else " at its end", message)
        faults.fault(SETTINGS_FILE, place, "", what, "broken_toml")
        return CitySettings()
    record = Record(faults, SETTINGS_FILE, "", table)
    record.check_keys(_NAMES)
    name = _text(record, "name", required=True)
    holidays = _text(record, "holidays")
    if "holidays" not in table:
        record.warn("holidays", "is missing, so that no day is a holiday", "no_holidays")
    return CitySettings(
        name=name,
        zone=_zone(record),
        holidays=holidays,
        calendar=_calendar(record, holidays),
        coordinates=record.choice("coordinates", COORDINATES, default="wgs84") or "wgs84",
        judgement=_judgement(faults, table.get("judgement", {})),
    )


def _text(record: Record, name: str, *, required: bool = False) -> str:
    value = record.values.get(name, "")
    if not isinstance(value, str):
        record.fault(name, f"found {shown(value)}, expected text", "not_text")
        return ""
    if required and not value.strip():
        record.fault(name, "is missing, expected text", f"no_{name}")
    return value


def _zone(record: Record) -> ZoneInfo:
    name = _text(record, "timezone", required=True)
    if name:
        try:
            return ZoneInfo(name)
        except (
            OSError,
            ValueError,
        ):  # ZoneInfoNotFoundError is a KeyError with an OSError's causes
            pass
        except KeyError:
            pass
        record.fault(
            "timezone",
            f"found {shown(name)}, expected a zone such as Asia/Shanghai",
            "unknown_zone",
        )
    return ZoneInfo("UTC")


def _calendar(record: Record, code: str) -> Calendar:
    try:
        return calendar_for(code)
    except CalendarError as error:
        record.fault("holidays", error.message, error.code)
        return Calendar()


def _judgement(faults: FaultLog, table: Any) -> Judgement:
    if not isinstance(table, dict):
        faults.fault(
            SETTINGS_FILE, "", "judgement", f"found {shown(table)}, expected a table", "no_table"
        )
        return Judgement()
    record = Record(faults, SETTINGS_FILE, "", table, "judgement.")
    record.check_keys((*(known.name for known in JUDGEMENT_FIELDS), GAP_KEY))
    before = faults.fault_count
    values: dict[str, Any] = {"case_policy": read_case_policy(record)}
    for known in JUDGEMENT_FIELDS:
        if known.name in values or not record.given(known.name, "a number"):
            continue
        most = float(known.metadata.get("max", "inf"))
        number = record.number(known.name, least=0, most=most)
        if number is None:
            continue
        if isinstance(known.default, int):
            if not number.is_integer():
                record.fault(known.name, f"found {number:g}, expected a whole number", "not_whole")
            number = int(number)
        values[known.name] = number
    return Judgement(**values) if faults.fault_count == before else Judgement()
