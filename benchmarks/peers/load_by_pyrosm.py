"""Load a road network with pyrosm into networkx: `python load_by_pyrosm.py FILE`."""

from __future__ import annotations

import json
import sys
import time

began = time.perf_counter()
import pyrosm  # noqa: E402 - the import is measured


def main() -> None:
    """Load, and print how long it took and how much there was."""
    imported = time.perf_counter()
    reader = pyrosm.OSM(sys.argv[1])
    nodes, edges = reader.get_network(network_type="driving+service", nodes=True)
    graph = reader.to_graph(nodes, edges, graph_type="networkx", retain_all=True)
    loaded = time.perf_counter()
    said = {"edges": graph.number_of_edges(), "nodes": graph.number_of_nodes()}
    print(json.dumps({"import_s": imported - began, "load_s": loaded - imported, **said}))


if __name__ == "__main__":
    main()
