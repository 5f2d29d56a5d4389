"""A line drawn over Beijing trips the same cameras, whatever coordinate system it was drawn in."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from enforcement.api.app import create_app
from enforcement.compiled_city import compile_city
from roadnet.datum import from_wgs84, to_wgs84
from roadnet.geodesy import bearing_deg, haversine_m
from roadnet.paths import Router
from roadnet.types import ROAD_CLASSES
from tests.enforcement.cities import SETTINGS, feature, point, write_city
from tests.enforcement.command import freightpass
from tests.enforcement.days import quiet
from tests.enforcement.test_api import Client, cameras

if TYPE_CHECKING:
    from enforcement.compiled_city import CompiledCity
    from roadnet.graph import RoadGraph

BEIJING = Path(__file__).parents[2] / "../shared/data/roads/beijing.osm.pbf"
SEED = 20260317
DATUMS = ("wgs84", "gcj02", "bd09")

pytestmark = pytest.mark.skipif(not BEIJING.is_file(), reason="the roads of Beijing are not here")


def roads() -> RoadGraph:
    from roadnet.importers import read_network

    return read_network(str(BEIJING))


def drawn_lines(graph: RoadGraph, draw: random.Random, count: int) -> list[np.ndarray]:
    """Draw lines along quickest ways of 5 km and more, a hand's width of metres beside them."""
    router = Router(graph)
    lines: list[np.ndarray] = []
    while len(lines) < count:
        path = router.path(draw.randrange(graph.node_count), draw.randrange(graph.node_count))
        if path is None or not 5_000 < path.length_m(graph) < 40_000:
            continue
        lonlat = path.lonlat(graph)
        shake = [(draw.gauss(0, 3e-5), draw.gauss(0, 3e-5)) for _ in lonlat]
        lines.append((lonlat + np.array(shake)).round(7))
    return lines


def sites(graph: RoadGraph, lines: list[np.ndarray], draw: random.Random) -> list[dict[str, Any]]:
    """Put 150 cameras on main roads anywhere and 50 on the lines, each looking along its road."""
    low, high = (ROAD_CLASSES.index(name) for name in ("tertiary", "trunk"))
    low, high = min(low, high), max(low, high)
    main = np.flatnonzero((graph.edge_class >= low) & (graph.edge_class <= high)).tolist()
    found = []
    for number in range(200):
        lonlat = graph.geometry(draw.choice(main)) if number < 150 else draw.choice(lines)
        at = draw.randrange(len(lonlat) - 1)
        (lon1, lat1), (lon2, lat2) = lonlat[at], lonlat[at + 1]
        bearing = round(float(bearing_deg(lon1, lat1, lon2, lat2))) % 360
        middle = point(round((lon1 + lon2) / 2, 7), round((lat1 + lat2) / 2, 7))
        found.append(feature(middle, camera_id=f"C-{number:03}", bearing=bearing))
    return found


@pytest.fixture(scope="module")
def beijing(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, CompiledCity, list[np.ndarray]]:
    draw = random.Random(SEED)
    graph = roads()
    lines = drawn_lines(graph, draw, 4)
    folder = write_city(
        tmp_path_factory.mktemp("beijing") / "city",
        settings=SETTINGS.replace("Toytown", "Beijing"),
        network_osm=None,
        cameras=sites(graph, lines, draw),
        **dict.fromkeys(("restrictions", "routes", "permits", "closures", "vehicles")),
    )
    (folder / "network.osm.pbf").symlink_to(BEIJING.resolve())
    return folder, compile_city(str(folder), quiet), lines


def as_drawn(line: np.ndarray, datum: str) -> dict[str, Any]:
    lonlat = np.column_stack(from_wgs84(line[:, 0], line[:, 1], datum)).round(7)
    return {"type": "LineString", "coordinates": lonlat.tolist()}


def test_the_api_finds_the_same_cameras_in_every_system(
    beijing: tuple[Path, CompiledCity, list[np.ndarray]],
) -> None:
    _, city, lines = beijing
    client = Client(create_app(city))
    tripped = 0
    for line in lines:
        answers = {
            datum: client.post(f"/routes/draft?coordinates={datum}", json=as_drawn(line, datum))
            for datum in DATUMS
        }
        found = {datum: answer.json() for datum, answer in answers.items()}
        expected = cameras(found["wgs84"])
        tripped += len(expected)
        path = np.array(found["wgs84"]["features"][0]["geometry"]["coordinates"])
        for datum in ("gcj02", "bd09"):
            assert cameras(found[datum]) == expected
            same = np.array(found[datum]["features"][0]["geometry"]["coordinates"])
            back = to_wgs84(same[:, 0], same[:, 1], datum)
            # Ends of the line may be a rounding apart; everything between is the same road.
            assert haversine_m(back[0][1:-1], back[1][1:-1], path[1:-1, 0], path[1:-1, 1]).max() < 1
            raw = haversine_m(same[1:-1, 0], same[1:-1, 1], path[1:-1, 0], path[1:-1, 1])
            assert raw.min() > 100  # as numbers they are elsewhere
    assert tripped > 10


def test_the_command_finds_the_same_cameras(
    beijing: tuple[Path, CompiledCity, list[np.ndarray]], tmp_path: Path
) -> None:
    folder, _, lines = beijing
    said = []
    for datum in ("wgs84", "gcj02"):
        drawn = tmp_path / f"{datum}.geojson"
        drawn.write_text(json.dumps(feature(as_drawn(lines[0], datum))))
        outcome = freightpass("route", folder, drawn, "--coordinates", datum)
        assert outcome.code == 0, outcome
        said.append(cameras(json.loads(outcome.out)))
    assert said[0] == said[1]
