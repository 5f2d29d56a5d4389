"""What differs between two judgements of the same hits, beside a count by hand."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from enforcement.findings import VIOLATIONS_SCHEMA
from enforcement.violation_changes import compare_violations

HITS = {f"h{n}": (f"C-{n % 3}", f"赣C1000{n % 4}", ("01", None)[n % 2]) for n in range(12)}
SIDE = st.dictionaries(
    st.sampled_from(sorted(HITS)),
    st.tuples(
        st.sampled_from(("no_permit", "off_route", "expired")),
        st.sampled_from((None, None, "clock", "detour")),
    ),
)


def table(side):
    rows = [
        {
            "violation_id": f"V-{hit}",
            "camera_id": HITS[hit][0],
            "plate": HITS[hit][1],
            "plate_class": HITS[hit][2],
            "reason": reason,
            "held": held,
        }
        for hit, (reason, held) in side.items()
    ]
    return pa.Table.from_pylist(rows, schema=VIOLATIONS_SCHEMA)


def suspected(side):
    return {hit: reason for hit, (reason, held) in side.items() if held is None}


@given(SIDE, SIDE)
def test_what_comes_and_goes_is_counted_by_reason_vehicle_and_camera(before, after):
    changes = compare_violations(table(before), table(after))
    then, now = suspected(before), suspected(after)
    come = {hit: now[hit] for hit in now.keys() - then.keys()}
    gone = {hit: then[hit] for hit in then.keys() - now.keys()}
    assert changes.all.suspected == Counter(come.values())
    assert changes.all.cleared == Counter(gone.values())
    both = then.keys() & now.keys()
    assert changes.other_reason == Counter(
        (then[hit], now[hit]) for hit in both if then[hit] != now[hit]
    )
    assert changes.held == Counter(after[hit][1] for hit in gone if hit in after)
    for place, found in ((0, changes.cameras), (slice(1, 3), changes.vehicles)):
        assert found.keys() == {HITS[hit][place] for hit in come.keys() | gone.keys()}
        for key, one in found.items():
            mine = Counter(reason for hit, reason in come.items() if HITS[hit][place] == key)
            lost = Counter(reason for hit, reason in gone.items() if HITS[hit][place] == key)
            assert (one.suspected, one.cleared) == (mine, lost)
        totals = [one.total for one in found.values()]
        assert totals == sorted(totals, reverse=True)
    for vehicle, cameras in changes.at.items():
        of_vehicle = [hit for hit in come.keys() | gone.keys() if HITS[hit][1:] == vehicle]
        assert cameras == tuple(sorted({HITS[hit][0] for hit in of_vehicle}))
    were, are = ({HITS[hit][1:] for hit in side} for side in (then, now))
    assert changes.vehicles_suspected == are - were
    assert changes.vehicles_cleared == were - are


@given(SIDE)
def test_nothing_differs_from_itself(side):
    changes = compare_violations(table(side), table(side))
    assert changes.all.total == changes.other_reason.total() == 0
    assert changes.vehicles == changes.cameras == changes.at == {}
