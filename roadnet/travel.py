"""Least metres and seconds between cameras: what no vehicle beats, whatever it dares.

A vehicle is read somewhere in the zone of a camera (`roadnet.reading_zones`). Between two readings
it drives along streets and keeps to one-ways. It may break every other rule: banned turns, streets
closed to lorries, closures, and the speed limit (`generous_kmh`). Metres and seconds are each the
least, perhaps along different ways.
"""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from roadnet.contraction import contract
from roadnet.errors import RoadnetError
from roadnet.graph_file import pack_arrays, unpack_arrays, write_whole
from roadnet.landmarks import frozen
from roadnet.reading_zones import find_reading_zones
from roadnet.travel_arrays import Search
from roadnet.travel_kernels import fill_rows
from roadnet.types import ROAD_CLASSES

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from roadnet.cameras import CameraLinks
    from roadnet.contraction import Core
    from roadnet.graph import RoadGraph
    from roadnet.intersections import Intersections
    from roadnet.reading_zones import ReadingZones
    from roadnet.types import FloatArray, IndexArray

MAGIC: Final = b"LeastTr2"  # its last character is the version of the layout
SUFFIX: Final = ".leasttravel"
METRES_UNIT: Final = 1.0
MOST_UNITS: Final = 65535
# A driver may exceed the limit by this factor, and reach this speed on any street of a class.
OVER_LIMIT: Final = 1.3
_FLOOR_KMH: Final = {
    "motorway": 180.0,
    "motorway_link": 120.0,
    "trunk": 160.0,
    "trunk_link": 110.0,
    "primary": 130.0,
    "primary_link": 100.0,
    "secondary": 120.0,
    "secondary_link": 100.0,
    "tertiary": 100.0,
    "tertiary_link": 90.0,
    "unclassified": 100.0,
    "residential": 80.0,
    "living_street": 60.0,
    "service": 60.0,
    "track": 60.0,
    "road": 100.0,
}
_ROWS_AT_ONCE: Final = 64


@dataclass(frozen=True, slots=True, eq=False)
class LeastTravel:
    """A table of least metres and seconds between n cameras, which have k zones.

    Attributes
    ----------
    zone
        (n,) int32, the zone of each camera.
    metres_units, seconds_units
        (k, k) uint16, from row to column between zones, in units of METRES_UNIT and
        `seconds_unit`, rounded down; MOST_UNITS stands for that much or more, or no way at all. 0
        from and to the zone of cameras that are linked to no street, of which nothing is known.
    seconds_unit
        Seconds that a unit stands for: the horizon over MOST_UNITS.
    """

    zone: IndexArray
    metres_units: npt.NDArray[np.uint16]
    seconds_units: npt.NDArray[np.uint16]
    seconds_unit: float

    @property
    def horizon_s(self) -> float:
        """Seconds beyond which it is only known that a drive takes at least as long."""
        return self.seconds_unit * MOST_UNITS

    @property
    def stored_bytes(self) -> int:
        """Size of the table and what belongs to it."""
        return self.zone.nbytes + self.metres_units.nbytes + self.seconds_units.nbytes

    def metres(self, from_cameras: npt.ArrayLike, to_cameras: npt.ArrayLike) -> FloatArray:
        """Look up metres that a vehicle drives at least between readings by two cameras.

        Parameters
        ----------
        from_cameras, to_cameras
            Places of cameras among those that the table was made of: numbers, or arrays that
            broadcast.

        Returns
        -------
        FloatArray
            float64, in the shape of the pairs; 0 where one of the two is linked to no street.
        """
        return self._least(self.metres_units, METRES_UNIT, from_cameras, to_cameras)

    def seconds(self, from_cameras: npt.ArrayLike, to_cameras: npt.ArrayLike) -> FloatArray:
        """Look up seconds that a vehicle needs at least between readings by two cameras.

        Parameters
        ----------
        from_cameras, to_cameras
            As of `metres`.

        Returns
        -------
        FloatArray
            As of `metres`; the horizon at most.
        """
        return self._least(self.seconds_units, self.seconds_unit, from_cameras, to_cameras)

    def _least(
        self,
        table: npt.NDArray[np.uint16],
        unit: float,
        from_cameras: npt.ArrayLike,
        to_cameras: npt.ArrayLike,
    ) -> FloatArray:
        first = np.asarray(from_cameras, dtype=np.intp)
        last = np.asarray(to_cameras, dtype=np.intp)
        return table[self.zone[first], self.zone[last]] * np.float64(unit)


