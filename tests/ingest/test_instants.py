"""Times are told by their form; what cannot be read is no instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.errors import IngestError
from ingest.hits import NO_INSTANT
from ingest.instants import (
    END_US,
    civil_to_instants,
    instants_of_floats,
    instants_of_integers,
    instants_of_texts,
    instants_of_timestamps,
    zone_table,
)
from ingest.text_columns import text_column

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
ZONES = st.sampled_from(
    [
        "Asia/Shanghai",
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Africa/Casablanca",
        "America/Sao_Paulo",
        "UTC",
        "Pacific/Apia",
    ]
)


def civil_time(text):
    return datetime.fromisoformat(text)


CIVIL = st.datetimes(civil_time("1970-01-03"), civil_time("2099-12-29"))


def us(when):
    return (when - EPOCH) // MICROSECOND


def read(text, zone="Asia/Shanghai"):
    value = int(instants_of_texts(text_column(pa.array([text], pa.string())), zone)[0])
    return None if value == NO_INSTANT else EPOCH + value * MICROSECOND


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        # the table of rule 7
        ("1774137568", "2026-03-21T23:59:28"),
        ("1774137568318", "2026-03-21T23:59:28.318"),
        ("1774137568318204", "2026-03-21T23:59:28.318204"),
        ("1774137568.318204", "2026-03-21T23:59:28.318204"),
        ("20260314100507", "2026-03-14T02:05:07"),
        ("20260314100507123", "2026-03-14T02:05:07.123"),
        ("2026-03-14 10:05:07", "2026-03-14T02:05:07"),
        ("2026-03-14T10:05:07", "2026-03-14T02:05:07"),
        ("2026-03-14 10:05:07.5", "2026-03-14T02:05:07.5"),
        ("2026-03-14T10:05:07Z", "2026-03-14T10:05:07"),
        ("2026-03-14T10:05:07+08:00", "2026-03-14T02:05:07"),
        ("2026-03-14T10:05:07+0800", "2026-03-14T02:05:07"),
        ("2026-03-14T10:05:07+8:00", "2026-03-14T02:05:07"),
        ("2026-03-14T10:05:07-3:00", "2026-03-14T13:05:07"),
        ("2026-01-22T19:05:5208:00", "2026-01-22T11:05:52"),
        ("20260424T0931450000", "2026-04-24T01:31:45"),
        # spellings around it
        ("2026-03-14t10:05:07z", "2026-03-14T10:05:07"),
        ("2026-03-14 10:05:07+08", "2026-03-14T02:05:07"),
        ("2026-03-14 10:05:07 +0800", "2026-03-14T02:05:07"),
        ("2026-03-14T10:05:07-00:00", "2026-03-14T10:05:07"),
        ("2026-03-14T10:05:07,250Z", "2026-03-14T10:05:07.25"),
        ("20260314T100507Z", "2026-03-14T10:05:07"),
        ("20260314T100507", "2026-03-14T02:05:07"),
        ("20260314T100507.25+0800", "2026-03-14T02:05:07.25"),
        (" \t2026-03-14 10:05:07\u3000\u00a0", "2026-03-14T02:05:07"),
        ("1774137568318.0", "2026-03-21T23:59:28.318"),
        # digits beyond microseconds are cut, not rounded into the next second
        ("2026-03-14T10:05:07.999999999Z", "2026-03-14T10:05:07.999999"),
        ("2026-03-14T10:05:07.1234567Z", "2026-03-14T10:05:07.123456"),
        # the ends of the range
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00"),
        ("1970-01-01 08:00:00", "1970-01-01T00:00:00"),
        ("1969-12-31T20:00:00-04:00", "1970-01-01T00:00:00"),
        ("2099-12-31T23:59:59.999999Z", "2099-12-31T23:59:59.999999"),
        ("2100-01-01T07:59:59+08:00", "2099-12-31T23:59:59"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00"),
    ],
)
def test_forms_of_time(text, utc):
    assert read(text) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", " ", "NaT", "22/03/2026 8h", "2026-03-14", "2026-03-14 10:05", "10:05:07"),
        *("2026-02-30T00:00:00Z", "2025-02-29T00:00:00Z", "2026-04-31 00:00:00"),
        *("2026-13-01 00:00:00", "2026-00-10 00:00:00", "2026-01-00 00:00:00"),
        *("2026-03-14T24:00:00Z", "2026-03-14T10:60:00Z", "2016-12-31T23:59:60Z"),
        *("2026-03-14T10:05:07.Z", "2026-03-14T10:05:07.1234567890Z", "2026-03-14T10:05:07ZZ"),
        *("2026-03-14T10:05:07+24:00", "2026-03-14T10:05:07+08:60", "2026-03-14T10:05:07+"),
        *("2026-03-14T10:05:07+8", "2026-03-14T10:05:07+080", "2026-03-14T10:05:07 PM"),
        *("2026-03-14T10:05:07.508:00", "2026-03-14_10:05:07", "2026-3-14 10:05:07"),
        *("2026-03-14T10:05:0708", "２０２６-03-14T10:05:07Z", "-1774137568", "+1774137568"),
        *("177413756", "17741375683", "1774137568318204999", "1e9", "1774137568,3"),
        *("20261314100507", "20260314100507.5", "20260314T10050", "20260314T100507x"),
        *("20260314T1005070x", "1774137568318.5", "1774137568.", "9999999999"),
        *("1969-12-31T23:59:59.999999Z", "2100-01-01T00:00:00Z", "1970-01-01 07:59:59.999999"),
        *("20990101000000000000", "0000-00-00 00:00:00", "2026-03-14T10:05:07Z\x00x"),
    ],
)
def test_unreadable_times(text):
    assert read(text) is None


@given(
    CIVIL,
    st.integers(-23 * 60 - 59, 23 * 60 + 59),
    st.sampled_from("T t"),
    st.integers(0, 9),
    st.sampled_from(["colon", "plain"]),
)
def test_text_with_offset_is_that_instant(civil, offset_minutes, between, digits, style):
    offset = timezone(timedelta(minutes=offset_minutes))
    fraction = f".{civil.microsecond:06d}000"[: digits + 1] if digits else ""
    cut = int((fraction[1:] + "000000")[:6])
    sign, minutes = ("-" if offset_minutes < 0 else "+"), abs(offset_minutes)
    colon = ":" if style == "colon" else ""
    text = (
        f"{civil:%Y-%m-%d}{between}{civil:%H:%M:%S}{fraction}"
        f"{sign}{minutes // 60:02d}{colon}{minutes % 60:02d}"
    )
    assert read(text) == civil.replace(microsecond=cut, tzinfo=offset)


@given(CIVIL, ZONES)
@example(civil_time("2026-03-29T02:30:00"), "Europe/Berlin")
@example(civil_time("2026-03-29T02:00:00"), "Europe/Berlin")
@example(civil_time("2026-03-29T03:00:00"), "Europe/Berlin")
@example(civil_time("2026-10-25T02:30:00"), "Europe/Berlin")
@example(civil_time("2026-10-25T03:00:00"), "Europe/Berlin")
@example(civil_time("2026-10-25T02:59:59.999999"), "Europe/Berlin")
@example(civil_time("1991-09-15T00:30:00"), "Asia/Shanghai")
@example(civil_time("2011-12-30T12:00:00"), "Pacific/Apia")
def test_civil_time_is_read_by_the_zone_fold_0(civil, zone):
    expected = us(civil.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC))
    local = us(civil.replace(tzinfo=UTC))
    assert civil_to_instants(np.array([local]), zone).tolist() == [expected]
    assert us(read(f"{civil:%Y-%m-%d %H:%M:%S.%f}", zone)) == expected
    assert us(read(f"{civil:%Y%m%d%H%M%S}", zone)) == expected - civil.microsecond
    array = pa.array([civil], pa.timestamp("us"))
    assert instants_of_timestamps(array, zone).tolist() == [expected]


@given(ZONES)
def test_around_every_change_of_clocks(zone):
    table = zone_table(zone)
    info = ZoneInfo(zone)
    edges = table.local_from_us[1:]
    local = np.concatenate([edges + step for step in (-3_600_000_001, -1, 0, 1, 3_600_000_000)])
    got = civil_to_instants(local, zone)
    for at, instant in zip(local.tolist(), got.tolist(), strict=True):
        civil = (EPOCH + at * MICROSECOND).replace(tzinfo=info)
        assert instant == us(civil.astimezone(UTC))


@given(st.integers(0, END_US - 1))
@example(0)
@example(END_US - 1)
def test_time_stamps_of_every_unit(instant):
    for unit, per_us in (("s", 10**6), ("ms", 10**3), ("us", 1)):
        stamps = pa.array([instant // per_us, None], pa.timestamp(unit, tz="America/New_York"))
        got = instants_of_timestamps(stamps, "Asia/Shanghai").tolist()
        assert got == [instant // per_us * per_us, NO_INSTANT]
    stamps = pa.array([instant * 1000 + 999], pa.timestamp("ns", tz="UTC"))
    assert instants_of_timestamps(stamps, "Asia/Shanghai").tolist() == [instant]


def test_time_stamps_out_of_range_and_sliced():
    big = np.iinfo(np.int64).max
    for unit, scale in (("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)):
        end = min(END_US // 10**6 * scale, big)
        stamps = pa.array([7, -1, 0, None, end - 1, end, big, -big], pa.timestamp(unit, tz="UTC"))
        got = instants_of_timestamps(stamps[1:], "Asia/Shanghai") != NO_INSTANT
        assert got.tolist() == [False, True, False, True, False, False, False]


def test_numbers_by_their_digits():
    values = [1774137568, 1774137568318, 1774137568318204, 20260314100507, 20260314100507123]
    bad = [None, 0, -1774137568, 177413756, 1774137568318204999, 10**12 // 10 * 9]
    expected = [us(read(str(value))) for value in values]
    for kind in (pa.int64(), pa.uint64()):
        usable = [v for v in bad if v is None or v >= 0 or kind == pa.int64()]
        got = instants_of_integers(pa.array(values + usable, kind), "Asia/Shanghai").tolist()
        assert got == expected + [NO_INSTANT] * len(usable)
    got = instants_of_integers(pa.array([1774137568], pa.int32()), "Asia/Shanghai")
    assert got.tolist() == [1774137568_000000]


@given(st.integers(10**9, 4 * 10**9), st.integers(0, 999_999))
def test_float_seconds_are_the_nearest_microsecond(seconds, fraction):
    value = float(Decimal(seconds) + Decimal(fraction) / 10**6)
    got = instants_of_floats(pa.array([value]), "UTC").tolist()
    assert abs(got[0] - (seconds * 10**6 + fraction)) <= 1


def test_float_whole_numbers_and_none():
    values = [1774137568318.0, 20260314100507.0, None, float("nan"), float("inf"), -1.0, 1e300]
    got = instants_of_floats(pa.array(values), "Asia/Shanghai").tolist()
    assert got[:2] == [1774137568318000, us(read("20260314100507"))]
    assert got[2:] == [NO_INSTANT] * 5


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "Asia"])
def test_no_such_zone(zone):
    with pytest.raises(IngestError, match="time zone"):
        zone_table(zone)
