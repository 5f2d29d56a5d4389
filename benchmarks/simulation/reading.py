"""What cameras make of passing vehicles: reads, and everything that goes wrong with them.

A row is one read as it arrives. Its `labels` say which nuisances it has; what was really there
stays beside it (`drive`, the passage that it is a read of) for the truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.simulation.instants import begin_s, end_s, midnight_s

if TYPE_CHECKING:
    import datetime as dt

    import numpy.typing as npt

    from benchmarks.simulation.cameras import Camera
    from benchmarks.simulation.driving import Drives
    from benchmarks.simulation.fleet import Fleet

# Nuisances; the code of a label is its place, and its bit.
LABELS: Final = (
    "misread", "low_confidence", "unreadable", "duplicate", "retransmission", "clone", "wrong_clock",
    "unknown_camera", "retired_camera", "malformed", "no_plate_class", "wrong_class", "no_class",
    "trailer", "late", "odd_writing",
)  # fmt: skip
BIT: Final = {name: 1 << code for code, name in enumerate(LABELS)}

# Shares of all reads, unless said otherwise.
DETECTED: Final = 0.95
MISREAD: Final = 0.016
LOW_CONFIDENCE: Final = 0.012
UNREADABLE: Final = 0.011
DUPLICATE: Final = 0.018
RETRANSMISSION: Final = 0.0025
MALFORMED: Final = 0.0006
UNKNOWN_CAMERA: Final = 0.0015
NO_PLATE_CLASS: Final = 0.02
NO_CLASS: Final = 0.008
WRONG_CLASS_TRUCK: Final = 0.04  # of lorries
WRONG_CLASS_CAR: Final = 0.001  # of cars
TRAILER: Final = 0.06  # of tractors
LATE: Final = 0.004
WRONG_CLOCK_CAMERAS: Final = 0.012
SILENT_CAMERAS: Final = 0.01

# Characters that readers take for each other.
_LOOK_ALIKE: Final = {
    "0": "DQ", "D": "0Q", "Q": "0D", "1": "7T", "7": "1T", "T": "71", "8": "B3", "B": "8R", "3": "8",
    "2": "Z7", "Z": "2", "5": "S6", "S": "5", "6": "G5", "G": "6C", "C": "G", "U": "V", "V": "UY",
    "Y": "V", "M": "N", "N": "MH", "H": "N", "K": "X", "X": "K", "E": "F", "F": "E", "P": "R", "R": "P",
    "4": "A", "A": "4", "9": "8", "W": "M", "L": "1", "J": "3",
    "赣": "贛皖", "湘": "浙", "浙": "湘", "皖": "赣", "闽": "粤", "粤": "闽", "苏": "鄂", "鄂": "苏",
}  # fmt: skip
_NOTHING_READ: Final = ("无车牌", "未识别", "无牌", "unknown", "-", "")
_TRUCK_SEEN_AS: Final = {
    "heavy_truck": ("medium_truck", "tractor"), "medium_truck": ("heavy_truck", "light_truck"),
    "light_truck": ("medium_truck", "mini_truck"), "mini_truck": ("light_truck", "car"),
    "tractor": ("heavy_truck",), "special": ("heavy_truck", "medium_truck"),
}  # fmt: skip
_COMPASS: Final = (
    "north",
    "northeast",
    "east",
    "southeast",
    "south",
    "southwest",
    "west",
    "northwest",
)


@dataclass(slots=True, eq=False)
class Rows:
    """Reads in order of arrival; columns of one length.

    `drive` is the passage, `vehicle` what passed (a trailer counts as itself), `true_s` and
    `read_s` seconds from local midnight by the right clock and by the camera's.
    """

    drive: npt.NDArray[np.int64]
    vehicle: npt.NDArray[np.int64]
    true_s: npt.NDArray[np.float64]
    read_s: npt.NDArray[np.float64]
    arrival_s: npt.NDArray[np.float64]
    labels: npt.NDArray[np.int32]
    camera_id: npt.NDArray[np.object_]
    plate: npt.NDArray[np.object_]
    plate_class: npt.NDArray[np.object_]
    plate_colour: npt.NDArray[np.object_]
    vehicle_class: npt.NDArray[np.object_]
    speed_kmh: npt.NDArray[np.float64]
    direction: npt.NDArray[np.object_]
    lane: npt.NDArray[np.int32]
    confidence: npt.NDArray[np.float64]
    hit_number: npt.NDArray[np.int64]
    missed: int = 0

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.drive)

    def mark(self, rows: npt.NDArray, label: str) -> None:
        """Label some rows, given by places or as a mask."""
        self.labels[rows] |= BIT[label]

    def take(self, places: npt.NDArray[np.int64]) -> Rows:
        """Return some rows, in the order of `places`."""
        columns = {
            name: getattr(self, name)[places]
            for name in Rows.__dataclass_fields__
            if name != "missed"
        }
        return Rows(**columns, missed=self.missed)


def read_plates(
    drives: Drives,
    vehicle_of_trip: npt.NDArray[np.int64],
    clones: frozenset[int],
    fleet: Fleet,
    cameras: list[Camera],
    still_running: frozenset[int],
    edge_speed_kmh: npt.NDArray[np.float32],
    day: dt.date,
    count: int,
    random: np.random.Generator,
) -> Rows:
    """Return `count` reads of a day, or fewer where not so many vehicles passed."""
    camera_at = _Cameras(cameras, still_running, day, random)
    seen = np.flatnonzero(camera_at.works(drives.record, drives.at_s))
    kept = seen[random.random(len(seen)) < DETECTED]
    vehicle = vehicle_of_trip[drives.trip[kept]]
    trailer = np.array(fleet.trailer)[vehicle]
    pulled = np.flatnonzero((trailer >= 0) & (random.random(len(kept)) < TRAILER))
    drive = np.concatenate((kept, kept[pulled]))
    vehicle = np.concatenate((vehicle, trailer[pulled]))
    after_s = np.concatenate((np.zeros(len(kept)), np.full(len(pulled), 0.5)))
    again = np.flatnonzero(random.random(len(drive)) < DUPLICATE)
    first = len(drive)
    drive, vehicle = np.append(drive, drive[again]), np.append(vehicle, vehicle[again])
    after_s = np.append(after_s, after_s[again] + random.uniform(0.6, 8.0, len(again)))
    rows = _plain_rows(drives, drive, vehicle, after_s, fleet, camera_at, edge_speed_kmh, random)
    rows.mark(np.arange(first, len(rows)), "duplicate")
    rows.mark(np.arange(len(kept), len(kept) + len(pulled)), "trailer")
    rows.mark(np.isin(rows.vehicle, list(clones)), "clone")
    retired = np.isin(drives.record[rows.drive], list(still_running))
    rows.mark(retired, "retired_camera")
    rows.missed = len(seen) - len(kept)
    # A little is held back for rows that are sent twice.
    surplus = len(rows) - round(count * (1 - RETRANSMISSION))
    if surplus > 0:
        rows = rows.take(np.sort(random.permutation(len(rows))[surplus:]))
        rows.missed += surplus
    _spoil(rows, random)
    resent = random.permutation(len(rows))[
        : max(0, min(count - len(rows), round(count * RETRANSMISSION)))
    ]
    rows = _resend(rows, np.sort(resent), random)
    return rows.take(np.argsort(rows.arrival_s, kind="stable"))


class _Cameras:
    """Cameras as machines: when they run, how their clocks go, what they report."""

    def __init__(
        self,
        cameras: list[Camera],
        still_running: frozenset[int],
        day: dt.date,
        random: np.random.Generator,
    ) -> None:
        self.cameras = cameras
        midnight = midnight_s(day)
        self.on_s = np.array([begin_s(c.valid_from) - midnight for c in cameras])
        self.off_s = np.array([end_s(c.valid_until) - midnight for c in cameras])
        self.off_s[list(still_running)] = np.inf
        order = random.permutation(len(cameras))
        wrong = max(3, round(len(cameras) * WRONG_CLOCK_CAMERAS))
        silent = max(1, round(len(cameras) * SILENT_CAMERAS))
        self.clock_s = np.zeros(len(cameras))
        # One an hour behind (its summer time, or its zone), the others minutes off.
        self.clock_s[order[0]] = -3600.0
        self.clock_s[order[1:wrong]] = random.choice([-1, 1], wrong - 1) * random.uniform(
            90, 900, wrong - 1
        )
        self.drift_s = np.where(self.clock_s == 0.0, random.normal(0.0, 0.25, len(cameras)), 0.0)
        self.silent_from = np.full(len(cameras), np.inf)
        self.silent_from[order[wrong : wrong + silent]] = random.uniform(6, 16, silent) * 3600
        self.silent_until = self.silent_from + 3.0 * 3600
        self.states_confidence = random.random(len(cameras)) > 0.05
        self.odd_writing = random.random(len(cameras)) < 0.03

    def works(
        self, record: npt.NDArray[np.int32], at_s: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.bool_]:
        """Return which passages a camera is there for, within the day."""
        there = (self.on_s[record] <= at_s) & (at_s < self.off_s[record])
        silent = (self.silent_from[record] <= at_s) & (at_s < self.silent_until[record])
        return np.asarray(there & ~silent & (at_s >= 0.0) & (at_s < 86_400.0))


def _plain_rows(
    drives: Drives,
    drive: npt.NDArray[np.int64],
    vehicle: npt.NDArray[np.int64],
    after_s: npt.NDArray[np.float64],
    fleet: Fleet,
    at: _Cameras,
    edge_speed_kmh: npt.NDArray[np.float32],
    random: np.random.Generator,
) -> Rows:
    """Return reads without a fault but those of the camera as a machine."""
    n = len(drive)
    record = drives.record[drive]
    true_s = drives.at_s[drive] + after_s
    read_s = true_s + at.clock_s[record] + at.drift_s[record]
    since = drives.since_kmh[drive]
    limit = edge_speed_kmh[drives.edge[drive]].astype(float)
    speed = np.where(
        np.isfinite(since), 0.5 * np.minimum(since, 1.2 * limit) + 0.4 * limit, 0.75 * limit
    )
    speed = np.maximum(4.0, speed * np.exp(random.normal(0.0, 0.12, n)))
    radar = np.array([camera.radar for camera in at.cameras])
    lanes = np.array([camera.lanes for camera in at.cameras])
    bearing = np.array([camera.bearing_deg or 0.0 for camera in at.cameras])
    compass = np.array(_COMPASS, dtype=object)[np.round(bearing / 45.0).astype(int) % 8]
    confidence = np.round(0.86 + 0.138 * random.beta(5.0, 1.4, n), 3)
    confidence[~at.states_confidence[record]] = np.nan
    gives = np.array([camera.gives_class for camera in at.cameras])[record]
    plate_class = np.array(fleet.plate_class, dtype=object)[vehicle]
    plate_class[(plate_class == "") | ~gives] = None
    vehicle_class = np.array(fleet.vehicle_class, dtype=object)[vehicle]
    vehicle_class[~gives] = None
    rows = Rows(
        drive=drive,
        vehicle=vehicle,
        true_s=true_s,
        read_s=np.round(read_s, 3),
        arrival_s=read_s - at.clock_s[record] + 0.4 + random.exponential(1.5, n),
        labels=np.zeros(n, dtype=np.int32),
        camera_id=np.array([camera.camera_id for camera in at.cameras], dtype=object)[record],
        plate=np.array(fleet.plate, dtype=object)[vehicle],
        plate_class=plate_class,
        plate_colour=np.array(fleet.colour, dtype=object)[vehicle],
        vehicle_class=vehicle_class,
        speed_kmh=np.where(radar[record], np.round(speed), np.nan),
        direction=compass[record],
        lane=(1 + random.integers(0, 12, n) % lanes[record]).astype(np.int32),
        confidence=confidence,
        hit_number=np.arange(n),
    )
    rows.mark(~gives, "no_plate_class")
    rows.mark(~gives, "no_class")
    rows.mark(at.clock_s[record] != 0.0, "wrong_clock")
    odd = at.odd_writing[record]
    rows.mark(odd, "odd_writing")
    for place in np.flatnonzero(odd).tolist():
        rows.plate[place] = f"{rows.plate[place][:2]}·{rows.plate[place][2:]}".lower()
    return rows


def _spoil(rows: Rows, random: np.random.Generator) -> None:
    """Add the faults of single reads."""
    n = len(rows)
    stated = np.isfinite(rows.confidence)
    low = random.random(n) < LOW_CONFIDENCE
    rows.confidence[low & stated] = np.round(
        random.uniform(0.35, 0.8, int((low & stated).sum())) - 0.001, 3
    )
    rows.mark(low & stated, "low_confidence")
    for place in np.flatnonzero(random.random(n) < np.where(low, 0.3, MISREAD)).tolist():
        misread = _misread(rows.plate[place], random)
        if misread != rows.plate[place]:
            rows.plate[place] = misread
            rows.mark(np.array([place]), "misread")
            if stated[place] and not low[place]:
                rows.confidence[place] = round(float(random.uniform(0.8, 0.97)), 3)
    for place in np.flatnonzero(random.random(n) < UNREADABLE).tolist():
        rows.plate[place] = _unread(rows.plate[place], random)
        rows.plate_class[place] = None
        rows.mark(np.array([place]), "unreadable")
    lacking = random.random(n) < NO_PLATE_CLASS
    rows.plate_class[lacking] = None
    rows.mark(lacking, "no_plate_class")
    classless = random.random(n) < NO_CLASS
    rows.vehicle_class[classless] = None
    rows.mark(classless, "no_class")
    draw = random.random(n)
    for place in np.flatnonzero(draw < WRONG_CLASS_TRUCK).tolist():
        seen = rows.vehicle_class[place]
        if seen in _TRUCK_SEEN_AS:
            choices = _TRUCK_SEEN_AS[seen]
            rows.vehicle_class[place] = choices[int(random.integers(len(choices)))]
            rows.mark(np.array([place]), "wrong_class")
        elif seen == "car" and draw[place] < WRONG_CLASS_CAR:
            rows.vehicle_class[place] = "light_truck"
            rows.mark(np.array([place]), "wrong_class")
    late = random.random(n) < LATE
    rows.arrival_s[late] += random.exponential(900.0, int(late.sum()))
    rows.mark(late, "late")
    unknown = random.random(n) < UNKNOWN_CAMERA
    rows.camera_id[unknown] = np.array(["T-901", "T-902", "TEST-CAM"], dtype=object)[
        random.integers(3, size=int(unknown.sum()))
    ]
    rows.mark(unknown, "unknown_camera")
    broken = np.flatnonzero(random.random(n) < MALFORMED)
    rows.mark(broken, "malformed")
    no_camera = broken[::6]
    rows.camera_id[no_camera] = None
    rows.read_s[np.setdiff1d(broken, no_camera)] = np.nan


def _misread(plate: str, random: np.random.Generator) -> str:
    """Return a plate with one character, rarely two, taken for another."""
    letters = list(plate)
    places = [i for i, letter in enumerate(letters) if letter.upper() in _LOOK_ALIKE]
    for place in (
        random.permutation(places)[: 1 if random.random() < 0.9 else 2].tolist() if places else []
    ):
        choices = _LOOK_ALIKE[letters[place].upper()]
        letters[place] = choices[int(random.integers(len(choices)))]
    return "".join(letters)


def _unread(plate: str, random: np.random.Generator) -> str | None:
    draw = random.random()
    if draw < 0.06:
        return None
    if draw < 0.45:
        return _NOTHING_READ[int(random.integers(len(_NOTHING_READ)))]
    letters = list(plate)
    for place in random.permutation(len(letters))[: 1 + int(random.integers(3))].tolist():
        letters[place] = "?"
    return "".join(letters)


def _resend(rows: Rows, places: npt.NDArray[np.int64], random: np.random.Generator) -> Rows:
    """Return the rows with some of them once more, the same in every column, arriving later."""
    both = rows.take(np.concatenate((np.arange(len(rows)), places)))
    again = np.arange(len(rows), len(both))
    both.arrival_s[again] += random.uniform(5.0, 120.0, len(again))
    both.mark(again, "retransmission")
    return both
