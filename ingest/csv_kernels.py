"""Kernel that splits CSV into rows and fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from ingest.text_kernels import Whole

# Status of a row.
GOOD, WRONG_COUNT, BROKEN_QUOTES, TOO_LONG = 0, 1, 2, 3
# Places in the state.
AT, ROWS, SCRATCH, LINE, SKIPPING = 0, 1, 2, 3, 4

LONGEST_ROW = 1 << 20

_NEWLINE = 10
_RETURN = 13
_QUOTE = 34

Bytes = npt.NDArray[np.uint8]


@numba.njit(cache=True, nogil=True)
def _line_end(text: Bytes, at: Whole, end: Whole) -> Whole:
    while at < end and text[at] != _NEWLINE and text[at] != _RETURN:
        at += 1
    return at


@numba.njit(cache=True, nogil=True)
def _after_line_end(text: Bytes, at: Whole, end: Whole) -> Whole:
    if at < end and text[at] == _RETURN:
        at += 1
    elif at < end:
        return at + 1
    if at < end and text[at] == _NEWLINE:
        at += 1
    return at


@numba.njit(cache=True, nogil=True)
def split_csv(
    text: Bytes,
    end: int,
    final: bool,
    delimiter: int,
    slots: npt.NDArray[np.int32],
    spans: npt.NDArray[np.int32],
    rows: npt.NDArray[np.int32],
    state: npt.NDArray[np.int64],
) -> None:
    """Split ``text[state[AT]:end]`` into rows as RFC 4180 has it, forgiving what is harmless.

    A row ends with LF, CRLF or CR; blanks around quotes do no harm; blank lines are no rows. A row
    whose quotes do not pair is its first line only, so that it costs no neighbour.

    Parameters
    ----------
    text
        Bytes from 0 to `end`, and room from there on for as many more: fields with doubled quotes
        are written there, from ``state[SCRATCH]`` on.
    end, final
        Where the text ends, and whether the file does too; if not, a row that may go on is left.
    delimiter
        Byte between fields.
    slots
        (fields of the header,) which column a field goes to, -1 for none.
    spans
        (columns, n, 2) out: start and length of each field in `text`; empty in a row not GOOD.
    rows
        (n, 4) out: start, end, number of the line in the file, status. At most n rows are split.
    state
        (5,) in and out: AT where to go on, ROWS split, SCRATCH, LINE the next line's number,
        SKIPPING 1 while within a line that is refused for its length.
    """
    columns = spans.shape[0]
    at = state[AT]
    line = state[LINE]
    scratch = state[SCRATCH]
    count = 0
    if state[SKIPPING]:
        at = _line_end(text, at, end)
        if at < end or final:
            at = _after_line_end(text, at, end)
            line += 1
            state[SKIPPING] = 0
    while at < end and count < rows.shape[0] and not state[SKIPPING]:
        # Blank lines, of which the last may go on.
        start = at
        while at < end and (text[at] == 32 or text[at] == 9) and text[at] != delimiter:
            at += 1
        if at < end and (text[at] == _NEWLINE or text[at] == _RETURN):
            if at + 1 == end and text[at] == _RETURN and not final:
                at = start
                break
            at = _after_line_end(text, at, end)
            line += 1
            continue
        if at == end:
            if not final:
                at = start
            break
        at = start
        field = 0
        status = GOOD
        lines = 1
        row_scratch = scratch
        for column in range(columns):
            spans[column, count, 0] = 0
            spans[column, count, 1] = 0
        open_row = True
        while open_row:
            # One field: at stands at its first byte.
            first = at
            while first < end and (text[first] == 32 or text[first] == 9):
                if text[first] == delimiter:
                    break
                first += 1
            if first < end and text[first] == _QUOTE:
                first += 1
                at = first
                doubled = False
                closed = False
                while at < end:
                    byte = text[at]
                    if byte == _QUOTE:
                        if at + 1 < end and text[at + 1] == _QUOTE:
                            doubled = True
                            at += 2
                            continue
                        closed = True
                        break
                    if byte == _NEWLINE:
                        lines += 1
                    if at - start > LONGEST_ROW:
                        break
                    at += 1
                last = at
                if not closed:
                    status = BROKEN_QUOTES
                    break
                at += 1
                while at < end and (text[at] == 32 or text[at] == 9) and text[at] != delimiter:
                    at += 1
                if at < end and (
                    text[at] != delimiter and text[at] != _NEWLINE and text[at] != _RETURN
                ):
                    status = BROKEN_QUOTES
                    break
                if doubled:
                    copy = scratch
                    place = first
                    while place < last:
                        text[scratch] = text[place]
                        scratch += 1
                        place += 2 if text[place] == _QUOTE else 1
                    first = copy
                    last = scratch
            else:
                first = at
                while at < end:
                    byte = text[at]
                    if byte in (delimiter, _NEWLINE, _RETURN):
                        break
                    at += 1
                last = at
            if field < slots.shape[0] and slots[field] >= 0:
                spans[slots[field], count, 0] = first
                spans[slots[field], count, 1] = last - first
            field += 1
            if at < end and text[at] == delimiter:
                at += 1
            else:
                open_row = False
        if status == GOOD and field != slots.shape[0]:
            status = WRONG_COUNT
        if not final and (at == end or (text[at] == _RETURN and at + 1 == end)):
            # The row may go on, unless it is too long for any row.
            if end - start <= LONGEST_ROW:
                at = start
                scratch = row_scratch
                break
            if status != BROKEN_QUOTES:
                state[SKIPPING] = 1
                status = TOO_LONG
        row_end = at
        if status == BROKEN_QUOTES:
            row_end = _line_end(text, start, end)
            lines = 1
            if row_end == end and not final:
                if end - start <= LONGEST_ROW:
                    at = start
                    scratch = row_scratch
                    break
                state[SKIPPING] = 1
        if row_end - start > LONGEST_ROW:
            status = TOO_LONG
        if status != GOOD:
            scratch = row_scratch
            for column in range(columns):
                spans[column, count, 0] = 0
                spans[column, count, 1] = 0
        rows[count, 0] = start
        rows[count, 1] = row_end
        rows[count, 2] = line
        rows[count, 3] = status
        count += 1
        at = row_end
        if not state[SKIPPING]:
            at = _after_line_end(text, at, end)
            line += lines
    state[AT] = at
    state[ROWS] = count
    state[SCRATCH] = scratch
    state[LINE] = line
