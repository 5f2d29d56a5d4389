"""Days of hits for sweeps of Toytown: rows, files of any format, and the sweep itself."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from enforcement.compiled_city import CompiledCity, compile_city
from enforcement.sweep import SweepRequest, sweep
from ingest.hits import HIT_SCHEMA
from tests.enforcement.cities import write_city

if TYPE_CHECKING:
    from collections.abc import Sequence

SUFFIXES = ("ndjson", "csv", "parquet")
_NUMBERS = ("speed_kmh", "lane", "confidence")


def quiet(stage: str, done: int, total: int) -> None:
    """Take progress and show nothing."""


def hit(at: str, **values: Any) -> dict[str, Any]:
    """Return a hit of the lorry of permit P-1 by C-001 on Tuesday 2026-03-17, civil time `at`.

    Between 09:00 and 16:00 it is permitted, else in the old town's hours a violation.
    """
    captured_at = at if "T" in at else f"2026-03-17T{at}+08:00"
    row = {"camera_id": "C-001", "plate": "赣C12345", "plate_class": "01"}
    return row | {"captured_at": captured_at} | values


@cache
def toytown() -> CompiledCity:
    """Compile the good small city once for all tests."""
    with TemporaryDirectory() as folder:
        return compile_city(str(write_city(Path(folder) / "city")), quiet)


def write_hits(file: Path, hits: Sequence[dict[str, Any]]) -> Path:
    """Write hits in the format that the suffix names; a value that is None is left empty."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix == ".parquet":
        names = [name for name in HIT_SCHEMA.names if any(name in one for one in hits)]
        schema = pa.schema(
            [(name, pa.float64() if name in _NUMBERS else pa.string()) for name in names]
        )
        pq.write_table(pa.Table.from_pylist(list(hits), schema=schema), file)
    elif file.suffix == ".csv":
        names = [name for name in HIT_SCHEMA.names if any(name in one for one in hits)]
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, names)
            writer.writeheader()
            writer.writerows(hits)
    else:
        lines = [json.dumps(one, ensure_ascii=False) + "\n" for one in hits]
        file.write_text("".join(lines), encoding="utf-8")
    return file


def swept(
    city: CompiledCity, out: Path, *sources: Path, workers: int = 1, **cut: Any
) -> dict[str, Any]:
    """Sweep and return the summary, `seconds` taken out."""
    names = tuple(str(source) for source in sources)
    request = SweepRequest(sources=names, out=str(out), workers=workers, **cut)
    summary = sweep(city, request, quiet)
    assert summary.pop("seconds") >= 0
    return summary


def rows(file: Path) -> list[dict[str, Any]]:
    """Return the rows of a result file."""
    return pq.read_table(file).to_pylist()
