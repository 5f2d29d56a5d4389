"""How likely it is that a camera stands on each street nearby, and for which intersection.

A camera is put up somewhere along a street, its position is surveyed with an error of some metres
in each direction and its bearing with some degrees: both errors are taken for normal. The
likelihood of a street is that of the survey, summed over the places along it where the camera may
stand, each weighted by how many cameras stand there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from roadnet.geodesy import METRES_PER_DEGREE, angle_between_deg
from roadnet.headings import LOOK_DEG, Headings
from roadnet.intersections import STREET_REACH_M
from roadnet.ranges import each_of_ranges
from roadnet.streets import apart
from roadnet.types import FLAG_TUNNEL, ROAD_CLASSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from roadnet.camera_pins import Pin
    from roadnet.graph import RoadGraph
    from roadnet.intersections import Intersections
    from roadnet.snapping import EdgeIndex
    from roadnet.types import BoolArray, FloatArray, IndexArray, OffsetArray

BELONGS_WITHIN_M: Final = STREET_REACH_M  # from an intersection, along the street
ROAD_WITHIN_M: Final = 60.0  # a camera farther from every road stands on none
PIN_WITHIN_M: Final = 200.0  # unless the city says which road it is

_POSITION_SD_M: Final = 8.3  # the survey's, and the mast beside its lane
_BEARING_SD_DEG: Final = 12.5
_AGAINST: Final = -12.5  # log likelihood of a bearing that no error explains
# What a street loses by its kind, in log likelihood: few cameras watch a side street or a car park.
_MINOR: Final = 1.5
_APART: Final = 3.5
_BELOW: Final = 2.0  # few are in tunnels, and a mast in the street does not watch what runs below
_MINOR_FROM: Final = ROAD_CLASSES.index("unclassified")
# Where cameras stand: before their intersection, anywhere in the last 30 m; farther away seldom,
# and seldom in the half of the block that is nearer to the intersection behind.
_BEFORE_M: Final = 30.0
_FARTHER_M: Final = 5.0
_FAR_HALF: Final = 0.25
_BEYOND: Final = 0.03  # the share that stands beyond its intersection, and how far
_BEYOND_M: Final = 8.0
_AROUND_M: Final = 20.0  # one without bearing stands anywhere around its intersection
_BETWEEN_PER_M: Final = 0.0005  # cameras in mid-block, per metre, for each one at an intersection
_BLIND: Final = 1e-6  # an intersection without an approach to look at: only if there is no other

_STEP_M: Final = 4.0
_REACH_M: Final = 28.0  # how far from its foot on a street a camera may stand on that street
_LEAST_BLOCK_M: Final = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class StreetsNearby:
    """A row for each edge near each camera, by camera.

    Attributes
    ----------
    site, edge
        (r,) which camera and which edge.
    offset_m, distance_m
        (r,) the camera's foot on the edge, and how far it is.
    runs_along
        (r,) whether the edge runs along the bearing there, or there is none.
    fit
        (r,) log likelihood of the survey for a camera at its foot.
    ahead, behind
        (r,) int32, the intersection at most 50 m ahead of the foot along the street, and the one
        behind it; NO_INTERSECTION where there is none.
    before, beyond, between
        (r,) likelihoods, of one unit for each camera: that the camera watches the intersection
        ahead, the one behind, or the street between intersections.
    """

    site: IndexArray
    edge: IndexArray
    offset_m: FloatArray
    distance_m: FloatArray
    runs_along: BoolArray
    fit: FloatArray
    ahead: IndexArray
    behind: IndexArray
    before: FloatArray
    beyond: FloatArray
    between: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _Places:
    """Places along the edges, every few metres around the cameras' feet: row by row.

    `ahead_m` and `behind_m` are metres along the street to the intersections; `density` is the likelihood of
    the survey per metre of street, times the metres that the place stands for.
    """

    row: OffsetArray
    ahead_m: FloatArray
    behind_m: FloatArray
    density: FloatArray


def streets_nearby(
    graph: RoadGraph,
    intersections: Intersections,
    index: EdgeIndex,
    lonlat: FloatArray,
    bearing_deg: FloatArray,
    pins: Sequence[Pin | None],
    headings: Headings | None = None,
) -> StreetsNearby:
    """Tell how likely each street near each camera is; parameters as of `find_own_streets`.

    A pinned camera has the streets of its pin alone.
    """
    found = [
        index.near(lon, lat, ROAD_WITHIN_M if pin is None else PIN_WITHIN_M)
        for (lon, lat), pin in zip(lonlat.tolist(), pins, strict=True)
    ]
    counts = [near.edges.shape[0] for near in found]
    site = np.repeat(np.arange(len(found), dtype=np.int32), counts)
    edge = np.concatenate([np.empty(0, np.int32), *(near.edges for near in found)])
    foot_m = np.concatenate([np.empty(0), *(near.offset_m for near in found)])
    distance_m = np.concatenate([np.empty(0), *(near.distance_m for near in found)])
    headings = Headings(graph) if headings is None else headings
    bearing = bearing_deg[site]
    turn = angle_between_deg(headings.around(edge, foot_m), bearing)
    turned = np.maximum(-0.5 * (turn / _BEARING_SD_DEG) ** 2, _AGAINST)
    fit = np.where(np.isnan(bearing), 0.0, turned)
    fit -= np.where(graph.edge_class[edge] >= _MINOR_FROM, _MINOR, 0.0)
    fit -= np.where(apart(graph)[edge], _APART, 0.0)
    fit -= np.where(below_ground(graph)[edge], _BELOW, 0.0)

    length_m, inside = graph.edge_length_m[edge], intersections.edge_inside[edge]
    ahead_m = np.where(inside, 0.0, length_m - foot_m + intersections.ahead_m[edge])
    behind_m = np.where(inside, 0.0, foot_m + intersections.behind_m[edge])
    near_ahead, near_behind = ahead_m <= BELONGS_WITHIN_M, behind_m <= BELONGS_WITHIN_M
    ahead = np.where(near_ahead, intersections.ahead[edge], -1).astype(np.int32)
    behind = np.where(near_behind, intersections.behind[edge], -1).astype(np.int32)
    places = _places(headings, lonlat[site], edge, foot_m, length_m, ahead_m, behind_m, fit)
    block_m = ahead_m + behind_m
    before, beyond = _at_intersections(places, block_m, np.isnan(bearing))
    before *= np.where(_sees(intersections, ahead, bearing), 1.0, _BLIND) * near_ahead
    beyond *= np.where(_sees(intersections, behind, bearing), 1.0, _BLIND) * near_behind
    between = _summed(places.row, places.density, site.shape[0]) * _BETWEEN_PER_M
    between *= ~near_ahead & ~near_behind
    near = StreetsNearby(
        site=site,
        edge=edge,
        offset_m=foot_m,
        distance_m=distance_m,
        runs_along=np.isnan(bearing) | (turn < LOOK_DEG),
        fit=fit - 0.5 * (distance_m / _POSITION_SD_M) ** 2,
        ahead=ahead,
        behind=behind,
        before=before,
        beyond=beyond,
        between=between,
    )
    for place, pin in enumerate(pins):
        if pin is not None:
            rows = slice(*np.searchsorted(site, [place, place + 1]).tolist())
            _obey(intersections, near, rows, pin)
    return near


def _obey(intersections: Intersections, near: StreetsNearby, rows: slice, pin: Pin) -> None:
    """Leave a camera no other answer than its pin's."""
    allowed = np.ones(near.edge[rows].shape[0], dtype=np.bool_)
    if pin.edges is not None:
        allowed = np.isin(near.edge[rows], pin.edges)
    here = pin.intersection
    for likelihood, intersection in ((near.before, near.ahead), (near.beyond, near.behind)):
        likelihood[rows] *= allowed if here < 0 else allowed & (intersection[rows] == here)
    near.between[rows] *= allowed & (here < 0)
    if here >= 0 and not (near.before[rows].any() or near.beyond[rows].any()):
        # Farther from its intersection than any rule would look: the nearest street there is its own.
        if pin.edges is None:
            allowed &= np.isin(near.edge[rows], intersections.approaches(here))
        near.ahead[rows][allowed] = here
        near.before[rows][allowed] = 1.0 / (1.0 + near.distance_m[rows][allowed])


