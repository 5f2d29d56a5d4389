"""Real networks that lie beside the project, not in it."""

from __future__ import annotations

from pathlib import Path

import pytest

ROADS = Path(__file__).parents[2] / "../shared/data/roads"


def road_file(name: str) -> str:
    """Path of a real network; skips the test where it is absent."""
    path = ROADS / name
    if not path.exists():
        pytest.skip(f"real network {name} is not there")
    return str(path)
