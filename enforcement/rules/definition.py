"""Everything a city's folder states, read and checked, before roads come in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from enforcement.settings import Judgement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enforcement.rules.permits import Permit
    from enforcement.rules.places import Camera, Route
    from enforcement.rules.registry import RegisteredVehicle
    from enforcement.rules.restrictions import Closure, Restriction


@dataclass(frozen=True, slots=True, eq=False)
class CityDefinition:
    """One city as stated. Every geometry is WGS-84 whatever `coordinates` says of the files.

    Attributes
    ----------
    name, timezone, holidays, coordinates
        As in city.toml; `timezone` is an IANA name, `holidays` an ISO 3166 code or empty.
    judgement
        The `[judgement]` table.
    cameras
        Camera records; a camera that moved is two. A record's place here is its camera index
        wherever cameras are numbered. Sorted by (camera_id, valid_from_us).
    restrictions, routes, permits, closures
        Sorted by their id.
    vehicles
        The registry; empty when there is none.
    network_file
        Path or URL of the network, as `roadnet` reads it.
    """

    name: str
    timezone: str
    holidays: str = ""
    coordinates: str = "wgs84"
    judgement: Judgement = field(default_factory=Judgement)
    cameras: Sequence[Camera] = ()
    restrictions: Sequence[Restriction] = ()
    routes: Sequence[Route] = ()
    permits: Sequence[Permit] = ()
    vehicles: Sequence[RegisteredVehicle] = ()
    closures: Sequence[Closure] = ()
    network_file: str = ""
