"""Jitted kernel: which rows are of the plates that are looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from enforcement.index.plate_table_kernels import filter_bits, mix

if TYPE_CHECKING:
    import numpy.typing as npt

_SIDE_MARK = np.uint64(0b11 << 62)


@njit(cache=True, nogil=True)
def mark_wanted(
    keys: npt.NDArray[np.uint64],
    plate_filter: npt.NDArray[np.uint64],
    sample_mask: int,
    sampled: npt.NDArray[np.bool_],
    filtered: npt.NDArray[np.bool_],
) -> None:
    """Mark rows whose plate may be in a Bloom filter, or belongs to the sample of all plates.

    Parameters
    ----------
    keys
        (n,) plate keys.
    plate_filter
        (a power of two,) words, see `plate_table_kernels.fill_filter`.
    sample_mask
        A plate is of the sample if these bits of its mixed key are zero; one of the side table never
        is, since its key depends on which hit came first.
    sampled, filtered
        (n,) filled: rows of the sample, and others whose plate may be in the filter.
    """
    word_mask = np.uint64(plate_filter.shape[0] - 1)
    sample = np.uint64(sample_mask) << np.uint64(32)
    for row in range(keys.shape[0]):
        mixed = mix(keys[row])
        bits = filter_bits(mixed)
        sampled[row] = (mixed & sample) == np.uint64(0) and keys[row] < _SIDE_MARK
        filtered[row] = not sampled[row] and (plate_filter[mixed & word_mask] & bits) == bits
