"""Random ways over a small lattice, that meet, branch, turn back on themselves and run in parallel."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from roadnet.geodesy import local_plane
from roadnet.types import (
    FLAG_BRIDGE,
    FLAG_DESTINATION,
    FLAG_NO_GOODS,
    FLAG_ROUNDABOUT,
    FLAG_TUNNEL,
    ROAD_CLASSES,
)
from roadnet.ways import Way

SIDE = 4
_LAW = st.sampled_from((0, FLAG_NO_GOODS, FLAG_DESTINATION))
_BUILT = st.sets(st.sampled_from((FLAG_BRIDGE, FLAG_TUNNEL, FLAG_ROUNDABOUT))).map(sum)


def place_of(node_id: int) -> tuple[float, float]:
    """Lon and lat of a node id; ids that differ by SIDE * SIDE are at one place."""
    place = abs(node_id) % (SIDE * SIDE)
    x, y = place % SIDE * 120.0, place // SIDE * 90.0 + place % 3
    lon, lat = local_plane(114.39, 27.81).to_lonlat(x, y)
    return float(lon), float(lat)


@st.composite
def ways(draw: st.DrawFn, *, least_id: int = 1, most_id: int = SIDE * SIDE) -> list[Way]:
    """Draw up to eight ways; signals stand at the same nodes in all of them."""
    ids = st.integers(least_id, most_id)
    signals = draw(st.sets(ids, max_size=3))
    drawn = []
    for _ in range(draw(st.integers(0, 8))):
        nodes = draw(st.lists(ids, min_size=2, max_size=6))
        lon, lat = np.array([place_of(node) for node in nodes]).T
        drawn.append(
            Way(
                lon=lon.copy(),
                lat=lat.copy(),
                node_ids=np.array(nodes, dtype=np.int64),
                road_class=draw(st.integers(0, len(ROAD_CLASSES) - 1)),
                speed_kmh=float(draw(st.one_of(st.integers(5, 130), st.floats(1, 200, width=32)))),
                oneway=draw(st.sampled_from((-1, 0, 0, 1))),
                flags=draw(_LAW) | draw(_BUILT),
                layer=draw(st.integers(-3, 3)),
                way_id=draw(st.integers(0, 4)),
                name=draw(st.sampled_from(("", "Main Street", "滨江路", "Rua dos Três"))),
                signals=np.array([node in signals for node in nodes]),
            )
        )
    return drawn
