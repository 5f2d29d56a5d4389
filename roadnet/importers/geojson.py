"""GeoJSON networks (RFC 7946): LineStrings and MultiLineStrings with OSM's tag names as properties."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from roadnet.errors import NetworkError
from roadnet.importers.features import Feature, ways_of_features

if TYPE_CHECKING:
    from collections.abc import Iterator

    from roadnet.importers.network import ReadWays
    from roadnet.types import FloatArray

_BOM: Final = b"\xef\xbb\xbf"
# Names of WGS-84 degrees in the `crs` member of GeoJSON before RFC 7946.
_DEGREES_CRS: Final = ("crs84", "epsg:4326", "epsg::4326")


def load_geojson(path: str, country: str = "") -> ReadWays:
    """Read the roads of a GeoJSON file.

    Parameters
    ----------
    path
        Local file, UTF-8, a FeatureCollection. Heights are dropped.
    country
        ISO 3166 code, for speeds that no property gives; empty where unknown.

    Returns
    -------
    ReadWays
        See `ways_of_features`.

    Raises
    ------
    NetworkError
        Not GeoJSON, or some feature is faulty.
    """
    content = Path(path).read_bytes().removeprefix(_BOM)
    if content.lstrip()[:1] == b"<":
        raise NetworkError("not_geojson", "the file is XML or an HTML page; expected GeoJSON", path)
    try:
        collection = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NetworkError(
            "not_geojson", f"not readable as JSON in UTF-8: {error}", path
        ) from error
    return ways_of_features(_features(collection, path), path, country)


def _features(collection: Any, path: str) -> Iterator[Feature]:
    if not isinstance(collection, dict) or collection.get("type") != "FeatureCollection":
        found = "no JSON object"
        if isinstance(collection, dict):
            found = f"type {collection.get('type')!r}"
            if "elements" in collection:
                found = "Overpass JSON (`elements`): export it as GeoJSON, or ask for XML (.osm)"
        raise NetworkError("not_geojson", f"{found}; expected a FeatureCollection", path)
    features = collection.get("features")
    if not isinstance(features, list):
        raise NetworkError("not_geojson", "features is no list", path)
    _check_crs(collection.get("crs"), path)
    for number, feature in enumerate(features, 1):
        yield _feature(number, feature)


def _check_crs(crs: Any, path: str) -> None:
    if not isinstance(crs, dict) or not isinstance(crs.get("properties"), dict):
        return
    name = str(crs["properties"].get("name", ""))
    if name and not name.lower().endswith(_DEGREES_CRS):
        raise NetworkError(
            "not_geojson", f"crs is {name}; expected WGS-84 degrees (EPSG:4326): export it so", path
        )


def _feature(number: int, feature: Any) -> Feature:
    if not isinstance(feature, dict):
        return Feature(number, (), {}, "no JSON object; expected a Feature")
    properties = feature.get("properties") or {}
    if not isinstance(properties, dict):
        return Feature(number, (), {}, "properties is no JSON object")
    geometry = feature.get("geometry")
    try:
        return Feature(number, _geometry_lines(geometry), properties, place=_place(geometry))
    except (TypeError, ValueError, IndexError, OverflowError):
        fault = "geometry.coordinates are not lists of [longitude, latitude] in numbers"
        return Feature(number, (), properties, fault)


def _place(geometry: Any) -> tuple[float, float] | None:
    """Read a point, None for anything else; raises as `_line` does."""
    if not isinstance(geometry, dict) or geometry.get("type") != "Point":
        return None
    coordinates = geometry.get("coordinates")
    if not coordinates:  # an empty point, which RFC 7946 allows
        return None
    lon, lat = _line([coordinates])[0].tolist()
    return lon, lat


def _geometry_lines(geometry: Any) -> tuple[FloatArray, ...]:
    """Read the lines of a geometry, none of any that is no line; raises as `_line` does."""
    if geometry is None:
        return ()
    if not isinstance(geometry, dict):
        raise TypeError
    coordinates: Any = geometry.get("coordinates")
    if geometry.get("type") == "LineString":
        return (_line(coordinates),)
    if geometry.get("type") == "MultiLineString":
        return tuple(_line(part) for part in coordinates)
    return ()


def _line(coordinates: Any) -> FloatArray:
    """Read [[lon, lat], ...]; raises TypeError, ValueError or IndexError for anything else."""
    if not isinstance(coordinates, list):
        raise TypeError
    points = [(_number(point[0]), _number(point[1])) for point in coordinates]
    return np.array(points, dtype=np.float64).reshape(-1, 2)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return float(value)
