"""Cases by every policy, and the order of the violations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcement.findings import CASES_SCHEMA, VIOLATIONS_SCHEMA
from enforcement.index.civil_time import zone_table
from enforcement.settings import CASE_POLICIES, CasePolicy
from enforcement.violations import join_cases
from tests.oracles.cases import first_of_case

CONTINUOUS, SAME_ROUTE, PER_DAY = CASE_POLICIES
# The night of a quarter of an hour steps: London's clocks go forward in it, Shanghai's day ends.
NIGHT = datetime(2026, 3, 28, 22, tzinfo=UTC)
STEP = timedelta(minutes=15)


def table_of(rows: list[dict]) -> pa.Table:
    full = [
        dict.fromkeys(VIOLATIONS_SCHEMA.names) | {"reason": "no_permit", "warning": False} | row
        for row in rows
    ]
    return pa.Table.from_pylist(full, schema=VIOLATIONS_SCHEMA)


def cases_of(
    policy: CasePolicy, *hits: tuple[str, str, str | None], zone: str = "UTC"
) -> list[list[str]]:
    """Return the hit_ids of each case: hits are (hit_id, RFC 3339, restriction) of one vehicle."""
    rows = [
        {
            "plate": "B7",
            "hit_id": hit_id,
            "captured_at": datetime.fromisoformat(at),
            "restriction_id": restriction,
        }
        for hit_id, at, restriction in hits
    ]
    violations, cases = join_cases(table_of(rows), policy, zone_table(zone))
    members = {case_id: [] for case_id in cases["case_id"].to_pylist()}
    for row in violations.to_pylist():
        members[row["case_id"]].append(row["hit_id"])
    assert set(cases["policy"].to_pylist()) == {policy.name}
    return list(members.values())


ROW = st.fixed_dictionaries(
    {
        "plate": st.sampled_from(["赣C12345", "B7"]),
        "plate_class": st.sampled_from(["01", None]),
        "captured_at": st.integers(0, 16).map(
            lambda step: NIGHT + step * STEP + timedelta(microseconds=step % 2)
        ),
        "held": st.sampled_from([None, None, None, "clock"]),
        "reason": st.sampled_from(["no_permit", "expired", "off_route"]),
        "restriction_id": st.sampled_from(["X-1", "X-2", None]),
        "warning": st.booleans(),
    }
)
OWN = st.builds(
    CasePolicy,
    st.just("ours"),
    st.sampled_from([0.0, 15.0, 30.0, 45.5]),
    same_restriction=st.booleans(),
    same_day=st.booleans(),
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(ROW, max_size=14),
    st.sampled_from(CASE_POLICIES) | OWN,
    st.sampled_from(["Asia/Shanghai", "Europe/London", "America/St_Johns"]),
    st.randoms(use_true_random=False),
)
def test_cases_are_those_of_brute_force(
    rows: list[dict], policy: CasePolicy, zone: str, random: object
) -> None:
    rows = [row | {"hit_id": f"h{i:02d}"} for i, row in enumerate(rows)]
    shuffled = list(rows)
    random.shuffle(shuffled)
    violations, cases = join_cases(table_of(shuffled), policy, zone_table(zone))
    assert violations.schema == VIOLATIONS_SCHEMA
    assert cases.schema == CASES_SCHEMA
    rows.sort(key=lambda row: (row["captured_at"], row["hit_id"]))
    found = violations.to_pylist()
    assert [row["hit_id"] for row in found] == [row["hit_id"] for row in rows]
    first: dict[str, int] = {}
    for place, row in enumerate(found):
        row["case"] = row["case_id"] and first.setdefault(row["case_id"], place)
    parameters = {name: getattr(policy, name) for name in policy.__slots__}
    plain = [
        {
            "vehicle": (row["plate"], row["plate_class"]),
            "restriction": row["restriction_id"],
            "at": row["captured_at"],
            "held": row["held"],
        }
        for row in rows
    ]
    assert [row["case"] for row in found] == first_of_case(parameters, plain, ZoneInfo(zone))
    assert cases.num_rows == len(first)
    for case in cases.to_pylist():
        mine = [row for row in found if row["case_id"] == case["case_id"]]
        assert case["violations"] == len(mine)
        assert case["reasons"] == sorted({row["reason"] for row in mine})
        assert (case["first_at"], case["last_at"]) == (
            mine[0]["captured_at"],
            mine[-1]["captured_at"],
        )
        assert case["policy"] == policy.name
        assert case["warnings"] == sum(row["warning"] for row in mine)


def test_a_gap_of_exactly_case_gap_minutes_is_one_case() -> None:
    assert cases_of(
        CONTINUOUS,
        ("a", "2026-03-17T10:00:00Z", "X-1"),
        ("b", "2026-03-17T10:30:00Z", "X-1"),
        ("c", "2026-03-17T11:00:00.000001Z", "X-1"),
    ) == [["a", "b"], ["c"]]


def test_a_continuous_act_goes_on_under_another_restriction_and_past_midnight() -> None:
    hits = [
        ("a", "2026-03-17T23:50:00Z", "X-1"),
        ("b", "2026-03-17T23:59:00Z", "X-2"),
        ("c", "2026-03-18T00:10:00Z", "X-1"),
    ]
    assert cases_of(CONTINUOUS, *hits) == [["a", "b", "c"]]


def test_the_same_route_is_the_same_restriction_whatever_comes_between() -> None:
    hits = [
        ("a", "2026-03-17T23:50:00Z", "X-1"),
        ("b", "2026-03-17T23:55:00Z", "X-2"),
        ("c", "2026-03-18T00:10:00Z", "X-1"),
        ("d", "2026-03-18T00:15:00Z", None),
        ("e", "2026-03-18T00:20:00Z", None),
    ]
    assert cases_of(SAME_ROUTE, *hits) == [["a", "c"], ["b"], ["d", "e"]]


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", [["a"], ["b", "c"]]),
        ("Europe/London", [["a", "b", "c"]]),
        ("Asia/Shanghai", [["a", "b"], ["c"]]),
    ],
)
def test_a_day_is_the_city_s_own(zone: str, expected: list[list[str]]) -> None:
    hits = [
        ("a", "2026-06-16T23:30:00Z", "X-1"),
        ("b", "2026-06-17T00:00:00Z", "X-2"),
        ("c", "2026-06-17T22:59:59.999999Z", "X-1"),
    ]
    assert cases_of(PER_DAY, *hits, zone=zone) == expected


def test_an_own_policy_has_the_parameters_that_it_states() -> None:
    ours = CasePolicy("198-2-bis", None, same_restriction=True, same_day=True)
    hits = [
        ("a", "2026-06-17T00:00:00Z", "X-1"),
        ("b", "2026-06-17T09:00:00Z", "X-2"),
        ("c", "2026-06-17T23:00:00Z", "X-1"),
        ("d", "2026-06-18T00:00:00Z", "X-1"),
    ]
    assert cases_of(ours, *hits) == [["a", "c"], ["b"], ["d"]]


@pytest.mark.parametrize("policy", CASE_POLICIES, ids=lambda policy: policy.name)
def test_no_violations_make_no_cases(policy: CasePolicy) -> None:
    violations, cases = join_cases(table_of([]), policy, zone_table("UTC"))
    assert violations.num_rows == cases.num_rows == 0
    assert violations.schema == VIOLATIONS_SCHEMA
    assert cases.schema == CASES_SCHEMA
