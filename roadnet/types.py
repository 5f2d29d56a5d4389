"""Index types, dtypes and sentinels shared by every part of roadnet."""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
Float32Array: TypeAlias = npt.NDArray[np.float32]
IndexArray: TypeAlias = npt.NDArray[np.int32]
OffsetArray: TypeAlias = npt.NDArray[np.int64]
IdArray: TypeAlias = npt.NDArray[np.int64]
ByteArray: TypeAlias = npt.NDArray[np.uint8]
LayerArray: TypeAlias = npt.NDArray[np.int8]
BoolArray: TypeAlias = npt.NDArray[np.bool_]

NO_NODE: Final = -1
NO_EDGE: Final = -1
NO_OSM_ID: Final = 0

# OSM highway values that a vehicle drives on, in falling rank; the code of a class is its place.
ROAD_CLASSES: Final = (
    "motorway",
    "motorway_link",
    "trunk",
    "trunk_link",
    "primary",
    "primary_link",
    "secondary",
    "secondary_link",
    "tertiary",
    "tertiary_link",
    "unclassified",
    "residential",
    "living_street",
    "service",
    "track",
    "road",
)

# Bits of RoadGraph.edge_flags.
FLAG_BRIDGE: Final = 1
FLAG_TUNNEL: Final = 2
FLAG_ROUNDABOUT: Final = 4
FLAG_NO_GOODS: Final = 8  # access, motor_vehicle, goods or hgv forbids lorries to drive through
FLAG_DESTINATION: Final = 16  # lorries only with a destination in the street
FLAG_SIGNALS: Final = 32  # traffic signals at the node that the edge enters
