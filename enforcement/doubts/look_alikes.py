"""The doubt `look_alike`: the plate may be that of a permitted vehicle, or of a violator, misread."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from enforcement.analysis.seen_near import seen_near
from enforcement.confusions import standard_confusions
from enforcement.doubts.alike_vehicles import AlikeVehicles, alike_vehicles
from enforcement.doubts.alike_violators import SEEN_AGAIN_US, alike_violators
from enforcement.doubts.concerning_rules import known_plates
from enforcement.doubts.detours import rules_round_closures
from enforcement.findings import Verdict
from enforcement.index.civil_time import HOUR_US
from enforcement.matching.matcher import match_hits
from enforcement.matching.permit_cover import covering_permits
from ingest.hits import NO_PLATE_CLASS
from roadnet.ranges import each_of_ranges

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.sightings import Sightings
    from enforcement.analysis.suspects import Suspects
    from enforcement.index.layout import Rules


_IN_TOWN_US: Final = 3 * HOUR_US  # a lorry that unloads is seen before and after it


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
    rules: Rules, sightings: Sightings, watched: Sightings, suspects: Suspects
) -> npt.NDArray[np.bool_]:
    """Tell which violations are none, or another's, if the plate is one that looks like it.

    Parameters
    ----------
    rules
        The rules that they were judged by.
    sightings
        That are believed; all of every plate that has a violation.
    watched
        That are believed of `plates_to_watch`.
    suspects
        v violations.

    Returns
    -------
    numpy.ndarray
        (v,) bool: no permit and no registry row names the vehicle as read, or no other camera saw
        it within half an hour; and there is a vehicle as of `permitted_look_alikes`. If both hold,
        one that is farther off will do, up to `Confusions.most_alone`, if another camera saw that
        one within three hours. Or there is a violator as of `alike_violators`.
    """
    known = _known(rules, suspects)
    seen = seen_near(
        sightings,
        suspects.plate_key,
        suspects.plate_class,
        suspects.record,
        suspects.captured_at_us,
        SEEN_AGAIN_US,
    )
    held = np.zeros(len(suspects), np.bool_)
    rows = np.flatnonzero(~(known & seen))
    held[rows] = permitted_look_alikes(rules, suspects.some(rows)).permit >= 0
    rows = np.flatnonzero(~known & ~seen & ~held)
    alone = suspects.some(rows)
    alike = _alike_and_permitted(rules, alone, standard_confusions().most_alone)
    about = seen_near(
        watched,
        alike.plate_key,
        None,
        alone.record[alike.row],
        alone.captured_at_us[alike.row],
        _IN_TOWN_US,
    )
    held[rows[alike.row[about]]] = True
    rows = np.flatnonzero(~seen & ~held)
    held[rows[alike_violators(sightings, suspects.some(rows)).row]] = True
    return held


def plates_to_watch(rules: Rules, suspects: Suspects) -> npt.NDArray[np.uint64]:
    """Return the plates of which `look_alikes` asks whether they were about, distinct and ascending."""
    unknown = suspects.some(np.flatnonzero(~_known(rules, suspects)))
    alike = _alike_and_permitted(rules, unknown, standard_confusions().most_alone)
    return np.unique(alike.plate_key)


def permitted_look_alikes(rules: Rules, suspects: Suspects) -> LookAlikes:
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

    Returns
    -------
    LookAlikes
        The same whatever the order of the violations.
    """
    alike = alike_vehicles(rules, suspects, standard_confusions().most)
    alike = alike.some(np.flatnonzero(alike.weight))  # of weight 0 is itself
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


def _alike_and_permitted(rules: Rules, suspects: Suspects, most: int) -> AlikeVehicles:
    """Return the vehicles alike that may be where each violation was."""
    alike = alike_vehicles(rules, suspects, most)
    permit = _permits_that_clear(rules, suspects.some(alike.row), alike)
    clears = np.flatnonzero(permit >= 0)
    return alike.some(clears)


def _permits_that_clear(
    rules: Rules, suspects: Suspects, alike: AlikeVehicles
) -> npt.NDArray[np.int32]:
    """Return the permit by which another vehicle may be where each violation was, -1 for none.

    On a way round a closure it may be there by the permit for the route that is cut; the vehicle
    itself may too, but that is no look-alike: the doubt `detour` is about it.
    """
    others = replace(suspects, plate_key=alike.plate_key, plate_class=alike.plate_class)
    permit = _permits_by(rules, others)
    for _, widened, rows in rules_round_closures(rules, suspects.captured_at_us):
        by_it = _permits_by(widened, others.some(rows))
        helped = (permit[rows] < 0) & (alike.weight[rows] > 0)
        permit[rows] = np.where(helped, by_it, permit[rows])
    return permit


def _permits_by(rules: Rules, suspects: Suspects) -> npt.NDArray[np.int32]:
    """Return the permit that covers each vehicle and makes it no violation, -1 for none."""
    hits = suspects.as_hits(suspects.captured_at_us)
    permit = covering_permits(rules, hits, suspects.record).permit
    # A permit does not exempt from an absolute ban.
    banned = match_hits(rules, hits).verdict == Verdict.VIOLATION
    return np.where(banned, np.int32(-1), permit)


def _known(rules: Rules, suspects: Suspects) -> npt.NDArray[np.bool_]:
    """Tell which vehicles a permit or the registry names, (v,)."""
    plates = known_plates(rules, suspects.plate_key)
    known = np.zeros(len(suspects), np.bool_)
    found = np.flatnonzero(plates >= 0)
    plate = plates[found]
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
