"""Ask how often a camera is linked to the approach that it was put up for.

    python -m benchmarks.camera_linking [--json FILE] [--seeds N] [--cameras N] [--data FOLDER]

Cameras are put up at approaches drawn at random from those of streets of class tertiary and above,
anywhere in the last 30 m before the intersection and in the nearer half of the block. Then they
are surveyed: moved by normal noise of 8 m (standard deviation, east and north) and turned by 12
degrees. A second survey puts them only where traffic signals stand, as electronic police do, in
the networks that know their signals.

right      the approach is among those that the camera is taken to look at
flagged    `freightpass check` asks a person to look at it
several    the camera belongs to several intersections, at most 35 m from its likeliest; its approaches
           to all of them count
likeliest  the likeliest intersection alone is the right one
wrong      neither right nor flagged

Each city runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.measuring import machine, run_module, table
from roadnet.cameras import CameraSite, link_cameras
from roadnet.geodesy import METRES_PER_DEGREE
from roadnet.headings import Headings
from roadnet.importers import read_network
from roadnet.intersections import Intersections, find_intersections
from roadnet.snapping import EdgeIndex
from roadnet.types import FLAG_SIGNALS, ROAD_CLASSES

if TYPE_CHECKING:
    import numpy.typing as npt

    from roadnet.cameras import CameraLinks
    from roadnet.graph import RoadGraph

    Edges = npt.NDArray[np.int32]

DATA = Path(__file__).resolve().parents[1] / "../shared/data"
CITIES = ("heidelberg", "porto", "beijing", "jinan")
NOISE_M = 8.0
NOISE_DEG = 12.0
BEFORE_M = 30.0


def places_for_cameras(graph: RoadGraph, intersections: Intersections, *, signals: bool) -> Edges:
    """Return the approaches at which cameras may be put up."""
    approaches = intersections.approach_edges
    chosen = graph.edge_class[approaches] < ROAD_CLASSES.index("unclassified")
    if signals:
        owner = np.repeat(np.arange(intersections.count), np.diff(intersections.approach_offsets))
        signalled = (graph.edge_flags[approaches] & FLAG_SIGNALS) != 0
        chosen &= np.bincount(owner[signalled], minlength=intersections.count)[owner] > 0
    return approaches[chosen]


def survey(graph: RoadGraph, edges: Edges, rng: np.random.Generator) -> list[CameraSite]:
    """Put a camera up at each approach, and survey it with noise."""
    count = edges.shape[0]
    headings = Headings(graph)
    length_m = graph.edge_length_m[edges]
    before_m = rng.random(count) * np.minimum(BEFORE_M, length_m / 2.0)
    lon, lat = headings.places(edges, length_m - before_m)
    east, north = rng.normal(0.0, NOISE_M, (2, count))
    lon = lon + east / (METRES_PER_DEGREE * np.cos(np.radians(lat)))
    lat = lat + north / METRES_PER_DEGREE
    bearing = (headings.arriving(edges) + rng.normal(0.0, NOISE_DEG, count)) % 360.0
    rows = zip(lon.tolist(), lat.tolist(), bearing.tolist(), strict=True)
    return [CameraSite(f"C{number}", *row) for number, row in enumerate(rows)]


def shares(edges: Edges, intersections: Intersections, links: CameraLinks) -> dict[str, float]:
    """Say which links are right and which are flagged."""
    likeliest = links.intersection == intersections.edge_arrives[edges]
    right = np.array([edge in links.approaches(site) for site, edge in enumerate(edges)])
    flagged = np.array([bool(doubts) for doubts in links.doubts])
    return {
        "right": float(right.mean()),
        "flagged": float(flagged.mean()),
        "right_or_flagged": float((right | flagged).mean()),
        "likeliest": float(likeliest.mean()),
        "several": float((np.diff(links.also_offsets) > 0).mean()),
        "wrong": float((~right & ~flagged).mean()),
    }


def measure(data: Path, city: str, seeds: int, cameras: int) -> dict[str, Any]:
    """Survey and link cameras in one city, and average over the seeds."""
    graph = read_network(str(data / f"roads/{city}.osm.pbf"))
    intersections, index = find_intersections(graph), EdgeIndex(graph)
    said: dict[str, Any] = {"intersections": intersections.count}
    for name, signals in (("main", False), ("signals", True)):
        places = places_for_cameras(graph, intersections, signals=signals)
        if places.shape[0] == 0:
            continue
        found, seconds = [], []
        for seed in range(seeds):
            rng = np.random.default_rng([seed, 2026])
            edges = rng.choice(places, cameras)
            sites = survey(graph, edges, rng)
            begin = time.process_time()
            links = link_cameras(graph, intersections, index, sites)
            seconds.append(time.process_time() - begin)
            found.append(shares(edges, intersections, links))
        said[name] = {key: float(np.mean([one[key] for one in found])) for key in found[0]}
        said[name] |= {"places": places.shape[0], "cpu_s": float(np.median(seconds))}
    return said


def main() -> None:
    """Run every city, or one, and print what came out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    parser.add_argument("--seeds", type=int, default=3, help="surveys of each city")
    parser.add_argument("--cameras", type=int, default=3000, help="cameras of each survey")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the real data")
    parser.add_argument("--city", choices=CITIES, help="this city only, in this process")
    options = parser.parse_args()
    if options.city:
        print(json.dumps(measure(options.data, options.city, options.seeds, options.cameras)))
        return
    results = {}
    for city in CITIES:
        arguments = ["--city", city, "--seeds", str(options.seeds)]
        arguments += ["--cameras", str(options.cameras), "--data", str(options.data)]
        results[city] = run_module("benchmarks.camera_linking", *arguments).said
    if options.json:
        report = {"machine": machine(), "results": results}
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    head = ["survey", "right", "flagged", "right or flagged", "several", "likeliest", "wrong"]
    keys = ("right", "flagged", "right_or_flagged", "several", "likeliest", "wrong")
    rows: list[list[object]] = [
        [f"{city}, {name}", *(f"{said[name][key]:.2%}" for key in keys)]
        for city, said in results.items()
        for name in ("main", "signals")
        if name in said
    ]
    print(table(head, rows))


if __name__ == "__main__":
    main()
