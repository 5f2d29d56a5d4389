"""Intersections, approaches and coverage of a path by brute force; imports nothing of ours.

Works edge by edge on plain lists in degrees and metres, one question at a time, without any table.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations, product

EARTH_RADIUS_M = 6_371_008.8


@dataclass(frozen=True)
class OracleEdge:
    """A directed edge; `twin` is the place of the same street's other direction, or None."""

    begin: int
    finish: int
    points: tuple[tuple[float, float], ...]
    name: str = ""
    road: str = "residential"
    twin: int | None = None
    ring: bool = False


@dataclass(frozen=True)
class OracleCamera:
    """A camera that stands on an edge, and belongs to the intersections with these nodes, if any."""

    bearing: float | None
    edge: int
    at_m: float
    nodes: tuple[int, ...] = ()


def metres(one, other):
    lon1, lat1, lon2, lat2 = map(math.radians, (*one, *other))
    half = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(half)))


def bearing(one, other):
    lon1, lat1, lon2, lat2 = map(math.radians, (*one, *other))
    east = math.sin(lon2 - lon1) * math.cos(lat2)
    north = math.cos(lat1) * math.sin(lat2) - math.sin(lat1) * math.cos(lat2) * math.cos(
        lon2 - lon1
    )
    return math.degrees(math.atan2(east, north)) % 360


def turn(one_deg, other_deg):
    return abs((one_deg - other_deg + 180) % 360 - 180)


def length(edge):
    return sum(metres(*pair) for pair in zip(edge.points, edge.points[1:], strict=False))


def place(edge, at_m):
    left = max(0.0, at_m)
    for one, other in zip(edge.points, edge.points[1:], strict=False):
        step = metres(one, other)
        if left <= step:
            share = left / step if step else 0.0
            return (one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1]))
        left -= step
    return edge.points[-1]


def direction(edge, from_m, to_m):
    from_m, to_m = max(0.0, from_m), min(length(edge), to_m)
    one, other = place(edge, from_m), place(edge, to_m)
    if metres(one, other) < 0.5:
        one = place(edge, (from_m + to_m) / 2)
    return bearing(one, other)


def arrival_direction(edge):
    return direction(edge, length(edge) - 25, length(edge))


def departure_direction(edge):
    return direction(edge, 0, 25)


