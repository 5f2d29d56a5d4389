"""What the API takes: GeoJSON lines and hits to check."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Datum = Literal["wgs84", "gcj02", "bd09"]
DraftMode = Literal["match", "via"]
Position = Annotated[list[float], Field(min_length=2, max_length=4)]


class LineString(BaseModel):
    """A GeoJSON LineString: positions of lon, lat; an altitude is taken and not used."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["LineString"]
    coordinates: Annotated[list[Position], Field(min_length=1, max_length=50_000)]


class LineFeature(BaseModel):
    """A GeoJSON Feature of a LineString; properties are not used."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["Feature"]
    geometry: LineString
    properties: dict[str, Any] | None = None


class DrawnLine(BaseModel):
    """A line and the coordinate system that it was drawn in."""

    model_config = ConfigDict(extra="forbid")

    line: LineString | LineFeature
    coordinates: Datum | None = Field(
        default=None, description="System of the line and of the answer; the city's when left out."
    )
    mode: DraftMode | None = Field(
        default=None,
        description="`match`: follow the line; `via`: route through its points in order.",
    )


class HitToCheck(BaseModel):
    """One read of a plate."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "plate": "赣C12345",
                    "plate_class": "01",
                    "camera_id": "C-001",
                    "captured_at": "2026-03-17T08:00:00+08:00",
                }
            ]
        },
    )

    plate: Annotated[str, Field(max_length=200)]
    camera_id: Annotated[str, Field(max_length=200)]
    captured_at: datetime = Field(
        description="RFC 3339; without offset it is the city's civil time."
    )
    plate_class: Annotated[str, Field(max_length=20)] | None = None
    vehicle_class: Annotated[str, Field(max_length=40)] | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
