"""One hit judged in plain Python, step by step, with words: the slow twin of the kernels."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from enforcement.findings import Reason, Verdict
from enforcement.index.civil_time import FIRST_INSTANT_US, LAST_INSTANT_US, MINUTE_US
from enforcement.index.layout import NO_ROUTE
from enforcement.matching.single_hit import (
    Findings,
    GrantFinding,
    Hit,
    PermitFinding,
    RestrictionFinding,
    offset_us,
)
from enforcement.matching.wording import Step, tell
from enforcement.rules.permits import STATUSES
from enforcement.rules.places import ALWAYS_FROM_US
from ingest.hits import NO_PLATE_CLASS, UNKNOWN_VEHICLE_CLASS, VEHICLE_CLASSES
from ingest.plate_classes import plate_class_code
from ingest.plate_keys import PlateKeys
from ingest.plates import is_plausible, normalise_plate
from ingest.vehicle_classes import vehicle_class_code

if TYPE_CHECKING:
    from enforcement.index.layout import Rules

_DAY_MINUTES: Final = 1440
_SEARCH_DAYS: Final = 31  # how far from a hit its permitted hours are looked for, for the words


@dataclass(frozen=True, slots=True)
class Explanation:
    """The verdict on one hit, as `match_hits` gives it, and every step that led there.

    Attributes
    ----------
    restriction_id, permit_id, grant, route_id
        What the verdict names; `grant` counts from 0 within the permit; None where null.
    warning
        Whether it is a violation that is only warned of.
    vehicle_class
        The class that was judged: the registry's where it overrides the camera's.
    camera
        Number of the camera record, None where there is none.
    steps
        The steps of docs/judgement.md in order as far as they were needed, `remedy` for a violation, `summary`.
    """

    verdict: Verdict
    reason: Reason
    restriction_id: str | None
    permit_id: str | None
    grant: int | None
    route_id: str | None
    warning: bool
    vehicle_class: str
    camera: int | None
    rules_hash: str
    steps: tuple[Step, ...]

    @property
    def summary(self) -> Step:
        """Return the last step: the verdict in one sentence."""
        return self.steps[-1]

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as JSON values with stable keys."""
        return {
            "verdict": self.verdict.name.lower(),
            "reason": None if self.reason is Reason.NONE else self.reason.name.lower(),
            "restriction_id": self.restriction_id,
            "permit_id": self.permit_id,
            "grant": self.grant,
            "route_id": self.route_id,
            "warning": self.warning,
            "vehicle_class": self.vehicle_class,
            "rules_hash": self.rules_hash,
            "summary": {"zh": self.summary.zh, "en": self.summary.en},
            "steps": [step.to_dict() for step in self.steps],
        }

    def as_text(self, language: str = "en") -> str:
        """Return the summary, then the numbered steps, in `en` or `zh`; no trailing newline."""
        lines = [self.summary.text(language), ""]
        lines += [
            f"{number}. {step.text(language)}" for number, step in enumerate(self.steps[:-1], 1)
        ]
        return "\n".join(lines)


def explain_hit(rules: Rules, hit: Hit) -> Explanation:
    """Judge one hit by docs/judgement.md, steps 0 to 8, and say why.

    Gives what `enforcement.matching.matcher.match_hits` gives for the same hit, found in
    another way: loops over the compiled rules, no kernels.

    Parameters
    ----------
    rules
        Compiled rules of the city.
    hit
        One hit; nothing in it needs to be right.

    Returns
    -------
    Explanation
        Verdict, reason, what came nearest, and the steps in Chinese and English.
    """
    findings = _find(rules, hit)
    restriction, permit = findings.restriction, findings.permit
    grant = permit.nearest_grant if permit else None
    return Explanation(
        verdict=findings.verdict,
        reason=findings.reason,
        restriction_id=restriction.restriction_id if restriction else None,
        permit_id=permit.permit_id if permit else None,
        grant=grant.number if grant else None,
        route_id=grant.route_id if grant else None,
        warning=findings.warning,
        vehicle_class=VEHICLE_CLASSES[findings.vehicle_class],
        camera=None if findings.camera < 0 else findings.camera,
        rules_hash=rules.content_hash,
        steps=tell(findings),
    )


