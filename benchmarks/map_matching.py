"""Ask how well, and how fast, the path is found that a drawn line means.

    python -m benchmarks.map_matching [--json] [--seeds N] [--data FOLDER]

Lines are drawn from known routes: Douglas-Peucker at 15 m, then Gaussian noise of 10 m on both
axes of each point that is left.

driven      49 driven routes of Kubicka et al.; recall and mismatch are of the truth's length, either
            direction. For scale: Valhalla Meili reaches 82.98 / 18.37, and 99.11 / 2.44 once the line
            is densified to 40 m.
trucks      random shortest lorry routes in Heidelberg; recall and mismatch are of directed edges
speed       lines of 20 points in Porto, 148 thousand edges (Meili: 14 to 22 ms)

Each case runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from benchmarks.driven_routes import NOT_CONTIGUOUS, read_driven_routes
from roadnet.geodesy import local_plane
from roadnet.importers import read_network
from roadnet.mapmatching import LineMatcher
from roadnet.paths import Path, Router

if TYPE_CHECKING:
    import numpy.typing as npt

    from roadnet.graph import RoadGraph

    Line = npt.NDArray[np.float64]
    Edges = npt.NDArray[np.integer]

DATA = FilePath(__file__).resolve().parents[1] / "../shared/data"
TOLERANCE_M = 15.0
NOISE_M = 10.0
TRUCK_ROUTES = 300
SPEED_LINES = 300
SPEED_POINTS = 20


def draw(points: Line, rng: np.random.Generator) -> Line:
    """Draw a route as an officer would: fewer points, none of them exact."""
    plane = local_plane(float(points[0, 0]), float(points[0, 1]))
    xy = np.column_stack(plane.to_xy(points[:, 0], points[:, 1]))
    kept = shapely.get_coordinates(
        shapely.simplify(shapely.linestrings(xy), TOLERANCE_M, preserve_topology=False)
    )
    kept += rng.normal(0.0, NOISE_M, kept.shape)
    return np.column_stack(plane.to_lonlat(kept[:, 0], kept[:, 1]))


def compare(length_m: Line, truth: Edges, found: Edges) -> tuple[float, float, float]:
    """Return metres of truth, of truth found, and of what was found beside it."""
    known, made = np.unique(truth), np.unique(found)
    return (
        float(length_m[known].sum()),
        float(length_m[np.intersect1d(known, made)].sum()),
        float(length_m[np.setdiff1d(made, known)].sum()),
    )


def either_way(graph: RoadGraph, edges: Edges) -> Edges:
    """Name both directions of a street by one of them."""
    back = graph.edge_reverse[edges]
    return np.where(back < 0, edges, np.minimum(edges, back))


def driven(data: FilePath, seeds: int) -> dict[str, Any]:
    """Match lines drawn from driven routes."""
    metres = np.zeros(3)
    forward = np.zeros(3)
    seconds = []
    for route in read_driven_routes(data / "matching/kubicka50.tar.xz"):
        if route.name == NOT_CONTIGUOUS:
            continue
        graph = route.graph
        matcher = LineMatcher(graph)
        points = Path(route.truth, 0.0, float(graph.edge_length_m[route.truth[-1]])).lonlat(graph)
        for seed in range(seeds):
            line = draw(points, np.random.default_rng([seed, int(route.name)]))
            begin = time.perf_counter()
            edges = matcher.match_line(line).path.edges
            seconds.append(time.perf_counter() - begin)
            length_m = graph.edge_length_m
            metres += compare(length_m, either_way(graph, route.truth), either_way(graph, edges))
            forward += compare(length_m, route.truth, edges)
    return {**_shares(metres), "directed_recall": forward[1] / forward[0], **_times(seconds)}


def trucks(data: FilePath, seeds: int) -> dict[str, Any]:
    """Match lines drawn from shortest lorry routes, and ask for the same directed edges."""
    graph = read_network(str(data / "roads/heidelberg.osm.pbf"))
    matcher = LineMatcher(graph)
    router = Router(graph, landmarks=8)
    metres = np.zeros(3)
    seconds = []
    same = routes = 0
    for seed in range(seeds):
        rng = np.random.default_rng([seed, 7])
        wanted = routes + TRUCK_ROUTES
        while routes < wanted:
            truth = router.path(*rng.integers(graph.node_count, size=2).tolist())
            if truth is None or truth.length_m(graph) < 500.0:
                continue
            routes += 1
            line = draw(truth.lonlat(graph), rng)
            begin = time.perf_counter()
            edges = matcher.match_line(line).path.edges
            seconds.append(time.perf_counter() - begin)
            metres += compare(graph.edge_length_m, truth.edges, edges)
            same += int(np.array_equal(edges, truth.edges))
    return {**_shares(metres), "same_path": same / routes, "lines": routes, **_times(seconds)}


def speed(data: FilePath, seeds: int) -> dict[str, Any]:
    """Match lines of 20 points on a large network."""
    graph = read_network(str(data / "roads/porto.osm.pbf"))
    LineMatcher(graph)
    begin = time.perf_counter()
    matcher = LineMatcher(graph)
    built = time.perf_counter() - begin
    router = Router(graph, landmarks=8)
    rng = np.random.default_rng(11)
    seconds: list[float] = []
    length_m: list[float] = []
    while len(seconds) < SPEED_LINES * seeds:
        truth = router.path(*rng.integers(graph.node_count, size=2).tolist())
        if truth is None:
            continue
        line = draw(truth.lonlat(graph), rng)[:SPEED_POINTS]
        if line.shape[0] < SPEED_POINTS:
            continue
        begin = time.perf_counter()
        found = matcher.match_line(line)
        seconds.append(time.perf_counter() - begin)
        length_m.append(found.path.length_m(graph))
    return {
        "edges": graph.edge_count,
        "build_s": built,
        "median_km": float(np.median(length_m)) / 1000.0,
        **_times(seconds),
    }


CASES = {"driven": driven, "trucks": trucks, "speed": speed}


def _shares(metres: Line) -> dict[str, float]:
    return {"recall": metres[1] / metres[0], "mismatch": metres[2] / metres[0]}


def _times(seconds: list[float]) -> dict[str, float]:
    p50, p95 = np.quantile(seconds[1:], [0.5, 0.95])  # the first one may load compiled kernels
    return {
        "p50_ms": 1000.0 * float(p50),
        "p95_ms": 1000.0 * float(p95),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
    }


def main() -> None:
    """Run every case, or one, and print what came out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--seeds", type=int, default=3, help="drawings of each route")
    parser.add_argument("--data", type=FilePath, default=DATA, help="folder of the real data")
    parser.add_argument("--case", choices=CASES, help="run this case only, in this process")
    options = parser.parse_args()
    if options.case:
        print(json.dumps(CASES[options.case](options.data, options.seeds)))
        return
    results = {}
    for case in CASES:
        command = [sys.executable, "-m", "benchmarks.map_matching", "--case", case]
        command += ["--seeds", str(options.seeds), "--data", str(options.data)]
        run = subprocess.run(command, check=True, capture_output=True, text=True)
        results[case] = json.loads(run.stdout)
    if options.json:
        print(json.dumps(results, indent=2))
        return
    for case, figures in results.items():
        print(f"{case:8}" + "  ".join(f"{name} {value:.4g}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
