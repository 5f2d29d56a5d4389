"""The part of the report that takes suspicions back."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final

from enforcement.reports.words import LATE, REASONS, VOIDED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from zoneinfo import ZoneInfo

    import pyarrow as pa

_SHOWN: Final = 200  # beyond these, voided.parquet has them
_HEAD: Final = (
    "<tr><th>号牌 plate</th><th>时间 at</th><th>摄像机 camera</th><th>原疑似 suspected of</th>"
    "<th>现判定 now</th><th>依据 by</th></tr>"
)


def voided_section(voided: pa.Table, zone: ZoneInfo) -> Iterable[str]:
    """Tell which violations an earlier sweep suspected and this one does not; nothing if none.

    Parameters
    ----------
    voided
        VOIDED_SCHEMA.
    zone
        The city's.
    """
    if not voided.num_rows:
        return
    yield (
        "<h2>已撤销的疑似违规 "
        f"<small>suspected by an earlier sweep, not any more, {voided.num_rows:,} in all</small></h2>"
    )
    rows = [_row(one, zone) for one in voided.slice(0, _SHOWN).to_pylist()]
    yield f'<div class="card"><table>{_HEAD}{"".join(rows)}</table></div>'
    left = voided.num_rows - len(rows)
    if left > 0:
        yield f'<p class="note">另有 {left:,} 条见 more in voided.parquet</p>'


def _row(one: Mapping[str, Any], zone: ZoneInfo) -> str:
    reason, now = REASONS[one["reason"]], VOIDED[one["now"]]
    cells = (
        one["plate"],
        f"{one['captured_at'].astimezone(zone):%Y-%m-%d %H:%M:%S}",
        one["camera_id"],
        f"{reason.zh} {reason.en}",
        f"{now.zh} {now.en}",
        _by(one, zone),
    )
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _by(one: Mapping[str, Any], zone: ZoneInfo) -> str:
    """Name the permit, and what of it was recorded late."""
    if one["permit_id"] is None:
        return ""
    if one["late"] is None:
        return str(one["permit_id"])
    late = LATE[one["late"]]
    when = f"{one['recorded_at'].astimezone(zone):%Y-%m-%d %H:%M}"
    return f"{one['permit_id']}: {late.zh} {late.en} ({when})"
