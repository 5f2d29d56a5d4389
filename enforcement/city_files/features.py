"""GeoJSON FeatureCollections: features one by one, with their properties and geometry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from enforcement.city_files.fault_log import shown
from enforcement.city_files.json_text import JsonError, decode_json
from enforcement.city_files.records import Record, as_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from enforcement.city_files.fault_log import FaultLog

# Endings of names of WGS-84 that files carry; EPSG 4490 (CGCS2000) is within centimetres of it.
_WGS84_NAMES: Final = ("CRS84", ":4326", ":4490")


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: `properties` reports faults of any of its fields; the others are as decoded."""

    properties: Record
    geometry: Any
    feature_id: Any = None


def read_features(
    faults: FaultLog, file: str, content: bytes, id_name: str
) -> Iterator[Feature] | None:
    """Return the features of a GeoJSON file, or None after a fault of the whole file.

    Parameters
    ----------
    faults
        Takes what is wrong with the collection and with single features.
    file
        Name of the file, for faults.
    content
        The bytes of the file.
    id_name
        The property that names a feature in the place of a fault, ``feature 3 (C-001)``.
    """
    try:
        collection = decode_json(content)
    except JsonError as error:
        place = f"line {error.line}, column {error.column}" if error.line else ""
        faults.fault(file, place, "", error.message, error.code)
        return None
    if not isinstance(collection, dict) or collection.get("type") != "FeatureCollection":
        kind = collection.get("type") if isinstance(collection, dict) else collection
        faults.fault(
            file, "", "type", f"found {shown(kind)}, expected a FeatureCollection", "no_collection"
        )
        return None
    _check_crs(faults, file, collection)
    features = collection.get("features")
    if not isinstance(features, list):
        faults.fault(
            file, "", "features", f"found {shown(features)}, expected a list", "no_collection"
        )
        return None
    return _features(faults, file, features, id_name)


def _features(faults: FaultLog, file: str, features: list[Any], id_name: str) -> Iterator[Feature]:
    for number, feature in enumerate(features, 1):
        place = f"feature {number}"
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            faults.fault(file, place, "type", "expected an object of type Feature", "no_feature")
            continue
        properties = feature.get("properties")
        if properties is None:
            properties = {}
        if not isinstance(properties, dict):
            faults.fault(
                file,
                place,
                "properties",
                f"found {shown(properties)}, expected an object",
                "no_object",
            )
            continue
        name = as_text(properties.get(id_name))
        yield Feature(
            Record(faults, file, f"{place} ({name})" if name else place, properties),
            feature.get("geometry"),
            feature.get("id"),
        )


def _check_crs(faults: FaultLog, file: str, collection: Mapping[str, Any]) -> None:
    crs = collection.get("crs")
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str) or not name.upper().endswith(_WGS84_NAMES):
        faults.fault(
            file,
            "",
            "crs",
            f"found {shown(name if name is not None else crs)}, expected longitude and latitude in "
            "WGS-84 (no crs, CRS84 or EPSG:4326); shifted Chinese coordinates are declared by "
            "`coordinates` in city.toml",
            "crs",
        )
