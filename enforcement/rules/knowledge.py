"""A city as it was known at an instant: what was recorded later is left out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from enforcement.rules.definition import CityDefinition
    from enforcement.rules.permits import Grant, Permit


def as_known_at(definition: CityDefinition, known_at_us: int) -> CityDefinition:
    """Leave out of a city what was recorded after an instant.

    Parameters
    ----------
    definition
        A city without faults.
    known_at_us
        Microseconds UTC; what was recorded at that very instant is known.

    Returns
    -------
    CityDefinition
        Without permits, status entries, camera records, restrictions and closures that were
        recorded later; what has no `recorded_at` was always known. Lists of cameras lose the ids
        that no record is left of. A permit without a status entry has never been active.
    """

    def known(recorded_at_us: int | None) -> bool:
        return recorded_at_us is None or recorded_at_us <= known_at_us

    cameras = [one for one in definition.cameras if known(one.recorded_at_us)]
    there = {one.camera_id for one in cameras}
    restrictions = [
        replace(one, cameras=None if one.cameras is None else _those(one.cameras, there))
        for one in definition.restrictions
        if known(one.recorded_at_us)
    ]

    def permit_known(one: Permit) -> Permit:
        return replace(
            one,
            status=tuple(entry for entry in one.status if known(entry.recorded_at_us)),
            grants=tuple(_grant(grant, there) for grant in one.grants),
        )

    return replace(
        definition,
        cameras=cameras,
        restrictions=restrictions,
        permits=[permit_known(one) for one in definition.permits if known(one.recorded_at_us)],
        closures=[one for one in definition.closures if known(one.recorded_at_us)],
    )


def late_record(permit: Permit, instant_us: int) -> tuple[str, int] | None:
    """Say what of a permit the city recorded only after an instant at which it holds.

    Parameters
    ----------
    permit
        With a status at that instant.
    instant_us
        Microseconds UTC.

    Returns
    -------
    tuple of str and int, or None
        ``permit``, or ``status`` for the entry that holds at the instant, whichever was recorded
        later, and when; None if the city knew both.
    """
    entries = [entry for entry in permit.status if entry.from_us <= instant_us]
    records = [("permit", permit.recorded_at_us)]
    records += [("status", entry.recorded_at_us) for entry in entries[-1:]]
    late = [(at, what) for what, at in records if at is not None and at > instant_us]
    if not late:
        return None
    recorded_at_us, what = max(late)
    return what, recorded_at_us


def _grant(grant: Grant, there: set[str]) -> Grant:
    """Return a grant that names no camera that nobody knows of."""
    if grant.cameras is None:
        return grant
    return replace(grant, cameras=_those(grant.cameras, there))


def _those(camera_ids: tuple[str, ...], there: set[str]) -> tuple[str, ...]:
    """Return the ids that are there."""
    return tuple(one for one in camera_ids if one in there)
