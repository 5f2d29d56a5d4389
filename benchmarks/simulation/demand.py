"""Who drives where and when, lorries apart: zones, pools of paths, cars and buses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from benchmarks.simulation.driving import Passages, Trips
from benchmarks.simulation.paths import Paths, taste, trace
from roadnet.types import ROAD_CLASSES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from benchmarks.simulation.setting import Setting

# What drivers mean to do; the code of an act is its place.
ACTS: Final = (
    "car", "bus", "on_route", "detour", "off_route", "outside_hours", "no_permit", "not_in_force",
    "outside_the_ring", "night", "light_off_peak", "clone",
)  # fmt: skip
ACT: Final = {name: code for code, name in enumerate(ACTS)}

_CAR_HOURS: Final = np.array(
    [9, 6, 4, 3, 4, 10, 32, 78, 88, 62, 52, 54, 56, 50, 50, 54, 62, 86, 84, 64, 50, 40, 27, 16], float
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """A choice of paths there and back.

    `there[i]` and `back[i]` are places in the table of all paths; `weight` adds up to one.
    """

    there: npt.NDArray[np.int64]
    back: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float64]


class PathTable:
    """All paths of the city while they are being collected."""

    def __init__(self) -> None:
        self.parts: list[Paths] = []
        self._count = 0

    def add(self, paths: Paths) -> int:
        """Add paths, return the number of the first."""
        self.parts.append(paths)
        self._count += len(paths)
        return self._count - len(paths)

    def add_pool(
        self,
        setting: Setting,
        cost: npt.NDArray[np.float64],
        pairs: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
        weight: npt.NDArray[np.float64],
        random: np.random.Generator,
    ) -> Pool:
        """Add the ways there and back of (from, to) pairs, to one taste; return the pool."""
        liked = taste(setting.graph, cost, random)
        there, out = trace(setting.graph, liked, *pairs)
        back, home = trace(setting.graph, liked, *pairs[::-1])
        both = np.intersect1d(out, home)
        first, second = self.add(there), self.add(back)
        share = weight[both]
        return Pool(
            first + np.searchsorted(out, both),
            second + np.searchsorted(home, both),
            share / share.sum(),
        )


def merge_pools(pools: Sequence[Pool]) -> Pool:
    """Return one pool of several, each with an equal share."""
    weight = np.concatenate([pool.weight for pool in pools]) / len(pools)
    return Pool(
        np.concatenate([pool.there for pool in pools]),
        np.concatenate([pool.back for pool in pools]),
        weight,
    )


def zone_nodes(
    setting: Setting, count: int, random: np.random.Generator, area: shapely.Geometry | None = None
) -> npt.NDArray[np.int64]:
    """Return nodes spread over the city, or over an area, denser where streets are denser."""
    nodes = setting.home_nodes
    big = np.zeros(setting.graph.node_count, dtype=bool)
    track = ROAD_CLASSES.index("track")
    big[setting.graph.edge_to[setting.graph.edge_class != track]] = True
    nodes = nodes[big[nodes]]
    if area is not None:
        xy = setting.node_xy[nodes]
        inside = nodes[shapely.contains_xy(area, xy[:, 0], xy[:, 1])]
        nodes = inside if len(inside) > 3 else nodes
    return np.sort(random.choice(nodes, size=min(count, len(nodes)), replace=False))


def gravity_pairs(
    setting: Setting,
    starts: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
    count: int,
    random: np.random.Generator,
    *,
    reach_m: float,
) -> tuple[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]], npt.NDArray[np.float64]]:
    """Return (from, to) pairs, nearer ones likelier, and a popularity for each."""
    size = setting.node_xy[starts][:, None, :] - setting.node_xy[ends][None, :, :]
    away = np.hypot(size[..., 0], size[..., 1])
    pull = np.exp(-away / reach_m) * (away > 400.0)
    pull /= pull.sum()
    flat = random.choice(
        pull.size, size=min(count, int((pull > 0).sum())), replace=False, p=pull.ravel()
    )
    flat.sort()
    pairs = (starts[flat // len(ends)], ends[flat % len(ends)])
    return pairs, np.exp(random.normal(0.0, 0.8, len(flat)))


def clock_times(
    hourly: npt.NDArray[np.float64], count: int, random: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Return seconds of the day drawn from an hourly profile."""
    hour = random.choice(24, size=count, p=hourly / hourly.sum())
    return np.asarray((hour + random.random(count)) * 3600.0)


def drive_cars(
    pool: Pool,
    cars: Callable[[int], npt.NDArray[np.int64]],
    passages: Passages,
    hits: float,
    random: np.random.Generator,
) -> Trips:
    """Return car trips that pass about `hits` cameras.

    A car goes out and, in seven cases of ten, comes back later the same way; it is never in two
    places. `cars` gives so many vehicles of the fleet.
    """
    seen = passages.counts[pool.there] + 0.7 * passages.counts[pool.back]
    weight = pool.weight * (seen > 0)
    weight /= weight.sum()
    count = max(1, round(hits / float((weight * seen).sum())))
    choice = random.choice(len(weight), size=count, p=weight)
    vehicle = cars(count)
    pace = np.exp(random.normal(0.0, 0.13, count))
    out_s = clock_times(_CAR_HOURS, count, random)
    stay_s = 1200.0 + random.exponential(3.2 * 3600.0, count)
    back_s = out_s + 1.3 * pace * passages.path_seconds[pool.there[choice]] + stay_s
    returns = (random.random(count) < 0.7) & (back_s < 86_400.0)
    return _trips(
        np.concatenate((pool.there[choice], pool.back[choice][returns])),
        np.concatenate((vehicle, vehicle[returns])),
        np.concatenate((out_s, back_s[returns])),
        np.concatenate((pace, pace[returns])),
        "car",
    )


def drive_buses(
    pool: Pool,
    buses: npt.NDArray[np.int64],
    passages: Passages,
    random: np.random.Generator,
) -> Trips:
    """Return the rounds of city buses: each drives its line up and down from six to ten."""
    seen = passages.counts[pool.there] + passages.counts[pool.back]
    lines = np.argsort(-seen * np.exp(random.normal(0.0, 0.5, len(seen))), kind="stable")[
        : max(4, len(buses) // 4)
    ]
    path: list[int] = []
    vehicle: list[int] = []
    departure: list[float] = []
    for bus in buses.tolist():
        line = int(lines[random.integers(len(lines))])
        at_s = 6 * 3600.0 + float(random.uniform(0, 2400))
        leg = 0
        while at_s < 22 * 3600.0:
            way = int((pool.there if leg % 2 == 0 else pool.back)[line])
            path.append(way)
            vehicle.append(bus)
            departure.append(at_s)
            at_s += 1.45 * float(passages.path_seconds[way]) + float(random.uniform(420, 900))
            leg += 1
    return _trips(
        np.array(path), np.array(vehicle), np.array(departure), np.full(len(path), 1.25), "bus"
    )


def _trips(
    path: npt.NDArray[np.int64],
    vehicle: npt.NDArray[np.int64],
    departure_s: npt.NDArray[np.float64],
    pace: npt.NDArray[np.float64],
    act: str,
) -> Trips:
    count = len(path)
    return Trips(
        path,
        vehicle,
        departure_s,
        pace,
        np.full(count, ACT[act], dtype=np.int16),
        np.full(count, np.nan),
        np.zeros(count, dtype=bool),
    )


def join_trips(parts: Sequence[Trips]) -> Trips:
    """Return all trips of several lists."""
    return Trips(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in Trips.__dataclass_fields__
        )
    )
