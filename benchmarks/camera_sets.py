"""Ask whether a drawn route gets the cameras of the route that was meant.

    python -m benchmarks.camera_sets [--json FILE] [--routes N] [--seeds N] [--data FOLDER]

1,000 cameras are put up at random approaches of main roads, as `benchmarks.camera_linking` does, and linked.
Random shortest lorry routes are drawn by an officer: Douglas-Peucker at 15 m, then normal noise of 10
m on both axes of each point that is left. What the route covers is compared with what the
matched line covers, camera by camera.

F1         of all cameras of all routes together
tellable   F1 if every line were right whose own points fit the route that was meant 20 times
           better than the path that was found: what lies between it and 100 % no pencil of
           that noise says, only a belief of which of two streets lorries take
flagged    the match of the line has a warning, or an alternative with other cameras
unflagged  share of the other lines whose camera sets are exactly right, and F1 of them

Each city runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from benchmarks.camera_linking import DATA, places_for_cameras, survey
from benchmarks.matching.drawing import GOOD, draw
from benchmarks.measuring import machine, run_module, table
from roadnet.coverage import cameras_on_path
from roadnet.doubtful_cameras import cameras_of_alternatives
from roadnet.geodesy import local_plane
from roadnet.importers import read_network
from roadnet.mapmatching import LineMatcher
from roadnet.paths import Router
from roadnet.watched_roads import WatchedRoads

if TYPE_CHECKING:
    import numpy.typing as npt

    from roadnet.paths import Path as RoadPath

    Line = npt.NDArray[np.float64]

CITIES = ("heidelberg", "porto", "beijing")
CAMERAS = 1000
LEAST_M = 1000.0
TOLD = float(np.log(20.0))


class Tally:
    """Cameras of routes, of matched lines, and of both."""

    def __init__(self) -> None:
        self.lines = self.exact = self.meant = self.found = self.both = 0

    def add(self, meant: set[int], found: set[int]) -> None:
        """Count one line."""
        self.lines += 1
        self.exact += meant == found
        self.meant += len(meant)
        self.found += len(found)
        self.both += len(meant & found)

    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        return 2.0 * self.both / max(self.meant + self.found, 1)


def better_fit(line: Line, meant: Line, found: Line) -> float:
    """Return by how much likelier the points of a line are drawn from one route than from another.

    A natural logarithm; each point lies off its route by normal noise of `GOOD.noise_m`.
    """
    plane = local_plane(float(line[0, 0]), float(line[0, 1]))
    points, *routes = (
        np.column_stack(plane.to_xy(lonlat[:, 0], lonlat[:, 1])) for lonlat in (line, meant, found)
    )
    off_m = [shapely.distance(shapely.points(points), shapely.linestrings(xy)) for xy in routes]
    return float((off_m[1] ** 2 - off_m[0] ** 2).sum() / (2.0 * GOOD.noise_m**2))


def measure(data: Path, city: str, routes: int, seeds: int) -> dict[str, Any]:
    """Draw routes in one city."""
    graph = read_network(str(data / f"roads/{city}.osm.pbf"))
    rng = np.random.default_rng([2026, len(city)])
    roads = WatchedRoads(graph, [])
    places = places_for_cameras(graph, roads.intersections, signals=False)
    roads = WatchedRoads(graph, survey(graph, rng.choice(places, CAMERAS, replace=False), rng))
    matcher = LineMatcher(graph, is_intersection=roads.intersections.node_intersection >= 0)
    router = Router(graph, landmarks=8)

    def covered(path: RoadPath) -> set[int]:
        found = cameras_on_path(graph, roads.intersections, roads.links, path)
        return set(found.site.tolist())

    every, unflagged, tellable = Tally(), Tally(), Tally()
    for seed in range(seeds):
        rng = np.random.default_rng([seed, 11])
        wanted = every.lines + routes
        while every.lines < wanted:
            meant = router.path(*rng.integers(graph.node_count, size=2).tolist())
            if meant is None or meant.length_m(graph) < LEAST_M:
                continue
            line = draw(meant.lonlat(graph), GOOD, rng)
            matched = matcher.match_line(line)
            sets = covered(meant), covered(matched.path)
            every.add(*sets)
            odds = better_fit(line, meant.lonlat(graph), matched.path.lonlat(graph))
            tellable.add(sets[0], sets[0] if odds >= TOLD else sets[1])
            others = cameras_of_alternatives(graph, roads.intersections, roads.links, matched)
            if not matched.warnings and not any(other.differ for other in others):
                unflagged.add(*sets)
    return {
        "lines": every.lines,
        "cameras_a_line": every.meant / every.lines,
        "f1": every.f1(),
        "tellable_f1": tellable.f1(),
        "exact": every.exact / every.lines,
        "flagged": 1.0 - unflagged.lines / every.lines,
        "unflagged_exact": unflagged.exact / max(unflagged.lines, 1),
        "unflagged_f1": unflagged.f1(),
    }


def main() -> None:
    """Run every city, or one, and print what came out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    parser.add_argument("--routes", type=int, default=300, help="routes of each seed")
    parser.add_argument("--seeds", type=int, default=2, help="how often routes are drawn anew")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the real data")
    parser.add_argument("--city", choices=CITIES, help="this city only, in this process")
    options = parser.parse_args()
    if options.city:
        said = measure(options.data, options.city, options.routes, options.seeds)
        print(json.dumps(said))
        return
    results = {}
    for city in CITIES:
        arguments = ["--city", city, "--routes", str(options.routes)]
        arguments += ["--seeds", str(options.seeds), "--data", str(options.data)]
        results[city] = run_module("benchmarks.camera_sets", *arguments).said
    if options.json:
        report = {"machine": machine(), "results": results}
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    keys = ("f1", "tellable_f1", "exact", "flagged", "unflagged_exact", "unflagged_f1")
    rows: list[list[object]] = [
        [city, said["lines"], f"{said['cameras_a_line']:.1f}", *(f"{said[k]:.2%}" for k in keys)]
        for city, said in results.items()
    ]
    print(
        table(["city", "lines", "cameras a line", *(key.replace("_", " ") for key in keys)], rows)
    )


if __name__ == "__main__":
    main()
