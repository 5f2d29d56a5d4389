"""The doubts about the violations of a period: each asked of all, the first that fits holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from enforcement.analysis.calendars import on_unpublished_days
from enforcement.analysis.camera_health import camera_health
from enforcement.analysis.holding import first_doubts
from enforcement.analysis.implausible_travel import impossible_drives, near_impossible_drives
from enforcement.doubts.clock_error import within_clock_error
from enforcement.doubts.detours import on_detours
from enforcement.doubts.look_alikes import look_alikes

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.analysis.camera_health import CameraHealth
    from enforcement.analysis.implausible_travel import ImpossibleDrives
    from enforcement.analysis.sightings import Sightings
    from enforcement.analysis.suspects import Suspects
    from enforcement.index.layout import Rules


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What a period's hits say, before anybody is doubted by it.

    Attributes
    ----------
    health
        What the hits say of the cameras that read them.
    sightings, impossible
        The sightings that are believed of plates that have violations, and the drives between
        them that no vehicle can make.
    """

    health: CameraHealth
    sightings: Sightings
    impossible: ImpossibleDrives


@dataclass(frozen=True, slots=True, eq=False)
class Doubts(Evidence):
    """What a period's hits say against its violations.

    Attributes
    ----------
    held
        (v,) of the violations, as of `enforcement.analysis.holding`.
    """

    held: npt.NDArray[np.uint8]


def doubt(rules: Rules, sightings: Sightings, suspects: Suspects) -> Doubts:
    """Ask every doubt of the violations of a period.

    Parameters
    ----------
    rules
        The rules that they were judged by.
    sightings
        Of the period, all of every plate that has a violation.
    suspects
        v violations.

    Returns
    -------
    Doubts
        The same in whatever order the violations come.
    """
    evidence = gather_evidence(rules, sightings, np.unique(suspects.plate_key))
    held = first_doubts(len(suspects), ask_each(rules, evidence, suspects))
    return Doubts(evidence.health, evidence.sightings, evidence.impossible, held)


def gather_evidence(rules: Rules, sightings: Sightings, plates: npt.NDArray[np.uint64]) -> Evidence:
    """Look at the cameras, then at what those that are believed saw of some plates.

    Parameters
    ----------
    rules
        Compiled rules.
    sightings
        Of the period, all of every one of the plates.
    plates
        Keys, distinct and ascending.
    """
    health = camera_health(rules, sightings)
    mine = sightings.of_plates(plates)
    believed = mine.some(~health.holds(mine.record, mine.captured_at_us))
    return Evidence(health, believed, impossible_drives(rules, believed))


def ask_each(
    rules: Rules, evidence: Evidence, suspects: Suspects
) -> dict[str, npt.NDArray[np.bool_]]:
    """Tell of each doubt, by its code, which violations it is about.

    Parameters
    ----------
    rules
        The rules that they were judged by.
    evidence
        Of the period; its sightings have all of every plate that a violation has.
    suspects
        v violations.

    Returns
    -------
    dict
        (v,) by code; more than one may fit.
    """
    return {
        "camera": evidence.health.holds(suspects.record, suspects.captured_at_us),
        "clock": within_clock_error(rules, suspects),
        "calendar": on_unpublished_days(rules, suspects),
        "implausible_travel": near_impossible_drives(
            evidence.sightings,
            evidence.impossible,
            suspects.plate_key,
            suspects.captured_at_us,
        ),
        "look_alike": look_alikes(rules, evidence.sightings, suspects),
        "detour": on_detours(rules, suspects),
    }
