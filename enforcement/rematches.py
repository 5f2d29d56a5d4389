"""A city on two editions of its network: the routes and cameras that are not where they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from roadnet.editions import compare_paths, link_changed, path_lonlat
from roadnet.errors import RoadnetError
from roadnet.openlr import OpenlrCodec

if TYPE_CHECKING:
    from enforcement.coverage import CityCoverage
    from enforcement.errors import Fault
    from enforcement.rules.places import Camera
    from roadnet.editions import PathChange
    from roadnet.types import FloatArray

CHANGED_SHARE: Final = 0.005  # of its length; less is the rounding of ends
NO_REFERENCE: Final = ""
AGREES: Final = "agrees"
DIFFERS: Final = "differs"
NOT_FOUND: Final = "not_found"


@dataclass(frozen=True, slots=True, eq=False)
class RouteRematch:
    """A route on both editions.

    Attributes
    ----------
    route_id, name
        Of the route.
    matched_before, matched_after
        Whether its line lies on roads.
    change
        How its path differs.
    gained, lost
        camera_ids, sorted.
    reference
        What its stored OpenLR says on the new edition: AGREES with the matched line, DIFFERS,
        NOT_FOUND; NO_REFERENCE if none is stored.
    """

    route_id: str
    name: str
    matched_before: bool
    matched_after: bool
    change: PathChange
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    reference: str

    @property
    def path_changed(self) -> bool:
        """Whether the path runs elsewhere."""
        return self.change.share > CHANGED_SHARE

    @property
    def cameras_changed(self) -> bool:
        """Whether the route gains or loses a camera."""
        return bool(self.gained or self.lost)

    @property
    def changed(self) -> bool:
        """Whether an officer should look at it."""
        return self.path_changed or self.cameras_changed or self.reference in (DIFFERS, NOT_FOUND)


@dataclass(frozen=True, slots=True, eq=False)
class CityRematch:
    """A city on both editions.

    Attributes
    ----------
    before, after
        Its surveys.
    routes
        By id.
    relinked
        The cameras linked elsewhere now.
    faults
        What `check` would refuse the city for on the new edition, and did not on the old one.
    """

    before: CityCoverage
    after: CityCoverage
    routes: tuple[RouteRematch, ...]
    relinked: tuple[Camera, ...]
    faults: tuple[Fault, ...]


def compare_editions(before: CityCoverage, after: CityCoverage) -> CityRematch:
    """Compare one city, surveyed on two editions of its network.

    Parameters
    ----------
    before, after
        Of the same definition.
    """
    codec = None
    if any(route.openlr for route in after.definition.routes):
        codec = OpenlrCodec(after.graph, index=after.matcher.index)
    routes = []
    for route in after.definition.routes:
        old, new = before.routes.get(route.route_id), after.routes.get(route.route_id)
        after_line = path_lonlat(after.graph, new.path if new else None)
        reference = NO_REFERENCE
        if codec is not None and route.openlr:
            reference = _reference(codec, route.openlr, after_line)
        had, has = (
            {one.definition.cameras[site].camera_id for site in one.route_cameras[route.route_id]}
            for one in (before, after)
        )
        routes.append(
            RouteRematch(
                route_id=route.route_id,
                name=route.name,
                matched_before=old is not None,
                matched_after=new is not None,
                change=compare_paths(
                    path_lonlat(before.graph, old.path if old else None), after_line
                ),
                gained=tuple(sorted(has - had)),
                lost=tuple(sorted(had - has)),
                reference=reference,
            )
        )
    editions = [(one.graph, one.intersections, one.links) for one in (before, after)]
    relinked = tuple(
        camera
        for site, camera in enumerate(after.definition.cameras)
        if link_changed(editions[0], editions[1], site)
    )
    faults = tuple(fault for fault in after.faults if fault not in before.faults)
    return CityRematch(before, after, tuple(routes), relinked, faults)


def references(coverage: CityCoverage) -> tuple[dict[str, str], dict[str, str]]:
    """Write the path of each matched route as OpenLR.

    Returns
    -------
    tuple
        The references by route_id, and why each route without one has none.
    """
    codec = OpenlrCodec(coverage.graph, index=coverage.matcher.index)
    found: dict[str, str] = {}
    missing: dict[str, str] = {}
    for route in coverage.definition.routes:
        matched = coverage.routes.get(route.route_id)
        if matched is None:
            missing[route.route_id] = "its line lies on no road"
            continue
        try:
            found[route.route_id] = codec.encode(matched.path)
        except RoadnetError as error:
            missing[route.route_id] = error.message
    return found, missing


def _reference(codec: OpenlrCodec, text: str, matched: FloatArray) -> str:
    """Say whether a stored reference and the matched line mean the same streets."""
    try:
        path = codec.decode(text)
    except RoadnetError:
        return NOT_FOUND
    same = compare_paths(path.lonlat(codec.graph), matched).share <= CHANGED_SHARE
    return AGREES if same else DIFFERS
