"""Which routes of a city its closures cut, and the way round each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from enforcement.errors import Fault
from enforcement.index.closed_routes import ClosedRoute
from roadnet.affected import RouteIndex
from roadnet.closures import ClosureReader, all_closed
from roadnet.detours import BEGINS_CLOSED, ENDS_CLOSED, NO_WAY, DetourFinder, camera_change
from roadnet.open_ways import OpenWays, sites_on_edges
from roadnet.paths import Router
from roadnet.ways_round import LANDMARKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from enforcement.coverage import CityCoverage
    from enforcement.rules.restrictions import Closure
    from roadnet.closures import ClosedEdges
    from roadnet.detours import CameraChange, Detour
    from roadnet.edge_path import Path
    from roadnet.types import IndexArray

_FILE: Final = "closures.geojson"
_REASONS: Final = {
    BEGINS_CLOSED: "the route begins on the closed street, so there is no way round",
    ENDS_CLOSED: "the route ends on the closed street, so there is no way round",
    NO_WAY: "there is no permitted way round",
}


@dataclass(frozen=True, slots=True, eq=False)
class CutRoute:
    """A route that a closure cuts: its detour, and its cameras on it (None without a way round)."""

    route_id: str
    detour: Detour
    cameras: CameraChange | None


@dataclass(frozen=True, slots=True, eq=False)
class CityClosure:
    """A closure on the roads of its city, with the routes that it cuts, by route_id."""

    closure: Closure
    closed: ClosedEdges
    routes: tuple[CutRoute, ...]


class _OnRoutes(NamedTuple):
    """A closure on the roads, all edges closed at any time of it, and the routes that it cuts."""

    closure: Closure
    closed: ClosedEdges
    meanwhile: IndexArray
    routes: tuple[tuple[str, Path], ...]


def find_cut_routes(coverage: CityCoverage) -> tuple[CityClosure, ...]:
    """Find what each closure of a city does to its routes.

    Parameters
    ----------
    coverage
        The city on its roads.

    Returns
    -------
    tuple
        In the order of the closures; a way round keeps off every street that is closed at any
        time of the closure that it goes round.
    """
    graph = coverage.graph
    if not coverage.definition.closures:
        return ()
    measured = Router(graph, weight="length", landmarks=LANDMARKS)
    found = []
    for one in _on_routes(coverage):
        cut = []
        finder = DetourFinder(graph, one.meanwhile, measured=measured)
        for route_id, path in one.routes:
            detour = finder.find(path)
            if detour is None:
                continue
            cameras = None
            if detour.path is not None:
                cameras = camera_change(
                    graph, coverage.intersections, coverage.links, path, detour.path
                )
            cut.append(CutRoute(route_id, detour, cameras))
        found.append(CityClosure(one.closure, one.closed, tuple(cut)))
    return tuple(found)


def find_closed_routes(coverage: CityCoverage) -> tuple[ClosedRoute, ...]:
    """Find the cameras that a driver may pass who goes round the closures of a city.

    Parameters
    ----------
    coverage
        The city on its roads.

    Returns
    -------
    tuple
        One for each closure and each route that it cuts. Every way round that is not absurd
        counts (`roadnet.open_ways`), whether all other closures of its time stand, or none yet or
        any more.
    """
    found = []
    for one in _on_routes(coverage):
        if not one.routes:
            continue
        alone = np.setdiff1d(one.meanwhile, one.closed.edges).size == 0
        closed = (one.meanwhile,) if alone else (one.meanwhile, one.closed.edges)
        ways = [OpenWays(coverage.graph, edges) for edges in closed]
        closure = one.closure
        for route_id, path in one.routes:
            edges = np.concatenate([some.edges(path) for some in ways])
            sites = sites_on_edges(coverage.links, np.unique(edges))
            found.append(
                ClosedRoute(
                    closure.closure_id,
                    route_id,
                    closure.valid_from_us,
                    closure.valid_until_us,
                    tuple(sites.tolist()),
                )
            )
    return tuple(found)


def _on_routes(coverage: CityCoverage) -> Iterator[_OnRoutes]:
    """Yield each closure with the routes that drive along it, in order of route_id."""
    closures = coverage.definition.closures
    if not closures:
        return
    graph = coverage.graph
    reader = ClosureReader(graph, index=coverage.matcher.index)
    closed = [reader.read(one.lonlat, both_directions=one.both_directions) for one in closures]
    routes = [(route_id, coverage.routes[route_id].path) for route_id in sorted(coverage.routes)]
    index = RouteIndex(graph, coverage.intersections, [path for _, path in routes])
    for closure, edges in zip(closures, closed, strict=True):
        meanwhile = all_closed(
            other
            for one, other in zip(closures, closed, strict=True)
            if one.valid_from_us < closure.valid_until_us
            and closure.valid_from_us < one.valid_until_us
        )
        cut = tuple(routes[place] for place in index.over_edges(edges.edges).tolist())
        yield _OnRoutes(closure, edges, meanwhile, cut)


def closure_warnings(
    coverage: CityCoverage, closures: tuple[CityClosure, ...]
) -> tuple[Fault, ...]:
    """Say what a person should know of closures: doubts about them, and the routes that they cut."""
    warnings = []
    for one in closures:
        place = one.closure.place
        warnings += [
            Fault(_FILE, place, "geometry", doubt.message, f"closure_{doubt.code}")
            for doubt in one.closed.doubts
        ]
        warnings += [
            Fault(_FILE, place, "", _message(coverage, cut), "closure_cuts_route")
            for cut in one.routes
        ]
    return tuple(warnings)


def closure_row(coverage: CityCoverage, one: CityClosure) -> Mapping[str, object]:
    """Return a closure, the streets that it closes and the routes that it cuts as JSON values."""
    graph = coverage.graph
    return {
        "closure_id": one.closure.closure_id,
        "closed_edges": int(one.closed.edges.shape[0]),
        "way_ids": sorted({int(way) for way in graph.edge_way_id[one.closed.edges]}),
        "doubts": [doubt.code for doubt in one.closed.doubts],
        "routes": [_cut_row(coverage, cut) for cut in one.routes],
    }


def _cut_row(coverage: CityCoverage, cut: CutRoute) -> dict[str, object]:
    detour, change = cut.detour, cut.cameras
    way_round = None
    if detour.path is not None and change is not None:
        names = [camera.camera_id for camera in coverage.definition.cameras]
        way_round = {
            "added_m": round(detour.added_m, 1),
            "cameras": [names[site] for site in change.after],
            "cameras_gained": [names[site] for site in change.gained],
            "cameras_lost": [names[site] for site in change.lost],
            "geometry": {
                "type": "LineString",
                "coordinates": detour.path.lonlat(coverage.graph).round(7).tolist(),
            },
        }
    return {
        "route_id": cut.route_id,
        "cut_m": [[round(one.from_m, 1), round(one.to_m, 1)] for one in detour.cut],
        "way_round": way_round,
        "reason": detour.reason or None,
    }


def _message(coverage: CityCoverage, cut: CutRoute) -> str:
    """Say what the closure does to one route."""
    where = ", ".join(f"{one.from_m:.0f}-{one.to_m:.0f} m" for one in cut.detour.cut)
    if cut.cameras is None:
        return f"cuts route {cut.route_id} ({where}); {_REASONS[cut.detour.reason]}"
    added = cut.detour.added_m
    longer = f"{added:.0f} m longer" if added >= 0 else f"{-added:.0f} m shorter"
    names = [camera.camera_id for camera in coverage.definition.cameras]
    changes = [
        f"{word} {', '.join(names[site] for site in sites)}"
        for word, sites in (("gains", cut.cameras.gained), ("loses", cut.cameras.lost))
        if sites.size
    ]
    cameras = "; it " + " and ".join(changes) if changes else "; its cameras stay the same"
    return f"cuts route {cut.route_id} ({where}); the way round is {longer}{cameras}"
