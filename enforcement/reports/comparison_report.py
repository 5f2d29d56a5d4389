"""What differs between two cities on the same hits, as one HTML page with a map."""

from __future__ import annotations

from html import escape
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from enforcement.reports.map_drawing import PAPER, MapFrame, draw_roads, draw_scale_bar
from enforcement.reports.words import HELD, REASONS, Words

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import numpy.typing as npt

    from enforcement.index.layout import Rules
    from enforcement.rules_source import RulesSource
    from enforcement.violation_changes import ViolationChanges

_WIDTH: Final = 1000.0
_SUSPECTED: Final = "#c2413b"
_CLEARED: Final = "#2c7a4b"
_ROOM: Final = 0.004  # degrees of streets around, so that a place can be known
_SHOWN: Final = 300  # vehicles, before the rest is only counted
_NOTE: Final = (
    f'<span style="color:{_SUSPECTED}">红</span>：按对比方案新增的疑似违规；'
    f'<span style="color:{_CLEARED}">绿</span>：解除的；圆面积表示数量。 '
    "Red: suspected by the other rules only; green: not suspected by them any more; area: how many."
)
WARNINGS_CHANGED: Final = {
    "warned_anew": Words("改为仅作警告", "only warned of by the other rules"),
    "accused_anew": Words("不再仅作警告", "no longer only warned of by the other rules"),
}
_KINDS: Final = {
    "suspected": "新增 suspected anew",
    "cleared": "解除 cleared",
    "other_violations": "仍有嫌疑 still suspected",
}


def write_comparison(
    path: Path,
    before: RulesSource,
    after: RulesSource,
    report: Mapping[str, Any],
    changes: ViolationChanges,
) -> None:
    """Write the report of a comparison: totals, a map of where it differs, reasons and vehicles.

    Parameters
    ----------
    path
        File to write.
    before, after
        The two that the hits were judged by. The map has the streets of `after`, or of `before` if
        `after` has none; places of cameras likewise.
    report
        What `freightpass compare --json` prints.
    changes
        What differs.
    """
    style = resources.files("enforcement.reports").joinpath("report.css").read_text("utf-8")
    name = escape(after.rules.name)
    parts = [
        "<!doctype html>",
        '<html lang="zh"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{name} 方案对比</title><style>{style}</style></head><body><main>",
        f"<header><h1>{name} 方案对比 <small>comparison</small></h1></header>",
        f'<div class="card"><table>{"".join(_totals(report))}</table></div>',
        "<h2>在哪里 <small>where</small></h2>",
        f'<div class="card map">{_map(before, after, changes)}</div><p class="note">{_NOTE}</p>',
        "<h2>为什么 <small>why</small></h2>",
        f'<div class="card"><table>{"".join(_reasons(report))}</table></div>',
        f"<h2>车辆 <small>vehicles, {len(report['vehicles']):,} in all</small></h2>",
        f'<div class="card"><table>{"".join(_vehicles(report))}</table></div>',
    ]
    if len(report["vehicles"]) > _SHOWN:
        left = len(report["vehicles"]) - _SHOWN
        parts.append(f'<p class="note">另有 {left:,} 辆 more; compare --json lists them</p>')
    hashes = " → ".join(escape(report[side]["rules_hash"]) for side in ("city", "against"))
    parts += [f"<footer>规则 rules {hashes} · freightpass</footer>", "</main></body></html>"]
    path.write_text("\n".join(parts) + "\n", encoding="utf-8")


def _totals(report: Mapping[str, Any]) -> Iterable[str]:
    """Write what each of the two says of all hits."""
    sides = (report["city"], report["against"])
    yield (
        "<tr><th></th>" + "".join(f'<th class="n">{escape(one["path"])}</th>' for one in sides)
    ) + "</tr>"
    for name, words in (
        ("suspected", "疑似违规 suspected violations"),
        ("warnings", "其中仅作警告 of them warnings only"),
        ("vehicles", "车辆 vehicles"),
        ("cases", "案件 cases"),
        ("held", "存疑待查 held"),
    ):
        cells = "".join(f'<td class="n">{one[name]:,}</td>' for one in sides)
        yield f"<tr><td>{words}</td>{cells}</tr>"
    policies = "".join(f'<td class="n">{escape(one["case_policy"])}</td>' for one in sides)
    yield f"<tr><td>案件合并规则 case policy</td>{policies}</tr>"


