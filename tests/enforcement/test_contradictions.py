"""Of cameras that contradict one another the one that explains it is put aside, not its neighbours."""

from __future__ import annotations

from enforcement.analysis.camera_health import camera_health
from tests.enforcement.definitions import camera, compiled
from tests.enforcement.seen_vehicles import sightings_of

START = 20_500 * 86_400.0
FAR_LON = 114.39 + 0.154  # 15 km away, 300 s at the fastest


def rules(elsewhere: int, cameras: int = 12):
    """Return rules of cameras every 1.5 km along a road, one of them stated to be far from it."""
    return compiled(
        cameras=[
            camera(f"C-{i:02d}", 114.39 + 0.0154 * i + (FAR_LON - 114.39) * (i == elsewhere))
            for i in range(cameras)
        ]
    )


def drives(*stays: tuple[tuple[int, ...], int, float], begin: float = START):
    """Return sightings of vehicles: the records that each passes, how many do, seconds between."""
    rows, vehicle = [], 0
    for passed, count, every_s in stays:
        for _ in range(count):
            at = begin + 60.0 * vehicle
            rows += [(vehicle, record, at + every_s * i) for i, record in enumerate(passed)]
            vehicle += 1
    return sightings_of(rows)


def quarantined(rules_, sightings):
    health = camera_health(rules_, sightings)
    return sorted(set(health.record[health.quarantined].tolist()))


def test_a_camera_elsewhere_that_contradicts_only_its_busiest_neighbours():
    """Drives to many others, each a few times, hide what most of its drives say."""
    many = [((5, other), 5, 1000.0) for other in range(12) if other not in {4, 5, 6}]
    assert quarantined(rules(5), drives(((4, 5, 6), 40, 100.0), *many)) == [5]


def test_the_neighbour_that_sees_it_alone_is_believed():
    """All drives of the neighbour contradict it, and only a part of those of the camera elsewhere."""
    seen = drives(((4, 5), 30, 100.0), ((2, 5), 10, 200.0), *[((5, i), 8, 1000.0) for i in (7, 8)])
    assert quarantined(rules(5), seen) == [5]


def test_a_few_drives_of_every_day_tell_together():
    days = [
        (8 * day + i, 4 + place, START + 86_400.0 * day + 600.0 * i + 100.0 * place)
        for day in range(3)
        for i in range(2)
        for place in range(3)
    ]
    one_day = [row for row in days if row[0] < 8]
    assert quarantined(rules(5), sightings_of(days)) == [5]
    assert quarantined(rules(5), sightings_of(one_day)) == []


def test_a_clone_puts_no_camera_aside():
    honest = [((i, i + 1, i + 2), 10, 100.0) for i in range(10)]
    seen = drives(*honest, ((0, 11, 0, 11), 3, 100.0))
    assert quarantined(rules(99), seen) == []


def test_clones_that_begin_new_ways_put_no_busy_camera_aside():
    """Pairs of cameras that nobody else drives between are all impossible, and tell of clones."""
    busy = [((5, 6), 150, 100.0), ((6, 5), 150, 100.0)]
    seen = drives(*busy, *[((0, 5), 1, 50.0), ((11, 5), 1, 50.0)] * 2, ((5, 0), 1, 50.0))
    assert quarantined(rules(99), seen) == []


def test_of_two_that_contradict_only_each_other_neither_is_believed():
    assert quarantined(rules(5), drives(((4, 5), 30, 100.0))) == [4, 5]


def test_two_cameras_nearer_to_each_other_than_stated():
    """Two drives are impossible; hardly any vehicle of the city is as fast as all others on the pair."""
    slow = [(tuple(range(first, first + 4)), 200, 100.0) for first in (0, 1)]
    # 5 is stated 1.5 km too far east: from 4 to it a vehicle takes less than the usual 3 times 56 s.
    between = [((3, 4, 5), 15, 100.0), ((4, 5), 2, 50.0)]
    assert quarantined(rules_of_a_gap(), drives(*slow, *between)) == [4, 5]
    # Nobody does the impossible on a fast road,
    assert quarantined(rules_of_a_gap(), drives(*slow, between[0])) == []
    # and two clones do not make one of it.
    clones = drives(*slow, ((3, 4), 300, 100.0), ((3, 4), 2, 10.0))
    assert quarantined(rules_of_a_gap(), clones) == []


def rules_of_a_gap():
    """Return rules of cameras every 1.5 km, the last one 3 km from the one before."""
    return compiled(
        cameras=[camera(f"C-{i:02d}", 114.39 + 0.0154 * (i + (i == 5))) for i in range(6)]
    )
