"""Cases and the order of the violations."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcement.findings import CASES_SCHEMA, VIOLATIONS_SCHEMA
from enforcement.violations import join_cases

MINUTE = 60_000_000


def table_of(rows: list[dict]) -> pa.Table:
    full = [dict.fromkeys(VIOLATIONS_SCHEMA.names) | {"reason": "no_permit"} | row for row in rows]
    return pa.Table.from_pylist(full, schema=VIOLATIONS_SCHEMA)


def brute_force(rows: list[dict], gap_minutes: float) -> list[list[str]]:
    """Group hit_ids into cases, one vehicle after the other; imports nothing of ours."""
    groups: list[list[str]] = []
    vehicles = {(row["plate"], row["plate_class"]) for row in rows}
    for vehicle in vehicles:
        mine = sorted(
            (
                row
                for row in rows
                if (row["plate"], row["plate_class"]) == vehicle and row["held"] is None
            ),
            key=lambda row: (row["captured_at"], row["hit_id"]),
        )
        last = None
        for row in mine:
            if last is None or row["captured_at"] - last > gap_minutes * MINUTE:
                groups.append([])
            groups[-1].append(row["hit_id"])
            last = row["captured_at"]
    return sorted(groups)


ROW = st.fixed_dictionaries(
    {
        "plate": st.sampled_from(["赣C12345", "B7"]),
        "plate_class": st.sampled_from(["01", None]),
        "captured_at": st.integers(0, 8).map(lambda q: q * 15 * MINUTE + q % 2),
        "held": st.sampled_from([None, None, None, "clock"]),
        "reason": st.sampled_from(["no_permit", "expired", "off_route"]),
    }
)


@settings(max_examples=200, deadline=None)
@given(st.lists(ROW, max_size=14), st.randoms(use_true_random=False))
def test_cases_are_those_of_brute_force(rows: list[dict], random: object) -> None:
    rows = [row | {"hit_id": f"h{i:02d}"} for i, row in enumerate(rows)]
    shuffled = list(rows)
    random.shuffle(shuffled)
    violations, cases = join_cases(table_of(shuffled), 30)
    assert violations.schema == VIOLATIONS_SCHEMA
    assert cases.schema == CASES_SCHEMA
    found: dict[str, list[str]] = {}
    for row in violations.to_pylist():
        assert (row["case_id"] is None) == (row["held"] is not None)
        if row["case_id"]:
            found.setdefault(row["case_id"], []).append(row["hit_id"])
    assert sorted(found.values()) == brute_force(rows, 30)
    by_id = {row["hit_id"]: row for row in rows}
    for case in cases.to_pylist():
        hits = [by_id[hit] for hit in found[case["case_id"]]]
        assert case["violations"] == len(hits)
        assert case["reasons"] == sorted({hit["reason"] for hit in hits})
    keys = [(row["captured_at"], row["hit_id"]) for row in violations.to_pylist()]
    assert keys == sorted(keys)


def test_a_gap_of_exactly_case_gap_minutes_is_one_case() -> None:
    rows = [
        {"plate": "B7", "hit_id": "a", "captured_at": 0, "held": None},
        {"plate": "B7", "hit_id": "b", "captured_at": 30 * MINUTE, "held": None},
        {"plate": "B7", "hit_id": "c", "captured_at": 60 * MINUTE + 1, "held": None},
    ]
    _, cases = join_cases(table_of(rows), 30)
    assert cases["violations"].to_pylist() == [2, 1]


def test_no_violations_make_no_cases() -> None:
    violations, cases = join_cases(table_of([]), 30)
    assert violations.num_rows == cases.num_rows == 0
    assert violations.schema == VIOLATIONS_SCHEMA
    assert cases.schema == CASES_SCHEMA
