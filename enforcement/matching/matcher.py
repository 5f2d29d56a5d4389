"""What the rules say of each hit of a batch: checks, allocates, calls the kernel, names the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enforcement.matching.kernel_arrays import (
    block_arrays,
    hit_arrays,
    rules_arrays,
    verdict_arrays,
)
from enforcement.matching.kernels import match

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from enforcement.index.layout import Rules
    from ingest.hits import HitBatch

_BLOCK: Final = 2048  # hits that go through the passes together; they stay in the cache


@dataclass(frozen=True, slots=True, eq=False)
class VerdictBatch:
    """The verdicts on n hits, in their order; -1 is null.

    Attributes
    ----------
    verdict, reason
        (n,) uint8 codes of `enforcement.findings.Verdict` and `Reason`.
    restriction, permit
        (n,) int32 places in `Rules.restriction_ids` and `Rules.permit_ids`: what a violation
        names. A permitted hit has the permit and grant that cover it.
    grant
        (n,) int32 place among all grants of the rules.
    vehicle_class
        (n,) uint8 the class that was judged, after the registry; as seen for a hit that was not
        judged (malformed, unreadable, unknown_camera).
    camera
        (n,) int32 camera record in service at that instant.
    """

    verdict: npt.NDArray[np.uint8]
    reason: npt.NDArray[np.uint8]
    restriction: npt.NDArray[np.int32]
    permit: npt.NDArray[np.int32]
    grant: npt.NDArray[np.int32]
    vehicle_class: npt.NDArray[np.uint8]
    camera: npt.NDArray[np.int32]

    def __len__(self) -> int:
        """Return the number of hits."""
        return int(self.verdict.shape[0])


def match_hits(rules: Rules, batch: HitBatch) -> VerdictBatch:
    """Judge each hit by docs/judgement.md, steps 0 to 8, without regard to any other hit.

    Parameters
    ----------
    rules
        Compiled rules.
    batch
        n hits in any order. `camera` is coded by `rules.camera_ids`, `plate_key` by a `PlateKeys`
        made with `rules.side_plates`; instants outside 1970 to 2100 count as missing.

    Returns
    -------
    VerdictBatch
        n rows in the order of `batch`.

    Raises
    ------
    ValueError
        The columns differ in length, or a camera code lies outside `rules.camera_ids`: the batch
        was coded for other rules.
    """
    hits = hit_arrays(batch)
    count = len(batch)
    if any(column.shape != (count,) for column in hits):
        raise ValueError("the columns of a hit batch must be of one length")
    if count and int(hits.camera.max()) >= len(rules.camera_ids):
        raise ValueError(
            f"camera code {int(hits.camera.max())} is outside the code book of these rules, "
            f"which hold {len(rules.camera_ids)} cameras"
        )
    out = verdict_arrays(count)
    view = rules_arrays(rules)
    match(
        hits,
        view.clock,
        view.cameras,
        view.restrictions,
        view.plates,
        view.permits,
        float(rules.judgement.min_confidence),
        block_arrays(_BLOCK),
        out,
    )
    return VerdictBatch(*out)
