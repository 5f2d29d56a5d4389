"""Plates and vehicles: the goods vehicles that the registry knows, and everybody else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

_TWIN_SHARE: Final = 0.015
LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
SERIALS: Final = "0123456789" * 4 + LETTERS
NO_CLASS: Final = ""

_FORMS: Final = {
    "small_energy": "{head}{mark}{digits:.5}",
    "large_energy": "{head}{digits:.5}{mark}",
    "trailer": "{head}{digits:.4}挂",
    "coach": "{head}{digits:.4}学",
    "hong_kong": "粤Z{digits:.4}港",
}

_NEIGHBOURS: Final = ("湘", "鄂", "浙", "皖", "闽", "粤", "苏", "豫", "沪", "鲁", "渝", "桂")


@dataclass(frozen=True, slots=True, eq=False)
class Fleet:
    """Vehicles in parallel lists; a vehicle's number is its place.

    Attributes
    ----------
    plate
        As it hangs on the vehicle, normalised.
    plate_class
        GA 24.7 code, empty for a foreign vehicle that has none.
    vehicle_class, colour
        As the registry says; plate colour as a camera names it.
    rightful_plate
        The plate that belongs to the vehicle; another one only for a clone.
    trailer
        Number of the trailer that a tractor pulls, -1 for none.
    """

    plate: list[str]
    plate_class: list[str]
    vehicle_class: list[str]
    colour: list[str]
    rightful_plate: list[str]
    trailer: list[int]

    def __len__(self) -> int:
        """Return the number of vehicles."""
        return len(self.plate)

    def add(
        self, plate: str, plate_class: str, vehicle_class: str, colour: str, *, rightful: str = ""
    ) -> int:
        """Add a vehicle, return its number."""
        self.plate.append(plate)
        self.plate_class.append(plate_class)
        self.vehicle_class.append(vehicle_class)
        self.colour.append(colour)
        self.rightful_plate.append(rightful or plate)
        self.trailer.append(-1)
        return len(self.plate) - 1


class PlateOffice:
    """Gives plates out; each (plate, class) only once."""

    def __init__(self, home: str, random: np.random.Generator) -> None:
        self._home = home
        self._random = random
        self._given: set[str] = set()

    def plate(self, kind: str, *, home_share: float) -> str:
        """Return a new plate: ``standard``, ``small_energy``, ``large_energy``, ``trailer``, ..."""
        tries = 0
        while True:
            # Where the local numbers run out, vehicles come from elsewhere.
            plate = self._draw(kind, home_share if tries < 40 else 0.0)
            tries += 1
            if plate not in self._given:
                self._given.add(plate)
                return plate

    def _draw(self, kind: str, home_share: float) -> str:
        random = self._random
        head = self._home
        if random.random() >= home_share:
            head = _NEIGHBOURS[int(random.integers(len(_NEIGHBOURS)))]
            head += LETTERS[int(random.integers(8 if home_share > 0.0 else len(LETTERS)))]
        if kind in _FORMS:
            return _FORMS[kind].format(
                head=head,
                digits=f"{random.integers(1_000_000):06d}",
                mark="DF"[int(random.integers(2))],
            )
        serial = "".join(SERIALS[i] for i in random.integers(len(SERIALS), size=5))
        if kind == "foreign":
            return f"{LETTERS[int(random.integers(24))]}{serial}{random.integers(1000):03d}"
        return head + (serial if any(c.isdigit() for c in serial) else serial[:-1] + "8")


# (vehicle_class, kind of plate, plate_class, colour, share)
_TRUCKS: Final = (
    ("heavy_truck", "standard", "01", "yellow", 0.27),
    ("tractor", "standard", "01", "yellow", 0.14),
    ("medium_truck", "standard", "01", "yellow", 0.10),
    ("light_truck", "standard", "02", "blue", 0.29),
    ("mini_truck", "standard", "02", "blue", 0.04),
    ("light_truck", "small_energy", "52", "green", 0.07),
    ("heavy_truck", "large_energy", "51", "yellow_green", 0.035),
    ("special", "standard", "01", "yellow", 0.04),
    ("heavy_truck", "hong_kong", "26", "black", 0.002),
    ("tractor", "foreign", NO_CLASS, "white", 0.006),
)


def raise_trucks(count: int, office: PlateOffice, random: np.random.Generator) -> Fleet:
    """Return a fleet of `count` goods vehicles, and after them the trailers of its tractors.

    A few light trucks have the plate of a heavy one: the two differ in plate_class only.
    """
    fleet = Fleet([], [], [], [], [], [])
    share = np.array([kind[4] for kind in _TRUCKS])
    yellow: list[str] = []
    for draw in random.choice(len(_TRUCKS), size=count, p=share / share.sum()).tolist():
        vehicle_class, plate_kind, plate_class, colour, _ = _TRUCKS[draw]
        if plate_class == "02" and yellow and random.random() < _TWIN_SHARE:
            plate = yellow.pop()
        else:
            plate = office.plate(plate_kind, home_share=0.72)
        fleet.add(plate, plate_class, vehicle_class, colour)
        if plate_class == "01":
            yellow.append(plate)
    for tractor in [i for i in range(count) if fleet.vehicle_class[i] == "tractor"]:
        plate = office.plate("trailer", home_share=0.7)
        fleet.trailer[tractor] = fleet.add(plate, "15", "other", "yellow")
    return fleet


def raise_others(
    fleet: Fleet, cars: int, buses: int, office: PlateOffice, random: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Add cars (with a few motorcycles and driving-school cars) and buses to a fleet.

    Returns
    -------
    cars, buses
        Their numbers in the fleet.
    """
    first = len(fleet)
    for draw in random.random(cars).tolist():
        if draw < 0.035:
            fleet.add(office.plate("standard", home_share=0.98), "07", "motorcycle", "yellow")
        elif draw < 0.04:
            fleet.add(office.plate("coach", home_share=1.0), "16", "car", "yellow")
        elif draw < 0.2:
            fleet.add(office.plate("small_energy", home_share=0.85), "52", "car", "green")
        elif draw < 0.205:
            fleet.add(office.plate("foreign", home_share=1.0), NO_CLASS, "car", "white")
        else:
            fleet.add(office.plate("standard", home_share=0.82), "02", "car", "blue")
    middle = len(fleet)
    for draw in random.random(buses).tolist():
        kind, plate_class = ("large_energy", "51") if draw < 0.7 else ("standard", "01")
        colour = "yellow_green" if plate_class == "51" else "yellow"
        fleet.add(office.plate(kind, home_share=1.0), plate_class, "bus", colour)
    return np.arange(first, middle), np.arange(middle, len(fleet))
