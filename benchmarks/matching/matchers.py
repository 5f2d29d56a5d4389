"""The two sides: roadnet in this process, Valhalla Meili in another; each says streets and seconds."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from benchmarks.matching.drawing import densify
from benchmarks.peers.asking import Peer, PeerFailed
from roadnet.errors import RoadnetError
from roadnet.mapmatching import LineMatcher

if TYPE_CHECKING:
    from pathlib import Path as FilePath
    from types import TracebackType

    import numpy.typing as npt

    from roadnet.graph import RoadGraph

    Line = npt.NDArray[np.float64]
    Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Answer:
    """Streets found, none if there was no answer; and the seconds of the call alone."""

    streets: Numbers
    wall_s: float
    cpu_s: float
    failed: bool = False


class Ours:
    """roadnet's matcher on one graph."""

    def __init__(self, graph: RoadGraph, street: Numbers) -> None:
        self._matcher = LineMatcher(graph)
        self._street = street

    def match(self, points: Line) -> Answer:
        """Match a line, (p, 2), or a track, (p, 3) with seconds."""
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            edges = _match(self._matcher, points)
        except RoadnetError:
            edges = np.empty(0, dtype=np.int32)
        spent = time.perf_counter() - wall, time.process_time() - cpu
        return Answer(self._street[edges], *spent, failed=edges.shape[0] == 0)


@dataclass(frozen=True, slots=True)
class MeiliSettings:
    """What Meili is told of lines; None leaves its own default (a radius of 50 m).

    Attributes
    ----------
    densify_m
        Lines, but not tracks, get points at most so far apart first.
    search_radius_m
        Its request's `search_radius`.
    times
        Whether the seconds of a track are given, cut to whole ones.
    """

    densify_m: float | None = None
    search_radius_m: float | None = None
    times: bool = False


class Meili:
    """Valhalla's matcher on tiles whose way ids are streets counted from 1, or of an OSM file."""

    def __init__(self, tiles: FilePath) -> None:
        self._peer = Peer("valhalla_answers.py", str(tiles))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._peer.__exit__(kind, error, trace)

    def match(self, points: Line, settings: MeiliSettings) -> Answer:
        """Match a line, (p, 2), or a track, (p, 3) with seconds."""
        if settings.densify_m is not None and points.shape[1] == 2:
            points = densify(points, settings.densify_m)
        names = ("lon", "lat", "time") if settings.times else ("lon", "lat")
        if points.shape[1] == 3:
            points = np.column_stack((points[:, :2], np.floor(points[:, 2])))
        body: dict[str, Any] = {
            "shape": [dict(zip(names, point, strict=False)) for point in points.tolist()],
            "shape_match": "map_snap",
            "costing": "auto",
            "filters": {"attributes": ["edge.way_id"], "action": "include"},
        }
        if settings.search_radius_m is not None:
            body["trace_options"] = {"search_radius": settings.search_radius_m}
        try:
            said = self._peer.ask({"action": "trace_attributes", "body": body})
        except PeerFailed:
            return Answer(np.empty(0, dtype=np.int64), 0.0, 0.0, failed=True)
        ways = [edge["way_id"] for edge in said["answer"]["edges"]]
        return Answer(np.array(ways, dtype=np.int64) - 1, said["wall_s"], said["cpu_s"])


def _match(matcher: Any, points: Line) -> npt.NDArray[np.int32]:
    if points.shape[1] == 3 and hasattr(matcher, "match_track"):
        found = matcher.match_track(points[:, :2], points[:, 2])
    else:
        found = matcher.match_line(points[:, :2])
    edges: npt.NDArray[np.int32] = found.path.edges
    return edges
