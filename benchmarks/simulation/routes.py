"""Freight routes: the way that is meant, the line that an officer draws, the cameras it covers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from benchmarks.simulation.paths import Paths, taste, trace, truck_cost
from benchmarks.simulation.town.curves import thinned
from roadnet.types import ROAD_CLASSES

if TYPE_CHECKING:
    import numpy.typing as npt

    from benchmarks.simulation.cameras import Camera
    from benchmarks.simulation.setting import Setting
    from roadnet.intersections import Intersections

_GATES: Final = 5
_SHORTEST_M: Final = 2_000.0
_SIMPLIFIED_M: Final = 12.0
_HAND_M: Final = 5.5  # how far off an officer's click is, standard deviation
_END_M: Final = 7.0  # nobody misses the end of a route by more


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One freight route.

    Attributes
    ----------
    route_id, name
        As in routes.geojson.
    drawn
        (k, 2) WGS-84 degrees, the line as drawn.
    path
        Place of the way that is meant in the table of paths.
    records
        Camera records that the meant way covers.
    back
        The route of the way back, -1 if there is none.
    """

    route_id: str
    name: str
    drawn: npt.NDArray[np.float64]
    path: int
    records: frozenset[int]
    back: int


def plan_routes(
    setting: Setting,
    seconds: npt.NDArray[np.float64],
    count: int,
    random: np.random.Generator,
) -> Paths:
    """Return the ways of `count` routes; an even and the next odd one lead there and back.

    Raises
    ------
    ValueError
        The network is too small for so many routes.
    """
    graph = setting.graph
    cost = taste(graph, truck_cost(graph, seconds), random)
    pairs = (count + 1) // 2
    # No longer than a drive from beyond the ring to its far side, in a large city.
    longest_m = max(14_000.0, 3.2 * float(np.sqrt(setting.inner.area / np.pi)))
    # A park has a few gates and the city so many yards, so that routes share their kilometres.
    gates = np.concatenate(
        [_some(_nodes_in(setting, seat), _GATES, random) for seat in setting.freight_seats]
    )
    yards = max(8, count // 4)
    old = _some(_nodes_in(setting, setting.core), yards // 2, random)
    inside = np.concatenate((old, _some(_nodes_in(setting, setting.inner), yards, random)))
    starts, ends = np.meshgrid(gates, inside)
    every = random.permutation(starts.size)
    ways: list[Paths] = []
    made = 0
    for low in range(0, starts.size, 2 * pairs):
        chosen = every[low : low + 2 * pairs]
        start, end = starts.ravel()[chosen], ends.ravel()[chosen]
        there, pair_out = trace(graph, cost, start, end)
        back, pair_back = trace(graph, cost, end, start)
        both = np.intersect1d(pair_out, pair_back)
        for pair in both.tolist():
            out = there.of(int(np.searchsorted(pair_out, pair)))
            home = back.of(int(np.searchsorted(pair_back, pair)))
            if made < pairs and _SHORTEST_M < float(graph.edge_length_m[out].sum()) < longest_m:
                made += 1
                offsets = np.array([0, len(out), len(out) + len(home)])
                ways.append(Paths(offsets, np.concatenate((out, home))))
        if made == pairs:
            break
    if made < pairs:
        raise ValueError(
            f"the network is too small: it has {2 * made} of {count} routes of 2 km or more"
        )
    lengths = np.concatenate([np.diff(way.offsets) for way in ways])[:count]
    edges = np.concatenate([way.edges for way in ways])
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    return Paths(offsets, edges[: offsets[-1]])


def _some(
    nodes: npt.NDArray[np.int64], count: int, random: np.random.Generator
) -> npt.NDArray[np.int64]:
    return random.choice(nodes, size=min(count, len(nodes)), replace=False)


def _nodes_in(setting: Setting, area: shapely.Geometry) -> npt.NDArray[np.int64]:
    """Return the well-connected nodes in an area where a lorry could stop."""
    xy = setting.node_xy[setting.home_nodes]
    found = setting.home_nodes[shapely.contains_xy(area, xy[:, 0], xy[:, 1])]
    usable = np.zeros(setting.graph.node_count, dtype=bool)
    small = np.isin(
        setting.graph.edge_class,
        [ROAD_CLASSES.index(n) for n in ("service", "living_street", "track")],
    )
    usable[setting.graph.edge_to[~small]] = True
    kept = found[usable[found]]
    if len(kept):
        return kept
    middle = np.asarray(area.centroid.coords[0])
    return setting.home_nodes[np.argsort(np.hypot(*(xy - middle).T))[:8]]


def draw_routes(
    setting: Setting,
    cameras: list[Camera],
    crossings: Intersections,
    ways: Paths,
    first_path: int,
    random: np.random.Generator,
) -> list[Route]:
    """Return the routes with their drawn lines; way i is path `first_path` + i of all paths."""
    digits = max(3, len(str(len(ways))))
    found = []
    for i in range(len(ways)):
        edges = ways.of(i)
        found.append(
            Route(
                route_id=f"R-{i + 1:0{digits}d}",
                name=_title(setting, edges, outward=i % 2 == 0),
                drawn=_by_hand(setting, edges, random),
                path=first_path + i,
                records=covered(setting, cameras, crossings, edges),
                back=(i ^ 1) if (i ^ 1) < len(ways) else -1,
            )
        )
    return found


def covered(
    setting: Setting,
    cameras: list[Camera],
    crossings: Intersections,
    edges: npt.NDArray[np.int32],
) -> frozenset[int]:
    """Return the camera records that a way passes, by the rule of coverage in plain words.

    A camera that looks at one of its edges; and any camera of the first and the last intersection
    that it touches.
    """
    graph = setting.graph
    driven = set(edges.tolist())
    nodes = np.append(graph.edge_from[edges[:1]], graph.edge_to[edges])
    touched = crossings.node_intersection[nodes]
    touched = touched[touched >= 0]
    ends = {int(touched[0]), int(touched[-1])} if len(touched) else set()
    return frozenset(
        i
        for i, camera in enumerate(cameras)
        if camera.intersection in ends or not driven.isdisjoint(camera.edges)
    )


def line_of(setting: Setting, edges: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
    """Return the metres along which a way runs, (k, 2)."""
    parts = [setting.graph.geometry(int(edge)) for edge in edges]
    lonlat = np.vstack([parts[0], *(part[1:] for part in parts[1:])])
    return setting.plane.to_xy(lonlat)


def _by_hand(
    setting: Setting, edges: npt.NDArray[np.int32], random: np.random.Generator
) -> npt.NDArray[np.float64]:
    points = thinned(line_of(setting, edges), _SIMPLIFIED_M)
    off = random.normal(0.0, _HAND_M, size=points.shape)
    off[[0, -1]] = np.clip(off[[0, -1]], -_END_M, _END_M)
    return np.round(setting.plane.to_lonlat(points + off), 6)


def _title(setting: Setting, edges: npt.NDArray[np.int32], *, outward: bool) -> str:
    lengths: dict[str, float] = {}
    for edge in edges.tolist():
        name = setting.graph.name(edge)
        lengths[name] = lengths.get(name, 0.0) + float(setting.graph.edge_length_m[edge])
    lengths.pop("", None)
    longest = sorted(lengths, key=lambda name: -lengths[name])[:3]
    driven = [
        name
        for name in dict.fromkeys(setting.graph.name(e) for e in edges.tolist())
        if name in longest
    ]
    return f"{'—'.join(driven) or '货运通道'}（{'进城' if outward else '出城'}）"
