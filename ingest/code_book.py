"""The ids that rules know, for turning the camera of a hit into a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from ingest.hits import CAMERA_MISSING, CodeArray
from ingest.text_kernels import fill_slots, find_codes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.plate_keys import PlateKeys
    from ingest.text_columns import TextColumn

_FEWEST_SLOTS: Final = 8


class CodeBook:
    """Camera ids with their places, and the plate keys, that hits are read against.

    May be read from several threads at once.

    Parameters
    ----------
    camera_ids
        Distinct, without blanks around them; a camera's code is its place here.
    plate_keys
        Where plates that do not pack get their keys.

    Raises
    ------
    ValueError
        A camera id stands twice.
    """

    def __init__(self, camera_ids: Sequence[str], plate_keys: PlateKeys) -> None:
        self.camera_ids = tuple(camera_ids)
        self.plate_keys = plate_keys
        texts = [camera_id.encode() for camera_id in self.camera_ids]
        self._known: npt.NDArray[np.uint8] = np.frombuffer(b"".join(texts) + b"\0", dtype=np.uint8)
        offsets = np.cumsum([0, *map(len, texts)], dtype=np.int64)
        size = max(_FEWEST_SLOTS, 1 << (2 * len(texts)).bit_length())
        self._slots: npt.NDArray[np.uint64] = np.zeros((size, 4), dtype=np.uint64)
        twice = fill_slots(self._known, offsets, self._slots)
        if twice >= 0:
            raise ValueError(f"camera id {self.camera_ids[twice]!r} stands twice")

    def camera_codes(self, column: TextColumn) -> CodeArray:
        """Return (n,) int32 places of trimmed ids, CAMERA_UNKNOWN or CAMERA_MISSING."""
        codes = np.empty(len(column), dtype=np.int32)
        find_codes(
            column.heads,
            column.inline,
            column.data,
            column.buffer_starts,
            self._known,
            self._slots,
            CAMERA_MISSING,
            codes,
        )
        return codes
