"""Some days of a city under named nuisances, none of them or all: what the truth benchmark judges.

Unlike the sample city's day nothing goes wrong but what is named: whoever reads the answer can
tell which nuisance it comes from.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.simulation.city_folder import CityFolder
from benchmarks.simulation.closing import close_for_days
from benchmarks.simulation.day_files import write_hits, write_truth
from benchmarks.simulation.demand import ACT
from benchmarks.simulation.driving import drive
from benchmarks.simulation.freight import FreightDay
from benchmarks.simulation.instants import midnight_s
from benchmarks.simulation.late_records import not_yet_recorded, record_at_once, record_late
from benchmarks.simulation.layout import lay_out
from benchmarks.simulation.machines import Clocks, Machines, service_s
from benchmarks.simulation.people import settle
from benchmarks.simulation.reading import NO_FAULTS, read_plates
from benchmarks.simulation.seeds import stream
from benchmarks.simulation.strangers import let_clones_drive, raise_clones, raise_look_alikes
from benchmarks.simulation.traffic import all_trips, passages_wanted
from benchmarks.simulation.truth import Judge
from benchmarks.simulation.wrong_cameras import misplace, wrong_clocks

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from benchmarks.simulation.driving import Drives, Trips
    from benchmarks.simulation.layout import Layout, Order
    from benchmarks.simulation.people import People
    from benchmarks.simulation.permits import Permit
    from benchmarks.simulation.reading import Rows

# Each nuisance, and the label of the rows that it touches.
NUISANCES: Final = {
    "misreads": "misread",
    "clones": "clone",
    "wrong_clocks": "wrong_clock",
    "wrong_places": "wrong_place",
    "late_permits": "late_permit",
    "closures": "closure",
    "missed_passages": None,
    "look_alikes": "look_alike",
}
DETECTED: Final = (0.92, 0.98)  # of passages, by camera
MISREAD: Final = (0.01, 0.03)  # of reads, by camera
ODD_MISREAD: Final = 0.06  # of misreads: a character lost, doubled or taken for any
_ROUTES_FOR_A_CLOSURE: Final = 10  # one street is closed a day for so many routes


def lay_out_period(order: Order, days: int) -> Layout:
    """Lay out a city for some days; its network is written into `order.out`."""
    closures = max(1, order.routes // _ROUTES_FOR_A_CLOSURE)
    layout = lay_out(
        order, CityFolder(order.out, order.coordinates), close_for_days(days, closures)
    )
    cameras = [replace(camera, gives_class=True) for camera in layout.cameras]
    return replace(layout, cameras=cameras)


def make_period(
    order: Order, days: int, layout: Layout, network: Path, nuisances: Collection[str]
) -> None:
    """Write a city into `order.out`, with `hits/` and `truth/` of some days from `order.day` on.

    Parameters
    ----------
    order
        As it was laid out, with a folder of its own.
    days
        Number of days.
    layout, network
        What `lay_out_period` returned, and the network that it wrote.
    nuisances
        Names in `NUISANCES`; nothing else goes wrong.
    """
    _Period(order, days, layout, network, frozenset(nuisances)).make()


class _Period:
    """A city in the making."""

    def __init__(
        self, order: Order, days: int, layout: Layout, network: Path, on: frozenset[str]
    ) -> None:
        self.order, self.days, self.layout, self.on = order, days, layout, on
        self.folder = CityFolder(order.out, order.coordinates)
        self.folder.write_network(network)
        self.people: People = settle(order, layout, self.folder)
        self.late: list[Permit] = []
        self.clones: dict[int, int] = {}
        self.look_alikes: list[int] = []
        self.wrong_places: frozenset[int] = frozenset()
        self.closures = layout.ways.closures if "closures" in on else []
        self.free_s: dict[int, float] = {}

    def make(self) -> None:
        """Settle what is wrong, write the folder, and let the days pass."""
        layout, people, order = self.layout, self.people, self.order
        record_at_once(people.permits)
        if "late_permits" in self.on:
            self.late = record_late(
                people.permits, order.day, self.days, stream(order.seed, "late permits")
            )
        if "look_alikes" in self.on:
            self.look_alikes = raise_look_alikes(people, stream(order.seed, "look-alikes"))
        registered = layout.cameras
        if "wrong_places" in self.on:
            registered, self.wrong_places = misplace(
                layout.cameras, stream(order.seed, "wrong places")
            )
        # Where no clock is wrong none is off, and the city says so.
        self.folder.write_settings(order.name, 1.0 if "wrong_clocks" in self.on else 0.0)
        self.folder.write_cameras(registered)
        self.folder.write_restrictions(layout.restrictions)
        self.folder.write_routes(layout.routes)
        self.folder.write_closures(self.closures, layout.setting, order.day)
        self.folder.write_permits(people.permits, people.fleet)
        hits, truth = self.folder.emptied("hits"), self.folder.emptied("truth")
        machines = self._machines()
        for number in range(self.days):
            self._pass_day(number, machines, hits, truth)

    def _machines(self) -> Machines:
        cameras, order = self.layout.cameras, self.order
        count = len(cameras)
        random = stream(order.seed, "machines")
        detected, misread = (random.uniform(*share, count) for share in (DETECTED, MISREAD))
        clocks = Clocks.right(count)
        if "wrong_clocks" in self.on:
            clocks = wrong_clocks(cameras, order.day, self.days, stream(order.seed, "clocks"))
        never = np.full(count, np.inf)
        return Machines(
            cameras,
            *service_s(cameras, order.day),
            never,
            never,
            detected if "missed_passages" in self.on else np.ones(count),
            misread if "misreads" in self.on else np.zeros(count),
            clocks,
            states_confidence=np.ones(count, dtype=bool),
            odd_writing=np.zeros(count, dtype=bool),
        )

    def _pass_day(self, number: int, machines: Machines, hits: Path, truth: Path) -> None:
        order, layout, people = self.order, self.layout, self.people
        day = order.day + dt.timedelta(days=number)
        since_s = 86_400.0 * number
        judge = Judge(people.fleet, layout.restrictions, people.permits, day)
        trips = all_trips(order, layout, people, self._lorries(number, judge), f" {number}")
        drives = drive(trips, layout.passages, stream(order.seed, f"driving {number}"))
        rows = read_plates(
            drives, trips.vehicle, frozenset(self.clones), people.fleet, machines,
            replace(NO_FAULTS, odd_misread=ODD_MISREAD), layout.setting.graph.edge_speed_kmh,
            stream(order.seed, f"reading {number}"), since_s=since_s,
        )  # fmt: skip
        self._label(rows, drives, trips, midnight_s(day))
        hit_ids = write_hits(rows, hits, day)
        write_truth(
            truth / f"{day}.parquet", rows, hit_ids, drives, trips, people.fleet, layout.cameras,
            judge, day,
        )  # fmt: skip

    def _lorries(self, number: int, judge: Judge) -> Trips:
        order, layout, people = self.order, self.layout, self.people
        since_s = 86_400.0 * number
        today = [
            replace(closure, from_s=closure.from_s - since_s, until_s=closure.until_s - since_s)
            for closure in self.closures
        ]
        freight = FreightDay(
            people.fleet, people.permits, judge, layout.passages, layout.ways.freight, today,
            layout.ways.other_ways, order.day + dt.timedelta(days=number),
            stream(order.seed, f"freight {number}"),
        )  # fmt: skip
        # Whoever is still under way at midnight is nowhere else.
        freight.free_s.update({who: at_s - 86_400.0 for who, at_s in self.free_s.items()})
        random = stream(order.seed, f"strangers {number}")
        for vehicle in self.look_alikes:
            freight.into_town(vehicle, 3600.0 * float(random.uniform(6.0, 15.0)), "no_permit")
        freight.fill(passages_wanted(order) * order.freight_share)
        if "clones" in self.on and number == 0:
            self.clones = raise_clones(people, freight, stream(order.seed, "clones"))
        let_clones_drive(freight, self.clones, random)
        self.free_s = dict(freight.free_s)
        return freight.trips()

    def _label(self, rows: Rows, drives: Drives, trips: Trips, midnight: float) -> None:
        rows.mark(trips.act[drives.trip[rows.drive]] == ACT["detour"], "closure")
        rows.mark(np.isin(drives.record[rows.drive], list(self.wrong_places)), "wrong_place")
        rows.mark(np.isin(rows.vehicle, self.look_alikes), "look_alike")
        unknown = not_yet_recorded(rows, self.late, midnight)
        rows.mark(np.array(unknown, dtype=np.int64), "late_permit")
