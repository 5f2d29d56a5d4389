"""OpenLR: bytes as the white paper has them, and paths found again on this and the next edition."""

from __future__ import annotations

import base64
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadnet.edge_path import Path
from roadnet.openlr import OpenlrCodec
from roadnet.openlr_bytes import (
    LineReference,
    OpenlrError,
    ReferencePoint,
    from_base64,
    to_base64,
)
from roadnet.paths import Router
from tests.roadnet.real_data import real_network
from tests.roadnet.towns import grid_town

POINTS = st.builds(
    ReferencePoint,
    st.floats(6.0, 6.2),
    st.floats(49.0, 49.2),
    frc=st.integers(0, 7),
    fow=st.integers(0, 7),
    bearing=st.integers(0, 31),
    lowest_frc=st.integers(0, 7),
    distance=st.integers(0, 255),
)


@given(st.lists(POINTS, min_size=2, max_size=6), st.integers(0, 255), st.integers(0, 255))
def test_what_is_written_is_read(points, positive, negative):
    points[-1] = replace(points[-1], lowest_frc=0, distance=0)
    text = to_base64(LineReference(tuple(points), positive, negative))
    read = from_base64(text)
    assert (read.positive_offset, read.negative_offset) == (positive, negative)
    for wrote, found in zip(points, read.points, strict=True):
        assert (found.lon, found.lat) == pytest.approx((wrote.lon, wrote.lat), abs=3e-5)
        assert replace(found, lon=wrote.lon, lat=wrote.lat) == wrote


def test_the_bytes_lie_where_the_white_paper_puts_them():
    first = ReferencePoint(6.12683, 49.60851, 3, 3, 4, lowest_frc=3, distance=14)
    last = ReferencePoint(6.12838, 49.60398, 3, 3, 20)
    data = base64.b64decode(to_base64(LineReference((first, last), 0, 86)))
    assert data[0] == 0x0B
    assert int.from_bytes(data[1:4], "big") == int(0.5 + 6.12683 * 2**24 / 360)
    assert int.from_bytes(data[4:7], "big") == int(0.5 + 49.60851 * 2**24 / 360)
    assert data[7:10] == bytes((3 << 3 | 3, 3 << 5 | 4, 14))
    assert abs(int.from_bytes(data[10:12], "big", signed=True) - 155) <= 1
    assert abs(int.from_bytes(data[12:14], "big", signed=True) + 453) <= 1
    assert data[14:] == bytes((3 << 3 | 3, 1 << 5 | 20, 86))


@pytest.mark.parametrize(
    "text",
    ["", "?", "AAAA", "CwRbWyNG", base64.b64encode(b"\x0b" + b"\0" * 16).decode(), "CwRbWyNGig=="],
)
def test_a_broken_reference_is_refused(text):
    with pytest.raises(OpenlrError) as caught:
        from_base64(text)
    assert caught.value.code == "openlr_malformed"


def test_paths_of_a_grid_are_found_again_with_their_offsets():
    place = grid_town(6, 5, 150.0)
    codec = OpenlrCodec(place.graph)
    for text in ("n0_0-n1_0", "n0_0-n1_0-n1_1-n2_1-n2_2-n3_2", "n0_0-n0_1-n1_1"):
        path = Path(np.array(place.path(text)), 40.0, 110.0)
        found = codec.decode(codec.encode(path))
        assert found.edges.tolist() == path.edges.tolist()
        assert (found.start_offset_m, found.end_offset_m) == pytest.approx((40, 110), abs=1.0)


def test_a_path_elsewhere_and_one_without_edges_are_refused():
    place = grid_town(3, 3)
    elsewhere = grid_town(3, 3, 300.0)
    text = OpenlrCodec(elsewhere.graph).encode(Path(np.array(elsewhere.path("n1_1-n2_1")), 0, 300))
    with pytest.raises(OpenlrError, match="no way"):
        OpenlrCodec(place.graph).decode(text)
    with pytest.raises(OpenlrError, match="no edge"):
        OpenlrCodec(place.graph).encode(Path(np.empty(0), 0.0, 0.0))


@pytest.fixture(scope="module")
def heidelberg():
    return real_network("heidelberg.osm.pbf")


def lorry_paths(graph, count):
    router, rng = Router(graph, landmarks=8), np.random.default_rng(7)
    while count:
        path = router.path(*rng.integers(0, graph.node_count, 2).tolist())
        if path is not None and path.edges.size > 2:
            count -= 1
            yield path


def test_lorry_paths_of_a_real_city_are_found_again(heidelberg):
    codec = OpenlrCodec(heidelberg)
    found = [
        np.array_equal(codec.decode(codec.encode(path)).edges, path.edges)
        for path in lorry_paths(heidelberg, 100)
    ]
    assert sum(found) >= 0.99 * len(found)


def test_they_are_found_on_an_edition_that_is_metres_off(heidelberg):
    rng = np.random.default_rng(3)
    moved = {}
    for name in ("node", "geometry"):
        for axis, scale in (("lon", 2.0 / 72_000), ("lat", 2.0 / 111_000)):
            old = getattr(heidelberg, f"{name}_{axis}")
            moved[f"{name}_{axis}"] = old + rng.normal(0.0, scale, old.shape)
    old, new = OpenlrCodec(heidelberg), OpenlrCodec(replace(heidelberg, **moved))
    found = [
        np.array_equal(new.decode(old.encode(path)).edges, path.edges)
        for path in lorry_paths(heidelberg, 100)
    ]
    assert sum(found) >= 0.9 * len(found)
