"""What is true of remembered hits by what is known now: `engine.settle` of all of them in one piece."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from enforcement.engine import settle
from enforcement.findings import Verdict
from enforcement.settling.judged_rows import NOT_TOLD, WARNED
from enforcement.settling.state import Totals

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from enforcement.index.layout import Rules
    from enforcement.settling.judged_rows import JudgedRows


class Decision(NamedTuple):
    """What n rows with v violations are to each other.

    Attributes
    ----------
    now
        (v,) uint8 what is true of each violation, as of `JudgedRows.told`.
    permit, grant
        (v,) int32, of those by speed the ones that the drive was under.
    verdict
        (n,) uint8.
    repeated
        (n,) True for duplicates.
    """

    now: npt.NDArray[np.uint8]
    permit: npt.NDArray[np.int32]
    grant: npt.NDArray[np.int32]
    verdict: npt.NDArray[np.uint8]
    repeated: npt.NDArray[np.bool_]

    def totals(self, among: npt.NDArray[np.bool_]) -> Totals:
        """Return what became of some of the rows, (n,) True for those."""
        stay = self.verdict[among & ~self.repeated]
        return Totals(np.bincount(stay, minlength=len(Verdict)), int((self.repeated & among).sum()))


def decide(rules: Rules, rows: JudgedRows, workers: int) -> Decision:
    """Settle rows that are in order, whose places tell twins apart."""
    judged = rows.judged
    settled = settle(rules, [judged], _rank, side_plates=rows.side_plates, workers=workers)
    kept = settled.kept[0]
    now = np.full(kept.size, NOT_TOLD, np.uint8)
    now[kept] = settled.held[0] + 1 + np.where(settled.warning, np.uint8(WARNED), np.uint8(0))
    permit, grant = judged.permit.copy(), judged.grant.copy()
    permit[kept], grant[kept] = settled.suspects.permit, settled.suspects.grant
    verdict = judged.passages.outcome.copy()
    verdict[judged.violations[kept]] = Verdict.VIOLATION
    return Decision(now, permit, grant, verdict, settled.repeated[0])


def _rank(pairs: Sequence[tuple[int, int]]) -> list[tuple[str, ...]]:
    return [(f"{row:020}",) for _, row in pairs]
