from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roadnet.geodesy import (
    EARTH_RADIUS_M,
    METRES_PER_DEGREE,
    angle_between_deg,
    bearing_deg,
    cumulative_m,
    haversine_m,
    local_plane,
    points_at,
    polyline_lengths_m,
)

LON = st.floats(-180.0, 180.0)
LAT = st.floats(-85.0, 85.0)


def unit_vector(lon: float, lat: float) -> np.ndarray:
    lam, phi = math.radians(lon), math.radians(lat)
    return np.array([math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi)])


def test_one_degree_of_a_meridian_and_of_the_equator():
    degree = 2 * math.pi * EARTH_RADIUS_M / 360
    assert haversine_m(10.0, 40.0, 10.0, 41.0) == pytest.approx(degree)
    assert haversine_m(179.5, 0.0, -179.5, 0.0) == pytest.approx(degree)
    assert haversine_m(0.0, 90.0, 0.0, -90.0) == pytest.approx(math.pi * EARTH_RADIUS_M)


@given(LON, LAT, LON, LAT)
@example(0.0, 0.0, 180.0, 0.0)
@example(12.0, -85.0, -168.0, 85.0)
def test_distance_is_the_angle_between_the_vectors_from_the_centre(lon1, lat1, lon2, lat2):
    first, second = unit_vector(lon1, lat1), unit_vector(lon2, lat2)
    angle = math.atan2(np.linalg.norm(np.cross(first, second)), float(first @ second))
    # Near antipodes the haversine loses half of its digits: a few decimetres of 20,000 km.
    assert haversine_m(lon1, lat1, lon2, lat2) == pytest.approx(
        angle * EARTH_RADIUS_M, rel=1e-9, abs=0.5 if angle > 3.1 else 1e-6
    )


@given(LON, LAT, st.floats(0.0, 359.99), st.floats(0.5, 5000.0))
def test_bearing_is_the_direction_in_which_the_second_place_was_set_out(lon, lat, course, far_m):
    reach = far_m / EARTH_RADIUS_M
    phi, turn = math.radians(lat), math.radians(course)
    lat2 = math.asin(
        math.sin(phi) * math.cos(reach) + math.cos(phi) * math.sin(reach) * math.cos(turn)
    )
    lon2 = math.radians(lon) + math.atan2(
        math.sin(turn) * math.sin(reach) * math.cos(phi),
        math.cos(reach) - math.sin(phi) * math.sin(lat2),
    )
    measured = bearing_deg(lon, lat, math.degrees(lon2), math.degrees(lat2))
    assert 0.0 <= measured < 360.0
    assert angle_between_deg(measured, course) < 0.001


def test_bearings_of_the_compass_and_of_nowhere():
    lon2, lat2 = np.array([0.0, 1.0, 0.0, -1.0, 0.0]), np.array([1.0, 0.0, -1.0, 0.0, 0.0])
    assert bearing_deg(0.0, 0.0, lon2, lat2).tolist() == [0.0, 90.0, 180.0, 270.0, 0.0]
    assert bearing_deg(0.0, 0.0, -1e-300, 1.0) == 0.0  # a hair west of north is not 360


@pytest.mark.parametrize(
    ("first", "second", "angle"),
    [(0, 0, 0), (350, 10, 20), (10, 350, 20), (0, 180, 180), (90, 271, 179), (-10, 370, 20)],
)
def test_angle_between_directions(first, second, angle):
    assert angle_between_deg(first, second) == angle


@given(st.floats(-720, 720), st.floats(-720, 720))
def test_an_angle_is_at_most_half_a_turn_whichever_comes_first(first, second):
    angle = angle_between_deg(first, second)
    assert 0.0 <= angle <= 180.0
    assert angle == pytest.approx(angle_between_deg(second, first), abs=1e-9)


@given(LON, st.floats(-80, 80), st.floats(-20_000, 20_000), st.floats(-20_000, 20_000))
@example(179.999, 10.0, 5000.0, 0.0)
def test_the_plane_leads_there_and_back(lon0, lat0, x, y):
    plane = local_plane(lon0, lat0)
    lon, lat = plane.to_lonlat(x, y)
    assert -180.0 <= lon <= 180.0
    back_x, back_y = plane.to_xy(lon, lat)
    assert (back_x, back_y) == (pytest.approx(x, abs=1e-5), pytest.approx(y, abs=1e-5))


@given(LON, st.floats(-60, 60), st.floats(-10_000, 10_000), st.floats(-10_000, 10_000))
def test_the_plane_is_as_accurate_as_it_says(lon0, lat0, x, y):
    lon, lat = local_plane(lon0, lat0).to_lonlat(x, y)
    share = math.tan(math.radians(abs(lat0))) * abs(y) / EARTH_RADIUS_M
    # Besides the stated share of x, what the curvature of the Earth does within 10 km.
    allowed = abs(x) * (share + 1e-5) + 1e-3
    assert haversine_m(lon0, lat0, lon, lat) == pytest.approx(math.hypot(x, y), abs=allowed)


def test_x_is_east_and_y_is_north():
    lon, lat = local_plane(114.0, 28.0).to_lonlat(np.array([100.0, 0.0]), np.array([0.0, 100.0]))
    assert lon[0] > 114.0
    assert lat.tolist() == [28.0, 28.0 + 100.0 / METRES_PER_DEGREE]


def test_metres_along_a_line_and_places_at_them():
    lon, lat = local_plane(114.0, 28.0).to_lonlat(np.array([0, 100, 100]), np.array([0, 0, 50]))
    assert cumulative_m(lon, lat) == pytest.approx([0, 100, 150], abs=0.01)
    at_lon, at_lat = points_at(lon, lat, np.array([-5.0, 50.0, 125.0, 1000.0]))
    x, y = local_plane(114.0, 28.0).to_xy(at_lon, at_lat)
    assert x == pytest.approx([0, 50, 100, 100], abs=0.01)
    assert y == pytest.approx([0, 0, 25, 50], abs=0.01)


def test_lengths_of_many_lines_are_those_of_each():
    lon = np.array([0.0, 1.0, 5.0, 5.0, 5.0])
    lat = np.array([0.0, 0.0, 5.0, 6.0, 8.0])
    assert polyline_lengths_m(lon, lat, np.array([0, 2, 5])) == pytest.approx(
        [METRES_PER_DEGREE, 3 * METRES_PER_DEGREE]
    )
    assert polyline_lengths_m(lon[:0], lat[:0], np.array([0])).shape == (0,)
