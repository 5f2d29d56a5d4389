"""What the rules say of what really happened, in plain Python over the simulator's own plan.

This is no part of the product and imports nothing of it: camera sets come from the ways that were
meant (not from matched lines), hours from the plain form in `hours`, and every question is asked
of the vehicle, the instant and the camera that were really there (not of what was read).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from benchmarks.simulation.instants import begin_s, end_s, midnight_s

if TYPE_CHECKING:
    import datetime as dt

    from benchmarks.simulation.fleet import Fleet
    from benchmarks.simulation.hours import Hours
    from benchmarks.simulation.permits import Grant, Permit
    from benchmarks.simulation.restrictions import Restriction

GRACE_S: Final = 5 * 60.0


@dataclass(frozen=True, slots=True)
class Judged:
    """`reason` is None when nothing was wrong."""

    reason: str | None = None
    restriction_id: str | None = None
    permit_id: str | None = None


_FINE: Final = Judged()
_MIDDLE: Final = ("suspended", "revoked", "expired", "not_yet_valid")


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """A permit with its instants in Unix seconds."""

    permit: Permit
    begin_s: float
    end_s: float
    history: tuple[tuple[float, str], ...]

    def status_at(self, at_s: float) -> str | None:
        status = None
        for since, entry in self.history:
            if since <= at_s:
                status = entry
        return status

    def was_active(self, at_s: float) -> bool:
        return any(entry == "active" and since <= at_s for since, entry in self.history)


class Judge:
    """Says of one vehicle at one camera record and instant of the day whether that was a violation."""

    def __init__(
        self, fleet: Fleet, restrictions: list[Restriction], permits: list[Permit], day: dt.date
    ) -> None:
        self._fleet = fleet
        self._day = day
        self._midnight = midnight_s(day)
        self._open: dict[Hours, tuple[tuple[float, float], ...]] = {}
        self._at_camera: dict[int, list[Restriction]] = defaultdict(list)
        noon = self._midnight + 43_200.0
        in_force = [x for x in restrictions if begin_s(x.valid_from) <= noon < end_s(x.valid_until)]
        for restriction in in_force:
            for record in restriction.records:
                self._at_camera[record].append(restriction)
        self._meant_classes = {name for x in in_force for name in x.vehicle_classes}
        self._meant_plate_classes = {name for x in in_force for name in x.plate_classes}
        self._naming: dict[str, list[tuple[str | None, _Case]]] = defaultdict(list)
        for permit in permits:
            case = _Case(
                permit,
                begin_s(permit.valid_from),
                end_s(permit.valid_until),
                tuple(sorted((begin_s(since), status) for status, since, _ in permit.status)),
            )
            for vehicle, names_class in zip(permit.vehicles, permit.names_class, strict=True):
                named = fleet.plate_class[vehicle] if names_class else None
                self._naming[fleet.plate[vehicle]].append((named, case))

    def concerns(self, vehicle: int) -> bool:
        """Return whether a restriction means a vehicle, or a permit names its plate, at any time."""
        fleet = self._fleet
        return (
            fleet.vehicle_class[vehicle] in self._meant_classes
            or fleet.plate_class[vehicle] in self._meant_plate_classes
            or fleet.rightful_plate[vehicle] in self._naming
        )

    def judge(self, vehicle: int, record: int, at_s: float) -> Judged:
        """Judge a vehicle by its rightful plate; `at_s` is in Unix seconds, within the day."""
        fleet = self._fleet
        plate, plate_class = fleet.rightful_plate[vehicle], fleet.plate_class[vehicle]
        named = [case for k, case in self._naming.get(plate, ()) if k is None or k == plate_class]
        broken = [x for x in self._at_camera.get(record, ()) if self._forbids(x, vehicle, at_s)]
        if not broken and not named:
            return _FINE
        held = [
            case
            for case in named
            if case.begin_s <= at_s < case.end_s and case.status_at(at_s) == "active"
        ]
        confining = [case for case in held if case.permit.binding == "confines"]
        if confining and not self._covering(confining, record, at_s):
            near = self._with_camera(confining, record)
            reason = "outside_hours" if near else "off_route"
            return Judged(reason, None, min(c.permit.permit_id for c in near or confining))
        if not broken:
            return _FINE
        restriction = min(broken, key=lambda x: (x.permits_exempt, x.restriction_id)).restriction_id
        if any(not x.permits_exempt for x in broken):
            return Judged("absolute_ban", restriction, None)
        if self._covering(held, record, at_s):
            return _FINE
        reason, near = self._nearest_miss(named, held, record, at_s)
        nearest = min((case.permit.permit_id for case in near), default=None)
        return Judged(reason, restriction, nearest)

    def speed_limit(self, vehicle: int, record: int, at_s: float) -> float | None:
        """Return the least max_speed_kmh of the permits that cover a vehicle there and then."""
        fleet = self._fleet
        limits = [
            case.permit.max_speed_kmh
            for named, case in self._naming.get(fleet.rightful_plate[vehicle], ())
            if case.permit.max_speed_kmh is not None
            and (named is None or named == fleet.plate_class[vehicle])
            and case.begin_s <= at_s < case.end_s
            and case.status_at(at_s) == "active"
            and self._covering([case], record, at_s)
        ]
        return min(limits, default=None)

    def confined(self, vehicle: int) -> bool:
        """Return whether some permit of a vehicle confines it, whatever its state."""
        named = self._naming.get(self._fleet.rightful_plate[vehicle], ())
        return any(case.permit.binding == "confines" for _, case in named)

    def _nearest_miss(
        self, named: list[_Case], held: list[_Case], record: int, at_s: float
    ) -> tuple[str, list[_Case]]:
        near = self._with_camera(held, record)
        if near:
            return "outside_hours", near
        if held:
            return "off_route", held
        known = [case for case in named if case.was_active(at_s)]
        past = {
            "suspended": [c for c in known if c.status_at(at_s) == "suspended"],
            "revoked": [c for c in known if c.status_at(at_s) in ("revoked", "withdrawn")],
            "expired": [c for c in known if c.end_s <= at_s],
            "not_yet_valid": [c for c in known if at_s < c.begin_s],
        }
        for reason in _MIDDLE:
            if past[reason]:
                return reason, past[reason]
        return "no_permit", []

    def _forbids(self, restriction: Restriction, vehicle: int, at_s: float) -> bool:
        fleet = self._fleet
        meant = (
            fleet.vehicle_class[vehicle] in restriction.vehicle_classes
            or fleet.plate_class[vehicle] in restriction.plate_classes
        )
        return meant and self.is_open(restriction.schedule, at_s, 0.0)

    def is_open(self, hours: Hours, at_s: float, grace_s: float) -> bool:
        """Return whether a schedule is open at an instant of the day, each interval widened."""
        found = self._open.get(hours)
        if found is None:
            found = tuple(
                (self._midnight + 60.0 * start, self._midnight + 60.0 * end)
                for start, end in hours.intervals(self._day)
            )
            self._open[hours] = found
        return any(start - grace_s <= at_s < end + grace_s for start, end in found)

    def _covering(self, cases: list[_Case], record: int, at_s: float) -> list[Grant]:
        return [
            grant
            for case in cases
            for grant in case.permit.grants
            if record in grant.records and self.is_open(grant.schedule, at_s, GRACE_S)
        ]

    @staticmethod
    def _with_camera(cases: list[_Case], record: int) -> list[_Case]:
        return [
            case for case in cases if any(record in grant.records for grant in case.permit.grants)
        ]
