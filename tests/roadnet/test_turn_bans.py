"""Turn restrictions against brute force over generated towns."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from roadnet.assemble import assemble_with_notes
from roadnet.turn_bans import NO_VIA_NODE, TurnRestriction
from roadnet.ways import BACKWARD, BOTH_WAYS, FORWARD, Barrier, Way, tabulate_ways
from tests.roadnet.towns import town

SIDE = 3  # nodes 1 to SIDE * SIDE on a grid
PROHIBITIONS = ("no_entry", "no_exit", "no_u_turn")  # none that names a side


@st.composite
def towns(draw):
    """Ways of two or three nodes on a grid, way ids 101 and up."""
    nodes = st.integers(1, SIDE * SIDE)
    chains = draw(
        st.lists(st.lists(nodes, min_size=2, max_size=3, unique=True), min_size=2, max_size=8)
    )
    oneways = draw(
        st.lists(
            st.sampled_from((BOTH_WAYS, BOTH_WAYS, FORWARD, BACKWARD)),
            min_size=len(chains),
            max_size=len(chains),
        )
    )
    return [(101 + i, chain, oneways[i]) for i, chain in enumerate(chains)]


@st.composite
def restrictions(draw, ways):
    """Mostly of ways that touch where they should."""
    way, chain, _ = draw(st.sampled_from(ways))
    nodes, via = [draw(st.sampled_from(chain))], ()
    if draw(st.booleans()):
        touching = [one for one in ways if nodes[0] in one[1]]
        via_way, via_chain, _ = draw(st.sampled_from(touching))
        nodes, via = via_chain, (via_way,)
    onto = [one for one, other, _ in ways if set(other) & set(nodes)]
    any_way = st.sampled_from([one for one, _, _ in ways])
    return TurnRestriction(
        relation_id=draw(st.integers(1, 99)),
        kind=draw(st.sampled_from((*PROHIBITIONS, "only_u_turn", "only_entry"))),
        from_ways=(way, *draw(st.lists(any_way, max_size=1))),
        to_ways=(draw(st.one_of(st.sampled_from(onto), any_way)),),
        via_node=NO_VIA_NODE if via else nodes[0],
        via_ways=via,
    )


def drawn(ways) -> list[Way]:
    return [
        Way(
            lon=np.array([(node % SIDE) * 1e-3 for node in chain]),
            lat=np.array([(node // SIDE) * 1e-3 for node in chain]),
            node_ids=np.array(chain, dtype=np.int64),
            road_class=11,
            speed_kmh=50,
            oneway=oneway,
            way_id=way,
        )
        for way, chain, oneway in ways
    ]


def arcs_of(ways):
    """Directed stretches between junctions as (way, begin, end), by brute force."""
    visits: dict[int, int] = {}
    for _, chain, _ in ways:
        for node in chain:
            visits[node] = visits.get(node, 0) + 1
    arcs = []
    for way, chain, oneway in ways:
        cuts = [chain[0], *(n for n in chain[1:-1] if visits[n] > 1), chain[-1]]
        for a, b in pairwise(cuts):
            if oneway != BACKWARD:
                arcs.append((way, a, b))
            if oneway != FORWARD:
                arcs.append((way, b, a))
    return arcs


def expected(arcs, rules):
    """The banned sequences of arcs, from the words of the wiki."""
    banned, choices = set(), {}
    for rule in rules:
        for chain, going in over_ways(arcs, rule) if rule.via_ways else at_node(arcs, rule):
            if rule.kind.startswith("only"):
                choices.setdefault(chain, set()).add(going)
            else:
                banned.add((*chain, going))
    for chain, allowed in choices.items():
        banned |= {(*chain, arc) for arc in arcs if arc[1] == chain[-1][2] and arc not in allowed}
    return banned


def turned(arc, onto):
    return arc == (onto[0], onto[2], onto[1])


def at_node(arcs, rule):
    shared = set(rule.from_ways) & set(rule.to_ways)
    return [
        ((coming,), going)
        for coming in arcs
        for going in arcs
        if coming[0] in rule.from_ways and going[0] in rule.to_ways
        if coming[2] == going[1] == rule.via_node
        if not shared or turned(coming, going) == rule.kind.endswith("u_turn")
    ]


def over_ways(arcs, rule):
    leaving = [arc for arc in arcs if arc[0] in rule.to_ways]
    found = [
        chain
        for coming in arcs
        if coming[0] in rule.from_ways
        for chain in chains(arcs, coming, rule.via_ways)
        if any(chain[-1][2] == going[1] for going in leaving)
    ]
    least = min(map(len, found), default=0)
    return [
        (chain, going)
        for chain in found
        if len(chain) == least
        for going in leaving
        if chain[-1][2] == going[1] and not turned(chain[-1], going)
    ]


def chains(arcs, coming, via_ways):
    """Arcs from `coming` over the via ways, all of them, never twice at one node."""
    found, open_ends = [], [(coming,)]
    while open_ends:
        chain = open_ends.pop()
        if len(chain) > 1 and {arc[0] for arc in chain[1:]} == set(via_ways):
            found.append(chain)
        seen = {arc[1] for arc in chain}
        for arc in arcs:
            onward = arc[1] == chain[-1][2] and not turned(chain[-1], arc)
            if arc[0] in via_ways and onward and arc[2] not in seen:
                open_ends.append((*chain, arc))
    return found


@given(st.data())
def test_bans_are_those_of_brute_force(data):
    ways = data.draw(towns())
    rules = data.draw(st.lists(restrictions(ways), min_size=1, max_size=4))
    table = replace(tabulate_ways(drawn(ways)), restrictions=tuple(rules))
    graph, notes = assemble_with_notes(table)
    assert graph.check() == ()
    names = [
        (int(way), int(graph.node_osm_id[a]), int(graph.node_osm_id[b]))
        for way, a, b in zip(graph.edge_way_id, graph.edge_from, graph.edge_to, strict=True)
    ]
    found = {tuple(names[edge] for edge in ban) for ban in graph.bans()}
    arcs = arcs_of(ways)
    assert sorted(names) == sorted(arcs)
    assert found == expected(arcs, rules)
    # Whatever bans nothing is counted.
    counted = sum(int(note.split()[0]) for note in notes)
    assert counted == sum(not expected(arcs, [_as_ban(rule)]) for rule in rules)


def _as_ban(rule):
    """The same as a prohibition: an obligation may be met by there being no other way on."""
    return replace(rule, kind=rule.kind.replace("only_", "no_"))


@given(towns(), st.integers(1, SIDE * SIDE))
def test_nobody_gets_past_a_closed_barrier_between_two_stretches(ways, node):
    table = replace(tabulate_ways(drawn(ways)), barriers=(Barrier(node, closed=True),))
    graph, notes = assemble_with_notes(table)
    assert graph.check() == ()
    stretches = sum(2 - (node in (chain[0], chain[-1])) for _, chain, _ in ways if node in chain)
    through = [
        (a, b)
        for a in range(graph.edge_count)
        for b in range(graph.edge_count)
        if graph.edge_to[a] == graph.edge_from[b] and graph.node_osm_id[graph.edge_to[a]] == node
        if graph.edge_reverse[a] != b
    ]
    assert list(graph.bans()) == (sorted(through) if stretches == 2 else [])
    assert len(notes) == (stretches > 2)


def test_a_town_with_bans_and_limits():
    made = town(
        "A 0 0; B 100 0; C 200 0; D 100 80",
        "A-B-C primary maxweight=7.5; B>D maxheight=3 maxwidth=2 condition='no @ (22:00-06:00)'",
        bans="A-B-D; C-B-C",
    )
    assert made.graph.check() == ()
    assert sorted(made.graph.bans()) == sorted(
        [tuple(made.path("A-B-D")), tuple(made.path("C-B-C"))]
    )
    side = made.edge("B", "D")
    assert made.graph.edge_max_height_m[side] == 3
    assert made.graph.conditions[made.graph.edge_condition[side]] == "no @ (22:00-06:00)"
    assert made.graph.edge_max_weight_t[made.edge("A", "B")] == 7.5
