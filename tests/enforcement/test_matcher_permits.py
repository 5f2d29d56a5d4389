"""The kernel, clause by clause of docs/judgement.md: steps 3 to 8."""

from __future__ import annotations

from itertools import pairwise

import pytest

from enforcement.rules.permits import NamedVehicle
from enforcement.settings import Judgement
from tests.enforcement.definitions import (
    PLATE,
    TUESDAY,
    camera,
    compiled,
    grant,
    permit,
    restriction,
    see,
    status,
    us,
)

MINUTE = 60_000_000
NOON = us(f"{TUESDAY} 12:00")


def town(*permits, restrictions=None, **fields):
    return compiled(
        restrictions=[restriction()] if restrictions is None else restrictions,
        permits=permits,
        **fields,
    )


def short(seen):
    """Return verdict or reason, restriction, permit, grant."""
    named = seen.reason if seen.verdict == "violation" else seen.verdict
    return named, seen.restriction, seen.permit, seen.grant


# Step 3


@pytest.mark.parametrize(
    ("permit_class", "hit_class", "named"),
    [(1, 1, True), (1, 2, False), (None, 2, True), (1, None, True), (None, None, True)],
)
def test_step_3_names_the_vehicle(permit_class, hit_class, named):
    """A null plate_class in a permit names every vehicle with that plate.

    A hit without one is named by every permit with that plate.
    """
    rules = town(permit(vehicles=(NamedVehicle(PLATE, permit_class),)))
    seen = see(rules, plate_class=hit_class)
    assert short(seen) == (
        ("permitted", None, "P-1", 0) if named else ("no_permit", "Z-1", None, None)
    )


def test_step_3_one_permit_names_many_vehicles():
    plates = [f"赣C{number:05d}" for number in range(30)]
    rules = town(permit(vehicles=tuple(NamedVehicle(plate, 1) for plate in plates)))
    assert {short(see(rules, plate=plate)) for plate in plates} == {("permitted", None, "P-1", 0)}
    assert see(rules, plate="赣C99999").reason == "no_permit"


def test_step_3_a_vehicle_named_twice_by_one_permit_is_named():
    rules = town(permit(vehicles=(NamedVehicle(PLATE, None), NamedVehicle(PLATE, 1))))
    assert see(rules).verdict == "permitted"
    assert see(rules, plate_class=2).verdict == "permitted"


@pytest.mark.parametrize(
    "plate", ["京A12345挂", "АВ123СХ777", "AB1234567890", "粤Z1234港", "K12345领", "ÄÖ123"]
)
def test_step_3_plates_outside_the_packed_alphabet_are_judged(plate):
    other = plate.replace("1", "9")
    rules = town(permit(vehicles=(NamedVehicle(plate, None),)))
    assert see(rules, plate=plate).verdict == "permitted"
    assert see(rules, plate=other).reason == "no_permit"


def test_step_3_status_is_active():
    """P = permits naming v whose status at t is `active`; status changes in mid-day."""
    rules = town(
        permit(
            status=status(
                ("applied", us("2026-01-01")),
                ("active", us(f"{TUESDAY} 09:00")),
                ("suspended", us(f"{TUESDAY} 12:00")),
                ("active", us(f"{TUESDAY} 15:00")),
                ("revoked", us(f"{TUESDAY} 18:00")),
            )
        )
    )
    wanted = ["no_permit", "permitted", "suspended", "permitted", "revoked"]
    edges = [us(f"{TUESDAY} {hour}:00") for hour in ("00", "09", "12", "15", "18", "23")]
    for name, (begins, ends) in zip(wanted, pairwise(edges), strict=True):
        assert short(see(rules, at=begins))[0] == name
        assert short(see(rules, at=ends - 1))[0] == name


def test_step_3_of_two_entries_at_one_instant_the_later_stated_holds():
    for names in (("active", "suspended"), ("suspended", "active")):
        rules = town(permit(status=status(*((name, NOON) for name in names))))
        verdict = short(see(rules, at=NOON))[0]
        assert verdict == ("permitted" if names[1] == "active" else "suspended")


