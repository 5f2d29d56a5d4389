"""The street map being drawn: lines that meet at shared nodes, and the OSM ways they become."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from benchmarks.simulation.town.curves import Points, chainage, part, point_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


# Ramps meet roads at their ends only: a layer of their own keeps them out of the crossings.
RAMP_LAYER: Final = 2


@dataclass(slots=True)
class Stop:
    """A node on a line; `major` where two streets of the plan cross."""

    at_m: float
    node: int
    major: bool


@dataclass(slots=True, eq=False)
class Line:
    """One street, or one carriageway of a street, as drawn.

    `spans` are stretches with tags of their own (bridges), as (from_m, to_m, tags). `twin` is the
    other carriageway's place in `StreetMap.lines`.
    """

    points: Points
    tags: dict[str, str]
    closed: bool = False
    layer: int = 0
    twin: int | None = None
    stops: list[Stop] = field(default_factory=list)
    spans: list[tuple[float, float, dict[str, str]]] = field(default_factory=list)
    shape: shapely.LineString = field(init=False)

    def __post_init__(self) -> None:
        self.shape = shapely.LineString(self.points)

    def redraw(self, points: Points) -> None:
        """Take another course; only before the line has nodes."""
        self.points = points
        self.shape = shapely.LineString(points)


@dataclass(frozen=True, slots=True)
class WayDraft:
    """An OSM way: node numbers in order, and tags."""

    nodes: tuple[int, ...]
    tags: Mapping[str, str]


class StreetMap:
    """Streets and their shared nodes; grows while the town is drawn, then gives its ways."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.local: list[WayDraft] = []
        self.node_xy: list[tuple[float, float]] = []
        self.node_tags: dict[int, dict[str, str]] = {}
        self._index: shapely.STRtree | None = None

    def add_node(self, xy: tuple[float, float]) -> int:
        """Add a node, return its number."""
        self.node_xy.append((float(xy[0]), float(xy[1])))
        return len(self.node_xy) - 1

    def add_line(
        self, points: Points, tags: Mapping[str, str], *, closed: bool = False, layer: int = 0
    ) -> int:
        """Add a street, return its number."""
        self.lines.append(Line(points, dict(tags), closed, layer))
        self._index = None
        return len(self.lines) - 1

    def tree(self) -> shapely.STRtree:
        """Return the spatial index of the lines as they are now."""
        if self._index is None:
            self._index = shapely.STRtree([line.shape for line in self.lines])
        return self._index

    def reach_out(self, within_m: float, *, loose_only: bool = False) -> None:
        """Lengthen every loose end until it meets the streets that it nearly touches.

        An end goes straight on to the farthest street within reach (both carriageways of a
        divided one); where nothing lies ahead it turns to the nearest street.
        """
        for number, line in enumerate(self.lines):
            if line.closed or line.layer == RAMP_LAYER:
                continue
            points = line.points
            for last in (True, False):
                run = points if last else points[::-1]
                if loose_only and self._meets_another(number, run[-1]):
                    continue
                ahead = run[-1] - run[-2]
                ahead = run[-1] + ahead / np.hypot(*ahead) * within_m
                others = [
                    (at_m, other)
                    for at_m, other in self.hits(tuple(run[-1]), tuple(ahead), line.layer)
                    if other not in (number, line.twin)
                ]
                if others:
                    step = (ahead - run[-1]) * (others[-1][0] + 1.0) / within_m
                    run = np.vstack((run, run[-1] + step))
                else:
                    run = self._turned_to_nearest(number, run, within_m)
                points = run if last else run[::-1]
            line.redraw(points)
        self._index = None

    def _meets_another(self, number: int, xy: Points) -> bool:
        near = self.tree().query(shapely.Point(xy), predicate="dwithin", distance=34.0)
        return any(int(other) not in (number, self.lines[number].twin) for other in near)

    def _turned_to_nearest(self, number: int, run: Points, within_m: float) -> Points:
        end = shapely.Point(run[-1])
        near = [
            (self.lines[int(other)].shape.distance(end), int(other))
            for other in self.tree().query(end, predicate="dwithin", distance=within_m)
            if int(other) not in (number, self.lines[number].twin)
            and self.lines[int(other)].layer == self.lines[number].layer
        ]
        if not near or shapely.crosses(self.lines[number].shape, self.lines[min(near)[1]].shape):
            return run
        target = self.lines[min(near)[1]].shape
        foot = target.interpolate(target.project(end))
        beyond = np.array([foot.x, foot.y])
        step = beyond - run[-1]
        length = float(np.hypot(*step))
        if length > 0.01:
            beyond = beyond + step / length
            return np.vstack((run, beyond))
        return run

    def trim_ends(self, within_m: float) -> None:
        """Cut the short stubs that lines have beyond their first and last node."""
        for line in self.lines:
            if line.closed or not line.stops:
                continue
            along = chainage(line.points)
            first = min(stop.at_m for stop in line.stops)
            last = max(stop.at_m for stop in line.stops)
            start = first if first < within_m else 0.0
            end = last if along[-1] - last < within_m else float(along[-1])
            line.redraw(part(line.points, start, end))
            for stop in line.stops:
                stop.at_m = float(line.shape.project(shapely.Point(self.node_xy[stop.node])))
        self._index = None

    def stop_near(self, line: int, at_m: float, within_m: float) -> Stop | None:
        """Return the nearest node on a line within a distance along it."""
        best = None
        total = self.lines[line].shape.length
        for stop in self.lines[line].stops:
            gap = abs(stop.at_m - at_m)
            if self.lines[line].closed:
                gap = min(gap, total - gap)
            if gap <= within_m:
                best, within_m = stop, gap
        return best

    def join(
        self, line: int, xy: tuple[float, float], *, snap_m: float, major: bool = False
    ) -> int:
        """Return the node of a line at a point: one within `snap_m` along it, else a new one."""
        at_m = float(self.lines[line].shape.project(shapely.Point(xy)))
        near = self.stop_near(line, at_m, snap_m)
        if near is not None:
            near.major = near.major or major
            return near.node
        node = self.add_node(point_at(self.lines[line].points, at_m))
        self.lines[line].stops.append(Stop(at_m, node, major))
        return node

    def tie(self, line: int, node: int, *, major: bool) -> None:
        """Put an existing node, which lies on the line, onto it."""
        at_m = float(self.lines[line].shape.project(shapely.Point(self.node_xy[node])))
        if all(stop.node != node for stop in self.lines[line].stops):
            self.lines[line].stops.append(Stop(at_m, node, major))

    def cross_all(self) -> None:
        """Give every pair of lines of one layer a shared node wherever they meet."""
        shapes = [line.shape for line in self.lines]
        pairs = self.tree().query(shapes, predicate="intersects")
        for a, b in sorted(zip(*map(np.ndarray.tolist, pairs), strict=True)):
            layer = self.lines[a].layer
            if a >= b or layer != self.lines[b].layer or layer == RAMP_LAYER:
                continue
            for meeting in shapely.get_parts(shapes[a].intersection(shapes[b])):
                at_m = shapes[b].project(meeting.centroid)
                held = self.stop_near(b, at_m, 6.0)
                if held is not None:
                    self.tie(a, held.node, major=True)
                else:
                    node = self.join(a, meeting.centroid.coords[0], snap_m=6.0, major=True)
                    self.tie(b, node, major=True)

    def hits(
        self, start: tuple[float, float], end: tuple[float, float], layer: int = 0
    ) -> list[tuple[float, int]]:
        """Return where a straight street would meet the drawn lines of a layer.

        Returns
        -------
        list
            (metres from start, line) in order along the street.
        """
        ray = shapely.LineString([start, end])
        found = [
            (float(ray.project(meeting.centroid)), int(line))
            for line in self.tree().query(ray, predicate="intersects")
            if self.lines[int(line)].layer == layer
            for meeting in shapely.get_parts(ray.intersection(self.lines[int(line)].shape))
        ]
        return sorted(found)

    def clearance_m(self, points: Points) -> np.ndarray:
        """Return the metres from each point to the nearest drawn line."""
        _, distance = self.tree().query_nearest(
            shapely.points(points), return_distance=True, all_matches=False
        )
        return np.asarray(distance)

    def add_local(self, nodes: Iterable[int], tags: Mapping[str, str]) -> None:
        """Add a small street as the nodes it passes."""
        self.local.append(WayDraft(tuple(nodes), dict(tags)))

    def ways(self) -> list[WayDraft]:
        """Return every street as OSM ways, cut where its tags change."""
        drafts: list[WayDraft] = []
        for line in self.lines:
            drafts.extend(self._line_ways(line))
        return drafts + self.local

    def _line_ways(self, line: Line) -> list[WayDraft]:
        along = chainage(line.points)
        length = float(along[-1])
        stops = sorted(line.stops, key=lambda stop: stop.at_m)
        held = np.array([stop.at_m for stop in stops])
        marks = [(stop.at_m, stop.node) for stop in stops]
        cuts = [at_m for start, end, _ in line.spans for at_m in (start, end)]
        for at_m in sorted({*along.tolist(), *(at_m for at_m in cuts if 0 < at_m < length)}):
            xy = point_at(line.points, at_m)
            at_end = at_m in (0.0, length)
            gap = np.abs(held - at_m).min() if len(held) else np.inf
            if gap < (0.5 if at_end else 6.0):
                continue
            if line.closed and at_m == length:
                continue
            node = self.add_node(xy)
            marks.append((at_m, node))
        marks.sort()
        if line.closed and marks[0][1] != marks[-1][1]:
            marks.append((length, marks[0][1]))
        tags_at = [self._tags_between(line, a[0], b[0]) for a, b in pairwise(marks)]
        drafts: list[WayDraft] = []
        run = [marks[0][1]]
        for i, tags in enumerate(tags_at):
            run.append(marks[i + 1][1])
            if i + 1 == len(tags_at) or tags_at[i + 1] != tags:
                drafts.append(WayDraft(tuple(run), tags))
                run = [marks[i + 1][1]]
        return drafts

    @staticmethod
    def _tags_between(line: Line, from_m: float, to_m: float) -> dict[str, str]:
        middle = (from_m + to_m) / 2
        tags = dict(line.tags)
        for start, end, extra in line.spans:
            if start <= middle < end:
                tags |= extra
        return tags
