"""The goods vehicles that pass two cameras again and again: only of these can avoidance be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from enforcement.analysis.sighting_kernels import mark_wanted
from enforcement.analysis.sightings import sightings_of_rows
from enforcement.index.plate_table import build_filter
from ingest.plate_keys import SIDE_MARK

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from enforcement.analysis.duplicates import Passages
    from enforcement.analysis.sightings import Sightings
    from enforcement.index.layout import Rules

    Rows = npt.NDArray[np.int64]

NO_SAMPLE: Final = (1 << 32) - 1  # of `mark_wanted`: hardly any plate that nobody asked for
_SLOT_BITS: Final = 22
_MIXERS: Final = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


def goods_plates(rules: Rules, violating: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return the keys, distinct and ascending, of plates that may be listed.

    Those that a permit names, that the registry has with a vehicle class that a restriction
    means, or that have a violation: who has nothing to do with the rules stays unknown.

    Parameters
    ----------
    rules
        Compiled rules.
    violating
        Keys of the plates that have violations, distinct.
    """
    filled = np.flatnonzero(rules.table_keys)
    plate = rules.table_vehicles[filled]
    named = np.diff(rules.plate_permit_offsets)[plate] > 0
    meant = int(np.bitwise_or.reduce(rules.restriction_vehicle_classes, initial=0))
    freight = meant >> rules.registry_vehicle_class.astype(np.int64) & 1
    before = np.concatenate(([0], np.cumsum(freight)))
    offsets = rules.plate_registry_offsets
    registered = before[offsets[plate + 1]] > before[offsets[plate]]
    known = rules.table_keys[filled[named | registered]]
    more = violating[~np.isin(violating, known, assume_unique=True)]
    return packed(np.sort(np.concatenate((known, more))))


def regular_sightings(
    rules: Rules,
    parts: Sequence[Passages],
    dropped: Sequence[npt.NDArray[np.bool_]],
    goods: npt.NDArray[np.uint64],
    least: int,
    most_rows: int,
) -> Sightings:
    """Collect the sightings of goods vehicles that passed two cameras often.

    Parameters
    ----------
    rules
        The rules that the hits were judged by.
    parts, dropped
        As of `enforcement.analysis.sightings.collect_sightings`.
    goods
        Keys of the plates that are looked at.
    least
        How often is often.
    most_rows
        Of vehicles that have more sightings together, every second, third, ... plate is taken.
    """
    if not goods.size or not parts:
        return sightings_of_rows(rules, (), ())
    rows = rows_of_plates(parts, dropped, goods)
    key = np.concatenate([part.plate_key[mine] for part, mine in zip(parts, rows, strict=True)])
    camera = np.concatenate([part.camera[mine] for part, mine in zip(parts, rows, strict=True)])
    regular = _regular_plates(key, camera, least)
    regular = regular[np.isin(regular, goods, assume_unique=True)]
    mine = np.isin(key[_among(key, regular)], regular)
    regular = thinned(regular, int(np.count_nonzero(mine)), most_rows)
    wanted = np.split(_among(key, regular), np.cumsum([part.size for part in rows])[:-1])
    picked = [part[some] for part, some in zip(rows, wanted, strict=True)]
    return sightings_of_rows(rules, parts, picked).of_plates(regular)


def _regular_plates(
    key: npt.NDArray[np.uint64], camera: npt.NDArray[np.int32], least: int
) -> npt.NDArray[np.uint64]:
    """Return the plates, distinct and ascending, that passed two cameras often.

    Most rows are told from a table of counters, each shared by a few plates and cameras, to be of
    no interest; only the others are sorted.
    """
    mixed = (key * _MIXERS[0] ^ camera.astype(np.uint64) * _MIXERS[1]) * _MIXERS[0]
    slot = (mixed >> np.uint64(64 - _SLOT_BITS)).view(np.int64)
    some = np.flatnonzero(np.bincount(slot)[slot] >= least)
    _, first, count = np.unique(mixed[some], return_index=True, return_counts=True)
    plates, cameras = np.unique(key[some[first[count >= least]]], return_counts=True)
    return plates[cameras > 1]


def rows_of_plates(
    parts: Sequence[Passages],
    dropped: Sequence[npt.NDArray[np.bool_]],
    plates: npt.NDArray[np.uint64],
) -> list[Rows]:
    """Return for each part the rows of some plates that are no duplicates, and a few others."""
    return [
        np.flatnonzero(_among(part.plate_key, plates) & ~repeated)
        for part, repeated in zip(parts, dropped, strict=True)
    ]


def packed(plates: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Leave out the plates of the side table: their keys depend on which hit came first."""
    return plates[plates < np.uint64(SIDE_MARK)]


def thinned(plates: npt.NDArray[np.uint64], count: int, most: int) -> npt.NDArray[np.uint64]:
    """Return as many of the plates as make at most about `most` of what all of them make."""
    return plates[:: max(1, -(-count // most))]


def _among(key: npt.NDArray[np.uint64], plates: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """Tell which keys may be among some plates: never a wrong no."""
    sampled, filtered = np.empty((2, key.shape[0]), np.bool_)
    mark_wanted(key, build_filter(plates), NO_SAMPLE, sampled, filtered)
    return sampled | filtered
