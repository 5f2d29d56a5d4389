"""Geometry in WKB into features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from roadnet.importers.features import Feature

if TYPE_CHECKING:
    from collections.abc import Mapping


def feature_of_wkb(number: int, blob: Any, properties: Mapping[str, Any], column: str) -> Feature:
    """Read one feature of a table.

    Parameters
    ----------
    number
        Its place in the file, from 1.
    blob
        Bytes, or None for no geometry. Heights are dropped.
    properties
        Its other columns.
    column
        Name of the geometry's, for the fault.

    Returns
    -------
    Feature
        Without lines and place for any geometry but lines and points; with a fault for what is no
        WKB.
    """
    if blob is None:
        return Feature(number, (), properties)
    try:
        geometry = shapely.from_wkb(blob)
    except (shapely.errors.ShapelyError, TypeError) as error:
        return Feature(number, (), properties, f"{column} is no WKB: {error}")
    if geometry.geom_type == "Point" and not geometry.is_empty:
        return Feature(number, (), properties, place=(geometry.x, geometry.y))
    if geometry.geom_type not in {"LineString", "MultiLineString"}:
        return Feature(number, (), properties)
    parts = (geometry,) if geometry.geom_type == "LineString" else geometry.geoms
    lines = tuple(np.asarray(shapely.get_coordinates(part), dtype=np.float64) for part in parts)
    return Feature(number, lines, properties)
