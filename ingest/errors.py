"""What can go wrong with hits on their way in: one root, a code and a place."""

from __future__ import annotations


class IngestError(Exception):
    """Hits that cannot be read at all; a single bad hit is a row with a fault, never this.

    Parameters
    ----------
    code
        Short stable name of the fault, ``not_parquet`` for one.
    message
        What was found and what was expected, for a human.
    where
        File, line, row or field that the fault is at.
    """

    def __init__(self, code: str, message: str, where: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.code = code
        self.message = message
        self.where = where


class HitFileError(IngestError):
    """A hit file that is missing, of no known format, broken, or without a needed column."""
