"""One hit, and what the judgement looks at for it, before it is put into words."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from enforcement.findings import Reason, Verdict


@dataclass(frozen=True, slots=True)
class Hit:
    """One hit as it came: texts as read, the instant already in microseconds UTC.

    `plate` is raw and is normalised here; `confidence` None or NaN counts as 1. With
    `class_as_judged` the `vehicle_class` is what a sweep judged it as, not what the camera saw.
    """

    camera_id: str | None
    plate: str | None
    plate_class: str | None = None
    vehicle_class: str | None = None
    captured_at_us: int | None = None
    confidence: float | None = None
    class_as_judged: bool = False


@dataclass(frozen=True, slots=True)
class RestrictionFinding:
    """One restriction that has the camera, and whether it applies to the hit."""

    restriction_id: str
    name: str
    schedule: str
    absolute: bool
    in_validity: bool
    is_open: bool
    meant: bool
    in_warning: bool
    warning_until_us: int

    @property
    def applies(self) -> bool:
        """Return whether the restriction is in R of step 2."""
        return self.in_validity and self.is_open and self.meant


@dataclass(frozen=True, slots=True)
class GrantFinding:
    """One grant beside the hit.

    `closed_since` and `opens_at` are civil minutes since 1970-01-01 00:00 city time: the end of
    the last permitted interval before the hit and the start of the next, both without grace;
    None when the grant covers the hit, has not the camera, or none lies within a month.
    """

    number: int
    route_id: str | None
    route_name: str | None
    schedule: str
    grace_minutes: int
    has_camera: bool
    is_open: bool
    closed_since: int | None
    opens_at: int | None


@dataclass(frozen=True, slots=True)
class PermitFinding:
    """One permit that names the vehicle, beside the hit.

    `miss` says what alone keeps this permit from covering the hit: NONE when it covers it,
    NO_PERMIT when it never was active or is none of the cases that step 8 names.
    """

    permit_id: str
    confines: bool
    status: str | None
    status_from_us: int | None
    was_active: bool
    valid_from_us: int
    valid_until_us: int
    in_force: bool
    grants: tuple[GrantFinding, ...]
    miss: Reason

    @property
    def nearest_grant(self) -> GrantFinding:
        """Return the grant that a verdict names: the first that comes as near as `miss` says."""
        if self.miss is Reason.NONE:
            return next(grant for grant in self.grants if grant.has_camera and grant.is_open)
        if self.miss is Reason.OUTSIDE_HOURS:
            return next(grant for grant in self.grants if grant.has_camera)
        return self.grants[0]


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that was looked at for one hit, before it is put into words.

    `permits` are all that name the vehicle, nearest first; `civil_us` is city time as
    microseconds since 1970-01-01 00:00 city time.
    """

    hit: Hit
    timezone: str
    min_confidence: float
    verdict: Verdict
    reason: Reason
    plate: str
    plate_class: int
    confidence: float
    civil_us: int | None
    seen_class: int
    registered_class: int | None
    vehicle_class: int
    camera: int
    camera_registered: bool
    camera_warning_until_us: int
    restrictions: tuple[RestrictionFinding, ...]
    permits: tuple[PermitFinding, ...]
    restriction: RestrictionFinding | None
    permit: PermitFinding | None
    zone_offsets: tuple[tuple[int, int], ...]

    @property
    def camera_in_warning(self) -> bool:
        """Return whether the camera only warns yet."""
        return (self.hit.captured_at_us or 0) < self.camera_warning_until_us

    @property
    def warning(self) -> bool:
        """Return whether the hit is a violation that is only warned of."""
        return self.verdict is Verdict.VIOLATION and (
            self.camera_in_warning or (self.restriction is not None and self.restriction.in_warning)
        )

    def civil(self, instant_us: int) -> int:
        """Return an instant in city time, microseconds since 1970-01-01 00:00 city time."""
        return instant_us + offset_us(self.zone_offsets, instant_us)


def offset_us(zone_offsets: tuple[tuple[int, int], ...], instant_us: int) -> int:
    """Return what city time is ahead of UTC at an instant, in microseconds."""
    place = bisect_right(zone_offsets, instant_us, key=lambda entry: entry[0]) - 1
    return zone_offsets[max(place, 0)][1]
