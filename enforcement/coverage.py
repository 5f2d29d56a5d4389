"""A city on its roads: cameras linked, routes matched, and which cameras each route has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enforcement.camera_links import camera_faults, camera_warnings, site_of
from enforcement.errors import Fault
from enforcement.progress import quiet
from roadnet.cameras import link_cameras
from roadnet.coverage import cameras_on_path
from roadnet.doubtful_cameras import cameras_of_alternatives
from roadnet.errors import MatchError
from roadnet.intersections import find_intersections
from roadnet.mapmatching import LineMatcher
from roadnet.snapping import EdgeIndex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from enforcement.progress import Progress
    from enforcement.rules.definition import CityDefinition
    from enforcement.rules.places import Route
    from roadnet.cameras import CameraLinks
    from roadnet.doubtful_cameras import OtherCameras
    from roadnet.graph import RoadGraph
    from roadnet.intersections import Intersections
    from roadnet.mapmatching import MatchedLine

_ROUTES_A_STEP: Final = 50  # how often matching tells its progress


@dataclass(frozen=True, slots=True, eq=False)
class CityCoverage:
    """Where a city's cameras stand and which of them its routes have.

    Attributes
    ----------
    graph, intersections, links, matcher
        The roads; `links` has an entry for each camera record of `definition.cameras`.
    definition
        The city as stated.
    routes
        The matched line of each route that lies on roads.
    route_cameras
        Camera records that each route has, in driving order; none for a route that matched nothing.
    faults
        Cameras said to be where they cannot be, and routes that permits rely on and that lie on
        no road.
    warnings
        Doubtful cameras and matches.
    """

    definition: CityDefinition
    graph: RoadGraph
    intersections: Intersections
    links: CameraLinks
    matcher: LineMatcher
    routes: Mapping[str, MatchedLine]
    route_cameras: Mapping[str, tuple[int, ...]]
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]


def survey_city(
    definition: CityDefinition, graph: RoadGraph, progress: Progress = quiet
) -> CityCoverage:
    """Link a city's cameras to its roads and match its routes.

    Parameters
    ----------
    definition
        The city as stated, coordinates in WGS-84.
    graph
        Its roads.
    progress
        Told ``(stage, done, total)``.

    Returns
    -------
    CityCoverage
        With what could not be linked or matched among its faults and warnings.
    """
    progress("cameras", 0, 1)
    intersections = find_intersections(graph)
    index = EdgeIndex(graph)
    links = link_cameras(
        graph, intersections, index, [site_of(camera) for camera in definition.cameras]
    )
    progress("cameras", 1, 1)
    warnings = camera_warnings(definition.cameras, graph, intersections, links)
    matcher = LineMatcher(graph, index=index, is_intersection=intersections.node_intersection >= 0)
    relied_on = {grant.route_id for permit in definition.permits for grant in permit.grants}
    faults = camera_faults(definition.cameras, links)
    routes: dict[str, MatchedLine] = {}
    route_cameras: dict[str, tuple[int, ...]] = {}
    for number, route in enumerate(definition.routes):
        if number % _ROUTES_A_STEP == 0:
            progress("routes", number, len(definition.routes))
        try:
            matched = matcher.match_line(route.lonlat)
        except MatchError as error:
            fault = Fault("routes.geojson", route.place, "geometry", error.message, error.code)
            (faults if route.route_id in relied_on else warnings).append(fault)
            route_cameras[route.route_id] = ()
            continue
        routes[route.route_id] = matched
        sites = cameras_on_path(graph, intersections, links, matched.path).site
        route_cameras[route.route_id] = tuple(sites.tolist())
        warnings += _match_warnings(route, matched)
        others = cameras_of_alternatives(graph, intersections, links, matched)
        warnings += _camera_warnings(definition, route, others)
        if not sites.size:
            warnings.append(
                Fault("routes.geojson", route.place, "", "no camera stands on it", "route_blind")
            )
    progress("routes", len(definition.routes), len(definition.routes))
    return CityCoverage(
        definition=definition,
        graph=graph,
        intersections=intersections,
        links=links,
        matcher=matcher,
        routes=routes,
        route_cameras=route_cameras,
        faults=tuple(faults),
        warnings=tuple(warnings),
    )


def _match_warnings(route: Route, matched: MatchedLine) -> list[Fault]:
    """Return what is doubtful about a matched route."""
    return [
        Fault(
            "routes.geojson",
            route.place,
            f"{warning.from_m:.0f}-{warning.to_m:.0f} m",
            warning.message,
            f"route_{warning.code}",
        )
        for warning in matched.warnings
    ]


def _camera_warnings(
    definition: CityDefinition, route: Route, others: tuple[OtherCameras, ...]
) -> list[Fault]:
    """Return the stretches of a route that may mean another path with other cameras."""
    warnings = []
    for other in others:
        if not other.differ:
            continue
        changes = [
            f"{verb} {', '.join(definition.cameras[site].camera_id for site in sites)}"
            for verb, sites in (("gain", other.gained), ("lose", other.lost))
            if sites
        ]
        stretch = other.alternative
        if stretch.from_m < stretch.to_m:
            doubt = "the line may mean other streets", "by which"
        else:
            doubt = "the line may begin or end at another place nearby", "with which"
        warnings.append(
            Fault(
                "routes.geojson",
                route.place,
                f"{stretch.from_m:.0f}-{stretch.to_m:.0f} m",
                f"{doubt[0]} ({stretch.likelihood:.0%}), {doubt[1]} the route would "
                f"{' and '.join(changes)}; draw it closer to what is meant",
                "route_cameras",
            )
        )
    return warnings