def least_travel(
    graph: RoadGraph,
    intersections: Intersections,
    links: CameraLinks,
    horizon_s: float = 1800.0,
    *,
    workers: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> LeastTravel:
    """Measure the least metres and seconds between any two cameras.

    Parameters
    ----------
    graph, intersections, links
        The network, its intersections, and the cameras on it.
    horizon_s
        Drives that take longer are known to take at least this long, no more. Metres are known up
        to MOST_UNITS of METRES_UNIT.
    workers
        Threads; as many as there are processors if None.
    progress
        Called from this thread with the share done, from 0 to 1.

    Returns
    -------
    LeastTravel
        The same whatever the number of threads. Whatever else a camera may watch is reckoned with
        (`CameraLinks.candidates`), so only a link that is wrong and sure makes wrong bounds.

    Raises
    ------
    ValueError
        `horizon_s` is not a positive number.
    """
    if not 0.0 < horizon_s < np.inf:
        raise ValueError(f"horizon_s is {horizon_s}, expected a positive number of seconds")
    seconds_per_m = 3.6 / generous_kmh(graph)
    zones = find_reading_zones(graph, intersections, links)
    core = contract(
        graph.edge_from,
        graph.edge_to,
        graph.edge_length_m,
        graph.edge_length_m * seconds_per_m,
        zones.nodes_named(graph.node_count),
    )
    threads = workers or os.cpu_count() or 1
    tell = progress if progress is not None else _quiet
    seconds_unit = horizon_s / MOST_UNITS
    in_metres = _Cost(core.metres, np.ones_like(seconds_per_m), METRES_UNIT)
    in_seconds = _Cost(core.seconds, seconds_per_m, seconds_unit)
    metres = _table(core, zones, in_metres, threads, lambda x: tell(x / 2))
    seconds = _table(core, zones, in_seconds, threads, lambda x: tell((1 + x) / 2))
    return _read_only(LeastTravel(zones.zone, metres, seconds, seconds_unit))


def generous_kmh(graph: RoadGraph) -> FloatArray:
    """Return a speed on each edge that no driver is thought to exceed, (m,) km/h.

    It is OVER_LIMIT times the limit, and at least 180 on a motorway, down to 60 on a service road.
    """
    floor = np.array([_FLOOR_KMH[name] for name in ROAD_CLASSES])[graph.edge_class]
    limit_kmh = graph.edge_speed_kmh.astype(np.float64)
    return np.asarray(np.maximum(OVER_LIMIT * limit_kmh, floor), dtype=np.float64)


def save_least_travel(least: LeastTravel, path: str) -> None:
    """Write a table to a file, whole or not at all.

    Parameters
    ----------
    least
        Any table.
    path
        Local file, replaced if it is there; by custom its name ends in `.leasttravel`.

    Raises
    ------
    RoadnetError
        `travel_unwritable`: the file cannot be written.
    """
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "zone": least.zone,
        "metres_units": least.metres_units.reshape(-1),
        "seconds_units": least.seconds_units.reshape(-1),
        "seconds_unit": np.array([least.seconds_unit]),
    }
    try:
        write_whole(path, pack_arrays(MAGIC, arrays))
    except OSError as error:
        message = f"cannot be written: {error.strerror or error}"
        raise RoadnetError("travel_unwritable", message, path) from error


def load_least_travel(path: str) -> LeastTravel:
    """Read a table that `save_least_travel` wrote.

    Parameters
    ----------
    path
        Local file.

    Raises
    ------
    RoadnetError
        `travel_unreadable`: there is no such file; `travel_file_broken`: it is not one of these, of
        another version, or damaged.
    """
    try:
        buffer = Path(path).read_bytes()
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        raise RoadnetError("travel_unreadable", message, path) from error
    try:
        arrays = unpack_arrays(MAGIC, buffer)
    except ValueError as error:
        raise RoadnetError("travel_file_broken", str(error), path) from error
    zones = math.isqrt(arrays["metres_units"].shape[0])
    return LeastTravel(
        arrays["zone"],
        arrays["metres_units"].reshape(zones, zones),
        arrays["seconds_units"].reshape(zones, zones),
        float(arrays["seconds_unit"][0]),
    )


def _quiet(_share: float) -> None:
    """Tell nobody."""


class _Cost(NamedTuple):
    """What arcs of the core and a metre of each edge cost, and what a unit of the table stands for."""

    of_arcs: FloatArray
    per_m: FloatArray
    unit: float


def _table(
    core: Core,
    zones: ReadingZones,
    cost: _Cost,
    threads: int,
    tell: Callable[[float], None],
) -> npt.NDArray[np.uint16]:
    """Fill a table of one cost."""
    starts = zones.starts_on(core.place, cost.per_m)
    goals = zones.goals_on(core.place, cost.per_m)
    table = np.zeros((zones.count, zones.count), dtype=np.uint16)
    nodes, room = core.offsets.shape[0] - 1, core.head.shape[0] + starts.node.shape[0] + 1
    arcs = (frozen(core.offsets), frozen(core.head), cost.of_arcs)

    def fill(first: int) -> None:
        work = Search(np.empty(nodes), np.empty(room), np.empty(room, dtype=np.int32))
        rows = table[first : first + _ROWS_AT_ONCE]
        fill_rows(first, starts, goals, *arcs, cost.unit, work, rows)

    firsts = range(0, zones.count, _ROWS_AT_ONCE)
    with ThreadPoolExecutor(threads) as pool:
        for done, _ in enumerate(pool.map(fill, firsts), start=1):
            tell(done / len(firsts))
    for first, last, between in zones.straight_on(cost.per_m):
        units = min(max(int(between / cost.unit - 1e-6), 0), MOST_UNITS)
        table[first, last] = min(int(table[first, last]), units)
    table[zones.nowhere, :] = 0
    table[:, zones.nowhere] = 0
    return table


def _read_only(least: LeastTravel) -> LeastTravel:
    for array in (least.zone, least.metres_units, least.seconds_units):
        array.setflags(write=False)
    return least
