"""A route draft as a picture: the map of the route, and beside it what the officer should know."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np

from enforcement.reports.badges import place_badges
from enforcement.reports.map_drawing import PAPER, MapFrame, draw_roads, draw_scale_bar
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
from enforcement.reports.route_panel import PANEL_WIDTH, draw_panel
from enforcement.reports.street_labels import street_labels
from enforcement.route_features import part_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from enforcement.coverage import CityCoverage
    from enforcement.route_drafts import RouteDraft

MAP_WIDTH: Final = 1040.0
MAP_HEIGHT: Final = 800.0

_FONTS: Final = (
    "'Noto Sans CJK SC','Noto Sans SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',"
    "'WenQuanYi Micro Hei','WenQuanYi Zen Hei','DejaVu Sans','Liberation Sans',Arial,Helvetica,"
    "sans-serif"
)
_LEAST_DEG: Final = 0.004  # a short route is shown among its streets, not alone
_BADGE: Final = 8.5
_WARNED_STRETCHES: Final = 5
_WARNED_FROM_M: Final = 200.0
_STREET_LIMIT: Final = 9_000


def draw_route(
    coverage: CityCoverage, draft: RouteDraft, title: str = "", *, chinese: bool = True
) -> str:
    """Draw a route draft as one SVG document.

    Parameters
    ----------
    coverage
        The city on its roads.
    draft
        Of that city.
    title
        The route's name, if it has one.
    chinese
        Write in Chinese and English, and names as they are; otherwise in English alone, without
        names that need Chinese characters: for a renderer without a font that has them.

    Returns
    -------
    str
        A whole document; every text in it is escaped.
    """
    frame = _frame(coverage, draft)
    width = MAP_WIDTH + PANEL_WIDTH
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {MAP_HEIGHT:.0f}" '
            f'width="{width:.0f}" height="{MAP_HEIGHT:.0f}" font-family="{_FONTS}">'
        ),
        f'<clipPath id="map"><rect width="{MAP_WIDTH:.0f}" height="{MAP_HEIGHT:.0f}"/></clipPath>',
        f'<rect width="{width:.0f}" height="{MAP_HEIGHT:.0f}" fill="{PAPER}"/>',
        '<g clip-path="url(#map)">',
        *_streets(coverage, frame),
        *_other_cameras(coverage, draft, frame),
        *_lines(coverage, draft, frame),
        *_marks(coverage, draft, frame, chinese=chinese),
        *draw_scale_bar(frame),
        "</g>",
        f'<g transform="translate({MAP_WIDTH:.0f} 0)">',
        *draw_panel(coverage, draft, title, MAP_HEIGHT, chinese=chinese),
        "</g></svg>",
    ]
    return "".join(parts)


def _frame(coverage: CityCoverage, draft: RouteDraft) -> MapFrame:
    """Return a frame around the drawn line, its path and its trap cameras."""
    places = [draft.line, draft.matched.path.lonlat(coverage.graph)]
    places += [_spot(coverage, trap.site)[None, :] for trap in draft.traps]
    points = np.concatenate(places)
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    middle, half = (south + north) / 2, max((north - south) / 2, _LEAST_DEG / 2)
    return MapFrame(
        float(west),
        float(middle - half),
        float(east),
        float(middle + half),
        width=MAP_WIDTH,
        height=MAP_HEIGHT,
        margin=0.06,
    )


def _spot(coverage: CityCoverage, site: int) -> npt.NDArray[np.float64]:
    camera = coverage.definition.cameras[site]
    return np.array([camera.lon, camera.lat])


def _streets(coverage: CityCoverage, frame: MapFrame) -> Iterable[str]:
    """Draw the streets around, the wider the closer the look."""
    widen = float(np.clip((12.0 / frame.metres_a_unit) ** 0.5, 0.8, 2.6))
    shown = frame.within(coverage.graph)
    return draw_roads(coverage.graph, frame, shown, widen=widen, edge_limit=_STREET_LIMIT)


def _other_cameras(coverage: CityCoverage, draft: RouteDraft, frame: MapFrame) -> Iterable[str]:
    """Draw the cameras that the route has nothing to do with as small dots."""
    told = {*draft.cameras.site.tolist(), *(trap.site for trap in draft.traps)}
    for site, camera in enumerate(coverage.definition.cameras):
        x, y = frame.place(np.array([[camera.lon, camera.lat]]))[0]
        if site not in told and 0 <= x <= frame.width and 0 <= y <= frame.height:
            yield (
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="#7d858f" stroke="#fff" '
                f'stroke-width="0.7"><title>{escape(camera.camera_id)}</title></circle>'
            )


def _lines(coverage: CityCoverage, draft: RouteDraft, frame: MapFrame) -> Iterable[str]:
    """Draw the longest blind stretches, the line as drawn, the path, and doubtful parts."""
    path = draft.matched.path.lonlat(coverage.graph)
    yield '<g fill="none" stroke-linecap="round" stroke-linejoin="round">'
    for stretch in draft.stretches[:_WARNED_STRETCHES]:
        if stretch.length_m >= _WARNED_FROM_M:
            data = frame.path(part_of(path, stretch.from_m, stretch.to_m))
            yield (
                f'<path d="{data}" stroke="{BLIND}" stroke-width="15" stroke-opacity="0.5" '
                f'stroke-linecap="butt"><title>{stretch.length_m:.0f} m</title></path>'
            )
    # Below the path: the line as drawn shows where the two differ.
    drawn = frame.path(draft.line)
    yield f'<path d="{drawn}" stroke="{DRAWN}" stroke-width="1.6" stroke-dasharray="5 4"/>'
    data = frame.path(path)
    yield f'<path d="{data}" stroke="#fff" stroke-width="7.5"/>'
    yield f'<path d="{data}" stroke="{ROUTE}" stroke-width="5"/>'
    yield from _arrows(frame.place(path))
    for warning in draft.matched.warnings:
        data = frame.path(part_of(draft.line, warning.from_m, warning.to_m))
        yield (
            f'<path d="{data}" stroke="{DOUBTFUL}" stroke-width="9" stroke-opacity="0.45">'
            f"<title>{escape(warning.message)}</title></path>"
        )
    yield "</g>"


def _arrows(points: npt.NDArray[np.float64], every: float = 90.0) -> Iterable[str]:
    """Draw small arrow heads along a line that show which way it is driven."""
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))))
    for at in np.arange(every / 2, along[-1], every):
        (x1, y1), (x2, y2) = (
            [np.interp(where, along, points[:, axis]) for axis in range(2)]
            for where in (at - 3.0, at + 3.0)
        )
        angle = np.degrees(np.arctan2(y2 - y1, x2 - x1))
        yield (
            f'<path transform="translate({(x1 + x2) / 2:.1f} {(y1 + y2) / 2:.1f}) '
            f'rotate({angle:.0f})" d="M-2 -3.2l4 3.2l-4 3.2" stroke="#fff" stroke-width="1.5"/>'
        )


def _marks(
    coverage: CityCoverage, draft: RouteDraft, frame: MapFrame, *, chinese: bool
) -> Iterable[str]:
    """Draw street names, the route's ends, its cameras with numbers, and traps with letters."""
    path = frame.place(draft.matched.path.lonlat(coverage.graph))
    sites = [*draft.cameras.site.tolist(), *(trap.site for trap in draft.traps)]
    colours = [CAMERA] * draft.cameras.site.size
    colours += [WILL if trap.certain else MAY for trap in draft.traps]
    names = [str(order) for order in range(1, draft.cameras.site.size + 1)]
    names += [letter(place) for place in range(len(draft.traps))]
    spots = frame.place(np.array([_spot(coverage, site) for site in sites]).reshape(-1, 2))
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))))
    every = np.arange(0.0, along[-1], 6.0)
    line = np.column_stack([np.interp(every, along, path[:, axis]) for axis in range(2)])
    badges = place_badges(spots, _BADGE, line, frame.width, frame.height)
    taken = np.concatenate((badges, path[[0, -1]]))
    yield from street_labels(coverage.graph, draft.matched.path, frame, taken, chinese=chinese)
    yield end_mark(path[0], begins=True)
    yield end_mark(path[-1], begins=False)
    for (x, y), (bx, by), colour in zip(spots.tolist(), badges.tolist(), colours, strict=True):
        yield (
            f'<path d="M{x:.1f} {y:.1f}L{bx:.1f} {by:.1f}" stroke="{colour}" '
            'stroke-width="1.1" stroke-opacity="0.8"/>'
        )
    for site, spot, colour in zip(sites, spots, colours, strict=True):
        camera = coverage.definition.cameras[site]
        yield camera_mark(spot, camera.bearing_deg, colour, camera.camera_id)
    for place, name, colour in zip(badges, names, colours, strict=True):
        yield badge(place, name, colour, _BADGE)
