"""What a matcher believes of drawn lines and of GPS tracks, in words and as the kernels take it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from roadnet.types import FloatArray

# Places in the vector that the kernels take; what each means is said by `Tuning`.
RADIUS: Final = 0
RADIUS_LIMIT: Final = 1
SIGMA: Final = 2
HEADING: Final = 3
BETA: Final = 4
UTURN: Final = 5
BACKWARD: Final = 6
BEAM: Final = 7
REACH_FACTOR: Final = 8
REACH: Final = 9
WIDE_FACTOR: Final = 10
WIDE: Final = 11
PRIOR: Final = 12  # how much of the road classes' weight counts
TURN: Final = 13
GROWTH: Final = 14
WORST: Final = 15
REPEAT: Final = 16
JUNCTION: Final = 17


@dataclass(frozen=True, slots=True)
class Tuning:
    """What a matcher believes of drawn lines; found on lines with 10 m noise.

    Attributes
    ----------
    radius_m
        Roads this near to a point are looked at.
    radius_limit_m
        Where there is none, up to this far.
    sigma_m
        Standard deviation of a roughly drawn line from its street, kinks left out included; less is
        taken for a line that keeps to the streets.
    heading
        Weight of the direction: half the log likelihood lost by driving opposite to the line.
    beta_m
        Scale of the difference between the way driven and the line, between two points.
    growth
        That scale grows by this share of the line between the two points.
    junction_m, turn_m
        A junction driven straight over counts as this much way, and a right angle there as that
        much more, a lesser turn as less.
    uturn_m
        A turn round counts as this much way.
    backward_m
        A place this far behind the last one on the same edge is a standstill.
    beam
        Candidates this much less likely than the best are not followed.
    worst
        No point makes a path less likely than this: it is off for a reason of its own.
    repeat
        Points set between two of the hand's own tell nothing new: n of them count as n to the
        power of one minus this.
    own
        At a point of the hand's own the street was looked at: it shares what it tells with so many
        times fewer than those set between.
    reach_factor, reach_m
        How far a way between two points is looked for, in multiples of the line and metres.
    wide_factor, wide_m
        Likewise, where nothing was found.
    step_m
        Points are set along the line at most this far apart; infinity: only its own.
    least_m
        Points of the line closer than this are thinned.
    chord_m
        Half of the chord that gives a point's heading: longer than a shaky hand, shorter than a
        block. In a track: farther neighbours tell no heading.
    again_m, again_radius_m, again_sigma_m
        Where no road leads on, all is looked at once more: a point each so many metres, with roads
        so far around, and the standard deviation then. Infinity: it is not.
    turn_reach_m
        A line that comes this near to the end of a street, and goes back, turns round at that end;
        one that turns earlier does not go in at all.
    lesser
        Log likelihood that a point on a tertiary street has less than one on an expressway; other
        classes by how much lesser they are (`match_network`).
    byway
        What a point on a service road, track or living street has less than that.
    """

    radius_m: float = 100.0
    radius_limit_m: float = 150.0
    sigma_m: float = 25.0
    heading: float = 6.0
    beta_m: float = 4.0
    growth: float = 0.0
    junction_m: float = 0.5
    turn_m: float = 15.0
    uturn_m: float = 80.0
    backward_m: float = 15.0
    beam: float = 50.0
    worst: float = 1000.0
    repeat: float = 0.7
    own: float = 10.0
    reach_factor: float = 1.5
    reach_m: float = 120.0
    wide_factor: float = 4.0
    wide_m: float = 1000.0
    step_m: float = 40.0
    least_m: float = 10.0
    chord_m: float = 20.0
    again_m: float = 100.0
    again_radius_m: float = 200.0
    again_sigma_m: float = 40.0
    turn_reach_m: float = 25.0
    lesser: float = 1.0
    byway: float = 1.5

    def vector(self) -> FloatArray:
        """Return what the kernels need, in the order of RADIUS and on."""
        return np.array(
            [
                self.radius_m,
                self.radius_limit_m,
                self.sigma_m,
                self.heading,
                self.beta_m,
                self.uturn_m,
                self.backward_m,
                self.beam,
                self.reach_factor,
                self.reach_m,
                self.wide_factor,
                self.wide_m,
                1.0,
                self.turn_m,
                self.growth,
                self.worst,
                self.repeat,
                self.junction_m,
            ],
            dtype=np.float64,
        )


DRAWN: Final = Tuning()
DRIVEN: Final = Tuning(
    radius_m=100.0,
    sigma_m=10.0,
    heading=4.0,
    beta_m=5.0,
    growth=0.05,
    junction_m=3.0,
    turn_m=20.0,
    worst=8.0,
    repeat=1.0,
    step_m=np.inf,
    least_m=15.0,
    chord_m=80.0,
    again_m=600.0,
    again_sigma_m=12.0,
    turn_reach_m=250.0,
    lesser=0.25,
    byway=1.0,
)
