"""`POST /routes/draft`: a drawn line in, streets and cameras out."""

from __future__ import annotations

import time
from datetime import datetime  # noqa: TC003 - FastAPI reads it at run time
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.responses import JSONResponse

from enforcement.api.instants import instant_us
from enforcement.api.models import Datum, DraftMode, DrawnLine, LineFeature, LineString
from enforcement.reports.png import png_of, writes_chinese
from enforcement.reports.route_picture import draw_route
from enforcement.route_features import draft_features

router = APIRouter(tags=["routes"])


class GeoJSONResponse(JSONResponse):
    """JSON under GeoJSON's own media type."""

    media_type = "application/geo+json"


@router.post(
    "/routes/draft",
    response_class=GeoJSONResponse,
    response_model=None,
    responses={
        200: {
            "description": "GeoJSON, or the picture asked for.",
            "content": {"image/svg+xml": {}, "image/png": {}},
        }
    },
)
def draft(
    request: Request,
    body: Annotated[LineString | LineFeature | DrawnLine, Body()],
    coordinates: Annotated[
        Datum | None, Query(description="System of a bare GeoJSON line; the city's when left out.")
    ] = None,
    mode: Annotated[
        DraftMode,
        Query(description="`match`: follow the line; `via`: route through its points in order."),
    ] = "match",
    departures: Annotated[
        bool, Query(description="Also answer with each street by which the route may be left.")
    ] = False,
    at: Annotated[
        datetime | None,
        Query(description="Look at the cameras in service then; now when left out."),
    ] = None,
    picture: Annotated[
        Literal["svg", "png"] | None, Query(description="Answer with a picture of this kind.")
    ] = None,
) -> dict[str, Any] | Response:
    """Match a drawn line to streets; answer with the path, its cameras, traps and blind stretches.

    The body is a GeoJSON LineString or Feature, or ``{"line": ..., "coordinates": "gcj02",
    "mode": "via"}``. The
    answer is a FeatureCollection in the same coordinate system, or a picture; nothing is stored.
    """
    city = request.app.state.city
    drafter = request.app.state.drafter
    datum = coordinates or city.definition.coordinates
    line = body
    if isinstance(line, DrawnLine):
        datum = line.coordinates or datum
        mode = line.mode or mode
        line = line.line
    if isinstance(line, LineFeature):
        line = line.geometry
    lonlat = np.array([position[:2] for position in line.coordinates], np.float64)
    at_us = time.time_ns() // 1000
    if at is not None:
        at_us = instant_us("at", at, city.definition.timezone)
    drafted = drafter.draft(lonlat, datum, via=mode == "via", at_us=at_us)
    if picture == "svg":
        return Response(draw_route(city.coverage, drafted), media_type="image/svg+xml")
    if picture == "png":
        svg = draw_route(city.coverage, drafted, chinese=writes_chinese())
        return Response(png_of(svg), media_type="image/png")
    return draft_features(city.coverage, drafted, datum, departures=departures)
