"""Load a road network with pyosmium, as one writes it by hand: `python load_by_pyosmium.py FILE`.

Directed edges between junctions with their points, length, class, speed, name and way id in flat
arrays; the usual motor roads less those closed to all. No limits, no turn restrictions.
"""

from __future__ import annotations

import json
import sys
import time
from array import array

began = time.perf_counter()
import numpy as np  # noqa: E402 - the imports are measured
import osmium  # noqa: E402

ROADS = {
    *("motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link"),
    *("secondary", "secondary_link", "tertiary", "tertiary_link", "unclassified"),
    *("residential", "living_street", "service", "track", "road"),
}
CLOSED = {"no", "private"}
EARTH_M = 6_371_008.8


def main() -> None:
    """Load, and print how long it took and how much there was."""
    imported = time.perf_counter()
    classes, speeds, names, ids, ways = [], [], [], array("q"), array("q")
    nodes, lons, lats, sizes = array("q"), array("d"), array("d"), array("q")
    reader = (
        osmium.FileProcessor(sys.argv[1], osmium.osm.NODE | osmium.osm.WAY)
        .with_locations()
        .with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
        .with_filter(osmium.filter.KeyFilter("highway"))
    )
    for way in reader:
        tags = way.tags
        highway = tags.get("highway")
        if highway not in ROADS or tags.get("motor_vehicle", tags.get("access")) in CLOSED:
            continue
        places = [(node.ref, node.lon, node.lat) for node in way.nodes if node.location.valid()]
        if len(places) < 2:
            continue
        forward = tags.get("oneway") in ("yes", "true", "1") or tags.get("junction") == "roundabout"
        ways.append(-1 if tags.get("oneway") == "-1" else int(forward or highway == "motorway"))
        classes.append(highway)
        speeds.append(tags.get("maxspeed"))
        names.append(tags.get("name", ""))
        ids.append(way.id)
        sizes.append(len(places))
        for ref, lon, lat in places:
            nodes.append(ref)
            lons.append(lon)
            lats.append(lat)
    edges = split(*(np.frombuffer(part) for part in (lons, lats)), nodes, sizes, ways)
    print(
        json.dumps(
            {"import_s": imported - began, "load_s": time.perf_counter() - imported, **edges}
        )
    )


def split(lon, lat, nodes, sizes, oneway):  # noqa: ANN001, ANN201 - arrays
    """Split ways where they meet, measure the pieces, and lay both directions out."""
    ref = np.frombuffer(nodes, dtype=np.int64)
    ends = np.cumsum(np.frombuffer(sizes, dtype=np.int64))
    begins = np.concatenate(([0], ends[:-1]))
    _, place, uses = np.unique(ref, return_inverse=True, return_counts=True)
    cut = uses[place] > 1
    cut[begins] = cut[ends - 1] = True
    x, y = np.radians(lon), np.radians(lat)
    step = (
        2
        * EARTH_M
        * np.arcsin(
            np.sqrt(
                np.sin(np.diff(y) / 2) ** 2
                + np.cos(y[1:]) * np.cos(y[:-1]) * np.sin(np.diff(x) / 2) ** 2
            )
        )
    )
    along = np.concatenate(([0.0], np.cumsum(step)))
    at = np.flatnonzero(cut)
    way = np.searchsorted(ends, at, side="right")
    same = way[1:] == way[:-1]
    first, last, way = at[:-1][same], at[1:][same], way[1:][same]
    length_m = along[last] - along[first]
    direction = np.frombuffer(oneway, dtype=np.int64)[way]
    forward, backward = direction >= 0, direction <= 0
    tail = np.concatenate((place[first][forward], place[last][backward]))
    head = np.concatenate((place[last][forward], place[first][backward]))
    metres = np.concatenate((length_m[forward], length_m[backward]))
    order = np.lexsort((head, tail))
    return {
        "edges": int(order.shape[0]),
        "nodes": int(np.unique(np.concatenate((tail, head))).shape[0]),
        "km": float(metres[order].sum() / 1000.0),
    }


if __name__ == "__main__":
    main()
