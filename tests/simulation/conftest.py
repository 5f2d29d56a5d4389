"""Cities of a few cameras, made once for all tests of the simulator."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from benchmarks.simulation.world import Order, make_city

if TYPE_CHECKING:
    from pathlib import Path

SMALL = {"cameras": 90, "permits": 300, "routes": 12, "hits": 8000}
DAY = dt.date(2026, 3, 17)


@pytest.fixture(scope="session")
def small_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cities") / "small"
    make_city(Order(folder, DAY, **SMALL))
    return folder


@pytest.fixture(scope="session")
def small_city_gcj02(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cities") / "small_gcj02"
    make_city(Order(folder, DAY, coordinates="gcj02", **SMALL))
    return folder
