"""Ask how long an officer waits for a whole route draft on Porto.

    python -m benchmarks.route_drafts [--json FILE] [--routes N] [--data FOLDER]

1,000 cameras are put up and surveyed as `benchmarks.camera_linking` does. Random shortest lorry routes of
1 km or more are drawn by an officer as in `benchmarks.camera_sets`; a draft is the matched path, what
else the line may mean, the cameras, the trap cameras, the blind stretches and the departures with
their probabilities. Then it is written as GeoJSON, to its last byte, and drawn as SVG. One
thread; CPU milliseconds of this process.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.camera_linking import DATA, places_for_cameras, survey
from benchmarks.matching.drawing import GOOD, draw
from benchmarks.measuring import machine, table
from enforcement.coverage import survey_city
from enforcement.reports.route_picture import draw_route
from enforcement.route_drafts import RouteDrafter
from enforcement.route_features import draft_features
from enforcement.rules.definition import CityDefinition
from enforcement.rules.places import ALWAYS_FROM_US, ALWAYS_UNTIL_US, Camera
from roadnet.importers import read_network
from roadnet.intersections import find_intersections
from roadnet.paths import Router

if TYPE_CHECKING:
    from roadnet.cameras import CameraSite
    from roadnet.graph import RoadGraph

CAMERAS = 1000
LEAST_M = 1000.0
STEPS = {
    "draft": "match, cameras, traps, departures",
    "geojson": "GeoJSON of it",
    "svg": "SVG picture of it",
}


def put_up(graph: RoadGraph, rng: np.random.Generator) -> list[CameraSite]:
    """Put cameras at random approaches of main roads."""
    places = places_for_cameras(graph, find_intersections(graph), signals=False)
    return survey(graph, rng.choice(places, CAMERAS, replace=False), rng)


def camera(site: CameraSite) -> Camera:
    """Register a camera in a city."""
    return Camera(
        camera_id=site.camera_id,
        name="",
        lon=site.lon,
        lat=site.lat,
        bearing_deg=site.bearing_deg,
        valid_from_us=ALWAYS_FROM_US,
        valid_until_us=ALWAYS_UNTIL_US,
        clock_error_s=None,
        recorded_at_us=None,
        place="",
    )


def measure(data: Path, routes: int) -> dict[str, list[float]]:
    """Return the CPU milliseconds of each step of each draft, and how long the routes are in metres."""
    graph = read_network(str(data / "roads/porto.osm.pbf"))
    cameras = [camera(site) for site in put_up(graph, np.random.default_rng(9))]
    coverage = survey_city(CityDefinition("Porto", "Europe/Lisbon", cameras=cameras), graph)
    drafter, router = RouteDrafter(coverage), Router(graph, landmarks=8)
    rng = np.random.default_rng(10)
    spent: dict[str, list[float]] = {step: [] for step in (*STEPS, "length_m")}
    warm = True
    while len(spent["draft"]) < routes:
        meant = router.path(*rng.integers(graph.node_count, size=2).tolist())
        if meant is None or meant.length_m(graph) < LEAST_M:
            continue
        line = draw(meant.lonlat(graph), GOOD, rng)
        marks = [time.process_time()]
        drafted = drafter.draft(line, "wgs84")
        marks.append(time.process_time())
        json.dumps(draft_features(coverage, drafted, "wgs84"), ensure_ascii=False).encode()
        marks.append(time.process_time())
        draw_route(coverage, drafted).encode()
        marks.append(time.process_time())
        for step, milliseconds in zip(STEPS, (1e3 * np.diff(marks)).tolist(), strict=True):
            spent[step].append(milliseconds)
        spent["length_m"].append(drafted.matched.path.length_m(graph))
        if warm:  # the first has loaded the kernels
            spent, warm = {step: [] for step in spent}, False
    return spent


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--routes", type=int, default=200)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    spent = measure(chosen.data, chosen.routes)
    spent["answer"] = [sum(both) for both in zip(spent["draft"], spent["geojson"], strict=True)]
    rows: list[list[object]] = [
        [text, f"{np.median(spent[step]):.1f}", f"{np.quantile(spent[step], 0.95):.1f}"]
        for step, text in (*STEPS.items(), ("answer", "draft and GeoJSON"))
    ]
    length_km = np.median(spent["length_m"]) / 1e3
    print(table([f"Porto, {chosen.routes} routes of {length_km:.1f} km", "p50 ms", "p95 ms"], rows))
    if chosen.json:
        said = {"machine": machine(), "milliseconds": spent}
        chosen.json.write_text(json.dumps(said) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
