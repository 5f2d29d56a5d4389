from __future__ import annotations

import math
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadnet.importers.limits import Limits
from roadnet.importers.speeds import DEFAULT_SPEED_KMH, UNLIMITED_KMH, WALKING_KMH
from roadnet.importers.tags import TagReader, read_name, read_tags
from roadnet.types import (
    FLAG_BRIDGE,
    FLAG_DESTINATION,
    FLAG_NO_GOODS,
    FLAG_ROUNDABOUT,
    FLAG_TUNNEL,
    ROAD_CLASSES,
)

GOODS = FLAG_NO_GOODS | FLAG_DESTINATION


class Road(NamedTuple):
    """A road that is alike in both directions, if both are driven."""

    road_class: int
    oneway: int
    flags: int
    layer: int
    speed_kmh: float


def plain(found) -> Road:
    assert found.forward is None or found.backward is None or found.forward == found.backward
    side = found.forward or found.backward
    oneway = (found.forward is not None) - (found.backward is not None)
    flags = found.flags | side.flags
    return Road(found.road_class, oneway, flags, found.layer, side.speed_kmh)


def road(**tags: str) -> Road:
    return plain(read_tags({"highway": "primary"} | tags))


def directions(**tags: str):
    found = read_tags({"highway": "primary"} | tags)
    return found.forward, found.backward


@pytest.mark.parametrize("highway", ROAD_CLASSES)
def test_every_road_class_is_read_with_its_default_speed(highway):
    code = ROAD_CLASSES.index(highway)
    found = plain(read_tags({"highway": highway}))
    assert (found.road_class, found.speed_kmh) == (code, DEFAULT_SPEED_KMH[code])


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"highway": "footway"},
        {"highway": "cycleway"},
        {"highway": "pedestrian"},
        {"highway": "construction", "construction": "primary"},
        {"highway": "proposed"},
        {"highway": "busway"},
        {"highway": "Primary"},
        {"highway": "service", "area": "yes"},
    ],
)
def test_what_no_motor_vehicle_drives_on_is_no_road(tags):
    assert read_tags(tags) is None


@pytest.mark.parametrize(
    ("tags", "oneway"),
    [
        ({}, 0),
        ({"oneway": "yes"}, 1),
        ({"oneway": "true"}, 1),
        ({"oneway": "1"}, 1),
        ({"oneway": "-1"}, -1),
        ({"oneway": "reverse"}, -1),
        ({"oneway": "no"}, 0),
        ({"oneway": "reversible"}, 0),
        ({"oneway": "perhaps"}, 0),
        ({"highway": "motorway"}, 1),
        ({"highway": "motorway", "oneway": "no"}, 0),
        ({"highway": "motorway_link"}, 0),
        ({"junction": "roundabout"}, 1),
        ({"junction": "circular"}, 1),
        ({"junction": "roundabout", "oneway": "-1"}, -1),
        ({"oneway": "yes", "oneway:motor_vehicle": "no"}, 0),
        ({"vehicle:backward": "no"}, 1),
        ({"motor_vehicle:forward": "no"}, -1),
        ({"oneway:bicycle": "yes"}, 0),
    ],
)
def test_oneway(tags, oneway):
    assert road(**tags).oneway == oneway


@pytest.mark.parametrize(
    ("text", "speed_kmh"),
    [
        ("50", 50),
        ("72.5", 72.5),
        ("５０", 50),
        ("50 km/h", 50),
        ("30 mph", 48.28032),
        ("10knots", 18.52),
        ("60;40", 60),
        ("CN:urban", 50),
        ("CN:rural", 70),
        ("DE:rural", 100),
        ("DE:zone:30", 30),
        ("FR:30", 30),
        ("DE:zone30", 30),
        ("XX:urban", 50),
        ("none", UNLIMITED_KMH),
        ("DE:motorway", UNLIMITED_KMH),
        ("walk", WALKING_KMH),
        ("DE:walk", WALKING_KMH),
        *((text, 60) for text in ("", "signals", "variable", "0", "-50", "900", "5 0", "fifty")),
    ],
)
def test_maxspeed(text, speed_kmh):
    assert road(maxspeed=text).speed_kmh == pytest.approx(speed_kmh)


