"""Street works: stretches of routes that are closed for hours, and the ways round them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from benchmarks.simulation.freight import Closure
from benchmarks.simulation.paths import Paths, trace

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from benchmarks.simulation.demand import PathTable
    from benchmarks.simulation.setting import Setting

# (setting, table of all paths, cost for lorries, ways of routes, number of the first, random)
Close: TypeAlias = (
    "Callable[[Setting, PathTable, npt.NDArray[np.float64], Paths, int, np.random.Generator],"
    " list[Closure]]"
)

_SIGNED: Final = 0.4  # what a street of its route costs a driver whom signs lead round a closure


def ends(setting: Setting, ways: Paths) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the nodes at which ways begin and end."""
    start = setting.graph.edge_from[ways.edges[ways.offsets[:-1]]].astype(np.int64)
    return start, setting.graph.edge_to[ways.edges[ways.offsets[1:] - 1]].astype(np.int64)


def close_for_a_day(
    setting: Setting,
    table: PathTable,
    cost: npt.NDArray[np.float64],
    route_ways: Paths,
    first_route: int,
    random: np.random.Generator,
) -> list[Closure]:
    """Return street works of the day on the routes, with the ways round them."""
    graph = setting.graph
    users = _users(setting, route_ways)
    closures = []
    for number, (start_h, hours) in enumerate(((9.0, 3.5), (13.5, 3.0), (0.5, 4.0))):
        way = route_ways.of(int(random.integers(len(route_ways))))
        street = _long_block(setting, users, way, random)
        edges = (street,)
        closed = cost.copy()
        closed[street] *= 1e6
        uses = [i for i in range(len(route_ways)) if street in route_ways.of(i)]
        starts, targets = ends(setting, route_ways)
        ways, pair = trace(graph, closed, starts[uses], targets[uses])
        first = table.add(ways)
        round_by = {first_route + uses[int(p)]: first + i for i, p in enumerate(pair)}
        since = 3600.0 * start_h
        closures.append(
            Closure(f"CL-{number + 1:02d}", edges, since, since + 3600.0 * hours, round_by)
        )
    return closures


def close_for_days(days: int, a_day: int) -> Close:
    """Return what closes so many streets on each of some days, with official ways round them.

    An official way round leaves its route shortly before the closure and comes back soon after.
    """

    def close(
        setting: Setting,
        table: PathTable,
        cost: npt.NDArray[np.float64],
        route_ways: Paths,
        first_route: int,
        random: np.random.Generator,
    ) -> list[Closure]:
        users = _users(setting, route_ways)
        starts, targets = ends(setting, route_ways)
        closures = []
        for number in range(days * a_day):
            way = route_ways.of(int(random.integers(len(route_ways))))
            street = _long_block(setting, users, way, random)
            round_by = {}
            for i in range(len(route_ways)):
                if street not in route_ways.of(i):
                    continue
                signed = cost.copy()
                signed[route_ways.of(i)] *= _SIGNED
                signed[street] = 1e6 * cost[street]
                ways, pair = trace(setting.graph, signed, starts[[i]], targets[[i]])
                if len(pair):
                    round_by[first_route + i] = table.add(ways)
            since = 86_400.0 * (number // a_day) + 3600.0 * float(random.uniform(5.0, 15.0))
            until = since + 3600.0 * float(random.uniform(3.0, 8.0))
            closures.append(
                Closure(f"CL-{number + 1:03d}", (street,), since, until, round_by, official=True)
            )
        return closures

    return close


def _users(setting: Setting, route_ways: Paths) -> npt.NDArray[np.int64]:
    """Return how many routes run along each edge."""
    return np.bincount(
        np.concatenate([np.unique(route_ways.of(i)) for i in range(len(route_ways))]),
        minlength=setting.graph.edge_count,
    )


def _long_block(
    setting: Setting,
    users: npt.NDArray[np.int64],
    way: npt.NDArray[np.int32],
    random: np.random.Generator,
) -> int:
    """Return a long block of a way, of those that few other routes share."""
    worth = users[way] - setting.graph.edge_length_m[way] / 1e4
    longest = way[np.argsort(worth, kind="stable")[:4]]
    return int(longest[int(random.integers(len(longest)))])