def _find(rules: Rules, hit: Hit) -> Findings:
    """Walk steps 0 to 8 and keep everything that was seen on the way."""
    hit = replace(hit, camera_id=(hit.camera_id or "").strip() or None)
    plate = normalise_plate(hit.plate)
    plate_class = plate_class_code(hit.plate_class)
    seen_class = vehicle_class_code(hit.vehicle_class)
    confidence = 1.0 if hit.confidence is None or math.isnan(hit.confidence) else hit.confidence
    zone_offsets = tuple(
        zip(rules.zone_from_us.tolist(), rules.zone_offset_us.tolist(), strict=True)
    )
    instant_us = hit.captured_at_us
    if instant_us is not None and not FIRST_INSTANT_US <= instant_us < LAST_INSTANT_US:
        instant_us = None  # no rule is compiled there; NO_INSTANT is out of it too
    camera = _camera_in_service(rules, hit.camera_id, instant_us)
    registered_class: int | None = None
    restrictions: tuple[RestrictionFinding, ...] = ()
    permits: tuple[PermitFinding, ...] = ()
    verdict, reason = Verdict.NOT_RESTRICTED, Reason.NONE
    restriction: RestrictionFinding | None = None
    permit: PermitFinding | None = None
    if hit.camera_id is None or instant_us is None:
        verdict = Verdict.MALFORMED
    elif not is_plausible(plate) or confidence < rules.judgement.min_confidence:
        verdict = Verdict.UNREADABLE
    elif camera < 0:
        verdict = Verdict.UNKNOWN_CAMERA
    else:
        minute = (instant_us + offset_us(zone_offsets, instant_us)) // MINUTE_US
        place = _plate_place(rules, plate)
        registered_class = _registered_class(rules, place, plate_class)
        vehicle_class = seen_class if registered_class is None else registered_class
        restrictions = _restrictions(rules, camera, instant_us, minute, vehicle_class, plate_class)
        permits = _permits(rules, place, plate_class, camera, instant_us, minute)
        verdict, reason, restriction, permit = _decide(restrictions, permits)
    return Findings(
        hit=hit,
        timezone=rules.timezone,
        min_confidence=rules.judgement.min_confidence,
        verdict=verdict,
        reason=reason,
        plate=plate,
        plate_class=plate_class,
        confidence=confidence,
        civil_us=None if instant_us is None else instant_us + offset_us(zone_offsets, instant_us),
        seen_class=seen_class,
        registered_class=registered_class,
        vehicle_class=seen_class if registered_class is None else registered_class,
        camera=camera,
        camera_registered=hit.camera_id in rules.camera_ids,
        camera_warning_until_us=(
            ALWAYS_FROM_US if camera < 0 else int(rules.camera_warning_until_us[camera])
        ),
        restrictions=restrictions,
        permits=permits,
        restriction=restriction,
        permit=permit,
        zone_offsets=zone_offsets,
    )


def _decide(
    restrictions: tuple[RestrictionFinding, ...], permits: tuple[PermitFinding, ...]
) -> tuple[Verdict, Reason, RestrictionFinding | None, PermitFinding | None]:
    """Decide steps 4 to 8 from what applies; `permits` are in the order of (miss, permit_id)."""
    applying = [finding for finding in restrictions if finding.applies]
    confining = [finding for finding in permits if finding.in_force and finding.confines]
    if confining and confining[0].miss is not Reason.NONE:
        return Verdict.VIOLATION, confining[0].miss, None, confining[0]
    if not applying:
        return Verdict.NOT_RESTRICTED, Reason.NONE, None, None
    covered = bool(permits) and permits[0].miss is Reason.NONE
    broken = [finding for finding in applying if finding.absolute or not covered]
    if not broken:
        return Verdict.PERMITTED, Reason.NONE, None, permits[0]
    named = min(
        broken,
        key=lambda finding: (finding.in_warning, not finding.absolute, finding.restriction_id),
    )
    if named.absolute:
        return Verdict.VIOLATION, Reason.ABSOLUTE_BAN, named, None
    if not permits or permits[0].miss is Reason.NO_PERMIT:
        return Verdict.VIOLATION, Reason.NO_PERMIT, named, None
    return Verdict.VIOLATION, permits[0].miss, named, permits[0]


def _camera_in_service(rules: Rules, camera_id: str | None, instant_us: int | None) -> int:
    """Return the record of a camera in service at an instant, -1 when there is none."""
    if instant_us is None or camera_id not in rules.camera_ids:
        return -1
    place = rules.camera_ids.index(camera_id)
    first, last = (int(edge) for edge in rules.camera_record_offsets[place : place + 2])
    for record in range(first, last):
        if int(rules.camera_from_us[record]) <= instant_us < int(rules.camera_until_us[record]):
            return record
    return -1


