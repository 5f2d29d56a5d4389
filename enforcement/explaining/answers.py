"""Which doubts hold a violation: by the rules alone, or by the hits of its period."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from enforcement.analysis.camera_reads import NO_READS
from enforcement.analysis.sightings import Sightings
from enforcement.doubts.asking import ask_each, gather_evidence
from enforcement.doubts.look_alikes import plates_to_watch
from enforcement.findings import HELD_CODES, Verdict
from ingest.hits import NO_PLATE_CLASS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from enforcement.explaining.doubtful_hit import DoubtfulHit

_OF_HITS: Final = ("camera", "implausible_travel")  # nothing but other hits can raise these


class PlateSeenTwice(NamedTuple):
    """A plate at two cameras faster than any vehicle drives; instants in microseconds UTC.

    None is what is not known. `lacking_s` is what a vehicle would have needed more, both clocks off in
    its favour; `times` counts the impossible drives of the plate.
    """

    from_camera_id: str
    to_camera_id: str
    from_us: int | None
    to_us: int | None
    elapsed_s: float
    least_s: float | None
    lacking_s: float
    times: int


@dataclass(frozen=True, slots=True)
class Answers:
    """What is known of every doubt about one violation.

    Attributes
    ----------
    asked
        ``rules``, ``hits`` where the hits of the period were given, ``result`` where a sweep's were.
    holds
        By code; None where only the hits of the period can tell.
    camera_day
        What hits say of the camera that day, as of camera_health.parquet: `day`, `drives`,
        `impossible_drives`, `share`; None where they say nothing.
    drive
        The impossible drive of the plate that shows it best, if one is known.
    violators
        Other plates with violations that it may be a misreading of, ascending, where hits tell.
    """

    asked: str
    holds: Mapping[str, bool | None]
    camera_day: dict[str, Any] | None = None
    drive: PlateSeenTwice | None = None
    violators: tuple[str, ...] = ()

    @property
    def held(self) -> str | None:
        """Return the first code that certainly holds the violation, None if none does."""
        return next((code for code in HELD_CODES if self.holds[code]), None)

    @property
    def needs_hits(self) -> tuple[str, ...]:
        """Return the codes that only the hits of the period can tell."""
        return tuple(code for code in HELD_CODES if self.holds[code] is None)

    def state(self, code: str) -> str:
        """Return what is known of a doubt: ``holds``, ``does_not_hold``, ``needs_hits``."""
        return {True: "holds", False: "does_not_hold", None: "needs_hits"}[self.holds[code]]


def answers_of_rules(doubtful: DoubtfulHit) -> Answers:
    """Ask every doubt by the rules alone: what holds whatever else cameras may have seen."""
    worlds = [
        supposed(doubtful, elsewhere=elsewhere, about=about)
        for elsewhere, about in product((False, True), repeat=2)
    ]
    holds: dict[str, bool | None] = dict(worlds[0])
    # In every world a violator may have been about whose plate looks like this one.
    if not all(world["look_alike"] for world in worlds):
        holds["look_alike"] = None
    # In some world other cameras saw the vehicle, and none of them on its route.
    holds["detour"] = None if worlds[0]["detour"] else False
    return Answers("rules", holds | dict.fromkeys(_OF_HITS))


def supposed(doubtful: DoubtfulHit, *, elsewhere: bool, about: bool) -> dict[str, bool]:
    """Ask the engine's doubts as if little else had been seen.

    Parameters
    ----------
    doubtful
        The violation.
    elsewhere
        Suppose that another camera saw the vehicle just then.
    about
        Suppose that it saw every vehicle whose plate may have been read for this one.

    Returns
    -------
    dict
        Whether each doubt holds, by code.
    """
    rules, suspect = doubtful.rules, doubtful.suspect
    watched = plates_to_watch(rules, suspect)
    own, another = doubtful.record, (doubtful.record + 1) % rules.camera_lon.shape[0]
    one = suspect.plate_key[0], suspect.plate_class[0]
    seen = {(*one, own)}
    seen |= {(*one, another)} if elsewhere else set()
    seen |= {(key, NO_PLATE_CLASS, another) for key in watched if about}
    key, plate_class, record = zip(*sorted(seen), strict=True)
    count = len(seen)
    sightings = Sightings(
        plate_key=np.array(key, np.uint64),
        plate_class=np.array(plate_class, np.uint8),
        vehicle=np.unique(list(zip(key, plate_class, strict=True)), axis=0, return_inverse=True)[1],
        record=np.array(record, np.int32),
        captured_at_us=np.repeat(suspect.captured_at_us, count),
        outcome=np.full(count, Verdict.VIOLATION, np.uint8),
    )
    evidence = gather_evidence(rules, sightings, suspect.plate_key, watched, NO_READS)
    return {code: bool(told[0]) for code, told in ask_each(rules, evidence, suspect).items()}
