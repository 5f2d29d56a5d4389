"""What is no network, or a broken one, in every format: one message that says what to do."""

from __future__ import annotations

import gzip
import io
import json
import random
import subprocess
import sys
import zipfile
from itertools import pairwise
from pathlib import Path

import osmium
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from roadnet.errors import NetworkError
from roadnet.importers import read_network
from tests.roadnet.importers.osm_text import OsmTown
from tests.roadnet.real_data import road_file

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
ENTITIES = """<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a "aaaaaaaaaa">%s]>
<osm version="0.6"><node id="1" lat="1" lon="1"><tag k="highway" v="&z;"/></node></osm>"""


def refused(path, **arguments) -> NetworkError:
    with pytest.raises(NetworkError) as raised:
        read_network(str(path), **arguments)
    assert raised.value.where.startswith(str(path))
    return raised.value


def zipped() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("network.osm", "<osm version='0.6'></osm>")
    return content.getvalue()


@pytest.mark.parametrize("name", ["a.osm", "a.osm.pbf", "a.osm.gz", "a.osm.bz2"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (zipped(), "ZIP archive: unpack it first"),
        (PNG, "picture or a PDF"),
        (b"%PDF-1.7\n" + bytes(100), "picture or a PDF"),
        (b"<!DOCTYPE html><html></html>", "HTML page"),
        (b"", "is empty"),
    ],
)
def test_other_files_by_the_name_of_an_osm_file(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    error = refused(path)
    assert error.code == "not_osm"
    assert words in error.message


@pytest.mark.parametrize("suffix", [".osm", ".osm.pbf", ".geojson", ".parquet", ".roadgraph"])
@pytest.mark.parametrize("content", [b"just a text\n" * 20, b"\0" * 300, b"<gpx></gpx>", b"[1, 2]"])
def test_texts_and_bytes_by_any_name(tmp_path, suffix, content):
    path = tmp_path / f"network{suffix}"
    path.write_bytes(content)
    assert refused(path).message


SWAPPED = [(27.81, 114.39), (27.82, 114.40)]
METRES = [(480_000.25, 5_430_000.0), (480_100.0, 5_430_000.0)]


def osm_of(line) -> str:
    nodes = "".join(f"<node id='{i}' lon='{x}' lat='{y}'/>" for i, (x, y) in enumerate(line, 1))
    way = "<way id='1'><nd ref='1'/><nd ref='2'/><tag k='highway' v='primary'/></way>"
    return f"<osm version='0.6'>{nodes}{way}</osm>"


def write_as(suffix, line, path) -> None:
    if suffix == ".osm":
        path.write_text(osm_of(line), encoding="utf-8")
    elif suffix == ".osm.pbf":
        plain = path.with_name("plain.osm")
        plain.write_text(osm_of(line), encoding="utf-8")
        with osmium.SimpleWriter(str(path)) as writer:
            for item in osmium.FileProcessor(str(plain)):
                writer.add(item)
    elif suffix == ".geojson":
        geometry = {"type": "LineString", "coordinates": line}
        feature = {"type": "Feature", "geometry": geometry, "properties": {"highway": "primary"}}
        collection = {"type": "FeatureCollection", "features": [feature]}
        path.write_text(json.dumps(collection), encoding="utf-8")
    else:
        about = {"encoding": "WKB", "geometry_types": []}
        geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": about}}
        wkb = shapely.to_wkb(shapely.LineString(line))
        table = pa.table({"geometry": [wkb], "highway": ["primary"]})
        pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)


@pytest.mark.parametrize("suffix", [".osm", ".osm.pbf", ".geojson", ".parquet"])
def test_latitude_before_longitude(tmp_path, suffix):
    path = tmp_path / f"network{suffix}"
    write_as(suffix, SWAPPED, path)
    message = refused(path).message
    assert "longitude 27.8" in message
    assert "these look like latitude before longitude" in message


@pytest.mark.parametrize("suffix", [".osm", ".geojson", ".parquet"])
def test_metres(tmp_path, suffix):
    path = tmp_path / f"network{suffix}"
    write_as(suffix, METRES, path)
    message = refused(path).message
    assert "metres of a projected system" in message
    assert "EPSG:4326" in message


def test_no_cut_of_a_real_pbf_file_ends_in_a_traceback(tmp_path):
    content = Path(road_file("jinan.osm.pbf")).read_bytes()
    cut = tmp_path / "cut.osm.pbf"
    places = random.Random(1).sample(range(1, len(content)), 12)
    for size in sorted(places):
        cut.write_bytes(content[:size])
        error = refused(cut)
        assert error.code in {"not_osm", "network_unreadable"}, size
        assert "\n" not in error.message


