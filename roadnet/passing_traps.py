"""Trap cameras that a path passes: at its turns, on its own streets, and at what slip roads avoid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from roadnet.geodesy import angle_between_deg
from roadnet.headings import LOOK_DEG
from roadnet.intersections import NO_INTERSECTION
from roadnet.ranges import each_of_ranges
from roadnet.traps import TrapCamera
from roadnet.types import NO_EDGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from roadnet.drives import Drive
    from roadnet.traps import TrapKind
    from roadnet.types import FloatArray, IndexArray, OffsetArray

GLANCE_DEG: Final = 60.0  # plates are sometimes read so far from the bearing
SLIP_REACH_M: Final = 100.0  # a slip road leaves and joins its streets so near to the intersection
SIGHT_M: Final = 50.0  # what merges farther behind an intersection is not seen from before it

_ON_NODE_M: Final = 1e-3


def traps_at_turns(drive: Drive) -> Iterator[TrapCamera]:
    """Give the cameras of intersections that the path crosses, by how it enters and leaves.

    One that looks the way in which the path leaves reads what turns into its direction: *will*. One
    that looks 45 to 60 degrees from the way in or out *may*; so may one that looks against either.
    """
    links, edges = drive.links, drive.path.edges
    place, onward = _crossed(drive)
    crossing = drive.intersections.edge_arrives[edges[place]]
    of, at = each_of_ranges(links.around_offsets[crossing], links.around_offsets[crossing + 1])
    sites = links.around_sites[at]
    off = drive.off[sites]
    sites = sites[off]
    place, onward = place[of][off], onward[of][off]
    looks = links.bearing_deg[sites]
    entering = angle_between_deg(looks, drive.headings.arriving(edges[place]))
    leaving = angle_between_deg(looks, drive.headings.departing(edges[onward]))
    at_m = drive.begins_m[place] + drive.graph.edge_length_m[edges[place]]
    columns = (sites, entering, leaving, at_m)
    for site, one, other, metre in zip(*(column.tolist() for column in columns), strict=True):
        near, far = min(one, other), max(one, other)
        if near < GLANCE_DEG:
            yield TrapCamera(site, "cross_street", other < LOOK_DEG, metre, 0.0, near)
        elif far > 180.0 - LOOK_DEG:
            yield TrapCamera(site, "opposite", False, metre, 0.0, far)


def _crossed(drive: Drive) -> tuple[OffsetArray, OffsetArray]:
    """Give the places of the edges by which the path arrives, and of those by which it leaves."""
    edges = drive.path.edges
    arrives = drive.intersections.edge_arrives[edges] != NO_INTERSECTION
    outside = np.flatnonzero(~drive.intersections.edge_inside[edges])
    place = np.flatnonzero(arrives[:-1])
    after = np.searchsorted(outside, place, side="right")
    leaves = after < outside.shape[0]
    return place[leaves], outside[after[leaves]]


def traps_on_streets(drive: Drive) -> Iterator[TrapCamera]:
    """Give the cameras of streets that the path runs along without being covered by it.

    Along the bearing, past the camera, but off before the camera's intersection: *will*. Against
    it, past a camera in mid-block: *may*.
    """
    links = drive.links
    sites = np.flatnonzero(drive.off).astype(np.int32)
    reverse = drive.graph.edge_reverse[links.edge[sites]]
    for edge, with_it in ((links.edge[sites], True), (reverse, False)):
        row, place = drive.places_of(edge)
        site = sites[row]
        along_m = links.offset_m[site]
        if not with_it:
            along_m = drive.graph.edge_length_m[edge[row]] - along_m
        from_m, to_m = drive.driven_part(place)
        passed = (along_m >= from_m) & (along_m <= to_m)
        turn = angle_between_deg(
            links.bearing_deg[site], drive.headings.around(drive.path.edges[place], along_m)
        )
        looks = np.isnan(links.bearing_deg[site]) | (turn < LOOK_DEG)
        mid_block = links.intersection[site] == NO_INTERSECTION
        at_m = np.clip(drive.begins_m[place] + along_m, 0.0, drive.length_m)
        for one in np.flatnonzero(passed & looks).tolist():
            yield TrapCamera(
                int(site[one]),
                _where(drive, float(at_m[one])),
                True,
                float(at_m[one]),
                0.0,
                _angle(turn[one]),
            )
        against = passed & ~looks & mid_block & (turn > 180.0 - LOOK_DEG)
        for one in np.flatnonzero(against).tolist():
            yield TrapCamera(
                int(site[one]), "opposite", False, float(at_m[one]), 0.0, float(turn[one])
            )


def _where(drive: Drive, at_m: float) -> TrapKind:
    """Name the part of a path in which it leaves a street before the camera's intersection."""
    touched_m = drive.touched.distance_m
    if touched_m.size == 0 or at_m > touched_m[-1]:
        return "last_mile"
    return "first_mile" if at_m < touched_m[0] else "slip_road"


