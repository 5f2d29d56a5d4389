"""The doubt `look_alike`: the plate may be that of a permitted vehicle, misread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from enforcement.analysis.alike_plates import AlikePlates
from enforcement.findings import Verdict
from enforcement.matching.matcher import match_hits
from ingest.hits import NO_PLATE_CLASS, HitBatch

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.sightings import Sightings
    from enforcement.analysis.suspects import Suspects
    from enforcement.index.layout import Rules

NEAR_US: Final = 30 * 60 * 1_000_000  # a vehicle that drives in the city is seen again within this

_ODD: Final = np.array(
    [
        *(0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9),
        *(0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53, 0xD6E8FEB86659FD93),
    ],
    np.uint64,
)


def look_alikes(rules: Rules, sightings: Sightings, suspects: Suspects) -> npt.NDArray[np.bool_]:
    """Tell which violations are none if the plate is that of a vehicle whose plate looks like it.

    Parameters
    ----------
    rules
        The rules that they were judged by.
    sightings
        That are believed; all of every plate that has a violation.
    suspects
        v violations.

    Returns
    -------
    numpy.ndarray
        (v,) bool: no permit and no registry row names the vehicle as read, or it was seen by no
        other camera within NEAR_US; and a vehicle that differs only in characters that cameras
        confuse (`enforcement.analysis.confusions`), or in its plate_class, has a permit that covers
        the camera and the instant.
    """
    held = np.zeros(len(suspects), np.bool_)
    filled = np.flatnonzero(rules.table_keys != 0)
    key, plate = rules.table_keys[filled], rules.table_vehicles[filled]
    has_permit = np.diff(rules.plate_permit_offsets)[plate] > 0
    lonely = ~(_known(rules, suspects) & _seen_elsewhere(sightings, suspects))
    rows = np.flatnonzero(lonely)
    if not rows.size or not has_permit.any():
        return held
    candidates = key[has_permit]
    asked, which = np.unique(suspects.plate_key[rows], return_inverse=True)
    alike = AlikePlates(candidates).find(asked)
    # Each violation with each plate that its own may be.
    begins = np.searchsorted(alike.read, which, side="left")
    count = np.searchsorted(alike.read, which, side="right") - begins
    row = np.repeat(rows, count)
    pair = np.arange(row.shape[0]) - np.repeat(np.cumsum(count) - count, count)
    pair += np.repeat(begins, count)
    some = suspects.some(row)
    own = some.plate_class
    for plate_class in (own, np.full(row.shape[0], NO_PLATE_CLASS, np.uint8)):
        verdict = match_hits(
            rules,
            HitBatch(
                camera=some.camera,
                plate_key=candidates[alike.known[pair]],
                plate_class=plate_class,
                vehicle_class=some.vehicle_class,
                captured_at_us=some.captured_at_us,
                confidence=np.ones(row.shape[0]),
            ),
        ).verdict
        held[row[verdict == Verdict.PERMITTED]] = True
    return held


def _known(rules: Rules, suspects: Suspects) -> npt.NDArray[np.bool_]:
    """Tell which vehicles a permit or the registry names, (v,)."""
    filled = np.flatnonzero(rules.table_keys != 0)
    order = filled[np.argsort(rules.table_keys[filled])]
    keys = rules.table_keys[order]
    known = np.zeros(len(suspects), np.bool_)
    if not keys.size:
        return known
    place = np.minimum(np.searchsorted(keys, suspects.plate_key), keys.size - 1)
    found = np.flatnonzero(keys[place] == suspects.plate_key)
    plate = rules.table_vehicles[order[place[found]]]
    own = suspects.plate_class[found]
    for offsets, classes in (
        (rules.plate_permit_offsets, rules.plate_permit_class),
        (rules.plate_registry_offsets, rules.registry_plate_class),
    ):
        count = (offsets[plate + 1] - offsets[plate]).astype(np.int64)
        row = np.repeat(np.arange(plate.shape[0]), count)
        at = np.arange(row.shape[0]) - np.repeat(np.cumsum(count) - count, count)
        named = classes[np.repeat(offsets[plate].astype(np.int64), count) + at]
        fits = (named == own[row]) | (named == NO_PLATE_CLASS) | (own[row] == NO_PLATE_CLASS)
        known[found[row[fits]]] = True
    return known


def _seen_elsewhere(sightings: Sightings, suspects: Suspects) -> npt.NDArray[np.bool_]:
    """Tell which vehicles another camera saw within NEAR_US, (v,)."""
    vehicle, record, at = sightings.vehicle, sightings.record, sightings.captured_at_us
    count = len(sightings)
    begins = np.ones(count, np.bool_)
    begins[1:] = (vehicle[1:] != vehicle[:-1]) | (record[1:] != record[:-1])
    run = np.cumsum(begins) - 1
    first = np.flatnonzero(begins)
    last = np.append(first[1:], count) - 1
    joined = np.flatnonzero(vehicle[first[1:]] == vehicle[last[:-1]])
    seen = np.zeros(count, np.bool_)
    if joined.size:
        # The run before ends, and the run after begins, at some other camera.
        earlier = np.full(first.shape[0], np.iinfo(np.int64).min // 2)
        later = np.full(first.shape[0], np.iinfo(np.int64).max // 2)
        earlier[joined + 1] = at[last[joined]]
        later[joined] = at[first[joined + 1]]
        seen = (at - earlier[run] <= NEAR_US) | (later[run] - at <= NEAR_US)
    return _of_suspects(sightings, suspects, seen)


def _of_suspects(
    sightings: Sightings, suspects: Suspects, value: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Return a value of sightings for the violations among them; False where one is not believed."""
    answer = np.zeros(len(suspects), np.bool_)
    if not len(sightings):
        return answer
    filed = _names(sightings)
    order = np.argsort(filed)
    filed = filed[order]
    asked = _names(suspects)
    place = np.minimum(np.searchsorted(filed, asked), filed.shape[0] - 1)
    found = filed[place] == asked
    answer[found] = value[order[place[found]]]
    return answer


def _names(hits: Sightings | Suspects) -> npt.NDArray[np.uint64]:
    """Return 64 well-mixed bits of each hit's vehicle, camera record and instant."""
    name = hits.plate_key * _ODD[0] + hits.plate_class.astype(np.uint64) * _ODD[1]
    name ^= name >> np.uint64(29)
    name = name * _ODD[2] + hits.record.astype(np.uint64) * _ODD[3]
    name ^= name >> np.uint64(32)
    name = name * _ODD[4] + hits.captured_at_us.astype(np.uint64) * _ODD[5]
    mixed: npt.NDArray[np.uint64] = name ^ (name >> np.uint64(31))
    return mixed
