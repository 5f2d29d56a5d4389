"""Lorries whose plates lead to somebody else: clones, and vehicles that look like a permitted one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks.simulation.misreads import LOOK_ALIKE
from benchmarks.simulation.restrictions import FREIGHT, HEAVY

if TYPE_CHECKING:
    import numpy as np

    from benchmarks.simulation.freight import FreightDay
    from benchmarks.simulation.people import People

CLONES: Final = 1 / 2000  # of goods vehicles
LOOK_ALIKES: Final = 1 / 200  # of vehicles with a permit in force
_BESIDE_S: Final = 1200.0  # a clone sets out so near to when its original does


def permitted_vehicles(people: People) -> list[int]:
    """Return the vehicles of permits in force, ascending."""
    active = [permit for permit in people.permits if permit.fate == "active" and permit.ways]
    return sorted({vehicle for permit in active for vehicle in permit.vehicles})


def raise_clones(
    people: People, freight: FreightDay, random: np.random.Generator
) -> dict[int, int]:
    """Raise clones of heavy lorries that a permit lets drive by day; return the original of each.

    There a copied plate pays most.
    """
    classes = people.fleet.vehicle_class
    trucks = sum(name in FREIGHT for name in classes)
    copied = [who for who in freight.drivers("on_route", 7.0, 20.0) if classes[who] in HEAVY]
    copied = random.permutation(copied)[: max(1, round(CLONES * trucks))].tolist()
    return {people.clone(original): original for original in copied}


def let_clones_drive(
    freight: FreightDay, clones: dict[int, int], random: np.random.Generator
) -> None:
    """Let clones go into town beside their originals; on a day of rest of these, as they like."""
    for clone, original in clones.items():
        if not freight.beside(clone, original, _BESIDE_S):
            freight.into_town(clone, 3600.0 * float(random.uniform(6.0, 15.0)), "clone")


def raise_look_alikes(people: People, random: np.random.Generator) -> list[int]:
    """Raise lorries that no register has, each a similar character away from a permitted one."""
    fleet = people.fleet
    taken = set(fleet.plate)
    permitted = permitted_vehicles(people)
    count = max(1, round(LOOK_ALIKES * len(permitted)))
    raised: list[int] = []
    for original in random.permutation(permitted).tolist():
        if len(raised) == count:
            break
        plate = fleet.plate[original]
        similar = [
            plate[:place] + other + plate[place + 1 :]
            for place in range(2, len(plate))
            for other in LOOK_ALIKE.get(plate[place], "")
        ]
        free = [text for text in similar if text not in taken]
        if free:
            chosen = free[int(random.integers(len(free)))]
            taken.add(chosen)
            raised.append(
                fleet.add(
                    chosen,
                    fleet.plate_class[original],
                    fleet.vehicle_class[original],
                    fleet.colour[original],
                )
            )
    return raised
