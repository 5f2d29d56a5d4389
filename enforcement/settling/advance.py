"""Taking in batch after batch: `(state, batch) -> (state, findings)`.

A step of time is decided by the hits of a fixed window around it, once none of them can come any
more (`state`); what is newer is decided for now by all that is remembered. So hits that come at most
a horizon late end alike in any order and cut, and give the same state to the byte; as long as all of
them lie within one horizon, as `engine.settle` says of all in one piece.

Each call settles all that is remembered, so that it costs what a sweep of a few days does: take in
hits by the minute or more, not one by one. `freightpass sweep` has all its hits at once: it calls the
engine itself, which asks it for a few hit_ids, where a state must know and sort those of all.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from enforcement.errors import SettlingStateError
from enforcement.settling.believed_step import believed_step
from enforcement.settling.changes import Findings, all_changes, changes_of
from enforcement.settling.deciding import decide
from enforcement.settling.judged_rows import END_US, NOT_TOLD, merged, untold, with_own_plates
from enforcement.settling.state import Totals

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pyarrow as pa

    from enforcement.engine import JudgedBatch
    from enforcement.index.layout import Rules
    from enforcement.settling.changes import Changes
    from enforcement.settling.judged_rows import JudgedRows
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
    too_late = np.flatnonzero(came.captured_at_us < state.late_before_us)
    apart = Totals(judged.counts - came.judged.counts, too_late=too_late.size)
    came = came.between(state.late_before_us)
    step = _believed_step(rules, state, came)
    after = replace(state, step=step, final=state.final + apart)
    early_from_us = END_US if step == state.step else after.early_from_us
    old = state.rows.unread_between(until_us=early_from_us)
    rows, new = merged(old, came, rules.side_plates)
    # What comes ahead of time waits for the next batch, with which time may come to it.
    early = (rows.captured_at_us >= early_from_us) & ~new
    after, taken_back = _without_early(rules, replace(after, rows=rows), early)
    after, final = _finally(rules, after, state.final_before_us, workers)
    after = replace(after, rows=after.rows.between(after.remembered_from_us))
    after, totals, told = _told(rules, after, workers)
    after = replace(after, rows=with_own_plates(after.rows, rules.side_plates))
    changes = all_changes([taken_back, *final, told])
    return after, Findings(changes, judged.rows_of(too_late), totals)


def finish(rules: Rules, state: SettlingState) -> Findings:
    """End: what is remembered becomes final as it was told, and what is too far ahead is taken back.

    Raises
    ------
    SettlingStateError
        The state belongs to other rules.
    """
    check_rules(rules, state.rules_hash)
    early = state.rows.captured_at_us >= state.early_from_us
    after, taken_back = _without_early(rules, state, early)
    rows = after.rows.unread_between(until_us=state.early_from_us)
    _, totals, told = _told(rules, replace(after, rows=rows), workers=1)
    return Findings(all_changes([taken_back, told]), np.zeros(0, np.int32), totals)


def check_rules(rules: Rules, rules_hash: str) -> None:
    """Raise SettlingStateError unless a state is of these rules."""
    if rules_hash != rules.content_hash:
        raise SettlingStateError(
            "state_of_other_rules",
            f"the state belongs to the rules {rules_hash}, these are {rules.content_hash}; "
            "begin anew with the hits of the last days",
        )


def _believed_step(rules: Rules, state: SettlingState, came: JudgedRows) -> int | None:
    """Return how far time has come with a batch."""
    both = (state.rows, came)
    return believed_step(
        np.concatenate([rows.captured_at_us for rows in both]),
        np.concatenate([rows.judged.passages.camera for rows in both]),
        state.step_us,
        state.step,
        len(rules.camera_ids),
    )


def _without_early(
    rules: Rules, state: SettlingState, early: npt.NDArray[np.bool_]
) -> tuple[SettlingState, Changes]:
    """Give up hits, (n,) True for those, and take back what was told of them."""
    rows = state.rows
    nothing = np.full(rows.told.size, NOT_TOLD, np.uint8)
    taken_back = changes_of(rules, rows, nothing, early[rows.judged.violations])
    final = state.final + Totals(too_early=int(early.sum()))
    return replace(state, rows=rows.some(~early), final=final), taken_back


def _finally(
    rules: Rules, state: SettlingState, from_us: int, workers: int
) -> tuple[SettlingState, list[Changes]]:
    """Decide for good what became final, step by step, each by its own window."""
    rows, final, pieces = state.rows, state.final, []
    told = rows.told.copy()
    for begin_us in _steps_between(state, from_us, state.final_before_us):
        end_us = begin_us + state.step_us
        window = rows.between(*state.window_us(begin_us))
        decision = decide(rules, window, workers)
        mine = _within(window.violation_at_us, begin_us, end_us)
        named = (decision.permit, decision.grant)
        pieces.append(changes_of(rules, window, decision.now, mine, named))
        told[_within(rows.violation_at_us, begin_us, end_us)] = decision.now[mine]
        final += decision.totals(_within(window.captured_at_us, begin_us, end_us))
    return replace(state, rows=replace(rows, told=told), final=final), pieces


def _steps_between(state: SettlingState, from_us: int, until_us: int) -> list[int]:
    """Return when the steps begin that have hits between two instants."""
    at = state.rows.captured_at_us
    steps = np.unique(at[_within(at, from_us, until_us)] // state.step_us)
    return [step * state.step_us for step in steps.tolist()]


def _within(at_us: npt.NDArray[np.int64], from_us: int, until_us: int) -> npt.NDArray[np.bool_]:
    within: npt.NDArray[np.bool_] = (from_us <= at_us) & (at_us < until_us)
    return within


def _told(
    rules: Rules, state: SettlingState, workers: int
) -> tuple[SettlingState, Totals, Changes]:
    """Decide for now what is not final; return the state that knows it was told, and what to tell."""
    rows = state.rows
    decision = decide(rules, rows, workers)
    still_open = rows.violation_at_us >= state.final_before_us
    named = (decision.permit, decision.grant)
    told = changes_of(rules, rows, decision.now, still_open, named)
    now = np.where(still_open, decision.now, rows.told)
    totals = state.final + decision.totals(rows.captured_at_us >= state.final_before_us)
    return replace(state, rows=replace(rows, told=now)), totals, told
