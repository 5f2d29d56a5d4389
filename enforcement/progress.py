"""How long work tells how far it is: a callback that shells may show or ignore."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

# Called with the stage, what is done and of how much; stages are named by who does the work.
Progress: TypeAlias = Callable[[str, int, int], None]


def quiet(stage: str, done: int, total: int) -> None:
    """Take progress and show nothing."""
