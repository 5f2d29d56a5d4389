"""Small charts as HTML and SVG text; every word in them is escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from enforcement.reports.words import REASON_COLOURS, REASONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WIDTH: Final = 1000
_HEIGHT: Final = 210
_BASE: Final = 186


def reason_bars(reasons: Mapping[str, int]) -> str:
    """Draw a row for each reason that occurs, most frequent first."""
    rows = sorted(((count, name) for name, count in reasons.items() if count), reverse=True)
    most = max((count for count, _ in rows), default=1)
    cells = [
        f"<tr><td>{escape(REASONS[name].zh)} <span class=en>{escape(REASONS[name].en)}</span></td>"
        f'<td class="n">{count:,}</td><td style="width:48%"><div class="bar" '
        f'style="width:{100 * count / most:.1f}%;background:{REASON_COLOURS[name]}"></div></td></tr>'
        for count, name in rows
    ]
    return f"<table>{''.join(cells)}</table>"


def hour_columns(by_hour: Sequence[Mapping[str, int]]) -> str:
    """Draw 24 columns of civil hours, stacked by reason.

    Parameters
    ----------
    by_hour
        24 counts by reason.

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    most = max((sum(reasons.values()) for reasons in by_hour), default=0) or 1
    step = (_WIDTH - 50) / 24
    parts = [f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="hours">']
    for share in (0.5, 1.0):
        y = _BASE - share * (_BASE - 16)
        parts.append(
            f'<path d="M44 {y:.1f}H{_WIDTH}" stroke="#dcdee3"/>'
            f'<text x="38" y="{y + 4:.1f}" font-size="12" fill="#6a6f7a" text-anchor="end">'
            f"{most * share:.0f}</text>"
        )
    for hour, reasons in enumerate(by_hour):
        x, y = 46 + hour * step, float(_BASE)
        for name in REASONS:
            count = reasons.get(name, 0)
            if not count:
                continue
            height = count / most * (_BASE - 16)
            y -= height
            parts.append(
                f'<rect x="{x + 2:.1f}" y="{y:.1f}" width="{step - 4:.1f}" height="{height:.1f}" '
                f'fill="{REASON_COLOURS[name]}"><title>{hour:02d}:00 {escape(REASONS[name].zh)} '
                f"{escape(REASONS[name].en)}: {count}</title></rect>"
            )
        if hour % 2 == 0:
            parts.append(
                f'<text x="{x + step / 2:.1f}" y="{_BASE + 17}" font-size="12" fill="#6a6f7a" '
                f'text-anchor="middle">{hour:02d}</text>'
            )
    parts.append(f'<path d="M44 {_BASE}H{_WIDTH}" stroke="#8a8f99"/></svg>')
    return "".join(parts)


def reason_legend(reasons: Mapping[str, int]) -> str:
    """Name the colours of the reasons that occur."""
    items = [
        f'<span><i style="background:{REASON_COLOURS[name]}"></i>{escape(REASONS[name].zh)} '
        f"{escape(REASONS[name].en)}</span>"
        for name in REASONS
        if reasons.get(name)
    ]
    return f'<div class="legend">{"".join(items)}</div>'