@pytest.mark.parametrize(
    ("tags", "flags"),
    [
        ({}, 0),
        ({"access": "yes"}, 0),
        ({"access": "private"}, FLAG_NO_GOODS),
        ({"motor_vehicle": "agricultural"}, FLAG_NO_GOODS),
        ({"motor_vehicle": "forestry"}, FLAG_NO_GOODS),
        ({"access": "destination"}, FLAG_DESTINATION),
        ({"motor_vehicle": "delivery"}, FLAG_DESTINATION),
        ({"access": "customers"}, FLAG_DESTINATION),
        ({"vehicle": "permit"}, FLAG_DESTINATION),
        ({"hgv": "no"}, FLAG_NO_GOODS),
        ({"goods": "no"}, FLAG_NO_GOODS),
        ({"hgv": "delivery"}, FLAG_DESTINATION),
        # The most particular of access < vehicle < motor_vehicle < goods < hgv counts.
        ({"access": "private", "hgv": "yes"}, 0),
        ({"access": "yes", "motor_vehicle": "private"}, FLAG_NO_GOODS),
        ({"vehicle": "destination", "motor_vehicle": "yes"}, 0),
        ({"goods": "no", "hgv": "yes"}, 0),
        ({"goods": "yes", "hgv": "no"}, FLAG_NO_GOODS),
        ({"access": "no", "motor_vehicle": "destination"}, FLAG_DESTINATION),
        ({"hgv": "unknown", "access": "private"}, FLAG_NO_GOODS),
        ({"hgv": "designated"}, 0),
        # Closed to motor vehicles at large, open to some: in the graph, not for lorries.
        ({"motor_vehicle": "no", "bus": "yes"}, FLAG_NO_GOODS),
        ({"access": "no", "psv": "designated"}, FLAG_NO_GOODS),
        ({"access": "no", "goods": "delivery"}, FLAG_DESTINATION),
    ],
)
def test_access_of_lorries(tags, flags):
    found = road(**tags)
    assert found.flags & GOODS == flags


@pytest.mark.parametrize(
    "tags",
    [
        {"access": "no"},
        {"vehicle": "no"},
        {"motor_vehicle": "no"},
        {"access": "yes", "motor_vehicle": "no"},
        {"access": "no", "foot": "yes", "bicycle": "yes"},
        {"motor_vehicle": "no", "hgv": "no"},
        {"access": "No "},
    ],
)
def test_a_road_closed_to_all_motor_vehicles_is_left_out(tags):
    assert read_tags({"highway": "primary"} | tags) is None


@pytest.mark.parametrize(
    ("tags", "flags"),
    [
        ({"bridge": "yes"}, FLAG_BRIDGE),
        ({"bridge": "viaduct"}, FLAG_BRIDGE),
        ({"bridge": "no"}, 0),
        ({"tunnel": "building_passage"}, FLAG_TUNNEL),
        ({"junction": "roundabout"}, FLAG_ROUNDABOUT),
        ({"bridge": "yes", "hgv": "no"}, FLAG_BRIDGE | FLAG_NO_GOODS),
    ],
)
def test_other_flags(tags, flags):
    assert road(**tags).flags == flags


@pytest.mark.parametrize(
    ("text", "layer"),
    [
        ("1", 1),
        ("-2", -2),
        ("+3", 3),
        ("1;2", 1),
        ("1.5", 0),
        ("up", 0),
        ("999", 0),
        ("-128", -128),
    ],
)
def test_layer(text, layer):
    assert road(layer=text).layer == layer


def test_name_and_reference():
    assert read_name({"name": " 滨江路 ", "ref": "S1"}) == "滨江路"
    assert read_name({"ref": "S1"}) == "S1"
    assert read_name({}) == ""


