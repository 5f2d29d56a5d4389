"""The vehicles named by permits that a violation may be a misreading of, whatever they may do."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from enforcement.analysis.alike_plates import AlikePlates
from enforcement.confusions import standard_confusions
from ingest.hits import NO_PLATE_CLASS
from roadnet.ranges import each_of_ranges

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.suspects import Suspects
    from enforcement.index.layout import Rules


class AlikeVehicles(NamedTuple):
    """p pairs of a violation and a vehicle that a permit names.

    Attributes
    ----------
    row
        (p,) int64 place among the violations, not falling.
    plate_key
        (p,) uint64 the vehicle's plate.
    named_class, plate_class
        (p,) uint8 the class that the permit names, and the class that the vehicle has if it was
        the one that the camera saw: that of the hit, unless the permit names another.
    weight
        (p,) int64 how far apart they are.
    """

    row: npt.NDArray[np.int64]
    plate_key: npt.NDArray[np.uint64]
    named_class: npt.NDArray[np.uint8]
    plate_class: npt.NDArray[np.uint8]
    weight: npt.NDArray[np.int64]

    def some(self, pairs: npt.NDArray[np.int64]) -> AlikeVehicles:
        """Return some of the pairs."""
        return AlikeVehicles(
            self.row[pairs],
            self.plate_key[pairs],
            self.named_class[pairs],
            self.plate_class[pairs],
            self.weight[pairs],
        )


def alike_vehicles(rules: Rules, suspects: Suspects, most: int) -> AlikeVehicles:
    """Find the vehicles that differ from those of violations only in what cameras confuse.

    Parameters
    ----------
    rules
        The rules that they were judged by.
    suspects
        v violations.
    most
        Vehicles farther apart do not look alike.

    Returns
    -------
    AlikeVehicles
        The vehicle itself too, with weight 0, if a permit names it; a vehicle as often as permits
        name it.
    """
    confusions = standard_confusions()
    offsets = rules.plate_permit_offsets
    key, plate, index = _permitted_plates(rules)
    asked, which = np.unique(suspects.plate_key, return_inverse=True)
    alike = index.find(asked, suspects.side_plates, most)
    row, pair = each_of_ranges(
        np.searchsorted(alike.read, which, side="left"),
        np.searchsorted(alike.read, which, side="right"),
    )
    known = plate[alike.known[pair]]
    place, naming = each_of_ranges(offsets[known], offsets[known + 1])
    row, pair = row[place], pair[place]
    own, named = suspects.plate_class[row], rules.plate_permit_class[naming]
    differs = (own != named) & (own != NO_PLATE_CLASS) & (named != NO_PLATE_CLASS)
    weight = alike.weight[pair] + confusions.plate_class * differs
    near = np.flatnonzero(weight <= most)
    return AlikeVehicles(
        row=row[near],
        plate_key=key[alike.known[pair[near]]],
        named_class=named[near],
        plate_class=np.where(differs, named, own)[near],
        weight=weight[near],
    )


@lru_cache(maxsize=1)
def _permitted_plates(
    rules: Rules,
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32], AlikePlates]:
    """Return the keys of the plates that permits name, their places, and an index of them.

    A period asks several times by the same rules, and the index takes longer than asking.
    """
    filled = np.flatnonzero(rules.table_keys)
    named = np.diff(rules.plate_permit_offsets)[rules.table_vehicles[filled]] > 0
    key, plate = rules.table_keys[filled[named]], rules.table_vehicles[filled[named]]
    return key, plate, AlikePlates(key, standard_confusions(), rules.side_plates)