def below_ground(graph: RoadGraph) -> BoolArray:
    """Mark the edges in tunnels and on layers below the ground, (m,)."""
    below: BoolArray = ((graph.edge_flags & FLAG_TUNNEL) != 0) | (graph.edge_layer < 0)
    return below


def _places(
    headings: Headings,
    lonlat: FloatArray,
    edge: IndexArray,
    foot_m: FloatArray,
    length_m: FloatArray,
    ahead_m: FloatArray,
    behind_m: FloatArray,
    fit: FloatArray,
) -> _Places:
    """Lay places along the edges around the feet; the arguments have an entry a row."""
    low = np.maximum(foot_m - _REACH_M, 0.0)
    span = np.minimum(foot_m + _REACH_M, length_m) - low
    pieces = np.maximum(np.ceil(span / _STEP_M), 1.0).astype(np.int64)
    row, within = each_of_ranges(np.zeros_like(pieces), pieces)
    metres = (span / pieces)[row]
    at_m = low[row] + (within + 0.5) * metres
    lon, lat = headings.places(edge[row], at_m)
    shrink = np.cos(np.radians(lonlat[row, 1]))
    x = (lon - lonlat[row, 0]) * METRES_PER_DEGREE * shrink
    y = (lat - lonlat[row, 1]) * METRES_PER_DEGREE
    off = -0.5 * (x * x + y * y) / _POSITION_SD_M**2
    moved = at_m - foot_m[row]
    return _Places(
        row=row,
        ahead_m=np.maximum(ahead_m[row] - moved, 0.0),
        behind_m=np.maximum(behind_m[row] + moved, 0.0),
        density=np.exp(off + fit[row]) * metres,
    )


