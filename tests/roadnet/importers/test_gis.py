"""Shapefiles, GeoPackages and FlatGeobuf, written by GDAL itself."""

from __future__ import annotations

import builtins
import warnings
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyogrio.raw import write

from roadnet.errors import NetworkError
from roadnet.importers import read_network, read_network_with_notes
from roadnet.types import FLAG_BRIDGE, FLAG_NO_GOODS, FLAG_SIGNALS, NO_EDGE, ROAD_CLASSES

STREETS = [[(8.0, 49.0), (8.001, 49.0)], [(8.001, 49.0), (8.002, 49.001)]]
COLUMNS = {
    "highway": ["primary", "service"],
    "name": ["滨江路", None],
    "maxweightrating": ["7.5", None],
    "motor_vehicle": [None, "private"],
    "oneway": [None, "yes"],
}
KINDS = ["network.shp", "network.gpkg", "network.fgb"]


def write_network(path, lines=STREETS, columns=COLUMNS, crs="EPSG:4326", **options) -> str:
    shapes = [shapely.LineString(line) for line in lines]
    data = [np.array(values, dtype=object) for values in columns.values()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GDAL tells of the names it cuts
        write(
            str(path),
            np.array(shapely.to_wkb(shapes), dtype=object),
            data,
            np.array(list(columns)),
            geometry_type=options.pop("geometry_type", "LineString"),
            crs=crs,
            **options,
        )
    return str(path)


def refused(path) -> NetworkError:
    with pytest.raises(NetworkError) as raised:
        read_network(str(path))
    return raised.value


@pytest.mark.parametrize("name", KINDS)
def test_roads_of_every_kind_of_file(tmp_path, name):
    graph, notes = read_network_with_notes(write_network(tmp_path / name))
    assert graph.check() == ()
    assert notes == ()
    # Streets meet where their coordinates do.
    assert (graph.node_count, graph.edge_count) == (3, 3)
    assert graph.node_lon.tolist() == [8.0, 8.001, 8.002]
    assert [ROAD_CLASSES[code] for code in graph.edge_class] == ["primary", "primary", "service"]
    assert graph.name(0) == "滨江路"
    assert graph.edge_max_weight_t.tolist() == [7.5, 7.5, np.inf]
    assert graph.edge_flags.tolist() == [0, 0, FLAG_NO_GOODS]
    assert graph.edge_reverse.tolist() == [1, 0, NO_EDGE]


@pytest.mark.parametrize("name", KINDS)
def test_another_coordinate_system_is_turned_into_degrees(tmp_path, name):
    line = [(480_000.0, 5_430_000.0), (480_100.0, 5_430_000.0)]
    path = write_network(tmp_path / name, [line], {"highway": ["primary"]}, crs="EPSG:25832")
    graph = read_network(path)
    # By PROJ's own transformation of UTM zone 32.
    assert graph.node_lon == pytest.approx([8.7264374, 8.7278053], abs=2e-7)
    assert graph.node_lat == pytest.approx([49.0225626, 49.0225657], abs=2e-7)


def test_metres_without_a_coordinate_system_are_refused(tmp_path):
    line = [(480_000.0, 5_430_000.0), (480_100.0, 5_430_000.0)]
    with pytest.warns(UserWarning, match="crs"):
        write(
            str(tmp_path / "network.shp"),
            np.array([shapely.to_wkb(shapely.LineString(line))], dtype=object),
            [np.array(["primary"], dtype=object)],
            np.array(["highway"]),
            geometry_type="LineString",
        )
    assert "these look like metres" in str(refused(tmp_path / "network.shp"))


def test_chinese_texts_in_gbk(tmp_path):
    path = write_network(tmp_path / "network.shp", encoding="GBK")
    cpg = tmp_path / "network.cpg"
    assert "滨江路" in read_network(path).names
    # Without the part that names the encoding, the country tells it.
    dbf = (tmp_path / "network.dbf").read_bytes()
    assert "滨江路".encode("gbk") in dbf
    (tmp_path / "network.dbf").write_bytes(dbf[:29] + b"\0" + dbf[30:])
    cpg.unlink()
    assert "滨江路" in read_network(path, country="CN").names
    assert "滨江路" not in read_network(path).names


def test_the_columns_of_gdals_osm_driver(tmp_path):
    columns = {
        "osm_id": ["77"],
        "highway": ["primary"],
        "other_tags": [
            '"maxheight"=>"3.8","bridge"=>"yes","note"=>"a \\\\"b\\\\", c"'.replace("\\\\", "\\")
        ],
    }
    graph = read_network(write_network(tmp_path / "a.gpkg", STREETS[:1], columns))
    assert graph.edge_way_id.tolist() == [77, 77]
    assert graph.edge_max_height_m == pytest.approx([3.8, 3.8])
    assert graph.edge_flags.tolist() == [FLAG_BRIDGE, FLAG_BRIDGE]


def test_the_columns_of_geofabriks_shapefiles(tmp_path):
    columns = {
        "osm_id": ["77", "78"],
        "fclass": ["primary", "track_grade2"],
        "oneway": ["T", "B"],
        "maxspeed": ["60", "0"],
        "bridge": ["T", "F"],
    }
    graph = read_network(write_network(tmp_path / "a.shp", STREETS, columns))
    assert sorted(graph.edge_way_id.tolist()) == [77, 78, 78]
    (against,) = np.flatnonzero(graph.edge_way_id == 77)
    assert graph.geometry(int(against)).tolist() == [[8.001, 49.0], [8.0, 49.0]]
    assert graph.edge_speed_kmh[against] == 60
    assert graph.edge_flags[against] == FLAG_BRIDGE
    tracks = graph.edge_class[graph.edge_way_id == 78]
    assert {ROAD_CLASSES[code] for code in tracks} == {"track"}


def test_layers_are_read_one_after_another(tmp_path):
    path = write_network(tmp_path / "a.gpkg", layer="streets")
    point = np.array([shapely.to_wkb(shapely.Point(8.001, 49.0))], dtype=object)
    write(
        path,
        point,
        [np.array(["traffic_signals"], dtype=object)],
        np.array(["highway"]),
        layer="signals",
        geometry_type="Point",
        crs="EPSG:4326",
        append=True,
    )
    graph = read_network(path)
    entering = graph.edge_to == 1
    assert (graph.edge_flags[entering] & FLAG_SIGNALS).all()
    assert entering.sum() == 1


def test_a_shapefile_without_its_parts(tmp_path):
    path = Path(write_network(tmp_path / "network.shp"))
    path.with_suffix(".dbf").unlink()
    assert ".dbf is not beside this one" in refused(path).message
    path.with_suffix(".shx").unlink()
    assert ".shx and .dbf is not beside" in refused(path).message


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("content", [b"", b"<html>404</html>", bytes(range(256)) * 8])
def test_what_is_no_such_file(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    for part in (".shx", ".dbf"):
        path.with_suffix(part).touch()
    message = refused(path).message
    assert "cannot be read by GDAL" in message or "ends too early" in message


@pytest.mark.parametrize("name", KINDS)
def test_files_cut_short(tmp_path, name):
    lines = [[(8 + i / 1000, 49.0), (8.001 + i / 1000, 49.0)] for i in range(300)]
    path = Path(write_network(tmp_path / name, lines, {"highway": ["primary"] * 300}))
    content = path.read_bytes()
    for share in (0.002, 0.02, 0.3, 0.7):
        path.write_bytes(content[: int(len(content) * share)])
        assert refused(path).where.startswith(str(path))


def test_faulty_features_are_numbered(tmp_path):
    lines = [STREETS[0], [(49.0, 108.0), (49.1, 108.0)]]
    path = write_network(tmp_path / "a.gpkg", lines, {"highway": ["primary", "primary"]})
    error = refused(path)
    assert error.where.endswith("feature 2")
    assert "latitude before longitude" in error.message


def test_without_the_extra_the_error_says_how_to_install_it(tmp_path, monkeypatch):
    path = write_network(tmp_path / "a.gpkg")
    found = builtins.__import__

    def missing(name, *arguments, **named):
        if name == "pyogrio":
            raise ImportError(name)
        return found(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", missing)
    assert "pip install 'freightpass[gis]'" in refused(path).message
