"""Ask how long it takes to measure the least metres and seconds between all cameras of a city.

    python -m benchmarks.least_distances [--json FILE] [--cameras N] [--data FOLDER]

Cameras stand at known approaches of main roads of Porto, horizon 30 minutes. The measuring runs in a
process of its own, once with one thread and once with all; its seconds are from the linked cameras to
the table in memory, its peak memory is the whole process's, network and cameras included. A pair
looked up is one of metres and one of seconds. A sample of rows is held against scipy, which
searches the whole network.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from benchmarks.measuring import Clock, FailedRun, machine, run_module, table
from roadnet.cameras import CameraSite, link_cameras
from roadnet.headings import Headings
from roadnet.importers import read_network
from roadnet.intersections import Intersections, find_intersections
from roadnet.reading_zones import ReadingZones, find_reading_zones
from roadnet.snapping import EdgeIndex
from roadnet.travel import (
    METRES_UNIT,
    MOST_UNITS,
    LeastTravel,
    generous_kmh,
    least_travel,
    save_least_travel,
)
from roadnet.types import ROAD_CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from roadnet.graph import RoadGraph
    from roadnet.types import FloatArray

DATA = Path(__file__).resolve().parents[1] / "../shared/data"
HORIZON_S = 1800.0
SAMPLE = 10  # rows held against scipy


def place_cameras(graph: RoadGraph, intersections: Intersections, count: int) -> list[CameraSite]:
    """Put cameras up to 30 m before the ends of approaches of main roads, each another one."""
    rng = np.random.default_rng(17)
    approaches = intersections.approach_edges
    main = graph.edge_class[approaches] < ROAD_CLASSES.index("unclassified")
    edges = rng.choice(approaches[main], count, replace=False)
    length = graph.edge_length_m[edges]
    headings = Headings(graph)
    lon, lat = headings.places(edges, length - rng.random(count) * np.minimum(30.0, length / 2))
    rows = zip(lon.tolist(), lat.tolist(), headings.arriving(edges).tolist(), strict=True)
    return [CameraSite(f"C{number}", *row) for number, row in enumerate(rows)]


def hold_against_scipy(graph: RoadGraph, zones: ReadingZones, least: LeastTravel) -> int:
    """Compare a sample of rows between zones; returns how many values were compared."""
    rows = np.random.default_rng(1).choice(zones.count, min(SAMPLE, zones.count), replace=False)
    first = np.searchsorted(zones.place, np.arange(zones.count))
    compared = 0
    for units, unit, per_m in (
        (least.metres_units, METRES_UNIT, np.ones(graph.edge_count)),
        (least.seconds_units, least.seconds_unit, 3.6 / generous_kmh(graph)),
    ):
        matrix = cheapest_arcs(graph, graph.edge_length_m * per_m)
        begin = (zones.length_m - zones.to_m) * per_m[zones.edge]
        finish = zones.from_m * per_m[zones.edge]
        for row in rows.tolist():
            own = np.flatnonzero(zones.place == row)
            away = dijkstra(matrix, indices=zones.head[own]) + begin[own, None]
            wanted = np.minimum.reduceat(away.min(axis=0)[zones.tail] + finish, first)
            for one, other in same_edge(zones, own):
                between_m = max(zones.from_m[other] - zones.to_m[one], 0.0)
                cost = between_m * per_m[zones.edge[one]]
                wanted[zones.place[other]] = min(wanted[zones.place[other]], cost)
            limit = MOST_UNITS * unit
            found = units[row] * unit
            inside = wanted < limit
            if not (
                (found[inside] <= wanted[inside] * (1 + 1e-12)).all()
                and (found[inside] > wanted[inside] - 1.01 * unit).all()
                and (found[~inside] == limit).all()
            ):
                raise FailedRun("a value of the table is not what scipy finds")
            compared += wanted.shape[0]
    return compared


def cheapest_arcs(graph: RoadGraph, cost: FloatArray) -> csr_array:
    """Return the network as scipy takes it: of parallel edges the cheapest."""
    ends = np.column_stack((graph.edge_from, graph.edge_to))
    order = np.lexsort((cost, ends[:, 1], ends[:, 0]))
    first = np.ones(order.shape[0], dtype=bool)
    first[1:] = (ends[order][1:] != ends[order][:-1]).any(axis=1)
    kept = order[first]
    size = graph.node_count
    return csr_array((cost[kept], (ends[kept, 0], ends[kept, 1])), shape=(size, size))


def same_edge(zones: ReadingZones, own: npt.NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """Pair pieces of a zone with pieces of any on the same edge that are not all behind."""
    for one in own.tolist():
        ahead = (zones.edge == zones.edge[one]) & (zones.to_m >= zones.from_m[one])
        for other in np.flatnonzero(ahead).tolist():
            yield one, other


def look_ups(least: LeastTravel, cameras: int) -> float:
    """Measure pairs a second, metres and seconds of each, in millions."""
    pairs = np.random.default_rng(2).integers(0, cameras, (2, 4_000_000))
    clock = Clock.start()
    least.metres(*pairs)
    least.seconds(*pairs)
    return float(pairs.shape[1] / 1e6 / clock.read()["wall_s"])


def measure(data: Path, cameras: int, workers: int) -> dict[str, object]:
    """Measure one city with so many threads."""
    graph = read_network(str(data / "roads/porto.osm.pbf"))
    intersections = find_intersections(graph)
    sites = place_cameras(graph, intersections, cameras)
    links = link_cameras(graph, intersections, EdgeIndex(graph), sites)
    few = link_cameras(graph, intersections, EdgeIndex(graph), sites[:2])
    least_travel(graph, intersections, few, HORIZON_S)  # compiles the kernels
    clock = Clock.start()
    least = least_travel(graph, intersections, links, HORIZON_S, workers=workers)
    spent = clock.read()
    zones = find_reading_zones(graph, intersections, links)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "porto.leasttravel"
        save_least_travel(least, str(file))
        stored = file.stat().st_size
    return {
        **spent,
        "threads": workers,
        "cameras": cameras,
        "zones": zones.count,
        "stored_bytes": stored,
        "million_pairs_per_s": look_ups(least, cameras),
        "checked_values": hold_against_scipy(graph, zones, least),
    }


def main() -> None:
    """Run the benchmark, or one case of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--cameras", type=int, default=5000)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--workers", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.workers:
        print(json.dumps(measure(chosen.data, chosen.cameras, chosen.workers)))
        return
    runs = []
    for workers in sorted({1, os.cpu_count() or 1}):
        try:
            run = run_module(
                "benchmarks.least_distances",
                f"--workers={workers}",
                f"--cameras={chosen.cameras}",
                f"--data={chosen.data}",
            )
        except FailedRun as failed:
            sys.exit(str(failed))
        runs.append({**run.said, "peak_mb": run.peak_mb})
    rows = [
        [
            f"{run['cameras']} cameras, {run['threads']} threads",
            run["zones"],
            f"{run['wall_s']:.1f}",
            f"{run['cpu_s']:.1f}",
            f"{run['stored_bytes'] / 1e6:.0f}",
            f"{run['peak_mb']:.0f}",
            f"{run['million_pairs_per_s']:.0f}",
            run["checked_values"],
        ]
        for run in runs
    ]
    head = [
        "Porto, 30 min",
        "zones",
        "seconds",
        "CPU s",
        "stored MB",
        "peak MB",
        "M pairs/s",
        "held against scipy",
    ]
    print(table(head, rows))
    if chosen.json:
        said = {"machine": machine(), "runs": runs}
        chosen.json.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
