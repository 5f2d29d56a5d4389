"""The canonical hit: its vocabulary, its Arrow schema, and the batch of arrays that is judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

KeyArray: TypeAlias = npt.NDArray[np.uint64]
CodeArray: TypeAlias = npt.NDArray[np.int32]
SmallCodeArray: TypeAlias = npt.NDArray[np.uint8]
InstantArray: TypeAlias = npt.NDArray[np.int64]
ShareArray: TypeAlias = npt.NDArray[np.float64]

# The code of a vehicle class is its place here.
VEHICLE_CLASSES: Final = (
    "heavy_truck",
    "medium_truck",
    "light_truck",
    "mini_truck",
    "tractor",
    "special",
    "bus",
    "car",
    "motorcycle",
    "other",
    "unknown",
)
UNKNOWN_VEHICLE_CLASS: Final = VEHICLE_CLASSES.index("unknown")

NO_PLATE_CLASS: Final = (
    255  # a plate class that is null; the others are their two digits as a number
)
NO_PLATE: Final = 0  # the key of a plate that is missing or not plausible
CAMERA_MISSING: Final = -2  # no camera_id in the hit
CAMERA_UNKNOWN: Final = -1  # a camera_id that the code book does not hold
NO_INSTANT: Final = np.iinfo(np.int64).min  # captured_at is missing or cannot be read

HIT_SCHEMA: Final = pa.schema(
    [
        ("hit_id", pa.string()),
        ("camera_id", pa.string()),
        ("plate", pa.string()),
        ("captured_at", pa.timestamp("us", tz="UTC")),
        ("plate_class", pa.string()),
        ("plate_colour", pa.string()),
        ("vehicle_class", pa.string()),
        ("speed_kmh", pa.float64()),
        ("direction", pa.string()),
        ("lane", pa.int32()),
        ("confidence", pa.float64()),
        ("image_url", pa.string()),
    ]
)
REQUIRED_COLUMNS: Final = ("camera_id", "plate", "captured_at")


@dataclass(frozen=True, slots=True, eq=False)
class HitBatch:
    """n hits as the matcher takes them.

    Attributes
    ----------
    camera
        (n,) int32 place of the camera_id in the code book, CAMERA_UNKNOWN or CAMERA_MISSING.
    plate_key
        (n,) uint64 packed normalised plate (`ingest.plate_keys`), NO_PLATE when unreadable.
    plate_class
        (n,) uint8, two digits as a number, or NO_PLATE_CLASS.
    vehicle_class
        (n,) uint8 code in VEHICLE_CLASSES, as the camera saw it.
    captured_at_us
        (n,) int64 microseconds since 1970 UTC, or NO_INSTANT.
    confidence
        (n,) float64, 1 where the sender gave none.
    """

    camera: CodeArray
    plate_key: KeyArray
    plate_class: SmallCodeArray
    vehicle_class: SmallCodeArray
    captured_at_us: InstantArray
    confidence: ShareArray

    def __len__(self) -> int:
        """Return the number of hits."""
        return int(self.camera.shape[0])
