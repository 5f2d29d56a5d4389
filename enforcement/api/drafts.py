"""`POST /routes/draft`: a drawn line in, streets and cameras out."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Body, Query, Request
from fastapi.responses import JSONResponse

from enforcement.api.models import Datum, DrawnLine, LineFeature, LineString
from enforcement.route_features import draft_features

router = APIRouter(tags=["routes"])


class GeoJSONResponse(JSONResponse):
    """JSON under GeoJSON's own media type."""

    media_type = "application/geo+json"


@router.post("/routes/draft", response_class=GeoJSONResponse)
def draft(
    request: Request,
    body: Annotated[LineString | LineFeature | DrawnLine, Body()],
    coordinates: Annotated[
        Datum | None, Query(description="System of a bare GeoJSON line; the city's when left out.")
    ] = None,
    departures: Annotated[
        bool, Query(description="Also answer with each street by which the route may be left.")
    ] = False,
) -> dict[str, Any]:
    """Match a drawn line to streets; answer with the path, its cameras, traps and blind stretches.

    The body is a GeoJSON LineString or Feature, or ``{"line": ..., "coordinates": "gcj02"}``. The
    answer is a FeatureCollection in the same coordinate system; nothing is stored.
    """
    city = request.app.state.city
    drafter = request.app.state.drafter
    datum = coordinates or city.definition.coordinates
    line = body
    if isinstance(line, DrawnLine):
        datum = line.coordinates or datum
        line = line.line
    if isinstance(line, LineFeature):
        line = line.geometry
    lonlat = np.array([position[:2] for position in line.coordinates], np.float64)
    return draft_features(city.coverage, drafter.draft(lonlat, datum), datum, departures=departures)
