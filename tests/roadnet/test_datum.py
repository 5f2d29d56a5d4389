from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roadnet.datum import BD09, DATUMS, GCJ02, INVERSE_DEG, WGS84, from_wgs84, to_wgs84
from roadnet.errors import RoadnetError
from roadnet.geodesy import haversine_m

# Mainland China lies in these, well inside the rectangle of the formula.
LON, LAT = st.floats(73.5, 135.1), st.floats(3.8, 53.6)


def one(lon: float, lat: float) -> tuple[np.ndarray, np.ndarray]:
    return np.array([lon]), np.array([lat])


@pytest.mark.parametrize(
    ("datum", "wgs", "shifted"),
    [
        # The test points of googollee/eviltransform.
        (GCJ02, (121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        (GCJ02, (113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        (GCJ02, (116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
        # Those of wandergis/coordtransform and its ports.
        (GCJ02, (116.404, 39.915), (116.41024449916938, 39.91640428150164)),
        (BD09, (116.404, 39.915), (116.41662724378733, 39.922699552216216)),
    ],
)
def test_published_points(datum, wgs, shifted):
    lon, lat = from_wgs84(*one(*wgs), datum)
    assert (lon[0], lat[0]) == pytest.approx(shifted, abs=1e-11)
    lon, lat = to_wgs84(*one(*shifted), datum)
    assert (lon[0], lat[0]) == pytest.approx(wgs, abs=INVERSE_DEG)


@given(LON, LAT, st.sampled_from(DATUMS))
@example(105.0, 35.0, GCJ02)  # where the formula has its origin, and a kink
@example(105.0000001, 34.9999999, BD09)
@example(-0.0065, 0.006, WGS84)
def test_there_and_back(lon, lat, datum):
    there = from_wgs84(*one(lon, lat), datum)
    back_lon, back_lat = to_wgs84(*there, datum)
    assert back_lon[0] == pytest.approx(lon, abs=INVERSE_DEG)
    assert back_lat[0] == pytest.approx(lat, abs=INVERSE_DEG)


@given(LON, LAT)
def test_gcj02_is_hundreds_of_metres_away_and_bd09_farther(lon, lat):
    gcj = from_wgs84(*one(lon, lat), GCJ02)
    shift_m = haversine_m(lon, lat, gcj[0], gcj[1])[0]
    assert 10.0 < shift_m < 1200.0
    bd_m = haversine_m(gcj[0], gcj[1], *from_wgs84(*one(lon, lat), BD09))[0]
    assert 300.0 < bd_m < 1500.0


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        (8.69, 49.41),
        (-74.0, 40.7),
        (72.0, 30.0),
        (137.9, 30.0),
        (100.0, 0.8),
        (100.0, 56.0),
        (0, 90),
    ],
)
def test_gcj02_is_wgs84_outside_china(lon, lat):
    assert from_wgs84(*one(lon, lat), GCJ02) == one(lon, lat)
    assert to_wgs84(*one(lon, lat), GCJ02) == one(lon, lat)


def test_arrays_inside_and_outside_at_once_keep_their_shape_and_nan_stays():
    lon = np.array([[116.4, 8.7], [np.nan, 121.5]])
    lat = np.array([[39.9, 49.4], [np.nan, 31.2]])
    for datum in (GCJ02, BD09):
        back_lon, back_lat = to_wgs84(*from_wgs84(lon, lat, datum), datum)
        np.testing.assert_allclose(back_lon, lon, atol=INVERSE_DEG)
        np.testing.assert_allclose(back_lat, lat, atol=INVERSE_DEG)


def test_wgs84_is_handed_through_unchanged():
    lon, lat = one(116.123456789, 39.987654321)
    assert to_wgs84(lon, lat, WGS84) == (lon, lat)


@pytest.mark.parametrize("change", [to_wgs84, from_wgs84])
def test_an_unknown_datum_is_refused_with_the_known_ones(change):
    with pytest.raises(RoadnetError, match=r"'cgcs2000'.*wgs84, gcj02, bd09") as raised:
        change(*one(116.0, 39.0), "cgcs2000")
    assert raised.value.code == "datum_unknown"
