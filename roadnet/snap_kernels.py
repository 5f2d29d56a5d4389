"""Jitted kernels of the spatial index over edge geometry: filling the grid, and asking it.

A *point table* has one row a geometry point: lon, lat, metres from the edge's begin, metres to its end.
A *frame* is west, south, cell width, cell height (degrees), columns, rows. Distances are
metres on a plane touching the Earth at the place asked about, so they are exact to well below a
millimetre at the distances that snapping looks at.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from numba import njit

from roadnet.geodesy import METRES_PER_DEGREE

if TYPE_CHECKING:
    import numpy as np

# Columns of `found` of `near_edges`, and their number.
FOUND_DISTANCE = 0
FOUND_OFFSET = 1
FOUND_BEARING = 2
FOUND_LON = 3
FOUND_LAT = 4
FOUND_REMAINING = 5
FOUND_COLUMNS = 6


@njit(cache=True, nogil=True)
def clamp_cell(value: float, limit: int) -> int:
    """Return the cell that a coordinate in cell units falls in, the nearest one if outside."""
    return int(min(max(math.floor(value), 0.0), limit - 1.0))


@njit(cache=True, nogil=True)
def fill_grid(
    segment_points: np.ndarray,
    points: np.ndarray,
    frame: np.ndarray,
    cursor: np.ndarray,
    cell_points: np.ndarray,
) -> None:
    """Enter segments into the cells that they cross; only count them when there is no room.

    Parameters
    ----------
    segment_points
        (s,) int32, row of `points` at which a segment begins; it ends at the next row.
    points
        (p, 4) point table.
    frame
        (6,) the grid's frame.
    cursor
        (cells,) int64; a cell's next free place in `cell_points`, advanced for each segment entered.
    cell_points
        (entries,) int32, filled with rows of `points`; of length 0: count only.
    """
    columns = int(frame[4])
    rows = int(frame[5])
    counting = cell_points.shape[0] == 0
    for point in segment_points:
        x1 = (points[point, 0] - frame[0]) / frame[2]
        y1 = (points[point, 1] - frame[1]) / frame[3]
        x2 = (points[point + 1, 0] - frame[0]) / frame[2]
        y2 = (points[point + 1, 1] - frame[1]) / frame[3]
        # A street over the date line does not run round the world: that leg of it is not found.
        if abs(points[point + 1, 0] - points[point, 0]) > 180.0:
            continue
        if y1 > y2:
            x1, y1, x2, y2 = x2, y2, x1, y1
        slope = (x2 - x1) / (y2 - y1) if y2 > y1 else 0.0
        low_row = clamp_cell(y1, rows)
        high_row = clamp_cell(y2, rows)
        for row in range(low_row, high_row + 1):
            # The part of the segment inside this row of cells.
            xa = x1 if row == low_row else x1 + slope * (row - y1)
            xb = x2 if row == high_row else x1 + slope * (row + 1.0 - y1)
            for column in range(
                clamp_cell(min(xa, xb), columns), clamp_cell(max(xa, xb), columns) + 1
            ):
                cell = row * columns + column
                if not counting:
                    cell_points[cursor[cell]] = point
                cursor[cell] += 1


@njit(cache=True, nogil=True)
def near_edges(
    lon: float,
    lat: float,
    radius_m: float,
    frame: np.ndarray,
    cell_offsets: np.ndarray,
    cell_points: np.ndarray,
    points: np.ndarray,
    point_edge: np.ndarray,
    found_edge: np.ndarray,
    found: np.ndarray,
) -> int:
    """Find the edges within a radius of a place, each at its nearest point.

    Parameters
    ----------
    lon, lat
        The place, degrees.
    radius_m
        Edges farther away are left out.
    frame, cell_offsets, cell_points
        The grid: frame, CSR offsets of its cells, rows of `points` at which segments begin.
    points
        (p, 4) point table.
    point_edge
        (p, 2) int32: the indexed edge, and its reverse or -1.
    found_edge
        (capacity, 2) int32, filled: edge found, and its reverse or -1.
    found
        (capacity, FOUND_COLUMNS) filled: distance, metres along the edge, bearing of the edge there
        (degrees in [0, 360)), the nearest point, metres left on the edge.

    Returns
    -------
    int
        How many edges were found; those beyond the capacity are counted but not filled in.
    """
    columns = int(frame[4])
    rows = int(frame[5])
    scale_lat = METRES_PER_DEGREE
    scale_lon = METRES_PER_DEGREE * math.cos(math.radians(lat))
    reach_lon = radius_m / max(scale_lon, 1e-9)
    reach_lat = radius_m / scale_lat
    west = (lon - reach_lon - frame[0]) / frame[2]
    east = (lon + reach_lon - frame[0]) / frame[2]
    south = (lat - reach_lat - frame[1]) / frame[3]
    north = (lat + reach_lat - frame[1]) / frame[3]
    # Written so that a NaN place finds nothing.
    if not (east >= 0.0 and north >= 0.0 and west <= columns and south <= rows):
        return 0
    capacity = found_edge.shape[0]
    singles = 0
    twins = 0
    for row in range(clamp_cell(south, rows), clamp_cell(north, rows) + 1):
        for column in range(clamp_cell(west, columns), clamp_cell(east, columns) + 1):
            cell = row * columns + column
            for place in range(cell_offsets[cell], cell_offsets[cell + 1]):
                point = cell_points[place]
                x1 = (points[point, 0] - lon) * scale_lon
                y1 = (points[point, 1] - lat) * scale_lat
                dx = (points[point + 1, 0] - lon) * scale_lon - x1
                dy = (points[point + 1, 1] - lat) * scale_lat - y1
                squared = dx * dx + dy * dy
                part = 0.0
                if squared > 0.0:
                    part = min(max(-(x1 * dx + y1 * dy) / squared, 0.0), 1.0)
                x = x1 + part * dx
                y = y1 + part * dy
                distance = math.sqrt(x * x + y * y)
                if distance > radius_m:
                    continue
                edge = point_edge[point, 0]
                slot = 0
                known = min(singles, capacity)
                while slot < known and found_edge[slot, 0] != edge:
                    slot += 1
                if slot == known:
                    singles += 1
                    if point_edge[point, 1] >= 0:
                        twins += 1
                    if slot == capacity:
                        continue
                    found_edge[slot, 0] = edge
                    found_edge[slot, 1] = point_edge[point, 1]
                elif distance > found[slot, 0] or (
                    distance == found[slot, 0] and points[point, 2] >= found[slot, 1]
                ):
                    continue
                run = points[point + 1, 2] - points[point, 2]
                found[slot, 0] = distance
                found[slot, 1] = min(points[point, 2] + part * run, points[point + 1, 2])
                found[slot, 2] = math.degrees(math.atan2(dx, dy)) % 360.0
                found[slot, 3] = lon + x / scale_lon
                found[slot, 4] = lat + y / scale_lat
                found[slot, 5] = min(points[point + 1, 3] + (1.0 - part) * run, points[point, 3])
    if singles + twins > capacity:
        return singles + twins
    count = singles
    for slot in range(singles):
        twin = found_edge[slot, 1]
        if twin < 0:
            continue
        found_edge[count, 0] = twin
        found_edge[count, 1] = found_edge[slot, 0]
        found[count, 0] = found[slot, 0]
        found[count, 1] = found[slot, 5]
        found[count, 2] = (found[slot, 2] + 180.0) % 360.0
        found[count, 3] = found[slot, 3]
        found[count, 4] = found[slot, 4]
        found[count, 5] = found[slot, 1]
        count += 1
    return count
