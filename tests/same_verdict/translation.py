"""A world in the oracle's plain values, said in ours, and our answers said in the oracle's."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from enforcement.findings import Reason, Verdict
from enforcement.matching.explain import explain_hit
from enforcement.matching.single_hit import Hit
from enforcement.matching.warning_periods import only_warned_of
from enforcement.rules.definition import CityDefinition
from enforcement.rules.permits import Grant, NamedVehicle, Permit, Place, StatusEntry
from enforcement.rules.places import ALWAYS_FROM_US, ALWAYS_UNTIL_US, Camera, Route
from enforcement.rules.registry import RegisteredVehicle
from enforcement.rules.restrictions import Restriction
from enforcement.settings import CasePolicy, Judgement
from ingest.hits import CAMERA_MISSING, CAMERA_UNKNOWN, NO_INSTANT, VEHICLE_CLASSES, HitBatch
from ingest.plate_classes import plate_class_code
from ingest.plate_keys import PlateKeys
from ingest.plates import normalise_plate
from ingest.vehicle_classes import vehicle_class_code
from tests.oracles.cases import CONTINUOUS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enforcement.index.layout import Rules
    from enforcement.matching.explain import Explanation
    from enforcement.matching.matcher import VerdictBatch

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LINE = np.array([[114.39, 27.81], [114.4, 27.81]])


def definition_of(city: dict[str, Any]) -> CityDefinition:
    zone = ZoneInfo(city["timezone"])
    return CityDefinition(
        name="world",
        timezone=city["timezone"],
        holidays=city["holidays"],
        judgement=Judgement(
            min_confidence=city["min_confidence"],
            grace_minutes=city["grace_minutes"],
            case_policy=CasePolicy(**city.get("case_policy", CONTINUOUS)),
        ),
        cameras=[_camera(camera, zone) for camera in city["cameras"]],
        restrictions=sorted(
            (_restriction(rule, zone) for rule in city["restrictions"]),
            key=lambda rule: rule.restriction_id,
        ),
        routes=[Route(route_id, "East gate", _LINE, "") for route_id in sorted(city["routes"])],
        permits=sorted(
            (_permit(permit, zone) for permit in city["permits"]),
            key=lambda permit: permit.permit_id,
        ),
        vehicles=[
            RegisteredVehicle(
                normalise_plate(row["plate"]),
                _number(row["plate_class"]),
                row["vehicle_class"],
                "",
            )
            for row in city["vehicles"]
        ],
    )


def batch_of(
    rules: Rules, hits: Sequence[dict[str, Any]], timezone: str, keys: PlateKeys | None = None
) -> HitBatch:
    keys = PlateKeys(rules.side_plates) if keys is None else keys
    return HitBatch(
        camera=np.array([_camera_code(rules, hit["camera_id"]) for hit in hits], np.int32),
        plate_key=np.array([keys.key_of_text(hit["plate"] or "") for hit in hits], np.uint64),
        plate_class=np.array([plate_class_code(hit["plate_class"]) for hit in hits], np.uint8),
        vehicle_class=np.array(
            [vehicle_class_code(hit["vehicle_class"]) for hit in hits], np.uint8
        ),
        captured_at_us=np.array(
            [hit_instant_us(hit["captured_at"], timezone) for hit in hits], np.int64
        ),
        confidence=np.array(
            [1.0 if hit["confidence"] is None else hit["confidence"] for hit in hits], np.float64
        ),
    )


def hit_of(hit: dict[str, Any], timezone: str) -> Hit:
    instant_us = hit_instant_us(hit["captured_at"], timezone)
    return Hit(
        camera_id=hit["camera_id"],
        plate=hit["plate"],
        plate_class=hit["plate_class"],
        vehicle_class=hit["vehicle_class"],
        captured_at_us=None if instant_us == NO_INSTANT else instant_us,
        confidence=hit["confidence"],
    )


def explanation_of(rules: Rules, hit: dict[str, Any], timezone: str) -> Explanation:
    return explain_hit(rules, hit_of(hit, timezone))


def explained(rules: Rules, hit: dict[str, Any], timezone: str) -> dict[str, Any]:
    """Return what `explain_hit` says of a hit, in the oracle's words."""
    said = explanation_of(rules, hit, timezone).to_dict()
    return {field: said[field] for field in FIELDS}


FIELDS = ("verdict", "reason", "restriction_id", "permit_id", "grant", "warning", "vehicle_class")


