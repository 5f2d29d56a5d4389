"""Counts metres found, missed and driven beside the truth."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from benchmarks.matching.matchers import Answer
    from roadnet.graph import RoadGraph

    Numbers = npt.NDArray[np.integer]
    Metres = npt.NDArray[np.float64]


@dataclass(slots=True)
class Score:
    """Metres of streets over many routes, and the seconds that matching took."""

    truth_m: float = 0.0
    found_m: float = 0.0
    extra_m: float = 0.0
    failed: int = 0
    cpu_s: float = 0.0
    wrong_m: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, length_m: Metres, truth: Numbers, found: Numbers) -> None:
        """Count one route: streets driven and streets found, each once; lengths by street."""
        known, made = np.unique(truth), np.unique(found)
        truth_m = float(length_m[known].sum())
        found_m = float(length_m[np.intersect1d(known, made)].sum())
        extra_m = float(length_m[np.setdiff1d(made, known)].sum())
        self.truth_m += truth_m
        self.found_m += found_m
        self.extra_m += extra_m
        self.wrong_m[name] = self.wrong_m.get(name, 0.0) + truth_m - found_m + extra_m

    def count(
        self, name: str, length_m: Metres, truth: Numbers, answer: Answer, found: Numbers
    ) -> None:
        """Count one route, what its answer took, and whether there was one."""
        self.add(name, length_m, truth, found)
        self.cpu_s += answer.cpu_s
        self.failed += answer.failed

    def figures(self) -> dict[str, float]:
        """Return percentages of the truth's length, routes without an answer, and CPU seconds."""
        return {
            "recall_pct": 100.0 * self.found_m / self.truth_m,
            "mismatch_pct": 100.0 * (self.truth_m - self.found_m + self.extra_m) / self.truth_m,
            "failed": self.failed,
            "cpu_s": self.cpu_s,
        }

    def worst(self, count: int = 5) -> dict[str, float]:
        """Return the routes with the most metres missed and extra."""
        ranked = sorted(self.wrong_m.items(), key=lambda item: -item[1])
        return {name: round(metres, 1) for name, metres in ranked[:count]}


def median_of(scores: list[Score]) -> dict[str, Any]:
    """Return the median of each figure over the seeds, and the routes that lost most in the first."""
    figures = [score.figures() for score in scores]
    medians: dict[str, Any] = {
        name: statistics.median(one[name] for one in figures) for name in figures[0]
    }
    return {**medians, "worst_m": scores[0].worst()}


def street_lengths_m(graph: RoadGraph, street: Numbers) -> Metres:
    """Return the metres of each street; its edges are equally long."""
    length_m = np.zeros(int(street.max()) + 1)
    length_m[street] = graph.edge_length_m
    return length_m
