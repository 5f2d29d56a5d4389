"""What a vehicle weighs and measures, and which edges it may not drive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from roadnet.types import FLAG_NO_GOODS

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from roadnet.graph import RoadGraph
    from roadnet.types import BoolArray


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle, as far as streets care.

    Attributes
    ----------
    weight_t, height_m, width_m
        Tonnes and metres, laden; None where unknown, which no limit forbids.
    goods
        Whether it is a goods vehicle, to which FLAG_NO_GOODS applies.
    """

    weight_t: float | None = None
    height_m: float | None = None
    width_m: float | None = None
    goods: bool = True


def over_limit(graph: RoadGraph, vehicle: Vehicle) -> BoolArray:
    """Tell which edges have a limit of weight, height or width that a vehicle exceeds, (m,)."""
    over = np.zeros(graph.edge_count, dtype=np.bool_)
    for size, limit in (
        (vehicle.weight_t, graph.edge_max_weight_t),
        (vehicle.height_m, graph.edge_max_height_m),
        (vehicle.width_m, graph.edge_max_width_m),
    ):
        if size is not None:
            # The limits are float32: 3.8 m under a sign of 3.8 m passes.
            over |= np.float32(size) > limit
    return over


def forbidden_edges(
    graph: RoadGraph,
    vehicle: Vehicle,
    closed_edges: Iterable[int] | npt.NDArray[np.integer] | None = None,
) -> BoolArray:
    """Tell which edges a vehicle may not drive at all.

    Parameters
    ----------
    graph
        The network.
    vehicle
        What drives.
    closed_edges
        Indices of edges that nobody may drive.

    Returns
    -------
    BoolArray
        (m,); streets with conditions (`edge_condition`) and for destinations only are not among
        them.
    """
    forbidden = over_limit(graph, vehicle)
    if vehicle.goods:
        forbidden |= (graph.edge_flags & FLAG_NO_GOODS) != 0
    if closed_edges is not None:
        forbidden[np.fromiter(closed_edges, dtype=np.int64)] = True
    return forbidden
