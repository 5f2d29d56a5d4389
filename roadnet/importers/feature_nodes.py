"""Which points of lines are one node: those at one place, or those that the file says are one.

Coordinates that agree to 1e-7 degrees (a centimetre, OSM's own precision) are one place, and lines that have a
point there meet. Streets that name the nodes at their ends, as osmnx does in columns `u` and `v`, need no
places: they meet each other where these ids agree and nowhere else, so that a bridge has no junction with what
lies below one of its points.
"""

from __future__ import annotations

import re
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from roadnet.types import NO_OSM_ID
from roadnet.ways import BACKWARD, FORWARD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from roadnet.types import BoolArray, FloatArray, IdArray, OffsetArray
    from roadnet.ways import DirectedWay

Ends = tuple[int, int]  # OSM ids of the first node of a line and of its last
NO_ENDS: Final = (NO_OSM_ID, NO_OSM_ID)
_PARTS_PER_DEGREE: Final = 1e7
_ID: Final = re.compile(r"\d{1,18}")
_TWINS: Final = 100  # of one banned turn, where streets lie on each other


def ends_of(tags: Mapping[str, str]) -> Ends:
    """Find the ids of the nodes at both ends among tags, as `u` and `v`; NO_ENDS unless both are there."""
    found = [int(tags[key]) for key in ("u", "v") if _ID.fullmatch(tags.get(key, ""))]
    return (found[0], found[1]) if len(found) == 2 and min(found) > 0 else NO_ENDS


