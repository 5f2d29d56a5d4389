"""Ways as importers read them, one by one or as columns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import numpy as np

from roadnet.types import NO_OSM_ID

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from roadnet.turn_bans import TurnRestriction
    from roadnet.types import (
        BoolArray,
        ByteArray,
        Float32Array,
        FloatArray,
        IdArray,
        IndexArray,
        OffsetArray,
    )

_Scalar = TypeVar("_Scalar", bound=np.generic)

FORWARD: Final = 1
BOTH_WAYS: Final = 0
BACKWARD: Final = -1

DirectedWay = tuple[int, int]  # the row of a way, and FORWARD or BACKWARD


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One road as drawn, its tags already interpreted.

    Attributes
    ----------
    lon, lat
        (k,) WGS-84 degrees, k >= 2.
    node_ids
        (k,) int64; ways meet where they share an id, and an id has one place. Ids above 0 are kept as OSM ids; those below
        are an importer's own numbering and become NO_OSM_ID.
    road_class
        Code in `roadnet.types.ROAD_CLASSES`.
    speed_kmh
        Above 0.
    oneway
        FORWARD, BOTH_WAYS or BACKWARD (driven against the order of the points).
    flags
        FLAG_* bits of the whole way; FLAG_SIGNALS comes from `signals`.
    layer
        OSM layer, -128..127.
    way_id
        OSM way id, or NO_OSM_ID; one below 0 becomes NO_OSM_ID like a node's.
    name
        Street name, or empty.
    signals
        (k,) whether traffic signals stand at each point; None for nowhere.
    max_weight_t, max_height_m, max_width_m
        What a vehicle may weigh and measure there, infinity for no limit.
    condition
        Access that depends on something, as `RoadGraph.conditions`; empty for none.
    """

    lon: FloatArray
    lat: FloatArray
    node_ids: IdArray
    road_class: int
    speed_kmh: float
    oneway: int = BOTH_WAYS
    flags: int = 0
    layer: int = 0
    way_id: int = NO_OSM_ID
    name: str = ""
    signals: BoolArray | None = None
    max_weight_t: float = math.inf
    max_height_m: float = math.inf
    max_width_m: float = math.inf
    condition: str = ""


class Barrier(NamedTuple):
    """What stands on a road at one point of it.

    Attributes
    ----------
    node_id
        Of the point.
    closed
        Whether no lorry gets past it.
    max_weight_t, max_height_m, max_width_m
        What may get past it, infinity for no limit.
    """

    node_id: int
    closed: bool
    max_weight_t: float = math.inf
    max_height_m: float = math.inf
    max_width_m: float = math.inf


@dataclass(frozen=True, slots=True, eq=False)
class WayTable:
    """Many ways as columns: w ways, p points; the fields are those of Way.

    Way i has the points `offsets[i]:offsets[i + 1]`, and the name `names[name[i]]`. `names` may be in
    any order and need not hold the empty text; so for `condition` and `conditions`. What may differ
    between the directions of a way, speed, flags, limits and condition, is (w, 2): in the order of
    its points, and against it; where `oneway` leaves out a direction any value stands.

    Turns are banned by `restrictions`, whose ways are ids, and by `bans`: ways, each ending where the
    next begins, that no lorry may drive one after the other.
    """

    offsets: OffsetArray
    lon: FloatArray
    lat: FloatArray
    node_ids: IdArray
    signals: BoolArray
    road_class: ByteArray
    speed_kmh: Float32Array
    oneway: IndexArray
    flags: ByteArray
    layer: IndexArray
    way_id: IdArray
    name: IndexArray
    max_weight_t: Float32Array
    max_height_m: Float32Array
    max_width_m: Float32Array
    condition: IndexArray
    names: Sequence[str]
    conditions: Sequence[str]
    barriers: Sequence[Barrier] = ()
    restrictions: Sequence[TurnRestriction] = ()
    bans: Sequence[tuple[DirectedWay, ...]] = ()


def tabulate_ways(ways: Iterable[Way]) -> WayTable:
    """Put ways into columns, in the order given."""
    rows = list(ways)
    places: dict[str, int] = {}
    name = [places.setdefault(way.name, len(places)) for way in rows]
    words: dict[str, int] = {}
    condition = [words.setdefault(way.condition, len(words)) for way in rows]

    def both(values: list[Any], dtype: type[_Scalar]) -> npt.NDArray[_Scalar]:
        return np.repeat(np.array(values, dtype=dtype), 2).reshape(-1, 2)

    return WayTable(
        offsets=np.cumsum([0, *(way.lon.shape[0] for way in rows)], dtype=np.int64),
        lon=_joined([way.lon for way in rows], np.float64),
        lat=_joined([way.lat for way in rows], np.float64),
        node_ids=_joined([way.node_ids for way in rows], np.int64),
        signals=_joined(
            [
                np.zeros(way.lon.shape[0], np.bool_) if way.signals is None else way.signals
                for way in rows
            ],
            np.bool_,
        ),
        road_class=np.array([way.road_class for way in rows], dtype=np.uint8),
        speed_kmh=both([way.speed_kmh for way in rows], np.float32),
        oneway=np.array([way.oneway for way in rows], dtype=np.int32),
        flags=both([way.flags for way in rows], np.uint8),
        layer=np.array([way.layer for way in rows], dtype=np.int32),
        way_id=np.array([way.way_id for way in rows], dtype=np.int64),
        name=np.array(name, dtype=np.int32),
        max_weight_t=both([way.max_weight_t for way in rows], np.float32),
        max_height_m=both([way.max_height_m for way in rows], np.float32),
        max_width_m=both([way.max_width_m for way in rows], np.float32),
        condition=both(condition, np.int32),
        names=tuple(places),
        conditions=tuple(words),
    )


def _joined(columns: Sequence[npt.NDArray[Any]], dtype: type[_Scalar]) -> npt.NDArray[_Scalar]:
    return np.concatenate((np.zeros(0, dtype=dtype), *columns), dtype=dtype)
