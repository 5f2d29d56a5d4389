"""All traffic of a day: lorries, buses, and cars for the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks.simulation import demand
from benchmarks.simulation.fleet import raise_others
from benchmarks.simulation.seeds import stream

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from benchmarks.simulation.driving import Trips
    from benchmarks.simulation.layout import Layout, Order
    from benchmarks.simulation.people import People

_RAW_FOR_A_HIT: Final = 1.13  # passages to drive for one read, misses and dark cameras included


def passages_wanted(order: Order) -> float:
    """Return how many cameras must be passed for the hits of a day."""
    return order.hits * _RAW_FOR_A_HIT


def all_trips(
    order: Order, layout: Layout, people: People, lorries: Trips, of_day: str = ""
) -> Trips:
    """Return everybody's trips: the lorries', and as many of others as make the hits of a day.

    `of_day` tells the random numbers of one day from another's.
    """
    passages, cars_ways = layout.passages, layout.ways.cars
    lines = demand.drive_buses(
        cars_ways, people.buses, passages, stream(order.seed, f"bus lines{of_day}")
    )
    rest = passages_wanted(order) - sum(
        float(passages.counts[trips.path].sum()) for trips in (lorries, lines)
    )

    def more_cars(count: int) -> npt.NDArray[np.int64]:
        random = stream(order.seed, f"cars{of_day}")
        return raise_others(people.fleet, count, 0, people.office, random)[0]

    cars = demand.drive_cars(
        cars_ways, more_cars, passages, rest, stream(order.seed, f"car trips{of_day}")
    )
    return demand.join_trips([lorries, lines, cars])
