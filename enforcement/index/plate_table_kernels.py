"""The hash table of plates and the Bloom filter before it: filled here, read by the matcher."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    import numpy.typing as npt


@njit(cache=True, nogil=True)
def mix(key: Any) -> Any:
    """Return 64 well-mixed bits of a plate key (uint64).

    Two rounds of multiply and xor-shift (the finaliser of MurmurHash3, Appleby 2011). The low bits
    choose the slot of the table and the word of the filter; bits 44 to 61 the bits in that word.
    """
    mixed = np.uint64(key)
    mixed ^= mixed >> np.uint64(33)
    mixed *= np.uint64(0xFF51AFD7ED558CCD)
    mixed ^= mixed >> np.uint64(33)
    mixed *= np.uint64(0xC4CEB9FE1A85EC53)
    mixed ^= mixed >> np.uint64(33)
    return mixed


@njit(cache=True, nogil=True)
def filter_bits(mixed: Any) -> Any:
    """Return the word with the three bits that a mixed key sets in its filter word."""
    one = np.uint64(1)
    low = np.uint64(63)
    return (
        one << ((mixed >> np.uint64(44)) & low)
        | one << ((mixed >> np.uint64(50)) & low)
        | one << ((mixed >> np.uint64(56)) & low)
    )


@njit(cache=True, nogil=True)
def fill_filter(keys: npt.NDArray[np.uint64], plate_filter: npt.NDArray[np.uint64]) -> None:
    """Add n keys to a Bloom filter of a power of two words."""
    word_mask = np.uint64(plate_filter.shape[0] - 1)
    for number in range(keys.shape[0]):
        mixed = mix(keys[number])
        plate_filter[mixed & word_mask] |= filter_bits(mixed)


@njit(cache=True, nogil=True)
def fill_table(
    keys: npt.NDArray[np.uint64],
    table_keys: npt.NDArray[np.uint64],
    table_vehicles: npt.NDArray[np.int32],
) -> None:
    """Put n distinct keys (none 0) into a zeroed table of a power of two slots.

    Collisions go to the next free slot; the table must be longer than `keys`. The same keys in the
    same order fill the same slots.
    """
    slot_mask = np.uint64(table_keys.shape[0] - 1)
    for number in range(keys.shape[0]):
        slot = mix(keys[number]) & slot_mask
        while table_keys[slot] != np.uint64(0):
            slot = (slot + np.uint64(1)) & slot_mask
        table_keys[slot] = keys[number]
        table_vehicles[slot] = number
