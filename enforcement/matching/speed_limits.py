"""The speed limits of permits: whose they are, and which drives break them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from enforcement.findings import Verdict
from enforcement.matching.kernel_arrays import drive_arrays, rules_arrays
from enforcement.matching.speed_kernels import mark_limited, weigh_speeds

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.index.layout import Rules
    from enforcement.matching.matcher import VerdictBatch


class DriveEnd(NamedTuple):
    """One hit of each of n drives: camera record, microseconds UTC, whether it is `permitted`."""

    record: npt.NDArray[np.int32]
    captured_at_us: npt.NDArray[np.int64]
    permitted: npt.NDArray[np.bool_]


class Forbidden(NamedTuple):
    """What forbids each of n drives: int32 permit, and its grant at the second hit; -1 for none."""

    permit: npt.NDArray[np.int32]
    grant: npt.NDArray[np.int32]


def under_limits(
    rules: Rules, plate_key: npt.NDArray[np.uint64], verdicts: VerdictBatch
) -> npt.NDArray[np.bool_]:
    """Tell which hits that are no violation may become one by the speed of the drive there.

    Parameters
    ----------
    rules
        Compiled rules.
    plate_key, verdicts
        (n,) of the hits.

    Returns
    -------
    numpy.ndarray
        (n,) bool: a permit with a speed limit names the plate, or, seldom, another permit or the
        registry does. None in rules without metres between cameras.
    """
    marked = np.zeros(len(verdicts), np.bool_)
    if rules.section_metres.size:
        view = rules_arrays(rules)
        mark_limited(plate_key, view.speed.limited, view.plates.slots, marked)
        verdict = verdicts.verdict
        marked &= (verdict == Verdict.PERMITTED) | (verdict == Verdict.NOT_RESTRICTED)
    return marked


def forbid_by_speed(
    rules: Rules,
    vehicle: tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint8]],
    ends: tuple[DriveEnd, DriveEnd],
    kmh: npt.NDArray[np.float64],
) -> Forbidden:
    """Find the permit whose speed limit each drive breaks.

    A drive is under a permit in force at both hits, if grants of it cover both. Permits that
    exempt count only where both hits are `permitted`: elsewhere nobody needed them. If permits
    that confine are among those, they alone count. The drive is forbidden if it is faster than
    each of them allows; named is the one that allows most, then the smallest permit_id.

    Parameters
    ----------
    rules
        Compiled rules.
    vehicle
        (n,) plate keys and plate classes.
    ends
        The hits that each drive begins and ends with.
    kmh
        (n,) how fast the vehicle drove at least.

    Returns
    -------
    Forbidden
        n rows.
    """
    count = kmh.shape[0]
    found = Forbidden(np.empty(count, np.int32), np.empty(count, np.int32))
    view = rules_arrays(rules)
    first, second = ends
    drives = drive_arrays(
        *vehicle,
        np.column_stack((first.record, second.record)),
        np.column_stack((first.captured_at_us, second.captured_at_us)),
        first.permitted & second.permitted,
        kmh,
    )
    weigh_speeds(drives, view.clock, view.plates.slots, view.permits, view.speed.most_kmh, *found)
    return found
