"""The judgement of one hit by brute force over plain dicts; imports nothing of ours.

Written from the rules' own text, clause by clause, and slow on purpose: every table is searched
from end to end, every interval is compared, nothing is compiled.

A city is a dict::

    {"timezone": "Asia/Shanghai", "days_off": {date}, "working_weekends": {date},
     maybe "published_years": {2025} (None for all),
     "min_confidence": 0.8, "grace_minutes": 5,
     "cameras": [{"camera_id", "lon", "lat", "valid_from", "valid_until", maybe "warning_until"}],
     "restrictions": [{"restriction_id", "vehicle_classes", "plate_classes", "schedule",
                       "valid_from", "valid_until", "permits_exempt", "cameras" or "area",
                       maybe "warning_until"}],
     "routes": {"R-1": [0, 2]},        # places in "cameras"
     "permits": [as a line of permits.jsonl], "vehicles": [registry rows]}

with times as RFC 3339 instants, local dates or None, and areas as lists of (lon, lat). Schedules
are the part of the opening_hours grammar whose meaning leaves no doubt: ``24/7``, ``off``, weekday
selectors, ``PH``, time ranges, rules behind ``;``; a range past midnight only where it is the only
rule.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import cache
from zoneinfo import ZoneInfo

EARTH_RADIUS_M = 6_371_008.8
WEEK = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
SEPARATORS = set("·•‧∙⋅・･.。_")


def judge(city: dict, hit: dict) -> dict:  # noqa: C901, PLR0911, PLR0912 - one clause after another
    """Return verdict, reason, restriction_id, permit_id, grant (within the permit), warning, vehicle_class."""
    zone = ZoneInfo(city["timezone"])
    camera_id = hit["camera_id"]
    captured_at = read_hit_instant(hit["captured_at"], zone)
    # 0. camera_id or captured_at is missing or cannot be read.
    if camera_id is None or captured_at is None:
        return answer("malformed", hit)
    # 1. No plausible plate, or confidence below; tested before the camera.
    plate = spell(hit["plate"])
    confidence = 1.0 if hit["confidence"] is None else hit["confidence"]
    if not plausible(plate) or confidence < city["min_confidence"]:
        return answer("unreadable", hit)
    records = [
        place
        for place, camera in enumerate(city["cameras"])
        if camera["camera_id"] == camera_id and holds(camera, captured_at, zone)
    ]
    if not records:
        return answer("unknown_camera", hit)
    (camera,) = records

    plate_class = hit["plate_class"]
    vehicle_class = registered(city["vehicles"], plate, plate_class) or (
        hit["vehicle_class"] or "unknown"
    )
    civil = captured_at.astimezone(zone).replace(tzinfo=None)

    # 2. Restrictions in force that have the camera and include the vehicle.
    in_force = [
        rule
        for rule in city["restrictions"]
        if holds(rule, captured_at, zone)
        and is_open(city, rule["schedule"], civil, 0)
        and covers_place(city, rule, camera)
        and (
            vehicle_class in rule["vehicle_classes"]
            or (plate_class is not None and plate_class in rule["plate_classes"])
        )
    ]
    camera_warns = warns(city["cameras"][camera], captured_at, zone)

    # 3. Permits naming the vehicle that are active and valid.
    naming = sorted(
        (
            permit
            for permit in city["permits"]
            if any(
                spell(vehicle["plate"]) == plate
                and (
                    vehicle["plate_class"] is None
                    or plate_class is None
                    or vehicle["plate_class"] == plate_class
                )
                for vehicle in permit["vehicles"]
            )
        ),
        key=lambda permit: permit["permit_id"],
    )
    active = [
        permit
        for permit in naming
        if status_at(permit, captured_at) == "active" and holds(permit, captured_at, zone)
    ]

    def has_camera(grant: dict) -> bool:
        return covers_place(city, grant, camera)

    def covering(grant: dict) -> bool:
        return has_camera(grant) and is_open(city, grant["schedule"], civil, city["grace_minutes"])

    def first_grant(permits: list[dict], fits) -> tuple[str, int] | None:
        for permit in permits:
            for number, grant in enumerate(permit["grants"]):
                if fits(grant):
                    return permit["permit_id"], number
        return None

    def violation(reason: str, rule: str | None, near: tuple[str, int] | None) -> dict:
        only = camera_warns or any(
            each["restriction_id"] == rule and warns(each, captured_at, zone) for each in in_force
        )
        return answer("violation", hit, reason, rule, near, vehicle_class, warning=only)

    # 4. Confined, and no grant of any confining permit covers.
    confining = [permit for permit in active if permit["binding"] == "confines"]
    if confining and first_grant(confining, covering) is None:
        near = first_grant(confining, has_camera)
        if near is not None:
            return violation("outside_hours", None, near)
        return violation("off_route", None, (confining[0]["permit_id"], 0))
    # 5. Nothing restricts.
    if not in_force:
        return answer("not_restricted", hit, vehicle_class=vehicle_class)
    # 6 and 7. What is broken, be there a grant that covers or not; past its warning period first.
    near = first_grant(active, covering)
    broken = sorted(
        (warns(rule, captured_at, zone), rule["permits_exempt"], rule["restriction_id"])
        for rule in in_force
        if near is None or not rule["permits_exempt"]
    )
    if not broken:
        return answer("permitted", hit, near=near, vehicle_class=vehicle_class)
    _, exempting, restriction = broken[0]
    if not exempting:
        return violation("absolute_ban", restriction, None)
    # 8. The nearest miss.
    near = first_grant(active, has_camera)
    if near is not None:
        return violation("outside_hours", restriction, near)
    if active:
        return violation("off_route", restriction, (active[0]["permit_id"], 0))
    once_active = [
        permit
        for permit in naming
        if any(
            entry["status"] == "active" and read_instant(entry["from"]) <= captured_at
            for entry in permit["status"]
        )
    ]
    middle_four = {
        "suspended": lambda permit: status_at(permit, captured_at) == "suspended",
        "revoked": lambda permit: status_at(permit, captured_at) in {"revoked", "withdrawn"},
        "expired": lambda permit: captured_at >= end_of(permit, zone),
        "not_yet_valid": lambda permit: captured_at < start_of(permit, zone),
    }
    for reason, fits in middle_four.items():
        for permit in once_active:
            if fits(permit):
                return violation(reason, restriction, (permit["permit_id"], 0))
    return violation("no_permit", restriction, None)


def answer(
    verdict: str,
    hit: dict,
    reason: str | None = None,
    restriction_id: str | None = None,
    near: tuple[str, int] | None = None,
    vehicle_class: str | None = None,
    *,
    warning: bool = False,
) -> dict:
    permit_id, grant = near or (None, None)
    return {
        "verdict": verdict,
        "reason": reason,
        "restriction_id": restriction_id,
        "permit_id": permit_id,
        "grant": grant,
        "warning": warning,
        "vehicle_class": vehicle_class or hit["vehicle_class"] or "unknown",
    }


def registered(vehicles: list[dict], plate: str, plate_class: str | None) -> str | None:
    """Return the registry's vehicle class where it overrides the camera's."""
    rows = [row for row in vehicles if spell(row["plate"]) == plate]
    if plate_class is None:
        found = {row["vehicle_class"] for row in rows}
    else:
        exact = [row["vehicle_class"] for row in rows if row["plate_class"] == plate_class]
        every = [row["vehicle_class"] for row in rows if row["plate_class"] is None]
        found = set(exact or every)
    return found.pop() if len(found) == 1 and found != {"unknown"} else None


def status_at(permit: dict, instant: datetime) -> str | None:
    status = None
    for entry in permit["status"]:
        if read_instant(entry["from"]) <= instant:
            status = entry["status"]
    return status


def covers_place(city: dict, thing: dict, camera: int) -> bool:
    """Tell whether a restriction or a grant has the camera record."""
    record = city["cameras"][camera]
    if thing.get("route") is not None:
        return camera in city["routes"][thing["route"]]
    if thing.get("cameras") is not None:
        return record["camera_id"] in thing["cameras"]
    if thing.get("place") is not None:
        place = thing["place"]
        apart = metres(record["lon"], record["lat"], place["lon"], place["lat"])
        return apart <= place["radius_m"]
    return inside((record["lon"], record["lat"]), tuple(map(tuple, thing["area"])))


def metres(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half = (
        math.sin((phi2 - phi1) / 2) ** 2
        + math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(half))


@cache
def inside(point: tuple[float, float], ring: tuple[tuple[float, float], ...]) -> bool:
    """Tell whether a point is in a polygon or on its boundary, exactly."""
    x, y = map(Fraction, point)
    corners = [(Fraction(lon), Fraction(lat)) for lon, lat in ring]
    odd = False
    for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True):
        turn = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
        if turn == 0 and min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2):
            return True
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            odd = not odd
    return odd


# Plates


@cache
def spell(plate: str | None) -> str:
    if plate is None:
        return ""
    text = unicodedata.normalize("NFKC", plate).upper()
    return "".join(
        sign
        for sign in text
        if not sign.isspace() and sign not in SEPARATORS and unicodedata.category(sign) != "Pd"
    )


def plausible(plate: str) -> bool:
    digits = sum(unicodedata.category(sign) == "Nd" for sign in plate)
    letters = sum(sign.isalpha() for sign in plate)
    return 4 <= len(plate) <= 12 and digits >= 1 and digits + letters == len(plate)


# Times


@cache
def read_instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@cache
def read_hit_instant(text: str | None, zone: ZoneInfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


@cache
def bound(text: str | None, zone: ZoneInfo, days_later: int) -> datetime | None:
    if text is None:
        return None
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return midnight(date.fromisoformat(text) + timedelta(days=days_later), zone)
    return read_instant(text)


def start_of(thing: dict, zone: ZoneInfo) -> datetime:
    return bound(thing["valid_from"], zone, 0) or datetime.min.replace(tzinfo=UTC)


def end_of(thing: dict, zone: ZoneInfo) -> datetime:
    return bound(thing["valid_until"], zone, 1) or datetime.max.replace(tzinfo=UTC)


def holds(thing: dict, instant: datetime, zone: ZoneInfo) -> bool:
    return start_of(thing, zone) <= instant < end_of(thing, zone)


def warns(thing: dict, instant: datetime, zone: ZoneInfo) -> bool:
    """Tell whether a camera or a restriction has a `warning_until` that is not over."""
    until = bound(thing.get("warning_until"), zone, 1)
    return until is not None and instant < until


# Schedules


def is_open(city: dict, text: str | None, civil: datetime, grace_minutes: int) -> bool:
    """Tell whether a schedule, each open interval widened at both ends, holds a civil time."""
    grace = timedelta(minutes=grace_minutes)
    for day in (civil.date() + timedelta(days=shift) for shift in (-2, -1, 0, 1)):
        start = datetime.combine(day, time())
        for first, last in ranges_on(city, text or "24/7", day):
            opens, closes = start + timedelta(minutes=first), start + timedelta(minutes=last)
            if opens - grace <= civil < closes + grace:
                return True
    return False


def ranges_on(city: dict, text: str, day: date) -> tuple[tuple[int, int], ...]:
    """Return the minute ranges that begin on a day: those of the last rule that means the day."""
    ranges: tuple[tuple[int, int], ...] = ()
    for selectors, of_rule in read_schedule(text):
        if not selectors or any(means(city, selector, day) for selector in selectors):
            ranges = of_rule
    return ranges


def means(city: dict, selector: str, day: date) -> bool:
    if selector == "PH":
        return day in city["days_off"]
    first, _, last = selector.partition("-")
    weekdays = range(WEEK.index(first), WEEK.index(last or first) + 1)
    if day in city["working_weekends"]:
        return set(weekdays) >= {0, 1, 2, 3, 4}
    return day.weekday() in weekdays


@cache
def read_schedule(text: str) -> tuple[tuple[tuple[str, ...], tuple[tuple[int, int], ...]], ...]:
    """Return (day selectors, minute ranges) of each rule; a range past midnight ends after 1440."""
    rules = []
    for rule in text.split(";"):
        selectors: tuple[str, ...] = ()
        ranges: tuple[tuple[int, int], ...] = ((0, 1440),)
        for word in rule.split():
            if word == "off":
                ranges = ()
            elif word[0].isdigit() and word != "24/7":
                ranges = tuple(read_range(part) for part in word.split(","))
            elif word != "24/7":
                selectors = tuple(word.split(","))
        rules.append((selectors, ranges))
    if len(rules) > 1 and any(last > 1440 for _, ranges in rules for _, last in ranges):
        raise ValueError(f"what {text!r} means after midnight is not for this oracle to say")
    return tuple(rules)


def read_range(text: str) -> tuple[int, int]:
    first, last = (
        int(hours) * 60 + int(minutes)
        for hours, minutes in (edge.split(":") for edge in text.split("-"))
    )
    return first, last if last > first else last + 1440