def matched(rules: Rules, hits: HitBatch, verdicts: VerdictBatch, row: int) -> dict[str, Any]:
    """Return what `match_hits` says of one hit of a batch, in the oracle's words."""
    restriction, permit, grant = (
        int(numbers[row]) for numbers in (verdicts.restriction, verdicts.permit, verdicts.grant)
    )
    reason, verdict = Reason(int(verdicts.reason[row])), Verdict(int(verdicts.verdict[row]))
    one = slice(row, row + 1)
    warning = verdict is Verdict.VIOLATION and only_warned_of(
        rules, verdicts.camera[one], verdicts.restriction[one], hits.captured_at_us[one]
    )
    return {
        "verdict": verdict.name.lower(),
        "reason": None if reason is Reason.NONE else reason.name.lower(),
        "restriction_id": None if restriction < 0 else rules.restriction_ids[restriction],
        "permit_id": None if permit < 0 else rules.permit_ids[permit],
        "grant": None if grant < 0 else grant - int(rules.grant_offsets[permit]),
        "warning": bool(warning),
        "vehicle_class": VEHICLE_CLASSES[int(verdicts.vehicle_class[row])],
    }


@cache
def hit_instant_us(text: str | None, timezone: str) -> int:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return NO_INSTANT
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(timezone))
    return (moment - _EPOCH) // _MICROSECOND


def _camera_code(rules: Rules, camera_id: str | None) -> int:
    if camera_id is None:
        return CAMERA_MISSING
    return rules.camera_ids.index(camera_id) if camera_id in rules.camera_ids else CAMERA_UNKNOWN


@cache
def _bound_us(text: str | None, zone: ZoneInfo, days_later: int) -> int:
    if text is None:
        return ALWAYS_UNTIL_US if days_later else ALWAYS_FROM_US
    if "T" in text:
        return (datetime.fromisoformat(text) - _EPOCH) // _MICROSECOND
    day = date.fromisoformat(text) + timedelta(days=days_later)
    return (datetime.combine(day, time(), zone) - _EPOCH) // _MICROSECOND


def _warning_until_us(thing: dict[str, Any], zone: ZoneInfo) -> int:
    text = thing.get("warning_until")
    return ALWAYS_FROM_US if text is None else _bound_us(text, zone, 1)


def _validity(thing: dict[str, Any], zone: ZoneInfo) -> dict[str, int]:
    return {
        "valid_from_us": _bound_us(thing["valid_from"], zone, 0),
        "valid_until_us": _bound_us(thing["valid_until"], zone, 1),
    }


def _camera(camera: dict[str, Any], zone: ZoneInfo) -> Camera:
    return Camera(
        camera_id=camera["camera_id"],
        name="",
        lon=camera["lon"],
        lat=camera["lat"],
        bearing_deg=None,
        clock_error_s=camera.get("clock_error_seconds"),
        recorded_at_us=None,
        place="",
        warning_until_us=_warning_until_us(camera, zone),
        **_validity(camera, zone),
    )


def _restriction(rule: dict[str, Any], zone: ZoneInfo) -> Restriction:
    return Restriction(
        restriction_id=rule["restriction_id"],
        name="",
        vehicle_classes=frozenset(rule["vehicle_classes"]),
        plate_classes=frozenset(int(text) for text in rule["plate_classes"]),
        schedule=rule["schedule"],
        permits_exempt=rule["permits_exempt"],
        code=None,
        area=_polygon(tuple(rule["area"])) if "area" in rule else None,
        cameras=tuple(rule["cameras"]) if "cameras" in rule else None,
        recorded_at_us=None,
        place="",
        warning_until_us=_warning_until_us(rule, zone),
        **_validity(rule, zone),
    )


def _permit(permit: dict[str, Any], zone: ZoneInfo) -> Permit:
    return Permit(
        permit_id=permit["permit_id"],
        holder="",
        binding=permit["binding"],
        vehicles=tuple(
            NamedVehicle(normalise_plate(vehicle["plate"]), _number(vehicle["plate_class"]))
            for vehicle in permit["vehicles"]
        ),
        status=tuple(
            StatusEntry(entry["status"], _bound_us(entry["from"], zone, 0), None)
            for entry in permit["status"]
        ),
        grants=tuple(_grant(grant) for grant in permit["grants"]),
        max_speed_kmh=permit.get("max_speed_kmh"),
        recorded_at_us=None,
        place="",
        **_validity(permit, zone),
    )


def _grant(grant: dict[str, Any]) -> Grant:
    return Grant(
        schedule=grant["schedule"],
        route_id=grant.get("route"),
        area=_polygon(tuple(grant["area"])) if "area" in grant else None,
        point=Place(**grant["place"]) if "place" in grant else None,
        cameras=tuple(grant["cameras"]) if "cameras" in grant else None,
    )


@cache
def _polygon(ring: tuple[tuple[float, float], ...]) -> shapely.Polygon:
    return shapely.Polygon(ring)


def _number(plate_class: str | None) -> int | None:
    return None if plate_class is None else int(plate_class)
