"""A city laid out: its roads, its ways, its cameras and routes, and what is restricted."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.simulation.cameras import Camera, age_cameras, place_cameras
from benchmarks.simulation.driving import Passages, find_passages
from benchmarks.simulation.restrictions import Restriction, restrict
from benchmarks.simulation.routes import Route, covered, draw_routes
from benchmarks.simulation.seeds import stream
from benchmarks.simulation.setting import Setting, set_city, set_qingtan
from benchmarks.simulation.town.network import invent_town, write_osm
from benchmarks.simulation.ways import Ways, find_ways
from roadnet.importers import read_network
from roadnet.intersections import Intersections, find_intersections

if TYPE_CHECKING:
    import datetime as dt

    from benchmarks.simulation.city_folder import CityFolder
    from benchmarks.simulation.closing import Close


@dataclass(frozen=True, slots=True)
class Order:
    """What to make: `network` is an OSM file, None for the invented town.

    `hits` are those of a day, `freight_share` of them of lorries.
    """

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
    freight_share: float = 0.15


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """What stands before anybody drives; `still_running` are retired records that read on."""

    setting: Setting
    crossings: Intersections
    ways: Ways
    cameras: list[Camera]
    still_running: frozenset[int]
    passages: Passages
    routes: list[Route]
    restrictions: list[Restriction]

    def customary(self) -> list[tuple[int, frozenset[int]]]:
        """Return ways into the city that firms without a route name the cameras of."""
        into = self.ways.freight.into.there
        chosen = into[:: max(1, len(into) // 120)].tolist()
        found = [
            (path, covered(self.setting, self.cameras, self.crossings, self.ways.paths.of(path)))
            for path in chosen
        ]
        return [entry for entry in found if entry[1]]


def lay_out(order: Order, folder: CityFolder, close: Close) -> Layout:
    """Lay a city out and write its network into its folder; `close` says what is closed."""
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
    ways = find_ways(setting, order.routes, close, stream(order.seed, "ways"))
    cameras, still_running = _cameras(setting, crossings, ways, order)
    return Layout(
        setting,
        crossings,
        ways,
        cameras,
        still_running,
        find_passages(graph, cameras, ways.seconds, ways.paths),
        draw_routes(
            setting,
            cameras,
            crossings,
            ways.route_ways,
            ways.first_route,
            stream(order.seed, "drawing"),
        ),
        restrict(setting, cameras, order.day),
    )


def _cameras(
    setting: Setting, crossings: Intersections, ways: Ways, order: Order
) -> tuple[list[Camera], frozenset[int]]:
    # Freight routes are what the cameras are for: each counts like many drivers.
    on_routes = np.bincount(ways.route_ways.edges, minlength=setting.graph.edge_count)
    used = np.bincount(ways.paths.edges, minlength=setting.graph.edge_count) + 60 * on_routes
    placed = place_cameras(setting, crossings, used, order.cameras, stream(order.seed, "cameras"))
    return age_cameras(placed, order.day, stream(order.seed, "camera histories"))
