"""report.html: one self-contained file that says what a sweep found, where, when and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from html import escape
from importlib import resources
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from enforcement.index.civil_time import HOUR_US, civil_us
from enforcement.reports.avoidance_section import avoidance_section
from enforcement.reports.cases_section import cases_section
from enforcement.reports.charts import hour_columns, reason_bars, reason_legend
from enforcement.reports.city_map import draw_city
from enforcement.reports.voided_section import voided_section
from enforcement.reports.words import COUNTS, HELD, REASON_COLOURS, REASONS, Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from enforcement.coverage import CityCoverage
    from enforcement.index.layout import Rules
    from enforcement.rules_source import RulesSource

_WORST: Final = 15
_MAP_NOTE: Final = (
    "圆面积表示疑似违规数量；红色虚线为限行区域，蓝线为许可路线。 Disc area: suspected violations at a "
    "camera; dashed: restricted areas; blue: permitted routes."
)


def write_report(
    path: Path,
    city: RulesSource,
    summary: Mapping[str, Any],
    violations: pa.Table,
    cases: pa.Table,
    over_speed: pa.Table,
    avoidance: pa.Table,
    voided: pa.Table,
) -> None:
    """Write the report of a sweep.

    Parameters
    ----------
    path
        File to write.
    city
        The city that was swept by; rules from a file have no streets, areas and routes to draw.
    summary
        What summary.json holds.
    violations, cases
        The sweep's tables; held violations are counted, not shown as suspected.
    over_speed
        The drives behind violations by speed, OVER_SPEED_SCHEMA.
    avoidance
        Who keeps missing at a camera, AVOIDANCE_SCHEMA.
    voided
        What an earlier sweep suspected and this one does not, VOIDED_SCHEMA.
    """
    suspected = violations.filter(violations["held"].is_null())
    rules = city.rules
    zone = ZoneInfo(rules.timezone)
    by_camera: dict[str, Counter[str]] = defaultdict(Counter)
    for camera_id, reason, count in _counts(suspected, ["camera_id", "reason"]):
        by_camera[camera_id][reason] = count
    by_route = Counter(
        {route_id: count for route_id, count in _counts(suspected, ["route_id"]) if route_id}
    )
    by_hour: list[Counter[str]] = [Counter() for _ in range(24)]
    at = suspected["captured_at"].cast(pa.int64()).to_numpy()
    civil_hours = civil_us(rules.zone, at) // HOUR_US % 24
    hours = suspected.append_column("hour", pa.array(civil_hours))
    for hour, reason, count in _counts(hours, ["hour", "reason"]):
        by_hour[hour][reason] = count
    style = resources.files("enforcement.reports").joinpath("report.css").read_text("utf-8")
    name = escape(rules.name)
    parts = [
        "<!doctype html>",
        '<html lang="zh"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{name} 过车核验报告</title><style>{style}</style></head><body><main>",
        _header(name, pc.min_max(suspected["captured_at"]).as_py(), zone),
        _tiles(summary),
        _heading("在哪里", "where"),
        f'<div class="card map">{draw_city(rules, city.coverage, by_camera)}</div>',
        reason_legend(summary["reasons"]),
        f'<p class="note">{_MAP_NOTE}</p>',
        '<div class="two"><div>',
        _heading("为什么", "why"),
        f'<div class="card">{reason_bars(summary["reasons"])}</div></div><div>',
        _heading("没有判定的", "not judged"),
        f'<div class="card">{_rejected(summary)}</div></div></div>',
        *_held(summary),
        _heading("什么时候", "when"),
        f'<div class="card">{hour_columns(by_hour)}</div>',
        '<div class="two"><div>',
        _heading("最多的摄像机", "cameras with most"),
        f'<div class="card">{_worst_cameras(city.coverage, by_camera)}</div></div><div>',
        _heading("最多的路线", "routes with most"),
        f'<div class="card">{_worst_routes(rules, by_route)}</div></div></div>',
        _heading("案件", f"cases, {cases.num_rows:,} in all"),
        cases_section(rules, suspected, cases, over_speed),
        *avoidance_section(avoidance, zone),
        *voided_section(voided, zone),
        _footer(summary),
        "</main></body></html>",
    ]
    path.write_text("\n".join(parts) + "\n", encoding="utf-8")


def _heading(zh: str, en: str) -> str:
    """Return a section's heading in both languages."""
    return f"<h2>{escape(zh)} <small>{escape(en)}</small></h2>"


