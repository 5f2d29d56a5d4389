"""Edges of a road graph in the words of OpenStreetMap's tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from roadnet.types import (
    FLAG_BRIDGE,
    FLAG_DESTINATION,
    FLAG_NO_GOODS,
    FLAG_ROUNDABOUT,
    FLAG_TUNNEL,
    NO_EDGE,
    ROAD_CLASSES,
)

if TYPE_CHECKING:
    from roadnet.graph import RoadGraph

# A flag, and the tag that says the same.
_TAG_OF_FLAG: Final = (
    (FLAG_BRIDGE, "bridge", "yes"),
    (FLAG_TUNNEL, "tunnel", "yes"),
    (FLAG_ROUNDABOUT, "junction", "roundabout"),
    (FLAG_DESTINATION, "hgv", "destination"),
    (FLAG_NO_GOODS, "hgv", "no"),
)


def tags_of_edge(graph: RoadGraph, edge: int) -> dict[str, Any]:
    """Say of one edge what OSM tags would.

    Parameters
    ----------
    graph
        Any network.
    edge
        Of it.

    Returns
    -------
    dict
        `osmid` (int), `highway`, `oneway` (bool: whether it has no reverse), `maxspeed` (km/h); and
        where they say something `name`, `layer`, `bridge`, `tunnel`, `junction`, `hgv`, `maxweight`,
        `maxheight`, `maxwidth`, `hgv:conditional`. All but the first and `oneway` are text.
    """
    attributes: dict[str, Any] = {
        "osmid": int(graph.edge_way_id[edge]),
        "highway": ROAD_CLASSES[graph.edge_class[edge]],
        "oneway": bool(graph.edge_reverse[edge] == NO_EDGE),
        "maxspeed": np.format_float_positional(graph.edge_speed_kmh[edge], trim="-"),
    }
    flags = int(graph.edge_flags[edge])
    attributes |= {key: value for flag, key, value in _TAG_OF_FLAG if flags & flag}
    if graph.name(edge):
        attributes["name"] = graph.name(edge)
    if graph.edge_layer[edge]:
        attributes["layer"] = str(graph.edge_layer[edge])
    for tag in ("weight_t", "height_m", "width_m"):
        limit = getattr(graph, f"edge_max_{tag}")[edge]
        if np.isfinite(limit):
            attributes[f"max{tag.partition('_')[0]}"] = np.format_float_positional(limit, trim="-")
    if graph.edge_condition[edge]:
        attributes["hgv:conditional"] = graph.conditions[graph.edge_condition[edge]]
    return attributes