class LineNodes:
    """The points of lines, numbered by the nodes that they are.

    Parameters
    ----------
    lines
        (k, 2) lon and lat each, degrees.
    ends
        For each line the ids of its end nodes, NO_ENDS where it names none. Ids that stand at two places
        are not believed.

    Attributes
    ----------
    offsets
        Line i has the points `offsets[i]:offsets[i + 1]`.
    lon, lat
        Of all points, rounded to OSM's precision.
    node_ids
        Of all points: OSM ids where the file names them, else below 0 and rising with the place, so that the
        nodes' order does not depend on the order of the lines.
    """

    def __init__(self, lines: Sequence[FloatArray], ends: Sequence[Ends]) -> None:
        self.offsets = np.cumsum([0, *(line.shape[0] for line in lines)], dtype=np.int64)
        self.lon, self.lat, self._codes = _fixed(np.concatenate((np.zeros((0, 2)), *lines)))
        self._places, self._place = np.unique(self._codes, return_inverse=True)
        self.node_ids = self._numbered(np.array(ends, dtype=np.int64).reshape(-1, 2))
        self._by_place = np.argsort(self._place, kind="stable")
        self._begins = np.searchsorted(
            self._place[self._by_place], np.arange(self._places.shape[0] + 1)
        )

    def _numbered(self, ends: IdArray) -> IdArray:
        count = self._place.shape[0]
        first, last = self.offsets[:-1], self.offsets[1:] - 1
        named = self._believed(ends)
        stated = np.full(count, NO_OSM_ID, dtype=np.int64)
        stated[first[named]], stated[last[named]] = ends[named, 0], ends[named, 1]
        at_end = stated != NO_OSM_ID
        inner = np.repeat(named, np.diff(self.offsets)) & ~at_end
        plain = ~inner & ~at_end
        id_of_place = np.arange(-count, self._places.shape[0] - count, dtype=np.int64)
        np.maximum.at(id_of_place, self._place[at_end], stated[at_end])
        ids: IdArray = np.where(at_end, stated, id_of_place[self._place])
        shared = np.zeros(self._places.shape[0], dtype=np.bool_)
        shared[self._place[plain]] = True
        apart = np.flatnonzero(inner & ~shared[self._place])
        ids[apart] = apart - 2 * count
        return ids

    def _believed(self, ends: IdArray) -> BoolArray:
        """Tell which lines name both their end nodes, each of which stands at one place."""
        points = np.column_stack((self.offsets[:-1], self.offsets[1:] - 1))
        named: BoolArray = (ends != NO_OSM_ID).all(axis=1)
        stands = np.unique(
            np.column_stack((ends[named].ravel(), self._codes[points[named].ravel()])), axis=0
        )
        ids, places = np.unique(stands[:, 0], return_counts=True)
        return named & ~np.isin(ends, ids[places > 1]).any(axis=1)

    def at(self, place: tuple[float, float], own_id: int = NO_OSM_ID) -> IdArray:
        """Give the ids of the nodes at a place; only its own if that is among them."""
        code = _fixed(np.array([place]))[2][0]
        number = int(np.searchsorted(self._places, code))
        if number == self._places.shape[0] or self._places[number] != code:
            return np.zeros(0, dtype=np.int64)
        points: OffsetArray = self._by_place[self._begins[number] : self._begins[number + 1]]
        ids = np.unique(self.node_ids[points])
        return ids[ids == own_id] if own_id in ids else ids

    def along(self, turns: Sequence[Sequence[FloatArray]]) -> Turns:
        """Find the lines that banned turns lead over.

        Parameters
        ----------
        turns
            Each as the streets that no lorry may drive one after the other, drawn as driven.

        Returns
        -------
        Turns
            The lines of each, in the same order, with the sense in which they are driven; all of them
            where several lie on each other. And how many turns lead over none.
        """
        lines: dict[bytes, list[DirectedWay]] = {}
        for number in range(self.offsets.shape[0] - 1 if turns else 0):
            codes = self._codes[self.offsets[number] : self.offsets[number + 1]]
            lines.setdefault(codes.tobytes(), []).append((number, FORWARD))
            lines.setdefault(codes[::-1].tobytes(), []).append((number, BACKWARD))
        found: list[tuple[DirectedWay, ...]] = []
        unknown = 0
        for turn in turns:
            streets = [lines.get(_fixed(line)[2].tobytes(), []) for line in turn]
            chains = list(islice(self._chains(streets), _TWINS)) if len(turn) > 1 else []
            found += chains
            unknown += not chains
        return Turns(tuple(found), unknown)

    def _chains(self, streets: list[list[DirectedWay]]) -> Iterator[tuple[DirectedWay, ...]]:
        """Yield the ways to go on from one street to the next at their common nodes."""
        for after, place in pairwise(reversed(range(len(streets)))):
            # What leads no further is left out first, so that no search is in vain.
            begins = {self._end(way, 0) for way in streets[after]}
            streets[place] = [way for way in streets[place] if self._end(way, -1) in begins]
        waiting: list[tuple[DirectedWay, ...]] = [()]
        while waiting:
            chain = waiting.pop()
            if len(chain) == len(streets):
                yield chain
                continue
            waiting += [
                (*chain, way)
                for way in streets[len(chain)]
                if not chain or self._end(chain[-1], -1) == self._end(way, 0)
            ]

    def _end(self, way: DirectedWay, which: int) -> int:
        number, sense = way
        ids = self.node_ids[self.offsets[number] : self.offsets[number + 1]]
        return int(ids[::sense][which])


class Turns(NamedTuple):
    """Banned turns as sequences of lines, and how many lead over lines that are not there."""

    found: tuple[tuple[DirectedWay, ...], ...]
    unknown: int


def _fixed(points: FloatArray) -> tuple[FloatArray, FloatArray, IdArray]:
    """Round places to OSM's precision: lon, lat, and one number a place."""
    fixed = np.rint(points * _PARTS_PER_DEGREE).astype(np.int64)
    # Both parts fit in 32 bits.
    codes = (fixed[:, 0] << 32) + fixed[:, 1]
    return fixed[:, 0] / _PARTS_PER_DEGREE, fixed[:, 1] / _PARTS_PER_DEGREE, codes