@pytest.mark.parametrize(
    ("tags", "forward", "backward"),
    [
        ({"hgv:backward": "no"}, 0, FLAG_NO_GOODS),
        ({"hgv:forward": "delivery"}, FLAG_DESTINATION, 0),
        ({"access:backward": "no"}, 0, None),
        ({"access:backward": "no", "bus": "yes"}, 0, FLAG_NO_GOODS),
        ({"hgv": "no", "hgv:forward": "yes"}, 0, FLAG_NO_GOODS),
        ({"oneway:hgv": "yes"}, 0, FLAG_NO_GOODS),
        ({"oneway:goods": "-1"}, FLAG_NO_GOODS, 0),
        ({"oneway": "yes", "oneway:hgv": "no"}, 0, 0),
        ({"oneway": "yes", "oneway:hgv": "-1"}, FLAG_NO_GOODS, 0),
        ({"oneway": "alternating"}, 0, 0),
        ({"highway": "motorway", "oneway:hgv": "no"}, 0, 0),
        ({"hgv": "unsuitable"}, 0, 0),
        ({"hgv": "discouraged"}, 0, 0),
        ({"junction": "circular"}, 0, None),
        ({"lanes:psv": "1", "access:lanes": "no|yes"}, 0, 0),
    ],
)
def test_the_directions_of_a_road_may_differ(tags, forward, backward):
    found = read_tags({"highway": "primary"} | tags)
    flags = [None if side is None else side.flags for side in (found.forward, found.backward)]
    assert flags == [forward, backward]


def test_speed_and_limits_of_one_direction():
    forward, backward = directions(
        **{"maxspeed": "70", "maxspeed:backward": "50", "maxheight:forward": "3.8"}
    )
    assert (forward.speed_kmh, backward.speed_kmh) == (70, 50)
    assert (forward.limits.max_height_m, backward.limits.max_height_m) == (3.8, math.inf)


@pytest.mark.parametrize(
    ("tags", "speed_kmh"),
    [
        ({"maxspeed": "80", "maxspeed:hgv": "60"}, 60),
        ({"maxspeed": "signals", "maxspeed:type": "DE:urban"}, 50),
        ({"source:maxspeed": "DE:rural"}, 100),
        ({"source:maxspeed": "sign"}, 60),
        ({"zone:maxspeed": "DE:30"}, 30),
        ({"zone:traffic": "PT:rural"}, 90),
        ({"maxspeed:type": "zone30"}, 30),
    ],
)
def test_speed_from_other_keys(tags, speed_kmh):
    assert road(**tags).speed_kmh == speed_kmh


@pytest.mark.parametrize(
    ("highway", "country", "speed_kmh"),
    [
        ("motorway", "", 110),
        ("motorway", "CN", 120),
        ("motorway", "de", UNLIMITED_KMH),
        ("trunk", "PT", 100),
        ("living_street", "DE", WALKING_KMH),
        ("residential", "CN", 30),
        ("motorway", "DE-BW", UNLIMITED_KMH),
        ("motorway", "XX", 110),
    ],
)
def test_speed_by_class_and_country(highway, country, speed_kmh):
    assert plain(read_tags({"highway": highway}, country)).speed_kmh == speed_kmh


@pytest.mark.parametrize(
    ("tags", "weight_t", "height_m", "width_m"),
    [
        ({}, math.inf, math.inf, math.inf),
        ({"maxweight": "7.5"}, 7.5, math.inf, math.inf),
        ({"maxweight": "7.5 t"}, 7.5, math.inf, math.inf),
        ({"maxweight": "7,5t"}, 7.5, math.inf, math.inf),
        ({"maxweight": "3500 kg"}, 3.5, math.inf, math.inf),
        ({"maxweight": "20000 lbs"}, 9.0718474, math.inf, math.inf),
        ({"maxweight": "3.5;7.5"}, 3.5, math.inf, math.inf),
        ({"maxweight": "12", "maxweightrating": "7.5"}, 7.5, math.inf, math.inf),
        ({"maxweightrating:hgv": "3.5", "maxweightrating": "12"}, 3.5, math.inf, math.inf),
        ({"maxweight": "12", "maxweight:hgv": "18"}, 18, math.inf, math.inf),
        *(
            ({"maxweight": text}, math.inf, math.inf, math.inf)
            for text in ("none", "default", "unsigned", "", "0", "-3", "3500", "heavy", "7.5 m")
        ),
        ({"maxheight": "4"}, math.inf, 4.0, math.inf),
        ({"maxheight": "3.8 m"}, math.inf, 3.8, math.inf),
        ({"maxheight": "380 cm"}, math.inf, 3.8, math.inf),
        ({"maxheight": "12'6\""}, math.inf, 3.81, math.inf),
        ({"maxheight": "12'"}, math.inf, 3.6576, math.inf),
        ({"maxheight": "12 ft 6 in"}, math.inf, 3.81, math.inf),
        ({"maxheight": "12.5ft"}, math.inf, 3.81, math.inf),
        ({"maxheight": "default", "maxheight:physical": "4.7"}, math.inf, 4.7, math.inf),
        *(
            ({"maxheight": text}, math.inf, math.inf, math.inf)
            for text in ("default", "below_default", "no_sign", "none", "380", "yes")
        ),
        ({"maxwidth": "2.2", "maxwidth:physical": "2"}, math.inf, math.inf, 2.0),
        ({"maxlength": "12", "maxaxleload": "8"}, math.inf, math.inf, math.inf),
    ],
)
def test_limits(tags, weight_t, height_m, width_m):
    forward, backward = directions(**tags)
    assert forward.limits == backward.limits == pytest.approx(Limits(weight_t, height_m, width_m))


