"""The plain SQL join that others run: hits with permits, all that matches nothing is accused.

It is as strict as docs/judgement.md in steps 0 to 8 and drops duplicates; it doubts nothing. Its
rules are those that freightpass compiled, as native tables of DuckDB; what the city learnt of
after the sweep is left out of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.judgement_sql import (
    CANDIDATES,
    DUPLICATES,
    FIRST_OF_ID,
    JUDGED,
    SAME_IDS,
    SUSPECTS_BY_JOIN,
)
from enforcement.findings import REASON_NAMES
from enforcement.rules.permits import STATUSES
from ingest.hits import NO_PLATE_CLASS, VEHICLE_CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from enforcement.compiled_city import CompiledCity
    from enforcement.index.layout import Rules
    from enforcement.rules.definition import CityDefinition
    from enforcement.rules.permits import Permit

_DAY_US: Final = 86_400_000_000
_MINUTE_US: Final = 60_000_000
_FOREVER_US: Final = np.iinfo(np.int64).max

# The hits that pass steps 0 and 1; the registry knows the class of a vehicle better than a camera.
_PASSED: Final = """
CREATE TEMP TABLE passed AS
SELECT h.plate, h.plate_class, c.camera, h.moment, h.hit_id,
       coalesce(e.vehicle_class, a.vehicle_class, v.code, {unknown}) AS vehicle_class
FROM (SELECT hit_id, plate, camera_id, vehicle_class, epoch_us(captured_at) AS moment,
             coalesce(plate_class::UTINYINT, {none}::UTINYINT) AS plate_class
      FROM read_parquet({files})
      WHERE captured_at IS NOT NULL AND (confidence IS NULL OR confidence >= {min_confidence})
        AND regexp_full_match(plate, '[\\p{{L}}0-9]{{4,12}}') AND regexp_matches(plate, '[0-9]')) h
