"""Who drives: plates, lorries and buses, the registry, and the permits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.simulation.fleet import Fleet, PlateOffice, raise_others, raise_trucks
from benchmarks.simulation.permits import Permit, bus_permit, issue_permits
from benchmarks.simulation.seeds import stream

if TYPE_CHECKING:
    import numpy.typing as npt

    from benchmarks.simulation.city_folder import CityFolder
    from benchmarks.simulation.layout import Layout, Order

_BUS_SHARE: Final = 0.045
_HITS_OF_A_BUS: Final = 330.0
_TRUCKS_FOR_A_PERMIT: Final = 2.2


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Vehicles and their papers; `registered` and `buses` are numbers in the fleet."""

    office: PlateOffice
    fleet: Fleet
    registered: list[int]
    buses: npt.NDArray[np.int64]
    permits: list[Permit]

    def clone(self, copied: int) -> int:
        """Raise a lorry that shows the plate of another one; return its number."""
        fleet = self.fleet
        return fleet.add(
            fleet.plate[copied], fleet.plate_class[copied], "heavy_truck", fleet.colour[copied],
            rightful=self.office.plate("standard", home_share=0.2),
        )  # fmt: skip


def settle(order: Order, layout: Layout, folder: CityFolder) -> People:
    """Raise a city's lorries and buses, issue its permits, and write its registry."""
    seed = order.seed
    office = PlateOffice(order.home, stream(seed, "plates"))
    fleet = raise_trucks(
        round(order.permits * _TRUCKS_FOR_A_PERMIT), office, stream(seed, "trucks")
    )
    registered = _registered(fleet, stream(seed, "registry"))
    folder.write_registry(fleet, registered, _holders(registered, stream(seed, "holders")))
    permits = issue_permits(
        layout.setting,
        fleet,
        layout.cameras,
        layout.routes,
        layout.customary(),
        order.permits - 1,
        order.day,
        stream(seed, "permits"),
    )
    count_buses = max(2, round(order.hits * _BUS_SHARE / _HITS_OF_A_BUS))
    _, buses = raise_others(fleet, 0, count_buses, office, stream(seed, "buses"))
    yellow = [bus for bus in buses.tolist() if fleet.plate_class[bus] == "01"] or [int(buses[0])]
    last = f"P-{order.day.year}-{order.permits:0{max(6, len(str(order.permits)))}d}"
    permits.append(bus_permit(last, layout.setting, yellow, layout.cameras, order.day))
    return People(office, fleet, registered, buses, permits)


def _registered(fleet: Fleet, random: np.random.Generator) -> list[int]:
    """Return the vehicles that the registry knows: all but a few from elsewhere."""
    return np.flatnonzero(random.random(len(fleet)) > 0.012).tolist()


def _holders(registered: list[int], random: np.random.Generator) -> list[str]:
    firms = [
        f"{a}{b}"
        for a in ("清潭", "秀江", "袁州", "宜春", "凤山")
        for b in ("运输公司", "物流公司", "建材厂", "商行", "车队")
    ]
    owners = random.integers(len(firms) * 2, size=len(registered)).tolist()
    return [firms[i] if i < len(firms) else "个人" for i in owners]