def _plate_place(rules: Rules, plate: str) -> int:
    """Return the index of a plate that permits or the registry name, -1 for any other."""
    key = PlateKeys(rules.side_plates).key(plate)
    slots = np.flatnonzero(rules.table_keys == np.uint64(key))
    return int(rules.table_vehicles[slots[0]]) if slots.size else -1


def _registered_class(rules: Rules, place: int, plate_class: int) -> int | None:
    """Return the vehicle class by which the registry overrides the camera's, None for none."""
    if place < 0:
        return None
    first, last = (int(edge) for edge in rules.plate_registry_offsets[place : place + 2])
    rows = [
        (int(rules.registry_plate_class[row]), int(rules.registry_vehicle_class[row]))
        for row in range(first, last)
    ]
    if plate_class == NO_PLATE_CLASS:
        classes = {vehicle_class for _, vehicle_class in rows}
    else:
        exact = [vehicle_class for of_class, vehicle_class in rows if of_class == plate_class]
        general = [vehicle_class for of_class, vehicle_class in rows if of_class == NO_PLATE_CLASS]
        classes = set((exact or general)[:1])
    if len(classes) != 1 or UNKNOWN_VEHICLE_CLASS in classes:
        return None
    return classes.pop()


def _minutes_open(rules: Rules, schedule: int, civil_day: int) -> int:
    """Return a day's minutes as an int whose bit m is minute m; 0 outside the calendar."""
    column = civil_day - rules.first_day
    if not 0 <= column < rules.day_pattern.shape[1]:
        return 0
    pattern = int(rules.day_pattern[int(rules.schedule_days[schedule]), column])
    words = rules.patterns[int(rules.schedule_first_pattern[schedule]) + pattern]
    return int.from_bytes(words.astype("<u8").tobytes(), "little")


def _is_open(rules: Rules, schedule: int, minute: int) -> bool:
    """Return whether a schedule, with its grace, is open in a civil minute since 1970-01-01."""
    day, minute_of_day = divmod(minute, _DAY_MINUTES)
    return bool(_minutes_open(rules, schedule, day) >> minute_of_day & 1)


def _closed_since(rules: Rules, schedule: int, minute: int) -> int | None:
    """Return where the last open interval before a closed civil minute ends, grace included."""
    today, minute_of_day = divmod(minute, _DAY_MINUTES)
    for day in range(today, today - _SEARCH_DAYS, -1):
        minutes = _minutes_open(rules, schedule, day)
        if day == today:
            minutes &= (1 << minute_of_day) - 1
        if minutes:
            return day * _DAY_MINUTES + minutes.bit_length()
    return None


def _opens_at(rules: Rules, schedule: int, minute: int) -> int | None:
    """Return where the next open interval after a closed civil minute begins, grace included."""
    today, minute_of_day = divmod(minute, _DAY_MINUTES)
    for day in range(today, today + _SEARCH_DAYS):
        minutes = _minutes_open(rules, schedule, day)
        if day == today:
            minutes = minutes >> minute_of_day << minute_of_day
        if minutes:
            return day * _DAY_MINUTES + (minutes & -minutes).bit_length() - 1
    return None


