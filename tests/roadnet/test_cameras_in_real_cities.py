"""Cameras put at known approaches of real cities, with survey noise, are linked there or flagged."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from roadnet.cameras import CameraSite, link_cameras
from roadnet.coverage import cameras_on_path, touched_intersections
from roadnet.geodesy import METRES_PER_DEGREE
from roadnet.headings import Headings
from roadnet.intersections import find_intersections
from roadnet.paths import Path as RoadPath
from roadnet.snapping import EdgeIndex
from roadnet.types import ROAD_CLASSES
from tests.roadnet.real_data import real_network

NOISE_M = 8.0  # standard deviation, east and north
NOISE_DEG = 12.0
CAMERAS = 1500


@cache
def roads_of(city):
    graph = real_network(f"{city}.osm.pbf")
    return graph, find_intersections(graph), EdgeIndex(graph)


def surveyed(graph, intersections, seed):
    """Cameras at most 30 m before, and in the nearer half of the block, of main roads' approaches."""
    rng = np.random.default_rng(seed)
    approaches = intersections.approach_edges
    main = graph.edge_class[approaches] < ROAD_CLASSES.index("unclassified")
    edges = rng.choice(approaches[main], CAMERAS)
    length = graph.edge_length_m[edges]
    headings = Headings(graph)
    lon, lat = headings.places(edges, length - rng.random(CAMERAS) * np.minimum(30.0, length / 2))
    east, north = rng.normal(0.0, NOISE_M, (2, CAMERAS))
    lon = lon + east / (METRES_PER_DEGREE * np.cos(np.radians(lat)))
    lat = lat + north / METRES_PER_DEGREE
    bearing = headings.arriving(edges) + rng.normal(0.0, NOISE_DEG, CAMERAS)
    rows = zip(lon.tolist(), lat.tolist(), bearing.tolist(), strict=True)
    return edges, [CameraSite(f"C{number}", *row) for number, row in enumerate(rows)]


@pytest.mark.parametrize("city", ["heidelberg", "porto", "beijing"])
def test_995_of_1000_are_right_or_flagged(city):
    graph, intersections, index = roads_of(city)
    edges, sites = surveyed(graph, intersections, seed=2026)
    links = link_cameras(graph, intersections, index, sites)
    right = np.array([edge in links.approaches(site) for site, edge in enumerate(edges)])
    flagged = np.array([bool(doubts) for doubts in links.doubts])
    print(  # noqa: T201 - `pytest -s` shows the figures that the limits below stand for
        f"\n{city}: {right.mean():.1%} right, {flagged.mean():.1%} flagged, "
        f"{(right | flagged).mean():.1%} right or flagged, "
        f"{right[~flagged].mean():.1%} of the others right"
    )
    assert (right | flagged).mean() >= 0.995
    assert right.mean() >= 0.985
    assert flagged.mean() <= 0.03
    # What a camera belongs to besides is close by, and the exception.
    assert (np.diff(links.also_offsets) > 0).mean() <= 0.25


def drive_over(graph, edge, blocks=4):
    """A drive over an edge that begins some edges before it and goes on behind it, if it can."""
    drive = [edge]
    for _ in range(blocks):
        node = graph.edge_from[drive[0]]
        entering = graph.in_edges[graph.in_offsets[node] : graph.in_offsets[node + 1]]
        before = [e for e in entering.tolist() if e != graph.edge_reverse[drive[0]]]
        drive = [*before[:1], *drive]
        node = graph.edge_to[drive[-1]]
        leaving = range(int(graph.out_offsets[node]), int(graph.out_offsets[node + 1]))
        drive += [e for e in leaving if e != graph.edge_reverse[drive[-1]]][:1]
    return RoadPath(np.array(drive, np.int32), 0.0, float(graph.edge_length_m[drive[-1]]))


def test_a_drive_over_an_approach_covers_the_cameras_that_look_at_it():
    graph, intersections, index = roads_of("heidelberg")
    edges, sites = surveyed(graph, intersections, seed=7)
    links = link_cameras(graph, intersections, index, sites)
    in_the_middle = 0
    for site, edge in enumerate(edges.tolist()):
        if edge not in links.approaches(site):
            continue
        path = drive_over(graph, edge)
        assert site in cameras_on_path(graph, intersections, links, path).site
        touched = touched_intersections(graph, intersections, path).intersection
        in_the_middle += links.intersection[site] not in touched[[0, -1]]
    assert in_the_middle > CAMERAS / 2


def test_links_are_the_same_each_time_and_in_any_order():
    graph, intersections, index = roads_of("heidelberg")
    _, sites = surveyed(graph, intersections, seed=3)
    sites = sites[:400]
    links = link_cameras(graph, intersections, index, sites)
    again = link_cameras(graph, find_intersections(graph), EdgeIndex(graph), sites)
    turned = link_cameras(graph, intersections, index, sites[::-1])
    for name in ("kind", "intersection", "edge", "offset_m", "distance_m", "rival_edge", "score"):
        np.testing.assert_array_equal(getattr(links, name), getattr(again, name))
        np.testing.assert_array_equal(getattr(links, name), getattr(turned, name)[::-1])
    assert links.doubts == again.doubts == turned.doubts[::-1]
    np.testing.assert_array_equal(links.approach_edges, again.approach_edges)
