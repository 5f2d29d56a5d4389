"""Plates of permits and registry: one number a plate, found by its key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from enforcement.index.plate_table_kernels import fill_filter, fill_table
from ingest.plate_keys import PlateKeys

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

_SIDE_TABLE_MARK: Final = 0b11  # the top two bits of a key that is an index into the side table
_FEWEST_SLOTS: Final = 16
_FEWEST_WORDS: Final = 8
_KEYS_PER_FILTER_WORD: Final = 8  # about 1 to 4 % of strangers pass


class PlateTable(NamedTuple):
    """The fields `side_plates`, `table_keys`, `table_vehicles`, `plate_filter` of `Rules`.

    `number` maps every plate text that was given to its plate index, 0 to n - 1 in key order.
    """

    number: dict[str, int]
    side_plates: tuple[str, ...]
    table_keys: npt.NDArray[np.uint64]
    table_vehicles: npt.NDArray[np.int32]
    plate_filter: npt.NDArray[np.uint64]


def build_plate_table(plates: Iterable[str]) -> PlateTable:
    """Give each distinct plate a number, and build the hash table and the filter over the keys.

    Parameters
    ----------
    plates
        Normalised plausible plates, any order, repeats allowed.

    Returns
    -------
    PlateTable
        The same whatever the order of `plates`.
    """
    texts = sorted(set(plates))
    packer = PlateKeys()
    keys = [packer.key(text) for text in texts]
    side_plates = tuple(
        text for text, key in zip(texts, keys, strict=True) if key >> 62 == _SIDE_TABLE_MARK
    )
    if side_plates:
        packer = PlateKeys(side_plates)
        keys = [packer.key(text) for text in texts]
    key_array = np.array(keys, np.uint64)
    order = np.argsort(key_array, kind="stable")
    numbers = np.empty(len(texts), np.int64)
    numbers[order] = np.arange(len(texts))

    # At most four fifths full: with the filter before it, nearly every search ends with a find.
    slots = _power_of_two(max(len(texts) * 5 // 4 + 1, _FEWEST_SLOTS))
    table = PlateTable(
        number=dict(zip(texts, numbers.tolist(), strict=True)),
        side_plates=side_plates,
        table_keys=np.zeros(slots, np.uint64),
        table_vehicles=np.zeros(slots, np.int32),
        plate_filter=build_filter(key_array),
    )
    fill_table(key_array[order], table.table_keys, table.table_vehicles)
    return table


def build_filter(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return a Bloom filter over keys, 8 to 16 bits a key and a power of two words."""
    plate_filter = empty_filter(len(keys))
    fill_filter(keys, plate_filter)
    return plate_filter


def empty_filter(keys: int) -> npt.NDArray[np.uint64]:
    """Return a Bloom filter with room for so many keys."""
    return np.zeros(_power_of_two(max(keys // _KEYS_PER_FILTER_WORD, _FEWEST_WORDS)), np.uint64)


def _power_of_two(least: int) -> int:
    return 1 << (least - 1).bit_length()
