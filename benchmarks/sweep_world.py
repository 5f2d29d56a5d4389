"""A large invented city as plain arrays: grid of streets, cameras, routes, permits, restrictions.

The arrays are what both sides are made from: our `CompiledCity` here, the peer's tables in
`benchmarks.sweep_peer`. Nothing of ours computes anything that the peer relies on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from enforcement.compiled_city import CompiledCity
from enforcement.coverage import CityCoverage
from enforcement.index.compiler import compile_rules
from enforcement.rules.definition import CityDefinition
from enforcement.rules.permits import Grant, NamedVehicle, Permit, StatusEntry
from enforcement.rules.places import ALWAYS_FROM_US, ALWAYS_UNTIL_US, Camera, Route
from enforcement.rules.restrictions import Restriction
from roadnet.assemble import assemble_graph
from roadnet.cameras import CameraSite, link_cameras
from roadnet.intersections import find_intersections
from roadnet.mapmatching import LineMatcher, MatchedLine
from roadnet.paths import Path
from roadnet.snapping import EdgeIndex
from roadnet.types import ROAD_CLASSES
from roadnet.ways import Way

if TYPE_CHECKING:
    import numpy.typing as npt

    from roadnet.graph import RoadGraph

    Ints = npt.NDArray[np.int64]

ZONE: Final = "Asia/Shanghai"  # without daylight saving
OFFSET_US: Final = 8 * 3_600_000_000
HOUR_US: Final = 3_600_000_000
DAY_US: Final = 24 * HOUR_US
# Local midnight of the day that is swept, a Tuesday.
DAY_FROM_US: Final = int(datetime(2026, 3, 17, tzinfo=UTC).timestamp()) * 1_000_000 - OFFSET_US
WEEKDAY: Final = 1
GRACE_US: Final = 5 * 60_000_000

_WEST, _SOUTH, _STEP = 115.80, 28.60, 0.005  # of the grid, degrees; about 500 m
_LONGEST_ROUTE: Final = 40  # crossings
_WEEK: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
STATUS: Final = ("applied", "active", "suspended", "revoked", "rejected", "withdrawn")
LETTERS: Final = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", np.uint8)


@dataclass(frozen=True, slots=True)
class Hours:
    """A weekly schedule: weekdays from the first to the last, minutes of the day; past midnight if
    `until` is not after `since`.
    """  # noqa: D205 - one sentence

    first: int
    last: int
    since: int
    until: int

    @property
    def text(self) -> str:
        """The schedule in opening_hours."""
        if self.since == 0 and self.until == 1440 and (self.first, self.last) == (0, 6):
            return "24/7"
        return f"{_WEEK[self.first]}-{_WEEK[self.last]} {_clock(self.since)}-{_clock(self.until)}"

    def open_us(self, grace_us: int = 0) -> list[tuple[int, int]]:
        """Return the open intervals around the swept day, microseconds UTC, apart and in order."""
        found: list[tuple[int, int]] = []
        for day in range(-2, 4):
            if not self.first <= (WEEKDAY + day) % 7 <= self.last:
                continue
            midnight = DAY_FROM_US + day * DAY_US
            length = (self.until - self.since - 1) % 1440 + 1
            begin = midnight + self.since * 60_000_000 - grace_us
            end = midnight + (self.since + length) * 60_000_000 + grace_us
            if found and begin <= found[-1][1]:
                found[-1] = (found[-1][0], end)
            else:
                found.append((begin, end))
        return found


@dataclass(frozen=True, slots=True)
class Ban:
    """A restriction on a box of the grid: columns and rows from `low` to `high`, both within."""

    restriction_id: str
    hours: Hours
    low: tuple[int, int]
    high: tuple[int, int]
    vehicle_classes: tuple[str, ...]
    plate_classes: tuple[int, ...] = ()
    permits_exempt: bool = True


@dataclass(frozen=True, slots=True)
class Size:
    """How large a world is."""

    permits: int = 200_000
    routes: int = 20_000
    cameras: int = 5_000
    schedules: int = 50
    seed: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """The city. Permit p has places `status_offsets[p]` on, and so on; times are microseconds UTC.

    `camera_from_us` is when a camera came into service. Vehicles of `plates` are freight:
    vehicle v has `vehicle_class[v]` and `plate_class[v]`; the first ones have permits.
    """

    size: Size
    side: int
    camera_from_us: Ints
    route_crossings: Ints  # (routes, longest), -1 beyond the end
    hours: tuple[Hours, ...]
    bans: tuple[Ban, ...]
    confines: npt.NDArray[np.bool_]
    valid_from_us: Ints
    valid_until_us: Ints
    status_permit: Ints
    status_code: Ints
    status_from_us: Ints
    grant_permit: Ints
    grant_route: Ints
    grant_hours: Ints
    named_permit: Ints
    named_vehicle: Ints
    named_class: Ints  # -1 names every class
    vehicle_class: Ints  # 0 heavy to 5 special, as ingest counts
    plate_class: Ints
    plates: tuple[str, ...]

    @property
    def route_cameras(self) -> Ints:
        """(routes, longest) camera numbers, -1 where a crossing has none or the route is over."""
        return np.where(self.route_crossings < self.size.cameras, self.route_crossings, -1)


def make_plates(numbers: Ints) -> tuple[npt.NDArray[np.uint8], Ints]:
    """Write the plate of each vehicle number: UTF-8 bytes one after the other, and their ends.

    Different numbers below 13 million are different plates; one in eleven is of the eight
    characters of new energy vehicles.
    """
    scrambled = (numbers * 7_654_321 + 1_234_567) % (10 * 34**4)
    provinces = np.array([list(word.encode()) for word in "赣赣赣赣赣赣湘粤浙闽鄂皖"], np.uint8)
    matrix = np.empty((numbers.size, 10), np.uint8)
    matrix[:, :3] = provinces[numbers % provinces.shape[0]]
    matrix[:, 3] = LETTERS[10 + numbers // 7 % 12]
    matrix[:, 4] = LETTERS[scrambled % 10]
    for place in range(4):
        matrix[:, 5 + place] = LETTERS[scrambled // 10 // 34**place % 34]
    matrix[:, 9] = LETTERS[3]
    shown = np.ones(matrix.shape, np.bool_)
    shown[:, 9] = numbers % 11 == 0
    return matrix[shown], np.cumsum(shown.sum(axis=1))


def make_world(size: Size) -> World:
    """Invent a city; the same size, the same city."""
    rng = np.random.default_rng([size.seed, 1])
    side = int(np.ceil(np.sqrt(size.cameras)))
    permits = size.permits
    camera_from_us = np.full(size.cameras, ALWAYS_FROM_US, np.int64)
    camera_from_us[:: max(size.cameras // 50, 1)] = DAY_FROM_US + 12 * HOUR_US
    second_grant = np.flatnonzero(rng.random(permits) < 0.3)
    grant_permit = np.sort(np.concatenate((np.arange(permits), second_grant)))
    freight = permits + permits // 3
    second_vehicle = np.flatnonzero(rng.random(permits) < 0.15)
    named_permit = np.concatenate((np.arange(permits), second_vehicle))
    named_vehicle = np.concatenate(
        (np.arange(permits), rng.integers(0, permits, second_vehicle.size))
    )
    vehicle_class = rng.choice(6, freight, p=[0.3, 0.2, 0.33, 0.08, 0.07, 0.02])
    plate_class = np.where(np.isin(vehicle_class, (2, 3)), 2, 1)
    draw = rng.random(named_permit.size)
    named_class = np.where(draw < 0.6, plate_class[named_vehicle], -1)
    named_class[draw > 0.97] = 15  # a class that the vehicle has not
    begins, ends = _validities(rng, permits)
    text, until = make_plates(np.arange(freight))
    whole = text.tobytes()
    edges = [0, *until.tolist()]
    statuses = _statuses(rng, permits)
    return World(
        size=size,
        side=side,
        camera_from_us=camera_from_us,
        route_crossings=_routes(rng, size.routes, side),
        hours=_schedules(size.schedules),
        bans=_bans(side),
        confines=rng.random(permits) < 0.02,
        valid_from_us=begins,
        valid_until_us=ends,
        status_permit=statuses[0],
        status_code=statuses[1],
        status_from_us=statuses[2],
        grant_permit=grant_permit,
        grant_route=rng.integers(0, size.routes, grant_permit.size),
        grant_hours=np.minimum(
            rng.integers(0, size.schedules, grant_permit.size),
            rng.integers(0, size.schedules, grant_permit.size),
        ),
        named_permit=named_permit,
        named_vehicle=named_vehicle,
        named_class=named_class,
        vehicle_class=vehicle_class,
        plate_class=plate_class,
        plates=tuple(whole[edges[i] : edges[i + 1]].decode() for i in range(freight)),
    )


def _schedules(count: int) -> tuple[Hours, ...]:
    """Return different schedules, the wide ones first."""
    hours = [Hours(0, 6, 0, 1440), Hours(0, 6, 300, 1380), Hours(0, 4, 330, 1350)]
    for number in range(count - len(hours)):
        first, last = ((0, 6), (0, 4), (0, 5), (1, 3))[number % 4]
        since = (number * 37) % 720
        hours.append(Hours(first, last, since, (since + 1200 - 20 * number) % 1440 or 1))
    return tuple(hours[:count])


def _bans(side: int) -> tuple[Ban, ...]:
    """Return twelve restrictions, from the whole grid down to its middle."""

    def box(share: float) -> tuple[tuple[int, int], tuple[int, int]]:
        low, high = int(side * (0.5 - share / 2)), int(side * (0.5 + share / 2))
        return (low, low), (high, high)

    heavy = ("heavy_truck", "tractor")
    middle = (*heavy, "medium_truck")
    every = (*middle, "light_truck", "mini_truck")
    half = side // 2
    return (
        Ban("R-01", Hours(0, 6, 360, 1320), *box(0.75), heavy),
        Ban("R-02", Hours(0, 4, 420, 1200), *box(0.6), middle),
        Ban("R-03", Hours(0, 6, 0, 1440), *box(0.2), middle),
        Ban("R-04", Hours(0, 4, 420, 540), *box(0.45), every),
        Ban("R-05", Hours(0, 4, 1020, 1140), *box(0.45), every),
        Ban("R-06", Hours(0, 6, 0, 1440), *box(0.5), ("special",), (), permits_exempt=False),
        Ban("R-07", Hours(0, 6, 1320, 360), *box(0.3), heavy),
        Ban("R-08", Hours(5, 6, 480, 1200), *box(0.6), every),
        Ban("R-09", Hours(0, 6, 420, 1260), (0, 0), (half, half // 2), (), (1,)),
        Ban("R-10", Hours(0, 3, 600, 840), (half, 0), (side, half // 2), middle),
        Ban("R-11", Hours(0, 6, 0, 1440), *box(0.04), ("special", "tractor"), (), False),
        Ban("R-12", Hours(0, 6, 360, 1380), *box(0.1), every),
    )


def _routes(rng: np.random.Generator, count: int, side: int) -> Ints:
    """Return staircases over the grid, crossing after crossing."""
    sign = rng.choice([-1, 1], (count, 2))
    east = rng.random((count, _LONGEST_ROUTE - 1)) < rng.uniform(0.2, 0.8, (count, 1))
    length = rng.integers(3 + side // 8, min(_LONGEST_ROUTE, side) + 1, count)
    used = np.arange(_LONGEST_ROUTE)[None, :] < length[:, None]
    crossings = np.zeros((count, _LONGEST_ROUTE), np.int64)
    for axis, steps in enumerate((east, ~east)):
        moved = np.zeros((count, _LONGEST_ROUTE), np.int64)
        moved[:, 1:] = np.cumsum(steps, axis=1)
        extent = np.where(used, moved, 0).max(axis=1)
        start = (rng.random(count) * (side - extent)).astype(np.int64)
        place = np.where(sign[:, axis] > 0, start, side - 1 - start)[:, None]
        crossings += (place + sign[:, axis, None] * moved) * (1 if axis == 0 else side)
    return np.where(used, crossings, -1)


def _validities(rng: np.random.Generator, permits: int) -> tuple[Ints, Ints]:
    """Return when permits begin and end to be valid, some of them within the day."""
    draw = rng.random(permits)
    within = DAY_FROM_US + rng.integers(-48, 24, permits) * HOUR_US
    begins = np.full(permits, DAY_FROM_US - 100 * DAY_US)
    ends = np.full(permits, DAY_FROM_US + 100 * DAY_US)
    ends = np.where(draw < 0.05, within, ends)
    begins = np.where(draw > 0.96, within + 24 * HOUR_US, begins)
    return begins, ends


def _statuses(rng: np.random.Generator, permits: int) -> tuple[Ints, Ints, Ints]:
    """Return permit, status and since when, for every entry of every permit's history."""
    draw = rng.random(permits)
    within = DAY_FROM_US + rng.integers(-60, 24, permits) * HOUR_US
    long_ago = DAY_FROM_US - 90 * DAY_US
    who = np.arange(permits)
    activated = np.where(draw < 0.02, within, long_ago)
    entries = [(who, np.zeros(permits, np.int64), np.full(permits, long_ago - DAY_US))]
    active = who[draw < 0.96]
    entries.append((active, np.ones(active.size, np.int64), activated[active]))
    for low, high, status in ((0.90, 0.93, 2), (0.93, 0.95, 3), (0.95, 0.96, 5), (0.96, 0.98, 4)):
        mine = who[(draw >= low) & (draw < high)]
        entries.append((mine, np.full(mine.size, status), within[mine]))
    again = who[(draw >= 0.90) & (draw < 0.91)]
    entries.append((again, np.ones(again.size, np.int64), within[again] + 6 * HOUR_US))
    permit, status, since = (np.concatenate(columns) for columns in zip(*entries, strict=True))
    order = np.lexsort((since, permit))
    return permit[order], status[order], since[order]


