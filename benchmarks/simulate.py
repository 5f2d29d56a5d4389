"""Make a city of freight passes and one day of its plate hits, with the truth beside them.

``python -m benchmarks.simulate data/samples/qingtan`` makes the sample city again, byte for byte.
With ``--network X.osm.pbf`` the same simulator runs over any road network.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import resource
import sys
import time
from pathlib import Path

from benchmarks.simulation.layout import Order
from benchmarks.simulation.world import make_city
from roadnet.errors import NetworkError


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, make the city, print what is in it as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, metavar="OUT_CITY", help="folder to write")
    parser.add_argument(
        "--network", type=Path, help="OSM file to drive on instead of the invented town"
    )
    parser.add_argument(
        "--name", help="name of the city; default Qingtan, or the network's file name"
    )
    parser.add_argument("--plates", default="赣C", help="province and letter of local plates")
    parser.add_argument("--cameras", type=int, default=300)
    parser.add_argument("--permits", type=int, default=3000)
    parser.add_argument("--routes", type=int, default=40)
    parser.add_argument("--hits", type=int, default=150_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--date", type=dt.date.fromisoformat, default=dt.date(2026, 3, 17))
    parser.add_argument("--coordinates", choices=("wgs84", "gcj02", "bd09"), default="wgs84")
    chosen = parser.parse_args(arguments)
    name = chosen.name or (
        chosen.network.name.split(".")[0].capitalize() if chosen.network else "Qingtan"
    )
    order = Order(
        chosen.out, chosen.date, chosen.seed, chosen.network, name, chosen.plates, chosen.cameras,
        chosen.permits, chosen.routes, chosen.hits, chosen.coordinates,
    )  # fmt: skip
    started = time.perf_counter()
    try:
        counts = make_city(order)
    except (NetworkError, OSError, ValueError) as fault:
        print(f"simulate: {fault}", file=sys.stderr)
        return 1
    spent = {
        "seconds": round(time.perf_counter() - started, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(counts | spent, ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
