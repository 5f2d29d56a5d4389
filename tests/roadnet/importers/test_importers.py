from __future__ import annotations

import subprocess
import sys

import pytest

from roadnet.errors import NetworkError, RoadnetError
from roadnet.importers import read_network
from tests.roadnet.importers.osm_text import OsmTown

CITY = """{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"highway": "road"},
 "geometry": {"type": "LineString", "coordinates": [[114.39, 27.81], [114.40, 27.81]]}}]}"""


@pytest.fixture
def network(tmp_path):
    path = tmp_path / "network.geojson"
    path.write_text(CITY, encoding="utf-8")
    return path


def refused(path: str, **arguments) -> NetworkError:
    with pytest.raises(NetworkError) as raised:
        read_network(path, **arguments)
    assert raised.value.where == path
    return raised.value


def test_a_url_is_read_like_the_file_it_names(network):
    assert read_network(network.as_uri()).same_as(read_network(str(network)))


def test_the_end_of_the_name_decides_in_either_case(network):
    capitals = network.with_name("NETWORK.GEOJSON")
    network.rename(capitals)
    assert read_network(str(capitals)).edge_count == 2


def test_a_missing_file_and_a_folder(tmp_path):
    assert refused(str(tmp_path / "none.osm.pbf")).code == "network_missing"
    folder = tmp_path / "folder.osm"
    folder.mkdir()
    assert "this is a folder" in refused(str(folder)).message


def test_an_unknown_kind_of_file_names_the_known_ones(network):
    strange = network.with_suffix(".dwg")
    network.rename(strange)
    message = refused(str(strange)).message
    assert all(
        end in message for end in (".osm.gz", ".pbf", ".geojson", ".parquet", ".gpkg", ".roadgraph")
    )


def test_urls_that_lead_nowhere(tmp_path):
    assert refused((tmp_path / "none.osm").as_uri()).code == "network_missing"
    assert refused("gopher://old/network.osm").code == "network_unreadable"


def test_a_fault_in_a_file_behind_a_url_names_the_url(network):
    network.write_text("{", encoding="utf-8")
    assert "not readable as JSON" in refused(network.as_uri()).message


def test_an_unknown_datum_is_refused(network):
    with pytest.raises(RoadnetError, match="unknown coordinates 'cgcs2000'"):
        read_network(str(network), datum="cgcs2000")


HEAVY = ("pyarrow", "shapely", "scipy", "networkx", "numba", "pyogrio", "msgspec")


@pytest.mark.parametrize(
    ("suffix", "loaded"),
    [("osm", set()), ("geojson", {"msgspec"})],
)
def test_a_network_loads_only_what_its_own_kind_needs(tmp_path, suffix, loaded):
    # A city's network is read in every process that judges; pyarrow alone takes as much as Porto.
    path = tmp_path / f"network.{suffix}"
    osm = OsmTown("A 0 0; B 100 0", "1 A-B").xml()
    path.write_text(osm if suffix == "osm" else CITY, encoding="utf-8")
    program = (
        "import sys\nfrom roadnet.importers import read_network\n"
        "read_network(sys.argv[1])\nprint(*sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    assert set(HEAVY) & set(done.stdout.split()) == loaded
