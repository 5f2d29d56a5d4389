"""The doubts about a day's violations by brute force; imports nothing of ours.

Cameras know nothing of roads here, so that only the straight line bounds a drive.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import combinations, pairwise
from zoneinfo import ZoneInfo

from tests.oracles.bearings import turned_cameras
from tests.oracles.clock_error import drive_vanishes, error_of, vanishes
from tests.oracles.clocks import day_of, unit_of, usual_share, wrong_clocks
from tests.oracles.judgement import (
    covers_place,
    holds,
    judge,
    metres,
    read_schedule,
    spell,
    status_at,
)

READILY = ("0ODQ", "8B", "1IL", "5S", "2Z", "6G", "UV", "赣贛", "赣渝", "赣皖")
SELDOM = (
    *(
        "0CG",
        "17TJ",
        "27Z",
        "38B",
        "4A",
        "56",
        "680",
        "89",
        "DB",
        "EF",
        "KXY",
        "MNHW",
        "PRF",
        "VYU",
    ),
    "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新贛粵滬蘇魯遼雲貴瓊陝寧",
)
PAIRS = {frozenset(pair): 2 for group in SELDOM for pair in combinations(group, 2)} | {
    frozenset(pair): 1 for group in READILY for pair in combinations(group, 2)
}
MOST, MOST_ALONE, LOST, DOUBLED, OTHER, ANOTHER_CLASS = 2, 4, 2, 2, 4, 1
CLASSES = (
    *("heavy_truck", "medium_truck", "light_truck", "mini_truck", "tractor", "special"),
    *("bus", "car", "motorcycle", "other", "unknown"),
)


def sightings_of(city: dict, hits: list[dict], instants: dict, stay: list[int]) -> dict:
    """Return of each vehicle the (instant, camera record, place) of the hits that are no duplicates."""
    sightings = defaultdict(list)
    for place in stay:
        record = record_of(city, hits[place], instants[place])
        vehicle = spell(hits[place]["plate"]), hits[place]["plate_class"]
        sightings[vehicle].append((instants[place], record, place))
    for rows in sightings.values():
        rows.sort()
    return sightings


def doubts(city: dict, hits: list[dict], sightings: dict, violations: list[int], drives: dict):
    """Return for each violation (a place among the hits) the code that holds it, or None.

    `drives` are those of `tests.oracles.speeding` by the violation that they end at: of such a
    violation both hits are doubted.
    """
    quarantined = quarantine(city, sightings)
    believed = {
        vehicle: [row for row in rows if (row[1], day_of(row[0])) not in quarantined]
        for vehicle, rows in sightings.items()
    }
    ends = {row[2]: row for rows in sightings.values() for row in rows}
    violators = {spell(hits[place]["plate"]) for place in violations}
    held = {}
    for place in violations:
        hit, drive = hits[place], drives.get(place)
        vehicle = spell(hit["plate"]), hit["plate_class"]
        doubted = [drive["first"], drive["second"]] if drive else [ends[place]]
        if any((record, day_of(at)) in quarantined for at, record, _ in doubted):
            held[place] = "camera"
        elif drive_vanishes(city, hits, drive) if drive else vanishes(city, hit, *ends[place][:2]):
            held[place] = "clock"
        elif any(
            hangs_on_a_notice(city, hits[one], at, record, drive) for at, record, one in doubted
        ):
            held[place] = "calendar"
        elif any(implausible(city, believed, vehicle[0], at) for at, _, _ in doubted):
            held[place] = "implausible_travel"
        elif any(
            looks_alike(city, hits[one], at, record, believed[vehicle], believed)
            or is_another_violators(hits[one], at, record, believed[vehicle], believed, violators)
            for at, record, one in doubted
        ):
            held[place] = "look_alike"
        else:
            held[place] = None
    return held


def hangs_on_a_notice(city: dict, hit: dict, at: datetime, record: int, drive: dict | None) -> bool:
    """Tell whether hours that decide depend on the kind of a day that no holiday notice covers."""
    zone, published = ZoneInfo(city["timezone"]), city.get("published_years")
    if published is None or at.astimezone(zone).year in published:
        return False
    found = drive or judge(city, hit)
    permits = {permit["permit_id"]: permit for permit in city["permits"]}
    confined = permits[found["permit_id"]]["binding"] == "confines" if found["permit_id"] else False
    if drive:
        vehicle_class, plate_class = judge(city, hit)["vehicle_class"], hit["plate_class"]
        restrictions = [
            rule
            for rule in city["restrictions"]
            if not confined
            and covers_place(city, rule, record)
            and holds(rule, at, zone)
            and (vehicle_class in rule["vehicle_classes"] or plate_class in rule["plate_classes"])
        ]
    else:
        name = found["restriction_id"]
        restrictions = [rule for rule in city["restrictions"] if rule["restriction_id"] == name]
        confined = name is None
    grants = [
        grant
        for permit in permits.values()
        for grant in permit["grants"]
        if names(permit, spell(hit["plate"]), hit["plate_class"])
        and status_at(permit, at) == "active"
        and holds(permit, at, zone)
        and covers_place(city, grant, record)
        and (permit["binding"] == "confines" or not confined)
        and found.get("reason") != "absolute_ban"
    ]
    return any(
        selectors
        for thing in (*restrictions, *grants)
        for selectors, _ in read_schedule(thing["schedule"])
    )


def names(permit: dict, plate: str, plate_class: str | None) -> bool:
    return any(
        spell(one["plate"]) == plate
        and (one["plate_class"] == plate_class or None in {one["plate_class"], plate_class})
        for one in permit["vehicles"]
    )


def implausible(city: dict, believed: dict, plate: str, at: datetime) -> bool:
    """Tell whether the plate did the impossible within a day, or whatever one sighting says."""
    for (named, _), rows in believed.items():
        if named != plate:
            continue
        drives = [ends for ends in pairwise(rows) if cannot(city, *ends)]
        if any(no_misreading(city, rows, rows.index(first)) for first, _ in drives):
            return True
        if any(abs(at - end[0]) <= timedelta(hours=24) for ends in drives for end in ends):
            return True
        if any(not set(one) & set(other) for one, other in combinations(drives, 2)):
            return True
    return False


def no_misreading(city: dict, rows: list[tuple], place: int) -> bool:
    """Tell whether an impossible drive is hardly possible without either of its sightings as well."""
    if not 1 <= place < len(rows) - 2:
        return False
    return all(
        cannot(city, rows[first], rows[second], 2.0)
        for first, second in ((place - 1, place + 1), (place, place + 2))
    )


def verdict(city: dict, hit: dict, at: datetime, **changes: object) -> str:
    return judge(city, hit | changes | {"captured_at": at.isoformat()})["verdict"]


def record_of(city: dict, hit: dict, at: datetime) -> int:
    """Return the record of the camera in service: worlds have one of each id at a time."""
    return next(
        place
        for place, camera in enumerate(city["cameras"])
        if camera["camera_id"] == hit["camera_id"]
        and verdict({**city, "cameras": city["cameras"][: place + 1]}, hit, at) != "unknown_camera"
    )


def cannot(city: dict, first: tuple, second: tuple, times: float = 1.0) -> bool:
    """Tell whether no vehicle drives from one sighting to the next, with both clocks off."""
    if first[1] == second[1]:
        return False
    least = least_seconds(city, first[1], second[1])
    slack = slack_seconds(city, first[1], second[1])
    return times * least > (second[0] - first[0]).total_seconds() + slack


def slack_seconds(city: dict, first: int, second: int) -> float:
    return (error_of(city, first) + error_of(city, second)).total_seconds()


def least_seconds(city: dict, first: int, second: int) -> float:
    one, other = city["cameras"][first], city["cameras"][second]
    apart = metres(one["lon"], one["lat"], other["lon"], other["lat"])
    return max(0.0, (apart - 200.0) / 50.0)


def quarantine(city: dict, sightings: dict) -> set[tuple[int, int]]:
    """Return the (record, day) that are not believed: by their clocks, their drives, or their bearings."""
    every = {unit_of(row) for rows in sightings.values() for row in rows}
    wrong = wrong_clocks(
        sightings,
        lambda *ends: least_seconds(city, *ends),
        put_aside(city, sightings, unit_of),
        lambda *ends: slack_seconds(city, *ends),
    )
    right = without(sightings, wrong)
    by_period = put_aside(city, right, lambda row: row[1])
    aside = put_aside(city, right, unit_of) | {unit for unit in every if unit[0] in by_period}
    near = nearer_than_stated(city, without(right, aside))
    aside |= {unit for unit in every if unit[0] in near}
    turned = turned_cameras(city["cameras"], without(right, aside))
    return wrong | aside | {unit for unit in every if unit[0] in turned}


def without(sightings: dict, units: set[tuple[int, int]]) -> dict:
    return {
        vehicle: [row for row in rows if unit_of(row) not in units]
        for vehicle, rows in sightings.items()
    }


def nearer_than_stated(city: dict, sightings: dict) -> set[int]:
    """Return the records that some drive from or to as none can, and most faster than is usual."""
    usual = usual_share(sightings, lambda *ends: least_seconds(city, *ends))
    took = defaultdict(list)
    for vehicle, rows in sightings.items():
        for one, other in pairwise(rows):
            if one[1] != other[1]:
                took[frozenset((one[1], other[1]))].append((vehicle, one, other))
    near = {}
    for pair, drives in took.items():
        fast = sum(cannot(city, one, other, usual) for _, one, other in drives)
        vehicles = {vehicle for vehicle, one, other in drives if cannot(city, one, other)}
        few = len(vehicles) < max(2, 0.003 * len(drives))
        if len(drives) >= 10 and fast >= 0.5 * len(drives) and not few:
            near[pair] = fast
    aside: set[int] = set()
    while left := {pair: fast for pair, fast in near.items() if not aside & pair}:
        of = {one: sum(left[pair] for pair in left if one in pair) for one in set().union(*left)}
        aside |= {one for one, fast in of.items() if fast > max(of.values()) - 4}
    return aside


def put_aside(city: dict, sightings: dict, group_of) -> set:
    """Return the groups of sightings that are put aside for what their drives contradict."""
    drives, wrong, blamers = defaultdict(int), defaultdict(int), defaultdict(set)
    for vehicle, rows in sightings.items():
        for first, second in pairwise(rows):
            if first[1] == second[1]:
                continue
            ends = tuple(sorted(group_of(row) for row in (first, second)))
            drives[ends] += 1
            if cannot(city, first, second):
                wrong[ends] += 1
                for end in ends:
                    blamers[end].add(vehicle)
    aside: set = set()
    while True:
        left = {}
        for unit, vehicles in blamers.items():
            edges = [ends for ends in drives if unit in ends and not aside & set(ends)]
            known = sum(min(drives[ends], 5) for ends in edges)
            bad = sum(min(drives[ends], 5) * wrong[ends] / drives[ends] for ends in edges)
            mine = sum(drives[ends] for ends in edges)
            impossible = sum(wrong[ends] for ends in edges)
            of_all, by_other = impossible / max(mine, 1), bad / max(known, 1.0)
            blamed = (by_other >= 0.07 and of_all >= 0.02) or of_all >= 0.25
            if unit not in aside and len(vehicles) >= 4 and impossible >= 4 and blamed:
                left[unit] = impossible
        if not left:
            return aside
        aside |= {unit for unit, count in left.items() if count > max(left.values()) - 4}


def looks_alike(
    city: dict, hit: dict, at: datetime, record: int, rows: list[tuple], believed: dict
) -> bool:
    plate, plate_class = spell(hit["plate"]), hit["plate_class"]
    named = [one for permit in city["permits"] for one in permit["vehicles"]]
    known = any(
        spell(one["plate"]) == plate
        and (one["plate_class"] == plate_class or None in {one["plate_class"], plate_class})
        for one in (*named, *city["vehicles"])
    )
    near = is_seen(rows, record, at, timedelta(minutes=30))
    if known and near:
        return False
    # The class that was judged is the vehicle's own, whatever the registry says of the other.
    judged = judge(city, hit | {"captured_at": at.isoformat()})["vehicle_class"]
    seen = {"vehicle_class": judged, "confidence": 1.0}
    if any(is_cleared_by(city, hit, at, one, MOST, **seen) for one in named):
        return True
    in_town = {
        plate
        for (plate, _), others in believed.items()
        if is_seen(others, record, at, timedelta(hours=3))
    }
    return not (known or near) and any(
        is_cleared_by(city, hit, at, one, MOST_ALONE, **seen)
        for one in named
        if spell(one["plate"]) in in_town
    )


def is_another_violators(
    hit: dict, at: datetime, record: int, rows: list[tuple], believed: dict, violators: set[str]
) -> bool:
    """Tell whether nobody else saw the vehicle, and others saw a violator with a plate like it."""
    if is_seen(rows, record, at, timedelta(minutes=30)):
        return False
    return any(
        plate in violators
        and (distance(spell(hit["plate"]), plate) or 0) > 0
        and is_seen(others, record, at, timedelta(minutes=30))
        for (plate, _), others in believed.items()
    )


def is_seen(rows: list[tuple], record: int, at: datetime, within: timedelta) -> bool:
    return any(row[1] != record and abs(row[0] - at) <= within for row in rows)


def is_cleared_by(
    city: dict, hit: dict, at: datetime, one: dict, most: int, **seen: object
) -> bool:
    """Tell whether a named vehicle is near enough, covered by a permit, and no violation itself."""
    apart = distance(spell(hit["plate"]), spell(one["plate"]), most=most)
    classes = {hit["plate_class"], one["plate_class"]}
    another = None not in classes and len(classes) == 2
    if apart is None or not 0 < apart + (ANOTHER_CLASS if another else 0) <= most:
        return False
    seen |= {
        "plate": one["plate"],
        "plate_class": one["plate_class"] if another else hit["plate_class"],
    }
    cameras = sorted({camera["camera_id"] for camera in city["cameras"]})
    everywhere = {
        "restriction_id": "*",
        "vehicle_classes": CLASSES,
        "plate_classes": (),
        "schedule": "24/7",
        "valid_from": None,
        "valid_until": None,
        "permits_exempt": True,
        "cameras": cameras,
    }
    return (
        verdict({**city, "restrictions": [everywhere]}, hit, at, **seen) == "permitted"
        and verdict(city, hit, at, **seen) != "violation"
    )


def distance(
    read: str,
    known: str,
    pairs: dict = PAIRS,
    most: int = MOST,
    lost: int = LOST,
    doubled: int = DOUBLED,
    other: int = OTHER,
) -> int | None:
    """Return how far a plate as read is from a known one by the shortest script, None beyond `most`."""
    scripts = [0] if read == known else []
    if len(read) == len(known):
        steps = [frozenset((a, b)) for a, b in zip(read, known, strict=True) if a != b]
        if all(step in pairs for step in steps):
            scripts.append(sum(pairs[step] for step in steps))
        elif len(steps) == 1:
            scripts.append(other)
    scripts += [lost for i in range(len(known)) if known[:i] + known[i + 1 :] == read]
    scripts += [doubled for i in range(len(known)) if known[:i] + known[i] + known[i:] == read]
    least = min(scripts, default=most + 1)
    return least if least <= most else None