@pytest.mark.parametrize(
    ("tags", "forward", "backward"),
    [
        ({"hgv:conditional": "no @ (Mo-Fr 07:00-19:00)"}, "no @ (Mo-Fr 07:00-19:00)", None),
        ({"hgv:conditional": "no  @\n(22:00-06:00)"}, "no @ (22:00-06:00)", None),
        ({"goods:conditional": "no @ (a)", "access:conditional": "no @ (b)"}, "no @ (a)", None),
        ({"hgv:conditional": "yes @ (a)", "goods:conditional": "no @ (b)"}, "yes @ (a)", None),
        ({"motor_vehicle:conditional": "no @ (a)"}, "no @ (a)", None),
        ({"access:conditional": "no @ (a)", "motor_vehicle": "yes"}, "", None),
        ({"access:conditional": "no @ (a)", "hgv": "unknown"}, "no @ (a)", None),
        ({"motor_vehicle:conditional": "no @ (a)", "hgv": "no"}, "", None),
        ({"hgv": "no", "hgv:conditional": "yes @ (19:00-06:00)"}, "yes @ (19:00-06:00)", None),
        ({"hgv:forward:conditional": "no @ (a)"}, "no @ (a)", ""),
        (
            {"hgv:backward:conditional": "no @ (a)", "hgv:conditional": "no @ (b)"},
            "no @ (b)",
            "no @ (a)",
        ),
        ({"oneway:conditional": "yes @ (Mo-Fr 07:00-09:00)"}, "", "no @ (Mo-Fr 07:00-09:00)"),
        ({"oneway:conditional": "-1 @ (a)"}, "no @ (a)", ""),
        ({"oneway:conditional": "yes @ (a); -1 @ (b)"}, "", ""),
        ({"maxspeed:conditional": "30 @ (22:00-06:00)"}, "", None),
    ],
)
def test_conditional_access_is_kept_as_text_and_closes_nothing(tags, forward, backward):
    one, other = directions(**tags)
    assert one.condition == forward
    assert other.condition == (forward if backward is None else backward)
    assert one.flags == (FLAG_NO_GOODS if tags.get("hgv") == "no" else 0)


HEADS = ("access", "hgv", "oneway", "maxspeed", "maxweight", "maxheight", "motor_vehicle", "source")
TAILS = ("", ":forward", ":backward", ":conditional", ":forward:conditional", ":hgv", ":physical")
KEYS = st.one_of(
    st.sampled_from(("layer", "bridge", "name", "junction", "area", "maxspeed:type")),
    st.builds(str.__add__, st.sampled_from(HEADS), st.sampled_from(TAILS)),
)
VALUES = st.one_of(
    st.sampled_from(("yes", "no", "-1", "private", "7.5 t", "12'6\"", "no @ (a)", "roundabout")),
    st.text(max_size=12),
)


@given(st.dictionaries(KEYS, VALUES), st.sampled_from(ROAD_CLASSES))
def test_no_value_breaks_the_reading(tags, highway):
    tags = {**tags, "highway": highway}
    found = read_tags(tags)
    assert TagReader().read(tags) == found
    if found is None:
        return
    assert (found.forward, found.backward) != (None, None)
    assert -128 <= found.layer <= 127
    for side in (found.forward, found.backward):
        if side is not None:
            assert 0.0 < side.speed_kmh <= 200.0
            assert 0 <= found.flags | side.flags < 32
            assert all(limit > 0.0 for limit in side.limits)
