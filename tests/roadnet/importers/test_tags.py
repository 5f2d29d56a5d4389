from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadnet.importers.tags import DEFAULT_SPEED_KMH, UNLIMITED_KMH, WALKING_KMH, read_tags
from roadnet.types import (
    FLAG_BRIDGE,
    FLAG_DESTINATION,
    FLAG_NO_GOODS,
    FLAG_ROUNDABOUT,
    FLAG_TUNNEL,
    ROAD_CLASSES,
)

GOODS = FLAG_NO_GOODS | FLAG_DESTINATION


def road(**tags: str):
    return read_tags({"highway": "primary"} | tags)


@pytest.mark.parametrize("highway", ROAD_CLASSES)
def test_every_road_class_is_read_with_its_default_speed(highway):
    code = ROAD_CLASSES.index(highway)
    found = read_tags({"highway": highway})
    assert found is not None
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
    assert found is not None
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
    assert road(**tags) is None


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
    assert road(name=" 滨江路 ", ref="S1").name == "滨江路"
    assert road(ref="S1").name == "S1"
    assert road().name == ""


KEYS = ("oneway", "maxspeed", "layer", "access", "hgv", "bridge", "name", "junction", "area")


@given(st.dictionaries(st.sampled_from(KEYS), st.text(max_size=12)), st.sampled_from(ROAD_CLASSES))
def test_no_value_breaks_the_reading(tags, highway):
    found = read_tags({**tags, "highway": highway})
    if found is not None:
        assert 0.0 < found.speed_kmh <= 200.0
        assert found.oneway in {-1, 0, 1}
        assert -128 <= found.layer <= 127
        assert 0 <= found.flags < 32
