"""Cities of a few cameras, made once for all tests of the simulator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.simulation.layout import Order
from benchmarks.simulation.period import lay_out_period, make_period
from benchmarks.simulation.world import make_city
from benchmarks.truth import SETTINGS

if TYPE_CHECKING:
    from benchmarks.simulation.layout import Layout

SMALL = {"cameras": 90, "permits": 300, "routes": 12, "hits": 8000}
DAY = dt.date(2026, 3, 17)
NETWORK = Path(__file__).parents[2] / "data/samples/qingtan/network.osm.pbf"
DAYS = 2
Cities = Callable[[str], Path]  # the folder of a city of some days, by setting


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


@pytest.fixture(scope="session")
def period_order(tmp_path_factory: pytest.TempPathFactory) -> Order:
    return Order(
        tmp_path_factory.mktemp("periods") / "roads", DAY, 7, NETWORK, cameras=70, permits=200,
        routes=10, hits=2500, freight_share=0.4,
    )  # fmt: skip


@pytest.fixture(scope="session")
def period_layout(period_order: Order) -> Layout:
    return lay_out_period(period_order, DAYS)


@pytest.fixture(scope="session")
def cities(period_order: Order, period_layout: Layout) -> Cities:
    """Give the city of a setting, made when it is first asked for."""
    made: dict[str, Path] = {}

    def city(setting: str) -> Path:
        if setting not in made:
            made[setting] = period_order.out.with_name(setting)
            order = replace(period_order, out=made[setting])
            make_period(order, DAYS, period_layout, NETWORK, SETTINGS[setting])
        return made[setting]

    return city
