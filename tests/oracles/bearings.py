"""Which cameras look the other way, by brute force over single drives; imports nothing of ours."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from itertools import pairwise
from math import atan2, cos, radians, sin

from tests.oracles.judgement import metres


def turned_cameras(cameras: list[dict], sightings: dict) -> set[int]:
    """Return the places among `cameras` of those that are driven past against their bearing.

    `sightings` are rows (instant, place of the camera, ...) of each vehicle in order.
    """
    passed = defaultdict(list)
    for vehicle, rows in sightings.items():
        for first, second in pairwise(rows):
            one, other = cameras[first[1]], cameras[second[1]]
            if second[0] - first[0] > timedelta(minutes=10):
                continue
            if metres(one["lon"], one["lat"], other["lon"], other["lat"]) < 100.0:
                continue
            driven = direction(one, other)
            for place, far_end in ((first[1], ("to", second[1])), (second[1], ("from", first[1]))):
                bearing = cameras[place].get("bearing")
                if bearing is not None:
                    passed[place].append((far_end, cos(driven - radians(bearing)), vehicle))
    return {place for place, drives in passed.items() if is_turned(drives)}


def is_turned(drives: list[tuple]) -> bool:
    by_far_end = defaultdict(list)
    for far_end, cosine, _ in drives:
        by_far_end[far_end].append(cosine)
    vehicles = {vehicle for _, _, vehicle in drives}
    ways = [
        [cosine for far_end, cosine, _ in drives if far_end[0] == way] for way in ("to", "from")
    ]
    if len(drives) < 10 or not all(ways) or len(vehicles) < 4:
        return False
    capped = [cosine for some in by_far_end.values() for cosine in some[:5]]
    return mean([cosine for _, cosine, _ in drives]) <= -0.6 and all(
        mean(some) <= -0.4 for some in (capped, *ways)
    )


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def direction(one: dict, other: dict) -> float:
    """Return the radians clockwise from north in which the other camera lies from one."""
    lat, to_lat = radians(one["lat"]), radians(other["lat"])
    turn = radians(other["lon"] - one["lon"])
    east = sin(turn) * cos(to_lat)
    north = cos(lat) * sin(to_lat) - sin(lat) * cos(to_lat) * cos(turn)
    return atan2(east, north)
