"""A route draft as GeoJSON features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from enforcement.route_words import reason_of
from enforcement.rules.places import ALWAYS_FROM_US, ALWAYS_UNTIL_US
from roadnet.datum import from_wgs84
from roadnet.edge_path import Path
from roadnet.geodesy import cumulative_m, points_at

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.coverage import CityCoverage
    from enforcement.route_drafts import RouteDraft
    from roadnet.doubtful_cameras import OtherCameras
    from roadnet.surveys import BlindStretch
    from roadnet.traps import TrapCamera

OBSERVABILITY: Final = (
    "mean probability that a lorry which leaves the route at one of its junctions is read by a "
    "camera off the route within 2 km; null where the route cannot be left"
)


def draft_features(
    coverage: CityCoverage, draft: RouteDraft, datum: str, *, departures: bool = False
) -> dict[str, Any]:
    """Write a route draft as GeoJSON.

    Parameters
    ----------
    coverage
        The city on its roads.
    draft
        Of that city.
    datum
        Coordinate system of the answer: wgs84, gcj02 or bd09.
    departures
        Tell each way to leave the route, too.

    Returns
    -------
    dict
        A FeatureCollection; each feature's `role` is ``path``, ``camera`` (with `order` from 1 and
        `distance_m` along the path), ``trap_camera`` (with `kind` and whether it `will` or `may` be
        tripped), ``blind_stretch`` (longest first), ``doubtful`` (a part of the drawn line, with a
        `code` and a `message`), ``alternative`` (streets that the line may mean instead, or a
        place where it may begin or end, with the cameras that it would gain and lose) or ``departure`` (a street by which the route may be left).
    """
    drawn = draft.matched.path.lonlat(coverage.graph)
    features = [_path_feature(coverage, draft, drawn, datum)]
    features += [
        _camera_feature(
            coverage,
            site,
            datum,
            role="camera",
            order=order,
            distance_m=round(distance_m, 1),
        )
        for order, (site, distance_m) in enumerate(
            zip(draft.cameras.site.tolist(), draft.cameras.distance_m.tolist(), strict=True),
            start=1,
        )
    ]
    features += [_trap_feature(coverage, trap, datum) for trap in draft.traps]
    features += [_stretch_feature(draft, drawn, stretch, datum) for stretch in draft.stretches]
    features += [
        _line_feature(
            part_of(draft.line, warning.from_m, warning.to_m),
            datum,
            role="doubtful",
            code=warning.code,
            message=warning.message,
            from_m=round(warning.from_m, 1),
            to_m=round(warning.to_m, 1),
        )
        for warning in draft.matched.warnings
    ]
    features += [
        _alternative_feature(coverage, draft.matched.path, other, datum) for other in draft.others
    ]
    if departures:
        features += _departure_features(coverage, draft, datum)
    return {"type": "FeatureCollection", "features": features}


def _alternative_feature(
    coverage: CityCoverage, path: Path, other: OtherCameras, datum: str
) -> dict[str, Any]:
    """Return a stretch of another path that the line may mean, or the node where it would end."""
    graph, cameras = coverage.graph, coverage.definition.cameras
    stretch = other.alternative
    properties: dict[str, object] = {
        "role": "alternative",
        "from_m": round(stretch.from_m, 1),
        "to_m": round(stretch.to_m, 1),
        "likelihood": round(stretch.likelihood, 3),
        "way_ids": graph.edge_way_id[stretch.edges].tolist(),
        "cameras_gained": [cameras[site].camera_id for site in other.gained],
        "cameras_lost": [cameras[site].camera_id for site in other.lost],
    }
    if stretch.edges.shape[0] > 0:
        end_m = min(stretch.end_m, float(graph.edge_length_m[stretch.edges[-1]]))
        lonlat = Path(stretch.edges, stretch.start_m, end_m).lonlat(graph)
        return _line_feature(lonlat, datum, **properties)
    if stretch.first == 0:
        node = graph.edge_from[path.edges[stretch.beyond]]
    else:
        node = graph.edge_to[path.edges[stretch.first - 1]]
    return _point_feature(graph.node_lon[node], graph.node_lat[node], datum, properties)


def _path_feature(
    coverage: CityCoverage, draft: RouteDraft, drawn: npt.NDArray[np.float64], datum: str
) -> dict[str, Any]:
    """Return the matched path with its streets, how sure it is and how well it is watched."""
    graph, path = coverage.graph, draft.matched.path
    observability = draft.departures.observability
    return _line_feature(
        drawn,
        datum,
        role="path",
        length_m=round(path.length_m(graph), 1),
        cameras=len(draft.cameras.site),
        trap_cameras=len(draft.traps),
        departures=len(draft.departures.edge),
        observability=None if observability is None else round(observability, 3),
        observability_means=OBSERVABILITY,
        confidence=round(float(draft.matched.confidence.min(initial=1.0)), 3),
        streets=_streets(coverage, path),
        way_ids=[int(way) for way in graph.edge_way_id[path.edges]],
    )


def _streets(coverage: CityCoverage, path: Path) -> list[str]:
    """Return the named streets of a path in order, each once in a row."""
    streets: list[str] = []
    for edge in path.edges.tolist():
        name = coverage.graph.name(edge)
        if name and (not streets or streets[-1] != name):
            streets.append(name)
    return streets


def _camera_feature(
    coverage: CityCoverage, site: int, datum: str, **properties: object
) -> dict[str, Any]:
    """Return one camera with what is known of it."""
    camera = coverage.definition.cameras[site]
    properties |= {
        "camera_id": camera.camera_id,
        "name": camera.name,
        "bearing": camera.bearing_deg,
        "doubts": list(coverage.links.doubts[site]),
    }
    for name, instant_us, never in (
        ("valid_from", camera.valid_from_us, ALWAYS_FROM_US),
        ("valid_until", camera.valid_until_us, ALWAYS_UNTIL_US),
        ("warning_until", camera.warning_until_us, ALWAYS_FROM_US),
    ):
        if instant_us != never:
            properties[name] = f"{np.datetime64(instant_us, 'us')}Z"
    return _point_feature(camera.lon, camera.lat, datum, properties)


def _trap_feature(coverage: CityCoverage, trap: TrapCamera, datum: str) -> dict[str, Any]:
    """Return a camera off the path that is tripped by accident."""
    reason = reason_of(trap)
    return _camera_feature(
        coverage,
        trap.site,
        datum,
        role="trap_camera",
        kind=trap.kind,
        reason=reason.en,
        reason_zh=reason.zh,
        tripped="will" if trap.certain else "may",
        distance_m=round(trap.distance_m, 1),
        beyond_m=round(trap.beyond_m, 1),
        angle_deg=None if trap.angle_deg is None else round(trap.angle_deg, 1),
    )


def _stretch_feature(
    draft: RouteDraft, drawn: npt.NDArray[np.float64], stretch: BlindStretch, datum: str
) -> dict[str, Any]:
    """Return a blind stretch, and how likely a departure there is not seen."""
    unseen = draft.departures.unseen_between(stretch.from_m, stretch.to_m)
    return _line_feature(
        part_of(drawn, stretch.from_m, stretch.to_m),
        datum,
        role="blind_stretch",
        from_m=round(stretch.from_m, 1),
        to_m=round(stretch.to_m, 1),
        length_m=round(stretch.length_m, 1),
        departures=unseen.departures,
        unseen_departures=None if unseen.probability is None else round(unseen.probability, 3),
    )


def _departure_features(
    coverage: CityCoverage, draft: RouteDraft, datum: str
) -> list[dict[str, Any]]:
    """Return the first edge of each way to leave the path."""
    graph, departures = coverage.graph, draft.departures
    return [
        _line_feature(
            graph.geometry(edge),
            datum,
            role="departure",
            distance_m=round(distance_m, 1),
            street=graph.name(edge),
            way_id=int(graph.edge_way_id[edge]),
            seen=round(seen, 3),
        )
        for distance_m, edge, seen in zip(
            departures.distance_m.tolist(),
            departures.edge.tolist(),
            departures.seen.tolist(),
            strict=True,
        )
    ]


def _point_feature(
    lon: float, lat: float, datum: str, properties: dict[str, object]
) -> dict[str, Any]:
    """Return a place in the coordinate system asked for."""
    x, y = from_wgs84(np.array([lon]), np.array([lat]), datum)
    point = {"type": "Point", "coordinates": [round(float(x[0]), 7), round(float(y[0]), 7)]}
    return {"type": "Feature", "geometry": point, "properties": properties}


def _line_feature(
    lonlat: npt.NDArray[np.float64], datum: str, **properties: object
) -> dict[str, Any]:
    """Return a line in the coordinate system asked for."""
    lon, lat = from_wgs84(lonlat[:, 0], lonlat[:, 1], datum)
    points = np.column_stack((lon, lat)).round(7).tolist()
    return {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": points},
        "properties": properties,
    }


def part_of(lonlat: npt.NDArray[np.float64], from_m: float, to_m: float) -> npt.NDArray[np.float64]:
    """Return the part of a line between two distances along it, both ends included."""
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    along = cumulative_m(lon, lat)
    inside = (along > from_m) & (along < to_m)
    ends = np.column_stack(points_at(lon, lat, np.array([from_m, to_m])))
    return np.concatenate((ends[:1], lonlat[inside], ends[1:]))
