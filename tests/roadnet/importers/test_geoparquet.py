from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from roadnet.errors import NetworkError
from roadnet.importers import read_network, read_network_with_notes

LINES = [
    shapely.LineString([(114.39, 27.81), (114.40, 27.81), (114.41, 27.81)]),
    shapely.MultiLineString([[(114.40, 27.81, 5.0), (114.40, 27.82, 6.0)]]),
    shapely.Point(114.39, 27.81),
    None,
]
TAGS = {
    "highway": ["primary", "residential", "primary", "primary"],
    "name": ["滨江路", None, None, None],
    "oneway": [False, True, False, False],
    "maxspeed": [60.0, float("nan"), None, None],
}


@pytest.fixture
def write(tmp_path):
    def write_table(blobs=None, metadata=True, *, encoding="WKB", crs=None, column="geometry"):
        path = tmp_path / "network.parquet"
        blobs = blobs or [None if line is None else shapely.to_wkb(line) for line in LINES]
        count = len(blobs)
        table = pa.table(
            {**{key: values[:count] for key, values in TAGS.items()}, "geometry": blobs}
        )
        if metadata:
            about = {"encoding": encoding, "geometry_types": []}
            if crs is not None:
                about["crs"] = crs
            geo = {"version": "1.1.0", "primary_column": column, "columns": {column: about}}
            table = table.replace_schema_metadata({"geo": json.dumps(geo)})
        pq.write_table(table, path)
        return str(path)

    return write_table


def test_a_geoparquet_network(write):
    graph, notes = read_network_with_notes(write())
    assert notes == ("2 features are no line; left out",)
    assert graph.check() == ()
    assert (graph.node_count, graph.edge_count) == (4, 5)
    assert graph.names == ("", "滨江路")
    assert sorted(set(graph.edge_speed_kmh.tolist())) == [30.0, 60.0]


def test_degrees_by_name_are_fine_and_other_projections_are_not(write):
    for authority, code in (("EPSG", 4326), ("OGC", "CRS84")):
        crs = {"name": "WGS 84", "id": {"authority": authority, "code": code}}
        assert read_network(write(crs=crs)).edge_count == 5
    mercator = {"name": "WGS 84 / Pseudo-Mercator", "id": {"authority": "EPSG", "code": 3857}}
    with pytest.raises(NetworkError, match="Pseudo-Mercator"):
        read_network(write(crs=mercator))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"metadata": False}, "no GeoParquet metadata"),
        ({"encoding": "linestring"}, "encoding is 'linestring'; expected WKB"),
        ({"column": "shape"}, "no geometry column 'shape'"),
        ({"blobs": [b"\x01\x02"]}, "geometry is no WKB"),
        (
            {"blobs": [shapely.to_wkb(shapely.LineString([(5e5, 3e6), (5e5, 4e6)]))]},
            "look like metres",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_in_plain_words(write, arguments, words):
    with pytest.raises(NetworkError) as raised:
        read_network(write(**arguments))
    assert words in raised.value.message


def test_a_truncated_file_is_refused(write):
    path = write()
    content = Path(path).read_bytes()
    for size in (0, 3, 100, len(content) - 1):
        Path(path).write_bytes(content[:size])
        with pytest.raises(NetworkError) as raised:
            read_network(path)
        assert raised.value.code == "not_geoparquet"
        assert raised.value.where == path
