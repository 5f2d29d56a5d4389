"""The small streets: a bent grid in each quarter, tied to the roads around it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import shapely

from benchmarks.simulation.town import plan
from benchmarks.simulation.town.ground import Ground, metres

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.simulation.town.curves import Points
    from benchmarks.simulation.town.names import NameBook
    from benchmarks.simulation.town.streets import StreetMap

Cell: TypeAlias = tuple[int, int]

_KEEP_OFF_MAJOR_M: Final = 62.0  # no small street meets a road this near to a main junction
_SHARE_NODE_M: Final = 40.0  # streets that meet a road this near each other meet it in one node
_EVERY_MAIN: Final = 3  # each third row of a grid is a tertiary road


@dataclass(slots=True)
class Piece:
    """One stretch of small street between two nodes."""

    row: tuple[str, int]  # "along" or "across", and its number in the grid
    order: float
    start: int
    end: int
    bridge: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Lot:
    """A quarter, or a village, with the ground that its small streets may use."""

    name: str
    kind: str
    centre: tuple[float, float]
    angle_deg: float
    spacing_m: tuple[float, float]
    jitter: float
    gaps: float
    area: shapely.Geometry


@dataclass(slots=True, eq=False)
class _Grid:
    lot: Lot
    random: np.random.Generator
    position: dict[Cell, tuple[float, float]] = field(default_factory=dict)
    node: dict[Cell, int] = field(default_factory=dict)


def lots(streets: StreetMap, ground: Ground) -> list[Lot]:
    """Return the quarters and villages with their building ground."""
    built_up = shapely.Polygon(metres(plan.BUILT_UP))
    open_land = shapely.union_all(
        [ground.river_area.buffer(55.0), *(shape for _, shape in (*ground.parks, *ground.lakes))]
    )
    faces = shapely.get_parts(
        shapely.polygonize(
            shapely.get_parts(
                shapely.unary_union(
                    [
                        *(line.shape for line in streets.lines if line.layer == 0),
                        shapely.LineString(ground.river),
                        built_up.exterior,
                    ]
                )
            )
        )
    )
    found = []
    named = [q for q in plan.QUARTERS if q.outline is not None]
    fixed = {q.name: shapely.Polygon(metres(q.outline or ())) for q in named}
    taken = shapely.union_all(list(fixed.values()))
    sharing = [q for q in plan.QUARTERS if q.outline is None]
    shares: dict[str, list[shapely.Geometry]] = {q.name: [] for q in sharing}
    for face in faces:
        middle = face.representative_point()
        if not built_up.contains(middle):
            continue
        bank = "north" if ground.north_bank.contains(middle) else "south"
        nearest = min(
            (q for q in sharing if bank in q.banks),
            key=lambda q: middle.distance(shapely.Point(q.seed[0] * 1000, q.seed[1] * 1000)),
        )
        shares[nearest.name].append(face)
    for quarter in plan.QUARTERS:
        area = fixed.get(quarter.name)
        if area is None:
            area = shapely.union_all(shares[quarter.name]).difference(taken)
        centre = (quarter.seed[0] * 1000, quarter.seed[1] * 1000)
        found.append(
            Lot(quarter.name, quarter.kind, centre, quarter.angle_deg, quarter.spacing_m,
                quarter.jitter, quarter.gaps, area.difference(open_land))
        )  # fmt: skip
    for place in plan.VILLAGES:
        centre = (place.centre[0] * 1000, place.centre[1] * 1000)
        angle = (37.0 * len(found)) % 90.0
        area = _blob(centre, place.radius_km * 1000, len(found)).difference(open_land)
        found.append(Lot(place.name, "village", centre, angle, (98.0, 116.0), 0.2, 0.26, area))
    return found


def _blob(centre: tuple[float, float], radius_m: float, number: int) -> shapely.Polygon:
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    wave = 1 + 0.28 * np.sin(2 * turn + number) + 0.16 * np.sin(3 * turn + 2.1 * number)
    return shapely.Polygon(
        np.column_stack(
            (centre[0] + radius_m * wave * np.cos(turn), centre[1] + radius_m * wave * np.sin(turn))
        )
    )


def fill(
    streets: StreetMap, ground: Ground, lot: Lot, names: NameBook, random: np.random.Generator
) -> None:
    """Draw the small streets of one lot."""
    grid = _lay_grid(streets, lot, random)
    pieces = [
        piece for pair in _neighbours(grid) for piece in _connect(streets, ground, grid, pair)
    ]
    pieces = _without_stubs(pieces, streets, random)
    _emit(streets, lot, pieces, names, random)


def _lay_grid(streets: StreetMap, lot: Lot, random: np.random.Generator) -> _Grid:
    reach = (
        int(
            np.ceil(
                shapely.hausdorff_distance(lot.area, shapely.Point(lot.centre)) / min(lot.spacing_m)
            )
        )
        + 1
    )
    ij = np.array([(i, j) for i in range(-reach, reach + 1) for j in range(-reach, reach + 1)])
    noise = np.clip(random.normal(size=ij.shape), -1.6, 1.6) * lot.jitter
    flat = (ij + noise) * np.array(lot.spacing_m)
    turn = np.radians(lot.angle_deg)
    xy = flat @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) + np.array(
        lot.centre
    )
    xy = _bent(xy)
    free = shapely.contains_xy(lot.area, xy[:, 0], xy[:, 1])
    free &= streets.clearance_m(xy) > 0.36 * min(lot.spacing_m)
    grid = _Grid(lot, random)
    for cell, point, is_free in zip(ij.tolist(), xy.tolist(), free.tolist(), strict=True):
        grid.position[(cell[0], cell[1])] = (point[0], point[1])
        if is_free:
            grid.node[(cell[0], cell[1])] = streets.add_node((point[0], point[1]))
    return grid


def _bent(xy: Points) -> Points:
    """Return points moved by a smooth field, so that no grid is straight for long."""
    x, y = xy[:, 0] / 1000, xy[:, 1] / 1000
    east = 46 * np.sin(2.1 * y + 0.7 * x) + 24 * np.sin(3.9 * x - 1.3 * y + 1.0)
    north = 46 * np.sin(1.9 * x - 0.6 * y + 2.0) + 24 * np.sin(3.4 * y + 1.7 * x)
    return xy + np.column_stack((east, north))


def _neighbours(grid: _Grid) -> Iterator[tuple[Cell, Cell]]:
    for i, j in grid.node:
        for cell in ((i + 1, j), (i, j + 1)):
            if cell in grid.position:
                yield (i, j), cell
        for cell in ((i - 1, j), (i, j - 1)):
            if cell in grid.position and cell not in grid.node:
                yield (i, j), cell


def _connect(
    streets: StreetMap, ground: Ground, grid: _Grid, pair: tuple[Cell, Cell]
) -> Iterator[Piece]:
    """Yield the street pieces between two neighbouring corners, or from one to the road ahead."""
    here, there = pair
    axis = "along" if here[1] == there[1] else "across"
    row = (axis, here[1] if axis == "along" else here[0])
    main = row[1] % _EVERY_MAIN == 0
    if grid.random.random() < grid.lot.gaps * (0.35 if main else 1.0):
        return
    start, end = grid.position[here], grid.position[there]
    if there not in grid.node:
        stretch = 1.7
        end = (start[0] + stretch * (end[0] - start[0]), start[1] + stretch * (end[1] - start[1]))
    hits = streets.hits(start, end)
    if there not in grid.node:
        hits = _first_road(streets, hits)
        if not hits:
            return
        end = _towards(start, end, hits[-1][0])
    ray = shapely.LineString([start, end])
    bridge = bool(ray.intersects(ground.stream_area))
    if (bridge and not main) or ray.intersects(ground.river_area):
        return
    if any(ray.intersects(shape) for _, shape in (*ground.lakes, *ground.parks)):
        return
    chain: list[int | None] = [grid.node[here]]
    chain += [
        _junction(streets, line, _towards(start, end, at_m), main, grid.random)
        for at_m, line in hits
    ]
    if there in grid.node:
        chain.append(grid.node[there])
    order = float((here if axis == "across" else here[::-1])[1])
    backwards = (there[0] + there[1]) < (here[0] + here[1])
    opened = main or grid.random.random() < 0.3
    for k, (a, b) in enumerate(pairwise(chain)):
        between = 0 < k < len(chain) - 1 and k < len(hits)
        if a is None or b is None or a == b or (between and not opened):
            continue
        at = order + (-1 if backwards else 1) * k / 10
        yield Piece(row, at, b if backwards else a, a if backwards else b, bridge)


def _first_road(streets: StreetMap, hits: list[tuple[float, int]]) -> list[tuple[float, int]]:
    """Return the first road ahead, with its other carriageway where that lies just behind."""
    if not hits:
        return []
    twin = streets.lines[hits[0][1]].twin
    return [hit for hit in hits[:2] if hit[1] in (hits[0][1], twin) and hit[0] - hits[0][0] < 45]


def _towards(
    start: tuple[float, float], end: tuple[float, float], at_m: float
) -> tuple[float, float]:
    share = at_m / max(1.0, float(np.hypot(end[0] - start[0], end[1] - start[1])))
    return (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))


def _junction(
    streets: StreetMap, line: int, xy: tuple[float, float], main: bool, random: np.random.Generator
) -> int | None:
    """Return the node where a small street meets a road; None where it may not."""
    road = streets.lines[line]
    at_m = float(road.shape.project(shapely.Point(xy)))
    near = streets.stop_near(line, at_m, _KEEP_OFF_MAJOR_M)
    if near is not None and near.major:
        return None
    if road.tags["highway"] == "trunk" and not main and random.random() < 0.6:
        return None
    if any(start - 25 < at_m < end + 25 for start, end, _ in road.spans):
        return None
    return streets.join(line, xy, snap_m=_SHARE_NODE_M)


def _without_stubs(
    pieces: list[Piece], streets: StreetMap, random: np.random.Generator
) -> list[Piece]:
    """Return the pieces without most dead ends; some streets do end in a yard."""
    on_roads = {stop.node for line in streets.lines for stop in line.stops}
    spared: set[int] = set()
    while True:
        degree: dict[int, int] = {}
        for piece in pieces:
            for node in (piece.start, piece.end):
                degree[node] = degree.get(node, 0) + 1
        loose = {n for n, d in degree.items() if d == 1 and n not in on_roads and n not in spared}
        if not loose:
            return pieces
        cut = {node for node in sorted(loose) if random.random() < 0.75}
        spared |= loose - cut
        pieces = [p for p in pieces if p.start not in cut and p.end not in cut]


def _emit(
    streets: StreetMap, lot: Lot, pieces: list[Piece], names: NameBook, random: np.random.Generator
) -> None:
    rows: dict[tuple[str, int], list[Piece]] = {}
    for piece in pieces:
        rows.setdefault(piece.row, []).append(piece)
    for row, members in sorted(rows.items()):
        tags = _row_tags(lot, row, names, random)
        members.sort(key=lambda piece: piece.order)
        run: list[int] = []
        bridge = False
        for piece in members:
            if run and run[-1] == piece.start and bridge == piece.bridge:
                run.append(piece.end)
                continue
            if run:
                streets.add_local(run, tags | _bridge(bridge))
            run, bridge = [piece.start, piece.end], piece.bridge
        streets.add_local(run, tags | _bridge(bridge))


def _bridge(is_bridge: bool) -> dict[str, str]:
    return {"bridge": "yes", "layer": "1"} if is_bridge else {}


def _row_tags(
    lot: Lot, row: tuple[str, int], names: NameBook, random: np.random.Generator
) -> dict[str, str]:
    """Return the tags of one street of a grid: class, name, one-way, limits for lorries."""
    main = row[1] % _EVERY_MAIN == 0
    draw = random.random()
    if lot.kind == "village":
        tags = {"highway": "residential" if main else "service"}
        return tags | (
            {"name": f"{lot.name}{'正街' if row[0] == 'along' else '横街'}"} if row[1] == 0 else {}
        )
    if lot.kind == "old_town":
        highway = "tertiary" if main else ("living_street" if draw < 0.3 else "residential")
    elif lot.kind in ("industry", "logistics"):
        highway = "tertiary" if main else "unclassified"
    else:
        highway = "tertiary" if main else ("service" if draw < 0.12 else "residential")
    tags = {"highway": highway}
    if highway != "service":
        tags["name"] = names.street(lot.kind, main=main)
    if lot.kind == "old_town" and not main and random.random() < 0.55:
        tags["oneway"] = "yes" if random.random() < 0.5 else "-1"
    if highway == "living_street":
        tags["hgv"] = "no"
    elif lot.kind == "old_town" and not main and random.random() < 0.2:
        tags["hgv"] = "destination"
    if highway == "tertiary" and lot.kind == "new_town":
        tags["maxspeed"] = "40"
    return tags
