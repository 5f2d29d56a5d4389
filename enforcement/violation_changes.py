"""What differs between the violations that two rule sets see in the same hits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

Vehicle: TypeAlias = tuple[str, str | None]  # plate, plate_class
_COLUMNS: Final = ("violation_id", "camera_id", "plate", "plate_class", "reason", "warning")


@dataclass(slots=True)
class Changes:
    """Violations that come and go at one camera or of one vehicle, each by its reason."""

    suspected: Counter[str] = field(default_factory=Counter)
    cleared: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """How many violations come or go."""
        return self.suspected.total() + self.cleared.total()


@dataclass(frozen=True, slots=True, eq=False)
class ViolationChanges:
    """The suspected violations before and after, held against each other by violation_id.

    Attributes
    ----------
    all
        Violations that come and go.
    other_reason
        How many are suspected before and after for (before, after) different reasons.
    warned_anew, accused_anew
        How many are suspected before and after, and only after, or only before, merely warned of.
    held
        Of those cleared, how many are held after, by code.
    vehicles, cameras
        Those where violations come or go, most first; `at` has the cameras of each vehicle, sorted.
    vehicles_suspected, vehicles_cleared
        Vehicles suspected after and never before, and before and never after.
    """

    all: Changes
    other_reason: Counter[tuple[str, str]]
    warned_anew: int
    accused_anew: int
    held: Counter[str]
    vehicles: dict[Vehicle, Changes]
    cameras: dict[str, Changes]
    at: dict[Vehicle, tuple[str, ...]]
    vehicles_suspected: frozenset[Vehicle]
    vehicles_cleared: frozenset[Vehicle]


def compare_violations(before: pa.Table, after: pa.Table) -> ViolationChanges:
    """Compare the violations of the same hits under two rule sets.

    Parameters
    ----------
    before, after
        VIOLATIONS_SCHEMA in any order; held violations are not suspected.
    """
    then, now = _suspected(before), _suspected(after)
    everything = Changes()
    vehicles: dict[Vehicle, Changes] = {}
    cameras: dict[str, Changes] = {}
    at: dict[Vehicle, set[str]] = {}
    come = now.filter(pc.invert(_among(now, then)))
    gone = then.filter(pc.invert(_among(then, now)))
    for kind, some in (("suspected", come), ("cleared", gone)):
        for camera_id, vehicle, reason in _rows(some):
            of_vehicle = vehicles.setdefault(vehicle, Changes())
            of_camera = cameras.setdefault(camera_id, Changes())
            for changes in (everything, of_vehicle, of_camera):
                getattr(changes, kind)[reason] += 1
            at.setdefault(vehicle, set()).add(camera_id)
    held = after.filter(after["held"].is_valid())
    reasons, warnings = _of_both(then, now)
    were, are = ({vehicle for _, vehicle, _ in _rows(some)} for some in (then, now))
    return ViolationChanges(
        all=everything,
        other_reason=Counter(pair for pair in reasons if pair[0] != pair[1]),
        warned_anew=warnings.count((False, True)),
        accused_anew=warnings.count((True, False)),
        held=Counter(held.filter(_among(held, gone))["held"].to_pylist()),
        vehicles=dict(sorted(vehicles.items(), key=_by_total)),
        cameras=dict(sorted(cameras.items(), key=_by_total)),
        at={vehicle: tuple(sorted(where)) for vehicle, where in at.items()},
        vehicles_suspected=frozenset(are - were),
        vehicles_cleared=frozenset(were - are),
    )


def _suspected(violations: pa.Table) -> pa.Table:
    return violations.filter(violations["held"].is_null()).select(_COLUMNS)


def _among(some: pa.Table, others: pa.Table) -> pa.ChunkedArray:
    """Tell which violations are among others."""
    return pc.is_in(some["violation_id"], value_set=others["violation_id"])


def _rows(violations: pa.Table) -> Iterator[tuple[str, Vehicle, str]]:
    columns = (violations[name].to_pylist() for name in _COLUMNS[1:5])
    for camera_id, plate, plate_class, reason in zip(*columns, strict=True):
        yield camera_id, (plate, plate_class), reason


def _of_both(
    then: pa.Table, now: pa.Table
) -> tuple[list[tuple[str, str]], list[tuple[bool, bool]]]:
    """Return, for each violation of both, its reasons then and now, and whether it was a warning."""
    place = pc.index_in(then["violation_id"], value_set=now["violation_id"])
    was, still = then.filter(place.is_valid()), now.take(place.drop_null())
    reasons, warnings = (
        list(zip(was[name].to_pylist(), still[name].to_pylist(), strict=True))
        for name in ("reason", "warning")
    )
    return reasons, warnings


def _by_total(entry: tuple[Vehicle | str, Changes]) -> tuple[int, str]:
    """Return what sorts those with most changes first, then by name."""
    name, changes = entry
    return -changes.total, name if isinstance(name, str) else f"{name[0]} {name[1] or ''}"
