"""Ask how fast the shortest way of a lorry is found on a city's network, beside Valhalla and networkx.

    python -m benchmarks.shortest_paths [--json FILE] [--pairs N] [--city NAME] [--data FOLDER]

Random pairs of nodes with a way between them, the same for all, in turns; times are of the call alone:

roadnet           `Router.path`, least seconds, lorries' streets and banned turns, 16 landmarks
without bans      the same, turns ignored, which is what networkx is asked too
Valhalla          `route` with costing truck and no directions, from text to text
networkx          `bidirectional_dijkstra` with the same seconds of each edge

The answers are held against each other: without bans the cost must be that of networkx; with them
never less, no path may drive a banned turn, and where the way without bans drives none and never turns
round, the cost must be the same. A difference ends with status 1.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.measuring import machine, run_module, table
from benchmarks.peers.asking import LEFT_OUT, Peer, PeerFailed, installed
from benchmarks.peers.tiles import tiles_of_file
from roadnet.importers import read_network
from roadnet.paths import Router

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from roadnet.graph import RoadGraph
    from roadnet.paths import Path

    Bans = dict[int, list[tuple[int, ...]]]

DATA = FilePath(__file__).resolve().parents[1] / "../shared/data"
LANDMARKS = 16
LEAST_M = 500.0
SHOWN = ("p50_ms", "p95_ms", "cpu_p50_ms", "cpu_p95_ms")
CLOSE = 1e-9  # relative: costs are summed in another order


class Difference(Exception):  # noqa: N818 - what was found is a difference
    """Two answers that must agree do not."""


def compare(pbf: FilePath, pairs: int) -> dict[str, Any]:
    """Ask all sides for the same ways, in turns, in this process and in those of the peers."""
    graph = read_network(str(pbf))
    began = time.perf_counter()
    router = Router(graph, landmarks=LANDMARKS)
    built_s = time.perf_counter() - began
    free = Router(graph, landmarks=LANDMARKS, bans=False)
    banned = _bans(graph)
    taken: dict[str, list[tuple[float, float]]] = {}
    ways_m: list[float] = []
    with ExitStack() as stack:
        valhalla = networkx = None
        if installed():
            valhalla = stack.enter_context(Peer("valhalla_answers.py", str(tiles_of_file(pbf))))
            networkx = stack.enter_context(Peer("networkx_answers.py"))
            _give_graph(networkx, graph, free.cost)
        unanswered = 0
        for number, (begin, end) in enumerate(_pairs(router, pairs)):
            way, ours = _timed(router.path, begin, end)
            plain, without = _timed(free.path, begin, end)
            spent = {"roadnet": ours, "roadnet without bans": without}
            _check(router, banned, way, plain)
            if networkx is not None:
                said = spent["networkx"] = networkx.ask([begin, end])
                _agree(float(free.cost[plain.edges].sum()), said["cost"], "networkx")
            if valhalla is not None:
                try:
                    spent["Valhalla"] = _ask_valhalla(valhalla, graph, begin, end)
                except PeerFailed:
                    unanswered += 1
                    continue
            if number > 0:  # the first one loads compiled kernels and tiles
                for side, times in spent.items():
                    taken.setdefault(side, []).append((times["wall_s"], times["cpu_s"]))
                ways_m.append(way.length_m(graph))
    figures: dict[str, Any] = {side: _quantiles(times) for side, times in taken.items()}
    for side in ("Valhalla", "networkx"):
        figures.setdefault(side, LEFT_OUT)
    return {
        "edges": graph.edge_count,
        "bans": int(graph.ban_offsets.shape[0] - 1),
        "pairs": pairs,
        "unanswered_by_valhalla": unanswered,
        "median_km": float(np.median(ways_m)) / 1000.0,
        "build_s": built_s,
        "sides": figures,
    }


def _pairs(router: Router, count: int) -> list[tuple[int, int]]:
    rng = np.random.default_rng(17)
    found: list[tuple[int, int]] = []
    while len(found) <= count:
        begin, end = rng.integers(router.graph.node_count, size=2).tolist()
        way = router.path(begin, end)
        if way is not None and way.length_m(router.graph) >= LEAST_M:
            found.append((begin, end))
    return found


def _timed(
    find: Callable[[int, int], Path | None], begin: int, end: int
) -> tuple[Path, dict[str, Any]]:
    wall, cpu = time.perf_counter(), time.process_time()
    way = find(begin, end)
    spent = {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall}
    if way is None:
        raise Difference(f"no way from node {begin} to {end}, where there was one")
    return way, spent


def _ask_valhalla(peer: Peer, graph: RoadGraph, begin: int, end: int) -> dict[str, Any]:
    places = [
        {"lon": float(graph.node_lon[node]), "lat": float(graph.node_lat[node])}
        for node in (begin, end)
    ]
    body = {"locations": places, "costing": "truck", "directions_type": "none"}
    return peer.ask({"action": "route", "body": body})


def _give_graph(peer: Peer, graph: RoadGraph, cost: npt.NDArray[np.float64]) -> None:
    with tempfile.NamedTemporaryFile(suffix=".npz") as file:
        np.savez(
            file,
            tail=graph.edge_from,
            head=graph.edge_to,
            cost=cost,
            nodes=np.int64(graph.node_count),
        )
        file.flush()
        peer.ask(file.name)


def _check(router: Router, banned: Bans, way: Path, plain: Path) -> None:
    """Hold a path that obeys the banned turns against the one that ignores them."""
    if _drives(way, banned):
        raise Difference(f"a banned turn on the way of edges {way.edges.tolist()}")
    way_cost, plain_cost = (float(router.cost[path.edges].sum()) for path in (way, plain))
    if way_cost < plain_cost * (1.0 - CLOSE):
        raise Difference(f"{way_cost} with banned turns, {plain_cost} without")
    turns_round = (router.graph.edge_reverse[plain.edges[:-1]] == plain.edges[1:]).any()
    if not turns_round and not _drives(plain, banned):
        _agree(way_cost, plain_cost, "itself without bans")


def _bans(graph: RoadGraph) -> Bans:
    """Return the banned sequences by their first edge."""
    bans: Bans = {}
    for begin, end in pairwise(graph.ban_offsets.tolist()):
        edges = tuple(graph.ban_edges[begin:end].tolist())
        bans.setdefault(edges[0], []).append(edges)
    return bans


def _drives(way: Path, banned: Bans) -> bool:
    edges = way.edges.tolist()
    return any(
        tuple(edges[place : place + len(ban)]) == ban
        for place, edge in enumerate(edges)
        for ban in banned.get(edge, ())
    )


def _agree(cost: float, other: float | None, whose: str) -> None:
    if other is None or abs(cost - other) > CLOSE * max(cost, 1.0):
        raise Difference(f"{cost} seconds, {other} by {whose}")


def _quantiles(taken: list[tuple[float, float]]) -> dict[str, float]:
    (p50, cpu_p50), (p95, cpu_p95) = 1000.0 * np.quantile(taken, [0.5, 0.95], axis=0)
    return {"p50_ms": p50, "p95_ms": p95, "cpu_p50_ms": cpu_p50, "cpu_p95_ms": cpu_p95}


def report(results: dict[str, Any]) -> str:
    """Return the figures as a Markdown table."""
    ours = results["sides"]["roadnet"]
    rows: list[list[object]] = []
    for side, figures in results["sides"].items():
        if isinstance(figures, str):
            rows.append([f"{side}: {figures}", *[""] * 5])
        else:
            times = [f"{figures[key]:.2f}" for key in SHOWN]
            rows.append([side, *times, f"{figures['cpu_p50_ms'] / ours['cpu_p50_ms']:.2f}"])
    head = ["", "p50 ms", "p95 ms", "CPU p50 ms", "CPU p95 ms", "CPU p50, times ours"]
    return table(head, rows)


def main() -> None:
    """Run in a fresh process, and print what came out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=FilePath, help="write the figures to this file")
    parser.add_argument("--pairs", type=int, default=500, help="ways asked for")
    parser.add_argument("--city", default="porto", help="name of the PBF file")
    parser.add_argument("--data", type=FilePath, default=DATA, help="folder of the real data")
    parser.add_argument("--here", action="store_true", help="run in this process")
    options = parser.parse_args()
    pbf = options.data / f"roads/{options.city}.osm.pbf"
    if not pbf.exists():
        sys.exit(f"{pbf} is absent: nothing to measure")
    if options.here:
        print(json.dumps(compare(pbf, options.pairs)))
        return
    arguments = ["--here", "--pairs", str(options.pairs), "--city", options.city]
    arguments += ["--data", str(options.data)]
    results = run_module("benchmarks.shortest_paths", *arguments).said
    if options.json:
        text = json.dumps({"machine": machine(), "city": options.city, **results}, indent=2)
        options.json.write_text(text + "\n")
    print(report(results))


if __name__ == "__main__":
    main()
