"""Everything in order: town, ways, cameras, rules, drivers, reads, files."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from benchmarks.simulation import demand
from benchmarks.simulation.cameras import Camera, age_cameras, place_cameras
from benchmarks.simulation.city_folder import CityFolder
from benchmarks.simulation.day_files import write_hits, write_truth
from benchmarks.simulation.demand import PathTable, Pool
from benchmarks.simulation.driving import Passages, Trips, drive, find_passages
from benchmarks.simulation.fleet import Fleet, PlateOffice, raise_others, raise_trucks
from benchmarks.simulation.freight import Closure, FreightDay, Pools
from benchmarks.simulation.paths import Paths, edge_seconds, join_paths, taste, trace, truck_cost
from benchmarks.simulation.permits import Permit, bus_permit, issue_permits
from benchmarks.simulation.reading import read_plates
from benchmarks.simulation.restrictions import restrict
from benchmarks.simulation.routes import covered, draw_routes, plan_routes
from benchmarks.simulation.seeds import stream
from benchmarks.simulation.setting import Setting, set_city, set_qingtan
from benchmarks.simulation.town.network import invent_town, write_osm
from benchmarks.simulation.truth import Judge
from roadnet.importers import read_network
from roadnet.intersections import Intersections, find_intersections

if TYPE_CHECKING:
    import datetime as dt

FREIGHT_SHARE: Final = 0.15
BUS_SHARE: Final = 0.045
_HITS_OF_A_BUS: Final = 330.0
_TRUCKS_FOR_A_PERMIT: Final = 2.2
_RAW_FOR_A_HIT: Final = 1.13  # passages to drive for one read, misses and dark cameras included


@dataclass(frozen=True, slots=True)
class Order:
    """What to make: `network` is an OSM file, None for the invented town."""

    out: Path
    day: dt.date
    seed: int = 1
    network: Path | None = None
    name: str = "Qingtan"
    home: str = "赣C"
    cameras: int = 300
    permits: int = 3000
    routes: int = 40
    hits: int = 150_000
    coordinates: str = "wgs84"


@dataclass(frozen=True, slots=True, eq=False)
class _Ways:
    """All paths of the city, and which of them serve whom."""

    paths: Paths
    seconds: npt.NDArray[np.float64]
    cars: Pool
    freight: Pools
    first_route: int
    route_ways: Paths
    other_ways: dict[int, int]
    closures: list[Closure]


def make_city(order: Order) -> dict[str, int]:
    """Write a city and its day into `order.out`; return counts of what is in them."""
    folder = CityFolder(order.out, order.coordinates)
    with tempfile.TemporaryDirectory() as scratch:
        network = order.network
        if network is None:
            network = Path(scratch) / "network.osm.pbf"
            write_osm(invent_town(order.seed), network)
        graph = read_network(str(network))
        folder.write_network(network)
    setting = (
        set_qingtan(graph) if order.network is None else set_city(graph, order.name, order.home)
    )
    crossings = find_intersections(graph)
    ways = _find_ways(setting, order)
    cameras, still_running = _cameras(setting, crossings, ways, order)
    passages = find_passages(graph, cameras, ways.seconds, ways.paths)
    routes = draw_routes(
        setting,
        cameras,
        crossings,
        ways.route_ways,
        ways.first_route,
        stream(order.seed, "drawing"),
    )
    restrictions = restrict(setting, cameras, order.day)

    office = PlateOffice(order.home, stream(order.seed, "plates"))
    fleet = raise_trucks(
        round(order.permits * _TRUCKS_FOR_A_PERMIT), office, stream(order.seed, "trucks")
    )
    registered = _registered(fleet, stream(order.seed, "registry"))
    folder.write_registry(fleet, registered, _holders(registered, stream(order.seed, "holders")))
    customary = _customary(setting, cameras, crossings, ways)
    permits = issue_permits(
        setting,
        fleet,
        cameras,
        routes,
        customary,
        order.permits - 1,
        order.day,
        stream(order.seed, "permits"),
    )
    count_buses = max(2, round(order.hits * BUS_SHARE / _HITS_OF_A_BUS))
    _, buses = raise_others(fleet, 0, count_buses, office, stream(order.seed, "buses"))
    yellow = [bus for bus in buses.tolist() if fleet.plate_class[bus] == "01"] or [int(buses[0])]
    last = f"P-{order.day.year}-{order.permits:0{max(6, len(str(order.permits)))}d}"
    permits.append(bus_permit(last, setting, yellow, cameras, order.day))
    judge = Judge(fleet, restrictions, permits, order.day)

    freight = FreightDay(
        fleet, permits, judge, passages, ways.freight, ways.closures, ways.other_ways, order.day,
        stream(order.seed, "freight"),
    )  # fmt: skip
    clones = _add_clones(fleet, permits, freight, office, order)
    trips = _all_trips(order, ways, passages, freight, fleet, office, buses)
    drives = drive(trips, passages, stream(order.seed, "driving"))
    rows = read_plates(
        drives, trips.vehicle, clones, fleet, cameras, still_running, graph.edge_speed_kmh, order.day,
        order.hits, stream(order.seed, "reading"),
    )  # fmt: skip

    folder.write_settings(order.name)
    folder.write_cameras(cameras)
    folder.write_restrictions(restrictions)
    folder.write_routes(routes)
    folder.write_closures(ways.closures, setting, order.day)
    folder.write_permits(permits, fleet)
    hit_ids = write_hits(rows, order.out / "hits", order.day)
    counts = write_truth(
        order.out / "truth.parquet", rows, hit_ids, drives, trips, fleet, cameras, judge, order.day
    )
    return {
        "edges": graph.edge_count,
        "cameras": len({camera.camera_id for camera in cameras}),
        "routes": len(routes),
        "permits": len(permits),
        "registered vehicles": len(registered),
        "trips": len(trips.path),
        **counts,
    }


def _find_ways(setting: Setting, order: Order) -> _Ways:
    graph = setting.graph
    random = stream(order.seed, "ways")
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
    route_ways = plan_routes(setting, seconds * np.where(shunned, 12.0, 1.0), order.routes, random)
    first_route = table.add(route_ways)
    other_ways = _other_ways(setting, table, lorry, route_ways, first_route, random)
    closures = _close_streets(setting, table, lorry, route_ways, first_route, random)
    paths = join_paths(table.parts)
    forbidden = np.add.reduceat(shunned[paths.edges].astype(int), paths.offsets[:-1]) > 0
    freight = replace(freight, blunt=_likelier(freight.blunt, forbidden))
    return _Ways(
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


def _ends(setting: Setting, ways: Paths) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    start = setting.graph.edge_from[ways.edges[ways.offsets[:-1]]].astype(np.int64)
    return start, setting.graph.edge_to[ways.edges[ways.offsets[1:] - 1]].astype(np.int64)


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
    ways, pair = trace(setting.graph, ruffled, *_ends(setting, route_ways))
    first = table.add(ways)
    return {first_route + int(p): first + i for i, p in enumerate(pair)}


def _close_streets(
    setting: Setting,
    table: PathTable,
    cost: npt.NDArray[np.float64],
    route_ways: Paths,
    first_route: int,
    random: np.random.Generator,
) -> list[Closure]:
    """Return street works of the day on the routes, with the ways round them."""
    graph = setting.graph
    users = np.bincount(
        np.concatenate([np.unique(route_ways.of(i)) for i in range(len(route_ways))]),
        minlength=graph.edge_count,
    )
    closures = []
    for number, (start_h, hours) in enumerate(((9.0, 3.5), (13.5, 3.0), (0.5, 4.0))):
        way = route_ways.of(int(random.integers(len(route_ways))))
        # A long block, of those that few other routes share.
        longest = way[np.argsort(users[way] - graph.edge_length_m[way] / 1e4, kind="stable")[:4]]
        street = int(longest[int(random.integers(len(longest)))])
        edges = (street,)
        closed = cost.copy()
        closed[street] *= 1e6
        uses = [i for i in range(len(route_ways)) if street in route_ways.of(i)]
        starts, ends = _ends(setting, route_ways)
        ways, pair = trace(graph, closed, starts[uses], ends[uses])
        first = table.add(ways)
        round_by = {first_route + uses[int(p)]: first + i for i, p in enumerate(pair)}
        since = 3600.0 * start_h
        closures.append(
            Closure(f"CL-{number + 1:02d}", edges, since, since + 3600.0 * hours, round_by)
        )
    return closures


def _cameras(
    setting: Setting, crossings: Intersections, ways: _Ways, order: Order
) -> tuple[list[Camera], frozenset[int]]:
    # Freight routes are what the cameras are for: each counts like many drivers.
    on_routes = np.bincount(ways.route_ways.edges, minlength=setting.graph.edge_count)
    used = np.bincount(ways.paths.edges, minlength=setting.graph.edge_count) + 60 * on_routes
    placed = place_cameras(setting, crossings, used, order.cameras, stream(order.seed, "cameras"))
    return age_cameras(placed, order.day, stream(order.seed, "camera histories"))


def _customary(
    setting: Setting, cameras: list[Camera], crossings: Intersections, ways: _Ways
) -> list[tuple[int, frozenset[int]]]:
    """Return ways into the city that firms without a route name the cameras of."""
    chosen = ways.freight.into.there[:: max(1, len(ways.freight.into.there) // 120)].tolist()
    found = [(path, covered(setting, cameras, crossings, ways.paths.of(path))) for path in chosen]
    return [entry for entry in found if entry[1]]


def _registered(fleet: Fleet, random: np.random.Generator) -> list[int]:
    """Return the vehicles that the registry knows: all but a few from elsewhere."""
    return np.flatnonzero(random.random(len(fleet)) > 0.012).tolist()


def _holders(registered: list[int], random: np.random.Generator) -> list[str]:
    firms = [
        f"{a}{b}"
        for a in ("清潭", "秀江", "袁州", "宜春", "凤山")
        for b in ("运输公司", "物流公司", "建材厂", "商行", "车队")
    ]
    owners = random.integers(len(firms) * 2, size=len(registered)).tolist()
    return [firms[i] if i < len(firms) else "个人" for i in owners]


def _add_clones(
    fleet: Fleet, permits: list[Permit], freight: FreightDay, office: PlateOffice, order: Order
) -> frozenset[int]:
    """Put a few lorries with somebody else's plate on the road, and let them go into town."""
    random = stream(order.seed, "clones")
    active = [permit for permit in permits[:-1] if permit.fate == "active"]
    clones = set()
    for _ in range(max(8, order.hits // 40_000)):
        copied = active[int(random.integers(len(active)))].vehicles[0]
        clone = fleet.add(
            fleet.plate[copied], fleet.plate_class[copied], "heavy_truck", fleet.colour[copied],
            rightful=office.plate("standard", home_share=0.2),
        )  # fmt: skip
        freight.clone(clone, float(random.uniform(6.0, 15.0)) * 3600.0)
        clones.add(clone)
    return frozenset(clones)


def _all_trips(
    order: Order,
    ways: _Ways,
    passages: Passages,
    freight: FreightDay,
    fleet: Fleet,
    office: PlateOffice,
    buses: npt.NDArray[np.int64],
) -> Trips:
    wanted = order.hits * _RAW_FOR_A_HIT
    lorries = freight.plan(wanted * FREIGHT_SHARE)
    lines = demand.drive_buses(ways.cars, buses, passages, stream(order.seed, "bus lines"))
    rest = wanted - sum(float(passages.counts[trips.path].sum()) for trips in (lorries, lines))

    def more_cars(count: int) -> npt.NDArray[np.int64]:
        return raise_others(fleet, count, 0, office, stream(order.seed, "cars"))[0]

    cars = demand.drive_cars(ways.cars, more_cars, passages, rest, stream(order.seed, "car trips"))
    return demand.join_trips([lorries, lines, cars])
