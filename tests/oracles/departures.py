"""Drives over streets and how likely one meets a camera, walk by walk; imports nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

STEP_M = 10
HORIZON_STEPS = 200


@dataclass(frozen=True)
class OracleStreet:
    """A directed street; `twin` is the other direction's number or None, `reads_m` where it is read."""

    begin: int
    finish: int
    length_m: float
    usable: bool
    twin: int | None
    reads_m: tuple[float, ...] = ()


class Driver:
    """Drives streets by their numbers, knowing the forbidden sequences of them."""

    def __init__(self, streets, bans):
        self.streets = streets
        self.bans = [tuple(ban) for ban in bans]
        self.memory = max((len(ban) for ban in self.bans), default=2)

    def onward(self, driven):
        """Streets that may be driven after those driven so far."""
        last = self.streets[driven[-1]]
        found = []
        for number, street in enumerate(self.streets):
            if street.begin != last.finish or not street.usable or number == last.twin:
                continue
            sequence = (*driven, number)
            if any(sequence[-len(ban) :] == ban for ban in self.bans):
                continue
            found.append(number)
        return found

    def departures(self, path):
        """Give (place in the path, street, probability to be seen) of every way to leave it."""
        on_path = frozenset(path)

        @cache
        def seen(driven, left):
            street = self.streets[driven[-1]]
            steps = max(1, round(street.length_m / STEP_M))
            if any(min(round(at_m / STEP_M), steps) <= left for at_m in street.reads_m):
                return Fraction(1)
            if steps >= left:
                return Fraction(0)
            ways = [number for number in self.onward(driven) if number not in on_path]
            if not ways:
                return Fraction(0)
            each = [seen((*driven, way)[-self.memory :], left - steps) for way in ways]
            return sum(each, Fraction(0)) / len(each)

        return [
            (place, way, seen((*path[: place + 1], way)[-self.memory :], HORIZON_STEPS))
            for place in range(len(path) - 1)
            for way in self.onward(tuple(path[: place + 1]))
            if way not in on_path
        ]
