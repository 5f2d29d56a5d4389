"""Vehicles that keep missing at a camera that hardly anybody else misses: never an accusation.

A vehicle leaves camera A, arrives at camera C, and was not seen at B between them, again and
again; others who left A in the same hours were. It drives round B, or hides its plate there, or
has its reasons: only a person can tell.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from scipy.special import gammaln

from enforcement.analysis.implausible_travel import impossible_drives
from enforcement.index.civil_time import HOUR_US, MINUTE_US

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from enforcement.analysis.sightings import Sightings
    from enforcement.index.layout import Rules

    Ints = npt.NDArray[np.int64]

WITHIN_US: Final = 30 * MINUTE_US  # from A to C; whoever takes longer had business there
LEAST_UNSEEN: Final = 5  # drives that nobody between A and C saw
UNSEEN_SHARE: Final = Fraction(8, 10)  # of the vehicle's own drives from A to C
USUAL_SHARE: Final = Fraction(95, 100)  # of the drives of others
LEAST_DRIVES: Final = 20  # of others, by LEAST_PLATES of them
LEAST_PLATES: Final = 5
MOST_ALIKE: Final = 3  # more vehicles that keep doing so show what the camera or the road is like
BY_CHANCE: Final = 1e-6
_ROUNDING: Final = 1e-9  # a chance of just BY_CHANCE is not below it, however it was rounded


class Avoidance(NamedTuple):
    """A vehicle that keeps missing at a camera.

    Attributes
    ----------
    plate_key, plate_class
        The vehicle, as of `ingest.hits.HitBatch`.
    record, from_record, to_record
        The camera record, and those before and after.
    unseen, seen
        Drives of the vehicle between these two without and with a sighting at the camera.
    others, others_seen
        The drives of others in the same hours, and those of them with a sighting at the camera.
    first_us, last_us
        When the first unseen drive began and the last one ended, microseconds UTC.
    """

    plate_key: int
    plate_class: int
    record: int
    from_record: int
    to_record: int
    unseen: int
    seen: int
    others: int
    others_seen: int
    first_us: int
    last_us: int


class _Habits(NamedTuple):
    """Vehicles that often drove from one camera record to another with nobody between seeing them.

    `pair` (h,) is a place in `pairs` (p,), distinct and ascending: ``from_record * records +
    to_record``; `plate_key` and `plate_class` (h,) the vehicle.
    """

    pairs: Ints
    pair: Ints
    plate_key: npt.NDArray[np.uint64]
    plate_class: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class _Drives:
    """d drives between pairs of camera records, sorted by pair.

    Attributes
    ----------
    pair, plate_key, plate_class, begin_us, end_us
        (d,) as of `_Habits`, and microseconds UTC.
    shown
        For each drive the records that saw the plate on the way.
    """

    pair: Ints
    plate_key: npt.NDArray[np.uint64]
    plate_class: npt.NDArray[np.uint8]
    begin_us: Ints
    end_us: Ints
    shown: Sequence[frozenset[int]]

    def of(self, pair: int) -> npt.NDArray[np.intp]:
        """Return the drives of one pair."""
        begin, end = np.searchsorted(self.pair, (pair, pair + 1))
        return np.arange(begin, end)


def find_avoidance(
    rules: Rules, vehicles: Sightings, others_from: Callable[[Ints, Ints], Sightings]
) -> list[Avoidance]:
    """Find the vehicles that keep missing at a camera.

    Parameters
    ----------
    rules
        The rules that the hits were judged by.
    vehicles
        All sightings that are believed of the plates that may be listed.
    others_from
        Given (k,) camera records and hours since 1970-01-01 UTC, returns the sightings that are
        believed, in these hours and those that follow, of the plates that a record saw in its hour.

    Returns
    -------
    list of Avoidance
        One a vehicle and camera: between the two cameras that it missed most often.
    """
    cloned = np.unique(vehicles.plate_key[impossible_drives(rules, vehicles).before])
    rows = _by_plate(vehicles.some(~np.isin(vehicles.plate_key, cloned)))
    records = rules.camera_lon.shape[0]
    habits = _habits(rows, records)
    if not habits.pair.size:
        return []
    mine = rows.some(np.isin(rows.plate_key, habits.plate_key))
    own = _drives_between(mine, habits.pairs, records)
    left = np.unique(np.stack((own.pair, own.begin_us // HOUR_US)), axis=1)
    rows = _by_plate(others_from(habits.pairs[left[0]] // records, left[1]))
    others = _drives_between(rows, habits.pairs, records)
    found: dict[tuple[int, int, int], Avoidance] = {}
    vehicle = zip(habits.plate_key.tolist(), habits.plate_class.tolist(), strict=True)
    for pair, (key, plate_class) in zip(habits.pair.tolist(), vehicle, strict=True):
        own_rows, other_rows = own.of(pair), others.of(pair)
        of_vehicle = (own.plate_key[own_rows] == key) & (own.plate_class[own_rows] == plate_class)
        ends = divmod(int(habits.pairs[pair]), records)
        another = other_rows[others.plate_key[other_rows] != key]
        for one in _missed(own, own_rows[of_vehicle], others, another, ends):
            place = (one.plate_key, one.plate_class, one.record)
            if place not in found or one.unseen > found[place].unseen:
                found[place] = one
    return [found[place] for place in sorted(found)]


def _by_plate(sightings: Sightings) -> Sightings:
    """Return sightings by plate and time: a camera may tell another plate class, or none."""
    order = np.lexsort((sightings.record, sightings.captured_at_us, sightings.plate_key))
    return sightings.some(order)


def _habits(rows: Sightings, records: int) -> _Habits:
    """Find who often was seen at two cameras with no sighting between."""
    key, plate_class, at, record = (
        rows.plate_key, rows.plate_class, rows.captured_at_us, rows.record
    )  # fmt: skip
    direct = np.flatnonzero(
        (key[1:] == key[:-1])
        & (plate_class[1:] == plate_class[:-1])
        & (record[1:] != record[:-1])
        & (at[1:] - at[:-1] <= WITHIN_US)
    )
    pairs, pair = np.unique(_pair(rows, direct, direct + 1, records), return_inverse=True)
    order = np.lexsort((pair, plate_class[direct], key[direct]))
    direct, pair = direct[order], pair[order]
    begins = np.ones(direct.size, np.bool_)
    begins[1:] = (
        (key[direct[1:]] != key[direct[:-1]])
        | (plate_class[direct[1:]] != plate_class[direct[:-1]])
        | (pair[1:] != pair[:-1])
    )
    first = np.flatnonzero(begins)
    often = first[np.diff(np.append(first, direct.size)) >= LEAST_UNSEEN]
    alike = np.bincount(pair[often], minlength=pairs.size)
    often = often[alike[pair[often]] <= MOST_ALIKE]
    kept, place = np.unique(pair[often], return_inverse=True)
    return _Habits(pairs[kept], place, key[direct[often]], plate_class[direct[often]])


def _pair(rows: Sightings, before: Ints, after: Ints, records: int) -> Ints:
    return rows.record[before].astype(np.int64) * records + rows.record[after]


def _drives_between(rows: Sightings, pairs: Ints, records: int) -> _Drives:
    """Find the drives from A to C of some pairs, neither of which saw the plate between.

    Parameters
    ----------
    rows
        Sightings by plate and time.
    pairs, records
        As of `_Habits`, and how many records there are.
    """
    count = len(rows)
    start = np.flatnonzero(np.isin(rows.record, pairs // records))
    found = [np.zeros((2, 0), np.int64)]
    step = 0
    while start.size:
        step += 1
        start = start[start + step < count]
        end = start + step
        on = (
            (rows.plate_key[end] == rows.plate_key[start])
            & (rows.captured_at_us[end] - rows.captured_at_us[start] <= WITHIN_US)
            & (rows.record[end] != rows.record[start])
        )
        start, end = start[on], end[on]
        wanted = np.isin(_pair(rows, start, end, records), pairs)
        found.append(np.stack((start[wanted], end[wanted])))
    start, end = np.concatenate(found, axis=1)
    pair = np.searchsorted(pairs, _pair(rows, start, end, records))
    # By pair, then by start and end: of the ends of one start the first counts.
    order = np.lexsort((end, start, pair))
    start, end, pair = start[order], end[order], pair[order]
    first = np.ones(start.size, np.bool_)
    first[1:] = (start[1:] != start[:-1]) | (pair[1:] != pair[:-1])
    one = first & (rows.plate_class[start] == rows.plate_class[end])
    start, end, pair = start[one], end[one], pair[one]
    record = rows.record.tolist()
    return _Drives(
        pair,
        rows.plate_key[start],
        rows.plate_class[start],
        rows.captured_at_us[start],
        rows.captured_at_us[end],
        [frozenset(record[i + 1 : j]) for i, j in zip(start.tolist(), end.tolist(), strict=True)],
    )


def _missed(
    own: _Drives,
    own_rows: npt.NDArray[np.intp],
    others: _Drives,
    other_rows: npt.NDArray[np.intp],
    ends: tuple[int, int],
) -> list[Avoidance]:
    """Return the cameras between two others at which a vehicle is missed and others are not."""
    hours = own.begin_us[own_rows] // HOUR_US
    other_rows = other_rows[np.isin(others.begin_us[other_rows] // HOUR_US, hours)]
    if (
        other_rows.size < LEAST_DRIVES
        or np.unique(others.plate_key[other_rows]).size < LEAST_PLATES
    ):
        return []
    shown = Counter(record for row in other_rows.tolist() for record in others.shown[row])
    found = []
    for record, count in sorted(shown.items()):
        if count < USUAL_SHARE * other_rows.size:
            continue
        missed = np.array([record not in own.shown[row] for row in own_rows.tolist()])
        unseen = own_rows[missed]
        if unseen.size < UNSEEN_SHARE * own_rows.size:
            continue
        missed_too = np.array([record not in others.shown[row] for row in other_rows.tolist()])
        chance = _chance(hours, missed, others.begin_us[other_rows] // HOUR_US, missed_too)
        if chance >= BY_CHANCE * (1 - _ROUNDING):
            continue
        found.append(
            Avoidance(
                plate_key=int(own.plate_key[own_rows[0]]),
                plate_class=int(own.plate_class[own_rows[0]]),
                record=record,
                from_record=ends[0],
                to_record=ends[1],
                unseen=int(unseen.size),
                seen=int(own_rows.size - unseen.size),
                others=int(other_rows.size),
                others_seen=count,
                first_us=int(own.begin_us[unseen].min()),
                last_us=int(own.end_us[unseen].max()),
            )
        )
    return found


def _chance(
    own_hour: Ints,
    own_missed: npt.NDArray[np.bool_],
    other_hour: Ints,
    other_missed: npt.NDArray[np.bool_],
) -> float:
    """Return how likely a vehicle is missed so often if in each hour all are missed alike.

    Fisher's exact test, stratified by hour: the drives that were missed in an hour are spread
    over all drives of that hour by chance. An hour in which the camera read nobody, or in which
    nobody else drove, says nothing.

    As often missed is as seldom seen, and few drives are seen: only so many terms are looked at.
    """
    hours, own_of = np.unique(own_hour, return_inverse=True)
    other_of = np.searchsorted(hours, other_hour)
    own = np.bincount(own_of)
    drives = own + np.bincount(other_of, minlength=hours.size)
    seen = np.bincount(own_of[~own_missed], minlength=hours.size)
    most_seen = int(seen.sum())
    seen += np.bincount(other_of[~other_missed], minlength=hours.size)
    spread = np.ones(1)
    for mine, of_all, seen_of_all in zip(own.tolist(), drives.tolist(), seen.tolist(), strict=True):
        mine_seen = np.arange(min(mine, seen_of_all, most_seen) + 1)
        ways = (
            _log_comb(seen_of_all, mine_seen)
            + _log_comb(of_all - seen_of_all, mine - mine_seen)
            - _log_comb(of_all, mine)
        )
        spread = np.convolve(spread, np.exp(ways))[: most_seen + 1]
    return float(spread.sum())


def _log_comb(of: int, some: npt.NDArray[np.integer] | int) -> npt.NDArray[np.float64]:
    """Return the logarithm of how many ways there are to take some, minus infinity for none."""
    logarithm: npt.NDArray[np.float64] = (
        gammaln(of + 1) - gammaln(np.add(some, 1)) - gammaln(np.subtract(of + 1, some))
    )
    return logarithm
