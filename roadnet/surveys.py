"""Where a route is blind: the stretches between the cameras that it covers."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from roadnet.coverage import PathCameras
    from roadnet.graph import RoadGraph
    from roadnet.paths import Path


class BlindStretch(NamedTuple):
    """A part of a path without a camera between its ends.

    Attributes
    ----------
    from_m, to_m
        Metres along the path.
    """

    from_m: float
    to_m: float

    @property
    def length_m(self) -> float:
        """Metres that are driven unseen."""
        return self.to_m - self.from_m


def blind_stretches(
    graph: RoadGraph, path: Path, path_cameras: PathCameras, *, at_least_m: float = 1.0
) -> tuple[BlindStretch, ...]:
    """List the parts of a path that no camera on it sees, longest first.

    Parameters
    ----------
    graph
        What the path is on.
    path
        The route.
    path_cameras
        What it covers, as of `roadnet.coverage.cameras_on_path`.
    at_least_m
        Leave out shorter ones.

    Returns
    -------
    tuple
        From the begin of the path to its first camera, between consecutive cameras, and from the
        last one to the end; the whole path if it covers none. Of two as long, the earlier first.
    """
    length_m = path.length_m(graph)
    marks = np.unique(np.concatenate(([0.0], path_cameras.distance_m, [length_m])))
    stretches = [BlindStretch(begin, finish) for begin, finish in pairwise(marks.tolist())]
    kept = [stretch for stretch in stretches if stretch.length_m >= at_least_m]
    return tuple(sorted(kept, key=lambda stretch: (-stretch.length_m, stretch.from_m)))
