"""The part of the report that lists, and does not accuse, who keeps missing at a camera."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from zoneinfo import ZoneInfo

    import pyarrow as pa

_SHOWN: Final = 200  # beyond these, avoidance.parquet has them
_HEAD: Final = (
    "<tr><th>号牌 plate</th><th>未见于 not seen at</th><th>前后摄像机 between</th>"
    "<th>未见 unseen</th><th>见到 seen</th><th>同时段他车 others in the same hours</th>"
    "<th>首末 first and last</th></tr>"
)
_NOTE: Final = (
    "仅供查看，不是违规：可能绕行、遮挡号牌，也可能事出有因。 To look at, not a violation: the vehicle "
    "may drive round, hide its plate, or have its reasons."
)


def avoidance_section(avoidance: pa.Table, zone: ZoneInfo) -> Iterable[str]:
    """Tell which vehicles keep missing at a camera that sees nearly all others; nothing if none.

    Parameters
    ----------
    avoidance
        AVOIDANCE_SCHEMA.
    zone
        The city's.
    """
    if not avoidance.num_rows:
        return
    yield (
        "<h2>屡次未被摄像机拍到的车辆 "
        f"<small>seen before and after a camera, not at it, {avoidance.num_rows:,} in all</small></h2>"
    )
    rows = [_row(one, zone) for one in avoidance.slice(0, _SHOWN).to_pylist()]
    yield f'<div class="card"><table>{_HEAD}{"".join(rows)}</table>'
    yield f'<p class="note">{_NOTE}</p></div>'
    left = avoidance.num_rows - len(rows)
    if left > 0:
        yield f'<p class="note">另有 {left:,} 条见 more in avoidance.parquet</p>'


def _row(one: Mapping[str, Any], zone: ZoneInfo) -> str:
    plate_class = f" · {one['plate_class']}" if one["plate_class"] else ""
    first, last = (one[name].astimezone(zone) for name in ("first_at", "last_at"))
    cells = (
        f"{one['plate']}{plate_class}",
        one["camera_id"],
        f"{one['from_camera_id']} → {one['to_camera_id']}",
        f"{one['passages_unseen']:,}",
        f"{one['passages_seen']:,}",
        f"{one['others_share']:.1%} / {one['others']:,}",
        f"{first:%Y-%m-%d %H:%M} – {last:%Y-%m-%d %H:%M}",
    )
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
