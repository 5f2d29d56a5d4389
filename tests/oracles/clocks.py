"""Which cameras have a wrong clock on which days, by brute force; imports nothing of ours."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

AROUND, ALONE = timedelta(hours=13), timedelta(minutes=10)
LONGEST_GAP, NOISE, LEAST_ERROR = timedelta(minutes=15), 2.0, 30.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def day_of(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(days=1)


def unit_of(row: tuple) -> tuple[int, int]:
    return row[1], day_of(row[0])


def wrong_clocks(
    sightings: dict, least, doubtful: set, slack=lambda *_records: 2.0
) -> set[tuple[int, int]]:
    """Return the (record, day) whose clock is wrong.

    `sightings` are rows (instant, record, ...) of each vehicle in order, `least` gives the seconds that
    any vehicle needs from one record to another, `slack` how far their clocks are off together.
    """

    def cannot(one: tuple, other: tuple) -> bool:
        taken = (other[0] - one[0]).total_seconds()
        return least(one[1], other[1]) > taken + slack(one[1], other[1])

    usual = usual_share(sightings, least)
    wrong, agreed = agreeing_on_an_error(sightings, least, cannot, doubtful, usual)
    if wrong - doubtful:
        wrong, agreed = agreeing_on_an_error(sightings, least, cannot, doubtful | wrong, usual)
    total, drives, impossible = defaultdict(int), defaultdict(int), defaultdict(int)
    for rows in sightings.values():
        for row in rows:
            total[unit_of(row)] += 1
        for one, other in pairwise(rows):
            if one[1] != other[1]:
                bad = cannot(one, other)
                for end in (unit_of(one), unit_of(other)):
                    drives[end] += 1
                    impossible[end] += bad
    beside = {
        (record, day)
        for record, day in total
        if wrong & {(record, day - 1), (record, day + 1)}
        and (
            total[record, day] < 40
            or agreed[record, day] >= 3
            or impossible[record, day] >= max(4, 0.07 * drives[record, day])
        )
    }
    return wrong | beside | {unit for unit in total if unit[1] in invented_days(total)}


def invented_days(units) -> set[int]:
    cameras = defaultdict(set)
    for record, day in units:
        cameras[day].add(record)
    if not cameras:
        return set()
    usual = median(len(cameras[day]) for _, day in units)
    busy = {day for day, some in cameras.items() if len(some) >= 0.02 * usual}
    return {day for day in cameras if not busy & {day - 1, day, day + 1}}


def usual_share(sightings: dict, least) -> float:
    shares = []
    for rows in sightings.values():
        for one, other in pairwise(rows):
            took = (other[0] - one[0]).total_seconds()
            if one[1] == other[1] or took > 1800:
                continue
            needs = least(one[1], other[1])
            if needs >= LEAST_ERROR and took >= needs:
                shares.append(took / needs)
    if len(shares) < 100:
        return 2.0
    shares.sort()
    return min(3.0, max(1.0, shares[int(0.02 * (len(shares) - 1))]))


def agreeing_on_an_error(
    sightings: dict, least, cannot, doubtful: set, usual: float
) -> tuple[set, dict]:
    total, ranges, fitting = defaultdict(int), defaultdict(list), defaultdict(int)
    for rows in sightings.values():
        for row in rows:
            total[unit_of(row)] += 1
    for row, believed in odd_rows(sightings, cannot, doubtful):
        found = list(errors(row, believed, least, usual))
        ranges[unit_of(row)] += found
        fitting[unit_of(row)] += bool(found)
    wrong, agreed = set(), defaultdict(int)
    for unit, found in ranges.items():
        agreeing = max(
            (sum(low <= end <= high for low, high in found) for one in found for end in one),
            default=0,
        )
        agreed[unit] = agreeing
        of_fitting, of_all = agreeing / max(fitting[unit], 1), agreeing / total[unit]
        if agreeing >= 6 and (
            (of_fitting >= 0.6 and of_all >= 0.03) or (of_fitting >= 0.3 and of_all >= 0.1)
        ):
            wrong.add(unit)
    return wrong, agreed


def odd_rows(sightings: dict, cannot, doubtful: set) -> list[tuple]:
    """Return the odd sightings of all vehicles, with what is believed of the vehicle's."""
    odd = []
    for rows in sightings.values():
        believed = [row for row in rows if unit_of(row) not in doubtful]
        for place, row in enumerate(rows):
            before = [one for one in rows[:place] if unit_of(one) not in doubtful]
            after = [one for one in rows[place + 1 :] if unit_of(one) not in doubtful]
            if is_odd(row, before, after, cannot):
                odd.append((row, believed))
    every = sum(len(rows) for rows in sightings.values())
    return odd if len(odd) <= 0.5 * every else []


def is_odd(row: tuple, before: list, after: list, cannot) -> bool:
    """Tell whether the nearest sightings elsewhere contradict one, or none is within ten minutes."""
    at, record = row[0], row[1]
    earlier = next((one for one in reversed(before) if one[1] != record), None)
    later = next((one for one in after if one[1] != record), None)
    if earlier is None and later is None:
        return False
    if earlier and cannot(earlier, row):
        return True
    if later and cannot(row, later):
        return True
    return not any(one and abs(one[0] - at) <= ALONE for one in (earlier, later))


def errors(row: tuple, believed: list, least, usual: float):
    """Yield the clock errors by which a sighting would fit between two others, or beside a trip."""
    at, record = row[0], row[1]
    # A gap is known by when it begins; one before a trip by when that begins.
    about = [ends for ends in gaps(believed) if -AROUND <= (ends[0] or ends[1])[0] - at < AROUND]
    for one, other in about if len(about) <= 500 else ():
        seen = other if one is None else one
        if record in {end[1] for end in (one, other) if end}:
            continue
        to_it = usual * least(one[1], record) if one else 0.0
        from_it = usual * least(record, other[1]) if other else 0.0
        longest = 3 * (to_it + from_it) + 120
        since = (at - seen[0]).total_seconds()
        if one and other:
            low = (at - other[0]).total_seconds() + from_it - NOISE
            high = since - to_it + NOISE
            near = (other[0] - one[0]).total_seconds() <= longest
        elif one:
            low, high, near = since - longest - NOISE, since - to_it + NOISE, longest <= 600
        else:
            low, high, near = since + from_it - NOISE, since + longest + NOISE, longest <= 600
        if low <= high and near and (high < -LEAST_ERROR or low > LEAST_ERROR):
            yield low, high


def gaps(rows: list):
    """Yield pairs of sightings that nobody lies between, None for before and after a trip."""
    for one, other in pairwise([None, *rows, None]):
        if one and other and other[0] - one[0] <= LONGEST_GAP:
            if one[1] != other[1]:
                yield one, other
            continue
        if one:
            yield one, None
        if other:
            yield None, other
