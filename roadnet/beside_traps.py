"""Trap cameras beside a path: of the carriageway alongside, or linked to it only in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from roadnet.geodesy import angle_between_deg, local_plane
from roadnet.headings import LOOK_DEG
from roadnet.intersections import NO_INTERSECTION
from roadnet.traps import TrapCamera
from roadnet.types import FLAG_BRIDGE, FLAG_TUNNEL, NO_EDGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from roadnet.drives import Drive
    from roadnet.types import FloatArray, IndexArray

BESIDE_M: Final = 30.0  # from the path to the camera


def traps_beside(drive: Drive, lonlat: FloatArray) -> Iterator[TrapCamera]:
    """Give the cameras of other streets close to the path, on its level, that look along it.

    Parameters
    ----------
    drive
        The path and the cameras.
    lonlat
        (n, 2) where the cameras stand.

    Yields
    ------
    TrapCamera
        *May*: `beside` where the camera looks along the path, such as one of a parallel
        carriageway; `opposite` where it looks against it from the other carriageway of the same
        street.
    """
    graph, links = drive.graph, drive.links
    near, distance_m = _near_path(drive, lonlat)
    place = np.searchsorted(drive.begins_m, distance_m, side="right") - 1
    place = np.clip(place, 0, drive.path.edges.shape[0] - 1)
    edge = drive.path.edges[place]
    way = drive.headings.around(edge, distance_m - drive.begins_m[place])
    turn = angle_between_deg(links.bearing_deg[near], way)
    own = links.edge[near]
    level = _level(drive, own) == _level(drive, edge)
    along = level & (np.isnan(turn) | (turn < LOOK_DEG))
    same_street = (graph.edge_name[own] == graph.edge_name[edge]) & (graph.edge_name[own] > 0)
    against = level & same_street & (turn > 180.0 - LOOK_DEG)
    for one in np.flatnonzero(along | against).tolist():
        yield TrapCamera(
            int(near[one]),
            "beside" if along[one] else "opposite",
            False,
            float(distance_m[one]),
            0.0,
            None if np.isnan(turn[one]) else float(turn[one]),
        )


def _near_path(drive: Drive, lonlat: FloatArray) -> tuple[IndexArray, FloatArray]:
    """Find the cameras off the path, its streets and its intersections, but within BESIDE_M.

    Returns their sites and the metres along the path at which each is nearest.
    """
    links, edges = drive.links, drive.path.edges
    off = drive.off & ~np.isin(links.edge, edges)
    off &= ~np.isin(links.edge, drive.graph.edge_reverse[edges])
    off &= (links.intersection == NO_INTERSECTION) | ~np.isin(
        links.intersection, drive.touched.intersection
    )
    drawn = drive.path.lonlat(drive.graph)
    plane = local_plane(*(drawn.min(axis=0) + drawn.max(axis=0)) / 2)
    line = np.column_stack(plane.to_xy(drawn[:, 0], drawn[:, 1]))
    spot = np.column_stack(plane.to_xy(lonlat[:, 0], lonlat[:, 1]))
    low, high = line.min(axis=0) - BESIDE_M, line.max(axis=0) + BESIDE_M
    near = np.flatnonzero(off & ((spot >= low) & (spot <= high)).all(axis=1)).astype(np.int32)
    path, points = shapely.linestrings(line), shapely.points(spot[near])
    close = shapely.distance(path, points) <= BESIDE_M
    along = shapely.line_locate_point(path, points[close], normalized=True)
    return near[close], np.asarray(along) * drive.length_m


def _level(drive: Drive, edge: IndexArray) -> IndexArray:
    """Return a number for each level: layer, bridge and tunnel together."""
    raised = drive.graph.edge_flags[edge] & (FLAG_BRIDGE | FLAG_TUNNEL)
    level: IndexArray = drive.graph.edge_layer[edge].astype(np.int32) * 4 + raised
    return level


def traps_in_doubt(drive: Drive) -> Iterator[TrapCamera]:
    """Give the cameras linked in doubt of which the path would cover another answer: *may*."""
    links = drive.links
    doubtful = drive.off & (links.rival_edge != NO_EDGE)
    site = np.repeat(np.arange(links.count, dtype=np.int32), np.diff(links.candidate_offsets))
    place = np.flatnonzero(doubtful[site])
    crossing = links.candidate_intersection[place]
    at_crossing = crossing != NO_INTERSECTION
    yield from _arrived_at(drive, site[place][at_crossing], crossing[at_crossing])
    yield from _run_along(
        drive, site[place][~at_crossing], links.candidate_edge[place][~at_crossing]
    )


def _arrived_at(drive: Drive, sites: IndexArray, crossings: IndexArray) -> Iterator[TrapCamera]:
    """Give cameras that look along the approach by which the path arrives at a crossing."""
    touched = drive.touched
    for site, crossing in zip(sites.tolist(), crossings.tolist(), strict=True):
        for at in np.flatnonzero(touched.intersection == crossing).tolist():
            by = touched.arrives_by[[at]]
            if by[0] == NO_EDGE:
                continue
            way = drive.headings.arriving(by)[0]
            angle = float(angle_between_deg(drive.links.bearing_deg[site], way))
            if not angle >= LOOK_DEG:
                yield _beside(site, float(touched.distance_m[at]), angle)


def _run_along(drive: Drive, sites: IndexArray, edges: IndexArray) -> Iterator[TrapCamera]:
    """Give cameras that look along an edge which the path runs along, in either direction."""
    for edge in (edges, drive.graph.edge_reverse[edges]):
        row, place = drive.places_of(edge)
        middle_m = drive.graph.edge_length_m[edge[row]] / 2.0
        way = drive.headings.around(edge[row], middle_m)
        turn = angle_between_deg(drive.links.bearing_deg[sites[row]], way)
        at_m = np.clip(drive.begins_m[place] + middle_m, 0.0, drive.length_m)
        for one in np.flatnonzero(~(turn >= LOOK_DEG)).tolist():
            yield _beside(int(sites[row[one]]), float(at_m[one]), float(turn[one]))


def _beside(site: int, at_m: float, turn: float) -> TrapCamera:
    return TrapCamera(site, "beside", False, at_m, 0.0, None if np.isnan(turn) else turn)
