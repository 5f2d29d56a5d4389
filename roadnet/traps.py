"""What is said of a camera that a route's lorries may trip though the route does not cover it."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, TypeAlias

TrapKind: TypeAlias = Literal[
    "cross_street", "slip_road", "beside", "opposite", "first_mile", "last_mile"
]
# Of two reasons for one camera that are as sure, the first is told: on the route before its ends.
TRAP_KINDS: Final[tuple[TrapKind, ...]] = (
    "cross_street",
    "slip_road",
    "beside",
    "opposite",
    "first_mile",
    "last_mile",
)


class TrapCamera(NamedTuple):
    """One camera that may be tripped.

    Attributes
    ----------
    site
        Place in the sequence of sites that was linked.
    kind
        Which rule of docs/before-approval.md says so.
    certain
        Whether a lorry on the route *will* be read, as far as one can tell; else it *may* be.
    distance_m
        Metres along the path: where it comes to the intersection, or nearest to the camera; 0 for
        the first mile, and the path's length for the last.
    beyond_m
        Metres before the path's begin or behind its end, along the streets; 0 on the path.
    angle_deg
        Between the camera's bearing and the direction of travel in which it reads the lorry, 0 to
        180; None for a camera without bearing.
    """

    site: int
    kind: TrapKind
    certain: bool
    distance_m: float
    beyond_m: float
    angle_deg: float | None


def strongest(traps: list[TrapCamera]) -> tuple[TrapCamera, ...]:
    """Keep one record a camera: certain ones first, then by kind, then the nearest.

    Parameters
    ----------
    traps
        Any number a camera, in any order.

    Returns
    -------
    tuple
        In the order in which a driver meets them, then by site.
    """
    rank = {kind: place for place, kind in enumerate(TRAP_KINDS)}
    best: dict[int, TrapCamera] = {}
    for trap in sorted(
        traps, key=lambda one: (not one.certain, rank[one.kind], one.distance_m, one.beyond_m)
    ):
        best.setdefault(trap.site, trap)
    return tuple(sorted(best.values(), key=_driving_order))


def _driving_order(trap: TrapCamera) -> tuple[float, int]:
    beyond_m = -trap.beyond_m if trap.kind == "first_mile" else trap.beyond_m
    return trap.distance_m + beyond_m, trap.site
