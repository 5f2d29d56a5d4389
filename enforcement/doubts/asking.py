"""The doubts about the violations of a period: each asked of all, the first that fits holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from enforcement.analysis.camera_health import camera_health
from enforcement.analysis.camera_records import cameras_of
from enforcement.analysis.holding import first_doubts
from enforcement.analysis.implausible_travel import implausible, impossible_drives
from enforcement.analysis.suspects import joined
from enforcement.doubts.clock_error import within_clock_error
from enforcement.doubts.detours import on_detours
from enforcement.doubts.look_alikes import look_alikes, plates_to_watch
from enforcement.doubts.speeding import within_both_clocks
from enforcement.doubts.unpublished_days import on_unpublished_days
from enforcement.findings import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from enforcement.analysis.camera_health import CameraHealth
    from enforcement.analysis.camera_reads import DailyReads
    from enforcement.analysis.implausible_travel import ImpossibleDrives
    from enforcement.analysis.sightings import Sightings
    from enforcement.analysis.suspects import Suspects
    from enforcement.index.layout import Rules
    from enforcement.speeding import Speeding


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
    watched
        The sightings that are believed of the plates that violations may be misreadings of.
    reads
        How much the cameras read, and how well.
    """

    health: CameraHealth
    sightings: Sightings
    impossible: ImpossibleDrives
    watched: Sightings
    reads: DailyReads


def disbelieved(
    rules: Rules,
    health: CameraHealth,
    reads: DailyReads,
    record: npt.NDArray[np.int32],
    captured_at_us: npt.NDArray[np.int64],
) -> npt.NDArray[np.bool_]:
    """Tell, (n,) bool, which hits a camera read that is not believed that day."""
    return health.holds(record, captured_at_us) | reads.holds(
        cameras_of(rules, record), captured_at_us
    )


@dataclass(frozen=True, slots=True, eq=False)
class Doubts(Evidence):
    """What a period's hits say against its violations.

    Attributes
    ----------
    held
        (v,) of the violations, as of `enforcement.analysis.holding`.
    """

    held: npt.NDArray[np.uint8]


def doubt(
    rules: Rules,
    suspects: Suspects,
    speeding: Speeding,
    reads: DailyReads,
    sightings_of: Callable[[npt.NDArray[np.uint64]], Sightings],
) -> Doubts:
    """Ask every doubt of the violations of a period.

    Parameters
    ----------
    rules
        The rules that they were judged by.
    suspects
        v violations.
    speeding
        The drives of those by speed, in the same order.
    reads
        How much the cameras read in the period, and how well.
    sightings_of
        Gives the sightings of the period, all of every plate that it is asked for, distinct and
        ascending.

    Returns
    -------
    Doubts
        The same in whatever order the violations come.
    """
    plates = np.unique(suspects.plate_key)
    watched = plates_to_watch(rules, suspects)
    sightings = sightings_of(np.union1d(plates, watched))
    evidence = gather_evidence(rules, sightings, plates, watched, reads)
    by_speed = suspects.reason == Reason.OVER_SPEED
    # Vehicle by vehicle: whatever is looked up for one hit lies near what the one before needed.
    order = np.lexsort((suspects.plate_class, suspects.plate_key))
    rows = order[~by_speed[order]]
    by_rules = suspects.some(rows)
    held = np.empty(len(suspects), np.uint8)
    of_rules, of_first, of_second = _ask_of_each(
        rules, evidence, (by_rules, speeding.first, speeding.second)
    )
    held[rows] = first_doubts(rows.size, of_rules | _ask_of_rules(rules, evidence, by_rules))
    # About a drive if about either of its hits. A closure only makes a way longer: none is excused by it.
    of_drives = {code: of_first[code] | of_second[code] for code in of_first}
    of_drives["clock"] = within_both_clocks(rules, speeding)
    held[by_speed] = first_doubts(len(speeding.second), of_drives)
    return Doubts(
        evidence.health,
        evidence.sightings,
        evidence.impossible,
        evidence.watched,
        evidence.reads,
        held,
    )


def gather_evidence(
    rules: Rules,
    sightings: Sightings,
    plates: npt.NDArray[np.uint64],
    watched: npt.NDArray[np.uint64],
    reads: DailyReads,
) -> Evidence:
    """Look at the cameras, then at what those that are believed saw of some plates.

    Parameters
    ----------
    rules
        Compiled rules.
    sightings
        Of the period, all of every one of the plates.
    plates, watched
        Keys of the plates that have violations, and of those that they may be misreadings of
        (`plates_to_watch`), distinct and ascending.
    reads
        How much the cameras read in the period, and how well.
    """
    health = camera_health(rules, sightings)
    mine, theirs = (
        some.some(~disbelieved(rules, health, reads, some.record, some.captured_at_us))
        for some in (sightings.of_plates(plates), sightings.of_plates(watched))
    )
    return Evidence(health, mine, impossible_drives(rules, mine), theirs, reads)


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
        v violations, none by speed.

    Returns
    -------
    dict
        (v,) by code; more than one may fit.
    """
    return ask_of_hits(rules, evidence, suspects) | _ask_of_rules(rules, evidence, suspects)


def _ask_of_rules(
    rules: Rules, evidence: Evidence, suspects: Suspects
) -> dict[str, npt.NDArray[np.bool_]]:
    """Ask the doubts that say nothing of a drive that was too fast; as of `ask_each`."""
    return {
        "clock": within_clock_error(rules, suspects),
        "detour": on_detours(rules, evidence.sightings, suspects),
    }


def _ask_of_each(
    rules: Rules, evidence: Evidence, groups: Sequence[Suspects]
) -> list[dict[str, npt.NDArray[np.bool_]]]:
    """Ask of all hits of some groups at once, as of `ask_of_hits`, and answer group by group."""
    asked = ask_of_hits(rules, evidence, joined(groups))
    ends = np.cumsum([len(group) for group in groups])[:-1]
    told = {code: np.split(holds, ends) for code, holds in asked.items()}
    return [{code: holds[place] for code, holds in told.items()} for place in range(len(groups))]


def ask_of_hits(
    rules: Rules, evidence: Evidence, suspects: Suspects
) -> dict[str, npt.NDArray[np.bool_]]:
    """Ask the doubts that are about a hit, whatever it is suspected of; as of `ask_each`."""
    return {
        "camera": disbelieved(
            rules, evidence.health, evidence.reads, suspects.record, suspects.captured_at_us
        ),
        "calendar": on_unpublished_days(rules, suspects),
        "implausible_travel": implausible(
            evidence.sightings,
            evidence.impossible,
            suspects.plate_key,
            suspects.captured_at_us,
        ),
        "look_alike": look_alikes(rules, evidence.sightings, evidence.watched, suspects),
    }