def _reasons(report: Mapping[str, Any]) -> Iterable[str]:
    """Write what comes and goes by reason."""
    yield '<tr><th></th><th class="n">新增 anew</th><th class="n">解除 cleared</th></tr>'
    for name, words in REASONS.items():
        anew, cleared = report["suspected"].get(name, 0), report["cleared"].get(name, 0)
        if anew or cleared:
            yield (
                f"<tr><td>{words.zh} {words.en}</td>"
                f'<td class="n">{anew:,}</td><td class="n">{cleared:,}</td></tr>'
            )
    for code, count in report["cleared_by_doubt"].items():
        yield (
            f"<tr><td>其中转为存疑 of these now held: {HELD[code].zh} {HELD[code].en}</td>"
            f'<td class="n"></td><td class="n">{count:,}</td></tr>'
        )
    for one in report["other_reason"]:
        was, now = REASONS[one["from"]], REASONS[one["to"]]
        yield (
            f"<tr><td>{was.zh} {was.en} → {now.zh} {now.en}</td>"
            f'<td class="n" colspan="2">{one["violations"]:,}</td></tr>'
        )
    for name, warned in WARNINGS_CHANGED.items():
        if count := report["counts"][name]:
            yield f'<tr><td>{warned.zh} {warned.en}</td><td class="n" colspan="2">{count:,}</td></tr>'


def _vehicles(report: Mapping[str, Any]) -> Iterable[str]:
    """Write a row for each vehicle with changes."""
    if not report["vehicles"]:
        same = "没有新增或解除。 None comes or goes."
        nothing = "没有变化。 Nothing changes."
        yield f"<tr><td>{same if any(report['counts'].values()) else nothing}</td></tr>"
        return
    yield (
        "<tr><th>号牌 plate</th><th></th><th>新增 anew</th><th>解除 cleared</th>"
        "<th>摄像机 cameras</th></tr>"
    )
    for one in report["vehicles"][:_SHOWN]:
        cells = (
            " ".join(filter(None, (one["plate"], one["plate_class"]))),
            _KINDS[one["change"]],
            _counts(one["suspected"]),
            _counts(one["cleared"]),
            " ".join(one["cameras"]),
        )
        yield "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _counts(reasons: Mapping[str, int]) -> str:
    return ", ".join(f"{REASONS[name].zh} {count:,}" for name, count in reasons.items())


def _map(before: RulesSource, after: RulesSource, changes: ViolationChanges) -> str:
    """Draw the streets around the cameras where something differs, and discs on these."""
    places = _places(before.rules) | _places(after.rules)
    where = {camera_id: one for camera_id, one in changes.cameras.items() if camera_id in places}
    points = np.array([places[camera_id] for camera_id in where or places] or [(0.0, 0.0)])
    west, south = (points.min(axis=0) - _ROOM).tolist()
    east, north = (points.max(axis=0) + _ROOM).tolist()
    frame = MapFrame(west, south, east, north, width=_WIDTH)
    size = f"{_WIDTH:.0f} {frame.height:.0f}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img" aria-label="map">',
        f'<rect width="{_WIDTH:.0f}" height="{frame.height:.0f}" fill="{PAPER}"/>',
    ]
    ground = after.coverage or before.coverage
    if ground:
        parts += draw_roads(ground.graph, frame, frame.within(ground.graph))
    most = max((one.total for one in where.values()), default=1)
    for camera_id, one in where.items():
        point = frame.place(np.array([places[camera_id]]))[0]
        discs = ((one.suspected, _SUSPECTED), (one.cleared, _CLEARED))
        for reasons, colour in sorted(discs, key=lambda disc: -disc[0].total()):
            if reasons:
                parts.append(_disc(point, camera_id, reasons, colour, most))
    return "".join([*parts, *draw_scale_bar(frame), "</svg>"])


def _places(rules: Rules) -> dict[str, tuple[float, float]]:
    """Return where each camera stood last, WGS-84 lon and lat, by camera_id."""
    last = rules.camera_record_offsets[1:] - 1
    lonlat = zip(rules.camera_lon[last].tolist(), rules.camera_lat[last].tolist(), strict=True)
    return dict(zip(rules.camera_ids, lonlat, strict=True))


def _disc(
    point: npt.NDArray[np.float64], camera_id: str, reasons: Counter[str], colour: str, most: int
) -> str:
    """Draw the violations of one kind at a camera."""
    radius = 3.0 + 13.0 * (reasons.total() / most) ** 0.5
    return (
        f'<circle cx="{point[0]:.1f}" cy="{point[1]:.1f}" r="{radius:.1f}" fill="{colour}" '
        'fill-opacity="0.7" stroke="#fff" stroke-width="0.7">'
        f"<title>{escape(camera_id)}: {escape(_counts(reasons))}</title></circle>"
    )
