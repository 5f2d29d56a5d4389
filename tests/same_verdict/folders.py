"""A world as files: the city folder and the hits that an operator would have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pathlib import Path

    from tests.same_verdict.worlds import World

HIT_FORMATS = ("ndjson", "csv", "parquet")
_REGISTRY = pa.schema([(name, pa.string()) for name in ("plate", "plate_class", "vehicle_class")])
_HITS = pa.schema(
    [
        *((name, pa.string()) for name in ("camera_id", "plate", "captured_at")),
        *((name, pa.string()) for name in ("plate_class", "vehicle_class")),
        ("confidence", pa.float64()),
    ]
)


def write_city(city: dict[str, Any], folder: Path) -> None:
    folder.mkdir()
    (folder / "city.toml").write_text(
        f'name = "world"\ntimezone = "{city["timezone"]}"\nholidays = "{city["holidays"]}"\n'
        f"[judgement]\nmin_confidence = {city['min_confidence']}\n"
        f"grace_minutes = {city['grace_minutes']}\n"
    )
    (folder / "network.osm").write_text('<osm version="0.6"></osm>')
    _write_features(
        folder / "cameras.geojson",
        [
            _feature({"type": "Point", "coordinates": [camera["lon"], camera["lat"]]}, camera)
            for camera in reversed(city["cameras"])
        ],
    )
    _write_features(
        folder / "restrictions.geojson",
        [_feature(_polygon(rule.get("area")), rule) for rule in city["restrictions"]],
    )
    line = {"type": "LineString", "coordinates": [[114.39, 27.81], [114.4, 27.81]]}
    _write_features(
        folder / "routes.geojson", [_feature(line, {"route_id": name}) for name in city["routes"]]
    )
    lines = [
        json.dumps({**permit, "grants": [_grant(grant) for grant in permit["grants"]]})
        for permit in city["permits"]
    ]
    (folder / "permits.jsonl").write_text("\n".join(lines))
    pq.write_table(
        pa.Table.from_pylist(city["vehicles"], schema=_REGISTRY), folder / "vehicles.parquet"
    )


def write_hits(world: World, file_format: str, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / f"hits.{file_format}"
    table = pa.Table.from_pylist(list(world.hits), schema=_HITS)
    if file_format == "parquet":
        pq.write_table(table, file)
    elif file_format == "csv":
        pc.write_csv(table, file)
    else:
        lines = [json.dumps(hit, ensure_ascii=False) for hit in world.hits]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def _write_features(file: Path, features: list[dict[str, Any]]) -> None:
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))


def _feature(geometry: dict[str, Any] | None, values: dict[str, Any]) -> dict[str, Any]:
    properties = {
        name: value for name, value in values.items() if name not in {"area", "lon", "lat"}
    }
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _polygon(ring: Any) -> dict[str, Any] | None:
    return None if ring is None else {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def _grant(grant: dict[str, Any]) -> dict[str, Any]:
    return {**grant, "area": _polygon(grant["area"])} if "area" in grant else grant
