"""Least metres and seconds between cameras: what no vehicle beats, whatever it dares.

A vehicle is read somewhere within READING_M of a camera, before or behind it. Between two readings
it drives along streets and keeps to one-ways. It may break every other rule: banned turns, streets
closed to lorries, closures, and the speed limit (`generous_kmh`). Metres and seconds are each the
least, perhaps along different ways.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from roadnet.contraction import contract
from roadnet.errors import RoadnetError
from roadnet.graph_file import pack_arrays, unpack_arrays, write_whole
from roadnet.landmarks import frozen
from roadnet.travel_arrays import Search
from roadnet.travel_kernels import fill_rows
from roadnet.travel_places import NO_PLACE, find_places
from roadnet.types import ROAD_CLASSES

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from roadnet.cameras import CameraLinks
    from roadnet.contraction import Core
    from roadnet.graph import RoadGraph
    from roadnet.intersections import Intersections
    from roadnet.travel_places import Places
    from roadnet.types import FloatArray, IndexArray

MAGIC: Final = b"LeastTr1"  # its last character is the version of the layout
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
SLOWEST_KMH: Final = min(_FLOOR_KMH.values())
_ROWS_AT_ONCE: Final = 64


@dataclass(frozen=True, slots=True, eq=False)
class LeastTravel:
    """A table of least metres and seconds between n cameras at k places.

    Attributes
    ----------
    place
        (n,) int32, the place of each camera; NO_PLACE where it is linked to none.
    reach_m
        (n,) float64, how far from its place the camera may read a vehicle.
    metres_units, seconds_units
        (k, k) uint16, from row to column between places, in units of METRES_UNIT and
        `seconds_unit`, rounded down; MOST_UNITS stands for that much or more, or no way at all.
    seconds_unit
        Seconds that a unit stands for: the horizon over MOST_UNITS.
    """

    place: IndexArray
    reach_m: FloatArray
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
        arrays = (self.place, self.reach_m, self.metres_units, self.seconds_units)
        return sum(array.nbytes for array in arrays)

    def metres(self, from_camera: int, to_camera: int) -> float:
        """Return metres that a vehicle drives at least between readings by two cameras.

        Parameters
        ----------
        from_camera, to_camera
            Places of the cameras among those that the table was made of.

        Returns
        -------
        float
            0 if one of them is linked to no street, for nothing is known then.
        """
        return self._least(self.metres_units, METRES_UNIT, 1.0, from_camera, to_camera)

    def seconds(self, from_camera: int, to_camera: int) -> float:
        """Return seconds that a vehicle needs at least between readings by two cameras.

        Parameters
        ----------
        from_camera, to_camera
            As of `metres`.

        Returns
        -------
        float
            At most the horizon, less what the cameras' reach takes off; 0 if nothing is known.
        """
        per_metre = 3.6 / SLOWEST_KMH
        return self._least(self.seconds_units, self.seconds_unit, per_metre, from_camera, to_camera)

    def _least(
        self,
        table: npt.NDArray[np.uint16],
        unit: float,
        per_metre: float,
        from_camera: int,
        to_camera: int,
    ) -> float:
        first, last = int(self.place[from_camera]), int(self.place[to_camera])
        if NO_PLACE in (first, last):
            return 0.0
        reach_m = float(self.reach_m[from_camera]) + float(self.reach_m[to_camera])
        return max(0.0, int(table[first, last]) * unit - reach_m * per_metre)


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
        The same whatever the number of threads. A wrong link of a camera makes wrong bounds.

    Raises
    ------
    ValueError
        `horizon_s` is not a positive number.
    """
    if not 0.0 < horizon_s < np.inf:
        raise ValueError(f"horizon_s is {horizon_s}, expected a positive number of seconds")
    speed_kmh = generous_kmh(graph)
    places = find_places(graph, intersections, links, speed_kmh)
    core = contract(
        graph.edge_from,
        graph.edge_to,
        graph.edge_length_m,
        graph.edge_length_m * 3.6 / speed_kmh,
        places.nodes_named(graph.node_count),
    )
    seconds_unit = horizon_s / MOST_UNITS
    threads = workers or os.cpu_count() or 1
    tell = progress if progress is not None else _quiet
    metres = _table(core, places, core.metres, METRES_UNIT, threads, lambda x: tell(x / 2))
    seconds = _table(core, places, core.seconds, seconds_unit, threads, lambda x: tell((1 + x) / 2))
    return _read_only(LeastTravel(places.place, places.reach_m, metres, seconds, seconds_unit))


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
        "place": least.place,
        "reach_m": least.reach_m,
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
    places = int(np.sqrt(arrays["metres_units"].shape[0]))
    return LeastTravel(
        arrays["place"],
        arrays["reach_m"],
        arrays["metres_units"].reshape(places, places),
        arrays["seconds_units"].reshape(places, places),
        float(arrays["seconds_unit"][0]),
    )


def _quiet(_share: float) -> None:
    """Tell nobody."""


def _table(
    core: Core,
    places: Places,
    cost: FloatArray,
    unit: float,
    threads: int,
    tell: Callable[[float], None],
) -> npt.NDArray[np.uint16]:
    """Fill a table of one cost."""
    in_seconds = cost is core.seconds
    starts = places.starts_on(core.place, in_seconds=in_seconds)
    goals = places.goals_on(core.place, in_seconds=in_seconds)
    table = np.zeros((places.count, places.count), dtype=np.uint16)
    nodes, room = core.offsets.shape[0] - 1, core.head.shape[0] + starts.node.shape[0] + 1

    def fill(first: int) -> None:
        work = Search(np.empty(nodes), np.empty(room), np.empty(room, dtype=np.int32))
        rows = table[first : first + _ROWS_AT_ONCE]
        fill_rows(
            first, starts, goals, frozen(core.offsets), frozen(core.head), cost, unit, work, rows
        )

    firsts = range(0, places.count, _ROWS_AT_ONCE)
    with ThreadPoolExecutor(threads) as pool:
        for done, _ in enumerate(pool.map(fill, firsts), start=1):
            tell(done / len(firsts))
    for first, last, along in places.straight_on(in_seconds=in_seconds):
        units = min(max(int(along / unit - 1e-6), 0), MOST_UNITS)
        table[first, last] = min(int(table[first, last]), units)
    return table


def _read_only(least: LeastTravel) -> LeastTravel:
    for array in (least.place, least.reach_m, least.metres_units, least.seconds_units):
        array.setflags(write=False)
    return least