def camera_place(world: World) -> tuple[Ints, Ints]:
    """Return column and row of each camera's crossing."""
    number = np.arange(world.size.cameras)
    return number % world.side, number // world.side


def camera_id(number: int) -> str:
    """Return the name of a camera."""
    return f"C-{number:05d}"


def permit_id(number: int) -> str:
    """Return the name of a permit; they sort as their numbers do."""
    return f"P-2026-{number:06d}"


def route_id(number: int) -> str:
    """Return the name of a route."""
    return f"L-{number:05d}"


def define_city(world: World) -> CityDefinition:
    """State the world as a city."""
    crossing_lon, crossing_lat = _degrees(world)
    cameras = [
        Camera(
            camera_id(i), "", float(crossing_lon[i]), float(crossing_lat[i]), None, since,
            ALWAYS_UNTIL_US, None, None, "",
        )
        for i, since in enumerate(world.camera_from_us.tolist())
    ]  # fmt: skip
    routes = []
    for number, row in enumerate(world.route_crossings):
        crossings = row[row >= 0]
        lonlat = np.column_stack((crossing_lon[crossings], crossing_lat[crossings]))
        routes.append(Route(route_id(number), f"route {number}", lonlat, ""))
    return CityDefinition(
        name="Grid",
        timezone=ZONE,
        cameras=cameras,
        restrictions=[_restriction(ban) for ban in world.bans],
        routes=routes,
        permits=_permits(world),
    )


