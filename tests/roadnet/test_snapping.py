"""The edge index answers like a search of every segment."""

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from roadnet.assemble import assemble_graph
from roadnet.geodesy import local_plane
from roadnet.snapping import EdgeIndex
from roadnet.types import NO_EDGE
from roadnet.ways import Way
from tests.roadnet.towns import grid_town, town

BENT = town(
    "A 0 0; B 300 0; C 300 -400",
    "A-(100,0)-(100,80)-B primary name=Bent; B>C residential name=Down",
)

metres = st.integers(-600, 600)


@st.composite
def towns_of_chains(draw):
    """A few streets of random points in metres, some one-way, possibly very long."""
    spread = draw(st.sampled_from([60, 600, 20_000]))
    place = st.tuples(st.integers(-spread, spread), st.integers(-spread, spread))
    plane = local_plane(114.0, 27.0)
    ways = []
    for number in range(draw(st.integers(1, 6))):
        chain = draw(st.lists(place, min_size=2, max_size=5, unique=True))
        x, y = np.array(chain, dtype=np.float64).T
        lon, lat = plane.to_lonlat(x, y)
        ids = np.arange(len(chain), dtype=np.int64) + 1 + 100 * number
        ways.append(Way(lon, lat, ids, 11, 50.0, oneway=draw(st.sampled_from([-1, 0, 1]))))
    return assemble_graph(ways), spread


def brute_force(graph, lon, lat):
    """Distance of every edge from a place, by shapely, on a plane through the place."""
    plane = local_plane(lon, lat)
    lines = []
    for edge in range(graph.edge_count):
        points = graph.geometry(edge)
        lines.append(shapely.LineString(np.column_stack(plane.to_xy(points[:, 0], points[:, 1]))))
    return shapely.distance(lines, shapely.Point(0, 0)), lines


@settings(max_examples=150, deadline=None)
@given(towns_of_chains(), st.floats(-1.2, 1.2), st.floats(-1.2, 1.2), st.sampled_from([5, 60, 500]))
def test_near_finds_what_a_search_of_every_edge_finds(made, east, north, radius_m):
    graph, spread = made
    lon, lat = local_plane(114.0, 27.0).to_lonlat(east * spread, north * spread)
    near = EdgeIndex(graph).near(float(lon), float(lat), radius_m)
    distance_m, lines = brute_force(graph, float(lon), float(lat))
    certain = np.flatnonzero(distance_m < radius_m - 1e-6)
    possible = np.flatnonzero(distance_m < radius_m + 1e-6)
    assert set(certain) <= set(near.edges.tolist()) <= set(possible)
    assert len(set(near.edges.tolist())) == near.edges.shape[0]
    assert near.distance_m == pytest.approx(distance_m[near.edges], abs=1e-6)
    assert (np.diff(near.distance_m) >= 0.0).all()
    plane = local_plane(float(lon), float(lat))
    for edge, offset_m, lon_there, lat_there in zip(
        near.edges, near.offset_m, near.lon, near.lat, strict=True
    ):
        length_m = graph.edge_length_m[edge]
        assert 0.0 <= offset_m <= length_m
        # The point named lies on the edge, and at the metre named (the plane bends over 20 km).
        x, y = plane.to_xy(lon_there, lat_there)
        assert lines[edge].distance(shapely.Point(x, y)) < 1e-6
        share = lines[edge].project(shapely.Point(x, y), normalized=True)
        assert share * length_m == pytest.approx(offset_m, abs=1e-3 * spread)


@given(metres, metres)
@example(100, 80)
@example(0, 0)
def test_both_directions_of_a_street_meet_at_one_point(x, y):
    graph = BENT.graph
    ((lon, lat),) = BENT.lonlat((x, y))
    near = EdgeIndex(graph).near(lon, lat, 2000.0)
    assert sorted(near.edges.tolist()) == list(range(graph.edge_count))
    at = {int(edge): place for place, edge in enumerate(near.edges)}
    for edge, back in enumerate(graph.edge_reverse.tolist()):
        if back == NO_EDGE:
            continue
        there, opposite = at[edge], at[back]
        assert near.distance_m[there] == near.distance_m[opposite]
        assert (near.lon[there], near.lat[there]) == (near.lon[opposite], near.lat[opposite])
        length_m = graph.edge_length_m[edge]
        assert near.offset_m[there] + near.offset_m[opposite] == pytest.approx(length_m)
        turn = abs(near.bearing_deg[there] - near.bearing_deg[opposite])
        assert turn == pytest.approx(180.0)


def test_distance_offset_and_bearing_of_a_known_place():
    ((lon, lat),) = BENT.lonlat((320.0, -150.0))
    near = EdgeIndex(BENT.graph).near(lon, lat, 50.0)
    assert near.edges.tolist() == BENT.street("Down")
    assert near.distance_m[0] == pytest.approx(20.0, abs=0.01)
    assert near.offset_m[0] == pytest.approx(150.0, abs=0.01)
    assert near.bearing_deg[0] == pytest.approx(180.0)


def test_the_radius_is_the_limit():
    index = EdgeIndex(BENT.graph)
    ((lon, lat),) = BENT.lonlat((340.0, -200.0))
    exact = index.near(lon, lat, 100.0).distance_m[0]
    assert index.near(lon, lat, exact).edges.shape[0] == 1
    assert index.near(lon, lat, np.nextafter(exact, 0.0)).edges.shape[0] == 0


@pytest.mark.parametrize(
    "place", [(np.nan, 27.81), (114.39, np.nan), (np.inf, 27.81), (114.39, -np.inf), (0.0, 0.0)]
)
def test_nothing_is_near_no_place_and_far_away(place):
    assert EdgeIndex(BENT.graph).near(*place, 100.0).edges.shape[0] == 0


def test_more_edges_than_the_first_buffer_holds():
    crowd = grid_town(12, 12, 20.0)
    ((lon, lat),) = crowd.lonlat((110.0, 110.0))
    near = EdgeIndex(crowd.graph).near(lon, lat, 1000.0)
    assert sorted(near.edges.tolist()) == list(range(crowd.graph.edge_count))


def test_the_nearest_edge_is_found_from_far_away():
    ((lon, lat),) = BENT.lonlat((300.0, -8400.0))
    near = EdgeIndex(BENT.graph).nearest(lon, lat)
    assert near.edges.tolist() == BENT.street("Down")
    assert near.distance_m[0] == pytest.approx(8000.0, rel=1e-3)
    assert EdgeIndex(BENT.graph).nearest(lon, lat, 7000.0).edges.shape[0] == 0


def test_a_network_without_roads_has_nothing_near():
    index = EdgeIndex(assemble_graph([]))
    assert index.near(114.39, 27.81, 1000.0).edges.shape[0] == 0


def test_the_index_cannot_be_changed():
    index = EdgeIndex(BENT.graph)
    with pytest.raises(ValueError, match="read-only"):
        index.points[0, 0] = 0.0
