"""One permit beside one hit, in words: why it covers the hit, or what kept it from doing so.

Pairs are (zh, en), each one sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from enforcement.findings import Reason
from enforcement.matching.civil_words import (
    beside,
    date_and_clock,
    iso_civil,
    iso_utc,
    weekday_and_clock,
)
from enforcement.rules.places import ALWAYS_FROM_US, ALWAYS_UNTIL_US

if TYPE_CHECKING:
    from enforcement.matching.single_hit import Findings, GrantFinding, PermitFinding

_MINUTE_US: Final = 60_000_000
_DAY_US: Final = 86_400_000_000
# What a status other than active says of a permit, from `{since}` on.
_STATUS_WORDS: Final = {
    None: ("当时还没有状态记录", "had no status yet"),
    "applied": ("自 {since} 起只是已申请", "was only applied for since {since}"),
    "suspended": ("自 {since} 起暂停", "was suspended from {since} on"),
    "revoked": ("自 {since} 起撤销", "was revoked from {since} on"),
    "rejected": ("自 {since} 起为未批准", "was rejected from {since} on"),
    "withdrawn": ("自 {since} 起撤回", "was withdrawn from {since} on"),
}


def permit_sentence(findings: Findings, permit: PermitFinding) -> tuple[str, str]:
    """Return how near a permit came to the hit and what was missing."""
    number, grant = permit.permit_id, permit.nearest_grant
    place_zh, place_en = grant_place(grant)
    if permit.miss is Reason.NONE:
        return f"通行证 {number} 许可此次通行。", f"Permit {number} covers it."
    if permit.miss is Reason.OUTSIDE_HOURS:
        hours_zh, hours_en = hours_missed(findings.civil_us or 0, grant)
        return (
            f"通行证 {number} 含此处（{place_zh}，{grant.schedule}），但时段不符：{hours_zh}。",
            f"Permit {number} has this camera ({place_en}, {grant.schedule}), but not then: {hours_en}.",
        )
    if permit.miss is Reason.OFF_ROUTE:
        where_zh, where_en = _places(permit)
        return (
            f"通行证 {number} 当时有效，但此处不在其{where_zh}内。",
            f"Permit {number} was in force, but this camera is not {where_en}.",
        )
    told = _not_in_force(findings, permit)
    zh, en = "，且".join(zh for zh, _ in told), " and ".join(en for _, en in told)
    return f"通行证 {number} {zh}。", f"Permit {number} {en}."


def _not_in_force(findings: Findings, permit: PermitFinding) -> list[tuple[str, str]]:
    """Return everything that kept a permit from being in force: status, then validity."""
    told = []
    if permit.status != "active":
        since = date_and_clock(findings.civil(permit.status_from_us or 0))
        zh, en = _STATUS_WORDS[permit.status]
        told.append((zh.format(since=since), en.format(since=since)))
    instant_us = findings.hit.captured_at_us or 0
    if instant_us >= permit.valid_until_us:
        end_us = findings.civil(permit.valid_until_us)
        # A validity that ends at midnight was stated as its last day.
        last = date_and_clock(end_us if end_us % _DAY_US else end_us - _DAY_US)
        told.append((f"有效期至 {last}", f"was valid until {last}"))
    if instant_us < permit.valid_from_us:
        first = date_and_clock(findings.civil(permit.valid_from_us))
        told.append((f"自 {first} 起才有效", f"is valid only from {first} on"))
    return told


def hours_missed(civil_us: int, grant: GrantFinding) -> tuple[str, str]:
    """Return the hit's time beside the nearest edge of the permitted hours.

    ``Tuesday 16:07, permitted until 16:00, grace until 16:05``.
    """
    now_zh, now_en = weekday_and_clock(civil_us)
    minute, since, opens = civil_us // _MINUTE_US, grant.closed_since, grant.opens_at
    if since is not None and (opens is None or minute - since <= opens - minute):
        (end_zh, end_en), (late_zh, late_en) = (
            beside(edge * _MINUTE_US, civil_us) for edge in (since, since + grant.grace_minutes)
        )
        grace_zh = f"，宽限到 {late_zh}" if grant.grace_minutes else ""
        grace_en = f", grace until {late_en}" if grant.grace_minutes else ""
        return (
            f"{now_zh}，许可到 {end_zh}{grace_zh}",
            f"{now_en}, permitted until {end_en}{grace_en}",
        )
    if opens is not None:
        (start_zh, start_en), (early_zh, early_en) = (
            beside(edge * _MINUTE_US, civil_us) for edge in (opens, opens - grant.grace_minutes)
        )
        grace_zh = f"，宽限从 {early_zh} 起" if grant.grace_minutes else ""
        grace_en = f", grace from {early_en}" if grant.grace_minutes else ""
        return (
            f"{now_zh}，许可从 {start_zh} 起{grace_zh}",
            f"{now_en}, permitted from {start_en}{grace_en}",
        )
    return (
        f"{now_zh}，前后一个月内没有许可时段",
        f"{now_en}, no permitted hours within a month",
    )


def grant_place(grant: GrantFinding) -> tuple[str, str]:
    """Return the place of a grant: its route by id and name, or that it is not one."""
    if grant.route_id is None:
        return "许可的范围", "a place that it grants"
    name_zh = f"（{grant.route_name}）" if grant.route_name else ""
    name_en = f" ({grant.route_name})" if grant.route_name else ""
    return f"路线 {grant.route_id}{name_zh}", f"route {grant.route_id}{name_en}"


def _places(permit: PermitFinding) -> tuple[str, str]:
    """Return where a permit lets its vehicles be, as said after `not in`."""
    routes = [grant.route_id for grant in permit.grants if grant.route_id is not None]
    if len(routes) < len(permit.grants):
        return "许可的范围", "in the places that it grants"
    return f"路线 {'、'.join(routes)} ", f"on route {', '.join(routes)}"


def permit_data(findings: Findings, permit: PermitFinding) -> dict[str, Any]:
    """Return a permit beside the hit as JSON values; times are UTC, hours are city time."""
    bounds = [
        None if edge in {ALWAYS_FROM_US, ALWAYS_UNTIL_US} else iso_utc(edge)
        for edge in (permit.valid_from_us, permit.valid_until_us)
    ]
    zh, en = permit_sentence(findings, permit)
    return {
        "permit_id": permit.permit_id,
        "binding": "confines" if permit.confines else "exempts",
        "status": permit.status,
        "status_from": None if permit.status_from_us is None else iso_utc(permit.status_from_us),
        "was_active": permit.was_active,
        "valid_from": bounds[0],
        "valid_until": bounds[1],
        "in_force": permit.in_force,
        "miss": None if permit.miss is Reason.NONE else permit.miss.name.lower(),
        "zh": zh,
        "en": en,
        "grants": [_grant_data(grant) for grant in permit.grants],
    }


def _grant_data(grant: GrantFinding) -> dict[str, Any]:
    """Return a grant beside the hit as JSON values."""
    since, opens = (
        None if minute is None else iso_civil(minute * _MINUTE_US)
        for minute in (grant.closed_since, grant.opens_at)
    )
    return {
        "grant": grant.number,
        "route_id": grant.route_id,
        "schedule": grant.schedule,
        "grace_minutes": grant.grace_minutes,
        "has_camera": grant.has_camera,
        "open": grant.is_open,
        "closed_since": since,
        "opens_at": opens,
    }
