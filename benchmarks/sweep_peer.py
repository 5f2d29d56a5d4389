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
# Only vehicles seen twice at a camera can be duplicates: one hash aggregate finds their few rows.
_SUSPECTS_BY_HASH: Final = """
CREATE TEMP TABLE suspect AS
SELECT unnest(ids) AS id, plate, plate_class, camera, unnest(ats) AS moment FROM (
    SELECT plate, plate_class, camera, list(rowid) AS ids, list(moment) AS ats
    FROM {passed} GROUP BY plate, plate_class, camera HAVING count(*) > 1)
"""
_SUSPECTS_BY_JOIN: Final = """
CREATE TEMP TABLE suspect AS
SELECT p.rowid AS id, p.plate, p.plate_class, p.camera, p.moment FROM {passed} p
SEMI JOIN (SELECT plate, plate_class, camera FROM {passed}
           GROUP BY ALL HAVING count(*) > 1) g USING (plate, plate_class, camera)
"""
_SUSPECTS_ALL: Final = """
CREATE TEMP TABLE suspect AS SELECT rowid AS id, plate, plate_class, camera, moment FROM {passed}
"""
# Islands of reads no more than 10 s apart; what is within 10 s of its beginning is a duplicate,
# and the few longer islands are walked from kept read to kept read.
_DUPLICATES: Final = """
CREATE TEMP TABLE duplicate AS
WITH gaps AS (
    SELECT id, plate, plate_class, camera, moment,
           moment - lag(moment) OVER (PARTITION BY plate, plate_class, camera ORDER BY moment, id) AS gap
    FROM suspect),
close AS (
    SELECT id, plate, plate_class, camera, moment, gap,
           lead(gap) OVER (PARTITION BY plate, plate_class, camera ORDER BY moment, id) AS next_gap
    FROM gaps QUALIFY gap <= 10000000 OR next_gap <= 10000000),
numbered AS (
    SELECT id, moment, sum(CASE WHEN gap <= 10000000 THEN 0 ELSE 1 END)
        OVER (ORDER BY plate, plate_class, camera, moment, id ROWS UNBOUNDED PRECEDING) AS island
    FROM close),
islands AS (
    SELECT id, moment, island, row_number() OVER (PARTITION BY island ORDER BY moment, id) AS place,
           min(moment) OVER (PARTITION BY island) AS first_at,
           max(moment) OVER (PARTITION BY island) AS last_at
    FROM numbered),
long AS MATERIALIZED (
    SELECT island, id, moment, place FROM islands WHERE last_at - first_at > 10000000),
kept AS (
    WITH RECURSIVE walk AS (
        SELECT island, id, moment, place FROM long WHERE place = 1
        UNION ALL
        SELECT w.island, n.id, n.moment, n.place
        FROM walk w, LATERAL (
            SELECT arg_min(l.id, l.place) AS id, arg_min(l.moment, l.place) AS moment,
                   min(l.place) AS place
            FROM long l WHERE l.island = w.island AND l.moment > w.moment + 10000000) n
        WHERE n.id IS NOT NULL)
    SELECT id FROM walk)
SELECT id FROM islands WHERE place > 1 AND last_at - first_at <= 10000000
UNION ALL
SELECT id FROM long WHERE id NOT IN (SELECT id FROM kept)
"""
_CANDIDATES: Final = """
CREATE TEMP TABLE candidate AS
SELECT id, any_value(plate) AS plate, any_value(plate_class) AS plate_class,
       any_value(camera) AS camera, any_value(moment) AS moment, min(ban) AS ban
FROM (
    SELECT p.rowid AS id, p.plate, p.plate_class, p.camera, p.moment, b.ban
    FROM passed p JOIN ban_by_vehicle b
      ON b.camera = p.camera AND b.vehicle_class = p.vehicle_class
     AND p.moment >= b.from_us AND p.moment < b.until_us
    UNION ALL
    SELECT p.rowid, p.plate, p.plate_class, p.camera, p.moment, b.ban
    FROM passed p JOIN ban_by_plate b
      ON b.camera = p.camera AND b.plate_class = p.plate_class
     AND p.moment >= b.from_us AND p.moment < b.until_us
    UNION ALL
    SELECT p.rowid, p.plate, p.plate_class, p.camera, p.moment, NULL
    FROM passed p SEMI JOIN confined c ON c.plate = p.plate)
GROUP BY id
"""
_JUDGED: Final = """
CREATE TEMP TABLE judged AS
WITH named AS (
    SELECT c.id, c.moment, c.camera, n.permit, n.confines, n.status,
           n.status = 1 AND c.moment >= n.valid_from AND c.moment < n.valid_until AS holds,
           c.moment >= n.first_active AS was_active,
           c.moment >= n.valid_until AS over, c.moment < n.valid_from AS early
    FROM candidate c JOIN permit_of_plate n
      ON n.plate = c.plate AND c.moment >= n.status_from AND c.moment < n.status_until
     AND (n.plate_class IS NULL OR c.plate_class = 255 OR n.plate_class = c.plate_class)),
near AS (
    SELECT n.id, n.permit, bool_or(o.grant_hours IS NOT NULL) AS covered
    FROM named n JOIN permit_grant g ON g.permit = n.permit
    JOIN route_camera r ON r.route = g.route AND r.camera = n.camera
    LEFT JOIN open_hours o ON o.grant_hours = g.grant_hours
          AND n.moment >= o.from_us AND n.moment < o.until_us
    WHERE n.holds GROUP BY n.id, n.permit),
per_hit AS (
    SELECT n.id,
        bool_or(n.holds AND n.confines) AS confined,
        bool_or(n.holds AND n.confines AND coalesce(a.covered, false)) AS confined_covered,
        min(n.permit) FILTER (n.holds AND n.confines AND a.id IS NOT NULL) AS confined_near,
        min(n.permit) FILTER (n.holds AND n.confines) AS confined_first,
        bool_or(n.holds AND coalesce(a.covered, false)) AS covered,
        min(n.permit) FILTER (n.holds AND a.id IS NOT NULL) AS near,
        min(n.permit) FILTER (n.holds) AS first,
        min(n.permit) FILTER (n.was_active AND n.status = 2) AS suspended,
        min(n.permit) FILTER (n.was_active AND n.status IN (3, 5)) AS revoked,
        min(n.permit) FILTER (n.was_active AND n.over) AS expired,
        min(n.permit) FILTER (n.was_active AND n.early) AS early
    FROM named n LEFT JOIN near a ON a.id = n.id AND a.permit = n.permit GROUP BY n.id),
reasons AS (
    SELECT c.*, b.absolute, h.*exclude(id), CASE
        WHEN confined AND NOT confined_covered AND confined_near IS NOT NULL THEN 2
        WHEN confined AND NOT confined_covered THEN 3
        WHEN c.ban IS NULL THEN -1
        WHEN b.absolute THEN 1
        WHEN covered THEN 0
        WHEN near IS NOT NULL THEN 2
        WHEN first IS NOT NULL THEN 3
        WHEN suspended IS NOT NULL THEN 4
        WHEN revoked IS NOT NULL THEN 5
        WHEN expired IS NOT NULL THEN 6
        WHEN early IS NOT NULL THEN 7
        ELSE 8 END AS reason,
        coalesce(confined AND NOT confined_covered, false) AS strayed
    FROM candidate c LEFT JOIN ban b ON b.ban = c.ban LEFT JOIN per_hit h ON h.id = c.id)
SELECT id, plate, plate_class, camera, moment, reason,
    CASE WHEN strayed OR reason < 1 THEN NULL ELSE ban END AS ban,
    CASE WHEN strayed THEN coalesce(confined_near, confined_first)
         ELSE CASE reason WHEN 2 THEN near WHEN 3 THEN first WHEN 4 THEN suspended
              WHEN 5 THEN revoked WHEN 6 THEN expired WHEN 7 THEN early END END AS permit
FROM reasons
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
# For files with ids: an id that was seen before is a duplicate, whatever its vehicle.
_SAME_IDS: Final = """
CREATE TEMP TABLE repeated_id AS
SELECT unnest(list_sort(ids)[2:]) AS id FROM (
    SELECT list(rowid) AS ids FROM passed GROUP BY hit_id HAVING count(*) > 1)
"""
_FIRST_OF_ID: Final = "(SELECT rowid, * FROM passed WHERE rowid NOT IN (FROM repeated_id))"
FORMS: Final = {
    "hash": _SUSPECTS_BY_HASH, "join": _SUSPECTS_BY_JOIN, "window": _SUSPECTS_ALL,
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
            run("same ids", _SAME_IDS)
        run("suspects", FORMS[form].format(passed=_FIRST_OF_ID if hit_ids else "passed"))
        run("duplicates", _DUPLICATES)
        if hit_ids:
            database.execute("INSERT INTO duplicate SELECT id FROM repeated_id")
        run("candidates", _CANDIDATES)
        run("judge", _JUDGED)
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
