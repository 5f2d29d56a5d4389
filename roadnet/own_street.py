"""Which street a camera watches, and which intersection along it is the camera's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from roadnet.geodesy import angle_between_deg
from roadnet.headings import LOOK_DEG, Headings
from roadnet.intersections import NO_INTERSECTION, STREET_REACH_M
from roadnet.streets import apart
from roadnet.types import NO_EDGE, ROAD_CLASSES

if TYPE_CHECKING:
    from roadnet.graph import RoadGraph
    from roadnet.intersections import Intersections
    from roadnet.snapping import EdgeIndex
    from roadnet.types import BoolArray, FloatArray, IndexArray, OffsetArray

BELONGS_WITHIN_M: Final = STREET_REACH_M  # from an intersection, along the street
ROAD_WITHIN_M: Final = 60.0  # a camera farther from every road stands on none

# How badly a street fits: sums of squared standard deviations, as in a likelihood. Surveyed
# positions are some 8 m off, a mast stands some metres beside its lane, and bearings are some
# 12 degrees off.
_POSITION_SD_M: Final = 10.0
_BEARING_SD_DEG: Final = 15.0
_AGAINST: Final = 25.0  # a street that does not run along the bearing: as bad as 50 m away
_APART: Final = 4.0  # few cameras watch a car park
_MINOR: Final = 1.0
_MINOR_FROM: Final = ROAD_CLASSES.index("unclassified")
# How badly an intersection fits: cameras stand up to some 40 m before the crossing that they
# watch, seldom beyond it; one without bearing stands anywhere around it.
_AHEAD_SD_M: Final = 25.0
_BEHIND_SD_M: Final = 15.0
_BEHIND_SHIFT_M: Final = 10.0
_AROUND_SD_M: Final = 20.0
_BLIND: Final = 1000.0  # an intersection without an approach to look at: only if there is no other
_CLOSE: Final = 1.5  # what fits worse by less than this is a rival


@dataclass(frozen=True, slots=True, eq=False)
class OwnStreets:
    """What n cameras watch; NO_EDGE and NaN for one without a road nearby.

    Attributes
    ----------
    edge, offset_m, distance_m
        (n,) the edge that fits best, where along it the camera stands, and how far from it.
    runs_along
        (n,) whether that edge runs along the camera's bearing (or the camera has none).
    intersection
        (n,) int32, NO_INTERSECTION for a camera in mid-block.
    rival_intersection, rival_edge
        (n,) int32: what fits nearly as well, an intersection by an edge or an edge in mid-block;
        NO_INTERSECTION and NO_EDGE if nothing does.
    """

    edge: IndexArray
    offset_m: FloatArray
    distance_m: FloatArray
    runs_along: BoolArray
    intersection: IndexArray
    rival_intersection: IndexArray
    rival_edge: IndexArray


class _Rows(NamedTuple):
    """A row for each edge near each camera: by camera, then the better fit, then by edge."""

    site: IndexArray
    edge: IndexArray
    offset_m: FloatArray
    distance_m: FloatArray
    runs_along: BoolArray
    misfit: FloatArray
    intersection: IndexArray
    other: IndexArray  # another intersection along the same street that fits nearly as well


def find_own_streets(
    graph: RoadGraph,
    intersections: Intersections,
    index: EdgeIndex,
    lonlat: FloatArray,
    bearing_deg: FloatArray,
) -> OwnStreets:
    """Find the street that each camera watches and the intersection that it belongs to.

    The street is the edge that fits best in distance, direction and class. The intersection is
    the one within 50 m along that street; of two, ahead and behind, one with an approach that the
    camera looks at, then the likelier by where cameras stand.

    Parameters
    ----------
    graph, intersections, index
        The network.
    lonlat
        (n, 2) WGS-84 degrees.
    bearing_deg
        (n,) degrees, NaN for a camera that looks at all.

    Returns
    -------
    OwnStreets
        Each by its own camera alone; ties go to the lowest edge.
    """
    rows = _rows(graph, intersections, index, lonlat, bearing_deg)
    count = bearing_deg.shape[0]
    first = np.searchsorted(rows.site, np.arange(count))
    linked = np.flatnonzero(np.bincount(rows.site, minlength=count) > 0)
    best = first[linked]
    edge = np.full(count, NO_EDGE, dtype=np.int32)
    offset_m, distance_m = np.full(count, np.nan), np.full(count, np.nan)
    runs_along = np.zeros(count, dtype=np.bool_)
    intersection = np.full(count, NO_INTERSECTION, dtype=np.int32)
    edge[linked], intersection[linked] = rows.edge[best], rows.intersection[best]
    offset_m[linked], distance_m[linked] = rows.offset_m[best], rows.distance_m[best]
    runs_along[linked] = rows.runs_along[best]
    rival_intersection, rival_edge = _rivals(intersections, rows, first)
    # Along the camera's own street first; then by another street.
    other = np.full(count, NO_INTERSECTION, dtype=np.int32)
    other[linked] = rows.other[best]
    by_other = other != NO_INTERSECTION
    return OwnStreets(
        edge=edge,
        offset_m=offset_m,
        distance_m=distance_m,
        runs_along=runs_along,
        intersection=intersection,
        rival_intersection=np.where(by_other, other, rival_intersection),
        rival_edge=np.where(by_other, edge, rival_edge),
    )


def looks_at(direction_deg: FloatArray, bearing_deg: FloatArray) -> BoolArray:
    """Tell which directions lie less than 45 degrees from a bearing; NaN looks at all."""
    return np.isnan(bearing_deg) | (angle_between_deg(direction_deg, bearing_deg) < LOOK_DEG)


def _rows(
    graph: RoadGraph,
    intersections: Intersections,
    index: EdgeIndex,
    lonlat: FloatArray,
    bearing_deg: FloatArray,
) -> _Rows:
    found = [index.near(lon, lat, ROAD_WITHIN_M) for lon, lat in lonlat.tolist()]
    counts = [near.edges.shape[0] for near in found]
    site = np.repeat(np.arange(len(found), dtype=np.int32), counts)
    edge = np.concatenate([np.empty(0, np.int32), *(near.edges for near in found)])
    offset_m = np.concatenate([np.empty(0), *(near.offset_m for near in found)])
    distance_m = np.concatenate([np.empty(0), *(near.distance_m for near in found)])
    bearing = bearing_deg[site]
    turn = angle_between_deg(Headings(graph).around(edge, offset_m), bearing)
    runs_along = np.isnan(bearing) | (turn < LOOK_DEG)
    turned = np.where(np.isnan(bearing), 0.0, (turn / _BEARING_SD_DEG) ** 2)
    misfit = (distance_m / _POSITION_SD_M) ** 2 + np.where(runs_along, turned, _AGAINST)
    misfit += np.where(apart(graph)[edge], _APART, 0.0)
    misfit += np.where(graph.edge_class[edge] >= _MINOR_FROM, _MINOR, 0.0)
    intersection, other = _along(graph, intersections, edge, offset_m, bearing)
    order = np.lexsort((edge, misfit, site))
    return _Rows(
        site=site[order],
        edge=edge[order],
        offset_m=offset_m[order],
        distance_m=distance_m[order],
        runs_along=runs_along[order],
        misfit=misfit[order],
        intersection=intersection[order],
        other=other[order],
    )


def _along(
    graph: RoadGraph,
    intersections: Intersections,
    edge: IndexArray,
    offset_m: FloatArray,
    bearing_deg: FloatArray,
) -> tuple[IndexArray, IndexArray]:
    """Choose between the intersections ahead and behind; say the other one if it is close."""
    ahead, behind = intersections.ahead[edge], intersections.behind[edge]
    inside = intersections.edge_inside[edge]
    to_m = graph.edge_length_m[edge] - offset_m + intersections.ahead_m[edge]
    to_m = np.where(inside, 0.0, to_m)
    since_m = np.where(inside, 0.0, offset_m + intersections.behind_m[edge])
    all_round = np.isnan(bearing_deg)
    misfit_ahead = (to_m / np.where(all_round, _AROUND_SD_M, _AHEAD_SD_M)) ** 2
    misfit_behind = np.where(
        all_round,
        (since_m / _AROUND_SD_M) ** 2,
        ((since_m + _BEHIND_SHIFT_M) / _BEHIND_SD_M) ** 2,
    )
    misfit_ahead += np.where(_sees(intersections, ahead, bearing_deg), 0.0, _BLIND)
    misfit_behind += np.where(_sees(intersections, behind, bearing_deg), 0.0, _BLIND)
    misfit_ahead[to_m > BELONGS_WITHIN_M] = np.inf
    misfit_behind[since_m > BELONGS_WITHIN_M] = np.inf
    is_ahead = misfit_ahead <= misfit_behind
    none = np.isinf(misfit_ahead) & np.isinf(misfit_behind)
    chosen = np.where(none, NO_INTERSECTION, np.where(is_ahead, ahead, behind))
    other = np.where(is_ahead, behind, ahead)
    with np.errstate(invalid="ignore"):  # infinity less infinity, where there is none
        close = np.abs(misfit_ahead - misfit_behind) < _CLOSE
    other = np.where(close & (other != chosen), other, NO_INTERSECTION)
    return chosen.astype(np.int32), other.astype(np.int32)


def _sees(
    intersections: Intersections, intersection: IndexArray, bearing_deg: FloatArray
) -> BoolArray:
    """Tell whether an intersection has an approach that a camera with a bearing looks at."""
    row, approach = approaches_of(intersections, intersection)
    seen = looks_at(intersections.approach_bearing_deg[approach], bearing_deg[row])
    return np.bincount(row[seen], minlength=intersection.shape[0]) > 0


def approaches_of(
    intersections: Intersections, intersection: IndexArray
) -> tuple[OffsetArray, OffsetArray]:
    """Spread the approaches of k intersections.

    Parameters
    ----------
    intersections
        All of them.
    intersection
        (k,) which; NO_INTERSECTION has no approaches.

    Returns
    -------
    tuple
        For each approach of each: the place in `intersection`, and the place in
        `intersections.approach_edges`.
    """
    offsets = intersections.approach_offsets
    there = intersection != NO_INTERSECTION
    begin = np.where(there, offsets[intersection], 0)
    count = np.where(there, offsets[intersection + 1], 0) - begin
    row = np.repeat(np.arange(intersection.shape[0]), count)
    before = np.cumsum(count) - count
    return row, np.arange(row.shape[0]) - np.repeat(before, count) + begin[row]


def _rivals(
    intersections: Intersections, rows: _Rows, first: OffsetArray
) -> tuple[IndexArray, IndexArray]:
    """Find, for each camera, the best row of another street that leads to another link."""
    best = first[rows.site]
    section = intersections.section[rows.edge]
    other_link = (rows.intersection != rows.intersection[best]) | (
        (rows.intersection == NO_INTERSECTION) & (section != section[best])
    )
    rival = other_link & (section != section[best])
    rival &= rows.misfit - rows.misfit[best] < _CLOSE
    site, row = np.unique(rows.site[rival], return_index=True)
    row = np.flatnonzero(rival)[row]
    rival_intersection = np.full(first.shape[0], NO_INTERSECTION, dtype=np.int32)
    rival_edge = np.full(first.shape[0], NO_EDGE, dtype=np.int32)
    rival_intersection[site], rival_edge[site] = rows.intersection[row], rows.edge[row]
    return rival_intersection, rival_edge
