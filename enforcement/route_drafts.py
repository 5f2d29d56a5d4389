"""A drawn line answered as GeoJSON: the path, its cameras in order, and where nobody sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from enforcement.rules.places import ALWAYS_FROM_US, ALWAYS_UNTIL_US
from roadnet.coverage import cameras_on_path
from roadnet.datum import from_wgs84, to_wgs84
from roadnet.geodesy import haversine_m
from roadnet.surveys import blind_stretches

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.coverage import CityCoverage
    from roadnet.mapmatching import MatchedLine
    from roadnet.paths import Path


def draft_route(
    coverage: CityCoverage, lonlat: npt.NDArray[np.float64], datum: str
) -> dict[str, Any]:
    """Match a drawn line and say what an officer should know of it before approving.

    Parameters
    ----------
    coverage
        The city on its roads.
    lonlat
        (k, 2) degrees of the line as drawn.
    datum
        Coordinate system of the line and of the answer: wgs84, gcj02 or bd09.

    Returns
    -------
    dict
        A GeoJSON FeatureCollection; each feature's `role` is ``path``, ``camera`` (with `order`
        from 1 and `distance_m` along the path), ``blind_stretch`` (longest first) or ``doubtful``
        (a part of the drawn line, with a `code` and a `message`).

    Raises
    ------
    MatchError
        No path fits the line.
    """
    line = np.column_stack(to_wgs84(lonlat[:, 0], lonlat[:, 1], datum))
    matched = coverage.matcher.match_line(line)
    path = matched.path
    on_path = cameras_on_path(coverage.graph, coverage.intersections, coverage.links, path)
    stretches = blind_stretches(coverage.graph, path, on_path)
    drawn = path.lonlat(coverage.graph)
    features = [_path_feature(coverage, matched, drawn, len(on_path.site), datum)]
    features += [
        _camera_feature(coverage, site, order, distance_m, datum)
        for order, (site, distance_m) in enumerate(
            zip(on_path.site.tolist(), on_path.distance_m.tolist(), strict=True), start=1
        )
    ]
    features += [
        _line_feature(
            _part(drawn, stretch.from_m, stretch.to_m),
            datum,
            role="blind_stretch",
            from_m=round(stretch.from_m, 1),
            to_m=round(stretch.to_m, 1),
            length_m=round(stretch.to_m - stretch.from_m, 1),
        )
        for stretch in stretches
    ]
    features += [
        _line_feature(
            _part(line, warning.from_m, warning.to_m),
            datum,
            role="doubtful",
            code=warning.code,
            message=warning.message,
            from_m=round(warning.from_m, 1),
            to_m=round(warning.to_m, 1),
        )
        for warning in matched.warnings
    ]
    return {"type": "FeatureCollection", "features": features}


def _path_feature(
    coverage: CityCoverage,
    matched: MatchedLine,
    drawn: npt.NDArray[np.float64],
    cameras: int,
    datum: str,
) -> dict[str, Any]:
    """Return the matched path with its streets and how sure it is."""
    graph = coverage.graph
    return _line_feature(
        drawn,
        datum,
        role="path",
        length_m=round(matched.path.length_m(graph), 1),
        cameras=cameras,
        confidence=round(float(matched.confidence.min(initial=1.0)), 3),
        streets=_streets(coverage, matched.path),
        way_ids=[int(way) for way in graph.edge_way_id[matched.path.edges]],
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
    coverage: CityCoverage, site: int, order: int, distance_m: float, datum: str
) -> dict[str, Any]:
    """Return one camera on the path."""
    camera = coverage.definition.cameras[site]
    lon, lat = from_wgs84(np.array([camera.lon]), np.array([camera.lat]), datum)
    properties = {
        "role": "camera",
        "order": order,
        "camera_id": camera.camera_id,
        "name": camera.name,
        "bearing": camera.bearing_deg,
        "distance_m": round(distance_m, 1),
        "doubts": list(coverage.links.doubts[site]),
    }
    for name, instant_us, never in (
        ("valid_from", camera.valid_from_us, ALWAYS_FROM_US),
        ("valid_until", camera.valid_until_us, ALWAYS_UNTIL_US),
    ):
        if instant_us != never:
            properties[name] = f"{np.datetime64(instant_us, 'us')}Z"
    point = {"type": "Point", "coordinates": [round(float(lon[0]), 7), round(float(lat[0]), 7)]}
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


def _part(lonlat: npt.NDArray[np.float64], from_m: float, to_m: float) -> npt.NDArray[np.float64]:
    """Return the part of a line between two distances along it, both ends included."""
    along = np.concatenate(
        (
            [0.0],
            np.cumsum(haversine_m(lonlat[:-1, 0], lonlat[:-1, 1], lonlat[1:, 0], lonlat[1:, 1])),
        )
    )
    inside = (along > from_m) & (along < to_m)
    ends = np.column_stack([np.interp([from_m, to_m], along, lonlat[:, axis]) for axis in range(2)])
    return np.concatenate((ends[:1], lonlat[inside], ends[1:]))
