"""What a new edition of the network changes, as one HTML page with a map."""

from __future__ import annotations

from html import escape
from importlib import resources
from typing import TYPE_CHECKING, Final

import numpy as np

from enforcement.reports.map_drawing import PAPER, MapFrame, draw_roads, draw_scale_bar

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from enforcement.rematches import CityRematch, RouteRematch

_WIDTH: Final = 1000.0
_GONE: Final = "#c2413b"
_COME: Final = "#2c7a4b"
_RELINKED: Final = "#c77700"
_SHOWN: Final = 500
_NOTE: Final = (
    f'<span style="color:{_GONE}">红</span>：原路径，新路网上不再经过；'
    f'<span style="color:{_COME}">绿</span>：新路径；'
    f'<span style="color:{_RELINKED}">橙</span>：关联位置改变的摄像机。 '
    "Red: where routes no longer run; green: where they run now; orange: cameras linked elsewhere."
)


def write_rematch(path: Path, rematch: CityRematch) -> None:
    """Write the report of a rematch: figures, a map of what changed, and the routes that did.

    Parameters
    ----------
    path
        File to write.
    rematch
        The city on both editions.
    """
    style = resources.files("enforcement.reports").joinpath("report.css").read_text("utf-8")
    name = escape(rematch.after.definition.name)
    changed = [route for route in rematch.routes if route.changed]
    parts = [
        "<!doctype html>",
        '<html lang="zh"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{name} 路网更新</title><style>{style}</style></head><body><main>",
        f"<header><h1>{name} 路网更新核对 <small>rematch</small></h1></header>",
        f'<div class="card"><table>{"".join(_figures(rematch))}</table></div>',
        "<h2>在哪里 <small>where</small></h2>",
        f'<div class="card map">{_map(rematch)}</div><p class="note">{_NOTE}</p>',
        f"<h2>改变的路线 <small>routes that changed, {len(changed)} in all</small></h2>",
        f'<div class="card">{_table(changed[:_SHOWN])}</div>',
    ]
    if rematch.relinked:
        ids = ", ".join(escape(camera.camera_id) for camera in rematch.relinked[:_SHOWN])
        parts += [
            "<h2>关联改变的摄像机 <small>cameras linked elsewhere</small></h2>",
            f'<div class="card"><p>{ids}</p></div>',
        ]
    if rematch.faults:
        rows = "".join(
            f"<tr><td>{escape(str(fault))}</td></tr>" for fault in rematch.faults[:_SHOWN]
        )
        parts += [
            "<h2>新路网上的错误 <small>faults on the new edition</small></h2>",
            f'<div class="card"><table>{rows}</table></div>',
        ]
    parts.append("</main></body></html>")
    path.write_text("\n".join(parts) + "\n", encoding="utf-8")


def _figures(rematch: CityRematch) -> Iterable[str]:
    """Write the counts."""
    routes = rematch.routes
    for words, count in (
        ("路线 routes", len(routes)),
        ("路径改变 paths changed", sum(route.path_changed for route in routes)),
        ("摄像机组改变 camera sets changed", sum(route.cameras_changed for route in routes)),
        ("不再匹配 not matched any more", sum(_lost(route) for route in routes)),
        ("关联改变的摄像机 cameras linked elsewhere", len(rematch.relinked)),
        ("错误 faults", len(rematch.faults)),
    ):
        yield f"<tr><td>{words}</td><td>{count:,}</td></tr>"


def _lost(route: RouteRematch) -> bool:
    return route.matched_before and not route.matched_after


def _table(routes: list[RouteRematch]) -> str:
    """Write a row for each route that changed."""
    if not routes:
        return "<p>没有改变。 Nothing changed.</p>"
    head = (
        "<tr><th>路线 route</th><th>路径 path</th><th>增加 gains</th><th>失去 loses</th>"
        "<th>OpenLR</th></tr>"
    )
    rows = []
    for route in sorted(routes, key=lambda one: (-one.change.share, one.route_id)):
        path = "不再匹配 not matched" if _lost(route) else f"{100 * route.change.share:.1f} %"
        cells = (
            f"{route.route_id} {route.name}",
            path,
            " ".join(route.gained),
            " ".join(route.lost),
            route.reference,
        )
        rows.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    return f"<table>{head}{''.join(rows)}</table>"


def _map(rematch: CityRematch) -> str:
    """Draw the new network, and on it what changed."""
    frame = _frame(rematch)
    size = f"{_WIDTH:.0f} {frame.height:.0f}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img" aria-label="map">',
        f'<rect width="{_WIDTH:.0f}" height="{frame.height:.0f}" fill="{PAPER}"/>',
        *draw_roads(rematch.after.graph, frame, frame.within(rematch.after.graph)),
    ]
    for colour, width, dashes, came in ((_GONE, 4.0, "6 4", False), (_COME, 4.0, "", True)):
        for route in rematch.routes:
            pieces = route.change.come if came else route.change.gone
            data = "".join(frame.path(piece) for piece in pieces)
            if data:
                parts.append(
                    f'<path d="{data}" fill="none" stroke="{colour}" stroke-width="{width}" '
                    f'stroke-dasharray="{dashes}" stroke-opacity="0.85" stroke-linecap="round">'
                    f"<title>{escape(route.route_id)}</title></path>"
                )
    for camera in rematch.relinked:
        x, y = frame.place(np.array([[camera.lon, camera.lat]]))[0]
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{_RELINKED}" stroke="#fff">'
            f"<title>{escape(camera.camera_id)}</title></circle>"
        )
    return "".join([*parts, *draw_scale_bar(frame), "</svg>"])


def _frame(rematch: CityRematch) -> MapFrame:
    """Return a frame around what changed; around all routes if nothing did."""
    lines = [piece for one in rematch.routes for piece in (*one.change.gone, *one.change.come)]
    lines += [np.array([[camera.lon, camera.lat]]) for camera in rematch.relinked]
    if not lines:
        lines = [route.lonlat for route in rematch.after.definition.routes]
    if not lines:
        graph = rematch.after.graph
        lines = [np.column_stack((graph.node_lon, graph.node_lat))]
    points = np.concatenate(lines)
    west, south = points.min(axis=0).tolist()
    east, north = points.max(axis=0).tolist()
    room = 0.004  # degrees of streets around, so that a place can be known
    return MapFrame(west - room, south - room, east + room, north + room, width=_WIDTH)
