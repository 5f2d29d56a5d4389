"""A day of plate hits over the invented city, in time order, as Parquet files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.sweep_world import DAY_FROM_US, camera_id, camera_place, make_plates
from ingest.hits import VEHICLE_CLASSES

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from benchmarks.sweep_world import World

    Ints = npt.NDArray[np.int64]

GROUP_ROWS: Final = 1_000_000
FILE_ROWS: Final = 5_000_000
FREIGHT_SHARE: Final = 0.15
OTHER_PLATES: Final = 2_400_000  # cars, buses and the like for 20 million hits
DAY_MS: Final = 86_400_000
_CAR: Final = VEHICLE_CLASSES.index("car")


def write_hits(world: World, count: int, folder: Path, *, hit_ids: bool = False) -> None:
    """Write `count` hits of the day into `folder`; the same world and count, the same files."""
    rng = np.random.default_rng([world.size.seed, 2])
    read = _passages(world, count, rng)
    plates = _plate_array(world, count)
    cameras = pa.array(
        [camera_id(i) for i in range(world.size.cameras)] + ["X-0001", "X-0002", None]
    )
    words = pa.array([*VEHICLE_CLASSES, None])
    classes = pa.array([*(f"{code:02d}" for code in range(100)), None])
    folder.mkdir(parents=True, exist_ok=True)
    for first in range(0, count, FILE_ROWS):
        writer = None
        for start in range(first, min(first + FILE_ROWS, count), GROUP_ROWS):
            part = {name: column[start : start + GROUP_ROWS] for name, column in read.items()}
            table = pa.table(
                {
                    "camera_id": cameras.take(pa.array(part["camera"])),
                    "plate": plates.take(pa.array(part["plate"] % len(plates))),
                    "captured_at": pa.array(
                        DAY_FROM_US + part["at_ms"] * 1000, pa.timestamp("us", tz="UTC")
                    ),
                    "plate_class": classes.take(pa.array(part["plate_class"])),
                    "vehicle_class": words.take(pa.array(part["vehicle_class"])),
                    "confidence": pa.array(
                        part["confidence"], pa.float64(), mask=part["confidence"] < 0
                    ),
                }
            )
            if hit_ids:
                ids = pa.array([f"{number:032x}" for number in part["hit_id"].tolist()])
                table = table.add_column(0, "hit_id", ids)
            if writer is None:
                path = folder / f"hits-{first // FILE_ROWS:02d}.parquet"
                writer = pq.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table, row_group_size=GROUP_ROWS)
        if writer is not None:
            writer.close()


def _passages(world: World, count: int, rng: np.random.Generator) -> dict[str, Ints]:
    """Return what the cameras read, in order of time: numbers for every column."""
    again = count // 125  # reads of a passage that was read just before
    resent = count // 2000  # rows that the sender sent twice
    queued = count // 10_000  # vehicles that stand before a camera and are read six times more
    fresh = count - again - resent - 6 * queued
    freight = rng.random(fresh) < FREIGHT_SHARE
    at_ms = rng.integers(0, DAY_MS, fresh)
    drivers = world.vehicle_class.size
    others = max(OTHER_PLATES * count // 20_000_000, 100)
    vehicle = drivers + (others * rng.random(fresh) ** 1.5).astype(np.int64)
    camera = rng.integers(0, world.size.cameras, fresh)
    lorries = np.flatnonzero(freight)
    vehicle[lorries] = rng.integers(0, drivers, lorries.size)
    camera[lorries] = _lorry_cameras(world, vehicle[lorries], camera[lorries], rng)
    seen_class = np.full(fresh, _CAR)
    seen_class[rng.random(fresh) < 0.05] = VEHICLE_CLASSES.index("bus")
    seen_class[lorries] = world.vehicle_class[vehicle[lorries]]
    plate_class = np.where(vehicle % 11 == 0, 52, 2)
    plate_class[lorries] = world.plate_class[vehicle[lorries]]
    read = {
        "camera": camera, "plate": vehicle, "at_ms": at_ms, "plate_class": plate_class,
        "vehicle_class": seen_class, "hit_id": np.arange(fresh),
    }  # fmt: skip
    _blur(read, world, rng)
    read["confidence"] = np.round(rng.uniform(0.8, 1.0, fresh), 3)
    repeats = [_later(read, rng.integers(0, fresh, again), rng.integers(1, 10_500, again))]
    waiting = rng.integers(0, fresh, queued)
    repeats += [
        _later(read, waiting, 4000 * turn + rng.integers(1, 900, queued)) for turn in range(1, 7)
    ]
    read = {name: np.concatenate([one[name] for one in (read, *repeats)]) for name in read}
    read["hit_id"] = np.arange(read["camera"].size)
    # A second read is worse now and then, and so is any.
    draw = rng.random(read["camera"].size)
    read["confidence"][draw < 0.01] = 0.55
    read["confidence"][draw > 0.99] = -1.0  # none given
    twice = rng.integers(0, read["camera"].size, resent)
    read = {name: np.concatenate((column, column[twice])) for name, column in read.items()}
    order = np.argsort(read["at_ms"], kind="stable")
    return {name: column[order] for name, column in read.items()}


def _lorry_cameras(world: World, vehicle: Ints, anywhere: Ints, rng: np.random.Generator) -> Ints:
    """Return where lorries are read: mostly on their permit's route, or outside the bans."""
    permits = world.size.permits
    first_grant = np.searchsorted(world.grant_permit, np.arange(permits))
    route = world.grant_route[first_grant][np.minimum(vehicle, permits - 1)]
    crossings = world.route_cameras[route]
    place = (rng.random(vehicle.size) * (crossings >= 0).sum(axis=1)).astype(np.int64)
    # Cameras of a route come first: those of the last, incomplete row of crossings are few.
    on_route = crossings[np.arange(vehicle.size), place]
    column, row = camera_place(world)
    edge = world.side // 8
    free = np.flatnonzero(
        ((column < edge) | (column > world.side - edge)) & (row > world.side // 4 + 1)
    )
    outside = free[rng.integers(0, free.size, vehicle.size)]
    draw = rng.random(vehicle.size)
    camera = np.where((vehicle < permits) & (draw < 0.7) & (on_route >= 0), on_route, outside)
    return np.where(draw > 0.95, anywhere, camera)


def _blur(read: dict[str, Ints], world: World, rng: np.random.Generator) -> None:
    """Make some reads bad: numbers beyond the end of a column's words are its odd values."""
    count = read["camera"].size
    draw = rng.random(count)
    read["camera"][draw < 0.002] = world.size.cameras
    read["camera"][(draw > 0.002) & (draw < 0.003)] = world.size.cameras + 1
    read["camera"][(draw > 0.003) & (draw < 0.0031)] = world.size.cameras + 2
    read["plate"][(draw > 0.01) & (draw < 0.013)] = -1
    read["plate"][(draw > 0.013) & (draw < 0.016)] = -2
    read["plate_class"][(draw > 0.02) & (draw < 0.03)] = 100
    read["vehicle_class"][(draw > 0.03) & (draw < 0.035)] = len(VEHICLE_CLASSES)


def _later(read: dict[str, Ints], rows: Ints, after_ms: Ints) -> dict[str, Ints]:
    """Return the same passages, read again a little later."""
    again = {name: column[rows] for name, column in read.items()}
    again["at_ms"] = again["at_ms"] + after_ms
    return again


def _plate_array(world: World, count: int) -> pa.Array:
    """Return the plate of each vehicle number; the last two, numbers -2 and -1, are no plates."""
    others = max(OTHER_PLATES * count // 20_000_000, 100)
    text, until = make_plates(np.arange(world.vehicle_class.size + others))
    offsets = np.concatenate(([0], until)).astype(np.int32)
    plates = pa.Array.from_buffers(
        pa.string(), until.size, [None, pa.py_buffer(offsets), pa.py_buffer(text)]
    )
    return pa.concat_arrays([plates, pa.array(["赣A1?345", None], pa.string())])
