"""Ask how fast the routes that a change touches are found, and the ways round a closed street.

    python -m benchmarks.affected_routes [--json FILE] [--routes N] [--data FOLDER]

Random shortest lorry routes on Porto. Each question is asked of random busy places, the
median in milliseconds on one thread: a street closed, a camera added (linked too), moved, retired.
Then the busiest street is closed, and the way round is found for each route that drives there, up to 500 of them.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.camera_linking import DATA
from benchmarks.measuring import machine, run_module, table
from roadnet.affected import RouteIndex
from roadnet.cameras import CameraSite, link_cameras
from roadnet.detours import DetourFinder
from roadnet.geodesy import points_at
from roadnet.importers import read_network
from roadnet.intersections import find_intersections
from roadnet.paths import Router
from roadnet.snapping import EdgeIndex

QUERIES = 40
SOURCES = 200
MOST_DETOURS = 500


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--routes", type=int, default=20_000)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--case", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case:
        print(json.dumps(measure(options.data / "roads/porto.osm.pbf", options.routes)))
        return
    case = ("--case", "--routes", str(options.routes), "--data", str(options.data))
    found = run_module("benchmarks.affected_routes", *case).said
    print(table(["question", "answer"], [[name, value] for name, value in found.items()]))
    if options.json:
        options.json.write_text(json.dumps({"machine": machine(), "porto": found}, indent=1) + "\n")


def measure(network: Path, count: int) -> dict[str, Any]:
    """Ask all questions of `count` routes on one network."""
    graph = read_network(str(network))
    found, index = find_intersections(graph), EdgeIndex(graph)
    rng = np.random.default_rng(5)
    paths = routes(Router(graph, weight="length", bans=False), count, rng)
    begin = time.process_time()
    by_road = RouteIndex(graph, found, paths)
    built_s = time.process_time() - begin
    driven = np.concatenate([path.edges for path in paths])
    edges = rng.choice(driven, QUERIES)
    sites = []
    for edge in edges.tolist():
        points = graph.geometry(edge)
        lon, lat = points_at(points[:, 0], points[:, 1], float(graph.edge_length_m[edge]) - 15.0)
        sites.append(CameraSite("c", float(lon), float(lat), None))
    links = link_cameras(graph, found, index, sites)
    by_road.camera_added(index, sites[0])
    answers: dict[str, Any] = {
        "routes": len(paths),
        "index built s": round(built_s, 1),
        "street closed ms": asked(lambda at: by_road.over_edges([edges[at]])),
        "camera added ms": asked(lambda at: by_road.camera_added(index, sites[at])),
        "camera moved ms": asked(lambda at: by_road.camera_moved(index, sites[at], sites[at - 1])),
        "camera retired ms": asked(lambda at: by_road.with_camera(links, at)),
    }
    busiest = int(np.argmax(np.bincount(driven)))
    closed = [edge for edge in (busiest, int(graph.edge_reverse[busiest])) if edge >= 0]
    touched = by_road.over_edges(closed)[:MOST_DETOURS].tolist()
    finder = DetourFinder(graph, closed)
    finder.find(paths[touched[0]])
    begin = time.process_time()
    ways = [finder.find(paths[place]) for place in touched]
    answers["ways round"] = sum(way is not None and way.path is not None for way in ways)
    answers["ways round s"] = round(time.process_time() - begin, 2)
    return answers


def routes(router: Router, count: int, rng: np.random.Generator) -> list[Any]:
    """Draw routes from SOURCES places to random others."""
    graph = router.graph
    paths: list[Any] = []
    while len(paths) < count:
        tree = router.tree(int(rng.integers(0, graph.node_count)))
        for node in rng.integers(0, graph.node_count, max(count // SOURCES, 1)).tolist():
            path = tree.path_to(node)
            if path is not None and path.edges.size > 2 and len(paths) < count:
                paths.append(path)
    return paths


def asked(question: Any) -> float:
    """Return the median milliseconds of a question asked of each place."""
    spent = []
    for at in range(QUERIES):
        begin = time.process_time()
        question(at)
        spent.append(time.process_time() - begin)
    return round(1000.0 * float(np.median(spent)), 2)


if __name__ == "__main__":
    main()
