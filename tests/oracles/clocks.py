"""Which cameras have a wrong clock on which days, by brute force; imports nothing of ours."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

AROUND, END = timedelta(hours=13), timedelta(minutes=10)
LONGEST_GAP, NOISE, LEAST_ERROR = timedelta(minutes=15), 2.0, 30.0
AGAINST, ALONE, UNUSUAL, BESIDE, INSIDE = range(5)
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
    wrong, agreed = told_wrong(sightings, least, slack, doubtful)
    if wrong - doubtful:
        wrong, agreed = told_wrong(sightings, least, slack, doubtful | wrong)
    total, drives, impossible = defaultdict(int), defaultdict(int), defaultdict(int)
    for rows in sightings.values():
        for row in rows:
            total[unit_of(row)] += 1
        for one, other in pairwise(rows):
            if one[1] != other[1]:
                taken = (other[0] - one[0]).total_seconds()
                bad = least(one[1], other[1]) > taken + slack(one[1], other[1])
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


def told_wrong(sightings: dict, least, slack, doubtful: set) -> tuple[set, dict]:
    """Return the units whose passages lie better by an error, and how many do for each and its neighbours."""
    believed = {
        vehicle: [row for row in rows if unit_of(row) not in doubtful]
        for vehicle, rows in sightings.items()
    }
    usual = usual_share(believed, least)
    passages = defaultdict(list)  # (row, what is believed of its vehicle, how it stands)
    for vehicle, row in ((vehicle, row) for vehicle, rows in sightings.items() for row in rows):
        stands = fit(row, row[0], believed[vehicle], least, slack, usual)
        passages[unit_of(row)].append((row, believed[vehicle], stands))
    alone = [nobody_near(rows, place) for rows in sightings.values() for place in range(len(rows))]
    if sum(alone) > 0.5 * len(alone):
        return set(), defaultdict(int)

    def better_by(unit: tuple, error: float) -> list[tuple]:
        """Return (instant, how it stands, how it lies) of the passages from the first better to the last."""
        ahead = timedelta(seconds=error)
        lies = [
            (row[0], stands, fit(row, row[0] - ahead, others, least, slack, usual))
            for row, others, stands in passages[unit]
        ]
        better = [at for at, stands, moved in lies if is_better(moved, stands)]
        return [one for one in lies if better and min(better) <= one[0] <= max(better)]

    wrong, agreed, error_of = set(), defaultdict(int), {}
    for unit, some in passages.items():
        tried = sorted((one for one in some if one[2] < INSIDE), key=lambda one: one[0][0])
        tried = tried[:: max(1, -(-len(tried) // 24))]
        ranges = [one for row, others, _ in tried for one in errors(row, others, least, usual)]
        most, error_of[unit] = most_agreed(ranges)
        if most < 6:
            continue
        lies = better_by(unit, error_of[unit])
        agreed[unit] = sum(is_better(moved, stands) for _, stands, moved in lies)
        if tells(lies, agreed[unit], error_of[unit]):
            wrong.add(unit)
    for record, day in set(passages) - wrong:
        for beside in ((record, day - 1), (record, day + 1)):
            if beside in wrong:
                lies = better_by((record, day), error_of[beside])
                agreed[record, day] = sum(is_better(moved, stands) for _, stands, moved in lies)
                break
    return wrong, agreed


def nobody_near(rows: list, place: int) -> bool:
    beside = rows[max(0, place - 1) : place] + rows[place + 1 : place + 2]
    return not any(
        row[1] != rows[place][1] and abs(row[0] - rows[place][0]) <= LONGEST_GAP for row in beside
    )


def tells(lies: list[tuple], better: int, error: float) -> bool:
    worse = sum(is_better(stands, moved) for _, stands, moved in lies)
    against = sum(stands == AGAINST for _, stands, _ in lies)
    contradicted = against >= max(4, 0.05 * len(lies))
    enough = better >= max(6, 0.6 * len(lies)) and worse <= 0.1 * better
    return enough and (contradicted or abs(error) >= 300.0)


def is_better(one: int, other: int) -> bool:
    return (one == INSIDE and other < INSIDE) or (one == BESIDE and other <= ALONE)


def most_agreed(ranges: list[tuple]) -> tuple[int, float | None]:
    """Return in how many ranges some number lies at most, and the middle of the first such numbers."""
    ends = sorted(end for one in ranges for end in one)
    depth = [sum(low <= end <= high for low, high in ranges) for end in ends]
    most = max(depth, default=0)
    return most, next(
        (
            (one + other) / 2
            for (one, other), deep in zip(pairwise(ends), depth, strict=False)
            if deep == most
        ),
        None,
    )


def fit(row: tuple, at: datetime, believed: list, least, slack, usual: float) -> int:
    """Tell how a passage would lie at an instant among the nearest sightings by other records."""
    record = row[1]
    others = [one for one in believed if one[1] != record]
    before = max((one for one in others if one[0] < at), key=lambda one: one[0], default=None)
    after = min((one for one in others if one[0] >= at), key=lambda one: one[0], default=None)
    drives = []
    if before:
        drives.append((at - before[0], least(before[1], record), slack(before[1], record)))
    if after:
        drives.append((after[0] - at, least(record, after[1]), slack(record, after[1])))
    if any(needs > taken.total_seconds() + off for taken, needs, off in drives):
        return AGAINST
    near = [drive for drive in drives if drive[0] <= LONGEST_GAP]
    taken = sum((drive[0] for drive in near), timedelta())
    if not near or (len(near) == 1 and taken > END):
        return ALONE
    fast = any(took.total_seconds() + off < usual * needs for took, needs, off in near)
    slow = taken.total_seconds() > 3 * sum(usual * needs for _, needs, _ in near) + 120.0
    if fast or slow:
        return UNUSUAL
    return INSIDE if len(near) == 2 else BESIDE


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