def _counts(table: pa.Table, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    """Yield each combination of values of some columns, with the number of its rows."""
    counted = table.group_by(columns).aggregate([([], "count_all")]).to_pydict()
    return zip(*(counted[name] for name in [*columns, "count_all"]), strict=True)


def _header(name: str, instants: Mapping[str, datetime | None], zone: ZoneInfo) -> str:
    """Return what was swept; `name` is escaped already."""
    first, last = instants["min"], instants["max"]
    if first and last:
        first, last = first.astimezone(zone), last.astimezone(zone)
        period = (
            "疑似违规 suspected violations "
            f"{first:%Y-%m-%d %H:%M} – {last:%Y-%m-%d %H:%M} ({escape(zone.key)})"
        )
    else:
        period = "没有疑似违规 no suspected violation"
    return (
        f"<header><h1>{name} 过车核验报告</h1><p>Sweep report · {period}</p>"
        '<p class="note">以下均为疑似违规，须经人工确认，不是处罚决定。 Everything below is a suspected '
        "violation for a human to confirm, never a fine.</p></header>"
    )


def _tiles(summary: Mapping[str, Any]) -> str:
    """Return the totals."""
    verdicts = summary["verdicts"]
    values = {
        "hits": summary["hits"],
        "duplicates": summary["duplicates"],
        "not_restricted": verdicts["not_restricted"],
        "permitted": verdicts["permitted"],
        "violation": sum(summary["reasons"].values()),
        "cases": summary["cases"],
    }
    tiles = [
        f'<div class="tile{" hot" if name == "violation" else ""}"><b>{count:,}</b>'
        f"<span>{COUNTS[name].zh}</span><span class=en>{COUNTS[name].en}</span></div>"
        for name, count in values.items()
    ]
    apart = (
        (summary["warnings"], COUNTS["warnings"]),
        (sum(summary["held"].values()), Words("存疑待查", "held")),
    )
    tiles += [
        f'<div class="tile"><b>{count:,}</b><span>{words.zh}</span>'
        f"<span class=en>{words.en}</span></div>"
        for count, words in apart
        if count
    ]
    return f'<div class="tiles">{"".join(tiles)}</div>'


def _rejected(summary: Mapping[str, Any]) -> str:
    """Return what could not be judged, and where it is kept."""
    rows = [
        f"<tr><td>{COUNTS[name].zh} <span class=en>{COUNTS[name].en}</span></td>"
        f'<td class="n">{summary["verdicts"][name]:,}</td></tr>'
        for name in ("malformed", "unreadable", "unknown_camera")
    ]
    return (
        f"<table>{''.join(rows)}</table>"
        '<p class="note">逐条保存在 kept one by one in rejected.parquet</p>'
    )


def _held(summary: Mapping[str, Any]) -> list[str]:
    """Return what doubts hold back, by code, and what the hits say of cameras and plates."""
    rows = [
        f"<tr><td>{escape(HELD[code].zh)} <span class=en>{escape(HELD[code].en)}</span></td>"
        f"<td><code>{escape(code)}</code></td>"
        f'<td class="n">{count:,}</td></tr>'
        for code, count in summary["held"].items()
        if count
    ]
    if not rows:
        return []
    note = (
        f'<p class="note">不可信的设备·日 {summary["cameras_quarantined"]:,} camera days not '
        f"believed, 见 camera_health.parquet；疑似套牌 {summary['suspected_clones']:,} suspected "
        "clones, 见 clones.parquet。逐条保存在 kept one by one in violations.parquet (held)</p>"
    )
    return [
        _heading("存疑未列入的", "held back by a doubt"),
        f'<div class="card"><table>{"".join(rows)}</table>{note}</div>',
    ]


def _worst_cameras(coverage: CityCoverage | None, by_camera: Mapping[str, Counter[str]]) -> str:
    """Return the cameras with most suspected violations."""
    names = _camera_names(coverage) if coverage else {}
    order = sorted(by_camera, key=lambda one: (-by_camera[one].total(), one))[:_WORST]
    rows = []
    for camera_id in order:
        reasons = by_camera[camera_id]
        reason = max(reasons, key=lambda name: (reasons[name], name))
        rows.append(
            f"<tr><td>{escape(camera_id)}</td><td>{escape(names.get(camera_id, ''))}</td>"
            f'<td class="n">{by_camera[camera_id].total():,}</td>'
            f'<td style="color:{REASON_COLOURS[reason]}">{escape(REASONS[reason].zh)}</td></tr>'
        )
    return f"<table>{''.join(rows) or _NOTHING}</table>"


def _camera_names(coverage: CityCoverage) -> dict[str, str]:
    """Return the name of each camera, or of its street, by camera_id."""
    names: dict[str, str] = {}
    for number, camera in enumerate(coverage.definition.cameras):
        edge = int(coverage.links.edge[number])
        street = coverage.graph.name(edge) if edge >= 0 else ""
        names[camera.camera_id] = camera.name or street
    return names


def _worst_routes(rules: Rules, by_route: Counter[str]) -> str:
    """Return the routes whose permits came nearest most often."""
    names = dict(zip(rules.route_ids, rules.route_names, strict=True))
    order = sorted(by_route, key=lambda one: (-by_route[one], one))[:_WORST]
    rows = [
        f"<tr><td>{escape(route_id)}</td><td>{escape(names.get(route_id, ''))}</td>"
        f'<td class="n">{by_route[route_id]:,}</td></tr>'
        for route_id in order
    ]
    return f"<table>{''.join(rows) or _NOTHING}</table>"


_NOTHING: Final = "<tr><td>没有 none</td></tr>"


def _footer(summary: Mapping[str, Any]) -> str:
    """Return by which rules the report was made, and what the city's check warns of."""
    warnings = [f"<li>{escape(text)}</li>" for text in summary["city_warnings"][:200]]
    more = len(summary["city_warnings"]) - len(warnings)
    if more > 0:
        warnings.append(f"<li>… {more:,}</li>")
    folded = (
        f"<details><summary>城市数据的提示 {len(summary['city_warnings'])} warnings of the city's data"
        f"</summary><ul>{''.join(warnings)}</ul></details>"
        if warnings
        else ""
    )
    known = ""
    if summary["as_known_at"]:
        known = f"按当时所知 as known at {escape(summary['as_known_at'])} · "
    return (
        f"{folded}<footer>{known}规则 rules {escape(summary['rules_hash'])} · freightpass</footer>"
    )