JOIN camera c ON c.camera_id = h.camera_id AND h.moment >= c.from_us AND h.moment < c.until_us
LEFT JOIN vehicle_class v ON v.word = h.vehicle_class
LEFT JOIN registry e ON e.plate = h.plate AND e.plate_class = h.plate_class
LEFT JOIN registry_any a ON a.plate = h.plate AND h.plate_class <> {none}
"""
_ACCUSED: Final = """
SELECT p.hit_id, r.word AS reason
FROM judged j ANTI JOIN duplicate d USING (id) JOIN passed p ON p.rowid = j.id
JOIN reason r ON r.code = j.reason WHERE j.reason > 0
"""


def accuse(city: CompiledCity, files: Sequence[str], known_at_us: int) -> pa.Table:
    """Sweep some files of hits with what the city knew at an instant.

    Returns
    -------
    pa.Table
        hit_id and reason of every violation.
    """
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        names = ", ".join(f"'{file}'" for file in files)
        days = _civil_days(city.rules, database, f"[{names}]")
        for name, columns in _tables(city, days, known_at_us).items():
            table = pa.table(columns)
            database.register("given", table)
            database.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
            database.unregister("given")
        passed = _PASSED.format(
            files=f"[{names}]",
            min_confidence=city.rules.judgement.min_confidence,
            none=NO_PLATE_CLASS,
            unknown=VEHICLE_CLASSES.index("unknown"),
        )
        for query in (
            passed,
            SAME_IDS,
            SUSPECTS_BY_JOIN.format(passed=FIRST_OF_ID),
            DUPLICATES,
            "INSERT INTO duplicate SELECT id FROM repeated_id",
            CANDIDATES,
            JUDGED,
        ):
            database.execute(query)
        return database.sql(_ACCUSED).to_arrow_table()


def _civil_days(rules: Rules, database: duckdb.DuckDBPyConnection, files: str) -> list[int]:
    """Return the civil days, since 1970-01-01, on which there are hits."""
    found = database.execute(
        f"SELECT DISTINCT epoch_us(captured_at) // 3600000000 FROM read_parquet({files}) "
        "WHERE captured_at IS NOT NULL"
    ).fetchall()
    hours_us = np.array([row[0] for row in found], np.int64) * 3_600_000_000
    return sorted(set(((hours_us + _offset_us(rules, hours_us)) // _DAY_US).tolist()))


def _offset_us(rules: Rules, at_us: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    place = np.searchsorted(rules.zone_from_us, at_us, side="right") - 1
    return rules.zone_offset_us[np.maximum(place, 0)]


def _open_us(rules: Rules, schedule: int, day: int) -> Iterator[tuple[int, int]]:
    """Yield the open intervals of a schedule on a civil day, grace included, microseconds UTC."""
    column = day - rules.first_day
    if not 0 <= column < rules.day_pattern.shape[1]:
        return
    pattern = int(rules.day_pattern[rules.schedule_days[schedule], column])
    words = rules.patterns[rules.schedule_first_pattern[schedule] + pattern]
    minutes = np.unpackbits(words.astype("<u8").view(np.uint8), bitorder="little")[:1440]
    edges = np.flatnonzero(np.diff(np.concatenate(([0], minutes, [0]))))
    midnight = np.array([day * _DAY_US])
    begin_us = int((midnight - _offset_us(rules, midnight))[0])  # the zone has no summer time
    for start, end in edges.reshape(-1, 2).tolist():
        yield begin_us + start * _MINUTE_US, begin_us + end * _MINUTE_US


def _tables(city: CompiledCity, days: list[int], known_at_us: int) -> dict[str, dict[str, Any]]:
    rules, definition = city.rules, city.definition
    sets, cameras = np.nonzero(
        np.unpackbits(rules.camera_sets.astype("<u8").view(np.uint8), axis=1, bitorder="little")
    )
    grant_permit = np.repeat(np.arange(len(rules.permit_ids)), np.diff(rules.grant_offsets))
    hours = [
        (schedule, *interval)
        for schedule in np.unique(rules.grant_schedule).tolist()
        for day in days
        for interval in _open_us(rules, schedule, day)
    ]
    return {
        "camera": {
            "camera": range(len(definition.cameras)),
            "camera_id": [camera.camera_id for camera in definition.cameras],
            "from_us": rules.camera_from_us,
            "until_us": rules.camera_until_us,
        },
        "vehicle_class": {
            "word": list(VEHICLE_CLASSES),
            "code": range(len(VEHICLE_CLASSES)),
        },
        "reason": {"code": range(len(REASON_NAMES)), "word": list(REASON_NAMES)},
        "open_hours": _columns(hours, ("grant_hours", "from_us", "until_us")),
        "route_camera": {"route": sets, "camera": cameras},
        "permit_grant": {
            "permit": grant_permit,
            "route": rules.grant_camera_set,
            "grant_hours": rules.grant_schedule,
        },
        **_ban_tables(rules, definition, days),
        **_registry_tables(definition),
        **_permit_tables(definition, known_at_us),
    }


def _ban_tables(
    rules: Rules, definition: CityDefinition, days: list[int]
) -> dict[str, dict[str, Any]]:
    """Return bans by camera, class and interval; the first is the one that a violation names."""
    order = sorted(
        range(len(rules.restriction_ids)),
        key=lambda i: (not rules.restriction_absolute[i], rules.restriction_ids[i]),
    )
    stated = {one.restriction_id: one for one in definition.restrictions}
    record = np.repeat(
        np.arange(len(definition.cameras)), np.diff(rules.camera_restriction_offsets)
    )
    by_vehicle: list[tuple[int, int, int, int, int]] = []
    by_plate: list[tuple[int, int, int, int, int]] = []
    for number, i in enumerate(order):
        one = stated[rules.restriction_ids[i]]
        inside = record[rules.camera_restrictions == i].tolist()
        for day in days:
            for start, end in _open_us(rules, int(rules.restriction_schedule[i]), day):
                begin = max(start, one.valid_from_us)
                until = min(end, one.valid_until_us)
                by_vehicle += [
                    (c, VEHICLE_CLASSES.index(word), begin, until, number)
                    for c in inside
                    for word in one.vehicle_classes
                ]
                by_plate += [
                    (c, code, begin, until, number) for c in inside for code in one.plate_classes
                ]
    interval = ("from_us", "until_us", "ban")
    return {
        "ban": {
            "ban": range(len(order)),
            "absolute": [bool(rules.restriction_absolute[i]) for i in order],
        },
        "ban_by_vehicle": _columns(by_vehicle, ("camera", "vehicle_class", *interval)),
        "ban_by_plate": _columns(by_plate, ("camera", "plate_class", *interval)),
    }


def _registry_tables(definition: CityDefinition) -> dict[str, dict[str, Any]]:
    """Return what the registry says of (plate, plate class), and of a plate whatever its class.

    A hit without plate class is told by all rows of its plate, if they agree.
    """
    exact: dict[tuple[str, int], int] = {}
    general: dict[str, int] = {}
    agreed: dict[str, set[int]] = {}
    for vehicle in definition.vehicles:
        code = VEHICLE_CLASSES.index(vehicle.vehicle_class)
        agreed.setdefault(vehicle.plate, set()).add(code)
        if vehicle.plate_class is None:
            general.setdefault(vehicle.plate, code)
        else:
            exact.setdefault((vehicle.plate, vehicle.plate_class), code)
    rows = [(plate, plate_class, code) for (plate, plate_class), code in exact.items()]
    rows += [(plate, NO_PLATE_CLASS, *codes) for plate, codes in agreed.items() if len(codes) == 1]
    return {
        "registry": _columns(rows, ("plate", "plate_class", "vehicle_class")),
        "registry_any": _columns(list(general.items()), ("plate", "vehicle_class")),
    }


def _permit_tables(definition: CityDefinition, known_at_us: int) -> dict[str, dict[str, Any]]:
    """Return permits by plate, one row for each period of their status that was known."""
    rows: list[tuple[Any, ...]] = []
    confined: set[str] = set()
    for number, permit in enumerate(definition.permits):
        if not _known(permit, known_at_us):
            continue
        entries = [entry for entry in permit.status if _known(entry, known_at_us)]
        active = [entry.from_us for entry in entries if entry.status == "active"]
        until = [entry.from_us for entry in entries[1:]] + [_FOREVER_US]
        for vehicle in permit.vehicles:
            if permit.binding == "confines":
                confined.add(vehicle.plate)
            rows += [
                (
                    vehicle.plate, vehicle.plate_class, number, permit.binding == "confines",
                    permit.valid_from_us, permit.valid_until_us, STATUSES.index(entry.status),
                    entry.from_us, end_us, min(active, default=_FOREVER_US),
                )
                for entry, end_us in zip(entries, until, strict=True)
            ]  # fmt: skip
    names = (
        "plate", "plate_class", "permit", "confines", "valid_from", "valid_until", "status",
        "status_from", "status_until", "first_active",
    )  # fmt: skip
    return {"permit_of_plate": _columns(rows, names), "confined": {"plate": sorted(confined)}}


def _known(stated: Permit | Any, known_at_us: int) -> bool:
    return stated.recorded_at_us is None or stated.recorded_at_us <= known_at_us


def _columns(rows: Sequence[tuple[Any, ...]], names: Sequence[str]) -> dict[str, Any]:
    """Return rows as columns; texts where a name is a plate, numbers elsewhere."""
    kinds = {"plate": pa.string(), "confines": pa.bool_()}
    return {
        name: pa.array([row[place] for row in rows], kinds.get(name, pa.int64()))
        for place, name in enumerate(names)
    }
