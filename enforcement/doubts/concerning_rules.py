"""What of the rules has a say in hits: restrictions that mean the vehicle, permits that name it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from enforcement.rules.permits import STATUSES
from ingest.hits import NO_PLATE_CLASS
from roadnet.ranges import each_of_ranges

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.suspects import Suspects
    from enforcement.index.layout import Rules

_ACTIVE = STATUSES.index("active")


class Concerning(NamedTuple):
    """p pairs of a hit and something of the rules.

    Attributes
    ----------
    row
        (p,) int64 place of the hit, not falling.
    rule
        (p,) int64 place of a permit, grant or restriction in `Rules`; each once with a hit.
    """

    row: npt.NDArray[np.int64]
    rule: npt.NDArray[np.int64]

    def some(self, pairs: npt.NDArray[np.bool_]) -> Concerning:
        """Return some of the pairs."""
        return Concerning(self.row[pairs], self.rule[pairs])


def permits_of(rules: Rules, hits: Suspects) -> Concerning:
    """Find the permits that name the vehicles of hits, in force or not."""
    plate = known_plates(rules, hits.plate_key)
    found = np.flatnonzero(plate >= 0)
    offsets = rules.plate_permit_offsets
    place, naming = each_of_ranges(offsets[plate[found]], offsets[plate[found] + 1])
    row = found[place]
    own, named = hits.plate_class[row], rules.plate_permit_class[naming]
    means = (named == own) | (named == NO_PLATE_CLASS) | (own == NO_PLATE_CLASS)
    # A permit may name a plate under several classes, and a hit without one is named by each.
    permits = max(len(rules.permit_ids), 1)
    pairs = np.unique(row[means] * permits + rules.plate_permits[naming[means]])
    return Concerning(pairs // permits, pairs % permits)


def in_force(
    rules: Rules, permits: Concerning, captured_at_us: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Tell, (p,) bool, which permits are active and valid at the instants of their hits."""
    at, permit = captured_at_us[permits.row], permits.rule
    pair, entry = each_of_ranges(rules.status_offsets[permit], rules.status_offsets[permit + 1])
    begun = rules.status_from_us[entry] <= at[pair]
    entries = np.bincount(pair[begun], minlength=permit.shape[0])
    active = entries > 0
    last = rules.status_offsets[permit[active]] + entries[active] - 1
    active[active] = rules.status_code[last] == _ACTIVE
    valid: npt.NDArray[np.bool_] = (rules.permit_from_us[permit] <= at) & (
        at < rules.permit_until_us[permit]
    )
    return active & valid


def grants_of(
    rules: Rules, permits: Concerning, record: npt.NDArray[np.int32]
) -> tuple[Concerning, npt.NDArray[np.int64]]:
    """Find the grants of permits that have the cameras of their hits, whatever their hours.

    Parameters
    ----------
    rules
        Compiled rules.
    permits
        p permits of n hits.
    record
        (n,) camera records of the hits.

    Returns
    -------
    Concerning
        The grants.
    numpy.ndarray
        int64, the permit of each.
    """
    offsets = rules.grant_offsets
    pair, grant = each_of_ranges(offsets[permits.rule], offsets[permits.rule + 1])
    row = permits.row[pair]
    camera = record[row].astype(np.int64)
    word = rules.camera_sets[rules.grant_camera_set[grant], camera >> 6]
    has = (word >> (camera & 63).astype(np.uint64)) & np.uint64(1) == np.uint64(1)
    return Concerning(row[has], grant[has]), permits.rule[pair[has]]


def restrictions_of(rules: Rules, hits: Suspects) -> Concerning:
    """Find the restrictions that have the cameras of hits and mean their vehicles, whenever."""
    offsets = rules.camera_restriction_offsets
    row, place = each_of_ranges(offsets[hits.record], offsets[hits.record + 1])
    restriction = rules.camera_restrictions[place].astype(np.int64)
    seen, plate_class = hits.vehicle_class[row], hits.plate_class[row]
    by_class = rules.restriction_vehicle_classes[restriction] >> seen & 1 == 1
    listed = plate_class < 128  # NO_PLATE_CLASS is in no list
    word = rules.restriction_plate_classes[restriction, (plate_class >> 6) & 1]
    by_plate = listed & (word >> (plate_class & 63).astype(np.uint64) & np.uint64(1) == 1)
    means = by_class | by_plate
    return Concerning(row[means], restriction[means])


def known_plates(rules: Rules, plate_key: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Return (n,) the plate index of each plate, -1 for those that the rules do not know."""
    keys, plates = _plates(rules)
    known = np.full(plate_key.shape[0], -1, np.int64)
    if keys.size:
        place = np.minimum(np.searchsorted(keys, plate_key), keys.size - 1)
        found = keys[place] == plate_key
        known[found] = plates[place[found]]
    return known


@lru_cache(maxsize=1)
def _plates(rules: Rules) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
    """Return the keys of all plates that the rules know, ascending, and their indices."""
    filled = np.flatnonzero(rules.table_keys != 0)
    order = filled[np.argsort(rules.table_keys[filled])]
    return rules.table_keys[order], rules.table_vehicles[order]
