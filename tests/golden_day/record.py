"""Records the golden day anew: `python -m tests.golden_day.record`.

Only where the layout of rules or the judgement itself changes on purpose: what the stored rules file
says of the stored hits is a promise, and CHANGELOG tells whoever relied on it.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq

from enforcement.rules_file import load_rules, save_rules
from enforcement.rules_source import read_rules_source
from enforcement.sweep import SweepRequest, sweep
from tests.enforcement.cities import camera, closure, permit, restriction, route, write_city

FOLDER = Path(__file__).parent
RULES, HITS = FOLDER / "rules.gz", FOLDER / "hits.ndjson"
VIOLATIONS, SUMMARY = FOLDER / "violations.ndjson", FOLDER / "summary.json"
COUNTS = ("hits", "duplicates", "rules_hash", "verdicts", "reasons", "held", "cases")


def lorry(plate: str) -> list[dict[str, Any]]:
    return [{"plate": plate, "plate_class": "01"}]


def since_new_year(status: str, day: str) -> list[dict[str, str]]:
    return [
        {"status": "active", "from": "2026-01-01T00:00:00+08:00"},
        {"status": status, "from": f"{day}T00:00:00+08:00"},
    ]


CITY: dict[str, Any] = {
    "cameras": [
        camera("C-1", 1, 1, bearing=90),
        camera("C-2", 2, 1, clock_error_seconds=30),
        camera("C-3", 2, 2),
        camera("C-4", 3, 3, valid_until="2026-03-16"),
        camera("C-5", 3, 2),
        camera("C-6", 1, 2),
        camera("C-7", 0, 3),
    ],
    "restrictions": [
        restriction("X-1", name="Old town", schedule="07:00-21:00"),
        restriction("X-2", cameras=["C-5"], schedule="Mo-Fr; PH off", permits_exempt=False),
    ],
    "routes": [route("R-1", (0, 1), (3, 1))],
    "permits": [
        permit("P-1", vehicles=lorry("赣C12345")),
        permit("P-2", vehicles=lorry("浙A90871"), status=since_new_year("suspended", "2026-03-01")),
        permit("P-3", vehicles=lorry("闽D48203"), status=since_new_year("revoked", "2026-03-01")),
        permit("P-4", vehicles=lorry("京E77410"), valid_until="2026-02-28"),
        permit("P-5", vehicles=lorry("沪G35962"), valid_from="2026-05-01"),
        permit(
            "P-6", vehicles=lorry("苏K60617"), binding="confines", grants=[{"cameras": ["C-7"]}]
        ),
        permit(
            "P-7",
            vehicles=lorry("川T40417"),
            grants=[{"cameras": ["C-3", "C-6"]}],
            max_speed_kmh=40,
        ),
    ],
    "vehicles": [
        {"plate": "赣C12345", "plate_class": "01", "vehicle_class": "heavy_truck", "holder": ""},
        {"plate": "鲁M31508", "plate_class": "01", "vehicle_class": "bus", "holder": ""},
    ],
    "closures": [
        closure(
            "K-1",
            valid_from="2026-03-18T10:00:00+08:00",
            valid_until="2026-03-18T12:00:00+08:00",
        )
    ],
}


def hits() -> list[dict[str, Any]]:
    """Return the hits: every verdict, every reason and most doubts; the ids are in order of writing."""
    written = [
        # 赣C12345 may drive R-1 from 09:00 to 16:00, and five minutes more at both ends.
        ("赣C12345", "C-1", "2026-03-17T08:54:59.999999+08:00"),
        ("赣C12345", "C-1", "2026-03-17T08:55:10+08:00"),
        ("赣C12345", "C-1", "2026-03-17T08:55:15+08:00"),
        ("赣C12345", "C-2", "2026-03-17T12:00:00+08:00"),
        ("赣C12345", "C-2", "2026-03-17T16:05:29+08:00"),
        ("赣C12345", "C-2", "2026-03-17T16:06:10+08:00"),
        ("赣C12345", "C-3", "2026-03-17T16:20:00+08:00"),
        ("赣C12345", "C-3", "2026-03-17T20:59:59.999999+08:00"),
        ("赣C12345", "C-3", "2026-03-17T21:00:20+08:00"),
        ("赣C12345", "C-5", "2026-03-17T12:30:00+08:00"),
        # The next day its route is closed; C-3 and C-6 are on the ways round.
        ("赣C12345", "C-6", "2026-03-18T10:30:00+08:00"),
        ("赣C12345", "C-6", "2026-03-18T12:31:00+08:00"),
        # Permits that are none.
        ("浙A90871", "C-1", "2026-03-17T10:00:00+08:00"),
        ("闽D48203", "C-1", "2026-03-17T10:01:00+08:00"),
        ("京E77410", "C-1", "2026-03-17T10:02:00+08:00"),
        ("沪G35962", "C-1", "2026-03-17T10:03:00+08:00"),
        ("苏K60617", "C-7", "2026-03-17T10:04:00+08:00"),
        ("苏K60617", "C-4", "2026-03-15T10:04:00+08:00"),
        # No permit: a case of three, a bus by the registry, a ban at night, a year without notice.
        ("粤B66778", "C-1", "2026-03-17T11:00:00+08:00"),
        ("粤B66778", "C-2", "2026-03-17T11:10:00+08:00"),
        ("粤B66778", "C-3", "2026-03-17T11:40:00+08:00"),
        ("粤B66778", "C-3", "2026-03-17T12:10:00.000001+08:00"),
        ("鲁M31508", "C-1", "2026-03-17T11:00:00+08:00"),
        ("粤B66778", "C-5", "2026-03-17T23:00:00+08:00"),
        ("粤B66778", "C-5", "2031-03-18T23:00:00+08:00"),
        # A plate at two places at once, and one that looks like a permitted one.
        ("皖H20056", "C-1", "2026-03-17T14:00:00+08:00"),
        ("皖H20056", "C-7", "2026-03-17T14:00:03+08:00"),
        ("皖H20056", "C-3", "2026-03-17T18:00:00+08:00"),
        ("赣C1234S", "C-1", "2026-03-17T13:00:00+08:00"),
        # From C-6 to C-3 are 400 m, less what both may read of them: too fast, and not.
        ("川T40417", "C-6", "2026-03-17T15:00:00+08:00"),
        ("川T40417", "C-3", "2026-03-17T15:00:20+08:00"),
        ("川T40417", "C-6", "2026-03-17T15:01:00+08:00"),
        # What cannot be judged.
        ("粤B?6778", "C-1", "2026-03-17T11:00:00+08:00"),
        ("粤B66778", "C-9", "2026-03-17T11:00:00+08:00"),
        ("粤B66778", "C-4", "2026-03-17T11:00:00+08:00"),
        ("粤B66778", "C-1", "yesterday"),
    ]
    return [
        {
            "hit_id": f"h-{number:02}",
            "camera_id": camera_id,
            "plate": plate,
            "plate_class": "01",
            "vehicle_class": "heavy_truck",
            "captured_at": at,
        }
        for number, (plate, camera_id, at) in enumerate(written, 1)
    ]


def judged(rules: str, file: Path, out: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Sweep by a rules file; return the violations as JSON values, and the counts of the summary."""
    summary = sweep(read_rules_source(rules), SweepRequest(sources=(str(file),), out=str(out)))
    found = pq.read_table(out / "violations.parquet").to_pylist()
    for row in found:
        row["captured_at"] = row["captured_at"].isoformat()
    return found, {name: _without_zeros(summary[name]) for name in COUNTS}


def _without_zeros(value: Any) -> Any:
    """Leave out what did not occur, so that a reason that is new changes nothing."""
    return {name: one for name, one in value.items() if one} if isinstance(value, dict) else value


def lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def record() -> None:
    """Compile the city, write rules, hits, violations and counts."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        source = read_rules_source(str(write_city(folder / "city", **CITY)))
        save_rules(source.rules, str(folder / "rules"))
        assert load_rules(str(folder / "rules")).content_hash == source.rules.content_hash
        RULES.write_bytes(gzip.compress((folder / "rules").read_bytes(), mtime=0))
        HITS.write_text(lines(hits()), encoding="utf-8")
        violations, counts = judged(str(folder / "rules"), HITS, folder / "out")
    VIOLATIONS.write_text(lines(violations), encoding="utf-8")
    SUMMARY.write_text(json.dumps(counts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    record()
