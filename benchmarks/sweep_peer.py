"""The same sweep as SQL in DuckDB, written to be fast.

What it gets for free: every rule is a native table that is loaded before the clock starts,
schedules are intervals of that day with grace, bans are joined with their cameras, permits with
their vehicles and status periods, plates are taken as they are spelled, and rejected hits are
counted but not written.
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
    SUSPECTS_ALL,
    SUSPECTS_BY_HASH,
    SUSPECTS_BY_JOIN,
)
from benchmarks.measuring import Clock
from benchmarks.sweep_world import GRACE_US, camera_id, camera_place, permit_id
from enforcement.findings import REASON_NAMES
from ingest.hits import VEHICLE_CLASSES

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.sweep_world import World

_FOREVER_US: Final = 4_102_444_800_000_000

# The hits that pass steps 0 and 1, as small as they can be; `h.id` is the place of a hit.
_PASSED: Final = """
CREATE TEMP TABLE passed AS
SELECT h.plate, coalesce(h.plate_class::UTINYINT, 255::UTINYINT) AS plate_class, c.camera,
       epoch_us(h.captured_at) AS moment, coalesce(v.code, 10::UTINYINT) AS vehicle_class {extra}
FROM read_parquet('{hits}/*.parquet') h
JOIN camera c ON c.camera_id = h.camera_id AND epoch_us(h.captured_at) >= c.from_us
LEFT JOIN vehicle_class v ON v.word = h.vehicle_class
WHERE h.captured_at IS NOT NULL AND h.plate IS NOT NULL AND NOT contains(h.plate, '?')
  AND (h.confidence IS NULL OR h.confidence >= 0.8)
"""
_REJECTED: Final = """
SELECT count(*) FILTER (WHERE camera_id IS NULL OR captured_at IS NULL),
       count(*) FILTER (WHERE camera_id IS NOT NULL AND captured_at IS NOT NULL AND
           (plate IS NULL OR contains(plate, '?') OR confidence < 0.8)),
       count(*)
FROM read_parquet('{hits}/*.parquet')
"""
_VIOLATIONS: Final = """
CREATE TEMP TABLE violation AS
SELECT j.*, sum(CASE WHEN gap <= 1800000000 THEN 0 ELSE 1 END)
    OVER (ORDER BY plate, plate_class, moment, id ROWS UNBOUNDED PRECEDING) AS case_number
FROM (
    SELECT j.*, moment - lag(moment) OVER (PARTITION BY plate, plate_class ORDER BY moment, id) AS gap
    FROM judged j ANTI JOIN duplicate d USING (id) WHERE reason > 0) j
"""
_WRITE: Final = """
COPY (
    SELECT make_timestamptz(v.moment) AS captured_at, c.camera_id, v.plate, v.plate_class, r.word AS reason,
           b.restriction_id, p.permit_id, v.case_number
    FROM violation v JOIN camera c USING (camera) JOIN reason r ON r.code = v.reason
    LEFT JOIN ban b USING (ban) LEFT JOIN permit p USING (permit)
    ORDER BY v.moment, v.id
) TO '{out}/violations.parquet' (FORMAT parquet, COMPRESSION zstd)
"""
_WRITE_CASES: Final = """
COPY (
    SELECT case_number, any_value(plate) AS plate, any_value(plate_class) AS plate_class,
           min(moment) AS first_at, max(moment) AS last_at, count(*) AS violations,
           list(DISTINCT reason) AS reasons
    FROM violation GROUP BY case_number
) TO '{out}/cases.parquet' (FORMAT parquet, COMPRESSION zstd)
"""
FORMS: Final = {
    "hash": SUSPECTS_BY_HASH, "join": SUSPECTS_BY_JOIN, "window": SUSPECTS_ALL,
}  # fmt: skip


def make_tables(world: World, path: Path) -> None:
    """Write the world's rules as native tables of a DuckDB database."""
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as database:
        for name, columns in _tables(world).items():
            table = pa.table(columns)
            database.register("given", table)
            database.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
            database.unregister("given")


def _tables(world: World) -> dict[str, dict[str, Any]]:
    bans = sorted(world.bans, key=lambda ban: (ban.permits_exempt, ban.restriction_id))
    column, row = camera_place(world)
    by_vehicle: list[tuple[int, int, int, int, int]] = []
    by_plate: list[tuple[int, int, int, int, int]] = []
    for number, ban in enumerate(bans):
        inside = np.flatnonzero(
            (column >= ban.low[0]) & (column <= ban.high[0])
            & (row >= ban.low[1]) & (row <= ban.high[1])
        ).tolist()  # fmt: skip
        for begin, end in ban.hours.open_us():
            codes = [VEHICLE_CLASSES.index(word) for word in ban.vehicle_classes]
            by_vehicle += [(c, code, begin, end, number) for c in inside for code in codes]
            by_plate += [
                (c, code, begin, end, number) for c in inside for code in ban.plate_classes
            ]
    hours = [
        (number, begin, end)
        for number, one in enumerate(world.hours)
        for begin, end in one.open_us(GRACE_US)
    ]
    route, place = np.nonzero(world.route_cameras >= 0)
    return {
        "camera": {
            "camera": pa.array(range(world.size.cameras), pa.int32()),
            "camera_id": [camera_id(i) for i in range(world.size.cameras)],
            "from_us": np.maximum(world.camera_from_us, 0),
        },
        "vehicle_class": {
            "word": list(VEHICLE_CLASSES),
            "code": pa.array(range(len(VEHICLE_CLASSES)), pa.uint8()),
        },
        "reason": {"code": range(len(REASON_NAMES)), "word": list(REASON_NAMES)},
        "ban": {
            "ban": range(len(bans)),
            "restriction_id": [ban.restriction_id for ban in bans],
            "absolute": [not ban.permits_exempt for ban in bans],
        },
        "ban_by_vehicle": _columns(by_vehicle, ("camera", "vehicle_class")),
        "ban_by_plate": _columns(by_plate, ("camera", "plate_class")),
        "open_hours": {
            "grant_hours": [one[0] for one in hours],
            "from_us": [one[1] for one in hours],
            "until_us": [one[2] for one in hours],
        },
        "route_camera": {"route": route, "camera": world.route_cameras[route, place]},
        "permit": {
            "permit": range(world.size.permits),
            "permit_id": [permit_id(number) for number in range(world.size.permits)],
        },
        "permit_grant": {
            "permit": world.grant_permit,
            "route": world.grant_route,
            "grant_hours": world.grant_hours,
        },
        **_permit_tables(world),
    }


