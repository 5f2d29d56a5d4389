"""Toy OSM files as text: places, ways and turn restrictions.

    OsmTown("A 0 0; B 100 0 barrier=bollard", "11 A-B maxheight=3.5; 12 B>C", "no_left_turn 11 B 12")

Places are in metres around one place, with tags. A way is its id, a chain of places (`-`, or `>` for
one-way) and tags; residential if no highway is given. A restriction is its kind, or tags, then from, via and to:
ids of ways or names of places joined by commas, `-` for none, and `|` in a value
stands for `;`. Node ids are 1, 2, ...; relations 1001, ...
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from roadnet.geodesy import local_plane

if TYPE_CHECKING:
    from roadnet.graph import RoadGraph

PLANE = local_plane(8.0, 49.0)


class OsmTown:
    """A toy OSM file; see the head of this module."""

    def __init__(self, places: str, ways: str, restrictions: str = "") -> None:
        self._body: list[str] = []
        self.ids: dict[str, int] = {}
        for line in _lines(places):
            name, x, y, *tags = line.split()
            self.ids[name] = len(self.ids) + 1
            lon, lat = PLANE.to_lonlat(float(x), float(y))
            place = f"lon='{float(lon):.7f}' lat='{float(lat):.7f}'"
            self._body.append(f"<node id='{self.ids[name]}' {place}>{_tags(tags)}</node>")
        for line in _lines(ways):
            number, chain, *tags = line.split()
            points = "".join(f"<nd ref='{self.ids[name]}'/>" for name in re.split("[->]", chain))
            if ">" in chain:
                tags.append("oneway=yes")
            if not any(tag.startswith("highway=") for tag in tags):
                tags.append("highway=residential")
            self._body.append(f"<way id='{number}'>{points}{_tags(tags)}</way>")
        for place, line in enumerate(_lines(restrictions), 1001):
            *tags, coming, via, going = line.split()
            tags = [tag if "=" in tag else f"restriction={tag}" for tag in tags]
            if not any(tag.startswith("type=") for tag in tags):
                tags.append("type=restriction")
            members = "".join(
                f"<member role='{role}' {self._member(name)}/>"
                for role, names in (("from", coming), ("via", via), ("to", going))
                for name in names.split(",")
                if name != "-"
            )
            self._body.append(f"<relation id='{place}'>{members}{_tags(tags)}</relation>")

    def xml(self) -> str:
        """The file's text."""
        return f"<osm version='0.6'>{''.join(self._body)}</osm>"

    def chain(self, graph: RoadGraph, edges: tuple[int, ...]) -> str:
        """Name the nodes along edges: `A-B-C`."""
        names = {number: name for name, number in self.ids.items()}
        nodes = [graph.edge_from[edges[0]], *(graph.edge_to[edge] for edge in edges)]
        return "-".join(names[int(graph.node_osm_id[node])] for node in nodes)

    def edge(self, graph: RoadGraph, begin: str, end: str) -> int:
        """The only edge between two places."""
        (found,) = [
            edge
            for edge in range(graph.edge_count)
            if self.chain(graph, (edge,)) == f"{begin}-{end}"
        ]
        return found

    def _member(self, name: str) -> str:
        kind, ref = ("way", name) if name.isdigit() else ("node", self.ids[name])
        return f"type='{kind}' ref='{ref}'"


def _lines(text: str) -> list[str]:
    return [line.strip() for line in re.split(r"[\n;]", text) if line.strip()]


def _tags(words: list[str]) -> str:
    pairs = (word.split("=", 1) for word in words)
    return "".join(
        f"<tag k={quoteattr(key)} v={quoteattr(value.replace('|', ';'))}/>" for key, value in pairs
    )
