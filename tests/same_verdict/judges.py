"""The three judges side by side: kernels, explanation, oracle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from enforcement.index.compiler import compile_rules
from enforcement.matching.matcher import match_hits
from tests.oracles.judgement import judge
from tests.same_verdict.translation import batch_of, definition_of, explained, matched

if TYPE_CHECKING:
    from collections.abc import Sequence


def agreed(city: dict[str, Any], hits: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the oracle's answers, after holding the kernels and the explanation to them."""
    rules = compile_rules(definition_of(city), city["routes"])
    batch = batch_of(rules, hits, city["timezone"])
    verdicts = match_hits(rules, batch)
    answers = []
    for row, hit in enumerate(hits):
        answer = judge(city, hit)
        assert explained(rules, hit, city["timezone"]) == answer, ("explanation", hit)
        assert matched(rules, batch, verdicts, row) == answer, ("kernel", hit)
        answers.append(answer)
    return answers
