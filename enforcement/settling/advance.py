"""Taking in batch after batch: `(state, batch) -> (state, findings)`.

As long as all hits lie within one horizon, whatever their cut and order, what was told last of each
is what `engine.settle` says of all in one piece, and the state is the same to the byte. Over longer
times that holds for any cut of hits that come in order; a hit is final when the hits of a horizon
after it are in, and rests on the day before it too. A plate that shows twice to be two vehicles'
is believed to be cloned for as long as both times are remembered, and a hit_id is known again for
as long as its hit is.

Each call settles all that is remembered, so that it costs what a sweep of a few days does: take in
hits by the minute or more, not one by one. `freightpass sweep` has all its hits at once: it calls the
engine itself, which asks it for a few hit_ids, where a state must know and sort those of all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from enforcement.errors import SettlingStateError
from enforcement.settling.believed_steps import next_believed
from enforcement.settling.changes import Changes, Findings, all_changes, changes_of, no_changes
from enforcement.settling.deciding import decide
from enforcement.settling.judged_rows import NOT_TOLD, merged, untold
from enforcement.settling.state import Totals

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pyarrow as pa

    from enforcement.engine import JudgedBatch
    from enforcement.index.layout import Rules
    from enforcement.settling.state import SettlingState


def advance(
    rules: Rules,
    state: SettlingState,
    judged: JudgedBatch,
    hit_id: pa.Array,
    *,
    side_plates: Sequence[str] | None = None,
    workers: int = 1,
) -> tuple[SettlingState, Findings]:
    """Take in a batch of judged hits.

    Parameters
    ----------
    rules
        The rules of the state.
    state
        What is remembered; it is left as it is.
    judged
        The batch, of any size and order.
    hit_id
        (n,) string: the hit_id of each of its passages, given or derived.
    side_plates
        The side table that its plate keys point into; None for that of the rules.
    workers
        Threads to use; the answer does not depend on it.

    Returns
    -------
    state : SettlingState
        To go on with.
    findings : Findings
        What to tell.

    Raises
    ------
    SettlingStateError
        The state belongs to other rules.
    """
    check_rules(rules, state.rules_hash)
    came = untold(judged, hit_id, rules.side_plates if side_plates is None else side_plates)
    late = came.captured_at_us < state.final_before_us
    rejected = judged.counts - came.judged.counts
    came = came.some(~late)
    rows, new = merged(state.rows, came, rules.side_plates)
    final = state.final + Totals(rejected, too_late=int(late.sum()))
    moving = _moved_on(rules, _Moving(replace(state, rows=rows, final=final), ()), workers)
    if moving.state.step != state.step:
        moving = _without_early(rules, moving, ~new)
    after, totals, changes = _told(rules, moving, workers)
    return after, Findings(changes, judged.rows_of(np.flatnonzero(late)), totals)


def finish(rules: Rules, state: SettlingState) -> Findings:
    """End: what is remembered becomes final as it was told, and what is too far ahead is taken back.

    Raises
    ------
    SettlingStateError
        The state belongs to other rules.
    """
    check_rules(rules, state.rules_hash)
    moving = _without_early(rules, _Moving(state, ()), np.ones(len(state.rows), np.bool_))
    _, totals, changes = _told(rules, moving, workers=1)
    return Findings(changes, np.zeros(0, np.int32), totals)


def check_rules(rules: Rules, rules_hash: str) -> None:
    """Raise SettlingStateError unless a state is of these rules."""
    if rules_hash != rules.content_hash:
        raise SettlingStateError(
            "state_of_other_rules",
            f"the state belongs to the rules {rules_hash}, these are {rules.content_hash}; "
            "begin anew with the hits of the last days",
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Moving:
    """A state on its way, and what there is to tell so far."""

    state: SettlingState
    pieces: tuple[Changes, ...]

    def without(self, rules: Rules, gone: npt.NDArray[np.bool_], final: Totals) -> _Moving:
        """Forget some rows, (n,) True for those, and take back what was told of them."""
        if not gone.any():
            return self
        rows = self.state.rows
        taken_back = np.full(rows.told.size, NOT_TOLD, np.uint8)
        piece = changes_of(rules, rows, taken_back, gone[rows.judged.violations])
        state = replace(self.state, rows=rows.some(~gone), final=self.state.final + final)
        return _Moving(state, (*self.pieces, piece))


def _moved_on(rules: Rules, moving: _Moving, workers: int) -> _Moving:
    """Move time on step by step, as far as it is believed."""
    while True:
        state = moving.state
        following = next_believed(
            state.rows.captured_at_us,
            state.rows.judged.passages.camera,
            state.horizon_us,
            state.step,
            len(rules.camera_ids),
        )
        if following is None:
            return moving
        moved = replace(state, step=following)
        if state.step is None:
            late = state.rows.captured_at_us < moved.final_before_us
            moving = _Moving(moved, moving.pieces).without(
                rules, late, Totals(too_late=int(late.sum()))
            )
        else:
            moving = _finally(rules, replace(moving, state=moved), state.final_before_us, workers)
            moving = _forgotten(rules, moving)


def _finally(rules: Rules, moving: _Moving, from_us: int, workers: int) -> _Moving:
    """Decide for good what lies from an instant to the horizon, by the hits before the new step."""
    state = moving.state
    until_us = state.final_before_us
    rows = state.rows

    def become_final(at: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        mine: npt.NDArray[np.bool_] = (from_us <= at) & (at < until_us)
        return mine

    if not become_final(rows.captured_at_us).any():
        return moving
    known = rows.before(state.step_from_us)
    decision = decide(rules, known, workers)
    mine = become_final(known.violation_at_us)
    piece = changes_of(rules, known, decision.now, mine, (decision.permit, decision.grant))
    told = rows.told.copy()
    told[: mine.size][mine] = decision.now[mine]
    final = state.final + decision.totals(become_final(known.captured_at_us))
    return _Moving(
        replace(state, rows=replace(rows, told=told), final=final), (*moving.pieces, piece)
    )


def _forgotten(rules: Rules, moving: _Moving) -> _Moving:
    """Forget the rows that are not even evidence any more, and the repetitions of their hit_ids."""
    state = moving.state
    passages = state.rows.judged.passages
    at = state.rows.captured_at_us
    old = at < state.remembered_from_us
    ids = np.unique(passages.id_high[old & (passages.id_high != 0)])
    again = np.isin(passages.id_high, ids) & ~old & (at < state.step_from_us)
    repetitions = int((again & (at >= state.final_before_us)).sum())
    kept = replace(state, rows=state.rows.since(state.remembered_from_us))
    return replace(moving, state=kept).without(rules, again[~old], Totals(duplicates=repetitions))


def _without_early(rules: Rules, moving: _Moving, old: npt.NDArray[np.bool_]) -> _Moving:
    """Give up old hits that time did not come to when it moved, as those of 2099.

    `old` is about the rows before any was forgotten: the last ones are the same still. The hits of
    the batch itself wait for the next one, since time may come to them with it.
    """
    at = moving.state.rows.captured_at_us
    early = at >= moving.state.early_from_us
    ahead = int(early.sum())
    early[at.size - ahead :] = old[old.size - ahead :]
    moving = moving.without(rules, early, Totals(too_early=int(early.sum())))
    rows = moving.state.rows.unread_between(
        moving.state.remembered_from_us, moving.state.early_from_us
    )
    return replace(moving, state=replace(moving.state, rows=rows))


def _told(rules: Rules, moving: _Moving, workers: int) -> tuple[SettlingState, Totals, Changes]:
    """Decide for now what is not final; return the state that knows it was told, and what to tell."""
    state = moving.state
    rows = state.rows
    if not len(rows):
        return state, state.final, all_changes([*moving.pieces, no_changes(rules, rows)])
    decision = decide(rules, rows, workers)
    open_still = rows.violation_at_us >= state.final_before_us
    named = (decision.permit, decision.grant)
    piece = changes_of(rules, rows, decision.now, open_still, named)
    told = np.where(open_still, decision.now, rows.told)
    totals = state.final + decision.totals(rows.captured_at_us >= state.final_before_us)
    after = replace(state, rows=replace(rows, told=told))
    return after, totals, all_changes([*moving.pieces, piece])