def test_step_3_validity():
    """A date `valid_until` is inclusive: it ends at the next local midnight."""
    begins, ends = us("2026-03-02 00:00"), us("2026-03-04 00:00")
    rules = town(permit(valid_from_us=begins, valid_until_us=ends))
    verdicts = [short(see(rules, at=at))[0] for at in (begins - 1, begins, ends - 1, ends)]
    assert verdicts == ["not_yet_valid", "permitted", "permitted", "expired"]


# Step 4


def confining(permit_id, *grants, **fields):
    return permit(permit_id, *grants, binding="confines", **fields)


def test_step_4_outside_hours_even_where_nothing_is_restricted():
    """No grant of any of them covers (c, t): violation, whether or not R is empty."""
    rules = town(confining("P-1", grant("C-1", schedule="01:00-02:00")), restrictions=[])
    assert short(see(rules)) == ("outside_hours", None, "P-1", 0)
    assert short(see(rules, vehicle_class="car")) == ("outside_hours", None, "P-1", 0)


def test_step_4_off_route():
    """... reason `outside_hours` if one of those grants has c, else `off_route`."""
    rules = town(confining("P-1", grant("C-2")), restrictions=[])
    assert short(see(rules)) == ("off_route", None, "P-1", 0)


def test_step_4_restriction_is_null_even_under_an_absolute_ban():
    rules = town(confining("P-1", grant("C-2")), restrictions=[restriction(permits_exempt=False)])
    assert short(see(rules)) == ("off_route", None, "P-1", 0)


def test_step_4_one_covering_grant_of_any_confining_permit_is_enough():
    rules = town(confining("P-1", grant("C-2")), confining("P-2", grant("C-3"), grant("C-1")))
    assert short(see(rules)) == ("permitted", None, "P-2", 1)


def test_step_4_an_exempting_permit_does_not_free_from_a_confining_one():
    rules = town(permit("P-1"), confining("P-2", grant("C-2")))
    assert short(see(rules)) == ("off_route", None, "P-2", 0)


def test_step_4_names_the_smallest_that_has_the_camera_and_its_first_such_grant():
    rules = town(
        confining("P-1", grant("C-2")),
        confining("P-2", grant("C-3"), grant("C-1", schedule="off"), grant("C-1", schedule="Sa")),
        confining("P-3", grant("C-1", schedule="Su")),
    )
    assert short(see(rules)) == ("outside_hours", None, "P-2", 1)


@pytest.mark.parametrize(
    "fields",
    [
        {"status": status(("active", us("2020-01-01")), ("suspended", us("2025-01-01")))},
        {"status": status(("applied", us("2020-01-01")))},
        {"valid_until_us": NOON},
        {"valid_from_us": NOON + 1},
        {"vehicles": (NamedVehicle(PLATE, 2),)},
    ],
)
def test_step_4_only_permits_of_p_confine(fields):
    rules = town(confining("P-1", grant("C-2"), **fields), restrictions=[])
    assert see(rules).verdict == "not_restricted"


# Step 5


def test_step_5_not_restricted():
    """R empty: `not_restricted`; nothing is named."""
    rules = town(permit(), restrictions=[restriction(schedule="Sa")])
    assert short(see(rules)) == ("not_restricted", None, None, None)


def test_step_5_a_confining_permit_that_covers_is_not_needed():
    rules = town(confining("P-1"), restrictions=[])
    assert short(see(rules)) == ("not_restricted", None, None, None)


# Step 6


@pytest.mark.parametrize("permits", [(), (permit(),), (confining("P-1"),)])
def test_step_6_absolute_ban(permits):
    """R has a restriction with `permits_exempt = false`: absolute bans first, smallest id."""
    rules = town(
        *permits,
        restrictions=[
            restriction("A"),
            restriction("Z", permits_exempt=False),
            restriction("Y", permits_exempt=False),
            restriction("X", permits_exempt=False, schedule="Sa"),
        ],
    )
    assert short(see(rules)) == ("absolute_ban", "Y", None, None)


# Step 7


def test_step_7_permitted_names_the_smallest_permit_and_its_first_covering_grant():
    rules = town(
        permit("P-1", grant("C-2")),
        permit("P-2", grant("C-1", schedule="Sa"), grant("C-1"), grant("C-1")),
        permit("P-3"),
    )
    assert short(see(rules)) == ("permitted", None, "P-2", 1)