def _restrictions(
    rules: Rules, camera: int, instant_us: int, minute: int, vehicle_class: int, plate_class: int
) -> tuple[RestrictionFinding, ...]:
    """Look at every restriction that has the camera (step 2), in the order of the rules."""
    first, last = (int(edge) for edge in rules.camera_restriction_offsets[camera : camera + 2])
    findings = []
    for number in rules.camera_restrictions[first:last].tolist():
        by_vehicle = int(rules.restriction_vehicle_classes[number]) >> vehicle_class & 1
        by_plate = 0
        if plate_class != NO_PLATE_CLASS:
            word = int(rules.restriction_plate_classes[number, plate_class // 64])
            by_plate = word >> plate_class % 64 & 1
        begins, ends, warns_until = (
            int(edges[number])
            for edges in (
                rules.restriction_from_us,
                rules.restriction_until_us,
                rules.restriction_warning_until_us,
            )
        )
        schedule = int(rules.restriction_schedule[number])
        findings.append(
            RestrictionFinding(
                restriction_id=rules.restriction_ids[number],
                name=rules.restriction_names[number],
                schedule=rules.schedule_texts[schedule],
                absolute=bool(rules.restriction_absolute[number]),
                in_validity=begins <= instant_us < ends,
                is_open=_is_open(rules, schedule, minute),
                meant=bool(by_vehicle or by_plate),
                in_warning=instant_us < warns_until,
                warning_until_us=warns_until,
            )
        )
    return tuple(findings)


def _permits(
    rules: Rules, place: int, plate_class: int, camera: int, instant_us: int, minute: int
) -> tuple[PermitFinding, ...]:
    """Look at every permit that names the vehicle (step 3), nearest first, then by permit_id."""
    if place < 0:
        return ()
    first, last = (int(edge) for edge in rules.plate_permit_offsets[place : place + 2])
    numbers = set()
    for row in range(first, last):
        named_class = int(rules.plate_permit_class[row])
        if NO_PLATE_CLASS in {named_class, plate_class} or named_class == plate_class:
            numbers.add(int(rules.plate_permits[row]))
    findings = [_permit(rules, number, camera, instant_us, minute) for number in numbers]
    return tuple(sorted(findings, key=lambda finding: (finding.miss, finding.permit_id)))


def _permit(rules: Rules, number: int, camera: int, instant_us: int, minute: int) -> PermitFinding:
    """Look at one permit: its status and validity at the instant, then each of its grants."""
    status: str | None = None
    status_from_us: int | None = None
    was_active = False
    for row in range(int(rules.status_offsets[number]), int(rules.status_offsets[number + 1])):
        if int(rules.status_from_us[row]) <= instant_us:
            status = STATUSES[int(rules.status_code[row])]
            status_from_us = int(rules.status_from_us[row])
            was_active = was_active or status == "active"
    begins, ends = int(rules.permit_from_us[number]), int(rules.permit_until_us[number])
    first, last = (int(edge) for edge in rules.grant_offsets[number : number + 2])
    grants = tuple(
        _grant(rules, grant, grant - first, camera, minute) for grant in range(first, last)
    )
    in_force = status == "active" and begins <= instant_us < ends
    if in_force:
        miss = _miss_in_force(grants)
    elif not was_active:
        miss = Reason.NO_PERMIT
    elif status == "suspended":
        miss = Reason.SUSPENDED
    elif status in {"revoked", "withdrawn"}:
        miss = Reason.REVOKED
    elif instant_us >= ends:
        miss = Reason.EXPIRED
    elif instant_us < begins:
        miss = Reason.NOT_YET_VALID
    else:
        miss = Reason.NO_PERMIT
    return PermitFinding(
        permit_id=rules.permit_ids[number],
        confines=bool(rules.permit_confines[number]),
        status=status,
        status_from_us=status_from_us,
        was_active=was_active,
        valid_from_us=begins,
        valid_until_us=ends,
        in_force=in_force,
        grants=grants,
        miss=miss,
    )


def _miss_in_force(grants: tuple[GrantFinding, ...]) -> Reason:
    """Return how near the grants of a permit in force come: NONE, OUTSIDE_HOURS or OFF_ROUTE."""
    with_camera = [grant for grant in grants if grant.has_camera]
    if any(grant.is_open for grant in with_camera):
        return Reason.NONE
    return Reason.OUTSIDE_HOURS if with_camera else Reason.OFF_ROUTE


def _grant(rules: Rules, number: int, in_permit: int, camera: int, minute: int) -> GrantFinding:
    """Look at one grant: does it have the camera, is it open, and if not, since and until when."""
    schedule = int(rules.grant_schedule[number])
    grace = int(rules.schedule_grace[schedule])
    word = int(rules.camera_sets[int(rules.grant_camera_set[number]), camera // 64])
    has_camera = bool(word >> camera % 64 & 1)
    is_open = _is_open(rules, schedule, minute)
    closed_since = opens_at = None
    if has_camera and not is_open:
        closed_since = _closed_since(rules, schedule, minute)
        opens_at = _opens_at(rules, schedule, minute)
    route = int(rules.grant_route[number])
    return GrantFinding(
        number=in_permit,
        route_id=None if route == NO_ROUTE else rules.route_ids[route],
        route_name=None if route == NO_ROUTE else rules.route_names[route],
        schedule=rules.schedule_texts[schedule],
        grace_minutes=grace,
        has_camera=has_camera,
        is_open=is_open,
        closed_since=None if closed_since is None else closed_since - grace,
        opens_at=None if opens_at is None else opens_at + grace,
    )
