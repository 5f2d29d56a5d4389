"""A city's cameras on its roads, in words: what each is linked to, what else it might watch, faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import shapely

from enforcement.errors import Fault
from roadnet.cameras import (
    AMBIGUOUS,
    DISTANT,
    FAR,
    INTERSECTION,
    MID_BLOCK,
    NO_APPROACH,
    NO_DIRECTION,
    CameraSite,
)
from roadnet.intersections import NO_INTERSECTION
from roadnet.types import NO_EDGE, NO_OSM_ID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enforcement.rules.places import Camera
    from roadnet.cameras import CameraLinks
    from roadnet.graph import RoadGraph
    from roadnet.intersections import Intersections

_FILE: Final = "cameras.geojson"
_DOUBTS: Final = {
    FAR: "no road within 60 m: the camera is linked to nothing, so no route covers it",
    DISTANT: "its street is more than 25 m away; expected a place on or beside the road",
    AMBIGUOUS: "another street or intersection is too likely",
    NO_APPROACH: "no approach of its intersection runs along its bearing",
    NO_DIRECTION: "its street is not driven along its bearing",
}
_SWAPPED: Final = "; its coordinates look like latitude, longitude; expected longitude first"
_KINDS: Final = {INTERSECTION: "intersection", MID_BLOCK: "mid_block"}


def site_of(camera: Camera) -> CameraSite:
    """Return what the roads need to know of a camera."""
    return CameraSite(
        camera.camera_id, camera.lon, camera.lat, camera.bearing_deg, camera.node, camera.ways
    )


def camera_faults(cameras: Sequence[Camera], links: CameraLinks) -> list[Fault]:
    """Return a fault for each `node` and `way` of cameras.geojson that cannot be obeyed."""
    return [
        Fault(
            _FILE,
            cameras[fault.site].place,
            fault.field,
            fault.message,
            f"camera_{fault.field}",
        )
        for fault in links.faults
    ]


def camera_warnings(
    cameras: Sequence[Camera], graph: RoadGraph, intersections: Intersections, links: CameraLinks
) -> list[Fault]:
    """Return a warning for each doubt about a camera's link, with what else it might be."""
    lon, lat = graph.node_lon, graph.node_lat
    box = shapely.box(lon.min(), lat.min(), lon.max(), lat.max())
    return [
        Fault(
            _FILE,
            camera.place,
            "",
            _doubt(graph, intersections, links, site, code)
            + (_SWAPPED if code == FAR and _is_swapped(box, camera) else ""),
            f"camera_{code}",
        )
        for site, camera in enumerate(cameras)
        for code in links.doubts[site]
    ]


def _is_swapped(box: shapely.Polygon, camera: Camera) -> bool:
    """Tell whether a camera would stand among the roads if its longitude were its latitude."""
    outside = not shapely.intersects_xy(box, camera.lon, camera.lat)
    return bool(outside and shapely.intersects_xy(box, camera.lat, camera.lon))


def link_row(
    camera: Camera, graph: RoadGraph, intersections: Intersections, links: CameraLinks, site: int
) -> dict[str, Any]:
    """Return a camera's link as JSON values.

    Parameters
    ----------
    camera
        The record.
    graph, intersections, links, site
        Its city on the roads, and its place there.

    Returns
    -------
    dict
        `candidates` are what else it might watch, likeliest first; `node` is an OSM id, which
        cameras.geojson may name, null where the network has none.
    """
    kind, edge = int(links.kind[site]), int(links.edge[site])
    linked = edge != NO_EDGE
    return {
        "camera_id": camera.camera_id,
        "linked_to": _KINDS.get(kind),
        "intersection": int(links.intersection[site]) if kind == INTERSECTION else None,
        "node": _node(graph, intersections, int(links.intersection[site])),
        "also_nodes": [_node(graph, intersections, one) for one in links.also(site).tolist()],
        "street": graph.name(edge) if linked else None,
        "way_id": int(graph.edge_way_id[edge]) if linked else None,
        "approach_way_ids": [
            int(graph.edge_way_id[approach]) for approach in links.approaches(site)
        ],
        "distance_m": round(float(links.distance_m[site]), 1) if linked else None,
        "score": round(float(links.score[site]), 3) if linked else None,
        "doubts": list(links.doubts[site]),
        "candidates": [
            {
                "node": _node(graph, intersections, int(links.candidate_intersection[row])),
                "street": graph.name(int(links.candidate_edge[row])),
                "way_id": int(graph.edge_way_id[links.candidate_edge[row]]),
                "score": round(float(links.candidate_score[row]), 3),
            }
            for row in links.candidates(site)
        ],
    }


def _node(graph: RoadGraph, intersections: Intersections, intersection: int) -> int | None:
    """Return the OSM id of the first node of an intersection; None for mid-block, or without ids."""
    if intersection == NO_INTERSECTION:
        return None
    node = int(intersections.nodes[intersections.node_offsets[intersection]])
    return int(graph.node_osm_id[node]) if graph.node_osm_id[node] != NO_OSM_ID else None


def _doubt(
    graph: RoadGraph, intersections: Intersections, links: CameraLinks, site: int, code: str
) -> str:
    """Return what is doubtful about a camera's link, and between which places."""
    if code != AMBIGUOUS:
        return _DOUBTS[code]
    taken = _place(graph, intersections, int(links.edge[site]), int(links.intersection[site]))
    others = [
        _place(
            graph,
            intersections,
            int(links.candidate_edge[row]),
            int(links.candidate_intersection[row]),
        )
        + f" ({links.candidate_score[row]:.0%})"
        for row in links.candidates(site)
    ]
    return (
        f"{_DOUBTS[code]}: taken is {taken} ({links.score[site]:.0%}), it might be "
        f"{' or '.join(others)}; the properties `node` or `way` settle it"
    )


def _place(graph: RoadGraph, intersections: Intersections, edge: int, intersection: int) -> str:
    street = f"{graph.name(edge) or 'an unnamed street'} (way {graph.edge_way_id[edge]})"
    if intersection == NO_INTERSECTION:
        return f"{street} in mid-block"
    node = _node(graph, intersections, intersection)
    named = f"node {node}, " if node is not None else ""
    lon, lat = intersections.lon[intersection], intersections.lat[intersection]
    return f"{street} at {named}{lon:.5f}, {lat:.5f}"
