"""Barriers on roads, by OpenStreetMap's tags of nodes: which stop a lorry, and what gets past the others.

Key:barrier of the OSM wiki. What is given of access counts; else a kind of barrier that is built to stop
cars does, and a gate does only if it is said to be locked.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from roadnet.importers.access import ACCESS_OF_ALL, ACCESS_OF_GOODS, NOT_FOR_GOODS, last_given
from roadnet.importers.limits import NO_LIMITS, read_limits
from roadnet.ways import Barrier

if TYPE_CHECKING:
    from collections.abc import Mapping

_STOPS_CARS: Final = frozenset(
    {
        "barrier_board",
        "block",
        "bollard",
        "bus_trap",
        "chain",
        "cycle_barrier",
        "debris",
        "ditch",
        "fence",
        "guard_rail",
        "hedge",
        "jersey_barrier",
        "kissing_gate",
        "log",
        "motorcycle_barrier",
        "planter",
        "rope",
        "stile",
        "sump_buster",
        "turnstile",
        "wall",
        "wedge",
    }
)


def read_barrier(tags: Mapping[str, str], node_id: int) -> Barrier | None:
    """Interpret the tags of a node.

    Parameters
    ----------
    tags
        OSM keys and values.
    node_id
        Of the node.

    Returns
    -------
    Barrier | None
        None for a node without barrier, and for a barrier that any lorry passes.
    """
    kind = tags.get("barrier", "").strip().lower()
    if kind in {"", "no", "entrance"}:
        return None
    access = last_given(tags, (*ACCESS_OF_ALL, *ACCESS_OF_GOODS))
    if access is not None:
        closed = access in NOT_FOR_GOODS
    else:
        closed = kind in _STOPS_CARS or tags.get("locked") == "yes"
    limits = read_limits(tags)
    if not closed and limits == NO_LIMITS:
        return None
    if closed:
        return Barrier(node_id, closed=True)
    return Barrier(node_id, False, *limits) if min(limits) < math.inf else None
