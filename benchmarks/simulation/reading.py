"""What cameras make of passing vehicles: reads, and everything that goes wrong with them.

A row is one read as it arrives. Its `labels` say which nuisances it has; what was really there
stays beside it (`drive`, the passage that it is a read of) for the truth.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.simulation.machines import SYNCHRONISED_S
from benchmarks.simulation.misreads import misread, unread

if TYPE_CHECKING:
    import numpy.typing as npt

    from benchmarks.simulation.driving import Drives
    from benchmarks.simulation.fleet import Fleet
    from benchmarks.simulation.machines import Machines

# Nuisances; the code of a label is its place, and its bit.
LABELS: Final = (
    "misread", "low_confidence", "unreadable", "duplicate", "retransmission", "clone", "wrong_clock",
    "unknown_camera", "retired_camera", "malformed", "no_plate_class", "wrong_class", "no_class",
    "trailer", "late", "odd_writing", "closure", "wrong_place", "late_permit", "look_alike",
)  # fmt: skip
BIT: Final = {name: 1 << code for code, name in enumerate(LABELS)}


@dataclass(frozen=True, slots=True)
class Faults:
    """Shares of all reads that have a fault, unless said otherwise; as in the sample city.

    `odd_misread` is the share of misreads that are no similar character taken for another,
    `wrong_class_truck` is of lorries, `wrong_class_car` of cars, `trailer` of tractors.
    """

    low_confidence: float = 0.012
    odd_misread: float = 0.0
    unreadable: float = 0.011
    duplicate: float = 0.018
    retransmission: float = 0.0025
    malformed: float = 0.0006
    unknown_camera: float = 0.0015
    no_plate_class: float = 0.02
    no_class: float = 0.008
    wrong_class_truck: float = 0.04
    wrong_class_car: float = 0.001
    trailer: float = 0.06
    late: float = 0.004


NO_FAULTS: Final = Faults(*(0.0,) * len(fields(Faults)))
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
    machines: Machines,
    faults: Faults,
    edge_speed_kmh: npt.NDArray[np.float32],
    random: np.random.Generator,
    *,
    count: int | None = None,
    since_s: float = 0.0,
) -> Rows:
    """Return the reads of a day; `count` of them, or fewer where not so many vehicles passed.

    The day begins `since_s` after the midnight that begins the machines' first day.
    """
    today = (drives.at_s >= 0.0) & (drives.at_s < 86_400.0)
    seen = np.flatnonzero(machines.works(drives.record, drives.at_s + since_s) & today)
    kept = seen[random.random(len(seen)) < machines.detected[drives.record[seen]]]
    vehicle = vehicle_of_trip[drives.trip[kept]]
    trailer = np.array(fleet.trailer)[vehicle]
    pulled = np.flatnonzero((trailer >= 0) & (random.random(len(kept)) < faults.trailer))
    drive = np.concatenate((kept, kept[pulled]))
    vehicle = np.concatenate((vehicle, trailer[pulled]))
    after_s = np.concatenate((np.zeros(len(kept)), np.full(len(pulled), 0.5)))
    again = np.flatnonzero(random.random(len(drive)) < faults.duplicate)
    first = len(drive)
    drive, vehicle = np.append(drive, drive[again]), np.append(vehicle, vehicle[again])
    after_s = np.append(after_s, after_s[again] + random.uniform(0.6, 8.0, len(again)))
    rows = _plain_rows(
        drives, drive, vehicle, after_s, fleet, machines, since_s, edge_speed_kmh, random
    )
    rows.mark(np.arange(first, len(rows)), "duplicate")
    rows.mark(np.arange(len(kept), len(kept) + len(pulled)), "trailer")
    rows.mark(np.isin(rows.vehicle, list(clones)), "clone")
    retired = np.isin(drives.record[rows.drive], list(machines.retired))
    rows.mark(retired, "retired_camera")
    rows.missed = len(seen) - len(kept)
    wanted = len(rows) if count is None else count
    # A little is held back for rows that are sent twice.
    surplus = len(rows) - round(wanted * (1 - faults.retransmission))
    if surplus > 0:
        rows = rows.take(np.sort(random.permutation(len(rows))[surplus:]))
        rows.missed += surplus
    _spoil(rows, machines.misread[drives.record[rows.drive]], faults, random)
    resent = random.permutation(len(rows))[
        : max(0, min(wanted - len(rows), round(wanted * faults.retransmission)))
    ]
    rows = _resend(rows, np.sort(resent), random)
    return rows.take(np.argsort(rows.arrival_s, kind="stable"))


def _plain_rows(
    drives: Drives,
    drive: npt.NDArray[np.int64],
    vehicle: npt.NDArray[np.int64],
    after_s: npt.NDArray[np.float64],
    fleet: Fleet,
    at: Machines,
    since_s: float,
    edge_speed_kmh: npt.NDArray[np.float32],
    random: np.random.Generator,
) -> Rows:
    """Return reads without a fault but those of the camera as a machine."""
    n = len(drive)
    record = drives.record[drive]
    true_s = drives.at_s[drive] + after_s
    error_s = at.clocks.error_s(record, true_s + since_s)
    read_s = true_s + error_s + at.clocks.noise_s[record]
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
        arrival_s=read_s - error_s + 0.4 + random.exponential(1.5, n),
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
    rows.mark(np.abs(error_s) > SYNCHRONISED_S, "wrong_clock")
    odd = at.odd_writing[record]
    rows.mark(odd, "odd_writing")
    for place in np.flatnonzero(odd).tolist():
        rows.plate[place] = f"{rows.plate[place][:2]}·{rows.plate[place][2:]}".lower()
    return rows


def _spoil(
    rows: Rows,
    misread_share: npt.NDArray[np.float64],
    faults: Faults,
    random: np.random.Generator,
) -> None:
    """Add the faults of single reads."""
    n = len(rows)
    stated = np.isfinite(rows.confidence)
    low = random.random(n) < faults.low_confidence
    rows.confidence[low & stated] = np.round(
        random.uniform(0.35, 0.8, int((low & stated).sum())) - 0.001, 3
    )
    rows.mark(low & stated, "low_confidence")
    for place in np.flatnonzero(random.random(n) < np.where(low, 0.3, misread_share)).tolist():
        seen_as = misread(rows.plate[place], faults.odd_misread, random)
        if seen_as != rows.plate[place]:
            rows.plate[place] = seen_as
            rows.mark(np.array([place]), "misread")
            if stated[place] and not low[place]:
                rows.confidence[place] = round(float(random.uniform(0.8, 0.97)), 3)
    for place in np.flatnonzero(random.random(n) < faults.unreadable).tolist():
        rows.plate[place] = unread(rows.plate[place], random)
        rows.plate_class[place] = None
        rows.mark(np.array([place]), "unreadable")
    lacking = random.random(n) < faults.no_plate_class
    rows.plate_class[lacking] = None
    rows.mark(lacking, "no_plate_class")
    classless = random.random(n) < faults.no_class
    rows.vehicle_class[classless] = None
    rows.mark(classless, "no_class")
    draw = random.random(n)
    for place in np.flatnonzero(draw < faults.wrong_class_truck).tolist():
        seen = rows.vehicle_class[place]
        if seen in _TRUCK_SEEN_AS:
            choices = _TRUCK_SEEN_AS[seen]
            rows.vehicle_class[place] = choices[int(random.integers(len(choices)))]
            rows.mark(np.array([place]), "wrong_class")
        elif seen == "car" and draw[place] < faults.wrong_class_car:
            rows.vehicle_class[place] = "light_truck"
            rows.mark(np.array([place]), "wrong_class")
    late = random.random(n) < faults.late
    rows.arrival_s[late] += random.exponential(900.0, int(late.sum()))
    rows.mark(late, "late")
    unknown = random.random(n) < faults.unknown_camera
    rows.camera_id[unknown] = np.array(["T-901", "T-902", "TEST-CAM"], dtype=object)[
        random.integers(3, size=int(unknown.sum()))
    ]
    rows.mark(unknown, "unknown_camera")
    broken = np.flatnonzero(random.random(n) < faults.malformed)
    rows.mark(broken, "malformed")
    no_camera = broken[::6]
    rows.camera_id[no_camera] = None
    rows.read_s[np.setdiff1d(broken, no_camera)] = np.nan


def _resend(rows: Rows, places: npt.NDArray[np.int64], random: np.random.Generator) -> Rows:
    """Return the rows with some of them once more, the same in every column, arriving later."""
    both = rows.take(np.concatenate((np.arange(len(rows)), places)))
    again = np.arange(len(rows), len(both))
    both.arrival_s[again] += random.uniform(5.0, 120.0, len(again))
    both.mark(again, "retransmission")
    return both
