"""Makes the tiles that Valhalla works on: of an OSM file, or of a road graph of ours."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from typing import TYPE_CHECKING

import numpy as np
import osmium

from benchmarks.peers.asking import FOLDER, PYTHON
from roadnet.types import NO_EDGE, ROAD_CLASSES

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from roadnet.graph import RoadGraph

BUILDER = FOLDER / "tiles-builder/valhalla/bin/valhalla_build_tiles"
FORM = b"1"  # of what write_graph writes; a change makes the maps written before useless
CONFIG = """
import json, sys, valhalla
print(json.dumps(valhalla.get_config(tile_extract="none.tar", tile_dir=sys.argv[1])))
"""


def tiles_of_file(pbf: Path) -> Path:
    """Build the tiles of an OSM PBF file, or find those built before."""
    digest = hashlib.sha256(pbf.read_bytes()).hexdigest()[:16]
    folder = FOLDER / "tiles" / f"{pbf.name.partition('.')[0]}-{digest}"
    if not (folder / "built").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        told = subprocess.run(
            [str(PYTHON), "-c", CONFIG, str(folder)], check=True, capture_output=True, text=True
        )
        config = folder / "config.json"
        config.write_text(told.stdout[told.stdout.index("{") :])
        command = [str(BUILDER), "-c", str(config), "-j", "1", str(pbf)]
        subprocess.run(command, check=True, capture_output=True)
        (folder / "built").touch()
    return folder


def tiles_of_graph(graph: RoadGraph, name: str) -> Path:
    """Build the tiles of a graph whose way ids are the numbers of `streets`, counted from 1."""
    digest = hashlib.sha256(FORM)
    for array in (graph.edge_from, graph.edge_to, graph.edge_length_m, graph.geometry_lon):
        digest.update(np.ascontiguousarray(array))
    file = FOLDER / "maps" / f"{name}-{digest.hexdigest()[:16]}.osm.pbf"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f"{file.name.partition('.')[0]}.part.osm.pbf")
        part.unlink(missing_ok=True)
        write_graph(graph, part)
        part.rename(file)
    return tiles_of_file(file)


def streets(graph: RoadGraph) -> npt.NDArray[np.int64]:
    """Give each edge the number of its street, (m,) from 0: edges that run alike are one street.

    Alike are the two directions of a street, and repetitions of an edge in the source, which no
    matcher could tell apart.
    """
    low = np.minimum(graph.edge_from, graph.edge_to).astype(np.int64)
    high = np.maximum(graph.edge_from, graph.edge_to).astype(np.int64)
    back = np.where(graph.edge_reverse == NO_EDGE, np.arange(low.shape[0]), graph.edge_reverse)
    length_m = np.minimum(graph.edge_length_m, graph.edge_length_m[back])
    millimetres = np.rint(length_m * 1000.0).astype(np.int64)
    keys = np.column_stack((low, high, millimetres))
    return np.unique(keys, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def write_graph(graph: RoadGraph, file: Path) -> None:
    """Write a graph as OSM data: one way a street, oneway where no edge leads back.

    Class and speed are the graph's; a road of unknown class is written as residential, since
    Valhalla gives `highway=road` a penalty.
    """
    street = streets(graph)
    count = int(street.max()) + 1
    first = np.full(count, NO_EDGE, dtype=np.int64)
    first[street[::-1]] = np.arange(graph.edge_count)[::-1]
    back = graph.edge_from[first[street]] != graph.edge_from
    both = np.bincount(street[back], minlength=count) > 0
    writer = osmium.SimpleWriter(str(file))
    for node in range(graph.node_count):
        place = (float(graph.node_lon[node]), float(graph.node_lat[node]))
        writer.add_node(osmium.osm.mutable.Node(id=node + 1, location=place, version=1))
    bends: list[list[int]] = []
    next_id = graph.node_count + 1
    for edge in first.tolist():
        inner = graph.geometry(edge)[1:-1]
        bends.append(list(range(next_id, next_id + inner.shape[0])))
        for bend, place in zip(bends[-1], inner.tolist(), strict=True):
            writer.add_node(osmium.osm.mutable.Node(id=bend, location=tuple(place), version=1))
        next_id += inner.shape[0]
    for number, edge in enumerate(first.tolist()):
        tags = {
            "highway": ROAD_CLASSES[graph.edge_class[edge]].replace("road", "residential"),
            "maxspeed": f"{float(graph.edge_speed_kmh[edge]):.0f}",
            "oneway": "no" if both[number] else "yes",
        }
        refs = [int(graph.edge_from[edge]) + 1, *bends[number], int(graph.edge_to[edge]) + 1]
        way = osmium.osm.mutable.Way(id=number + 1, nodes=refs, tags=tags, version=1)
        writer.add_way(way)
    writer.close()
