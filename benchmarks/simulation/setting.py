"""Where things are in a city: its centre, its restricted quarters, where goods come from.

For the invented town these are places of the plan; over any other network they are laid out
around the middle of its junctions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import scipy.sparse as sp
import shapely
from scipy.sparse.csgraph import connected_components

from benchmarks.simulation.plane import Plane
from benchmarks.simulation.town import plan
from benchmarks.simulation.town.curves import spline
from benchmarks.simulation.town.ground import metres
from roadnet.types import FLAG_BRIDGE, ROAD_CLASSES

if TYPE_CHECKING:
    import numpy.typing as npt

    from roadnet.graph import RoadGraph

_RANK: Final = {name: rank for rank, name in enumerate(ROAD_CLASSES)}
MOTORWAY_CODES: Final = (_RANK["motorway"], _RANK["motorway_link"])


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """A city's places. Shapes are in metres of `plane`.

    Attributes
    ----------
    name, home
        Of the city, and the first characters of its plates.
    graph, plane, node_xy
        The roads; `node_xy` is (n, 2) metres.
    inner, core
        The restricted city inside the ring, and the old town in it.
    school, scenic, embankment
        Small restricted areas.
    freight_seats
        Industrial and logistics parks.
    bridges
        Groups of edges, each group a bridge that gets cameras and a restriction of its own.
    home_nodes
        Nodes that every place can be reached from and that every place leads to, motorways apart.
    """

    name: str
    home: str
    graph: RoadGraph
    plane: Plane
    node_xy: npt.NDArray[np.float64]
    inner: shapely.Polygon
    core: shapely.Polygon
    school: shapely.Polygon
    scenic: shapely.Polygon
    embankment: shapely.Polygon
    freight_seats: tuple[shapely.Polygon, ...]
    bridges: tuple[tuple[int, ...], ...]
    home_nodes: npt.NDArray[np.int64]

    def edges_in(self, area: shapely.Geometry) -> npt.NDArray[np.bool_]:
        """Return which edges have their middle in an area."""
        ends = self.node_xy[self.graph.edge_from], self.node_xy[self.graph.edge_to]
        middle = (ends[0] + ends[1]) / 2
        return np.asarray(shapely.contains_xy(area, middle[:, 0], middle[:, 1]))


def set_qingtan(graph: RoadGraph) -> Setting:
    """Return the places of the invented town."""
    plane = Plane(plan.CENTRE_LON, plan.CENTRE_LAT)
    outlines = {quarter.name: quarter.outline for quarter in plan.QUARTERS if quarter.outline}
    river_front = next(road for road in plan.ROADS if road.name == "滨江北路")
    scenic = dict(plan.PARKS)["东湖公园"]
    return Setting(
        name="Qingtan",
        home="赣C",
        graph=graph,
        plane=plane,
        node_xy=plane.to_xy(np.column_stack((graph.node_lon, graph.node_lat))),
        inner=shapely.Polygon(spline(metres(plan.RING), 150.0, closed=True)).buffer(-70),
        core=shapely.Polygon(metres(outlines["老城"])).buffer(-40),
        school=shapely.Point(-2330.0, 1960.0).buffer(430, quad_segs=4),
        scenic=shapely.Polygon(metres(scenic)).buffer(160).simplify(15),
        embankment=shapely.LineString(spline(metres(river_front.through), 60.0))
        .buffer(55, quad_segs=3)
        .simplify(4),
        freight_seats=tuple(
            shapely.Polygon(metres(outlines[name])) for name in ("工业园", "物流园")
        ),
        bridges=(_edges_named(graph, plan.OLD_BRIDGE_NAME), _edges_named(graph, "文昌路")),
        home_nodes=_home_nodes(graph),
    )


def set_city(graph: RoadGraph, name: str, home: str) -> Setting:
    """Return places for any network, laid out around the middle of its junctions."""
    plane = Plane(float(np.median(graph.node_lon)), float(np.median(graph.node_lat)))
    xy = plane.to_xy(np.column_stack((graph.node_lon, graph.node_lat)))
    away = np.hypot(xy[:, 0], xy[:, 1])
    ring, old, far = (float(np.quantile(away, share)) for share in (0.45, 0.07, 0.7))
    turn = np.radians([35.0, 125.0, 215.0, 305.0])
    seats = [
        xy[np.argmin(np.hypot(xy[:, 0] - far * np.cos(t), xy[:, 1] - far * np.sin(t)))]
        for t in turn
    ]
    home_nodes = _home_nodes(graph)
    across = shapely.LineString([(-ring, 0.08 * ring), (0, -0.12 * ring), (ring, 0.1 * ring)])
    return _with_long_bridges(
        Setting(
            name=name,
            home=home,
            graph=graph,
            plane=plane,
            node_xy=xy,
            inner=_round((0.0, 0.0), ring),
            core=_round((0.0, 0.0), old),
            school=_round((0.45 * ring, 0.4 * ring), 450.0),
            scenic=_round((-0.5 * ring, 0.35 * ring), 700.0),
            embankment=across.buffer(70, quad_segs=3),
            freight_seats=tuple(_round((float(x), float(y)), 1200.0) for x, y in seats),
            bridges=(),
            home_nodes=home_nodes,
        )
    )


def _with_long_bridges(setting: Setting) -> Setting:
    """Return the setting with the two longest bridges of the restricted city, ways back included."""
    graph = setting.graph
    inside = setting.edges_in(setting.inner) & ((graph.edge_flags & FLAG_BRIDGE) > 0)
    inside &= ~np.isin(graph.edge_class, MOTORWAY_CODES)
    groups: list[tuple[int, ...]] = []
    for edge in np.argsort(-np.where(inside, graph.edge_length_m, 0.0), kind="stable").tolist():
        if len(groups) == 2 or not inside[edge]:
            break
        back = int(graph.edge_reverse[edge])
        if not any(edge in group for group in groups):
            groups.append((edge, back) if back >= 0 else (edge,))
    return replace(setting, bridges=tuple(groups))


def _round(centre: tuple[float, float], radius_m: float) -> shapely.Polygon:
    return shapely.Point(centre).buffer(radius_m, quad_segs=8)


def _edges_named(graph: RoadGraph, name: str) -> tuple[int, ...]:
    """Return the bridge edges of a street, longest first."""
    code = graph.names.index(name)
    found = np.flatnonzero((graph.edge_name == code) & ((graph.edge_flags & FLAG_BRIDGE) > 0))
    order = np.argsort(-graph.edge_length_m[found], kind="stable")
    return tuple(found[order].tolist())


def _home_nodes(graph: RoadGraph) -> npt.NDArray[np.int64]:
    n = graph.node_count
    matrix = sp.csr_matrix(
        (np.ones(graph.edge_count), (graph.edge_from, graph.edge_to)), shape=(n, n)
    )
    _, part = connected_components(matrix, connection="strong")
    main = part == np.bincount(part).argmax()
    for ends in (graph.edge_from, graph.edge_to):
        main[ends[np.isin(graph.edge_class, MOTORWAY_CODES)]] = False
    return np.flatnonzero(main)
