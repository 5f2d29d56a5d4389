"""GeoParquet networks (version 1): lines in WKB, with OSM's tag names as columns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet as pq

from roadnet.errors import NetworkError
from roadnet.importers.features import ways_of_features
from roadnet.importers.wkb import feature_of_wkb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from roadnet.importers.features import Feature
    from roadnet.importers.network import ReadWays

_DEGREES: Final = (("EPSG", "4326"), ("OGC", "CRS84"))


def load_geoparquet(path: str, country: str = "") -> ReadWays:
    """Read the roads of a GeoParquet file.

    Parameters
    ----------
    path
        Local file; its primary geometry column holds WKB in WGS-84 degrees. Heights are dropped.
    country
        ISO 3166 code, for speeds that no property gives; empty where unknown.

    Returns
    -------
    ReadWays
        See `ways_of_features`; a feature's number is its row, from 1.

    Raises
    ------
    NetworkError
        Not GeoParquet, in another projection or encoding, or some row is faulty.
    """
    try:
        table = pq.read_table(path)
        column = _geometry_column(table, path)
        return ways_of_features(_features(table, column), path, country)
    except pa.ArrowException as error:
        raise NetworkError("not_geoparquet", f"cannot be read as Parquet: {error}", path) from error


def _geometry_column(table: pa.Table, path: str) -> str:
    """Find the primary geometry column in the file's `geo` metadata, and check what is in it."""
    try:
        geo = json.loads((table.schema.metadata or {})[b"geo"])
        column = str(geo["primary_column"])
        about = geo["columns"][column]
        encoding, crs = about["encoding"], about.get("crs")
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        message = "no GeoParquet metadata (`geo`); expected GeoParquet, not a plain table"
        raise NetworkError("not_geoparquet", message, path) from error
    if column not in table.column_names:
        raise NetworkError("not_geoparquet", f"there is no geometry column {column!r}", path)
    if encoding != "WKB":
        message = f"column {column}: encoding is {encoding!r}; expected WKB"
        raise NetworkError("not_geoparquet", message, path)
    if crs is not None:  # none means OGC:CRS84
        known = crs.get("id", {}) if isinstance(crs, dict) else {}
        if (str(known.get("authority")), str(known.get("code"))) not in _DEGREES:
            name = crs.get("name") if isinstance(crs, dict) else crs
            message = f"column {column}: crs is {name!r}; expected WGS-84 degrees (EPSG:4326)"
            raise NetworkError("not_geoparquet", message, path)
    return column


def _features(table: pa.Table, column: str) -> Iterator[Feature]:
    properties = table.drop_columns([column]).to_pylist()
    blobs = table.column(column).to_pylist()
    for number, (blob, values) in enumerate(zip(blobs, properties, strict=True), 1):
        yield feature_of_wkb(number, blob, values, column)
