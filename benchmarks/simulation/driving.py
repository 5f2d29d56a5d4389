"""Trips in time: which cameras a path passes, and when a driver on it passes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from roadnet.types import FLAG_SIGNALS

if TYPE_CHECKING:
    import numpy.typing as npt

    from benchmarks.simulation.cameras import Camera
    from benchmarks.simulation.paths import Paths
    from roadnet.graph import RoadGraph


@dataclass(frozen=True, slots=True, eq=False)
class Passages:
    """What each path passes: path p has the passages `offsets[p]:offsets[p + 1]`, in order.

    Attributes
    ----------
    record
        Camera record.
    edge
        Edge on which it reads.
    seconds, metres, signals
        From the path's start: of a calm driver, along the road, traffic lights passed.
    path_seconds
        (paths,) a calm driver's time for the whole path.
    """

    offsets: npt.NDArray[np.int64]
    record: npt.NDArray[np.int32]
    edge: npt.NDArray[np.int32]
    seconds: npt.NDArray[np.float64]
    metres: npt.NDArray[np.float64]
    signals: npt.NDArray[np.int32]
    path_seconds: npt.NDArray[np.float64]

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """Number of passages of each path."""
        return np.diff(self.offsets)


@dataclass(frozen=True, slots=True, eq=False)
class Trips:
    """Who drives which path when.

    Attributes
    ----------
    path, vehicle
        Numbers in the table of paths and in the fleet.
    departure_s
        Seconds from the local midnight that begins the day; may be before it.
    pace
        Factor on a calm driver's time.
    act
        What the driver meant, a code in `demand.ACTS`.
    limit_kmh
        Speed that the vehicle is held to, NaN for none.
    speeding
        Whether it drives faster than `limit_kmh` all the way.
    """

    path: npt.NDArray[np.int64]
    vehicle: npt.NDArray[np.int64]
    departure_s: npt.NDArray[np.float64]
    pace: npt.NDArray[np.float64]
    act: npt.NDArray[np.int16]
    limit_kmh: npt.NDArray[np.float64]
    speeding: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Drives:
    """Passages that really happen: trip, camera record, edge, instant, kilometres an hour since the last.

    `at_s` is in seconds from local midnight, `metres` from the beginning of the path; `since_kmh` is NaN
    at the first camera of a trip.
    """

    trip: npt.NDArray[np.int64]
    record: npt.NDArray[np.int32]
    edge: npt.NDArray[np.int32]
    at_s: npt.NDArray[np.float64]
    metres: npt.NDArray[np.float64]
    since_kmh: npt.NDArray[np.float64]


def find_passages(
    graph: RoadGraph,
    cameras: list[Camera],
    seconds: npt.NDArray[np.float64],
    paths: Paths,
) -> Passages:
    """Return what every path passes; `seconds` is a calm driver's time for each edge."""
    edge, record, share = _cameras_by_edge(graph, cameras)
    first = np.searchsorted(edge, paths.edges, side="left")
    many = np.searchsorted(edge, paths.edges, side="right") - first
    lengths = np.diff(paths.offsets)
    step_s = seconds[paths.edges]
    step_m = graph.edge_length_m[paths.edges]
    step_signals = ((graph.edge_flags[paths.edges] & FLAG_SIGNALS) > 0).astype(np.int64)
    place = np.repeat(np.arange(len(paths.edges)), many)
    nth = np.arange(len(place)) - np.repeat(np.cumsum(many) - many, many)
    entry = first[place] + nth
    start_s = _since_start(step_s, paths.offsets, lengths)
    start_m = _since_start(step_m, paths.offsets, lengths)
    signals = _since_start(step_signals, paths.offsets, lengths)
    path_of = np.repeat(np.arange(len(paths)), lengths)
    found = np.bincount(path_of[place], minlength=len(paths))
    return Passages(
        offsets=np.concatenate(([0], np.cumsum(found))),
        record=record[entry],
        edge=paths.edges[place],
        seconds=start_s[place] + share[entry] * step_s[place],
        metres=start_m[place] + share[entry] * step_m[place],
        signals=signals[place].astype(np.int32),
        path_seconds=np.add.reduceat(np.append(step_s, 0.0), paths.offsets[:-1]),
    )


def _cameras_by_edge(
    graph: RoadGraph, cameras: list[Camera]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """Return (edge, camera record, share of the edge at which it reads) in order of edge."""
    rows = []
    for record, camera in enumerate(cameras):
        for edge in camera.edges:
            length = float(graph.edge_length_m[edge])
            before = (
                length / 2 if camera.from_end_m is None else min(camera.from_end_m, 0.9 * length)
            )
            rows.append((edge, 1.0 - before / length, record))
    rows.sort()
    edge, share, record_of = zip(*rows, strict=True)
    return np.array(edge), np.array(record_of, dtype=np.int32), np.array(share)


def _since_start(
    step: npt.NDArray, offsets: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]
) -> npt.NDArray:
    """Return the sum of the earlier steps of the same path at every step."""
    before = np.concatenate(([0], np.cumsum(step)))
    return before[:-1] - np.repeat(before[offsets[:-1]], lengths)


def drive(trips: Trips, passages: Passages, random: np.random.Generator) -> Drives:
    """Return all passages of all trips, in order of trip and time."""
    counts = passages.counts[trips.path]
    trip = np.repeat(np.arange(len(trips.path)), counts)
    begin = np.cumsum(counts) - counts
    nth = np.arange(len(trip)) - begin[trip]
    row = passages.offsets[trips.path][trip] + nth
    first = nth == 0
    gap_s = np.diff(passages.seconds[row], prepend=0.0)
    gap_m = np.diff(passages.metres[row], prepend=0.0)
    lights = np.diff(passages.signals[row], prepend=0)
    gap_s[first] = passages.seconds[row][first]
    gap_m[first] = passages.metres[row][first]
    lights[first] = 0
    gap_s *= trips.pace[trip] * np.exp(random.normal(0.0, 0.08, len(row)))
    # A calm driver's time has the mean wait at each light in it; here it is long or none.
    gap_s += np.maximum(lights, 0) * random.choice([-9.0, -6.0, 5.0, 14.0], size=len(row))
    gap_s = np.maximum(gap_s, gap_m / (105.0 / 3.6))
    limit = trips.limit_kmh[trip] / 3.6
    limited = np.isfinite(limit)
    slow, fast = limited & ~trips.speeding[trip], limited & trips.speeding[trip]
    gap_s[slow] = np.maximum(gap_s[slow], gap_m[slow] / (0.9 * limit[slow]))
    gap_s[fast] = gap_m[fast] / (1.35 * limit[fast])
    total = np.cumsum(gap_s)
    earlier = np.where(begin > 0, total[np.maximum(begin - 1, 0)], 0.0)
    at_s = trips.departure_s[trip] + total - earlier[trip]
    with np.errstate(divide="ignore", invalid="ignore"):
        since_kmh = np.where(first | (gap_s <= 0), np.nan, 3.6 * gap_m / gap_s)
    return Drives(
        trip, passages.record[row], passages.edge[row], at_s, passages.metres[row], since_kmh
    )
