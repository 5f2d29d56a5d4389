"""`POST /check`: one hit judged, with its explanation."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from enforcement.api.instants import instant_us
from enforcement.api.models import HitToCheck  # noqa: TC001 - FastAPI reads it at run time
from enforcement.explaining.full_explanation import explain_by_rules
from enforcement.matching.single_hit import Hit

router = APIRouter(tags=["judgement"])


@router.post("/check")
def check_hit(request: Request, hit: HitToCheck) -> dict[str, Any]:
    """Judge one hit and say why, step by step, in Chinese and English. Nothing is stored.

    Doubts are asked as far as the rules alone can tell.
    """
    city = request.app.state.city
    captured_at_us = instant_us("captured_at", hit.captured_at, city.definition.timezone)
    explanation = explain_by_rules(
        city.rules,
        Hit(
            camera_id=hit.camera_id,
            plate=hit.plate,
            plate_class=hit.plate_class,
            vehicle_class=hit.vehicle_class,
            captured_at_us=captured_at_us,
            confidence=hit.confidence,
        ),
        city.coverage,
    )
    answer: dict[str, Any] = explanation.to_dict()
    return answer
