"""The area of a restriction holds its street, whatever the street looks like."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcement.city_files.settings_file import CitySettings
from enforcement.city_import.restrictions import check_restrictions, restrictions_of
from roadnet.geodesy import local_plane
from roadnet.importers.restricted_ways import RestrictedWay

BAN = {"highway": "residential", "hgv:conditional": "no @ (Mo-Fr 07:00-19:00)"}
PLANE = local_plane(114.39, 27.81)

metres = st.integers(-400, 400).map(float)
points = st.tuples(metres, metres)
lines = st.lists(points, min_size=2, max_size=8).filter(
    lambda line: all(a != b for a, b in pairwise(line))
)


def way(way_id: int, line: list[tuple[float, float]]) -> RestrictedWay:
    xy = np.array(line)
    lonlat = np.column_stack(PLANE.to_lonlat(xy[:, 0], xy[:, 1]))
    refs = tuple(hash(place) for place in line)  # equal places are one node
    return RestrictedWay(way_id, BAN, refs, (lonlat,))


@given(st.lists(lines, min_size=1, max_size=4), st.sampled_from((8.0, 20.0)))
@settings(deadline=None)
def test_every_street_lies_in_its_area(
    streets: list[list[tuple[float, float]]], width: float
) -> None:
    ways = [way(number, line) for number, line in enumerate(streets, 1)]
    found = restrictions_of(ways, CitySettings(), width_m=width)
    assert check_restrictions(found.restrictions, CitySettings()) == ((), ())
    ids = [one for restriction in found.restrictions for one in restriction.way_ids]
    assert sorted(ids) == list(range(1, len(streets) + 1))  # each in one restriction
    names = [one.feature["properties"]["restriction_id"] for one in found.restrictions]
    assert len(set(names)) == len(names)
    for restriction in found.restrictions:
        area = shapely.geometry.shape(restriction.feature["geometry"])
        for way_id in restriction.way_ids:
            line = shapely.LineString(ways[way_id - 1].lines[0])
            inside = line.interpolate(np.linspace(0.02, 0.98, 25), normalized=True)
            assert shapely.dwithin(area, inside, 1e-6).all()  # a decimetre


def test_ways_that_share_a_node_are_one_and_others_are_not() -> None:
    cross = [way(3, [(0, 0), (100, 0)]), way(1, [(0, 0), (0, 100)]), way(2, [(0, 300), (9, 300)])]
    found = restrictions_of(cross, CitySettings())
    assert [one.way_ids for one in found.restrictions] == [(1, 3), (2,)]
    named = [one._replace(tags=BAN | {"name": "Ring"}) for one in cross]
    near, far = (
        named[2],
        named[2]._replace(way_id=9, lines=(named[2].lines[0] + 0.01,), refs=(7, 8)),
    )
    found = restrictions_of([*named[:2], near, far], CitySettings())
    assert [one.way_ids for one in found.restrictions] == [(1, 2, 3), (9,)]
