"""Permits of every kind: what they grant, to whom, in which hours, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
import shapely

from benchmarks.simulation.hours import ALWAYS, PERMIT_HOURS, Hours
from benchmarks.simulation.permit_histories import FATES, Entry, draw_history, draw_validity
from benchmarks.simulation.restrictions import records_in

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from benchmarks.simulation.cameras import Camera
    from benchmarks.simulation.fleet import Fleet
    from benchmarks.simulation.routes import Route
    from benchmarks.simulation.setting import Setting

T = TypeVar("T")

EARTH_M: Final = 6_371_008.8
_FIRMS: Final = (
    "顺达",
    "恒通",
    "宏运",
    "安捷",
    "江南",
    "赣西",
    "鑫源",
    "万里",
    "畅行",
    "金泰",
    "绿源",
    "众诚",
    "捷安",
    "华强",
    "远通",
    "博大",
    "兴隆",
    "嘉禾",
    "天成",
    "利民",
)
_TRADES: Final = (
    "物流有限公司",
    "渣土运输有限公司",
    "混凝土有限公司",
    "冷链配送有限公司",
    "商贸有限公司",
    "建材有限公司",
    "环卫服务有限公司",
    "快递有限公司",
    "危险品运输有限公司",
    "搬家服务部",
)


@dataclass(frozen=True, slots=True, eq=False)
class Grant:
    """One permission; exactly one of route, area, place and cameras is given."""

    schedule: Hours
    records: frozenset[int]
    route: str | None = None
    area: shapely.Polygon | None = None
    place: tuple[float, float, float] | None = None
    cameras: tuple[str, ...] | None = None


@dataclass(slots=True, eq=False)
class Permit:
    """One permit.

    `vehicles` are numbers in the fleet; `names_class` says for each whether the permit names its
    plate class too. `ways` are paths that its holder means to drive. `status` entries are (status,
    from, recorded_at or None).
    """

    permit_id: str
    holder: str
    binding: str
    vehicles: list[int]
    names_class: list[bool]
    grants: list[Grant]
    ways: list[int]
    valid_from: str | None = None
    valid_until: str | None = None
    status: list[Entry] = field(default_factory=list)
    max_speed_kmh: float | None = None
    recorded_at: str | None = None
    fate: str = "active"


def issue_permits(
    setting: Setting,
    fleet: Fleet,
    cameras: list[Camera],
    routes: list[Route],
    customary: list[tuple[int, frozenset[int]]],
    count: int,
    day: dt.date,
    random: np.random.Generator,
) -> list[Permit]:
    """Return `count` permits in order of permit_id.

    Parameters
    ----------
    customary
        (path, camera records on it) of ways into the city that are no drawn route, for permits
        that name cameras.
    """
    issuer = _Issuer(setting, fleet, cameras, routes, customary, day, random)
    digits = max(6, len(str(count)))
    return [issuer.permit(f"P-{day.year}-{i + 1:0{digits}d}") for i in range(count)]


class _Issuer:
    """Draws one permit after another."""

    def __init__(
        self,
        setting: Setting,
        fleet: Fleet,
        cameras: list[Camera],
        routes: list[Route],
        customary: list[tuple[int, frozenset[int]]],
        day: dt.date,
        random: np.random.Generator,
    ) -> None:
        self.setting, self.fleet, self.cameras = setting, fleet, cameras
        self.routes, self.customary, self.day, self.random = routes, customary, day, random
        self.site = np.array([(camera.lon, camera.lat) for camera in cameras])
        weight = np.array([share for _, share in PERMIT_HOURS])
        self.hours_weight = weight / weight.sum()
        fate = np.array(list(FATES.values()))
        self.fate_weight = fate / fate.sum()
        # Permits that share a vehicle are drawn from the vehicles that have one already.
        trucks = [i for i in range(len(fleet)) if fleet.vehicle_class[i] != "other"]
        self.order = [trucks[i] for i in random.permutation(len(trucks)).tolist()]
        self.served: list[int] = []
        self.routed = np.array([len(route.records) for route in routes], dtype=float) + 1.0
        self.routed /= self.routed.sum()

    def permit(self, permit_id: str) -> Permit:
        """Return the next permit."""
        random = self.random
        kind = str(
            random.choice(
                ["route", "area", "place", "cameras", "mixed", "confines"],
                p=[0.46, 0.12, 0.1, 0.1, 0.15, 0.07],
            )
        )
        grants, ways = getattr(self, f"_{kind}")()
        permit = Permit(
            permit_id,
            self._pick(_FIRMS) + self._pick(_TRADES),
            "confines" if kind == "confines" else "exempts",
            *self._vehicles(),
            grants,
            ways,
        )
        if kind == "confines":
            permit.max_speed_kmh = float(self._pick([40, 50, 60]))
        elif random.random() < 0.03:
            permit.max_speed_kmh = 60.0
        permit.fate = str(random.choice(list(FATES), p=self.fate_weight))
        permit.valid_from, permit.valid_until = draw_validity(permit.fate, self.day, random)
        permit.status, permit.recorded_at = draw_history(
            permit.fate, permit.valid_from, self.day, random
        )
        return permit

    def _pick(self, of: Sequence[T]) -> T:
        return of[int(self.random.integers(len(of)))]

    def _hours(self) -> Hours:
        return PERMIT_HOURS[int(self.random.choice(len(PERMIT_HOURS), p=self.hours_weight))][0]

    def _vehicles(self) -> tuple[list[int], list[bool]]:
        draw = self.random.random()
        count = (
            1
            if draw < 0.72
            else int(self.random.integers(2, 5) if draw < 0.96 else self.random.integers(5, 13))
        )
        chosen: list[int] = []
        while len(chosen) < count:
            again = self.served and (self.random.random() < 0.12 or not self.order)
            vehicle = int(self._pick(self.served)) if again else self.order.pop()
            if vehicle not in chosen:
                chosen.append(vehicle)
                self.served.append(vehicle)
        named = [
            self.random.random() > 0.08 and self.fleet.plate_class[vehicle] != ""
            for vehicle in chosen
        ]
        return chosen, named

    # One method for each kind of permit: its grants, and the ways that its holder means to drive.

    def _route(self) -> tuple[list[Grant], list[int]]:
        hours = self._hours()
        number = int(self.random.choice(len(self.routes), p=self.routed))
        grants = [self._on_route(number, hours)]
        ways = [self.routes[number].path]
        if self.routes[number].back >= 0 and self.random.random() < 0.9:
            other = self._hours() if self.random.random() < 0.1 else hours
            grants.append(self._on_route(self.routes[number].back, other))
            ways.append(self.routes[self.routes[number].back].path)
        return grants, ways

    def _area(self) -> tuple[list[Grant], list[int]]:
        shape = self.setting.inner if self.random.random() < 0.45 else self.setting.core
        if self.random.random() < 0.4:
            middle = shapely.Point(
                *self.setting.node_xy[int(self._pick(self.setting.home_nodes.tolist()))]
            )
            side = float(self.random.uniform(400, 1200))
            east, north = middle.x, middle.y
            shape = shapely.box(east - side, north - side, east + side, north + side)
        grants = [self._in_area(shape, self._hours())]
        return grants, [self._customary_way() for _ in range(2)]

    def _place(self) -> tuple[list[Grant], list[int]]:
        grants, ways = self._route()
        end = self.routes[[route.path for route in self.routes].index(ways[0])].drawn[-1]
        return [*grants, self._around(end, grants[0].schedule)], ways

    def _cameras(self) -> tuple[list[Grant], list[int]]:
        path, records = self.customary[int(self.random.integers(len(self.customary)))]
        named = tuple(sorted({self.cameras[i].camera_id for i in records}))
        grant = Grant(
            self._hours(),
            frozenset(i for i, c in enumerate(self.cameras) if c.camera_id in named),
            cameras=named,
        )
        return [grant], [path]

    def _mixed(self) -> tuple[list[Grant], list[int]]:
        grants, ways = self._route()
        if self.random.random() < 0.5:
            grants.append(self._in_area(self.setting.core, self._hours()))
        if self.random.random() < 0.4:
            site = self.setting.node_xy[int(self._pick(self.setting.home_nodes.tolist()))]
            grants.append(
                self._around(self.setting.plane.to_lonlat(site[None, :])[0], self._hours())
            )
        if self.random.random() < 0.5:
            more, others = self._cameras()
            grants, ways = grants + more, ways + others
        if self.random.random() < 0.02:
            # One permission that is shut for now still has its cameras.
            grants.append(
                Grant(Hours("off", ()), self.routes[0].records, route=self.routes[0].route_id)
            )
        return grants, ways

    def _confines(self) -> tuple[list[Grant], list[int]]:
        night = [
            h
            for h, _ in PERMIT_HOURS
            if h.text in ("22:00-06:00", "23:00-05:00", "10:00-15:00", "24/7")
        ]
        hours = night[int(self.random.integers(len(night)))]
        number = int(self.random.integers(len(self.routes)))
        grants, ways = [self._on_route(number, hours)], [self.routes[number].path]
        if self.routes[number].back >= 0:
            grants.append(self._on_route(self.routes[number].back, hours))
            ways.append(self.routes[self.routes[number].back].path)
        return grants, ways

    def _customary_way(self) -> int:
        return self.customary[int(self.random.integers(len(self.customary)))][0]

    def _on_route(self, number: int, hours: Hours) -> Grant:
        route = self.routes[number]
        return Grant(hours, route.records, route=route.route_id)

    def _in_area(self, shape: shapely.Polygon, hours: Hours) -> Grant:
        ring = np.round(
            self.setting.plane.to_lonlat(np.asarray(shape.simplify(25).exterior.coords)), 6
        )
        area = shapely.Polygon(ring)
        return Grant(hours, records_in(area, self.cameras), area=area)

    def _around(self, lonlat: np.ndarray, hours: Hours) -> Grant:
        lon, lat = (round(float(value), 6) for value in lonlat)
        radius = float(self._pick([200, 300, 400, 500]))
        away = great_circle_m(self.site[:, 0], self.site[:, 1], lon, lat)
        return Grant(
            hours, frozenset(np.flatnonzero(away <= radius).tolist()), place=(lon, lat, radius)
        )


def bus_permit(
    permit_id: str, setting: Setting, buses: list[int], cameras: list[Camera], day: dt.date
) -> Permit:
    """Return the permit of the bus company: all its yellow-plated buses along the embankment."""
    ring = np.round(setting.plane.to_lonlat(np.asarray(setting.embankment.exterior.coords)), 6)
    area = shapely.Polygon(ring)
    return Permit(
        permit_id,
        "清潭公共交通有限公司",
        "exempts",
        buses,
        [True] * len(buses),
        [Grant(ALWAYS, records_in(area, cameras), area=area)],
        [],
        f"{day.year}-01-01",
        f"{day.year}-12-31",
        [("active", f"{day.year - 1}-12-15T09:00:00+08:00", None)],
    )


def great_circle_m(lon: np.ndarray, lat: np.ndarray, to_lon: float, to_lat: float) -> np.ndarray:
    """Return haversine metres from many points to one."""
    a, b = np.radians(lat), np.radians(to_lat)
    h = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(to_lon - lon) / 2) ** 2
    return np.asarray(2 * EARTH_M * np.arcsin(np.sqrt(h)))
