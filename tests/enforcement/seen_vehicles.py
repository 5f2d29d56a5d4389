"""Sightings from plain rows: which vehicle was seen by which camera record, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from enforcement.analysis.sightings import Sightings

if TYPE_CHECKING:
    from collections.abc import Sequence


def sightings_of(rows: Sequence[tuple[int, int, float]]) -> Sightings:
    """Return rows (vehicle, record, second) in the order of sightings."""
    vehicle, record, at = (np.array(column) for column in zip(*rows, strict=True))
    at_us = np.round(at * 1e6).astype(np.int64)
    order = np.lexsort((record, at_us, vehicle))
    number = np.unique(vehicle, return_inverse=True)[1]
    return Sightings(
        plate_key=vehicle[order].astype(np.uint64),
        plate_class=np.ones(order.size, np.uint8),
        vehicle=number[order],
        record=record[order].astype(np.int32),
        captured_at_us=at_us[order],
        outcome=np.full(order.size, 3, np.uint8),
    )
