"""The parts that rules are compiled from: civil time, camera sets, plates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcement.errors import EnforcementError
from enforcement.index.camera_sets import Pairs, share_sets
from enforcement.index.civil_time import LAST_INSTANT_US, zone_table
from enforcement.index.plate_table import build_filter, build_plate_table
from enforcement.index.plate_table_kernels import mix
from enforcement.matching.lookup_kernels import find_slot, passes, span_of
from ingest.plate_keys import PlateKeys

ZONES = (
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "Africa/Monrovia",
    "UTC",
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def offset_us(zone, instant_us):
    local = (EPOCH + timedelta(microseconds=instant_us)).astimezone(ZoneInfo(zone))
    return local.utcoffset() // MICROSECOND


@settings(deadline=None)
@given(st.sampled_from(ZONES), st.integers(0, LAST_INSTANT_US - 1))
def test_a_zone_table_says_what_zoneinfo_says(zone, instant_us):
    table = zone_table(zone)
    span = span_of(table.from_us, instant_us)
    assert table.from_us[span] <= instant_us
    assert table.offset_us[span] == offset_us(zone, instant_us)


@pytest.mark.parametrize("zone", ZONES)
def test_every_entry_of_a_zone_table_begins_where_the_offset_changes(zone):
    table = zone_table(zone)
    for change, before, after in zip(
        table.from_us[1:].tolist(),
        table.offset_us[:-1].tolist(),
        table.offset_us[1:].tolist(),
        strict=True,
    ):
        assert offset_us(zone, change - 1) == before != after == offset_us(zone, change)


def test_zones_that_do_not_exist_are_told():
    for name in ("", "Mars/Olympus", "../etc/passwd", "Asia"):
        with pytest.raises(EnforcementError, match="no time zone"):
            zone_table(name)


@settings(deadline=None)
@given(
    st.integers(0, 200).flatmap(
        lambda cameras: st.tuples(
            st.just(cameras),
            st.lists(
                st.sets(st.integers(0, cameras - 1)) if cameras else st.just(set()), max_size=12
            ),
        )
    )
)
def test_shared_sets_hold_what_they_were_made_of(drawn):
    record_count, sets = drawn
    pairs = [(source, record) for source, one in enumerate(sets) for record in one]
    columns = np.array(pairs[::-1] * 2, np.int64).reshape(-1, 2)
    numbers, bitsets = share_sets(Pairs(columns[:, 0], columns[:, 1]), len(sets), record_count)
    assert bitsets.shape[1] == max(1, -(-record_count // 64))
    assert len(bitsets) == len({frozenset(one) for one in sets})
    for one, number in zip(sets, numbers.tolist(), strict=True):
        bits = int.from_bytes(bitsets[number].astype("<u8").tobytes(), "little")
        assert {record for record in range(bits.bit_length()) if bits >> record & 1} == one


def may_hold(plate_filter, key):
    return bool(passes(plate_filter, np.uint64(mix(key))))


PLATES = st.text("赣京挂АВС0123456789ABC", min_size=4, max_size=12)


@settings(deadline=None)
@given(st.sets(PLATES, max_size=60), st.sets(PLATES, max_size=20))
def test_a_plate_table_finds_its_plates_and_no_others(plates, strangers):
    table = build_plate_table([*sorted(plates), *plates])
    packer = PlateKeys(table.side_plates)
    slots = np.zeros((len(table.table_keys), 4), np.int64)
    slots[:, 0] = table.table_keys.view(np.int64)
    assert sorted(table.number.values()) == list(range(len(plates)))
    for plate in plates:
        key = np.uint64(packer.key(plate))
        assert may_hold(table.plate_filter, key)
        slot = find_slot(slots, key)
        assert table.table_keys[slot] == key
        assert table.table_vehicles[slot] == table.number[plate]
    for plate in strangers - plates:
        assert find_slot(slots, np.uint64(packer.key(plate))) < 0
    again = build_plate_table(sorted(plates, reverse=True))
    assert again.side_plates == table.side_plates
    assert np.array_equal(again.table_keys, table.table_keys)
    assert np.array_equal(again.plate_filter, table.plate_filter)


def test_a_filter_lets_few_strangers_pass():
    keys = np.arange(1, 50_001, dtype=np.uint64) * np.uint64(37)
    plate_filter = build_filter(keys)
    assert all(may_hold(plate_filter, key) for key in keys[:2000])
    strangers = np.arange(1, 10_001, dtype=np.uint64) * np.uint64(37) + np.uint64(1)
    assert sum(may_hold(plate_filter, key) for key in strangers) < 600
