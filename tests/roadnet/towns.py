"""Toy towns as text: points in metres around one place, streets as chains of them.

    town('''
        A 0 0
        B 100 0 signals
        C 200 0
        D 100 80
        ''', '''
        A-B primary name="Long Street" layer=1
        B-C primary bridge
        B>(110,40)>D residential service speed=20
        ''')

A street runs through named points and bends `(x,y)`, joined by `-` (two-way) or `>` (one-way along
the chain). As in OpenStreetMap, a named point becomes a node of the graph where streets meet or end;
one in the middle of a single street is only a bend of it. After the chain come the class (residential if none),
words (bridge, tunnel, roundabout, no_goods, destination) and `name= layer= speed= way=`, limits
`maxweight= maxheight= maxwidth=` (tonnes, metres), and `condition=`. `way` is the OSM way id (0, none, if not
given). Node ids are 1, 2, ... in the order of the point lines. `bans="A-B-C; D-B-C"` forbids to go from A by B
to C, whatever edges lead there; the chain names consecutive nodes of the graph.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, replace
from itertools import pairwise, product
from typing import TYPE_CHECKING

import numpy as np

from roadnet.assemble import assemble_graph
from roadnet.geodesy import LocalPlane, local_plane
from roadnet.turn_bans import ban_columns
from roadnet.types import (
    FLAG_BRIDGE,
    FLAG_DESTINATION,
    FLAG_NO_GOODS,
    FLAG_ROUNDABOUT,
    FLAG_TUNNEL,
    NO_EDGE,
    ROAD_CLASSES,
)
from roadnet.ways import BOTH_WAYS, FORWARD, Way

if TYPE_CHECKING:
    from roadnet.graph import RoadGraph
    from roadnet.types import FloatArray

BASE_LON, BASE_LAT = 114.39, 27.81

_WORDS = {
    "bridge": FLAG_BRIDGE,
    "tunnel": FLAG_TUNNEL,
    "roundabout": FLAG_ROUNDABOUT,
    "no_goods": FLAG_NO_GOODS,
    "destination": FLAG_DESTINATION,
}
_LIMITS = ("maxweight", "maxheight", "maxwidth")
_KEYS = {"name", "layer", "speed", "way", "condition", *_LIMITS}
_STEP = re.compile(r"(\w+|\([-+.\deE]+,[-+.\deE]+\))([->]?)")


@dataclass(frozen=True)
class Town:
    """A toy town: its graph, and its nodes by the names of the text."""

    graph: RoadGraph
    nodes: dict[str, int]
    plane: LocalPlane

    def lonlat(self, *places: tuple[float, float]) -> FloatArray:
        """Turn (x, y) metres into a (k, 2) line of lon and lat."""
        x, y = np.array(places, dtype=np.float64).T
        return np.column_stack(self.plane.to_lonlat(x, y))

    def edges(self, begin: str, end: str) -> list[int]:
        """All edges that lead straight from one named node to another, ascending."""
        first, last = self.nodes[begin], self.nodes[end]
        leaving = range(self.graph.out_offsets[first], self.graph.out_offsets[first + 1])
        return [edge for edge in leaving if self.graph.edge_to[edge] == last]

    def edge(self, begin: str, end: str) -> int:
        """The only edge from one named node to another."""
        (edge,) = self.edges(begin, end)
        return edge

    def path(self, text: str) -> list[int]:
        """Edges through named nodes: ``path("A-B-C")``."""
        stops = text.split("-")
        return [self.edge(*pair) for pair in pairwise(stops)]

    def has_edge(self, begin: str, end: str) -> bool:
        """Whether any edge leads straight from one named node to another."""
        return bool(self.edges(begin, end))

    def street(self, name: str) -> list[int]:
        """All edges that bear a name, ascending."""
        return [e for e in range(self.graph.edge_count) if self.graph.name(e) == name]

    def one_way(self, edge: int) -> bool:
        """Whether an edge has no reverse."""
        return int(self.graph.edge_reverse[edge]) == NO_EDGE


def town(
    points: str,
    streets: str,
    *,
    bans: str = "",
    base_lon: float = BASE_LON,
    base_lat: float = BASE_LAT,
) -> Town:
    """Build a town from text; see the head of this module. Lines end at newlines or ``;``."""
    plane = local_plane(base_lon, base_lat)
    ids: dict[str, int] = {}
    place: dict[int, tuple[float, float]] = {}
    signals: set[int] = set()
    for line in _lines(points):
        name, x, y, *words = line.split()
        assert name not in ids, f"point {name} is there twice"
        assert words in ([], ["signals"]), f"{line}: a point is a name, x, y and perhaps signals"
        ids[name] = len(ids) + 1
        place[ids[name]] = (float(x), float(y))
        if words:
            signals.add(ids[name])
    ways = []
    for line in _lines(streets):
        chain, *words = shlex.split(line)
        ways.append(_way(chain, words, ids, place, signals, plane))
    graph = assemble_graph(ways)
    of_id = {osm_id: node for node, osm_id in enumerate(graph.node_osm_id.tolist()) if osm_id}
    nodes = {name: of_id[osm_id] for name, osm_id in ids.items() if osm_id in of_id}
    made = Town(graph, nodes, plane)
    if not bans:
        return made
    sequences = [
        ban
        for chain in _lines(bans)
        for ban in product(*(made.edges(*pair) for pair in pairwise(chain.split("-"))))
    ]
    offsets, edges = ban_columns(sequences)
    return replace(made, graph=replace(graph, ban_offsets=offsets, ban_edges=edges))


def grid_town(columns: int, rows: int, block_m: float = 100.0) -> Town:
    """A grid of two-way streets: nodes n0_0 (south-west) to n<column>_<row>, named rows and columns."""
    points = [f"n{c}_{r} {c * block_m} {r * block_m}" for c in range(columns) for r in range(rows)]
    streets = [
        "-".join(f"n{c}_{r}" for c in range(columns)) + f" tertiary name='Row {r}' way={r + 1}"
        for r in range(rows)
        if columns > 1
    ]
    streets += [
        "-".join(f"n{c}_{r}" for r in range(rows)) + f" name='Column {c}' way={rows + c + 1}"
        for c in range(columns)
        if rows > 1
    ]
    return town("\n".join(points), "\n".join(streets))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in re.split(r"[\n;]", text) if line.strip()]


def _way(
    chain: str,
    words: list[str],
    ids: dict[str, int],
    place: dict[int, tuple[float, float]],
    signals: set[int],
    plane: LocalPlane,
) -> Way:
    steps = _STEP.findall(chain)
    assert "".join(point + joint for point, joint in steps) == chain, f"cannot read {chain!r}"
    joints = {joint for _, joint in steps[:-1]}
    assert len(joints) == 1, f"{chain}: points are joined by all - or all >"
    nodes = [_point(point, ids, place) for point, _ in steps]
    tags = dict(word.split("=", 1) for word in words if "=" in word)
    assert tags.keys() <= _KEYS, f"{chain}: unknown key among {sorted(tags)}"
    road_class, flags = "residential", 0
    for word in words:
        if word in ROAD_CLASSES:
            road_class = word
        elif "=" not in word:
            flags |= _WORDS[word]
    x, y = np.array([place[node] for node in nodes]).T
    lon, lat = plane.to_lonlat(x, y)
    return Way(
        lon=lon,
        lat=lat,
        node_ids=np.array(nodes, dtype=np.int64),
        road_class=ROAD_CLASSES.index(road_class),
        speed_kmh=float(tags.get("speed", 50)),
        oneway=FORWARD if joints == {">"} else BOTH_WAYS,
        flags=flags,
        layer=int(tags.get("layer", 0)),
        way_id=int(tags.get("way", 0)),
        name=tags.get("name", ""),
        signals=np.array([node in signals for node in nodes]),
        max_weight_t=float(tags.get("maxweight", "inf")),
        max_height_m=float(tags.get("maxheight", "inf")),
        max_width_m=float(tags.get("maxwidth", "inf")),
        condition=tags.get("condition", ""),
    )


def _point(text: str, ids: dict[str, int], place: dict[int, tuple[float, float]]) -> int:
    if not text.startswith("("):
        return ids[text]
    x, y = text[1:-1].split(",")
    bend = -1 - len(place)
    place[bend] = (float(x), float(y))
    return bend
