"""The pieces that a network falls into: roads that no way leads between, whichever way one drives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from roadnet.graph import RoadGraph
    from roadnet.types import OffsetArray


def piece_of_nodes(graph: RoadGraph) -> OffsetArray:
    """Tell which piece of the network each node is in.

    Parameters
    ----------
    graph
        Any network; one-way streets join as others do.

    Returns
    -------
    OffsetArray
        (n,) the least node of the piece that a node is in.
    """
    # Each round hooks pieces onto lower ones that a street joins them to, and then every node
    # onto the root of its own; rounds are few, as the pieces that remain at least halve.
    piece = np.arange(graph.node_count, dtype=np.int64)
    ends = np.column_stack((graph.edge_from, graph.edge_to)).astype(np.int64)
    while ends.shape[0] > 0:
        low = np.minimum(ends[:, 0], ends[:, 1])
        np.minimum.at(piece, np.maximum(ends[:, 0], ends[:, 1]), low)
        while not np.array_equal(piece[piece], piece):
            piece = piece[piece]
        ends = piece[ends]
        ends = np.unique(ends[ends[:, 0] != ends[:, 1]], axis=0)
    return piece


def note_on_pieces(graph: RoadGraph) -> str:
    """Say, for a human, that a network is not of one piece; empty if it is, or has no edges."""
    if graph.edge_count == 0:
        return ""
    of_edges = piece_of_nodes(graph)[graph.edge_from]
    counts = np.bincount(of_edges)
    pieces = int(np.count_nonzero(counts))
    if pieces == 1:
        return ""
    largest = int(counts.max())
    share = f"{largest / graph.edge_count:.1%}"
    return (
        f"the network is in {pieces} pieces that no road joins; the largest has {largest} of "
        f"{graph.edge_count} edges ({share})"
    )
