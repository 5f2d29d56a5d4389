"""Least costs under banned turns the slow way: a drive is known by its last three edges (networkx)."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx

MEMORY = 3  # edges: enough for bans of up to four


@dataclass(frozen=True)
class Streets:
    """Edges as plain lists, closed ones with infinite cost, and what is banned."""

    tail: list[int]
    head: list[int]
    reverse: list[int]
    cost: list[float]
    bans: list[tuple[int, ...]]
    turning_cost: list[float]

    def onward(self, memory):
        """The edges that may follow, with the memory after each and what each costs to enter."""
        for edge, tail in enumerate(self.tail):
            if tail != self.head[memory[-1]] or self.cost[edge] == float("inf"):
                continue
            driven = (*memory, edge)
            if any(driven[-len(ban) :] == ban for ban in self.bans):
                continue
            turned = self.reverse[memory[-1]] == edge
            yield edge, driven[-MEMORY:], self.turning_cost[tail] if turned else 0.0


def least_costs(streets: Streets, starts: dict[int, float]):
    """Least costs from edges begun, at the cost of coming to their ends.

    Returns two dicts: to each node arrived at, and to the begin of each edge driven onto.
    """
    graph = nx.DiGraph()
    graph.add_node("start")
    waiting = []
    for edge, cost in starts.items():
        graph.add_edge("start", (edge,), weight=cost)
        waiting.append((edge,))
    seen = set(waiting)
    while waiting:
        memory = waiting.pop()
        for edge, after, extra in streets.onward(memory):
            graph.add_edge(memory, after, weight=extra + streets.cost[edge])
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    costs = nx.single_source_dijkstra_path_length(graph, "start")
    at_node: dict[int, float] = {}
    onto: dict[int, float] = {}
    for memory, cost in costs.items():
        if memory == "start":
            continue
        node = streets.head[memory[-1]]
        at_node[node] = min(cost, at_node.get(node, cost))
        for edge, _, extra in streets.onward(memory):
            onto[edge] = min(cost + extra, onto.get(edge, cost + extra))
    return at_node, onto
