"""What lorries do on the day: most keep to their permits and to the rules, some do not.

A law-abiding driver is checked against the rules before he sets out (`truth.Judge`), so that the
violations of the day are those of drivers who mean to, or who run late.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.simulation.demand import ACT, Pool
from benchmarks.simulation.driving import Passages, Trips
from benchmarks.simulation.instants import midnight_s

if TYPE_CHECKING:
    import datetime as dt

    from benchmarks.simulation.fleet import Fleet
    from benchmarks.simulation.permits import Permit
    from benchmarks.simulation.truth import Judge

_REST_S: Final = 5400.0  # between two tours of one vehicle: time to come from anywhere
_TRUCK_CLASSES: Final = frozenset(
    ("heavy_truck", "medium_truck", "light_truck", "mini_truck", "tractor", "special")
)
_LIGHT: Final = ("light_truck", "mini_truck")
# Share of the freight hits that each kind of tour makes.
_QUOTA: Final = {
    "on_route": 0.5, "outside_the_ring": 0.19, "night": 0.11, "light_off_peak": 0.15, "no_permit": 0.022,
}  # fmt: skip
_DRIVES_ANYWAY: Final = 0.3  # share of holders of a dead permit who drive as before
_OFFEND_OFF_ROUTE: Final = 0.035
_OFFEND_HOURS: Final = 0.04


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """A closed stretch on routes: who would drive it in that time goes round.

    `way_round` gives, for each path that has the stretch, the path around it. An `official` way round
    is driven by those who might have driven their own way as long; any other by everybody.
    """

    closure_id: str
    edges: tuple[int, ...]
    from_s: float
    until_s: float
    way_round: dict[int, int]
    official: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Pools:
    """Ways of lorries: into the city, into it without a thought of bans, past it; of small lorries."""

    into: Pool
    blunt: Pool
    past: Pool
    light: Pool


class FreightDay:
    """Collects the tours of one day."""

    def __init__(
        self,
        fleet: Fleet,
        permits: list[Permit],
        judge: Judge,
        passages: Passages,
        pools: Pools,
        closures: list[Closure],
        other_ways: dict[int, int],
        day: dt.date,
        random: np.random.Generator,
    ) -> None:
        self.permits = [permit for permit in permits if permit.ways]
        self.fleet, self.judge, self.passages = fleet, judge, passages
        self.counts = passages.counts
        self.pools, self.closures, self.other_ways = pools, closures, other_ways
        self.day, self.midnight, self.random = day, midnight_s(day), random
        self.free_s: dict[int, float] = defaultdict(lambda: -1e9)
        self.rows: list[tuple[int, int, float, float, int, float, bool]] = []
        self.seen: dict[str, float] = defaultdict(float)
        named = {vehicle for permit in permits for vehicle in permit.vehicles}
        trucks = [
            i
            for i in range(len(fleet))
            if fleet.vehicle_class[i] in _TRUCK_CLASSES
            and fleet.plate[i] == fleet.rightful_plate[i]
        ]
        self.light = [i for i in trucks if fleet.vehicle_class[i] in _LIGHT and i not in named]
        self.plain = [i for i in trucks if i not in named]
        self.roaming = [i for i in trucks if i not in named or not judge.confined(i)]

    def fill(self, hits: float) -> None:
        """Let lorries drive past about `hits` cameras."""
        self._permitted(hits * _QUOTA["on_route"])
        self._plain_tours("night", self.roaming, self.pools.into, hits, ((0.0, 5.2), (22.1, 23.6)))
        self._plain_tours(
            "light_off_peak",
            self.light,
            self.pools.light,
            hits,
            ((5.0, 6.6), (9.1, 16.4), (19.1, 23.0)),
        )
        self._plain_tours("outside_the_ring", self.roaming, self.pools.past, hits, ((0.0, 23.5),))
        self._offenders(hits * _QUOTA["no_permit"])

    def trips(self) -> Trips:
        """Return all trips so far."""
        columns = list(zip(*self.rows, strict=True))
        kinds = (np.int64, np.int64, np.float64, np.float64, np.int16, np.float64, np.bool_)
        return Trips(
            *(np.array(column, dtype=kind) for column, kind in zip(columns, kinds, strict=True))
        )

    # Tours

    def _permitted(self, hits: float) -> None:
        """Let holders of permits drive, in rounds, until they have made their hits."""
        for _ in range(5):
            for number in self.random.permutation(len(self.permits)).tolist():
                if self.seen["on_route"] > hits:
                    return
                permit = self.permits[number]
                vehicle = int(permit.vehicles[int(self.random.integers(len(permit.vehicles)))])
                if permit.binding != "confines" and self.judge.confined(vehicle):
                    continue
                self._permit_tour(permit, vehicle)

    def _permit_tour(self, permit: Permit, vehicle: int) -> None:
        draw = float(self.random.random())
        limit, speeding = np.nan, False
        if permit.max_speed_kmh is not None:
            limit, speeding = permit.max_speed_kmh, bool(self.random.random() < 0.08)
        if draw < _OFFEND_OFF_ROUTE:
            way = self.other_ways.get(permit.ways[0], permit.ways[0])
            start = self._start_in(permit, 0, way)
            if start is not None:
                self._go(way, vehicle, start, "off_route", limit, speeding)
            return
        if draw < _OFFEND_OFF_ROUTE + _OFFEND_HOURS:
            start = self._start_outside(permit)
            if start is not None:
                self._go(permit.ways[0], vehicle, start, "outside_hours", limit, speeding)
            return
        stubborn = permit.fate != "active" and self.random.random() < _DRIVES_ANYWAY
        at_s = self._start_in(permit, 0, permit.ways[0])
        for leg, way in enumerate(permit.ways[:2]):
            if at_s is None:
                return
            act, driven, lawful = self._leg(way, vehicle, at_s, stubborn)
            if not lawful or not self._go(driven, vehicle, at_s, act, limit, speeding):
                return
            unloaded = (
                at_s
                + 1.25 * float(self.passages.path_seconds[driven])
                + float(self.random.uniform(1200, 5400))
            )
            self.free_s[vehicle] = unloaded - 1.0
            at_s = unloaded if leg + 1 < len(permit.ways) else None
        self.free_s[vehicle] += _REST_S

    def _leg(self, way: int, vehicle: int, at_s: float, stubborn: bool) -> tuple[str, int, bool]:
        """Return what a driver on the way of his permit means, what he drives, and whether he may."""
        act, driven = ("not_in_force" if stubborn else "on_route"), way
        closure = self._closure_on(way, at_s)
        if closure is not None:
            driven = closure.way_round[way]
            act = act if stubborn and closure.official else "detour"
        if stubborn or (closure is not None and not closure.official):
            return act, driven, True
        longer = self.passages.path_seconds[driven] / self.passages.path_seconds[way]
        return act, driven, self._lawful(way, vehicle, at_s, 1.1 * float(longer))

    def _plain_tours(
        self,
        act: str,
        who: list[int],
        pool: Pool,
        hits: float,
        when: tuple[tuple[float, float], ...],
    ) -> None:
        """Let drivers without need of a permit go there and back, at hours when they may."""
        quota = hits * _QUOTA[act]
        length = np.array([end - start for start, end in when])
        tries = 0
        while self.seen[act] < quota and tries < 60 * len(who) + 1000:
            tries += 1
            vehicle = who[int(self.random.integers(len(who)))]
            choice = int(self.random.choice(len(pool.weight), p=pool.weight))
            start, end = when[int(self.random.choice(len(when), p=length / length.sum()))]
            at_s = 3600.0 * float(self.random.uniform(start, end))
            for way in (int(pool.there[choice]), int(pool.back[choice])):
                if not self._lawful(way, vehicle, at_s, 1.1) or not self._go(
                    way, vehicle, at_s, act
                ):
                    break
                at_s += 1.25 * float(self.passages.path_seconds[way]) + float(
                    self.random.uniform(900, 4200)
                )
                self.free_s[vehicle] = at_s - 1.0
            self.free_s[vehicle] += _REST_S

    def _offenders(self, hits: float) -> None:
        pool = self.pools.blunt
        while self.seen["no_permit"] < hits and self.plain:
            vehicle = self.plain[int(self.random.integers(len(self.plain)))]
            choice = int(self.random.choice(len(pool.weight), p=pool.weight))
            at_s = 3600.0 * float(
                self.random.choice([7.2, 8.0, 9.5, 11.0, 13.5, 15.0, 17.2, 18.5, 20.0])
            ) + float(self.random.normal(0, 1200))
            if self._go(int(pool.there[choice]), vehicle, at_s, "no_permit"):
                self.free_s[vehicle] += _REST_S
            else:
                self.seen["no_permit"] += 0.01

    def into_town(self, vehicle: int, from_s: float, act: str) -> None:
        """Let a lorry go into the city three times, whatever the rules say."""
        at_s = from_s
        for _ in range(3):
            self._go(self._way_in(), vehicle, at_s, act)
            at_s = self.free_s[vehicle] + _REST_S

    def beside(self, vehicle: int, original: int, within_s: float) -> bool:
        """Let a clone go into the city whenever the original drives; False if it does not."""
        starts = [at_s for _, driver, at_s, *_ in self.rows if driver == original]
        for start_s in starts:
            at_s = start_s + float(self.random.uniform(-within_s, within_s))
            self._go(self._way_in(), vehicle, at_s, "clone")
        return bool(starts)

    def drivers(self, act: str, from_h: float, until_h: float) -> list[int]:
        """Return the vehicles that set out with an intent between two hours, ascending."""
        return sorted(
            {
                vehicle
                for _, vehicle, at_s, _, intent, *_ in self.rows
                if intent == ACT[act] and 3600.0 * from_h <= at_s < 3600.0 * until_h
            }
        )

    def _way_in(self) -> int:
        pool = self.pools.into
        return int(pool.there[int(self.random.choice(len(pool.weight), p=pool.weight))])

    # Steps

    def _go(
        self,
        path: int,
        vehicle: int,
        at_s: float,
        act: str,
        limit: float = np.nan,
        speeding: bool = False,
    ) -> bool:
        if self.counts[path] == 0 or at_s < self.free_s[vehicle]:
            return False
        pace = 1.1 * float(np.exp(self.random.normal(0.0, 0.07)))
        self.rows.append((path, vehicle, at_s, pace, ACT[act], limit, speeding))
        self.free_s[vehicle] = at_s + 1.3 * pace * float(self.passages.path_seconds[path]) + 300.0
        kind = (
            "on_route" if act in ("detour", "off_route", "outside_hours", "not_in_force") else act
        )
        self.seen[kind] += float(self.counts[path])
        return True

    def _lawful(self, path: int, vehicle: int, at_s: float, pace: float) -> bool:
        """Return whether nothing on the way would be a violation, were all to go as planned."""
        rows = slice(int(self.passages.offsets[path]), int(self.passages.offsets[path + 1]))
        for record, after_s in zip(
            self.passages.record[rows].tolist(), self.passages.seconds[rows].tolist(), strict=True
        ):
            when = self.midnight + at_s + pace * after_s
            if self.judge.judge(vehicle, record, when).reason is not None:
                return False
        return True

    def _closure_on(self, way: int, at_s: float) -> Closure | None:
        for closure in self.closures:
            if way in closure.way_round and closure.from_s <= at_s < closure.until_s:
                return closure
        return None

    def _start_in(self, permit: Permit, grant: int, way: int) -> float | None:
        """Return a time to set out such that the whole way lies in the grant's hours of the day."""
        need = 1.3 * float(self.passages.path_seconds[way])
        fits = [
            (max(0.0, 60.0 * start), min(86_000.0, 60.0 * end) - need)
            for start, end in permit.grants[grant].schedule.intervals(self.day)
        ]
        fits = [(start, end) for start, end in fits if end > start]
        if not fits:
            return None
        length = np.array([end - start for start, end in fits])
        start, end = fits[int(self.random.choice(len(fits), p=length / length.sum()))]
        return float(self.random.uniform(start, end))

    def _start_outside(self, permit: Permit) -> float | None:
        hours = permit.grants[0].schedule
        for _ in range(12):
            at_s = float(self.random.uniform(6.5 * 3600, 21.5 * 3600))
            if not self.judge.is_open(hours, self.midnight + at_s, 600.0):
                return at_s
        return None