def test_step_7_names_the_smallest_of_several_confining_permits_that_cover():
    assert short(see(town(confining("P-2"), confining("P-1")))) == ("permitted", None, "P-1", 0)


@pytest.mark.parametrize("granted", [0, 63, 64, 127, 128, 129])
def test_step_7_cameras_beyond_the_first_word_of_a_set(granted):
    names = [f"C-{number:03d}" for number in range(130)]
    rules = town(
        permit("P-1", grant(names[granted])),
        cameras=[camera(name) for name in names],
        restrictions=[restriction(cameras=tuple(names))],
    )
    permitted = [name for name in names if see(rules, camera=name).verdict == "permitted"]
    assert permitted == [names[granted]]


def test_step_7_hours_are_half_open():
    """`09:00-16:00` holds 09:00:00.000000 and not 16:00:00.000000."""
    rules = town(permit("P-1", grant(schedule="Mo-Fr 09:00-16:00")))
    begins, ends = us(f"{TUESDAY} 09:00"), us(f"{TUESDAY} 16:00")
    named = [short(see(rules, at=at))[0] for at in (begins - 1, begins, ends - 1, ends)]
    assert named == ["outside_hours", "permitted", "permitted", "outside_hours"]


def test_step_7_grace():
    """... its schedule, widened by `grace_minutes` at both ends of each open interval."""
    rules = town(
        permit("P-1", grant(schedule="Mo-Fr 09:00-16:00")), judgement=Judgement(grace_minutes=5)
    )
    begins, ends = us(f"{TUESDAY} 08:55"), us(f"{TUESDAY} 16:05")
    named = [short(see(rules, at=at))[0] for at in (begins - 1, begins, ends - 1, ends)]
    assert named == ["outside_hours", "permitted", "permitted", "outside_hours"]


def test_step_7_grace_goes_across_midnight():
    rules = town(
        permit("P-1", grant(schedule="Tu 00:00-08:00, Tu 23:57-24:00")),
        judgement=Judgement(grace_minutes=5),
    )
    edges = [us("2026-03-02 23:55"), us(f"{TUESDAY} 08:05"), us(f"{TUESDAY} 23:52")]
    last = us("2026-03-04 00:05")
    ats = (edges[0] - 1, edges[0], edges[1] - 1, edges[1], edges[2] - 1, edges[2], last - 1, last)
    no, yes = "outside_hours", "permitted"
    assert [short(see(rules, at=at))[0] for at in ats] == [no, yes, yes, no, no, yes, yes, no]


def test_step_7_grace_in_an_hour_that_comes_twice_is_judged_alike_twice():
    """Schedules and grace are both read on the civil clock."""
    rules = town(
        permit("P-1", grant(schedule="00:00-02:10")),
        judgement=Judgement(grace_minutes=5),
        timezone="Europe/Berlin",
    )
    for fold in (0, 1):
        ends = us("2026-10-25 02:15", "Europe/Berlin", fold)
        assert see(rules, at=ends - 1).verdict == "permitted"
        assert see(rules, at=ends).reason == "outside_hours"


def test_step_7_a_grant_that_is_off_still_has_its_cameras():
    rules = town(permit("P-1", grant(schedule="off")))
    assert short(see(rules)) == ("outside_hours", "Z-1", "P-1", 0)


def test_step_7_makeup_working_day_and_public_holiday():
    """`PH` is every day off of the notice; on a make-up working day `Mo-Fr` holds."""
    rules = town(permit("P-1", grant(schedule="Mo-Fr 09:00-16:00; PH off")), holidays="CN")
    named = [
        short(see(rules, at=f"{day} 12:00"))[0]
        for day in ("2025-10-11", "2025-10-12", "2025-10-01", "2025-04-04", "2025-10-14")
    ]
    no, yes = "outside_hours", "permitted"
    assert named == [yes, no, no, no, yes]


# Step 8


def bygone(permit_id, *last, **fields):
    """Return a permit that was active from 2020 and has had the statuses `last` since 2021."""
    history = [("active", us("2020-01-01")), *((name, us("2021-01-01")) for name in last)]
    return permit(permit_id, status=status(*history), **fields)


