"""Random lorry routes on real cities: directed edges in Heidelberg, and the speed in Porto."""

from __future__ import annotations

import statistics
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.matching.drawing import GOOD, random_routes
from benchmarks.matching.matchers import Meili, MeiliSettings, Ours
from benchmarks.matching.scoring import Score, median_of, street_lengths_m
from benchmarks.peers.asking import LEFT_OUT, installed
from benchmarks.peers.tiles import streets, tiles_of_file, tiles_of_graph
from roadnet.geodesy import points_at
from roadnet.importers import read_network
from roadnet.paths import Router

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path as FilePath

    import numpy.typing as npt

    from benchmarks.matching.matchers import Answer

    Line = npt.NDArray[np.float64]

TRUCK_ROUTES = 300
LINES = 200
LINE_POINTS = 20
TRACKS = 60
SPACING_M = 15.0
LEAST_TRACK_M = 2000.0
GPS_NOISE_DEG = 5.0 / 111_195.0  # 5 m, in degrees of latitude; a little less in those of longitude
SPEED_MS = 10.0


def run_trucks(data: FilePath, seeds: int) -> dict[str, Any]:
    """Match lines drawn from shortest lorry routes: the same directed edges, and streets either way."""
    graph = read_network(str(data / "roads/heidelberg.osm.pbf"))
    street = streets(graph)
    length_m = street_lengths_m(graph, street)
    ours = Ours(graph, np.arange(graph.edge_count))
    router = Router(graph, landmarks=8)
    ours.match(graph.geometry(0))  # the first one loads compiled kernels
    sides = ("roadnet, directed", "roadnet", *(("meili",) if installed() else ()))
    scores = {side: [Score() for _ in range(seeds)] for side in sides}
    same = 0
    with Meili(tiles_of_graph(graph, "heidelberg")) if installed() else nullcontext() as meili:
        for seed in range(seeds):
            rng = np.random.default_rng([seed, 7])
            routes = random_routes(router, TRUCK_ROUTES, 2, GOOD, rng)
            for number, (truth, line) in enumerate(routes):
                answer = ours.match(line)
                same += int(np.array_equal(answer.streets, truth))
                edges_m = graph.edge_length_m
                directed = scores["roadnet, directed"][seed]
                directed.count(str(number), edges_m, truth, answer, answer.streets)
                either = scores["roadnet"][seed]
                either.count(str(number), length_m, street[truth], answer, street[answer.streets])
                if meili is not None:
                    other = meili.match(line, MeiliSettings(densify_m=40.0))
                    score = scores["meili"][seed]
                    score.count(str(number), length_m, street[truth], other, other.streets)
    figures: dict[str, Any] = {side: median_of(found) for side, found in scores.items()}
    figures.setdefault("meili", LEFT_OUT)
    figures["roadnet, directed"]["same_path_pct"] = 100.0 * same / (TRUCK_ROUTES * seeds)
    return {"lines": TRUCK_ROUTES * seeds, "seeds": seeds, "sides": figures}


def run_speed(data: FilePath, seeds: int) -> dict[str, Any]:
    """Time the matching of lines of 20 points, and of GPS points 15 m apart, on a large network.

    Both sides get the same points, in turns. Times are of the call alone: for Valhalla from the
    text of the request to the text of the answer.
    """
    pbf = data / "roads/porto.osm.pbf"
    graph = read_network(str(pbf))
    ours = Ours(graph, np.arange(graph.edge_count))
    router = Router(graph, landmarks=8)
    runs: dict[str, list[dict[str, float]]] = {}
    with Meili(tiles_of_file(pbf)) if installed() else nullcontext() as meili:
        sides: dict[str, Callable[[Line], Answer]] = {"roadnet": ours.match}
        if meili is not None:
            sides["meili as drawn"] = partial(meili.match, settings=MeiliSettings())
            sides["meili"] = partial(meili.match, settings=MeiliSettings(densify_m=40.0))
        for seed in range(seeds):
            rng = np.random.default_rng([seed, 11])
            routes = random_routes(router, LINES, LINE_POINTS, GOOD, rng)
            lines = [line[:LINE_POINTS] for _, line in routes]
            tracks = [_drive(router, rng) for _ in range(TRACKS)]
            for side, figures in _time(sides, lines, tracks).items():
                runs.setdefault(side, []).append(figures)
    told: dict[str, Any] = {
        side: {name: statistics.median(one[name] for one in figures) for name in figures[0]}
        for side, figures in runs.items()
    }
    if "meili" not in told:
        told["meili"] = LEFT_OUT
    return {
        "edges": graph.edge_count,
        "seeds": seeds,
        "lines": LINES,
        "tracks": TRACKS,
        "sides": told,
    }


def _time(
    sides: dict[str, Callable[[Line], Answer]], lines: list[Line], tracks: list[Line]
) -> dict[str, dict[str, float]]:
    """Let each side match each line and each track, in turns."""
    for match in sides.values():
        match(lines[0])  # the first one loads compiled kernels, or tiles
        match(tracks[0])
    taken_s: dict[str, list[tuple[float, float]]] = {side: [] for side in sides}
    cpu_s = dict.fromkeys(sides, 0.0)
    for line in lines:
        for side, match in sides.items():
            answer = match(line)
            taken_s[side].append((answer.wall_s, answer.cpu_s))
    for track in tracks:
        for side, match in sides.items():
            cpu_s[side] += match(track).cpu_s
    points = sum(track.shape[0] for track in tracks)
    figures = {}
    for side in sides:
        (p50, cpu_p50), (p95, cpu_p95) = 1000.0 * np.quantile(taken_s[side], [0.5, 0.95], axis=0)
        figures[side] = {
            "line_p50_ms": p50,
            "line_p95_ms": p95,
            "line_cpu_p50_ms": cpu_p50,
            "line_cpu_p95_ms": cpu_p95,
            "k_points_per_cpu_s": points / cpu_s[side] / 1000.0,
        }
    return figures


def _drive(router: Router, rng: np.random.Generator) -> Line:
    """Make a GPS track along a shortest path: points 15 m apart, 5 m of noise, 10 m/s."""
    graph = router.graph
    path = None
    while path is None or path.length_m(graph) < LEAST_TRACK_M:
        path = router.path(*rng.integers(graph.node_count, size=2).tolist())
    points = path.lonlat(graph)
    at_m = np.arange(0.0, path.length_m(graph), SPACING_M)
    lon, lat = points_at(points[:, 0], points[:, 1], at_m)
    noise = rng.normal(0.0, GPS_NOISE_DEG, (2, at_m.shape[0]))
    seconds = np.floor(at_m / SPEED_MS)
    return np.column_stack((lon + noise[0], lat + noise[1], seconds))