def _angle(turn: float) -> float | None:
    return None if np.isnan(turn) else float(turn)


def traps_at_slip_roads(drive: Drive) -> Iterator[TrapCamera]:
    """Give the cameras of intersections that the path goes round by a slip road or turning bay.

    Such a path leaves a street at most SLIP_REACH_M before an intersection that it does not touch
    and joins another at most so far behind it. What looks along the street that it leaves *may*
    read it, and so may what looks along the one that it joins within SIGHT_M.
    """
    bypassed = _bypassed(drive)
    links = drive.links
    for crossing, (leaves, joins, at_m) in bypassed.items():
        bounds = links.around_offsets[crossing : crossing + 2]
        sites = links.around_sites[int(bounds[0]) : int(bounds[1])]
        sites = sites[drive.off[sites]]
        ways = [drive.headings.departing(np.array([leaves]))]
        if float(drive.graph.edge_length_m[joins]) + drive.intersections.behind_m[joins] <= SIGHT_M:
            ways.append(drive.headings.departing(np.array([joins])))
        for way in ways:
            turn: FloatArray = angle_between_deg(links.bearing_deg[sites], way)
            seen = np.isnan(turn) | (turn < LOOK_DEG)
            for site, angle in zip(sites[seen].tolist(), turn[seen].tolist(), strict=True):
                yield TrapCamera(site, "slip_road", False, at_m, 0.0, _angle(angle))


def _bypassed(drive: Drive) -> dict[int, tuple[int, int, float]]:
    """Find the intersections that slip roads of the path go round.

    Returns, for each, the street edge towards it where the path leaves that street, the one away
    from it where the path joins that one, and the metre at which it leaves.
    """
    graph, found, edges = drive.graph, drive.intersections, drive.path.edges
    run = set(edges.tolist())
    touched = set(drive.touched.intersection.tolist())
    towards: dict[int, tuple[int, float]] = {}
    bypassed: dict[int, tuple[int, int, float]] = {}
    ends_m = (drive.begins_m + graph.edge_length_m[edges]).tolist()
    for node, at_m in zip(graph.edge_to[edges[:-1]].tolist(), ends_m[:-1], strict=True):
        entering = graph.in_edges[int(graph.in_offsets[node]) : int(graph.in_offsets[node + 1])]
        for edge in _near(found.behind, found.behind_m, graph.edge_length_m, entering):
            crossing = int(found.behind[edge])
            if crossing in towards and edge not in run and crossing not in bypassed:
                leaves, since_m = towards[crossing]
                if since_m < at_m:
                    bypassed[crossing] = (leaves, edge, since_m)
        leaving = np.arange(graph.out_offsets[node], graph.out_offsets[node + 1], dtype=np.int32)
        for edge in _near(found.ahead, found.ahead_m, graph.edge_length_m, leaving):
            crossing = int(found.ahead[edge])
            if crossing not in touched and edge not in run:
                towards[crossing] = (edge, at_m)
    return bypassed


def _near(
    crossing: IndexArray, gap_m: FloatArray, length_m: FloatArray, edges: IndexArray
) -> list[int]:
    """Keep the edges that lead to, or come from, an intersection within SLIP_REACH_M."""
    near = (crossing[edges] != NO_INTERSECTION) & (length_m[edges] + gap_m[edges] <= SLIP_REACH_M)
    kept: list[int] = edges[near & (edges != NO_EDGE)].tolist()
    return kept
