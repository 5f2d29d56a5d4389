"""One hit explained to the end: steps 0 to 8, each doubt, where the route runs, what could clear it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from enforcement.explaining.answers import answers_of_rules
from enforcement.explaining.camera_words import camera_step
from enforcement.explaining.clock_words import calendar_step, clock_step
from enforcement.explaining.closure_words import detour_step
from enforcement.explaining.doubtful_hit import doubtful_hit
from enforcement.explaining.look_alike_words import look_alike_step
from enforcement.explaining.remedies import settle_step
from enforcement.explaining.route_words import route_step
from enforcement.explaining.sighting_words import travel_step
from enforcement.findings import HELD_CODES, Reason, Verdict
from enforcement.matching.explain import Explanation, explain_hit
from enforcement.matching.wording import Step
from ingest.plate_keys import PlateKeys

if TYPE_CHECKING:
    from enforcement.coverage import CityCoverage
    from enforcement.explaining.answers import Answers
    from enforcement.explaining.doubtful_hit import DoubtfulHit
    from enforcement.index.layout import Rules
    from enforcement.matching.single_hit import Hit


@dataclass(frozen=True, slots=True)
class FullExplanation(Explanation):
    """The verdict, and what holds it back.

    Attributes
    ----------
    held
        The code that holds a violation, as far as it is known without what `needs_hits` names.
    asked
        By what the doubts were asked: ``rules``, ``hits`` or ``result``; None for what is no violation.
    needs_hits
        Codes of the doubts that only the hits of the period can tell.
    """

    held: str | None
    asked: str | None
    needs_hits: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as JSON values with stable keys."""
        told = Explanation.to_dict(self)
        steps = told.pop("steps")
        doubts = {"held": self.held, "asked": self.asked, "needs_hits": list(self.needs_hits)}
        return {**told, **doubts, "steps": steps}

    def with_step(self, step: Step | None) -> FullExplanation:
        """Return the same with a step more before the summary."""
        return self if step is None else replace(self, steps=(*self.steps[:-1], step, self.summary))


def explain_by_rules(
    rules: Rules, hit: Hit, coverage: CityCoverage | None = None
) -> FullExplanation:
    """Judge one hit, and ask the doubts about it as far as the rules alone can tell.

    Parameters
    ----------
    rules
        Compiled rules of the city.
    hit
        One hit; nothing in it needs to be right.
    coverage
        The city on its roads, for where routes run; None where only rules are known.

    Returns
    -------
    FullExplanation
        `held` is what a sweep of this hit alone would say, but for `look_alike` where that
        depends on the vehicle's being seen elsewhere.
    """
    doubtful = doubtful_hit(rules, PlateKeys(rules.side_plates), hit)
    if doubtful is None:
        return _with_doubts(explain_hit(rules, hit), None, ())
    return tell_doubts(doubtful, answers_of_rules(doubtful), coverage)


def tell_doubts(
    doubtful: DoubtfulHit, answers: Answers, coverage: CityCoverage | None
) -> FullExplanation:
    """Put the doubts about a violation behind the steps that led to it."""
    explanation, held = doubtful.explanation, answers.held
    doubts = {
        "camera": camera_step(answers),
        "clock": clock_step(doubtful, holds=bool(answers.holds["clock"])),
        "calendar": calendar_step(doubtful, holds=bool(answers.holds["calendar"])),
        "implausible_travel": travel_step(doubtful, answers),
        "look_alike": look_alike_step(doubtful, answers),
        "detour": detour_step(doubtful, coverage, answers.state("detour")),
    }
    *before, remedy, summary = explanation.steps
    route = route_step(doubtful, coverage)
    steps = [*before, *([route] if route else []), *(doubts[code] for code in HELD_CODES)]
    steps.append(remedy)
    if held is not None:
        steps.append(settle_step(held))
        summary = _held_summary(summary, doubts[held], held)
    return _with_doubts(explanation, answers, (*steps, summary))


def as_duplicate(explanation: Explanation, duplicate: Step) -> FullExplanation:
    """Explain a reading that is dropped as a duplicate of an earlier one, so that nothing is suspected."""
    *before, summary = explanation.steps
    dropped = Step("summary", duplicate.zh, duplicate.en, summary.data)
    steps = [one for one in before if one.code != "remedy"]
    return _with_doubts(explanation, None, (*steps, duplicate, dropped))


def as_over_speed(
    explanation: Explanation, row: dict[str, Any], asked: str, drive: Step, doubts: dict[str, Step]
) -> FullExplanation:
    """Explain a hit that is suspected for the drive to it, though the rules let it be there then.

    Parameters
    ----------
    explanation
        Steps 0 to 8 of the hit.
    row
        The violation, of VIOLATIONS_SCHEMA; steps 0 to 8 may have no permit, or another one.
    asked
        By what the doubts were asked.
    drive
        Why the drive is suspected; its words are the summary too.
    doubts
        The doubt that holds it by its code, if one does.
    """
    named = {name: row[name] for name in ("restriction_id", "permit_id", "route_id", "warning")}
    found = replace(
        explanation, verdict=Verdict.VIOLATION, reason=Reason.OVER_SPEED, grant=None, **named
    )
    summary = Step("summary", drive.zh, drive.en, {"verdict": "violation", "reason": "over_speed"})
    steps = [*explanation.steps[:-1], drive]
    for held, doubt in doubts.items():
        steps += [doubt, settle_step(held)]
        summary = _held_summary(summary, doubt, held)
    told = _with_doubts(found, None, (*steps, summary))
    return replace(told, held=next(iter(doubts), None), asked=asked)


def _held_summary(summary: Step, doubt: Step, held: str) -> Step:
    """Return the verdict in words that do not suspect while a doubt lasts."""
    return Step(
        "summary",
        f"存疑待查，暂不列为疑似违规：{doubt.zh}如无此疑，则为：{summary.zh}",
        f"Held back by a doubt, not suspected while it lasts: {doubt.en} Without it: {summary.en}",
        {**summary.data, "held": held},
    )


def _with_doubts(
    explanation: Explanation, answers: Answers | None, steps: tuple[Step, ...]
) -> FullExplanation:
    """Add what the doubts say to an explanation; no answers for what is no violation."""
    values = {field.name: getattr(explanation, field.name) for field in fields(explanation)}
    return FullExplanation(
        **(values | {"steps": steps or explanation.steps}),
        held=answers.held if answers else None,
        asked=answers.asked if answers else None,
        needs_hits=answers.needs_hits if answers else (),
    )
