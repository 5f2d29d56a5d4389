"""Roads, one after another, into the columns of a table of ways."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from roadnet.importers.limits import Limits

if TYPE_CHECKING:
    from roadnet.importers.directions import Direction
    from roadnet.importers.tags import RoadTags
    from roadnet.types import IdArray, IndexArray

NO_KIND: Final = -1


class RoadRows:
    """Collects roads row by row, equal ones and equal names once."""

    __slots__ = ("_kind", "_kinds", "_name", "_names", "_way_id")

    def __init__(self) -> None:
        self._kinds: dict[RoadTags, int] = {}
        self._names: dict[str, int] = {}
        self._kind = array("i")
        self._name = array("i")
        self._way_id = array("q")

    def __len__(self) -> int:
        return len(self._kind)

    @property
    def way_ids(self) -> IdArray:
        """The ids of the roads, (r,)."""
        return np.array(self._way_id, dtype=np.int64)

    def kind(self, road: RoadTags) -> int:
        """Give a number to what the tags of a road say; equal ones get the same."""
        return self._kinds.setdefault(road, len(self._kinds))

    def name(self, name: str) -> int:
        """Give a number to a name."""
        return self._names.setdefault(name, len(self._names))

    def append(self, kind: int, name: int, way_id: int) -> None:
        """Add one road by the numbers of its kind and its name."""
        self._kind.append(kind)
        self._name.append(name)
        self._way_id.append(way_id)

    def columns(self, rows: IndexArray | None = None) -> dict[str, Any]:
        """Give the columns of `roadnet.assemble.WayTable` that tell of roads, not of points.

        Parameters
        ----------
        rows
            Which roads, in the order wanted; all if None.

        Returns
        -------
        dict
            Column by name.
        """
        kinds = list(self._kinds)
        sides = [side for road in kinds for side in _sides(road)]
        words = {word: place for place, word in enumerate({side.condition: 0 for side in sides})}
        by_kind: dict[str, Any] = {
            "road_class": np.array([road.road_class for road in kinds], dtype=np.uint8),
            "layer": np.array([road.layer for road in kinds], dtype=np.int32),
            "oneway": np.array([road.oneway for road in kinds], dtype=np.int32),
        }
        of_sides: dict[str, Any] = {
            "speed_kmh": np.array([side.speed_kmh for side in sides], dtype=np.float32),
            "flags": np.array([side.flags for side in sides], dtype=np.uint8),
            "condition": np.array([words[side.condition] for side in sides], dtype=np.int32),
        }
        for place, name in enumerate(Limits._fields):
            of_sides[name] = np.array([side.limits[place] for side in sides], dtype=np.float32)
        by_kind |= {name: values.reshape(-1, 2) for name, values in of_sides.items()}
        of_roads = np.array([road.flags for road in kinds], dtype=np.uint8)
        by_kind["flags"] |= of_roads[:, np.newaxis]
        kind = np.array(self._kind, dtype=np.int32)
        name_of = np.array(self._name, dtype=np.int32)
        way_id = self.way_ids
        if rows is not None:
            kind, name_of, way_id = kind[rows], name_of[rows], way_id[rows]
        return {
            **{column: values[kind] for column, values in by_kind.items()},
            "name": name_of,
            "way_id": way_id,
            "names": tuple(self._names),
            "conditions": tuple(words),
        }


def _sides(road: RoadTags) -> tuple[Direction, Direction]:
    """Give both directions of a road; for one that is not driven, the other."""
    forward, backward = road.forward or road.backward, road.backward or road.forward
    if forward is None or backward is None:
        raise ValueError("a road that is driven in no direction")
    return forward, backward
