"""Cameras: where they are mounted, what they look at, and what the city's file says of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from roadnet.types import FLAG_SIGNALS, ROAD_CLASSES

if TYPE_CHECKING:
    import datetime as dt

    import numpy.typing as npt

    from benchmarks.simulation.setting import Setting
    from roadnet.intersections import Intersections

VIEW_DEG: Final = 45.0
_CLASS_WEIGHT: Final = {
    "trunk": 5.0, "trunk_link": 1.0, "primary": 5.0, "primary_link": 1.0, "secondary": 4.0,
    "secondary_link": 1.0, "tertiary": 2.0, "unclassified": 0.6, "residential": 0.35,
}  # fmt: skip
_MID_BLOCK_SHARE: Final = 0.12
_CLEAR_M: Final = 62.0  # a mid-block camera stands farther than this from any intersection
_APART_M: Final = (420.0, 300.0, 180.0)
_FROM: Final = ("北", "东北", "东", "东南", "南", "西南", "西", "西北")


@dataclass(frozen=True, slots=True)
class Camera:
    """One record of a camera.

    Attributes
    ----------
    camera_id, name, lon, lat, bearing_deg, valid_from, valid_until
        As in cameras.geojson; position and bearing carry the errors of a survey.
    edges
        Edges on which it truly reads who drives there.
    from_end_m
        Metres before the end of each of them at which it reads; None is the middle of the edge.
    intersection
        That it belongs to, -1 in mid-block.
    lanes, radar, gives_class
        Lanes it watches, whether it measures speed, whether its maker's software tells classes.
    """

    camera_id: str
    name: str
    lon: float
    lat: float
    bearing_deg: float | None
    edges: tuple[int, ...]
    from_end_m: float | None
    intersection: int
    lanes: int = 2
    radar: bool = True
    gives_class: bool = True
    valid_from: str | None = None
    valid_until: str | None = None


def place_cameras(
    setting: Setting,
    crossings: Intersections,
    flow: npt.NDArray[np.int64],
    count: int,
    random: np.random.Generator,
) -> list[Camera]:
    """Return `count` cameras, at the approaches of the busiest intersections and in mid-block.

    Parameters
    ----------
    flow
        (edges,) how many drivers use each edge.
    """
    weight = np.array([_CLASS_WEIGHT.get(name, 0.0) for name in ROAD_CLASSES])
    value = weight[setting.graph.edge_class] * np.log1p(flow)
    value *= np.where(
        setting.edges_in(setting.core), 2.6, np.where(setting.edges_in(setting.inner), 1.5, 1.0)
    )
    middle = _mid_block(setting, crossings, value, max(1, round(count * _MID_BLOCK_SHARE)), random)
    corner = _at_intersections(setting, crossings, value, count - len(middle), random)
    # Cameras are numbered across the city from north to south, as a works department would.
    found = sorted([*middle, *corner], key=lambda camera: (-round(camera.lat, 3), camera.lon))
    digits = max(3, len(str(count)))
    return [replace(camera, camera_id=f"C-{i + 1:0{digits}d}") for i, camera in enumerate(found)]


def _at_intersections(
    setting: Setting,
    crossings: Intersections,
    value: npt.NDArray[np.float64],
    count: int,
    random: np.random.Generator,
) -> list[Camera]:
    bounds = crossings.approach_offsets
    worth = value[crossings.approach_edges] * np.exp(
        random.normal(0.0, 0.35, len(crossings.approach_edges))
    )
    # Electronic police hangs on signals first.
    worth *= np.where(
        (setting.graph.edge_flags[crossings.approach_edges] & FLAG_SIGNALS) > 0, 2.0, 1.0
    )
    total = np.add.reduceat(np.append(worth, 0.0), bounds[:-1]) * (np.diff(bounds) > 0)
    total = total * np.exp(random.normal(0.0, 0.3, len(total)))
    where = setting.plane.to_xy(np.column_stack((crossings.lon, crossings.lat)))
    near_core = shapely.contains_xy(setting.core, where[:, 0], where[:, 1])
    order = np.argsort(-total, kind="stable").tolist()
    found: list[Camera] = []
    done: list[int] = []
    # The best first, but spread over the city; what is left over stands closer together.
    for apart_m in (*_APART_M, 0.0):
        for number in [number for number in order if number not in set(done)]:
            gap = apart_m * (0.45 if near_core[number] else 1.0)
            if done and np.hypot(*(where[done] - where[number]).T).min() < gap:
                continue
            done.append(number)
            found += _watch_intersection(setting, crossings, value, worth, number, random)
            if len(found) >= count:
                return found[:count]
    return found


def _watch_intersection(
    setting: Setting,
    crossings: Intersections,
    value: npt.NDArray[np.float64],
    worth: npt.NDArray[np.float64],
    number: int,
    random: np.random.Generator,
) -> list[Camera]:
    """Return one to four cameras at the busiest approaches of an intersection."""
    approach = np.arange(crossings.approach_offsets[number], crossings.approach_offsets[number + 1])
    wanted = 1 + int(random.choice(4, p=[0.28, 0.34, 0.18, 0.2]))
    found: list[Camera] = []
    watched: set[int] = set()
    for place in approach[np.argsort(-worth[approach], kind="stable")].tolist():
        edge = int(crossings.approach_edges[place])
        if len(found) < wanted and value[edge] > 0 and edge not in watched:
            camera = _watch_approach(setting, crossings, number, place, random)
            watched.update(camera.edges)
            found.append(camera)
    return found


def _watch_approach(
    setting: Setting, crossings: Intersections, number: int, place: int, random: np.random.Generator
) -> Camera:
    edge = int(crossings.approach_edges[place])
    bearings = crossings.approach_bearing_deg
    true = float(bearings[place])
    around = range(
        int(crossings.approach_offsets[number]), int(crossings.approach_offsets[number + 1])
    )
    seen = [k for k in around if _turn(float(bearings[k]), true) < VIEW_DEG]
    length = float(setting.graph.edge_length_m[edge])
    before = float(min(random.uniform(12.0, 30.0), 0.6 * length))
    stated = true
    # A surveyor's compass is a few degrees off, never so far that he names another approach.
    while stated == true or seen != [
        k for k in around if _turn(float(bearings[k]), stated) < VIEW_DEG
    ]:
        stated = round((true + float(np.clip(random.normal(0.0, 4.5), -14, 14))) % 360.0, 1)
    lon, lat = _mounted(setting, edge, length - before, random)
    names = [setting.graph.name(int(e)) for e in crossings.approaches(number)]
    own = setting.graph.name(edge)
    cross = sorted({name for name in names if name not in ("", own)})
    side = _FROM[round(((true + 180.0) % 360.0) / 45.0) % 8]
    title = (
        f"{own or '无名路'}与{cross[0]}路口{side}进口"
        if cross
        else f"{own or '无名路'}路口{side}进口"
    )
    return Camera(
        "", title, lon, lat, stated, tuple(int(crossings.approach_edges[k]) for k in seen), before, number,
        *_make(setting, edge, random),
    )  # fmt: skip


def _mid_block(
    setting: Setting,
    crossings: Intersections,
    value: npt.NDArray[np.float64],
    count: int,
    random: np.random.Generator,
) -> list[Camera]:
    graph = setting.graph
    half = graph.edge_length_m / 2
    clear = (half + crossings.behind_m > _CLEAR_M) & (half + crossings.ahead_m > _CLEAR_M)
    motorway = graph.edge_class == ROAD_CLASSES.index("motorway")
    worth = np.where(motorway, 6.0 * (random.random(graph.edge_count) < 0.08), value)
    worth = worth * clear * (half > _CLEAR_M) * np.exp(random.normal(0.0, 0.5, graph.edge_count))
    chosen: list[int] = []
    for bridge in setting.bridges:
        open_sides = [edge for edge in bridge if half[edge] > 40.0 and edge not in chosen]
        chosen += open_sides[:2]
    taken = {int(crossings.section[edge]) for edge in chosen}
    for edge in np.argsort(-worth, kind="stable").tolist():
        if len(chosen) >= count or worth[edge] <= 0:
            break
        if int(crossings.section[edge]) not in taken:
            taken.add(int(crossings.section[edge]))
            chosen.append(edge)
    return [_watch_street(setting, edge, random) for edge in chosen]


def _watch_street(setting: Setting, edge: int, random: np.random.Generator) -> Camera:
    graph = setting.graph
    half = float(graph.edge_length_m[edge]) / 2
    lon, lat = _mounted(setting, edge, half, random)
    heading = _heading(setting, edge, half)
    stated = round((heading + float(np.clip(random.normal(0.0, 4.5), -14, 14))) % 360.0, 1)
    towards = _FROM[round((heading % 360.0) / 45.0) % 8]
    title = f"{graph.name(edge) or '无名路'}向{towards}卡口"
    return Camera("", title, lon, lat, stated, (edge,), None, -1, *_make(setting, edge, random))


def _make(setting: Setting, edge: int, random: np.random.Generator) -> tuple[int, bool, bool]:
    big = ROAD_CLASSES[int(setting.graph.edge_class[edge])] in ("motorway", "trunk", "primary")
    return (3 if big else 2, bool(random.random() < 0.7), bool(random.random() > 0.04))


def _mounted(
    setting: Setting, edge: int, at_m: float, random: np.random.Generator
) -> tuple[float, float]:
    """Return the surveyed position of a camera on an edge: a few metres beside and off."""
    xy = setting.plane.to_xy(setting.graph.geometry(edge))
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))))
    here = np.array([np.interp(at_m, along, xy[:, 0]), np.interp(at_m, along, xy[:, 1])])
    here += np.clip(random.normal(0.0, 2.4, size=2), -6.0, 6.0)
    lon, lat = setting.plane.to_lonlat(here[None, :])[0]
    return round(float(lon), 6), round(float(lat), 6)


def _heading(setting: Setting, edge: int, at_m: float) -> float:
    xy = setting.plane.to_xy(setting.graph.geometry(edge))
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))))
    ends = np.array([[np.interp(at_m + d, along, xy[:, k]) for k in (0, 1)] for d in (-8.0, 8.0)])
    east, north = ends[1] - ends[0]
    return float(np.degrees(np.arctan2(east, north)) % 360.0)


def _turn(a: float, b: float) -> float:
    return abs((a - b + 180.0) % 360.0 - 180.0)


def age_cameras(
    cameras: list[Camera], day: dt.date, random: np.random.Generator
) -> tuple[list[Camera], frozenset[int]]:
    """Return the cameras with a past: some retired, some moved, one of them at noon of the day.

    A moved camera has two records of one camera_id. One retired camera was never unplugged.

    Returns
    -------
    cameras
        More records than before, in order of camera_id and time.
    still_running
        Records whose camera reads on although the city has retired it.
    """
    aged = list(cameras)
    picked = random.permutation(len(cameras))[: max(4, len(cameras) // 50)].tolist()
    noon = f"{day.isoformat()}T12:00:00+08:00"
    for turn, number in enumerate(picked):
        here = cameras[number]
        if turn == 0:
            aged[number] = replace(here, valid_until=f"{day.year - 1}-11-30")
        elif turn % 2 == 1:
            date = f"{day.year - 1}-{random.integers(1, 13):02d}-{random.integers(1, 29):02d}"
            aged[number] = replace(here, valid_until=date)
        else:
            at = noon if turn == 2 else f"{day.year}-01-{random.integers(2, 28):02d}"
            # It moved to the street of a camera that the city does without from then on.
            other = cameras[int(random.integers(len(cameras)))]
            before = at if turn == 2 else f"{at[:8]}{int(at[8:]) - 1:02d}"
            aged[number] = replace(here, valid_until=before)
            aged.append(replace(other, camera_id=here.camera_id, valid_from=at))
    first = cameras[picked[0]].camera_id
    aged.sort(key=lambda camera: (camera.camera_id, camera.valid_from or ""))
    return aged, frozenset(i for i, camera in enumerate(aged) if camera.camera_id == first)
