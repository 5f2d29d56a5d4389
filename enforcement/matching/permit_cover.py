"""Which permits cover vehicles at cameras and instants, restricted there or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from enforcement.findings import Verdict
from enforcement.index.civil_time import MINUTE_US
from enforcement.matching.kernel_arrays import (
    NOT_LOOKED_FOR,
    block_arrays,
    hit_arrays,
    rules_arrays,
    verdict_arrays,
)
from enforcement.matching.permit_kernels import fetch, weigh

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.index.layout import Rules
    from ingest.hits import HitBatch


class PermitCover(NamedTuple):
    """What covers n hits: (n,) int32 places in `Rules.permit_ids` and among all grants, -1 for none."""

    permit: npt.NDArray[np.int32]
    grant: npt.NDArray[np.int32]


def covering_permits(rules: Rules, hits: HitBatch, record: npt.NDArray[np.int32]) -> PermitCover:
    """Ask of each hit what permit would let the vehicle pass if permits were needed.

    Steps 3, 4 and 7 of docs/judgement.md, by the same kernel as every verdict: as if one
    restriction that permits exempt from applied to every hit, whatever its vehicle_class.

    Parameters
    ----------
    rules
        Compiled rules.
    hits
        n hits; instants are from 1970 to 2100, camera and vehicle_class are not looked at.
    record
        (n,) camera records.

    Returns
    -------
    PermitCover
        The smallest permit that covers each hit and its first grant that does; none where a
        permit in force confines the vehicle to other places or hours.
    """
    count = len(hits)
    view = rules_arrays(rules)
    block = block_arrays(count)
    block.slot[:] = NOT_LOOKED_FOR
    block.pending[:] = np.arange(count)
    block.restriction[:] = 0
    block.warned_ban[:] = -1
    at = hits.captured_at_us
    span = np.searchsorted(rules.zone_from_us, at, side="right") - 1
    block.minute[:] = (at + rules.zone_offset_us[np.maximum(span, 0)]) // MINUTE_US
    out = verdict_arrays(count)
    out.camera[:] = record
    arrays = hit_arrays(hits)
    exempting = np.zeros(1, np.uint8)
    exempting.flags.writeable = False
    slots = view.plates.slots
    fetch(0, count, arrays, slots, view.permits, out, block)
    weigh(0, count, arrays, view.clock, exempting, slots, view.permits, out, block)
    covered = out.verdict == Verdict.PERMITTED
    return PermitCover(
        np.where(covered, out.permit, np.int32(-1)), np.where(covered, out.grant, np.int32(-1))
    )
