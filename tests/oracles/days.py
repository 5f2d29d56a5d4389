"""A whole day by brute force: verdicts, duplicates and cases; imports nothing of ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.oracles.cases import CONTINUOUS, first_of_case
from tests.oracles.doubts import doubts, sightings_of
from tests.oracles.duplicates import kept_hits
from tests.oracles.judgement import judge, read_hit_instant, spell
from tests.oracles.speeding import speeding

REJECTED = ("malformed", "unreadable", "unknown_camera")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def judge_day(city: dict, hits: list[dict], ids: list[str], contents: list[tuple]) -> dict:
    """Return what a sweep must find; the city may have a `case_policy`.

    `ids` and `contents` say by which name and which text each hit is ordered among those of its
    instant. The answer has `counts` by verdict, `duplicates`, `rejected` (id, verdict) sorted,
    `violations` in order of (captured_at, hit_id) with `case` (the place of the violation that its
    case begins with), and `cases`: places of their violations.
    """
    zone = ZoneInfo(city["timezone"])
    answers = [judge(city, hit) for hit in hits]
    counts: dict[str, int] = {}
    passed = []
    for place, answer in enumerate(answers):
        if answer["verdict"] in REJECTED:
            counts[answer["verdict"]] = counts.get(answer["verdict"], 0) + 1
        else:
            passed.append(place)
    instants = {place: read_hit_instant(hits[place]["captured_at"], zone) for place in passed}
    kept = kept_hits(
        [
            {
                "vehicle": (spell(hits[place]["plate"]), hits[place]["plate_class"]),
                "camera": hits[place]["camera_id"],
                "at": (instants[place] - _EPOCH) // timedelta(microseconds=1),
                "hit_id": ids[place],
                "content": contents[place],
            }
            for place in passed
        ],
        10_000_000,
    )
    stay = [passed[index] for index in kept]
    sightings = sightings_of(city, hits, instants, stay)
    drives = speeding(city, hits, sightings)
    for place, drive in drives.items():
        by_speed = {"verdict": "violation", "reason": "over_speed", "restriction_id": None}
        named = {name: drive[name] for name in ("permit_id", "grant", "warning")}
        answers[place] = answers[place] | by_speed | named
    for place in stay:
        verdict = answers[place]["verdict"]
        counts[verdict] = counts.get(verdict, 0) + 1
    places = sorted(
        (place for place in stay if answers[place]["verdict"] == "violation"),
        key=lambda place: (instants[place], ids[place]),
    )
    held = doubts(city, hits, sightings, places, drives)
    first = first_of_case(
        city.get("case_policy", CONTINUOUS),
        [
            {
                "vehicle": (spell(hits[place]["plate"]), hits[place]["plate_class"]),
                "restriction": answers[place]["restriction_id"],
                "held": held[place],
                "at": instants[place],
            }
            for place in places
        ],
        zone,
    )
    violations = []
    for place, case in zip(places, first, strict=True):
        answer = answers[place]
        permit = next(
            (one for one in city["permits"] if one["permit_id"] == answer["permit_id"]), None
        )
        grant = None if permit is None or answer["grant"] is None else answer["grant"]
        violations.append(
            {
                "hit_id": ids[place],
                "camera_id": hits[place]["camera_id"],
                "plate": spell(hits[place]["plate"]),
                "plate_class": hits[place]["plate_class"],
                "vehicle_class": answer["vehicle_class"],
                "captured_at": instants[place],
                "reason": answer["reason"],
                "held": held[place],
                "warning": answer["warning"],
                "restriction_id": answer["restriction_id"],
                "permit_id": answer["permit_id"],
                "route_id": None if grant is None else permit["grants"][grant].get("route"),
                "case": case,
            }
        )
    rejected = sorted(
        (ids[place], answer["verdict"])
        for place, answer in enumerate(answers)
        if answer["verdict"] in REJECTED
    )
    return {
        "counts": counts,
        "duplicates": len(passed) - len(stay),
        "rejected": rejected,
        "violations": violations,
        "cases": len(set(first) - {None}),
    }
