"""Load a road network with osmnx into networkx: `python load_by_osmnx.py FILE`, OSM XML."""

from __future__ import annotations

import json
import sys
import time

began = time.perf_counter()
import osmnx  # noqa: E402 - the import is measured


def main() -> None:
    """Load, and print how long it took and how much there was."""
    imported = time.perf_counter()
    graph = osmnx.graph_from_xml(sys.argv[1], retain_all=True)
    loaded = time.perf_counter()
    said = {"edges": graph.number_of_edges(), "nodes": graph.number_of_nodes()}
    print(json.dumps({"import_s": imported - began, "load_s": loaded - imported, **said}))


if __name__ == "__main__":
    main()