NEAREST_FIRST = [
    ("outside_hours", permit("P-1", grant("C-2"), grant("C-1", schedule="Sa")), 1),
    ("off_route", permit("P-2", grant("C-2"), grant("C-3")), 0),
    ("suspended", bygone("P-3", "suspended"), 0),
    ("revoked", bygone("P-4", "revoked"), 0),
    ("expired", bygone("P-5", valid_until_us=NOON), 0),
    ("not_yet_valid", bygone("P-6", valid_from_us=NOON + 1), 0),
    ("no_permit", permit("P-7", status=status(("rejected", us("2020-01-01")))), None),
]


@pytest.mark.parametrize("first", range(len(NEAREST_FIRST)))
def test_step_8_the_nearest_miss_first(first):
    """outside_hours > off_route > suspended > revoked > expired > not_yet_valid > no_permit."""
    reason, nearest, number = NEAREST_FIRST[first]
    permit_id = None if reason == "no_permit" else nearest.permit_id
    farther = [one for _, one, _ in NEAREST_FIRST[first + 1 :]]
    rules = town(*farther, nearest)
    assert short(see(rules)) == (reason, "Z-1", permit_id, number)


@pytest.mark.parametrize(("reason", "nearest", "number"), NEAREST_FIRST[:-1])
def test_step_8_names_the_smallest_permit_id_by_code_point(reason, nearest, number):
    """The permit and grant that came nearest (smallest permit_id, then first grant)."""
    twins = [
        type(nearest)(
            **{name: getattr(nearest, name) for name in nearest.__slots__ if name != "permit_id"},
            permit_id=permit_id,
        )
        for permit_id in ("p-1", "P-2", "P-10", "许-1")
    ]
    assert short(see(town(*twins))) == (reason, "Z-1", "P-10", number)


def test_step_8_withdrawn_after_having_been_active_is_revoked():
    """`revoked` (or withdrawn after having been active)."""
    assert see(town(bygone("P-1", "withdrawn"))).reason == "revoked"
    never = permit(status=status(("applied", 0), ("withdrawn", us("2021-01-01"))))
    assert see(town(never)).reason == "no_permit"


@pytest.mark.parametrize("name", ["applied", "suspended", "revoked", "rejected", "withdrawn"])
@pytest.mark.parametrize("validity", [{}, {"valid_until_us": NOON}, {"valid_from_us": NOON + 1}])
def test_step_8_a_permit_that_never_was_active_does_not_count(name, validity):
    """One that never was (applied, rejected, withdrawn) does not count."""
    rules = town(permit(status=status((name, 0), ("active", NOON + 1)), **validity))
    assert short(see(rules)) == ("no_permit", "Z-1", None, None)


@pytest.mark.parametrize(
    ("last", "fields", "reason"),
    [
        ("suspended", {"valid_until_us": NOON}, "suspended"),
        ("revoked", {"valid_until_us": NOON}, "revoked"),
        ("revoked", {"valid_from_us": NOON + 1}, "revoked"),
        ("applied", {"valid_until_us": NOON}, "expired"),
        ("rejected", {"valid_from_us": NOON + 1}, "not_yet_valid"),
        ("rejected", {}, "no_permit"),
    ],
)
def test_step_8_whatever_else_is_wrong_with_it(last, fields, reason):
    """Each of the middle four looks at every permit naming v that has been `active`."""
    assert see(town(bygone("P-1", last, **fields))).reason == reason


def test_step_8_looks_at_permits_of_any_binding():
    rules = town(confining("P-1", valid_until_us=NOON))
    assert short(see(rules)) == ("expired", "Z-1", "P-1", 0)


def test_step_8_active_at_or_before_t():
    """... that has been `active` at or before t."""
    history = status(("active", NOON), ("suspended", NOON + MINUTE))
    rules = town(permit(status=history, valid_until_us=NOON))
    assert see(rules, at=NOON - 1).reason == "no_permit"
    assert see(rules, at=NOON).reason == "expired"


def test_step_8_names_the_smallest_restriction_by_code_point():
    """A violation names the restriction (the smallest id as text, by code point)."""
    rules = town(restrictions=[restriction(name) for name in ("z-1", "Z-2", "Z-10", "区-1")])
    assert short(see(rules)) == ("no_permit", "Z-10", None, None)
