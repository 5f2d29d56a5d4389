"""The judgement of docs/judgement.md as SQL, on tables of rules and of the hits that pass steps 0 and 1.

`passed` holds plate, plate_class (255 for none), camera, moment (microseconds UTC), vehicle_class
and, where duplicates are told by it, hit_id; the tables of rules are in `benchmarks.sweep_peer` and
`benchmarks.plain_join`.
"""

from __future__ import annotations

from typing import Final

# Only vehicles seen twice at a camera can be duplicates: one hash aggregate finds their few rows.
SUSPECTS_BY_HASH: Final = """
CREATE TEMP TABLE suspect AS
SELECT unnest(ids) AS id, plate, plate_class, camera, unnest(ats) AS moment FROM (
    SELECT plate, plate_class, camera, list(rowid) AS ids, list(moment) AS ats
    FROM {passed} GROUP BY plate, plate_class, camera HAVING count(*) > 1)
"""
SUSPECTS_BY_JOIN: Final = """
CREATE TEMP TABLE suspect AS
SELECT p.rowid AS id, p.plate, p.plate_class, p.camera, p.moment FROM {passed} p
SEMI JOIN (SELECT plate, plate_class, camera FROM {passed}
           GROUP BY ALL HAVING count(*) > 1) g USING (plate, plate_class, camera)
"""
SUSPECTS_ALL: Final = """
CREATE TEMP TABLE suspect AS SELECT rowid AS id, plate, plate_class, camera, moment FROM {passed}
"""
# Islands of reads no more than 10 s apart; what is within 10 s of its beginning is a duplicate,
# and the few longer islands are walked from kept read to kept read.
DUPLICATES: Final = """
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
CANDIDATES: Final = """
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
JUDGED: Final = """
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
# For files with ids: an id that was seen before is a duplicate, whatever its vehicle.
SAME_IDS: Final = """
CREATE TEMP TABLE repeated_id AS
SELECT unnest(list_sort(ids)[2:]) AS id FROM (
    SELECT list(rowid) AS ids FROM passed GROUP BY hit_id HAVING count(*) > 1)
"""
FIRST_OF_ID: Final = "(SELECT rowid, * FROM passed WHERE rowid NOT IN (FROM repeated_id))"
