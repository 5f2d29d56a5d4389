"""Who is to be put aside, of some that contradict one another: whoever explains most of it.

Sightings are grouped in units, such as those of a camera on a day. A clone contradicts itself at
a few units, once or twice at each. A unit whose clock is off or that stands elsewhere contradicts
many of the vehicles that pass it, whatever unit they come from or go to; its neighbour contradicts
it alone. So two shares of impossible drives count: that with each other unit, every other unit
alike, and that of all its drives. Of those for whom either is great the one with the most impossible
drives is put aside first, with its drives, for its neighbours have some of them and it has all. Of
two that have about as many nobody can tell, and neither is believed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.sightings import Sightings

LEAST_VEHICLES: Final = 4  # with impossible drives, and as many drives not blamed on others yet
LEAST_SHARE: Final = 0.07  # of its drives, on average over the units that it shares them with
LEAST_OF_ALL: Final = 0.02  # and of its drives, whoever it shares them with: a clone makes pairs of
# cameras that nobody else drives between, all of whose drives are impossible
ENOUGH_OF_ALL: Final = 0.25  # of its drives, whoever it shares them with: enough by itself
_ENOUGH: Final = 5  # more drives between two units tell no more than so many


class Contradictions(NamedTuple):
    """What speaks against each of u units.

    Attributes
    ----------
    drives, impossible
        (u,) int64 drives from or to it, and those of them that no vehicle can make.
    share
        (u,) float64 share of impossible drives as it was blamed by, when it was put aside or at the
        end: the mean over the units at the other end.
    aside
        (u,) bool: it is not to be believed.
    """

    drives: npt.NDArray[np.int64]
    impossible: npt.NDArray[np.int64]
    share: npt.NDArray[np.float64]
    aside: npt.NDArray[np.bool_]


def contradictions(
    sightings: Sightings,
    impossible: npt.NDArray[np.int64],
    unit: npt.NDArray[np.int64],
    units: int,
) -> Contradictions:
    """Put aside the units that contradict the others.

    Parameters
    ----------
    sightings
        n sightings, in order.
    impossible
        Rows before the drives that contradict, ascending.
    unit, units
        (n,) int64 the unit of each, below `units`; each belongs to one camera record.
    """
    edges = _edges(sightings, impossible, unit, units)
    drives, contradicting = (
        _at_both_ends(edges, amount, units).astype(np.int64)
        for amount in (edges.drives, edges.impossible)
    )
    return Contradictions(drives, contradicting, *_put_aside(edges, units))


class _Edges(NamedTuple):
    """Pairs of units with drives between them, in either direction."""

    one: npt.NDArray[np.int64]
    other: npt.NDArray[np.int64]
    drives: npt.NDArray[np.int64]
    impossible: npt.NDArray[np.int64]
    vehicles: npt.NDArray[np.int64]  # with an impossible drive from or to each unit


def _edges(
    sightings: Sightings,
    before: npt.NDArray[np.int64],
    unit: npt.NDArray[np.int64],
    units: int,
) -> _Edges:
    """Count the drives between units."""
    row = np.flatnonzero(
        (sightings.vehicle[1:] == sightings.vehicle[:-1])
        & (sightings.record[1:] != sightings.record[:-1])
    )

    def pair_of(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        low, high = np.minimum(unit[rows], unit[rows + 1]), np.maximum(unit[rows], unit[rows + 1])
        return low * units + high

    pair, drives = np.unique(pair_of(row), return_counts=True)
    place = np.searchsorted(pair, pair_of(before))
    impossible = np.bincount(place, minlength=pair.shape[0])
    ends = np.concatenate((unit[before], unit[before + 1]))
    count = int(sightings.vehicle.max(initial=0)) + 1
    once = np.unique(ends * count + np.tile(sightings.vehicle[before], 2)) // count
    return _Edges(
        pair // units, pair % units, drives, impossible, np.bincount(once, minlength=units)
    )


def _put_aside(edges: _Edges, units: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Put aside one unit after the other; each one's share, and whether it was."""
    weight = np.minimum(edges.drives, _ENOUGH).astype(np.float64)
    amounts = np.stack(
        (
            weight,
            weight * edges.impossible / np.maximum(edges.drives, 1),
            edges.drives,
            edges.impossible,
        )
    )
    known, bad, drives, left = (_at_both_ends(edges, amount, units) for amount in amounts)
    ends = np.concatenate((edges.one, edges.other))
    # Numbers of few bits are sorted by counting them.
    order = np.argsort(ends.astype(np.min_scalar_type(units)), kind="stable")
    offsets = np.searchsorted(ends[order], np.arange(units + 1))
    far_end = np.concatenate((edges.other, edges.one))[order]
    edge = order % max(edges.one.shape[0], 1)
    aside = np.zeros(units, np.bool_)
    final = bad / np.maximum(known, 1.0)
    suspected = np.flatnonzero(edges.vehicles >= LEAST_VEHICLES)
    while True:
        suspected = suspected[(left[suspected] >= LEAST_VEHICLES) & ~aside[suspected]]
        by_other = bad[suspected] / np.maximum(known[suspected], 1.0)
        of_all = left[suspected] / np.maximum(drives[suspected], 1.0)
        blamed = suspected[
            ((by_other >= LEAST_SHARE) & (of_all >= LEAST_OF_ALL)) | (of_all >= ENOUGH_OF_ALL)
        ]
        if not blamed.size:
            return final, aside
        worst = blamed[left[blamed] > left[blamed].max() - LEAST_VEHICLES]
        aside[worst] = True
        for begin, end in zip(offsets[worst].tolist(), offsets[worst + 1].tolist(), strict=True):
            # A unit has one edge to each other, so that no far end stands here twice.
            other, gone = far_end[begin:end], edge[begin:end]
            for sums, amount in zip((known, bad, drives, left), amounts[:, gone], strict=True):
                sums[other] -= amount
            believed = other[~aside[other]]
            final[believed] = bad[believed] / np.maximum(known[believed], 1.0)


def _at_both_ends(
    edges: _Edges, amount: npt.NDArray[np.generic], units: int
) -> npt.NDArray[np.float64]:
    """Sum an amount of each edge over the units at its ends."""
    ones = np.bincount(edges.one, weights=amount, minlength=units)
    others = np.bincount(edges.other, weights=amount, minlength=units)
    return np.asarray(ones + others, np.float64)
