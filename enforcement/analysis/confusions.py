"""Characters that plate cameras take for one another, and how readily: data.

A cost of 0.5 is a pair that every reader confuses: two of them in one plate are believed. A cost
of 1 is a pair that dirt, a bolt or a shadow is needed for: one is. Pairs count both ways.

The groups at 0.5 are those that the judgement names (docs/judgement.md). The letters I and O are not
issued on Chinese plates (GA 36), so that one read is always 1 or 0 misread; they stay in the table for
plates of other countries. The groups at 1 are of glyphs that share most of their strokes.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

from ingest.plate_keys import ALPHABET, TRADITIONAL_PROVINCES
from ingest.plates import PROVINCES

if TYPE_CHECKING:
    import numpy.typing as npt

READILY: Final = 0.5
SELDOM: Final = 1.0
LOST_OR_DOUBLED: Final = 1.0  # a character at a bolt or an edge is missed, or read twice
MOST: Final = 1.0  # plates farther apart than this are not alike

# Every two characters of a group.
GROUPS: Final = (
    ("0ODQ", READILY),
    ("8B", READILY),
    ("1IL", READILY),
    ("5S", READILY),
    ("2Z", READILY),
    ("6G", READILY),
    ("UV", READILY),
    ("赣贛", READILY),
    ("赣渝", READILY),
    ("赣皖", READILY),
    ("0CG", SELDOM),
    ("17TJ", SELDOM),
    ("27Z", SELDOM),
    ("38B", SELDOM),
    ("4A", SELDOM),
    ("56", SELDOM),
    ("680", SELDOM),
    ("89", SELDOM),
    ("DB", SELDOM),
    ("EF", SELDOM),
    ("KXY", SELDOM),
    ("MNHW", SELDOM),
    ("PRF", SELDOM),
    ("VYU", SELDOM),
    # The one Chinese character is the smallest in strokes and the first to be lost in dirt.
    (PROVINCES + TRADITIONAL_PROVINCES, SELDOM),
)


def pair_costs() -> npt.NDArray[np.float32]:
    """Return (a + 1, a + 1) costs by character code of `ingest.plate_keys`; 0 for equal ones.

    Infinity for two characters that nobody confuses; code 0 is no character.
    """
    size = len(ALPHABET) + 1
    cost = np.full((size, size), np.inf, np.float32)
    np.fill_diagonal(cost, 0.0)
    code = {character: number for number, character in enumerate(ALPHABET, 1)}
    for characters, of_group in GROUPS:
        for one, other in combinations(characters, 2):
            if one in code and other in code and one != other:
                pair = code[one], code[other]
                cost[pair] = cost[pair[::-1]] = min(cost[pair], of_group)
    return cost
