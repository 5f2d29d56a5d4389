"""Ask how long it takes to measure the least metres and seconds between all cameras of a city.

    python -m benchmarks.least_distances [--json FILE] [--cameras N] [--data FOLDER]

Cameras stand at known approaches of main roads of Porto, horizon 30 minutes. The measuring runs in a
process of its own, once with one thread and once with all; its seconds are from the linked cameras to
the table in memory, its peak memory is the whole process's, network and cameras included. A sample
of rows is held against scipy, which searches the whole network.
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
from roadnet.cameras import CameraLinks, CameraSite, link_cameras
from roadnet.headings import Headings
from roadnet.importers import read_network
from roadnet.intersections import Intersections, find_intersections
from roadnet.snapping import EdgeIndex
from roadnet.travel import LeastTravel, generous_kmh, least_travel, save_least_travel
from roadnet.types import ROAD_CLASSES

if TYPE_CHECKING:
    from roadnet.graph import RoadGraph

DATA = Path(__file__).resolve().parents[1] / "../shared/data"
HORIZON_S = 1800.0
SAMPLE = 40  # rows held against scipy


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


def hold_against_scipy(
    graph: RoadGraph, intersections: Intersections, links: CameraLinks, least: LeastTravel
) -> int:
    """Compare a sample of rows between intersections; returns how many values were compared."""
    used = np.unique(links.intersection[links.intersection >= 0])
    nodes = [np.flatnonzero(intersections.node_intersection == i) for i in used.tolist()]
    rows = np.random.default_rng(1).choice(used.shape[0], min(SAMPLE, used.shape[0]), replace=False)
    seconds = graph.edge_length_m * 3.6 / generous_kmh(graph)
    compared = 0
    for units, unit, cost in (
        (least.metres_units, 1.0, graph.edge_length_m),
        (least.seconds_units, least.seconds_unit, seconds),
    ):
        ends = np.column_stack((graph.edge_from, graph.edge_to))
        order = np.lexsort((cost, ends[:, 1], ends[:, 0]))
        first = np.ones(order.shape[0], dtype=bool)
        first[1:] = (ends[order][1:] != ends[order][:-1]).any(axis=1)
        kept = order[first]
        size = graph.node_count
        matrix = csr_array((cost[kept], (ends[kept, 0], ends[kept, 1])), shape=(size, size))
        for row in rows.tolist():
            truth = dijkstra(matrix, indices=nodes[row], min_only=True)
            wanted = np.array([truth[goal].min() for goal in nodes])
            limit = 65535 * unit
            found = units[row, : used.shape[0]] * unit
            inside = wanted < limit
            if not (
                (found[inside] <= wanted[inside] * (1 + 1e-12)).all()
                and (found[inside] > wanted[inside] - 1.01 * unit).all()
                and (found[~inside] == limit).all()
            ):
                raise FailedRun("a value of the table is not what scipy finds")
            compared += wanted.shape[0]
    return compared


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
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "porto.leasttravel"
        save_least_travel(least, str(file))
        stored = file.stat().st_size
    return {
        **spent,
        "threads": workers,
        "cameras": cameras,
        "places": int(least.metres_units.shape[0]),
        "stored_bytes": stored,
        "checked_values": hold_against_scipy(graph, intersections, links, least),
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
            run["places"],
            f"{run['wall_s']:.1f}",
            f"{run['cpu_s']:.1f}",
            f"{run['stored_bytes'] / 1e6:.0f}",
            f"{run['peak_mb']:.0f}",
            run["checked_values"],
        ]
        for run in runs
    ]
    head = [
        "Porto, 30 min",
        "places",
        "seconds",
        "CPU s",
        "stored MB",
        "peak MB",
        "held against scipy",
    ]
    print(table(head, rows))
    if chosen.json:
        said = {"machine": machine(), "runs": runs}
        chosen.json.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
