"""Where a permitted route runs beside a camera that is not on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from enforcement.analysis.camera_records import camera_id_of
from enforcement.findings import Reason
from enforcement.index.layout import NO_ROUTE
from enforcement.matching.wording import Step
from roadnet.geodesy import haversine_m, local_plane

if TYPE_CHECKING:
    from enforcement.coverage import CityCoverage
    from enforcement.explaining.doubtful_hit import DoubtfulHit

_BESIDE_M: Final = 50.0  # a camera no farther from the path belongs to a crossing or street of it


def route_step(doubtful: DoubtfulHit, coverage: CityCoverage | None) -> Step | None:
    """Tell how far the camera is from where the nearest permit lets its vehicles be.

    Parameters
    ----------
    doubtful
        The violation.
    coverage
        The city on its roads; None where only rules are known, which have no lines.

    Returns
    -------
    Step or None
        None where no place was missed.
    """
    if doubtful.explanation.reason is not Reason.OFF_ROUTE:
        return None
    rules = doubtful.rules
    permit = int(doubtful.suspect.permit[0])
    first, last = (int(edge) for edge in rules.grant_offsets[permit : permit + 2])
    places = [_place(doubtful, grant, coverage) for grant in range(first, last)]
    distinct = list({tuple(place.items()): place for place in places}.values())
    distinct.sort(key=_nearness)
    zh, en = _words(distinct[0], rules.permit_ids[permit])
    return Step("route", zh, en, {"permit_id": rules.permit_ids[permit], "places": distinct})


def _place(doubtful: DoubtfulHit, grant: int, coverage: CityCoverage | None) -> dict[str, Any]:
    """Return how far the camera is from what one grant allows, as JSON values."""
    rules, record = doubtful.rules, doubtful.record
    route = int(rules.grant_route[grant])
    route_id = None if route == NO_ROUTE else rules.route_ids[route]
    bits = rules.camera_sets[rules.grant_camera_set[grant]].astype("<u8").view(np.uint8)
    cameras = np.flatnonzero(np.unpackbits(bits, bitorder="little"))
    nearest_id = nearest_m = None
    if cameras.size:
        away_m = haversine_m(
            rules.camera_lon[record],
            rules.camera_lat[record],
            rules.camera_lon[cameras],
            rules.camera_lat[cameras],
        )
        nearest = int(np.argmin(away_m))
        nearest_id = camera_id_of(rules, int(cameras[nearest]))
        nearest_m = round(float(away_m[nearest]), 1)
    return {
        "route_id": route_id,
        "route_name": None if route == NO_ROUTE else rules.route_names[route] or None,
        **_beside_path(doubtful, route_id, coverage),
        "nearest_camera_id": nearest_id,
        "nearest_camera_m": nearest_m,
    }


def _beside_path(
    doubtful: DoubtfulHit, route_id: str | None, coverage: CityCoverage | None
) -> dict[str, Any]:
    """Return how far off the route's path the camera stands, and beside which street of it."""
    matched = None if coverage is None or route_id is None else coverage.routes.get(route_id)
    if coverage is None or matched is None:
        return {"distance_m": None, "along_m": None, "street": None}
    rules, record, graph = doubtful.rules, doubtful.record, coverage.graph
    plane = local_plane(float(rules.camera_lon[record]), float(rules.camera_lat[record]))
    points = matched.path.lonlat(graph)
    line = shapely.LineString(np.column_stack(plane.to_xy(points[:, 0], points[:, 1])))
    camera = shapely.Point(0.0, 0.0)
    along_m = float(shapely.line_locate_point(line, camera))
    begins = matched.path.edge_begins_m(graph)
    edge = int(np.searchsorted(begins, along_m, side="right")) - 1
    return {
        "distance_m": round(float(shapely.distance(line, camera)), 1),
        "along_m": round(along_m, 1),
        "street": graph.name(int(matched.path.edges[max(edge, 0)])) or None,
    }


def _nearness(place: dict[str, Any]) -> tuple[float, float]:
    """Return what places are ordered by: the path's distance, then the nearest camera's."""
    path_m, camera_m = place["distance_m"], place["nearest_camera_m"]
    return np.inf if path_m is None else path_m, np.inf if camera_m is None else camera_m


def _words(place: dict[str, Any], permit_id: str) -> tuple[str, str]:
    """Return where the nearest of the permitted places is."""
    told_zh, told_en = [], []
    name = place["route_name"]
    whose_zh = f"许可路线 {place['route_id']}{f'（{name}）' if name else ''}"
    whose_en = f"Permitted route {place['route_id']}{f' ({name})' if name else ''}"
    if place["route_id"] is None:
        whose_zh, whose_en = f"通行证 {permit_id} 许可的范围", f"What permit {permit_id} allows"
    if place["distance_m"] is not None:
        street, away = place["street"], f"{place['distance_m']:.0f}"
        told_zh.append(f"最近处{f'（{street}）' if street else ''}距该摄像机 {away} 米")
        told_en.append(f"comes within {away} m of this camera{f', on {street},' if street else ''}")
        if place["distance_m"] <= _BESIDE_M:
            told_zh.append("但不从该摄像机拍摄的方向经过")
            told_en.append("but arrives by no approach that it looks at,")
    nearest_id = place["nearest_camera_id"]
    if nearest_id is None:
        told_zh.append("该处没有摄像机")
        told_en.append(f"{'and ' if told_en else ''}has no camera")
    else:
        away = f"{place['nearest_camera_m']:.0f}"
        told_zh.append(f"其中最近的摄像机是 {nearest_id}，相距 {away} 米")
        told_en.append(
            f"{'and ' if told_en else ''}has its nearest camera, {nearest_id}, {away} m away"
        )
    if place["distance_m"] is None:
        whose_zh += "，"
    return f"{whose_zh}{'，'.join(told_zh)}。", f"{whose_en} {' '.join(told_en)}."
