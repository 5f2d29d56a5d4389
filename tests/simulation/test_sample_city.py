"""The committed sample city: its nuisances have their shares, and it is what the simulator makes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from benchmarks.simulation import machines, reading
from benchmarks.simulation.layout import Order
from benchmarks.simulation.world import make_city
from ingest.plates import is_plausible, normalise_plate
from tests.simulation.conftest import DAY
from tests.simulation.test_world import hits_of

SAMPLE = Path(__file__).parents[2] / "data/samples/qingtan"


@pytest.fixture(scope="module")
def rows() -> list[tuple[dict, dict]]:
    truth = pq.read_table(SAMPLE / "truth.parquet").to_pylist()
    return list(zip(hits_of(SAMPLE).to_pylist(), truth, strict=True))


def test_it_is_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) < 8_000_000


def test_truth_has_the_rows_of_the_hits(rows: list[tuple[dict, dict]]) -> None:
    assert len(rows) == 150_000
    assert all(hit["hit_id"] == true["hit_id"] for hit, true in rows)


def test_every_nuisance_has_its_share(rows: list[tuple[dict, dict]]) -> None:
    count = Counter(label for _, true in rows for label in true["labels"].split(",") if label)
    faults = reading.Faults()
    share = {label: count[label] / len(rows) for label in reading.LABELS}
    # Low-confidence reads are misread more often than others; one in three.
    expected = {
        "misread": machines.MISREAD + 0.3 * faults.low_confidence,
        "low_confidence": faults.low_confidence,
        "unreadable": faults.unreadable,
        "duplicate": faults.duplicate,
        "retransmission": faults.retransmission,
        "unknown_camera": faults.unknown_camera,
        "malformed": faults.malformed,
        "late": faults.late,
    }
    for label, value in expected.items():
        assert share[label] == pytest.approx(value, rel=0.25), label
    for label in (
        "clone",
        "wrong_clock",
        "retired_camera",
        "no_plate_class",
        "wrong_class",
        "no_class",
        "trailer",
        "odd_writing",
    ):
        assert count[label] > 50, label
    trucks = [
        true
        for _, true in rows
        if true["vehicle_class"] in ("heavy_truck", "light_truck", "tractor")
    ]
    wrong = sum("wrong_class" in true["labels"] for true in trucks) / len(trucks)
    assert wrong == pytest.approx(faults.wrong_class_truck, rel=0.25)


def test_labels_say_what_is_in_the_row(rows: list[tuple[dict, dict]]) -> None:
    for hit, true in rows:
        labels = set(true["labels"].split(","))
        plate = normalise_plate(hit["plate"])
        spoilt = labels & {"misread", "unreadable", "clone"}
        assert (plate == true["plate"]) is not bool(spoilt), (hit, true)
        # A misread may take the last digit from a plate.
        readable = "unreadable" not in labels
        assert is_plausible(plate) == readable or (readable and "misread" in labels), (hit, true)
        assert ("malformed" in labels) == (hit["captured_at"] is None or hit["camera_id"] is None)
        low = hit["confidence"] is not None and hit["confidence"] < 0.8
        assert ("low_confidence" in labels) == low
        if not labels & {"malformed", "wrong_clock"}:
            off_s = (hit["captured_at"] - true["captured_at"]).total_seconds()
            assert abs(off_s) < 1.5, (hit, true)


def test_retransmissions_are_the_same_row_and_duplicates_are_near(
    rows: list[tuple[dict, dict]],
) -> None:
    by_id: dict[str, list[dict]] = {}
    for hit, true in rows:
        by_id.setdefault(hit["hit_id"], []).append(hit)
        assert ("retransmission" in true["labels"]) == (len(by_id[hit["hit_id"]]) > 1)
    assert all(hits.count(hits[0]) == len(hits) for hits in by_id.values())


def test_every_reason_happens(rows: list[tuple[dict, dict]]) -> None:
    reasons = Counter(true["reason"] for _, true in rows)
    for reason in (
        "no_permit", "off_route", "outside_hours", "expired", "suspended", "revoked", "not_yet_valid",
        "absolute_ban", "over_speed",
    ):  # fmt: skip
        assert reasons[reason] >= 5, reason
    assert 0.7 < sum(t["accusable"] for _, t in rows) / sum(t["violation"] for _, t in rows) < 0.97


def test_freight_is_about_a_seventh_of_the_hits() -> None:
    classes = pq.read_table(SAMPLE / "truth.parquet")["vehicle_class"]
    freight = ["heavy_truck", "medium_truck", "light_truck", "mini_truck", "tractor", "special"]
    share = pc.sum(pc.is_in(classes, value_set=pa.array(freight))).as_py()
    assert 0.13 < share / len(classes) < 0.17


@pytest.mark.long
def test_the_simulator_makes_it_again(tmp_path: Path) -> None:
    make_city(Order(tmp_path / "qingtan", DAY))
    for name in (
        "cameras.geojson",
        "restrictions.geojson",
        "routes.geojson",
        "closures.geojson",
        "permits.jsonl",
        "city.toml",
    ):
        assert (tmp_path / "qingtan" / name).read_bytes() == (SAMPLE / name).read_bytes(), name
    # Parquet and PBF carry the version of what wrote them; their content is what must be equal.
    for name in ("truth.parquet", "vehicles.parquet"):
        assert pq.read_table(tmp_path / "qingtan" / name).equals(pq.read_table(SAMPLE / name)), name
    assert hits_of(tmp_path / "qingtan").equals(hits_of(SAMPLE))
