"""Ask how long a city's road network takes to load, and how much memory, beside other loaders.

    python -m benchmarks.loading [--json FILE] [--runs N] [--city NAME] [--data FOLDER]

roadnet           `read_network` of the OSM PBF: the frozen graph with its limits and banned turns
roadnet file      `load_graph` of the same graph saved before
pyosmium by hand  edges in flat arrays, no limits and no turns (benchmarks/peers/load_by_pyosmium.py)
pyrosm            the driving network, to networkx
osmnx             `graph_from_xml`; the file is turned into XML first, which is not counted

Each run is a fresh process, and the loaders take turns; figures are medians. *load s* is of the
call alone, *process s* and *CPU s* of the whole process with its imports, *peak MB* its greatest
resident memory. `make peers` installs the others.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import osmium

from benchmarks.measuring import machine, run_module, run_program, table
from benchmarks.peers import asking
from roadnet.graph_file import save_graph
from roadnet.importers import read_network

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.measuring import Run

DATA = Path(__file__).resolve().parents[1] / "../shared/data"
PEERS = {
    "pyosmium by hand": ("load_by_pyosmium.py", ".osm.pbf"),
    "pyrosm": ("load_by_pyrosm.py", ".osm.pbf"),
    "osmnx": ("load_by_osmnx.py", ".osm"),
}


def save(file: str, saved: str) -> dict[str, Any]:
    """Save the graph of a network."""
    save_graph(read_network(file), saved)
    return {"mb": Path(saved).stat().st_size / 2**20}


def write_xml(pbf: Path, xml: Path) -> None:
    """Turn a PBF file into OSM XML."""
    with osmium.SimpleWriter(str(xml)) as writer:
        for item in osmium.FileProcessor(str(pbf)):
            writer.add(item)


def compare(pbf: Path, runs: int) -> dict[str, Any]:
    """Let the loaders take turns on one city."""
    with tempfile.TemporaryDirectory(prefix="loading-") as name:
        saved = Path(name) / "city.roadgraph"
        said = run_module("benchmarks.loading", "--save", str(pbf), str(saved)).said
        loaders: dict[str, Callable[[], Run]] = {
            "roadnet": lambda: run_module("benchmarks.load_network", str(pbf)),
            "roadnet file": lambda: run_module("benchmarks.load_network", str(saved)),
        }
        if asking.installed():
            xml = Path(name) / "city.osm"
            write_xml(pbf, xml)
            files = {".osm.pbf": str(pbf), ".osm": str(xml)}
            for peer, (script, suffix) in PEERS.items():
                program = str(Path(asking.__file__).with_name(script))
                loaders[peer] = partial(run_program, str(asking.PYTHON), program, files[suffix])
        found: dict[str, list[Run]] = {loader: [] for loader in loaders}
        for _ in range(runs):
            for loader, run in loaders.items():
                found[loader].append(run())
    figures: dict[str, Any] = {loader: _median(ours) for loader, ours in found.items()}
    for peer in PEERS:
        figures.setdefault(peer, asking.LEFT_OUT)
    return {"file_mb": pbf.stat().st_size / 2**20, "saved_mb": said["mb"], "loaders": figures}


def _median(runs: list[Run]) -> dict[str, float]:
    return {
        "load_s": statistics.median(run.said["load_s"] for run in runs),
        "import_s": statistics.median(run.said["import_s"] for run in runs),
        "process_s": statistics.median(run.wall_s for run in runs),
        "cpu_s": statistics.median(run.cpu_s for run in runs),
        "peak_mb": statistics.median(run.peak_mb for run in runs),
        "edges": runs[0].said["edges"],
        "nodes": runs[0].said["nodes"],
    }


def report(results: dict[str, Any]) -> str:
    """Return the figures as a Markdown table."""
    rows: list[list[object]] = []
    for loader, figures in results["loaders"].items():
        if isinstance(figures, str):
            rows.append([f"{loader}: {figures}", *[""] * 5])
            continue
        times = [f"{figures[key]:.2f}" for key in ("load_s", "process_s", "cpu_s")]
        rows.append([loader, *times, f"{figures['peak_mb']:.0f}", f"{figures['edges']:,}"])
    return table(["", "load s", "process s", "CPU s", "peak MB", "edges"], rows)


def main() -> None:
    """Run all loaders and print what came out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--runs", type=int, default=3, help="processes of each loader")
    parser.add_argument("--city", default="porto", help="name of the PBF file")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the real data")
    parser.add_argument("--save", nargs=2, help="save the graph of one file as another")
    options = parser.parse_args()
    if options.save:
        print(json.dumps(save(*options.save)))
        return
    pbf = options.data / f"roads/{options.city}.osm.pbf"
    if not pbf.exists():
        sys.exit(f"{pbf} is absent: nothing to measure")
    results = compare(pbf, options.runs)
    if options.json:
        text = json.dumps({"machine": machine(), "city": options.city, **results}, indent=2)
        options.json.write_text(text + "\n")
    print(report(results))


if __name__ == "__main__":
    main()
