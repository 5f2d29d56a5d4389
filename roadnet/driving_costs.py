"""What driving each edge costs: seconds or metres, more where a lorry goes only to stop there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np

from roadnet.types import FLAG_DESTINATION
from roadnet.vehicles import Vehicle, forbidden_edges

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from roadnet.graph import RoadGraph
    from roadnet.types import FloatArray

Weight: TypeAlias = Literal["time", "length"]

# A lorry may drive a destination-only street to an address in it, not to save a minute: such
# streets cost this many times more, so that a path takes one only to begin, end, or get out.
DESTINATION_FACTOR: Final = 10.0
# A lorry does not turn round at a junction if it can drive round a few blocks instead.
TURNING_COST: Final[dict[Weight, float]] = {"time": 120.0, "length": 1000.0}
_SLOWEST_KMH: Final = 5.0  # a missing or absurd speed never makes an edge endless


def edge_costs(
    graph: RoadGraph,
    *,
    weight: Weight = "time",
    goods: bool = True,
    closed_edges: Iterable[int] | npt.NDArray[np.integer] | None = None,
    vehicle: Vehicle | None = None,
) -> FloatArray:
    """Price the edges of a graph; the parameters are those of `Router`.

    Returns
    -------
    FloatArray
        (m,) seconds or metres, infinity where closed.

    Raises
    ------
    ValueError
        `weight` is neither `time` nor `length`.
    """
    if weight == "length":
        cost = graph.edge_length_m.astype(np.float64)
    elif weight == "time":
        speed_kmh = np.maximum(graph.edge_speed_kmh.astype(np.float64), _SLOWEST_KMH)
        cost = graph.edge_length_m * 3.6 / speed_kmh
    else:
        raise ValueError(f"weight is {weight!r}, expected 'time' or 'length'")
    if vehicle is None:
        vehicle = Vehicle(goods=goods)
    if vehicle.goods:
        cost[(graph.edge_flags & FLAG_DESTINATION) != 0] *= DESTINATION_FACTOR
    cost[forbidden_edges(graph, vehicle, closed_edges)] = np.inf
    cost.setflags(write=False)
    return cost


def turning_costs(graph: RoadGraph, cost: FloatArray, *, weight: Weight) -> FloatArray:
    """Price turning round at each node: nothing where no other edge is open, a dead end.

    Parameters
    ----------
    graph, cost
        The network and what its edges cost.
    weight
        As of `Router`.

    Returns
    -------
    FloatArray
        (n,) seconds or metres.
    """
    leaving = np.bincount(graph.edge_from[np.isfinite(cost)], minlength=graph.node_count)
    return np.where(leaving > 1, TURNING_COST[weight], 0.0)
