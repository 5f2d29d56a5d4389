"""Real networks that lie beside the project, not in it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from roadnet.importers import read_network

if TYPE_CHECKING:
    from roadnet.graph import RoadGraph

ROADS = Path(__file__).parents[2] / "../shared/data/roads"


def road_file(name: str) -> str:
    """Path of a real network; skips the test where it is absent."""
    path = ROADS / name
    if not path.exists():
        pytest.skip(f"real network {name} is not there")
    return str(path)


@cache
def real_network(name: str) -> RoadGraph:
    """Give a real network's graph, read once for all tests; skips the test where it is absent."""
    return read_network(road_file(name))
