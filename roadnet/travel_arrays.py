"""The arrays that the kernel of least distances takes together, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from roadnet.types import FloatArray, IndexArray, OffsetArray


class Ends(NamedTuple):
    """Where drives from, or to, each place begin or end.

    Attributes
    ----------
    offsets
        (places + 1,) into the others.
    node, cost
        (k,) a node, and the cost between it and the place.
    """

    offsets: OffsetArray
    node: IndexArray
    cost: FloatArray


class Search(NamedTuple):
    """Work space: (n,) distances, and a heap with a place for each arc and each end, and one more."""

    distance: FloatArray
    heap_key: FloatArray
    heap_item: IndexArray
