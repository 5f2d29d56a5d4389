"""Water and parks of the town as polygons in metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from benchmarks.simulation.town import plan
from benchmarks.simulation.town.curves import Points, beside, chainage, spline


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What streets must go round or over.

    Attributes
    ----------
    river, stream
        Centre lines.
    river_area, stream_area
        Their surfaces.
    lakes, parks
        (name, surface).
    north_bank
        Everything north of the river's centre line.
    """

    river: Points
    stream: Points
    river_area: shapely.Polygon
    stream_area: shapely.Polygon
    lakes: tuple[tuple[str, shapely.Polygon], ...]
    parks: tuple[tuple[str, shapely.Polygon], ...]
    north_bank: shapely.Polygon


def metres(drawn: plan.Drawn) -> tuple[tuple[float, float], ...]:
    """Return drawn kilometres as metres."""
    return tuple((x * 1000.0, y * 1000.0) for x, y in drawn)


def lay_ground() -> Ground:
    """Return the water and parks of the plan."""
    river = spline(metres(plan.RIVER), 60.0)
    stream = spline(metres(plan.STREAM), 50.0)
    far = 20_000.0
    return Ground(
        river=river,
        stream=stream,
        river_area=_ribbon(river, plan.RIVER_WIDTH_M),
        stream_area=_ribbon(stream, plan.STREAM_WIDTH_M),
        lakes=tuple(
            (name, shapely.Polygon(spline(metres(shore), 40.0, closed=True)))
            for name, shore in plan.LAKES
        ),
        parks=tuple((name, shapely.Polygon(metres(edge))) for name, edge in plan.PARKS),
        north_bank=shapely.Polygon(np.vstack((river, [(far, far), (-far, far)]))),
    )


def _ribbon(line: Points, widths_m: tuple[float, ...]) -> shapely.Polygon:
    """Return the surface along a centre line whose width changes evenly along it."""
    along = chainage(line)
    half = np.interp(along / along[-1], np.linspace(0, 1, len(widths_m)), widths_m) / 2
    outline = np.vstack((beside(line, -half), beside(line, half)[::-1]))
    return shapely.Polygon(outline).buffer(0)
