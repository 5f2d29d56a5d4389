"""What stands beside the map of a route: its figures, the legend, and lists of cameras."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np

from enforcement.reports.route_marks import (
    BLIND,
    CAMERA,
    DOUBTFUL,
    DRAWN,
    MAY,
    ROUTE,
    WILL,
    badge,
    camera_mark,
    end_mark,
    letter,
)
from enforcement.reports.street_labels import is_plain, text_width
from enforcement.route_words import CERTAIN, KINDS, Words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from enforcement.coverage import CityCoverage
    from enforcement.route_drafts import RouteDraft
    from roadnet.traps import TrapCamera

PANEL_WIDTH: Final = 400.0

_LEFT: Final = 20.0
_ROW: Final = 17.0
_TEXT: Final = 11.5


class _Writer:
    """Writes rows from the top of the panel to its bottom."""

    def __init__(self, height: float, *, chinese: bool) -> None:
        self.y = 34.0
        self.parts: list[str] = []
        self._height = height
        self._chinese = chinese

    def say(self, words: Words) -> str:
        """Return words in both languages, or in English alone."""
        return f"{words.zh} {words.en}" if self._chinese else words.en

    def name(self, text: str) -> str:
        """Return a name, empty if it cannot be written."""
        return text if self._chinese or is_plain(text) else ""

    def rows_left(self) -> int:
        """Count the rows that fit below."""
        return int((self._height - 14.0 - self.y) / _ROW)

    def text(self, text: str, x: float, size: float = _TEXT, **style: object) -> None:
        """Write text at the present row, cut to the panel."""
        room = PANEL_WIDTH - x - 8.0
        if text_width(text, size) > room:
            while text and text_width(text + "…", size) > room:
                text = text[:-1]
            text += "…"
        more = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in style.items())
        self.parts.append(
            f'<text x="{x:.1f}" y="{self.y:.1f}" font-size="{size}"{more}>{escape(text)}</text>'
        )

    def heading(self, words: Words, count: int) -> None:
        """Begin a list."""
        self.y += 0.5 * _ROW
        self.text(f"{self.say(words)} ({count})", _LEFT, 12.5, font_weight="bold")
        self.y += _ROW + 2


def draw_panel(
    coverage: CityCoverage, draft: RouteDraft, title: str, height: float, *, chinese: bool
) -> Iterable[str]:
    """Draw the panel, PANEL_WIDTH wide; parameters as of `draw_route`."""
    write = _Writer(height, chinese=chinese)
    _figures(write, coverage, draft, title)
    _legend(write)
    _lists(write, coverage, draft)
    yield f'<rect width="{PANEL_WIDTH:.0f}" height="{height:.0f}" fill="#fff"/>'
    yield f'<path d="M0 0V{height:.0f}" stroke="#c9c5b8"/>'
    yield f'<g fill="#222">{"".join(write.parts)}</g>'


def _figures(write: _Writer, coverage: CityCoverage, draft: RouteDraft, title: str) -> None:
    """Write what route it is, and its figures."""
    city = write.name(coverage.definition.name)
    named = write.name(title) or write.say(Words("路线审批图", "Route before approval"))
    write.text(named, _LEFT, 17, font_weight="bold")
    write.y += 19
    if write.name(title):
        city = " · ".join(filter(None, (city, write.say(Words("路线审批图", "before approval")))))
    write.text(city, _LEFT, 12, fill="#555")
    write.y += 22
    certain = sum(trap.certain for trap in draft.traps)
    observability = draft.departures.observability
    seen = "–" if observability is None else f"{100 * observability:.0f} %"
    longest = draft.stretches[0].length_m if draft.stretches else 0.0
    for words, value in (
        (Words("全长", "length"), f"{draft.matched.path.length_m(coverage.graph) / 1000:.2f} km"),
        (Words("路线上的相机", "cameras on it"), str(draft.cameras.site.size)),
        (
            Words("易误拍相机（必拍/可能）", "trap cameras (will / may)"),
            f"{certain} / {len(draft.traps) - certain}",
        ),
        (Words("最长盲段", "longest blind stretch"), f"{longest:.0f} m"),
        (Words("驶离可见率", "observability of departures"), seen),
        (
            Words("匹配置信度", "confidence of the match"),
            f"{100 * float(draft.matched.confidence.min(initial=1.0)):.0f} %",
        ),
    ):
        write.text(write.say(words), _LEFT, 12)
        write.text(value, PANEL_WIDTH - 100.0, 12.5, font_weight="bold")
        write.y += _ROW + 1
    write.y += 6


def _legend(write: _Writer) -> None:
    """Explain lines on the left and marks on the right."""
    lines = (
        (ROUTE, 5.0, "", 1.0, Words("路线", "route")),
        (BLIND, 12.0, "", 0.55, Words("盲段", "blind")),
        (DRAWN, 1.4, "5 4", 1.0, Words("手绘线", "as drawn")),
        (DOUBTFUL, 9.0, "", 0.45, Words("存疑", "doubtful")),
    )
    marks = (
        (CAMERA, Words("路线相机", "camera on it")),
        (WILL, Words("必拍", "will trip")),
        (MAY, Words("可能误拍", "may trip")),
    )
    top = write.y
    for colour, width, dashes, opacity, words in lines:
        write.parts.append(
            f'<path d="M{_LEFT} {write.y - 4:.1f}h34" stroke="{colour}" stroke-width="{width}" '
            f'stroke-dasharray="{dashes or "none"}" stroke-opacity="{opacity}"/>'
        )
        write.text(write.say(words), _LEFT + 44)
        write.y += _ROW + 2
    bottom, write.y = write.y, top
    for colour, words in marks:
        spot = np.array([PANEL_WIDTH / 2 + 14, write.y - 3])
        write.parts.append(camera_mark(spot, 90.0, colour, ""))
        write.text(write.say(words), PANEL_WIDTH / 2 + 38)
        write.y += _ROW + 2
    x, y = PANEL_WIDTH / 2 + 14, write.y - 4
    write.parts.append(end_mark(np.array([x - 6, y]), begins=True))
    write.parts.append(end_mark(np.array([x + 12, y]), begins=False))
    write.text(write.say(Words("起点、终点", "begin, end")), PANEL_WIDTH / 2 + 38)
    write.y = max(bottom, write.y)


def _lists(write: _Writer, coverage: CityCoverage, draft: RouteDraft) -> None:
    """List cameras, trap cameras and blind stretches, as many as fit."""
    cameras = coverage.definition.cameras
    on_it = list(zip(draft.cameras.site.tolist(), draft.cameras.distance_m.tolist(), strict=True))
    stretches = [stretch for stretch in draft.stretches[:5] if stretch.length_m >= 200.0]
    # Both camera lists get their share of what is left; headings and "more" take rows, too.
    free = write.rows_left() - len(stretches) - 5
    for_traps = min(len(draft.traps), max(free - len(on_it), free // 2))
    for_cameras = min(len(on_it), max(free - for_traps, 0))
    # Where not all fit, the row that says so takes one's place.
    for_traps -= for_traps < len(draft.traps)
    for_cameras -= for_cameras < len(on_it)
    write.heading(Words("路线上的相机", "Cameras in order"), len(on_it))
    for order, (site, at_m) in enumerate(on_it[:for_cameras], start=1):
        _camera_row(write, str(order), CAMERA, cameras[site].camera_id, cameras[site].name)
        write.text(f"{at_m / 1000:.2f} km", PANEL_WIDTH - 66.0)
        write.y += _ROW
    _more(write, len(on_it) - for_cameras)
    write.heading(Words("易误拍相机", "Trap cameras"), len(draft.traps))
    for place, trap in enumerate(draft.traps[:for_traps]):
        colour = WILL if trap.certain else MAY
        kind = f"{write.say(CERTAIN[trap.certain])} · {write.say(KINDS[trap.kind])}"
        _camera_row(write, letter(place), colour, cameras[trap.site].camera_id, kind)
        write.text(_where(trap), PANEL_WIDTH - 66.0)
        write.y += _ROW
    _more(write, len(draft.traps) - for_traps)
    write.heading(Words("最长盲段", "Longest blind stretches"), len(draft.stretches))
    for stretch in stretches:
        unseen = draft.departures.unseen_between(stretch.from_m, stretch.to_m).probability
        share = "" if unseen is None else f" · {100 * unseen:.0f} %"
        said = write.say(Words("不可见", "unseen")) if share else ""
        write.text(
            f"{stretch.from_m / 1000:.2f}–{stretch.to_m / 1000:.2f} km · {stretch.length_m:.0f} m"
            f"{share} {said}",
            _LEFT,
        )
        write.y += _ROW


def _where(trap: TrapCamera) -> str:
    """Say at which kilometre of the route, or how far from its ends, a trap camera is met."""
    beyond = {"first_mile": "−", "last_mile": "+"}
    if trap.beyond_m > 0.0 and trap.kind in beyond:
        return f"{beyond[trap.kind]}{trap.beyond_m / 1000:.2f} km"
    return f"{trap.distance_m / 1000:.2f} km"


def _camera_row(write: _Writer, sign: str, colour: str, camera_id: str, rest: str) -> None:
    """Write one camera of a list."""
    write.parts.append(badge(np.array([_LEFT + 8, write.y - 4]), sign, colour, 7.5))
    wide = text_width(camera_id, _TEXT)
    write.text(camera_id, _LEFT + 24, fill="#222", font_weight="bold")
    room = PANEL_WIDTH - 66.0 - (_LEFT + 36 + wide) - 6.0
    rest = write.name(rest)
    while rest and text_width(rest, _TEXT) > room:
        rest = rest[:-1]
    write.text(rest, _LEFT + 36 + wide)


def _more(write: _Writer, count: int) -> None:
    if count > 0:
        write.text(write.say(Words(f"另有 {count} 个", f"and {count} more")), _LEFT + 24)
        write.y += _ROW
