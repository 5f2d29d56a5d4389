"""A drawn line answered: the path, its cameras in order, and what to know before approval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from enforcement.camera_links import site_of
from roadnet.coverage import PathCameras, cameras_on_path
from roadnet.datum import to_wgs84
from roadnet.doubtful_cameras import OtherCameras, cameras_of_alternatives
from roadnet.observability import DepartureSurvey
from roadnet.onward_streets import onward_streets
from roadnet.surveys import blind_stretches
from roadnet.trap_cameras import TrapFinder
from roadnet.via_routes import ViaRouter

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.coverage import CityCoverage
    from roadnet.mapmatching import MatchedLine
    from roadnet.observability import Departures
    from roadnet.surveys import BlindStretch
    from roadnet.traps import TrapCamera


@dataclass(frozen=True, slots=True, eq=False)
class RouteDraft:
    """A drawn line on its streets, and what an officer should know of it before approving.

    Attributes
    ----------
    line
        (k, 2) WGS-84 degrees, as drawn.
    matched
        The path that it means.
    cameras
        What the path covers, of the cameras in service at the instant asked for.
    others
        Stretches of other paths that the line may mean, and their cameras.
    traps
        Cameras that it does not cover and that its lorries will or may trip.
    stretches
        Where no camera of the path sees, longest first.
    departures
        The ways to leave it, and how likely each is seen.
    """

    line: npt.NDArray[np.float64]
    matched: MatchedLine
    cameras: PathCameras
    others: tuple[OtherCameras, ...]
    traps: tuple[TrapCamera, ...]
    stretches: tuple[BlindStretch, ...]
    departures: Departures


class RouteDrafter:
    """Drafts routes of one city; build once, ask often, from any thread.

    Parameters
    ----------
    coverage
        The city on its roads.
    """

    __slots__ = ("_finder", "_from_us", "_survey", "_until_us", "_via", "coverage")

    coverage: CityCoverage
    _from_us: npt.NDArray[np.int64]
    _until_us: npt.NDArray[np.int64]
    _finder: TrapFinder
    _survey: DepartureSurvey
    _via: ViaRouter | None

    def __init__(self, coverage: CityCoverage) -> None:
        self.coverage = coverage
        onward = onward_streets(coverage.graph)
        cameras = coverage.definition.cameras
        self._from_us = np.array([camera.valid_from_us for camera in cameras], np.int64)
        self._until_us = np.array([camera.valid_until_us for camera in cameras], np.int64)
        sites = [site_of(camera) for camera in cameras]
        self._finder = TrapFinder(
            coverage.graph, coverage.intersections, coverage.links, sites, onward
        )
        self._survey = DepartureSurvey(coverage.graph, onward)
        self._via = None  # seconds of work on a large network, which drawn lines do not need

    def draft(
        self,
        lonlat: npt.NDArray[np.float64],
        datum: str,
        *,
        via: bool = False,
        at_us: int | None = None,
    ) -> RouteDraft:
        """Match a drawn line, or route through clicks, and look at what the path meets.

        Parameters
        ----------
        lonlat
            (k, 2) degrees of the line as drawn.
        datum
            Its coordinate system: wgs84, gcj02 or bd09.
        via
            Its points are clicks to route through as a lorry may, not a line to follow.
        at_us
            Microseconds UTC: only camera records in service then are looked at; all if None.

        Raises
        ------
        MatchError
            No path fits the line, or none leads through the clicks.
        """
        coverage = self.coverage
        graph = coverage.graph
        line = np.column_stack(to_wgs84(lonlat[:, 0], lonlat[:, 1], datum))
        if via:
            matched = self._through_clicks().route(line).as_matched()
        else:
            matched = coverage.matcher.match_line(line)
        path = matched.path
        absent = self._absent(at_us)
        covered = cameras_on_path(graph, coverage.intersections, coverage.links, path)
        there = ~np.isin(covered.site, absent)
        cameras = PathCameras(covered.site[there], covered.distance_m[there])
        others = cameras_of_alternatives(graph, coverage.intersections, coverage.links, matched)
        blind_to = np.union1d(covered.site, absent).astype(np.int32)
        return RouteDraft(
            line=line,
            matched=matched,
            cameras=cameras,
            others=tuple(_without(other, set(absent.tolist())) for other in others),
            traps=self._finder.trap_cameras(path, absent),
            stretches=blind_stretches(graph, path, cameras),
            departures=self._survey.departures(coverage.links, blind_to, path),
        )

    def _absent(self, at_us: int | None) -> npt.NDArray[np.int32]:
        """List the camera records that are not in service at an instant."""
        if at_us is None:
            return np.empty(0, dtype=np.int32)
        there = (self._from_us <= at_us) & (at_us < self._until_us)
        return np.flatnonzero(~there).astype(np.int32)

    def _through_clicks(self) -> ViaRouter:
        coverage = self.coverage
        if self._via is None:
            # Two threads may both come here first; then one of two equal routers stays.
            self._via = ViaRouter(
                coverage.graph,
                index=coverage.matcher.index,
                is_intersection=coverage.intersections.node_intersection >= 0,
            )
        return self._via


def _without(other: OtherCameras, absent: set[int]) -> OtherCameras:
    """Leave camera records out of what another path gains and loses."""
    gained = tuple(site for site in other.gained if site not in absent)
    lost = tuple(site for site in other.lost if site not in absent)
    return OtherCameras(other.alternative, gained, lost)
