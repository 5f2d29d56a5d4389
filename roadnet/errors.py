"""What can go wrong with roads: one root, a code and a place."""

from __future__ import annotations


class RoadnetError(Exception):
    """A road input that cannot be used.

    Parameters
    ----------
    code
        Short stable name of the fault, ``network_unreadable`` for one.
    message
        What was found and what was expected, for a human.
    where
        File, line, feature or element that the fault is at; empty when there is none.
    """

    def __init__(self, code: str, message: str, where: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.code = code
        self.message = message
        self.where = where


class NetworkError(RoadnetError):
    """A network file that cannot be read, or holds no road."""


class MatchError(RoadnetError):
    """A drawn line that no path on the network fits."""
