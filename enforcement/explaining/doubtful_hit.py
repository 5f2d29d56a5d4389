"""One hit that the rules call a violation, as the doubts and those who put them into words see it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from enforcement.analysis.suspects import Suspects
from enforcement.findings import Reason, Verdict
from enforcement.matching.explain import explain_hit
from enforcement.matching.matcher import match_hits
from enforcement.matching.single_hit import offset_us
from ingest.hits import HitBatch
from ingest.plate_classes import plate_class_code
from ingest.vehicle_classes import vehicle_class_code

if TYPE_CHECKING:
    from typing import Any

    from enforcement.index.layout import Rules
    from enforcement.matching.explain import Explanation
    from enforcement.matching.single_hit import Hit
    from ingest.plate_keys import PlateKeys


@dataclass(frozen=True, slots=True, eq=False)
class DoubtfulHit:
    """A violation by the rules.

    Attributes
    ----------
    rules, plate_keys
        What it was judged by, and what keys of plates mean.
    hit, explanation
        As it came, and steps 0 to 8.
    suspect
        One row.
    """

    rules: Rules
    plate_keys: PlateKeys
    hit: Hit
    explanation: Explanation
    suspect: Suspects

    @property
    def at_us(self) -> int:
        """Return the instant, microseconds UTC."""
        return int(self.suspect.captured_at_us[0])

    @property
    def record(self) -> int:
        """Return the number of the camera record."""
        return int(self.suspect.record[0])

    def civil(self, instant_us: int) -> int:
        """Return an instant in city time, microseconds since 1970-01-01 00:00 city time."""
        return civil_us(self.rules, instant_us)

    def explained(self, **changes: Any) -> Explanation:
        """Explain the hit with other values, its class as judged: what a counterfactual would be."""
        judged = {"vehicle_class": self.explanation.vehicle_class, "confidence": None}
        return explain_hit(self.rules, replace(self.hit, **{**judged, **changes}))


def doubtful_hit(rules: Rules, plate_keys: PlateKeys, hit: Hit) -> DoubtfulHit | None:
    """Judge a hit; None for what is no violation by the rules.

    Parameters
    ----------
    rules
        Compiled rules.
    plate_keys
        That know the side plates of the rules.
    hit
        One hit; nothing in it needs to be right.
    """
    explanation = explain_hit(rules, hit)
    if explanation.verdict is not Verdict.VIOLATION:
        return None
    return DoubtfulHit(rules, plate_keys, hit, explanation, _suspect(rules, plate_keys, hit))


def doubtful_end(rules: Rules, plate_keys: PlateKeys, hit: Hit, permit_id: str) -> DoubtfulHit:
    """Return a hit that a drive began or ended with, as what its speed makes it.

    Parameters
    ----------
    rules, plate_keys, hit
        As of `doubtful_hit`; a camera of the rules was in service then.
    permit_id
        The permit whose limit was exceeded.
    """
    none = np.array([-1], np.int32)
    suspect = replace(
        _suspect(rules, plate_keys, hit),
        reason=np.array([Reason.OVER_SPEED], np.uint8),
        restriction=none,
        permit=np.array([rules.permit_ids.index(permit_id)], np.int32),
        grant=none,
    )
    return DoubtfulHit(rules, plate_keys, hit, explain_hit(rules, hit), suspect)


def _suspect(rules: Rules, plate_keys: PlateKeys, hit: Hit) -> Suspects:
    """Return a hit that was read well, and what the rules say of it, as one row."""
    batch = HitBatch(
        camera=np.array([rules.camera_ids.index((hit.camera_id or "").strip())], np.int32),
        plate_key=np.array([plate_keys.key_of_text(hit.plate or "")], np.uint64),
        plate_class=np.array([plate_class_code(hit.plate_class)], np.uint8),
        vehicle_class=np.array([vehicle_class_code(hit.vehicle_class)], np.uint8),
        captured_at_us=np.array([hit.captured_at_us], np.int64),
        confidence=np.ones(1),
    )
    verdicts = match_hits(rules, batch)
    return Suspects(
        plate_key=batch.plate_key,
        plate_class=batch.plate_class,
        camera=batch.camera,
        captured_at_us=batch.captured_at_us,
        vehicle_class=verdicts.vehicle_class,
        record=verdicts.camera,
        reason=verdicts.reason,
        restriction=verdicts.restriction,
        permit=verdicts.permit,
        grant=verdicts.grant,
        side_plates=plate_keys.side_plates,
    )


def civil_us(rules: Rules, instant_us: int) -> int:
    """Return an instant in city time, microseconds since 1970-01-01 00:00 city time."""
    zone = zip(rules.zone_from_us.tolist(), rules.zone_offset_us.tolist(), strict=True)
    return instant_us + offset_us(tuple(zone), instant_us)
