"""The city that the simulator writes, as a whole."""

from __future__ import annotations

import filecmp
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.simulation.layout import Order
from benchmarks.simulation.world import make_city
from enforcement.city import read_city
from enforcement.compiled_city import compile_city
from enforcement.coverage import survey_city
from enforcement.sweep import SweepRequest, sweep
from ingest.hits import HIT_SCHEMA
from ingest.plates import normalise_plate
from roadnet.importers import read_network
from roadnet.mapmatching import LineMatcher
from tests.roadnet.real_data import road_file
from tests.simulation.conftest import DAY, SMALL


def quiet(*_: object) -> None:
    """Take no notice of progress."""


def hits_of(city: Path) -> pa.Table:
    return pa.concat_tables([pq.read_table(file) for file in sorted((city / "hits").iterdir())])


def files_of(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_same_seed_gives_the_same_bytes(small_city: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    make_city(Order(again, DAY, **SMALL))
    names = files_of(small_city)
    assert files_of(again) == names
    assert {"city.toml", "permits.jsonl", "truth.parquet", "hits/2026-03-17T08.parquet"} <= set(
        names
    )
    assert filecmp.cmpfiles(small_city, again, names, shallow=False) == (names, [], [])


def test_product_reads_the_city_without_fault(small_city: Path) -> None:
    definition, warnings = read_city(str(small_city))
    assert len({camera.camera_id for camera in definition.cameras}) == SMALL["cameras"]
    assert len(definition.permits) == SMALL["permits"]
    assert len(definition.routes) == SMALL["routes"]
    assert {p.binding for p in definition.permits} == {"exempts", "confines"}
    assert {"active", "suspended", "revoked", "withdrawn", "applied"} <= {
        entry.status for permit in definition.permits for entry in permit.status
    }
    grants = [grant for permit in definition.permits for grant in permit.grants]
    for kind in ("route_id", "area", "point", "cameras"):
        assert any(getattr(grant, kind) is not None for grant in grants), kind
    assert len({grant.schedule for grant in grants}) > 20
    assert any(not restriction.permits_exempt for restriction in definition.restrictions)
    assert not [fault for fault in warnings if "polygon" in str(fault)]


def test_hits_have_the_canonical_schema(small_city: Path) -> None:
    hits = hits_of(small_city)
    assert hits.schema == HIT_SCHEMA
    assert len(hits) == SMALL["hits"]


def test_sweep_agrees_with_the_truth_of_every_clean_hit(small_city: Path, tmp_path: Path) -> None:
    compiled = compile_city(str(small_city), quiet)
    sweep(compiled, SweepRequest((str(small_city / "hits"),), str(tmp_path / "out")), quiet)
    found = pq.read_table(tmp_path / "out/violations.parquet").to_pylist()
    accused = {row["hit_id"]: row["reason"] for row in found}
    held = {row["hit_id"] for row in found if row["held"]}
    compared = 0
    truth = pq.read_table(small_city / "truth.parquet").to_pylist()
    for row in truth:
        if not set(row["labels"].split(",")) <= {"", "late", "odd_writing", "trailer"}:
            continue
        answer = accused.get(row["hit_id"])
        if row["over_speed"] or (answer == "over_speed" and row["hit_id"] in held):
            # Judged by the shortest way, so that not every drive that was too fast is found; what a
            # wrong clock makes of others is held.
            assert answer in {None, "over_speed"}, row
            continue
        assert answer == row["reason"], row
        compared += answer is not None
    assert compared > 10


def test_a_line_drawn_in_gcj02_has_the_same_cameras(
    small_city: Path, small_city_gcj02: Path
) -> None:
    plain, moved = (read_city(str(city))[0] for city in (small_city, small_city_gcj02))
    assert moved.coordinates == "gcj02"
    surveys = [
        survey_city(city, read_network(city.network_file, datum=city.coordinates), quiet)
        for city in (plain, moved)
    ]
    assert surveys[0].route_cameras == surveys[1].route_cameras
    assert sum(map(len, surveys[0].route_cameras.values())) > SMALL["routes"]


def test_nobody_is_in_two_places_at_once(small_city: Path) -> None:
    cameras = json.loads((small_city / "cameras.geojson").read_text(encoding="utf-8"))["features"]
    records = Counter(camera["properties"]["camera_id"] for camera in cameras)
    site = {c["properties"]["camera_id"]: c["geometry"]["coordinates"] for c in cameras}
    rows = pq.read_table(small_city / "truth.parquet").sort_by(
        [("vehicle", "ascending"), ("captured_at", "ascending")]
    )
    # A camera that moved has two places; a duplicate is read when its vehicle has driven on.
    sure = [
        records[camera] == 1 and "duplicate" not in labels
        for camera, labels in zip(
            rows["camera_id"].to_pylist(), rows["labels"].to_pylist(), strict=True
        )
    ]
    rows = rows.filter(pa.array(sure))
    vehicle = rows["vehicle"].to_numpy()
    at_ms = rows["captured_at"].cast(pa.int64()).to_numpy()
    lon, lat = np.array([site[name] for name in rows["camera_id"].to_pylist()]).T
    east = np.diff(lon) * 111_195 * np.cos(np.radians(27.81))
    away_m = np.hypot(east, np.diff(lat) * 111_195)
    seconds = np.diff(at_ms) / 1000
    same = np.diff(vehicle) == 0
    # 60 m for the cameras' own errors and for where on the approach they read.
    assert (away_m[same] <= 60 + seconds[same] * 130 / 3.6).all()


def test_a_real_network_serves_as_well(tmp_path: Path) -> None:
    network = Path(road_file("jinan.osm.pbf"))
    order = Order(tmp_path / "jinan", DAY, 3, network, "Jinan", "鲁A", 60, 80, 6, 2000)
    counts = make_city(order)
    assert counts["hits"] == 2000
    definition, _ = read_city(str(order.out))
    assert len(definition.routes) == 6
    plates = [normalise_plate(p) for p in hits_of(order.out)["plate"].to_pylist()]
    assert sum(plate.startswith("鲁A") for plate in plates) > 1000
    matcher = LineMatcher(read_network(str(network)))
    assert matcher.match_line(definition.routes[0].lonlat).path.edges.size > 3
