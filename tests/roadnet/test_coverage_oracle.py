"""Intersections, approaches, links and coverage equal a brute force on random towns."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from roadnet.cameras import INTERSECTION, UNLINKED, CameraSite, link_cameras
from roadnet.coverage import cameras_on_path, touched_intersections
from roadnet.headings import Headings
from roadnet.intersections import find_intersections
from roadnet.paths import Path
from roadnet.snapping import EdgeIndex
from tests.oracles.coverage import OracleCamera
from tests.roadnet.oracle_towns import drives, oracle_of, town_of, towns

WORLDS = settings(
    max_examples=350,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def node_sets(found):
    members = zip(found.node_offsets[:-1], found.node_offsets[1:], strict=True)
    return [frozenset(found.nodes[begin:end].tolist()) for begin, end in members]


@st.composite
def cameras(draw, graph):
    """Cameras on edges, or some metres beside them."""
    sites = []
    headings = Headings(graph)
    for number in range(draw(st.integers(1, 6))):
        edge = np.array([draw(st.integers(0, graph.edge_count - 1))])
        at_m = draw(st.sampled_from((0.03, 0.2, 0.48, 0.8, 1.0))) * graph.edge_length_m[edge]
        lon, lat = headings.places(edge, at_m)
        turned = draw(st.sampled_from((0.0, 0.0, 21.0, -38.0, 71.0, 180.0, None)))
        bearing = None if turned is None else float(headings.around(edge, at_m)[0]) + turned
        aside = draw(st.sampled_from((0.0, 0.0, 4e-5, -4e-5)))
        sites.append(CameraSite(f"C{number}", float(lon[0]) + aside, float(lat[0]), bearing))
    return sites


@WORLDS
@given(towns())
def test_intersections_and_approaches_equal_brute_force(drawn):
    graph = town_of(*drawn)
    assume(graph.edge_count > 0)
    found, oracle = find_intersections(graph), oracle_of(graph)
    assert sorted(node_sets(found), key=sorted) == oracle.groups
    for number, group in enumerate(node_sets(found)):
        assert set(found.approaches(number).tolist()) == oracle.approaches(group)


@WORLDS
@given(towns(), st.randoms(use_true_random=False))
def test_intersections_do_not_depend_on_the_numbering_of_nodes(drawn, random):
    places, roads = drawn
    ids = list(range(1, len(places) + 1))
    random.shuffle(ids)

    def by_place(graph):
        lonlat = np.column_stack((graph.node_lon, graph.node_lat)).round(9)
        return {
            frozenset(map(tuple, lonlat[sorted(nodes)].tolist()))
            for nodes in node_sets(find_intersections(graph))
        }

    assert by_place(town_of(places, roads)) == by_place(town_of(places, roads, ids))


@WORLDS
@given(towns(), st.data())
def test_links_and_coverage_equal_brute_force(drawn, data):
    graph = town_of(*drawn)
    assume(graph.edge_count > 0)
    found, oracle = find_intersections(graph), oracle_of(graph)
    groups = node_sets(found)
    sites = data.draw(cameras(graph))
    links = link_cameras(graph, found, EdgeIndex(graph), sites)
    assert UNLINKED not in links.kind

    watched = []
    for place, site in enumerate(sites):
        edge, at_m = int(links.edge[place]), float(links.offset_m[place])
        ahead, to_m = oracle.along(edge, at_m, forward=True, limit_m=50)
        behind, since_m = oracle.along(edge, at_m, forward=False, limit_m=50)
        nodes = ()
        if links.kind[place] == INTERSECTION:
            own = groups[links.intersection[place]]
            assert own in (ahead, behind)
            owns = [own, *(groups[number] for number in links.also(place))]
            nodes = tuple(min(group) for group in owns)
            looked_at = set().union(*(oracle.looked_at(one, site.bearing_deg) for one in owns))
            assert set(links.approaches(place).tolist()) == looked_at
        else:
            assert ahead is behind is None, (to_m, since_m)
        watched.append(OracleCamera(site.bearing_deg, edge, at_m, nodes))

    edges, start_m, end_m = data.draw(drives(graph))
    path = Path(np.array(edges, dtype=np.int32), start_m, end_m)
    touched = touched_intersections(graph, found, path)
    assert [groups[number] for number in touched.intersection] == [
        group for group, _ in oracle.touched(edges, start_m, end_m)
    ]
    covered = cameras_on_path(graph, found, links, path)
    assert sorted(covered.site.tolist()) == [
        place
        for place, camera in enumerate(watched)
        if oracle.covers(camera, edges, start_m, end_m)
    ]
    assert np.all(np.diff(covered.distance_m) >= 0.0)
    assert np.all((covered.distance_m >= 0) & (covered.distance_m <= path.length_m(graph)))
