"""Answer shortest paths with networkx: `python networkx_answers.py`, run by the peers' Python.

The first line read names a file of numpy arrays `tail`, `head` and `cost` of the edges; each further
one is `[from, to]`. Writes lines with `cost` (null if there is no path), `wall_s` and `cpu_s` of the call.
"""

from __future__ import annotations

import json
import sys
import time

import networkx as nx
import numpy as np


def main() -> None:
    """Answer until there is no more to read."""
    with np.load(json.loads(sys.stdin.readline())) as arrays:
        cost = arrays["cost"]
        open_edges = np.isfinite(cost)
        # Of parallel edges the cheapest is written last, and stays.
        order = np.flatnonzero(open_edges)[np.argsort(-cost[open_edges], kind="stable")]
        rows = (arrays[name][order].tolist() for name in ("tail", "head", "cost"))
        graph = nx.DiGraph()
        graph.add_nodes_from(range(int(arrays["nodes"])))
        graph.add_weighted_edges_from(zip(*rows, strict=True))
    print(json.dumps({"edges": graph.number_of_edges()}), flush=True)
    for line in sys.stdin:
        source, target = json.loads(line)
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            least, _ = nx.bidirectional_dijkstra(graph, source, target)
        except nx.NetworkXNoPath:
            least = None
        spent = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
        print(json.dumps({"cost": least, **spent}), flush=True)


if __name__ == "__main__":
    main()