def _degrees(world: World) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    crossings = np.arange(world.side * world.side)
    return _WEST + crossings % world.side * _STEP, _SOUTH + crossings // world.side * _STEP


def _restriction(ban: Ban) -> Restriction:
    west, south = (
        _low + (low - 0.4) * _STEP for _low, low in zip((_WEST, _SOUTH), ban.low, strict=True)
    )
    east, north = (
        _low + (high + 0.4) * _STEP for _low, high in zip((_WEST, _SOUTH), ban.high, strict=True)
    )
    return Restriction(
        ban.restriction_id, ban.restriction_id, frozenset(ban.vehicle_classes),
        frozenset(ban.plate_classes), ban.hours.text, ALWAYS_FROM_US, ALWAYS_UNTIL_US,
        ban.permits_exempt, None, shapely.box(west, south, east, north), None, None, "",
    )  # fmt: skip


def _permits(world: World) -> list[Permit]:
    count = world.size.permits
    statuses: list[list[StatusEntry]] = [[] for _ in range(count)]
    for permit, code, since in zip(
        world.status_permit.tolist(), world.status_code.tolist(), world.status_from_us.tolist(),
        strict=True,
    ):  # fmt: skip
        statuses[permit].append(StatusEntry(STATUS[code], since, None))
    named: list[list[NamedVehicle]] = [[] for _ in range(count)]
    for permit, vehicle, code in zip(
        world.named_permit.tolist(), world.named_vehicle.tolist(), world.named_class.tolist(),
        strict=True,
    ):  # fmt: skip
        named[permit].append(NamedVehicle(world.plates[vehicle], None if code < 0 else code))
    grants: list[list[Grant]] = [[] for _ in range(count)]
    texts = [hours.text for hours in world.hours]
    route_ids = [route_id(number) for number in range(world.size.routes)]
    for permit, route, hours in zip(
        world.grant_permit.tolist(), world.grant_route.tolist(), world.grant_hours.tolist(),
        strict=True,
    ):  # fmt: skip
        grants[permit].append(Grant(texts[hours], route_id=route_ids[route]))
    return [
        Permit(
            permit_id(p), "holder", "confines" if world.confines[p] else "exempts",
            tuple(named[p]), int(world.valid_from_us[p]), int(world.valid_until_us[p]),
            tuple(statuses[p]), tuple(grants[p]), None, None, "",
        )
        for p in range(count)
    ]  # fmt: skip