def _columns(
    rows: list[tuple[int, int, int, int, int]], names: tuple[str, str]
) -> dict[str, pa.Array]:
    types = (pa.int32(), pa.uint8(), pa.int64(), pa.int64(), pa.int32())
    return {
        name: pa.array([row[place] for row in rows], kind)
        for place, (name, kind) in enumerate(
            zip((*names, "from_us", "until_us", "ban"), types, strict=True)
        )
    }


def _permit_tables(world: World) -> dict[str, dict[str, Any]]:
    """Return permits by plate, one row for each period of their status."""
    permit = world.status_permit
    last = np.append(permit[1:] != permit[:-1], True)
    until = np.where(last, _FOREVER_US, np.append(world.status_from_us[1:], 0))
    first_active = np.full(world.size.permits, _FOREVER_US)
    active = world.status_code == 1
    np.minimum.at(first_active, permit[active], world.status_from_us[active])
    begin = np.searchsorted(permit, world.named_permit)
    entries = np.searchsorted(permit, world.named_permit, side="right") - begin
    naming = np.repeat(np.arange(world.named_permit.size), entries)
    within = np.arange(naming.size) - np.repeat(np.cumsum(entries) - entries, entries)
    entry = np.repeat(begin, entries) + within
    who = world.named_permit[naming]
    plates = pa.array(world.plates)
    vehicle = world.named_vehicle[naming]
    code = world.named_class[naming]
    confined = np.unique(world.named_vehicle[world.confines[world.named_permit]])
    return {
        "permit_of_plate": {
            "plate": plates.take(pa.array(vehicle)),
            "plate_class": pa.array(code, mask=code < 0).cast(pa.uint8()),
            "permit": who,
            "confines": pa.array(world.confines[who]),
            "valid_from": world.valid_from_us[who],
            "valid_until": world.valid_until_us[who],
            "status": world.status_code[entry],
            "status_from": world.status_from_us[entry],
            "status_until": until[entry],
            "first_active": first_active[who],
        },
        "confined": {"plate": plates.take(pa.array(confined))},
    }


def sweep_by_sql(
    database_path: Path, hits: Path, out: Path, *, threads: int, form: str, hit_ids: bool
) -> dict[str, Any]:
    """Sweep once; the clock runs from the first query to the last written file.

    `form` names how duplicates are looked for, one of FORMS.
    """
    out.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(database_path), read_only=True) as database:
        database.execute(f"SET threads = {threads}")
        database.execute("SET TimeZone = 'UTC'")
        database.execute("SET preserve_insertion_order = false")
        stages: dict[str, float] = {}
        clock = Clock.start()

        def run(stage: str, query: str) -> Any:
            before = clock.read()["wall_s"]
            answer = database.execute(query)
            stages[stage] = round(clock.read()["wall_s"] - before, 3)
            return answer

        run("read", _PASSED.format(hits=hits, extra=", h.hit_id" if hit_ids else ""))
        malformed, unreadable, hit_count = run("count", _REJECTED.format(hits=hits)).fetchone()
        if hit_ids:
            run("same ids", SAME_IDS)
        run("suspects", FORMS[form].format(passed=FIRST_OF_ID if hit_ids else "passed"))
        run("duplicates", DUPLICATES)
        if hit_ids:
            database.execute("INSERT INTO duplicate SELECT id FROM repeated_id")
        run("candidates", CANDIDATES)
        run("judge", JUDGED)
        run("violations", _VIOLATIONS)
        run("write", _WRITE.format(out=out))
        run("write cases", _WRITE_CASES.format(out=out))
        passed, permitted, violations, cases, duplicates = run(
            "counts",
            """SELECT (SELECT count(*) FROM passed),
            (SELECT count(*) FROM judged ANTI JOIN duplicate USING (id) WHERE reason = 0),
            (SELECT count(*) FROM violation), (SELECT max(case_number) FROM violation),
            (SELECT count(*) FROM duplicate)""",
        ).fetchone()
        reasons = run(
            "reasons",
            "SELECT r.word, count(v.id) FROM reason r LEFT JOIN violation v ON v.reason = r.code "
            "WHERE r.code > 0 GROUP BY ALL",
        ).fetchall()
        used = clock.read()
    return {
        **used,
        "stages": stages,
        "answer": {
            "hits": hit_count,
            "duplicates": duplicates,
            "verdicts": {
                "malformed": malformed,
                "unreadable": unreadable,
                "unknown_camera": hit_count - malformed - unreadable - passed,
                "not_restricted": passed - duplicates - permitted - violations,
                "permitted": permitted,
                "violation": violations,
            },
            "reasons": dict(sorted(reasons)),
            "cases": int(cases or 0),
        },
    }
