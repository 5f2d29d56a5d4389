"""Rows of a hit file as they stand there: what every format yields, before anything is judged."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ingest.errors import HitFileError
from ingest.hits import HIT_SCHEMA, REQUIRED_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from ingest.columns import Column
    from ingest.hit_files import HitFile

# The columns that are judged; the other ones of the schema are read for the rows that ask for them.
JUDGED_COLUMNS: Final = (
    *REQUIRED_COLUMNS,
    "plate_class",
    "vehicle_class",
    "confidence",
    "hit_id",
)
_MOST_NAMES: Final = 40
_LONGEST_NAME: Final = 60
SHOWN_BYTES: Final = 300  # how much of a broken row is kept as its text

# What other systems call the required columns, in lower case without separators.
_OTHER_NAMES: Final[Mapping[str, frozenset[str]]] = {
    "camera_id": frozenset(
        [
            "camera",
            "cameraid",
            "cameracode",
            "camid",
            "cam",
            "device",
            "deviceid",
            "deviceno",
            "tollgateid",
            "crossingid",
            "channelid",
            "kkbh",
            "sbbh",
            "设备编号",
            "卡口编号",
            "摄像机编号",
            "点位编号",
        ]
    ),
    "plate": frozenset(
        [
            "plateno",
            "platenumber",
            "platenum",
            "platetext",
            "licenseplate",
            "licenceplate",
            "license",
            "lpr",
            "hphm",
            "carnumber",
            "vehicleno",
            "车牌",
            "车牌号",
            "车牌号码",
            "号牌号码",
            "号牌",
        ]
    ),
    "captured_at": frozenset(
        [
            "time",
            "timestamp",
            "datetime",
            "capturetime",
            "capturedat",
            "captureat",
            "passtime",
            "passedat",
            "eventtime",
            "at",
            "gcsj",
            "时间",
            "过车时间",
            "抓拍时间",
            "经过时间",
        ]
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class RawRows:
    """n consecutive rows of one file.

    Attributes
    ----------
    first_row
        Number of the first in the file, from 0; broken rows count, blank lines do not.
    count
        n.
    columns
        Those of JUDGED_COLUMNS that the file has.
    others
        Called with the places of some rows, gives every other column of them.
    bytes_done
        Bytes of the file, as stored, that are read when these rows are; an estimate.
    lines
        (n,) line numbers from 1, None for formats without lines.
    faults
        Place of each broken row, and what is wrong with it.
    shown
        Called with the place of a row, gives the beginning of its text.
    """

    first_row: int
    count: int
    columns: Mapping[str, Column]
    others: Callable[[npt.NDArray[np.int64]], Mapping[str, Column]]
    bytes_done: int
    lines: npt.NDArray[np.int32] | None = None
    faults: Mapping[int, str] = field(default_factory=dict)
    shown: Callable[[int], str] | None = None

    def place(self, row: int) -> str:
        """Name a row for a human, as its file's editor would."""
        if self.lines is not None:
            return f"line {int(self.lines[row])}"
        return f"row {self.first_row + row + 1}"


def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def guess_column(missing: str, found: Sequence[str]) -> str | None:
    """Guess which of the columns found holds what a required column should."""
    for name in found:
        plain = _plain(name)
        if plain == _plain(missing) or plain in _OTHER_NAMES.get(missing, ()):
            return name
    known = {column.name for column in HIT_SCHEMA}
    strangers = [name for name in found if name not in known]
    close = difflib.get_close_matches(missing, strangers, n=1, cutoff=0.7)
    return close[0] if close else None


def listed_names(names: Sequence[str]) -> str:
    """List names for a message that stays readable, whatever a file calls its columns."""
    shown = [name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…" for name in names]
    more = len(shown) - _MOST_NAMES
    return ", ".join(shown[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "") or "none"


def check_columns(file: HitFile, found: Sequence[str]) -> None:
    """See that a file has the required columns, each column only once.

    Raises
    ------
    HitFileError
        Naming the missing column, those found, and a guess.
    """
    for name in HIT_SCHEMA.names:
        if found.count(name) > 1:
            raise HitFileError("column_twice", f"has the column {name} twice", file.path)
    missing = [name for name in REQUIRED_COLUMNS if name not in found]
    if not missing:
        return
    guesses = [
        f"; is {guess!r} the {name}? Then rename it"
        for name in missing
        if (guess := guess_column(name, found)) is not None
    ]
    raise HitFileError(
        "column_missing",
        f"has no column {' and no column '.join(missing)}; it has: {listed_names(found)}{''.join(guesses)}",
        file.path,
    )