def compile_world(world: World) -> CompiledCity:
    """Compile the world, its routes taken as they are instead of matched."""
    definition = define_city(world)
    coverage = _coverage(world, definition)
    rules = compile_rules(definition, coverage.route_cameras)
    return CompiledCity(definition, coverage, rules, ())


def _coverage(world: World, definition: CityDefinition) -> CityCoverage:
    graph = _grid(world)
    intersections = find_intersections(graph)
    index = EdgeIndex(graph)
    sites = [CameraSite(one.camera_id, one.lon, one.lat, None) for one in definition.cameras]
    edge_of = {
        (int(graph.edge_from[edge]), int(graph.edge_to[edge])): edge
        for edge in range(graph.edge_count)
    }
    routes = {}
    for number, row in enumerate(world.route_crossings):
        crossings = row[row >= 0].tolist()
        edges = [edge_of[pair] for pair in pairwise(crossings)]
        path = Path(np.array(edges, np.int32), 0.0, float(graph.edge_length_m[edges[-1]]))
        routes[route_id(number)] = MatchedLine(path, np.ones(len(edges)), ())
    return CityCoverage(
        definition=definition,
        graph=graph,
        intersections=intersections,
        links=link_cameras(graph, intersections, index, sites),
        matcher=LineMatcher(graph),
        routes=routes,
        route_cameras={
            route_id(number): tuple(row[row >= 0].tolist())
            for number, row in enumerate(world.route_cameras)
        },
        faults=(),
        warnings=(),
    )


def _grid(world: World) -> RoadGraph:
    """Return the streets; node n is crossing n."""
    lon, lat = _degrees(world)
    ids = np.arange(world.side * world.side).reshape(world.side, world.side)
    lines = [*ids, *ids.T]
    road_class = ROAD_CLASSES.index("secondary")
    return assemble_graph(
        Way(
            lon[line],
            lat[line],
            line + 1,
            road_class,
            50.0,
            way_id=number + 1,
            name=f"Street {number}",
        )
        for number, line in enumerate(lines)
    )


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
