"""Load one road network in this process, and print how long it took: `python -m benchmarks.load_network FILE`.

A program of its own, which imports nothing that loading does not need.
"""

from __future__ import annotations

import json
import sys
import time

began = time.perf_counter()


def main() -> None:
    """Load an OSM file or a saved graph; imports are measured apart."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m benchmarks.load_network FILE")
    file = sys.argv[1]
    if file.endswith(".roadgraph"):
        from roadnet.graph_file import load_graph as read  # noqa: PLC0415
    else:
        from roadnet.importers import read_network as read  # noqa: PLC0415
    imported = time.perf_counter()
    graph = read(file)
    loaded = time.perf_counter()
    said = {"edges": graph.edge_count, "nodes": graph.node_count}
    print(json.dumps({"import_s": imported - began, "load_s": loaded - imported, **said}))


if __name__ == "__main__":
    main()
