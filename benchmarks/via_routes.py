"""Ask how long a route through clicks takes on Porto, and how long dragging one of them.

    python -m benchmarks.via_routes [--json FILE] [--routes N] [--data FOLDER]

Six clicks along each of some random lorry routes of 2 km or more, each some metres off the street;
then the second, third and fourth are dragged by some 200 m, one after the other. One thread; CPU
seconds of this process.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

from benchmarks.measuring import machine, table
from roadnet.importers import read_network
from roadnet.via_routes import ViaRouter

DATA = Path(__file__).resolve().parents[1] / "../shared/data"
CLICKS = 6
CLICK_DEG = 5e-5
DRAG_DEG = 2e-3
LEAST_M = 2000.0


def measure(data: Path, routes: int) -> dict[str, list[float]]:
    """Return the CPU milliseconds of each route and each drag."""
    graph = read_network(str(data / "roads/porto.osm.pbf"))
    router = ViaRouter(graph)
    rng = np.random.default_rng(4)
    spent: dict[str, list[float]] = {"route": [], "drag": []}
    warm = True
    while len(spent["route"]) < routes:
        path = router.router.path(*rng.integers(graph.node_count, size=2).tolist())
        if path is None or path.length_m(graph) < LEAST_M:
            continue
        points = path.lonlat(graph)
        places = np.linspace(0, len(points) - 1, CLICKS).astype(int)
        clicks = points[places] + rng.normal(0.0, CLICK_DEG, (CLICKS, 2))
        begin = time.process_time()
        route = router.route(clicks)
        spent["route"].append(1e3 * (time.process_time() - begin))
        for place in (1, 2, 3):
            where = clicks[place] + rng.normal(0.0, DRAG_DEG, 2)
            begin = time.process_time()
            router.move_via(route, place, where)
            spent["drag"].append(1e3 * (time.process_time() - begin))
        if warm:  # the first has loaded the kernels
            spent, warm = {"route": [], "drag": []}, False
    return spent


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--routes", type=int, default=100)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    spent = measure(chosen.data, chosen.routes)
    rows: list[list[object]] = [
        [
            {"route": f"route through {CLICKS} clicks", "drag": "drag one click"}[name],
            f"{np.median(values):.2f}",
            f"{np.quantile(values, 0.95):.2f}",
        ]
        for name, values in spent.items()
    ]
    print(table(["Porto", "p50 ms", "p95 ms"], rows))
    if chosen.json:
        said = {"machine": machine(), "milliseconds": spent}
        chosen.json.write_text(json.dumps(said) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
