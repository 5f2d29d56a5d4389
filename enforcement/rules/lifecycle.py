"""A permit's life: when it has which status, and when it can let anyone pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enforcement.rules.places import ALWAYS_UNTIL_US

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enforcement.rules.permits import Permit, StatusEntry


def in_order(entries: Sequence[StatusEntry]) -> tuple[StatusEntry, ...]:
    """Order status entries by `from_us`; of two from one instant the one stated later is later."""
    return tuple(sorted(entries, key=lambda entry: entry.from_us))


def status_at(entries: Sequence[StatusEntry], instant_us: int) -> str | None:
    """Return the status at an instant, None before the first entry; `entries` are in order."""
    status = None
    for entry in entries:
        if entry.from_us > instant_us:
            break
        status = entry.status
    return status


def effective_periods(permit: Permit) -> tuple[tuple[int, int], ...]:
    """Return the half-open periods, microseconds UTC, in which a permit is active and valid.

    Empty when it never is: such a permit lets nobody pass.
    """
    ends = [entry.from_us for entry in permit.status[1:]] + [ALWAYS_UNTIL_US]
    periods = []
    for entry, end in zip(permit.status, ends, strict=True):
        first = max(entry.from_us, permit.valid_from_us)
        last = min(end, permit.valid_until_us)
        if entry.status == "active" and first < last:
            periods.append((first, last))
    return tuple(periods)
