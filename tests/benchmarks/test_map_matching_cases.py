"""Lines with a known truth are what they claim, and metres are counted as said."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.driven_routes import DrivenRoute
from benchmarks.matching.drawing import crop, densify, lead_round, reverse
from benchmarks.matching.scoring import Score, street_lengths_m
from benchmarks.peers.tiles import streets, write_graph
from roadnet.geodesy import haversine_m
from roadnet.importers import read_network
from tests.roadnet.towns import town

if TYPE_CHECKING:
    from pathlib import Path

# A street A to D with a block above B-C, dead ends at its corners, and a one-way street D to E.
TOWN = town(
    """
    A 0 0
    B 400 0
    C 600 0
    D 1400 0
    E 1500 0
    F 400 200
    G 600 200
    H 1400 300
    I 300 200
    J 600 260
    """,
    """
    A-B-C-D residential
    D>E residential
    B-F-G-C residential
    F-I residential
    G-J residential
    D-H residential
    """,
)


def edges_along(names: str) -> np.ndarray:
    return np.array([TOWN.edges(begin, end)[0] for begin, end in pairwise(names)], dtype=np.int32)


@given(
    points=st.lists(
        st.tuples(st.floats(-0.01, 0.01), st.floats(-0.01, 0.01)), min_size=2, max_size=6
    ),
    step_m=st.floats(5.0, 500.0),
)
def test_a_densified_line_has_its_points_and_no_long_gap(
    points: list[tuple[float, float]], step_m: float
) -> None:
    line = np.array(points)
    dense = densify(line, step_m)
    gaps = haversine_m(dense[:-1, 0], dense[:-1, 1], dense[1:, 0], dense[1:, 1])
    assert (gaps <= step_m * 1.001 + 1e-6).all()
    for point in line:
        assert np.abs(dense - point).max(axis=1).min() < 1e-9


@given(seed=st.integers(0, 2**32 - 1), share=st.floats(0.05, 0.95))
def test_a_cropped_route_is_a_piece_of_at_least_that_share(seed: int, share: float) -> None:
    route = edges_along("ABCDE")
    piece = crop(TOWN.graph, route, share, np.random.default_rng(seed))
    first = route.tolist().index(piece[0])
    assert route[first : first + piece.shape[0]].tolist() == piece.tolist()
    length_m = TOWN.graph.edge_length_m
    assert length_m[piece].sum() >= share * length_m[route].sum() * (1.0 - 1e-9)


def test_the_longest_stretch_without_one_way_streets_is_turned_round() -> None:
    turned = reverse(TOWN.graph, edges_along("ABCDE"))
    assert turned is not None
    assert turned.tolist() == edges_along("DCBA").tolist()


def test_a_route_of_one_way_streets_cannot_be_turned_round() -> None:
    assert reverse(TOWN.graph, edges_along("DE")) is None


@given(seed=st.integers(0, 2**32 - 1))
def test_a_detour_leaves_the_route_and_comes_back(seed: int) -> None:
    route = edges_along("ABCD")
    led = lead_round(TOWN.graph, route, np.random.default_rng(seed))
    assert led is not None
    assert led.tolist() == edges_along("ABFGCD").tolist()


def test_where_no_way_leads_round_there_is_no_detour() -> None:
    assert lead_round(TOWN.graph, edges_along("CDH"), np.random.default_rng(1)) is None


def test_the_longest_piece_is_the_one_without_a_hole() -> None:
    truth = np.concatenate((edges_along("AB"), edges_along("CD"), edges_along("DE")))
    route = DrivenRoute("hole", TOWN.graph, np.empty((0, 3)), truth)
    assert route.longest_piece().tolist() == edges_along("CDE").tolist()


def test_both_directions_are_one_street() -> None:
    street = streets(TOWN.graph)
    assert street[edges_along("AB")] == street[edges_along("BA")]
    assert np.unique(street).shape[0] == 10


def test_metres_missed_and_extra_are_counted_once_a_street() -> None:
    street = streets(TOWN.graph)
    score = Score()
    truth, found = street[edges_along("ABCD")], street[edges_along("ABFGCBC")]
    score.add("one", street_lengths_m(TOWN.graph, street), truth, found)
    figures = score.figures()
    assert figures["recall_pct"] == pytest.approx(100.0 * 600.0 / 1400.0, rel=1e-3)
    assert figures["mismatch_pct"] == pytest.approx(100.0 * (800.0 + 600.0) / 1400.0, rel=1e-3)


def test_a_graph_written_for_a_peer_reads_back(tmp_path: Path) -> None:
    file = tmp_path / "town.osm.pbf"
    write_graph(TOWN.graph, file)
    back = read_network(str(file))
    street = streets(TOWN.graph)
    lengths = {way + 1: metres for way, metres in enumerate(street_lengths_m(TOWN.graph, street))}
    assert back.edge_count == TOWN.graph.edge_count
    for way, metres in zip(back.edge_way_id.tolist(), back.edge_length_m.tolist(), strict=True):
        assert metres == pytest.approx(lengths[way], abs=0.05)
