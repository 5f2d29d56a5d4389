"""Which permitted vehicle a violation may be a misreading of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from enforcement.analysis.camera_records import records_at
from enforcement.analysis.suspects import Suspects
from enforcement.doubts.look_alikes import permitted_look_alikes
from enforcement.findings import Verdict
from enforcement.matching.matcher import match_hits
from enforcement.matching.permit_cover import covering_permits
from enforcement.rules.permits import NamedVehicle
from ingest.hits import NO_PLATE, NO_PLATE_CLASS
from ingest.plate_keys import PlateKeys
from tests.enforcement.definitions import (
    PLATE,
    TUESDAY,
    batch,
    compiled,
    grant,
    permit,
    registered,
    restriction,
    status,
    us,
)

READ = "赣C1Z345"  # PLATE with 2 read as Z


def suspects_of(rules, *hits):
    """Return hits as violations; every one must be one."""
    some = batch(rules, *hits)
    verdicts = match_hits(rules, some)
    assert (verdicts.verdict == Verdict.VIOLATION).all()
    return Suspects(
        plate_key=some.plate_key,
        plate_class=some.plate_class,
        camera=some.camera,
        captured_at_us=some.captured_at_us,
        vehicle_class=verdicts.vehicle_class,
        record=records_at(rules, some.camera, some.captured_at_us),
        reason=verdicts.reason,
        restriction=verdicts.restriction,
        permit=verdicts.permit,
        grant=verdicts.grant,
    )


def nearest(rules, **hit):
    """Return plate, plate_class, permit and weight of the nearest look-alike, None for none."""
    found = permitted_look_alikes(rules, suspects_of(rules, hit))
    if found.permit[0] < 0:
        assert found.plate_key[0] == NO_PLATE
        return None
    plate_class = int(found.plate_class[0])
    return (
        PlateKeys(rules.side_plates).text(found.plate_key[0]),
        None if plate_class == NO_PLATE_CLASS else plate_class,
        rules.permit_ids[found.permit[0]],
        int(found.weight[0]),
    )


def names(*vehicles, permit_id="P-1", grants=(), **fields):
    named = tuple(NamedVehicle(*one) for one in vehicles)
    return permit(permit_id, *grants, vehicles=named, **fields)


def test_the_vehicle_and_the_permit_are_named():
    rules = compiled(restrictions=[restriction()], permits=[permit()])
    assert nearest(rules, plate=READ) == (PLATE, 1, "P-1", 1)
    assert nearest(rules, plate=READ, plate_class=None) == (PLATE, 1, "P-1", 1)
    assert nearest(rules, plate=READ, plate_class=2) == (PLATE, 1, "P-1", 2)
    assert nearest(rules, plate="赣C17345") == (PLATE, 1, "P-1", 2)
    assert nearest(rules, plate="赣C17345", plate_class=2) is None
    assert nearest(rules, plate="赣C99999") is None


def test_a_vehicle_is_no_look_alike_of_itself_unless_the_class_differs():
    rules = compiled(restrictions=[restriction()], permits=[permit("P-1", grant("C-2"))])
    assert nearest(rules) is None
    assert nearest(rules, plate_class=2) is None
    assert nearest(rules, plate_class=2, camera="C-2") == (PLATE, 1, "P-1", 1)
    every = compiled(restrictions=[restriction()], permits=[names((PLATE, None))])
    assert nearest(every, plate=READ, plate_class=2) == (PLATE, None, "P-1", 1)


@pytest.mark.parametrize("classes", [{1, 2}, {2}])
def test_another_class_where_the_restriction_goes_by_plate_class(classes):
    """Whether the other class is restricted or not, its permit covers camera and time."""
    zone = restriction(vehicle_classes=frozenset(), plate_classes=frozenset(classes))
    rules = compiled(restrictions=[zone], permits=[permit()])
    assert nearest(rules, plate_class=2) == (PLATE, 1, "P-1", 1)


def test_a_neighbour_that_the_registry_does_not_restrict():
    rules = compiled(
        restrictions=[restriction()], permits=[permit()], vehicles=[registered("light_truck")]
    )
    assert nearest(rules, plate=READ) == (PLATE, 1, "P-1", 1)


@pytest.mark.parametrize(
    "fields",
    [
        {"vehicles": (NamedVehicle(PLATE, 1),), "valid_until_us": us(f"{TUESDAY} 12:00")},
        {"status": status(("suspended", us("2020-01-01")))},
        {"status": status(("applied", us("2020-01-01")))},
    ],
)
def test_a_permit_that_does_not_hold_clears_nothing(fields):
    rules = compiled(restrictions=[restriction()], permits=[permit(**fields)])
    assert nearest(rules, plate=READ) is None


def test_a_ban_that_no_permit_exempts_from_is_not_cleared():
    rules = compiled(restrictions=[restriction(permits_exempt=False)], permits=[permit()])
    assert nearest(rules, plate=READ) is None


def test_a_neighbour_confined_elsewhere_is_not_permitted():
    confining = names((PLATE, 1), permit_id="P-2", grants=(grant("C-2"),), binding="confines")
    rules = compiled(restrictions=[restriction()], permits=[permit(), confining])
    assert nearest(rules, plate=READ) is None


def test_the_nearest_then_the_smallest_permit():
    far, near = "赣C17345", PLATE
    rules = compiled(
        restrictions=[restriction()],
        permits=[
            names((far, 1), permit_id="P-1"),
            names((near, 1), permit_id="P-3"),
            names((near, 1), permit_id="P-2"),
        ],
    )
    assert nearest(rules, plate=READ) == (near, 1, "P-2", 1)


def test_plates_of_the_side_table():
    long = "赣CD12345"
    rules = compiled(restrictions=[restriction()], permits=[names((long, 52), ("АВ123Е77", None))])
    book = PlateKeys(rules.side_plates)
    read = [book.key("赣CD112345"), book.key("АВ123Е7")]
    some = suspects_of(rules, {"plate": "赣C99999", "plate_class": 52}, {"plate": "赣C99999"})
    some.plate_key[:] = read
    found = permitted_look_alikes(rules, replace(some, side_plates=book.side_plates))
    assert [book.text(key) for key in found.plate_key] == [long, "АВ123Е77"]
    without = permitted_look_alikes(rules, some)
    assert without.plate_key.tolist() == [NO_PLATE, NO_PLATE]


def test_cover_is_what_a_restriction_of_everything_permits():
    """Permits cover in the same places and hours whether or not anything is restricted there."""
    permits = [
        permit("P-1", grant("C-1", schedule="Mo-Fr 08:00-12:00"), grant("C-2")),
        names((PLATE, None), permit_id="P-0", grants=(grant("C-2", schedule="10:00-11:00"),)),
        names(("赣C54321", 2), permit_id="P-2", grants=(grant("C-3"),), binding="confines"),
        names(("赣C54321", None), permit_id="P-3", grants=(grant("C-1", "C-3"),)),
    ]
    everything = restriction(
        vehicle_classes=frozenset({"heavy_truck", "unknown"}), cameras=("C-1", "C-2", "C-3")
    )
    free, restricted = (
        compiled(restrictions=zones, permits=permits) for zones in ([], [everything])
    )
    hits = [
        {"plate": plate, "plate_class": plate_class, "camera": camera, "at": f"{day} {time}"}
        for plate in (PLATE, "赣C54321", READ)
        for plate_class in (1, 2, None)
        for camera in ("C-1", "C-2", "C-3")
        for day in (TUESDAY, "2026-03-07")
        for time in ("07:59", "08:00", "10:30", "12:00")
    ]
    some = batch(free, *hits)
    verdicts = match_hits(restricted, some)
    covered = verdicts.verdict == Verdict.PERMITTED
    assert 0 < covered.sum() < covered.size
    cover = covering_permits(free, some, verdicts.camera)
    assert np.array_equal(cover.permit, np.where(covered, verdicts.permit, -1))
    assert np.array_equal(cover.grant, np.where(covered, verdicts.grant, -1))