def _at_intersections(
    places: _Places, block_m: FloatArray, all_round: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Sum up, for each row, the likelihoods of the intersections ahead and behind."""
    row = places.row
    block = block_m[row]
    with np.errstate(invalid="ignore", over="ignore"):
        stands = np.exp(-np.maximum(places.ahead_m - _BEFORE_M, 0.0) / _FARTHER_M)
        stands *= np.where(places.ahead_m <= block / 2.0, 1.0, _FAR_HALF)
        # As many cameras stand before an intersection however short its block is.
        stands /= np.clip(block, _LEAST_BLOCK_M, _BEFORE_M + _FARTHER_M)
        passed = _BEYOND / _BEYOND_M * np.exp(-places.behind_m / _BEYOND_M)
        round_ahead = np.exp(-0.5 * (places.ahead_m / _AROUND_M) ** 2) / _AROUND_M
        round_behind = np.exp(-0.5 * (places.behind_m / _AROUND_M) ** 2) / _AROUND_M
    around = all_round[row]
    before = places.density * np.where(around, round_ahead, stands)
    beyond = places.density * np.where(around, round_behind, passed)
    rows = block_m.shape[0]
    return _summed(row, before, rows), _summed(row, beyond, rows)


def _summed(row: OffsetArray, values: FloatArray, rows: int) -> FloatArray:
    return np.bincount(row, values, rows).astype(np.float64)


def looks_at(direction_deg: FloatArray, bearing_deg: FloatArray) -> BoolArray:
    """Tell which directions lie less than 45 degrees from a bearing; NaN looks at all."""
    return np.isnan(bearing_deg) | (angle_between_deg(direction_deg, bearing_deg) < LOOK_DEG)


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
    there = intersection >= 0
    begin, behind = (np.where(there, offsets[row], 0) for row in (intersection, intersection + 1))
    return each_of_ranges(begin, behind)
