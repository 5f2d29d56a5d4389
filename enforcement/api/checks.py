"""`POST /check`: one hit judged, with its explanation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request

from enforcement.api.models import HitToCheck  # noqa: TC001 - FastAPI reads it at run time
from enforcement.api.problems import Problem
from enforcement.matching.explain import explain_hit
from enforcement.matching.single_hit import Hit

router = APIRouter(tags=["judgement"])

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@router.post("/check")
def check_hit(request: Request, hit: HitToCheck) -> dict[str, Any]:
    """Judge one hit and say why, step by step, in Chinese and English. Nothing is stored."""
    city = request.app.state.city
    moment = hit.captured_at
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(city.definition.timezone))
    try:
        captured_at_us = (moment.astimezone(UTC) - _EPOCH) // _MICROSECOND
    except OverflowError:
        detail = f"captured_at: {moment.isoformat()} is outside the calendar"
        raise Problem(422, "invalid_request", "A value cannot be used", detail) from None
    explanation = explain_hit(
        city.rules,
        Hit(
            camera_id=hit.camera_id,
            plate=hit.plate,
            plate_class=hit.plate_class,
            vehicle_class=hit.vehicle_class,
            captured_at_us=captured_at_us,
            confidence=hit.confidence,
        ),
    )
    answer: dict[str, Any] = explanation.to_dict()
    return answer
