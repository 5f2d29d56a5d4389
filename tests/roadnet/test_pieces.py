from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from roadnet.assemble import assemble_graph
from roadnet.importers import read_network_with_notes
from roadnet.pieces import note_on_pieces, piece_of_nodes
from tests.roadnet.importers.osm_text import OsmTown
from tests.roadnet.random_ways import ways
from tests.roadnet.real_data import real_network
from tests.roadnet.towns import grid_town


def by_scipy(graph):
    ends = (graph.edge_from, graph.edge_to)
    shape = (graph.node_count, graph.node_count)
    return connected_components(csr_array((np.ones(graph.edge_count), ends), shape), directed=False)


@given(ways())
def test_pieces_are_those_of_scipy(drawn):
    graph = assemble_graph(drawn)
    pieces = piece_of_nodes(graph)
    count, labels = by_scipy(graph) if graph.node_count else (0, np.zeros(0))
    assert np.unique(pieces).shape[0] == count
    # The same partition: as many pairs of names as names.
    assert len(set(zip(pieces.tolist(), labels.tolist(), strict=True))) == count
    assert all(pieces[piece] == piece <= node for node, piece in enumerate(pieces.tolist()))


def test_a_long_street_is_one_piece():
    assert note_on_pieces(grid_town(200, 1).graph) == ""


def test_a_network_in_two_pieces_is_read_with_a_note(tmp_path):
    path = tmp_path / "town.osm"
    town = OsmTown("A 0 0; B 100 0; C 500 0; D 600 0; E 700 0", "1 A-B; 2 C>D; 3 D-E")
    path.write_text(town.xml(), encoding="utf-8")
    graph, notes = read_network_with_notes(str(path))
    assert graph.edge_count == 5
    assert notes == (
        "the network is in 2 pieces that no road joins; the largest has 3 of 5 edges (60.0%)",
    )


def test_a_real_city_and_its_pieces():
    graph = real_network("heidelberg.osm.pbf")
    count, labels = by_scipy(graph)
    largest = int(np.bincount(labels[graph.edge_from]).max())
    assert f"in {count} pieces" in note_on_pieces(graph)
    assert f"has {largest} of" in note_on_pieces(graph)
    assert largest / graph.edge_count == pytest.approx(0.99, abs=0.02)
