"""Who keeps missing at a camera, by brute force; imports nothing of ours."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction
from itertools import product
from math import comb
from typing import NamedTuple

MINUTE = 60_000_000
HOUR = 60 * MINUTE


class Drive(NamedTuple):
    plate: object
    plate_class: object
    begin: int
    end: int
    shown: frozenset


def avoidance(rows: list[tuple], goods: set) -> dict[tuple, tuple]:
    """Return of (plate, class, camera): from, to, unseen, seen, others, those seen, first, last.

    `rows` are (plate, class, camera, microseconds) that are believed; of one instant the smaller
    camera comes first.
    """
    drives, direct = every_drive(rows)
    often = [habit for habit, count in direct.items() if count >= 5 and habit[2] in goods]
    alike = Counter(habit[:2] for habit in often)
    found: dict[tuple, tuple] = {}
    for start, stop, plate, plate_class in sorted(often):
        if alike[start, stop] > 3:
            continue
        every = drives[start, stop]
        own = [one for one in every if one[:2] == (plate, plate_class)]
        hours = {one.begin // HOUR for one in own}
        others = [one for one in every if one.plate != plate and one.begin // HOUR in hours]
        if len(others) < 20 or len({one.plate for one in others}) < 5:
            continue
        for camera in frozenset().union(*(one.shown for one in others)):
            unseen = [one for one in own if camera not in one.shown]
            there = sum(camera in one.shown for one in others)
            if (
                Fraction(there, len(others)) < Fraction(95, 100)
                or Fraction(len(unseen), len(own)) < Fraction(8, 10)
                or chance(camera, own, others) >= Fraction(1, 1_000_000)
            ):
                continue
            seen = len(own) - len(unseen)
            first, last = min(one.begin for one in unseen), max(one.end for one in unseen)
            row = (start, stop, len(unseen), seen, len(others), there, first, last)
            place = plate, plate_class, camera
            if place not in found or row[2] > found[place][2]:
                found[place] = row
    return found


def every_drive(rows: list[tuple]) -> tuple[dict, Counter]:
    """Return the drives by (from, to), and how often each vehicle drove with nobody between."""
    by_plate = defaultdict(list)
    for plate, plate_class, camera, at in rows:
        by_plate[plate].append((at, camera, plate_class))
    drives, direct = defaultdict(list), Counter()
    for plate, mine in by_plate.items():
        mine.sort()
        for i, (begin, start, plate_class) in enumerate(mine):
            between = []
            for end, stop, other_class in mine[i + 1 :]:
                if end - begin > 30 * MINUTE or stop == start:
                    break
                if stop not in between and other_class == plate_class:
                    drive = Drive(plate, plate_class, begin, end, frozenset(between))
                    drives[start, stop].append(drive)
                    direct[start, stop, plate, plate_class] += not between
                between.append(stop)
    return drives, direct


def chance(camera: object, own: list[Drive], others: list[Drive]) -> Fraction:
    """Return how likely so many misses are one's own if those of each hour fall on anybody."""
    strata = []
    for hour in {one.begin // HOUR for one in own}:
        mine = [camera not in one.shown for one in own if one.begin // HOUR == hour]
        theirs = [camera not in one.shown for one in others if one.begin // HOUR == hour]
        misses = sum(mine) + sum(theirs)
        ways = comb(len(mine) + len(theirs), misses)
        strata.append(
            [
                Fraction(comb(len(mine), k) * comb(len(theirs), misses - k), ways)
                for k in range(min(len(mine), misses) + 1)
            ]
        )
    most = sum(camera not in one.shown for one in own)
    total = Fraction(0)
    for ks in product(*(range(len(stratum)) for stratum in strata)):
        if sum(ks) >= most:
            part = Fraction(1)
            for k, stratum in zip(ks, strata, strict=True):
                part *= stratum[k]
            total += part
    return total
