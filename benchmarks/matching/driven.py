"""Fifty driven routes (Kubicka et al., IV 2015): their GPS tracks, and lines drawn from them.

Each case gives the same points to both sides, in turns, and counts the streets found, in either
direction: the maps say nothing more of a street than where it runs and whether it is one-way.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.driven_routes import NOT_CONTIGUOUS, read_driven_routes
from benchmarks.matching.drawing import (
    GOOD,
    WORSE,
    Hand,
    crop,
    draw,
    lead_round,
    reverse,
    route_points,
)
from benchmarks.matching.matchers import Meili, MeiliSettings, Ours
from benchmarks.matching.scoring import Score, median_of, street_lengths_m
from benchmarks.peers.asking import LEFT_OUT, installed
from benchmarks.peers.tiles import streets, tiles_of_graph

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path as FilePath

    import numpy.typing as npt

    from benchmarks.driven_routes import DrivenRoute
    from benchmarks.matching.drawing import Edges

    Line = npt.NDArray[np.float64]
    # Of a route and a seed: the edges meant and the points given; None where there is no such case.
    Maker = Callable[[DrivenRoute, np.random.Generator], tuple[Edges, Line] | None]

ONE_IN = 30
CROPPED_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Case:
    """How points are made, whether seeds differ, and the ways in which Meili is asked."""

    make: Maker
    seeded: bool
    meili: dict[str, MeiliSettings]


def run_driven(name: str, data: FilePath, seeds: int) -> dict[str, Any]:
    """Run one of `CASES`; the figures of each side are medians over the seeds."""
    case = CASES[name]
    seeds = seeds if case.seeded else 1
    with_meili = installed()
    sides = ["roadnet", *(case.meili if with_meili else ())]
    scores = {side: [Score() for _ in range(seeds)] for side in sides}
    lines = 0
    for route in read_driven_routes(data / "matching/kubicka50.tar.xz"):
        street = streets(route.graph)
        length_m = street_lengths_m(route.graph, street)
        ours = Ours(route.graph, street)
        peer = Meili(tiles_of_graph(route.graph, route.name)) if with_meili else nullcontext()
        with peer as meili:
            for seed in range(seeds):
                made = case.make(route, np.random.default_rng([seed, int(route.name)]))
                if made is None:
                    continue
                truth, points = street[made[0]], made[1]
                lines += 1
                for side in sides:
                    if side == "roadnet":
                        answer = ours.match(points)
                    else:
                        answer = meili.match(points, case.meili[side])
                    scores[side][seed].count(route.name, length_m, truth, answer, answer.streets)
    figures: dict[str, Any] = {side: median_of(scores[side]) for side in sides}
    if not with_meili:
        figures["meili"] = LEFT_OUT
    return {"lines": lines, "seeds": seeds, "sides": figures}


def _track(route: DrivenRoute, _rng: np.random.Generator) -> tuple[Edges, Line] | None:
    return route.truth, route.track


def _thinned(route: DrivenRoute, _rng: np.random.Generator) -> tuple[Edges, Line] | None:
    return route.truth, route.track[::ONE_IN]


def _drawn(hand: Hand) -> Maker:
    def make(route: DrivenRoute, rng: np.random.Generator) -> tuple[Edges, Line] | None:
        truth = route.longest_piece()
        return truth, draw(route_points(route.graph, truth), hand, rng)

    return make


def _drawn_across_holes(route: DrivenRoute, rng: np.random.Generator) -> tuple[Edges, Line] | None:
    if route.name == NOT_CONTIGUOUS:
        return None
    return route.truth, draw(route_points(route.graph, route.truth), GOOD, rng)


def _reversed(route: DrivenRoute, rng: np.random.Generator) -> tuple[Edges, Line] | None:
    truth = reverse(route.graph, route.longest_piece())
    return None if truth is None else (truth, draw(route_points(route.graph, truth), GOOD, rng))


def _cropped(route: DrivenRoute, rng: np.random.Generator) -> tuple[Edges, Line] | None:
    truth = crop(route.graph, route.longest_piece(), CROPPED_SHARE, rng)
    return truth, draw(route_points(route.graph, truth), GOOD, rng)


def _detoured(route: DrivenRoute, rng: np.random.Generator) -> tuple[Edges, Line] | None:
    truth = lead_round(route.graph, route.longest_piece(), rng)
    return None if truth is None else (truth, draw(route_points(route.graph, truth), GOOD, rng))


_DENSE = {"meili": MeiliSettings(densify_m=40.0)}
CASES = {
    "track": Case(
        _track,
        seeded=False,
        meili={"meili": MeiliSettings(), "meili with times": MeiliSettings(times=True)},
    ),
    "track_one_in_30": Case(_thinned, seeded=False, meili={"meili": MeiliSettings()}),
    "drawn": Case(
        _drawn(GOOD),
        seeded=True,
        meili={"meili as drawn": MeiliSettings(), **_DENSE},
    ),
    "drawn_across_holes": Case(_drawn_across_holes, seeded=True, meili=_DENSE),
    "drawn_worse": Case(
        _drawn(WORSE),
        seeded=True,
        meili={"meili": MeiliSettings(densify_m=40.0, search_radius_m=100.0)},
    ),
    "reversed": Case(_reversed, seeded=True, meili=_DENSE),
    "cropped": Case(_cropped, seeded=True, meili=_DENSE),
    "detour": Case(_detoured, seeded=True, meili=_DENSE),
}
