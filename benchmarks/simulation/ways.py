"""All ways that anybody drives: of cars, lorries and routes, and round closed streets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.simulation import demand
from benchmarks.simulation.closing import ends
from benchmarks.simulation.demand import PathTable, Pool
from benchmarks.simulation.freight import Pools
from benchmarks.simulation.paths import Paths, edge_seconds, join_paths, taste, trace, truck_cost
from benchmarks.simulation.routes import plan_routes

if TYPE_CHECKING:
    import numpy.typing as npt

    from benchmarks.simulation.closing import Close
    from benchmarks.simulation.freight import Closure
    from benchmarks.simulation.setting import Setting


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """All paths of the city, and which of them serve whom."""

    paths: Paths
    seconds: npt.NDArray[np.float64]
    cars: Pool
    freight: Pools
    first_route: int
    route_ways: Paths
    other_ways: dict[int, int]
    closures: list[Closure]


def find_ways(setting: Setting, routes: int, close: Close, random: np.random.Generator) -> Ways:
    """Return the ways of a city with so many routes; `close` says which streets are closed."""
    graph = setting.graph
    seconds = edge_seconds(graph)
    lorry = truck_cost(graph, seconds)
    # Lorries know the bridge and the school that they may never pass.
    shunned = setting.edges_in(setting.school)
    if setting.bridges:
        shunned[list(setting.bridges[0])] = True
    blunt, lorry = lorry, lorry * np.where(shunned, 12.0, 1.0)
    around = lorry * np.where(setting.edges_in(setting.inner), 14.0, 1.0)
    beside_core = lorry * np.where(setting.edges_in(setting.core), 14.0, 1.0)
    # Larger networks have more places, so that paths stay varied; a path serves many trips.
    size = int(np.clip(np.sqrt(setting.graph.node_count) * 1.6, 60, 240))
    everywhere = demand.zone_nodes(setting, size, random)
    inside = demand.zone_nodes(setting, size // 2, random, setting.inner)
    seats = np.unique(
        np.concatenate(
            [demand.zone_nodes(setting, 10, random, seat) for seat in setting.freight_seats]
        )
    )
    outside = np.setdiff1d(everywhere, demand.zone_nodes(setting, 10**9, random, setting.inner))
    outside = outside if len(outside) > 4 else everywhere
    reach = float(np.sqrt(setting.inner.area))
    table = PathTable()

    def pool(
        starts: npt.NDArray[np.int64],
        ends: npt.NDArray[np.int64],
        cost: npt.NDArray[np.float64],
        pairs: int,
        far: float,
    ) -> Pool:
        chosen, weight = demand.gravity_pairs(
            setting, starts, ends, pairs, random, reach_m=far * reach
        )
        return table.add_pool(setting, cost, chosen, weight, random)

    many = 12 * size
    cars = demand.merge_pools([pool(everywhere, everywhere, seconds, many, 0.5) for _ in range(3)])
    freight = Pools(
        into=demand.merge_pools([pool(seats, inside, lorry, 4 * size, 2.0) for _ in range(2)]),
        past=demand.merge_pools(
            [
                pool(seats, outside, around, 3 * size, 2.0),
                pool(outside, outside, around, 4 * size, 1.5),
            ]
        ),
        blunt=demand.merge_pools(
            [pool(seats, inside, blunt, 3 * size, 2.0), pool(outside, inside, blunt, 3 * size, 1.0)]
        ),
        light=demand.merge_pools(
            [pool(everywhere, everywhere, beside_core, 5 * size, 0.6) for _ in range(2)]
        ),
    )
    route_ways = plan_routes(setting, seconds * np.where(shunned, 12.0, 1.0), routes, random)
    first_route = table.add(route_ways)
    other_ways = _other_ways(setting, table, lorry, route_ways, first_route, random)
    closures = close(setting, table, lorry, route_ways, first_route, random)
    paths = join_paths(table.parts)
    forbidden = np.add.reduceat(shunned[paths.edges].astype(int), paths.offsets[:-1]) > 0
    freight = replace(freight, blunt=_likelier(freight.blunt, forbidden))
    return Ways(
        paths,
        seconds,
        cars,
        freight,
        first_route,
        route_ways,
        other_ways,
        closures,
    )


def _likelier(pool: Pool, forbidden: npt.NDArray[np.bool_]) -> Pool:
    """Return a pool whose ways past the bridge and the school are five times as likely."""
    weight = pool.weight * np.where(forbidden[pool.there], 5.0, 1.0)
    return replace(pool, weight=weight / weight.sum())


def _other_ways(
    setting: Setting,
    table: PathTable,
    cost: npt.NDArray[np.float64],
    route_ways: Paths,
    first_route: int,
    random: np.random.Generator,
) -> dict[int, int]:
    """Return another way with the same ends for each route, for drivers who know better."""
    ruffled = taste(setting.graph, taste(setting.graph, cost, random), random)
    ways, pair = trace(setting.graph, ruffled, *ends(setting, route_ways))
    first = table.add(ways)
    return {first_route + int(p): first + i for i, p in enumerate(pair)}