def test_no_flipped_byte_of_a_pbf_file_ends_in_a_traceback(tmp_path):
    plain, path = tmp_path / "town.osm", tmp_path / "town.osm.pbf"
    plain.write_text(OsmTown("A 0 0; B 100 0; C 200 0", "1 A-B; 2 B>C").xml(), encoding="utf-8")
    with osmium.SimpleWriter(str(path)) as writer:
        for item in osmium.FileProcessor(str(plain)):
            writer.add(item)
    content = path.read_bytes()
    for place in range(0, len(content), 3):
        flipped = bytearray(content)
        flipped[place] ^= 0xFF
        path.write_bytes(flipped)
        try:
            graph = read_network(str(path))
        except NetworkError as error:
            assert error.where == str(path)  # noqa: PT017 - either outcome is right
        else:
            assert graph.check() == ()


def test_ways_of_one_place_are_no_roads(tmp_path):
    path = tmp_path / "town.osm"
    path.write_text(OsmTown("A 0 0; B 0 0; C 9 9", "1 A-B; 2 B-A-B").xml(), encoding="utf-8")
    assert refused(path).code == "network_empty"


def test_edges_of_length_zero_are_not_there(tmp_path):
    path = tmp_path / "town.osm"
    path.write_text(OsmTown("A 0 0; B 0 0; C 90 9", "1 A-B; 2 B-C; 3 A-B-C").xml())
    graph = read_network(str(path))
    assert graph.check() == ()
    assert (graph.edge_length_m > 0).all()
    assert graph.edge_count == 4


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<node id='99999999999999999999' lat='1' lon='1'/>", "cannot be read"),
        ("<node id='9223372036854775807' lat='1' lon='1'/>", "cannot be read"),
        ("<node id='1' lat='nan' lon='1'/>", "no number of degrees"),
    ],
)
def test_absurd_numbers(tmp_path, body, words):
    path = tmp_path / "town.osm"
    path.write_text(f"<osm version='0.6'>{body}</osm>", encoding="utf-8")
    assert words in refused(path).message


def test_absurd_values_of_tags_say_nothing(tmp_path):
    path = tmp_path / "town.osm"
    tags = f"layer={'9' * 900} maxspeed={'9' * 400} maxweight={'9' * 400} maxheight=1e9"
    path.write_text(OsmTown("A 0 0; B 100 0", f"1 A-B {tags}").xml(), encoding="utf-8")
    graph = read_network(str(path))
    assert graph.check() == ()
    assert graph.edge_layer.tolist() == [0, 0]


def within(limit: str, size: int, path) -> str:
    """Read a network where no more than so many bytes can be had, and tell what came of it."""
    program = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from roadnet.importers import read_network\n"
        "from roadnet.errors import NetworkError\n"
        "from roadnet.importers import osm\n"
        f"resource.setrlimit(resource.{limit}, ({size}, {size}))\n"
        "try:\n    read_network(sys.argv[1])\n"
        "except NetworkError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_billion_laughs_are_refused(tmp_path):
    names = "abcdefghijklmnopqrstuvwxyz"
    declared = "".join(f'<!ENTITY {one} "{f"&{before};" * 10}">' for before, one in pairwise(names))
    path = tmp_path / "bomb.osm"
    path.write_text(ENTITIES % declared, encoding="utf-8")
    assert "declares XML entities" in within("RLIMIT_DATA", 700 << 20, path)


def test_a_file_that_unpacks_to_a_thousand_times_its_size_takes_no_memory(tmp_path):
    path = tmp_path / "bomb.osm.gz"
    with gzip.open(path, "wb", compresslevel=6) as file:
        file.write(b"<osm version='0.6'>")
        for _ in range(40):
            file.write(b" " * (1 << 20))
        file.write(b"</osm>")
    assert path.stat().st_size < 1 << 20
    assert "no road in it" in within("RLIMIT_DATA", 700 << 20, path)


def test_no_room_for_temporary_files_does_not_end_the_process(tmp_path):
    path = tmp_path / "town.osm"
    places = "; ".join(f"P{i} {i * 10} 0" for i in range(1000))
    path.write_text(OsmTown(places, "1 P0-P1; 2 P1-P2").xml(), encoding="utf-8")
    assert "temporary files cannot be written" in within("RLIMIT_FSIZE", 1 << 12, path)
