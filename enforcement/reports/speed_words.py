"""Why a drive is suspected of being too fast, in a sentence of either language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from enforcement.reports.words import Words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo


def speed_words(drive: Mapping[str, Any], zone: ZoneInfo) -> Words:
    """Tell why a violation by speed is suspected.

    Parameters
    ----------
    drive
        A row of OVER_SPEED_SCHEMA.
    zone
        The city's.
    """
    permit, limit = drive["permit_id"], f"{drive['max_speed_kmh']:g} km/h"
    start, end = drive["from_camera_id"], drive["to_camera_id"]
    left = f"{drive['from_at'].astimezone(zone):%H:%M:%S}"
    metres, seconds = f"{drive['metres']:,} m", f"{drive['seconds']:,.1f} s"
    clocks, least = f"{drive['clock_error_seconds']:g} s", f"{drive['least_kmh']:.1f} km/h"
    return Words(
        f"疑似违规，待人工核实：通行证 {permit} 限速 {limit}；{left} 经过 {start}，{seconds}后到达 "
        f"{end}，最短路程 {metres}，扣除时钟误差 {clocks} 和 3% 后平均车速仍至少 {least}。",
        f"Suspected violation, for a person to confirm: permit {permit} allows {limit}; the vehicle "
        f"passed {start} at {left} and {end} {seconds} later, at least {metres} away: {least} on "
        f"average or more, after {clocks} for the clocks and 3 %.",
    )
