"""What a camera watches: the likeliest street, and the intersection along it, of all near by.

A camera that was put up for an intersection stands on a street that leads there, at most some
30 m before it. Where it was *surveyed* is some metres off, and so is its bearing. For each street
nearby (`roadnet.street_likelihoods`) this says how likely it is that the camera stands on it, place by
place; what is said of one intersection by all its streets is added up. The sum's share of all is the
camera's *score*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from roadnet.crossings import CROSSING_M
from roadnet.geodesy import haversine_m
from roadnet.intersections import NO_INTERSECTION, grouped
from roadnet.street_likelihoods import streets_nearby
from roadnet.types import NO_EDGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from roadnet.camera_pins import Pin
    from roadnet.graph import RoadGraph
    from roadnet.headings import Headings
    from roadnet.intersections import Intersections
    from roadnet.snapping import EdgeIndex
    from roadnet.street_likelihoods import StreetsNearby
    from roadnet.types import BoolArray, FloatArray, IndexArray, OffsetArray

SURE: Final = 0.80  # a link with a lesser score is doubtful
# Another intersection is the camera's too if the place hardly tells which it is: one this likely,
# no farther from the first than a crossing may be wide.
_ALSO: Final = 0.04
_LISTED: Final = 0.02  # candidates less likely than this are not worth a look


@dataclass(frozen=True, slots=True, eq=False)
class OwnStreets:
    """What n cameras watch; NO_EDGE and NaN for one without a road nearby.

    Attributes
    ----------
    edge, offset_m, distance_m
        (n,) of the edges that lead to what it watches, the one that fits its survey best; where
        along it the camera stands, and how far from it.
    runs_along
        (n,) whether that edge runs along the camera's bearing (or the camera has none).
    intersection
        (n,) int32, NO_INTERSECTION for a camera in mid-block.
    also_site, also_intersection
        (j,) int32: cameras, ascending, and intersections close to their own that are theirs as well.
    score
        (n,) in [0, 1], how likely it is that the camera watches what it is linked to; 1 where the
        city says what it watches, NaN without a road.
    candidate_offsets
        (n + 1,) of the four columns that follow: what else it might watch, likeliest first.
    candidate_intersection, candidate_edge, candidate_offset_m, candidate_score
        (k,) int32 NO_INTERSECTION for a street in mid-block; int32 and where along it; float64.
    """

    edge: IndexArray
    offset_m: FloatArray
    distance_m: FloatArray
    runs_along: BoolArray
    intersection: IndexArray
    also_site: IndexArray
    also_intersection: IndexArray
    score: FloatArray
    candidate_offsets: OffsetArray
    candidate_intersection: IndexArray
    candidate_edge: IndexArray
    candidate_offset_m: FloatArray
    candidate_score: FloatArray


class _Answers(NamedTuple):
    """What each camera may watch: by camera, then the likelier, then by number."""

    site: IndexArray
    intersection: IndexArray
    row: OffsetArray  # of the streets nearby, the one that leads there and fits the survey best
    share: FloatArray  # of the likelihood of all answers of the camera


def find_own_streets(
    graph: RoadGraph,
    intersections: Intersections,
    index: EdgeIndex,
    lonlat: FloatArray,
    bearing_deg: FloatArray,
    pins: Sequence[Pin | None],
    headings: Headings | None = None,
) -> OwnStreets:
    """Find the street that each camera watches and the intersection that it belongs to.

    Parameters
    ----------
    graph, intersections, index
        The network.
    lonlat
        (n, 2) WGS-84 degrees.
    bearing_deg
        (n,) degrees, NaN for a camera that looks at all.
    pins
        n; what the city says of each camera, which is obeyed.
    headings
        Of the graph, if they are known already.

    Returns
    -------
    OwnStreets
        Each by its own camera alone; ties go to the lowest intersection and edge.
    """
    count = bearing_deg.shape[0]
    near = streets_nearby(graph, intersections, index, lonlat, bearing_deg, pins, headings)
    answers = _answers(intersections, near, count)
    first = np.searchsorted(answers.site, np.arange(count))
    linked = np.flatnonzero(np.bincount(answers.site, minlength=count) > 0)
    best, row = first[linked], answers.row[first[linked]]
    free = np.array([pin is None for pin in pins], dtype=np.bool_)
    candidate_offsets, candidates = _candidates(answers, first, free)
    also = _also(intersections, answers, first, free)
    own = OwnStreets(
        edge=np.full(count, NO_EDGE, dtype=np.int32),
        offset_m=np.full(count, np.nan),
        distance_m=np.full(count, np.nan),
        runs_along=np.zeros(count, dtype=np.bool_),
        intersection=np.full(count, NO_INTERSECTION, dtype=np.int32),
        also_site=answers.site[also],
        also_intersection=answers.intersection[also],
        score=np.full(count, np.nan),
        candidate_offsets=candidate_offsets,
        candidate_intersection=answers.intersection[candidates],
        candidate_edge=near.edge[answers.row[candidates]],
        candidate_offset_m=near.offset_m[answers.row[candidates]],
        candidate_score=answers.share[candidates],
    )
    own.edge[linked], own.intersection[linked] = near.edge[row], answers.intersection[best]
    own.offset_m[linked], own.distance_m[linked] = near.offset_m[row], near.distance_m[row]
    own.runs_along[linked] = near.runs_along[row]
    own.score[linked] = answers.share[best]
    own.score[linked] += np.bincount(answers.site[also], answers.share[also], count)[linked]
    own.score[~free & (own.edge != NO_EDGE)] = 1.0
    return own


def _answers(intersections: Intersections, near: StreetsNearby, count: int) -> _Answers:
    """Add up what the streets nearby say of each intersection, or stretch in mid-block."""
    rows = near.site.shape[0]
    site = np.tile(near.site, 3).astype(np.int64)
    # One number an answer: an intersection's own, or one below -1 for a section in mid-block.
    middle = -2 - intersections.section[near.edge].astype(np.int64)
    answer: OffsetArray = np.concatenate((near.ahead, near.behind, middle))
    likelihood = np.concatenate((near.before, near.beyond, near.between))
    row = np.tile(np.arange(rows, dtype=np.int64), 3)
    possible: OffsetArray = np.flatnonzero(likelihood > 0.0)
    # The edge at which the camera itself was surveyed comes first in an answer.
    place = row[possible]
    order = possible[
        np.lexsort((near.edge[place], -near.fit[place], answer[possible], site[possible]))
    ]
    site, row, likelihood = site[order], row[order], likelihood[order]
    answer = answer[order]
    opens: BoolArray = np.ones(order.shape[0], dtype=np.bool_)
    opens[1:] = (site[1:] != site[:-1]) | (answer[1:] != answer[:-1])
    number: OffsetArray = np.cumsum(opens) - 1
    total = np.bincount(number, weights=likelihood).astype(np.float64)
    site, row = site[opens], row[opens]
    answer = answer[opens]
    share = total / np.bincount(site, weights=total, minlength=count)[site]
    order = np.lexsort((answer, -share, site))
    intersection = np.where(answer < 0, NO_INTERSECTION, answer)
    return _Answers(
        site=site[order].astype(np.int32),
        intersection=intersection[order].astype(np.int32),
        row=row[order],
        share=share[order],
    )


def _also(
    intersections: Intersections, answers: _Answers, first: OffsetArray, free: BoolArray
) -> OffsetArray:
    """List, as rows of the answers, intersections that are the camera's besides its likeliest."""
    best = answers.intersection[first[answers.site]]
    here = answers.intersection
    both = (best != NO_INTERSECTION) & (here != NO_INTERSECTION) & (here != best)
    rows = np.flatnonzero(both & (answers.share >= _ALSO) & free[answers.site])
    one, other = best[rows], here[rows]
    lon, lat = intersections.lon, intersections.lat
    return rows[haversine_m(lon[one], lat[one], lon[other], lat[other]) <= CROSSING_M]


def _candidates(
    answers: _Answers, first: OffsetArray, free: BoolArray
) -> tuple[OffsetArray, OffsetArray]:
    """List, as rows of the answers, what else cameras might watch; nothing where the city says it."""
    listed = (answers.share >= _LISTED) & free[answers.site]
    listed[first[np.unique(answers.site)]] = False  # the likeliest is no candidate: it is the link
    rows = np.flatnonzero(listed)
    offsets, _ = grouped(answers.site[rows], first.shape[0])
    return offsets, rows
