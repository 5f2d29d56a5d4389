"""The doubt `look_alike`: the plate may be that of a permitted vehicle, misread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from enforcement.doubts.alike_vehicles import AlikeVehicles, alike_vehicles, each_of_ranges
from enforcement.findings import Verdict
from enforcement.matching.matcher import match_hits
from enforcement.matching.permit_cover import covering_permits
from ingest.hits import NO_PLATE_CLASS, HitBatch

if TYPE_CHECKING:
    from collections.abc import Sequence

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


class LookAlikes(NamedTuple):
    """For v violations the permitted vehicle that each may be a misreading of, the nearest one.

    Attributes
    ----------
    plate_key
        (v,) uint64 the vehicle's plate, NO_PLATE where there is no such vehicle.
    plate_class
        (v,) uint8 its class, NO_PLATE_CLASS where the permit names every class.
    permit
        (v,) int32 place in `Rules.permit_ids` of the permit that covers it there and then, -1.
    weight
        (v,) int64 how far apart the vehicles are, as of `enforcement.confusions`.
    """

    plate_key: npt.NDArray[np.uint64]
    plate_class: npt.NDArray[np.uint8]
    permit: npt.NDArray[np.int32]
    weight: npt.NDArray[np.int64]


def look_alikes(
    rules: Rules, sightings: Sightings, suspects: Suspects, side_plates: Sequence[str] | None = None
) -> npt.NDArray[np.bool_]:
    """Tell which violations are none if the plate is that of a vehicle whose plate looks like it.

    Parameters
    ----------
    rules
        The rules that they were judged by.
    sightings
        That are believed; all of every plate that has a violation.
    suspects
        v violations.
    side_plates
        The side table that their plate keys point into; None for that of the rules.

    Returns
    -------
    numpy.ndarray
        (v,) bool: no permit and no registry row names the vehicle as read, or it was seen by no
        other camera within NEAR_US; and there is a vehicle as of `permitted_look_alikes`.
    """
    held = np.zeros(len(suspects), np.bool_)
    rows = np.flatnonzero(~(_known(rules, suspects) & _seen_elsewhere(sightings, suspects)))
    if rows.size:
        found = permitted_look_alikes(rules, suspects.some(rows), side_plates)
        held[rows] = found.permit >= 0
    return held


def permitted_look_alikes(
    rules: Rules, suspects: Suspects, side_plates: Sequence[str] | None = None
) -> LookAlikes:
    """Find the vehicle that each violation may be a misreading of.

    That is a vehicle named by a permit that covers the camera and the instant, which would be no
    violation there itself, and which differs only in what cameras confuse: its plate looks like the
    plate as read (`enforcement.analysis.alike_plates`), or its plate_class is another, or both, the
    weights together at most `Confusions.most`. Of several, the least weight, then the smallest
    permit, then the smallest key.

    Parameters
    ----------
    rules
        The rules that they were judged by.
    suspects
        v violations.
    side_plates
        The side table that their plate keys point into; None for that of the rules.

    Returns
    -------
    LookAlikes
        The same whatever the order of the violations.
    """
    alike = alike_vehicles(rules, suspects, side_plates)
    row, weight = alike.row, alike.weight
    permit = _permits_that_clear(rules, suspects.some(row), alike)
    order = np.lexsort((alike.plate_key, permit, weight, row))
    order = order[permit[order] >= 0]
    first = order[np.unique(row[order], return_index=True)[1]]
    found = LookAlikes(
        plate_key=np.zeros(len(suspects), np.uint64),
        plate_class=np.full(len(suspects), NO_PLATE_CLASS, np.uint8),
        permit=np.full(len(suspects), -1, np.int32),
        weight=np.zeros(len(suspects), np.int64),
    )
    found.plate_key[row[first]] = alike.plate_key[first]
    found.plate_class[row[first]] = alike.named_class[first]
    found.permit[row[first]] = permit[first]
    found.weight[row[first]] = weight[first]
    return found


def _permits_that_clear(
    rules: Rules, suspects: Suspects, alike: AlikeVehicles
) -> npt.NDArray[np.int32]:
    """Return the permit by which another vehicle may be where each violation was, -1 for none."""
    others = HitBatch(
        camera=suspects.camera,
        plate_key=alike.plate_key,
        plate_class=alike.plate_class,
        vehicle_class=suspects.vehicle_class,
        captured_at_us=suspects.captured_at_us,
        confidence=np.ones(len(suspects)),
    )
    permit = covering_permits(rules, others, suspects.record).permit
    # A permit does not exempt from an absolute ban.
    banned = match_hits(rules, others).verdict == Verdict.VIOLATION
    return np.where(banned, np.int32(-1), permit)


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
        row, at = each_of_ranges(offsets[plate], offsets[plate + 1])
        named = classes[at]
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
