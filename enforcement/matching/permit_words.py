"""One permit beside one hit, in words: why it covers the hit, or what kept it from doing so.

Pairs are (zh, en), each one sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from enforcement.findings import Reason
from enforcement.index.civil_time import DAY_US, MINUTE_US
from enforcement.matching.civil_words import (
    beside,
    date_and_clock,
    iso_civil,
    iso_utc,
    schedule_zh,
    spaced,
    weekday_and_clock,
)
from enforcement.rules.places import ALWAYS_FROM_US, ALWAYS_UNTIL_US

if TYPE_CHECKING:
    from enforcement.matching.single_hit import Findings, GrantFinding, PermitFinding

# What a status other than active says of a permit, from `{since}` on.
_STATUS_WORDS: Final = {
    None: ("当时还没有状态记录", "had no status yet"),
    "applied": ("自 {since} 起仅处于申请状态", "had only been applied for, since {since}"),
    "suspended": ("自 {since} 起暂停", "was suspended from {since} on"),
    "revoked": ("已于 {since} 撤销", "was revoked on {since}"),
    "rejected": ("已于 {since} 被驳回", "was rejected on {since}"),
    "withdrawn": ("已于 {since} 撤回", "was withdrawn on {since}"),
}


def permit_sentence(findings: Findings, permit: PermitFinding) -> tuple[str, str]:
    """Return how near a permit came to the hit and what was missing."""
    number = permit.permit_id
    if permit.miss is Reason.NONE:
        return f"通行证 {number} 许可此次通行。", f"Permit {number} covers this passage."
    if permit.miss is Reason.OUTSIDE_HOURS:
        terms_zh, terms_en = grant_terms(permit.nearest_grant)
        hours_zh, hours_en = hours_missed(findings.civil_us or 0, permit.nearest_grant)
        return (
            f"通行证 {number}（{terms_zh}）覆盖此处，但时段不符：{hours_zh}。",
            f"Permit {number} ({terms_en}) covers this camera, but not at this hour: {hours_en}.",
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
        if end_us % DAY_US:
            last = date_and_clock(end_us)
            told.append((f"有效期到 {last} 为止", f"expired on {last}"))
        else:  # stated as its last day
            last = date_and_clock(end_us - DAY_US)
            told.append((f"有效期至 {last}（含当日）", f"expired at the end of {last}"))
    if instant_us < permit.valid_from_us:
        first = date_and_clock(findings.civil(permit.valid_from_us))
        told.append((f"自 {first} 起才有效", f"is valid only from {first} on"))
    return told


def hours_missed(civil_us: int, grant: GrantFinding) -> tuple[str, str]:
    """Return the hit's time beside the nearest edge of the permitted hours.

    ``Tuesday 16:07, permitted until 16:00, grace until 16:05``.
    """
    now_zh, now_en = weekday_and_clock(civil_us)
    minute, since, opens = civil_us // MINUTE_US, grant.closed_since, grant.opens_at
    if since is not None and (opens is None or minute - since <= opens - minute):
        (end_zh, end_en), (late_zh, late_en) = (
            beside(edge * MINUTE_US, civil_us) for edge in (since, since + grant.grace_minutes)
        )
        grace_zh = f"，宽限到{spaced(late_zh).rstrip()}" if grant.grace_minutes else ""
        grace_en = f", grace until {late_en}" if grant.grace_minutes else ""
        return (
            f"{now_zh}，许可到{spaced(end_zh).rstrip()}{grace_zh}",
            f"{now_en}, permitted until {end_en}{grace_en}",
        )
    if opens is not None:
        (start_zh, start_en), (early_zh, early_en) = (
            beside(edge * MINUTE_US, civil_us) for edge in (opens, opens - grant.grace_minutes)
        )
        grace_zh = f"，宽限从{spaced(early_zh)}起" if grant.grace_minutes else ""
        grace_en = f", grace from {early_en}" if grant.grace_minutes else ""
        return (
            f"{now_zh}，许可从{spaced(start_zh)}起{grace_zh}",
            f"{now_en}, permitted from {start_en}{grace_en}",
        )
    return (
        f"{now_zh}，前后一个月内没有许可时段",
        f"{now_en}, no permitted hours within a month",
    )


def grant_terms(grant: GrantFinding) -> tuple[str, str]:
    """Return what a grant allows: its route, if it is one, and its hours."""
    route_zh = route_en = ""
    if grant.route_id is not None:
        route_zh = f"路线 {grant.route_id}{f' {grant.route_name}' if grant.route_name else ''}，"
        route_en = f"route {grant.route_id}{f' {grant.route_name}' if grant.route_name else ''}, "
    return f"{route_zh}{schedule_zh(grant.schedule)}", f"{route_en}{grant.schedule}"


def _places(permit: PermitFinding) -> tuple[str, str]:
    """Return where a permit lets its vehicles be, as said after `not in`."""
    routes = [grant.route_id for grant in permit.grants if grant.route_id is not None]
    if len(routes) < len(permit.grants):
        return "许可的范围", "among those that it allows"
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
        None if minute is None else iso_civil(minute * MINUTE_US)
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
