"""The routes that a change touches, beside the slow way of looking at each."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from roadnet.affected import RouteIndex
from roadnet.cameras import CameraSite, link_cameras
from roadnet.coverage import cameras_on_path
from roadnet.edge_path import Path
from roadnet.intersections import find_intersections
from roadnet.paths import Router
from roadnet.snapping import EdgeIndex
from tests.roadnet.towns import grid_town

GRID = grid_town(5, 4, 130.0)
FOUND = find_intersections(GRID.graph)
INDEX = EdgeIndex(GRID.graph)
ROUTER = Router(GRID.graph, weight="length")
NODES = st.integers(0, GRID.graph.node_count - 1)
SHARES = st.floats(0.0, 1.0)
SITES = st.builds(
    lambda x, y, bearing: CameraSite("c", *map(float, GRID.lonlat((x, y))[0]), bearing),
    st.integers(-20, 540),
    st.integers(-20, 410),
    st.one_of(st.none(), st.integers(0, 359).map(float)),
)


@st.composite
def routes(draw):
    """Shortest paths, begun and ended anywhere on their first and last edge."""
    paths = []
    for first, last in draw(st.lists(st.tuples(NODES, NODES), min_size=1, max_size=12)):
        path = ROUTER.path(first, last)
        if path.edges.size < 2:
            continue
        start = draw(SHARES) * float(GRID.graph.edge_length_m[path.edges[0]])
        end = draw(SHARES) * float(GRID.graph.edge_length_m[path.edges[-1]])
        paths.append(Path(path.edges, start, end))
    return paths


def slowly(paths, site):
    links = link_cameras(GRID.graph, FOUND, INDEX, [site])
    return [
        place
        for place, path in enumerate(paths)
        if cameras_on_path(GRID.graph, FOUND, links, path).site.size
    ]


@settings(max_examples=120, deadline=None)
@given(routes(), SITES, SITES)
def test_cameras_added_moved_and_retired_touch_the_routes_that_cover_them(paths, old, new):
    index = RouteIndex(GRID.graph, FOUND, paths)
    before, after = slowly(paths, old), slowly(paths, new)
    assert index.camera_added(INDEX, new).tolist() == after
    links = link_cameras(GRID.graph, FOUND, INDEX, [old, new])
    assert index.with_camera(links, 0).tolist() == before
    moved = index.camera_moved(INDEX, old, new)
    assert moved.gained.tolist() == sorted(set(after) - set(before))
    assert moved.lost.tolist() == sorted(set(before) - set(after))


@settings(max_examples=60, deadline=None)
@given(routes(), st.sets(st.integers(0, GRID.graph.edge_count - 1), max_size=5))
def test_closed_streets_touch_the_routes_that_drive_them(paths, edges):
    expected = []
    for place, path in enumerate(paths):
        driven = set(path.edges.tolist()[1:-1])
        if path.start_offset_m < GRID.graph.edge_length_m[path.edges[0]]:
            driven.add(int(path.edges[0]))
        if path.end_offset_m > 0.0:
            driven.add(int(path.edges[-1]))
        if driven & edges:
            expected.append(place)
    index = RouteIndex(GRID.graph, FOUND, paths)
    assert index.over_edges(sorted(edges)).tolist() == expected


def test_no_routes_are_no_trouble():
    index = RouteIndex(GRID.graph, FOUND, [])
    assert index.over_edges([0, 1]).size == 0
    assert index.camera_added(INDEX, CameraSite("c", 114.39, 27.81, None)).dtype == np.int32