class Oracle:
    """Answers for one town: a list of edges; nodes are the numbers that they name."""

    def __init__(self, edges):
        self.edges = edges
        self.at = {}
        for edge in edges:
            self.at[edge.begin] = edge.points[0]
            self.at[edge.finish] = edge.points[-1]
        self.streets = [
            frozenset({number} if edge.twin is None else {number, edge.twin})
            for number, edge in enumerate(edges)
            if edge.road not in ("service", "track")
        ]
        self.streets = sorted(set(self.streets), key=sorted)
        self.groups = self._intersections()

    # -- streets -------------------------------------------------------------------------------

    def _touching(self, node, streets=None):
        """Street ends at a node: (street, the way it leaves), twice for a loop."""
        ends = []
        for street in self.streets if streets is None else streets:
            edge = self.edges[min(street)]
            ends += [(street, "away")] if edge.begin == node else []
            ends += [(street, "home")] if edge.finish == node else []
        return ends

    def _is_meeting(self, ends):
        names = {self.edges[min(street)].name for street, _ in ends} - {""}
        return len(ends) >= 3 or (len(ends) == 2 and len(names) == 2)

    def _alike(self, street, other):
        one, two = self.edges[min(street)], self.edges[min(other)]
        if not one.name or not two.name:
            return one.road == two.road
        return one.name == two.name

    def _short_ways(self, meeting):
        """Every way of at most 35 m along one street from a meeting node to the next."""
        ways = []
        for node in meeting:
            for street, side in self._touching(node):
                way = self._follow(meeting, node, street, side)
                if way is not None:
                    ways.append(way)
        return ways

    def _follow(self, meeting, node, street, side):
        nodes, total, start = [node], 0.0, (street, side)
        onward = back = True
        while True:
            first = self.edges[min(street)]
            # Along the standing edge if we leave by its begin.
            forth = side == "away"
            onward = onward and (forth or len(street) == 2)
            back = back and (not forth or len(street) == 2)
            total += length(first)
            nodes.append(first.finish if forth else first.begin)
            if total > 35:
                return None
            here = nodes[-1]
            came = (street, "home" if forth else "away")
            if here in meeting:
                return {
                    "nodes": nodes,
                    "m": total,
                    "onward": onward,
                    "back": back,
                    "ends": (start, came),
                }
            ends = self._touching(here)
            if len(ends) != 2:
                return None
            street, side = ends[1] if ends[0] == came else ends[0]

    # -- divided crossings ---------------------------------------------------------------------

    def _median(self, way):
        begin, finish = way["nodes"][0], way["nodes"][-1]
        if begin == finish:
            return False
        line = bearing(self.at[begin], self.at[finish])
        for here, there in product(self._touching(begin), self._touching(finish)):
            if here == way["ends"][0] or there == way["ends"][1] or here[0] == there[0]:
                continue
            if len(here[0]) == 2 or len(there[0]) == 2 or not self._alike(here[0], there[0]):
                continue
            one = self._end_heading(*here)
            two = self._end_heading(*there)
            across = all(30 <= turn(heading, line) <= 150 for heading in (one, two))
            if across and turn(one, two) >= 135:
                return True
        return False

    def _end_heading(self, street, side):
        edge = self.edges[min(street)]
        return departure_direction(edge) if side == "away" else arrival_direction(edge)

    def _wide(self, nodes):
        return any(metres(self.at[one], self.at[two]) > 35 for one, two in combinations(nodes, 2))

    def _join(self, groups, members):
        union = set(members)
        for node in members:
            union |= groups.get(node, set())
        if not self._wide(union):
            groups.update(dict.fromkeys(union, union))

    def _rank(self, way):
        return (
            round(way["m"], 3),
            sorted((self.at[way["nodes"][0]], self.at[way["nodes"][-1]])),
        )

    def _intersections(self):
        meeting = {node for node in self.at if self._is_meeting(self._touching(node))}
        groups = {}
        for ring in self._rings():
            self._join(groups, ring)
        ways = sorted(self._short_ways(sorted(meeting)), key=self._rank)
        for way in ways:
            if self._median(way):
                self._join(groups, way["nodes"])
        for out, home in self._island_pairs(ways):
            a, b = out["nodes"][-1], home["nodes"][0]
            if a == b or b in groups.get(a, set()):
                self._join(groups, out["nodes"] + home["nodes"][1:-1])

        crossings = {frozenset(group) for group in groups.values() if len(group) > 1}
        single = meeting - {node for group in crossings for node in group}
        found = {group for group in crossings if self._meets_outside(group)}
        return sorted([*found, *(frozenset({node}) for node in single)], key=sorted)

    def _island_pairs(self, ways):
        one_way = [
            (rank, way)
            for rank, way in enumerate(ways)
            if way["onward"] and not way["back"] and way["nodes"][0] != way["nodes"][-1]
        ]
        pairs = []
        for (first, out), (second, home) in product(one_way, one_way):
            if out["nodes"][0] != home["nodes"][-1]:
                continue
            (leaving, _), (arriving, _) = out["ends"][0], home["ends"][1]
            node = out["nodes"][0]
            if not self._alike(leaving, arriving):
                continue
            away, back = self._out_of(leaving, node), self._into(arriving, node)
            if turn(away, back + 180) < 60:
                pairs.append((sorted((first, second)), out, home))
        return [(out, home) for _, out, home in sorted(pairs, key=lambda pair: pair[0])]

    def _out_of(self, street, node):
        edges = [self.edges[number] for number in sorted(street)]
        return next(departure_direction(edge) for edge in edges if edge.begin == node)

    def _into(self, street, node):
        edges = [self.edges[number] for number in sorted(street)]
        return next(arrival_direction(edge) for edge in edges if edge.finish == node)

    def _rings(self):
        rings = []
        for edge in self.edges:
            if edge.ring:
                ring = {edge.begin, edge.finish}
                apart = [other for other in rings if not other & ring]
                for other in rings:
                    ring |= other if other & ring else set()
                rings = [*apart, ring]
        return rings

    def _meets_outside(self, group):
        outside = [
            street for street in self.streets if not self._inside(self.edges[min(street)], group)
        ]
        ends = [end for node in group for end in self._touching(node, outside)]
        return self._is_meeting(ends)

    def _inside(self, edge, group):
        within = edge.begin in group and edge.finish in group
        return within and (length(edge) <= 35 or edge.ring)

    # -- questions -----------------------------------------------------------------------------

    def intersection_of(self, node):
        return next((group for group in self.groups if node in group), None)

    def approaches(self, group):
        return {
            number
            for number, edge in enumerate(self.edges)
            if edge.finish in group and not self._inside(edge, group)
        }

    def looked_at(self, group, camera_bearing):
        return {
            number
            for number in self.approaches(group)
            if camera_bearing is None
            or turn(arrival_direction(self.edges[number]), camera_bearing) < 45
        }

    def _next_along(self, number, node):
        """The edge by which a street goes on over a node at which nothing else meets it."""
        ends = self._touching(node)
        if len(ends) < 2:
            every = {
                frozenset({k} if edge.twin is None else {k, edge.twin})
                for k, edge in enumerate(self.edges)
            }
            ends = self._touching(node, sorted(every, key=sorted))
        mine = [end for end in ends if number in end[0]]
        if len(ends) != 2 or len(mine) != 1:
            return None
        street = next(end[0] for end in ends if number not in end[0])
        forward = self.edges[number].finish == node
        for other in street:
            edge = self.edges[other]
            if (edge.begin if forward else edge.finish) == node:
                return other
        return None

    def along(self, number, at_m, forward, limit_m):
        """The intersection ahead of (or behind) a place on an edge along its street, and metres."""
        edge = self.edges[number]
        for group in self.groups:
            if self._inside(edge, group):
                return group, 0.0
        walked = length(edge) - at_m if forward else at_m
        while walked <= limit_m:
            node = edge.finish if forward else edge.begin
            group = self.intersection_of(node)
            if group is not None:
                return group, walked
            number = self._next_along(number, node)
            if number is None:
                break
            edge = self.edges[number]
            walked += length(edge)
        return None, math.inf

    def touched(self, path, start_m, end_m):
        """Intersections in the order in which a path touches them, with the edge it arrives by."""
        result = []
        behind, since = self.along(path[0], start_m, forward=False, limit_m=15)
        _, to = self.along(path[0], start_m, forward=True, limit_m=15)
        if behind is not None and since <= to + 0.001:
            result.append((behind, None))
        for number in path[:-1]:
            result += self._arrival(number)
        last = self.edges[path[-1]]
        if end_m >= length(last) - 0.001 and self._arrival(path[-1]):
            return result + self._arrival(path[-1])
        if not any(self._inside(last, group) for group in self.groups):
            ahead, to = self.along(path[-1], end_m, forward=True, limit_m=15)
            _, since = self.along(path[-1], end_m, forward=False, limit_m=15)
            if ahead is not None and to <= since + 0.001:
                result.append((ahead, None))
        return result

    def _arrival(self, number):
        group = self.intersection_of(self.edges[number].finish)
        if group is None or self._inside(self.edges[number], group):
            return []
        return [(group, number)]

    def covers(self, camera, path, start_m, end_m):
        """Whether a path (edge numbers, and metres along the first and last) covers a camera."""
        if camera.nodes:
            touched = self.touched(path, start_m, end_m)
            owns = [self.intersection_of(node) for node in camera.nodes]
            if any(self._covers_crossing(own, camera.bearing, touched) for own in owns):
                return True
            # One that looks at no approach reads what leaves the crossing by its own edge.
            if any(self.looked_at(own, camera.bearing) for own in owns):
                return False
        return self._covers_mid_block(camera, path, start_m, end_m)

    def _covers_crossing(self, own, bearing, touched):
        if touched and own in (touched[0][0], touched[-1][0]):
            return True
        seen = self.looked_at(own, bearing)
        return any(arrived in seen for _, arrived in touched)

    def _covers_mid_block(self, camera, path, start_m, end_m):
        own = self.edges[camera.edge]
        for position, number in enumerate(path):
            if number not in (camera.edge, own.twin):
                continue
            edge = self.edges[number]
            at_m = camera.at_m if number == camera.edge else length(own) - camera.at_m
            low = start_m if position == 0 else 0.0
            high = end_m if position == len(path) - 1 else length(edge)
            begin = min(max(0.0, at_m - 12.5), max(0.0, length(edge) - 25))
            runs = direction(edge, begin, begin + 25)
            looks = camera.bearing is None or turn(runs, camera.bearing) < 45
            if looks and low - 15 <= at_m <= high + 15:
                return True
        return False
