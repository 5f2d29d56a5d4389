"""Speed cameras and plate readers of small towns: which, where, and which way they read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from roadnet.errors import NetworkError
from roadnet.importers.devices import Device, DeviceReading, read_devices
from tests.roadnet.real_data import road_file

if TYPE_CHECKING:
    from pathlib import Path

LON, LAT = 8.7, 49.4
EAST, NORTH = 1 / 72_362, 1 / 111_195  # degrees of a metre

Tags = dict[str, str]
ROAD = {"highway": "secondary", "name": "Main Street"}
CAMERA = {"highway": "speed_camera"}


def xml(
    nodes: dict[int, tuple[float, float]],
    ways: dict[int, tuple[list[int], Tags]],
    relations: dict[int, tuple[list[tuple[str, int, str]], Tags]] | None = None,
    tagged: dict[int, Tags] | None = None,
) -> str:
    """Write a town: nodes in metres from a corner, relations with members (type, ref, role)."""

    def tags(of: Tags) -> str:
        return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in of.items())

    lines = ['<osm version="0.6">']
    for node, (x, y) in nodes.items():
        body = tags((tagged or {}).get(node, {}))
        lines.append(
            f'<node id="{node}" lon="{LON + x * EAST}" lat="{LAT + y * NORTH}">{body}</node>'
        )
    for way, (refs, own) in ways.items():
        body = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        lines.append(f'<way id="{way}">{body}{tags(own)}</way>')
    for relation, (members, own) in (relations or {}).items():
        body = "".join(f'<member type="{a}" ref="{b}" role="{c}"/>' for a, b, c in members)
        every = {"type": "enforcement"} | own
        lines.append(f'<relation id="{relation}">{body}{tags(every)}</relation>')
    return "\n".join([*lines, "</osm>"])


def read(folder: Path, text: str, **options: bool) -> DeviceReading:
    path = folder / "town.osm"
    path.write_text(text, encoding="utf-8")
    return read_devices(str(path), **options)


def bearings(reading: DeviceReading) -> dict[str, float | None]:
    return {device.device_id: device.bearing_deg for device in reading.devices}


# A road from west to east, a camera on it at 2.
STREET = {1: (-200.0, 0.0), 2: (0.0, 0.0), 3: (200.0, 0.0)}


def test_a_camera_without_direction_counts_for_all(tmp_path: Path) -> None:
    tags = CAMERA | {"maxspeed": "50"}
    (device,) = read(tmp_path, xml(STREET, {9: ([1, 2, 3], ROAD)}, tagged={2: tags})).devices
    assert device == Device(
        device_id="osm-node-2",
        node_id=2,
        lon=pytest.approx(LON),
        lat=pytest.approx(LAT),
        kind="speed_camera",
        name="Main Street",
        enforces=("maxspeed 50",),
        bearing_deg=None,
        bearing_by="",
        doubts=("nothing says in which direction it reads: it counts for all",),
    )


@pytest.mark.parametrize(
    ("oneway", "bearing"), [("yes", 90.0), ("-1", 270.0), ("no", None), ("reversible", None)]
)
def test_a_one_way_street_tells_the_direction(
    tmp_path: Path, oneway: str, bearing: float | None
) -> None:
    road = ROAD | {"oneway": oneway}
    reading = read(tmp_path, xml(STREET, {9: ([1, 2, 3], road)}, tagged={2: CAMERA}))
    assert bearings(reading) == {"osm-node-2": bearing}
    assert reading.devices[0].bearing_by == ("" if bearing is None else "one-way street")


@pytest.mark.parametrize(
    ("key", "value", "along_travel", "expected"),
    [
        ("direction", "95", False, {"": 270.0}),  # looks east, so reads what comes from there
        ("camera:direction", "E", False, {"": 270.0}),
        ("direction", "95", True, {"": 90.0}),
        ("direction", "90;265", False, {"-w": 270.0, "-e": 90.0}),
        ("direction", "forward", False, {"": 90.0}),
        ("direction", "backward", False, {"": 270.0}),
        ("direction", "both", False, {"-e": 90.0, "-w": 270.0}),
        ("direction", "20", False, {"": 200.0}),  # no street runs that way
    ],
)
def test_tags_of_direction(
    tmp_path: Path, key: str, value: str, along_travel: bool, expected: dict[str, float]
) -> None:
    town = xml(STREET, {9: ([1, 2, 3], ROAD)}, tagged={2: CAMERA | {key: value}})
    reading = read(tmp_path, town, looks_along_travel=along_travel)
    wanted = {f"osm-node-2{end}": bearing for end, bearing in expected.items()}
    assert bearings(reading) == pytest.approx(wanted, abs=0.2)
    assert {device.bearing_by for device in reading.devices} == {f"{key}={value}"}
    assumed = f"{key}={value}: taken to look {'along' if along_travel else 'against'} travel"
    word = value in {"forward", "backward", "both"}
    assert all(device.doubts == (() if word else (assumed,)) for device in reading.devices)


def test_tags_that_are_no_direction(tmp_path: Path) -> None:
    town = xml(STREET, {9: ([1, 3], ROAD)}, tagged={2: CAMERA | {"direction": "up"}, 1: CAMERA})
    reading = read(tmp_path, town.replace('v="up"', 'v="forward"'))
    assert "direction=forward, but it stands on no way" in reading.devices[1].doubts
    reading = read(tmp_path, town)
    assert "direction=up is no direction" in reading.devices[1].doubts


def test_a_way_that_stands_there_twice_is_one(tmp_path: Path) -> None:
    town = xml(STREET, {9: ([1, 2, 3], ROAD)}, tagged={2: CAMERA | {"direction": "forward"}})
    way = town[town.index("<way") : town.index("</way>") + len("</way>")]
    (device,) = read(tmp_path, town.replace(way, way + way)).devices
    assert device.doubts == ()


RELATION = {"enforcement": "maxspeed", "maxspeed": "70"}


@pytest.mark.parametrize("beside", [-12.0, 0.0, 12.0])
@pytest.mark.parametrize(("begin", "end", "bearing"), [(1, 3, 90.0), (3, 1, 270.0)])
def test_a_relation_tells_the_direction(
    tmp_path: Path, beside: float, begin: int, end: int, bearing: float
) -> None:
    nodes = STREET | {7: (-60.0, beside)}
    members = [("node", 7, "device"), ("node", begin, "from"), ("node", end, "to")]
    town = xml(nodes, {9: ([1, 2, 3], ROAD)}, {5: (members, RELATION)}, {7: CAMERA})
    (device,) = read(tmp_path, town).devices
    assert device.bearing_deg == pytest.approx(bearing, abs=0.2)
    assert (device.bearing_by, device.doubts) == ("relation 5", ())
    assert (device.name, device.enforces) == ("Main Street", ("maxspeed 70",))


def test_a_device_that_two_relations_name_is_a_record_for_each_direction(tmp_path: Path) -> None:
    there = [("node", 2, "device"), ("node", 1, "from"), ("node", 3, "to")]
    back = [("node", 2, "device"), ("node", 3, "from"), ("node", 1, "to")]
    again = {"enforcement": "traffic_signals"}
    relations = {5: (there, RELATION), 6: (back, RELATION), 7: (there, again)}
    reading = read(tmp_path, xml(STREET, {9: ([1, 2, 3], ROAD)}, relations))
    assert bearings(reading) == pytest.approx(
        {"osm-node-2-e": 90.0, "osm-node-2-w": 270.0}, abs=0.2
    )
    first = reading.devices[0]
    assert first.kind == "enforcement"  # it has no tags of its own
    assert first.enforces == ("maxspeed 70", "traffic_signals")


def test_ways_as_members(tmp_path: Path) -> None:
    members = [("node", 2, "device"), ("way", 8, "from")]
    ways = {8: ([3, 2], ROAD), 9: ([1, 2], ROAD)}
    reading = read(tmp_path, xml(STREET, ways, {5: (members, RELATION)}))
    assert bearings(reading) == pytest.approx({"osm-node-2": 270.0}, abs=0.2)


def test_several_devices_each_have_their_nearest_stretch(tmp_path: Path) -> None:
    nodes = {
        1: (-300.0, 0.0),
        2: (-200.0, 0.0),
        3: (-100.0, 0.0),
        4: (300.0, 0.0),
        5: (200.0, 0.0),
        6: (100.0, 0.0),
    }
    members = [
        ("node", 2, "device"), ("node", 5, "device"),
        ("node", 1, "from"), ("node", 4, "from"), ("node", 3, "to"), ("node", 6, "to"),
    ]  # fmt: skip
    town = xml(nodes, {9: ([1, 2, 3, 6, 5, 4], ROAD)}, {8: (members, RELATION)})
    assert bearings(read(tmp_path, town)) == pytest.approx(
        {"osm-node-2": 90.0, "osm-node-5": 270.0}, abs=0.2
    )


def test_a_relation_whose_ends_are_cut_off_leaves_a_doubt(tmp_path: Path) -> None:
    members = [("node", 2, "device"), ("node", 77, "from"), ("way", 78, "to")]
    town = xml(STREET, {9: ([1, 2, 3], ROAD)}, {5: (members, RELATION)})
    (device,) = read(tmp_path, town).devices
    assert device.bearing_deg is None
    assert "relation 5 has no from and no to in the file" in device.doubts


def test_a_tag_that_contradicts_the_relation_leaves_a_doubt(tmp_path: Path) -> None:
    members = [("node", 2, "device"), ("node", 1, "from"), ("node", 3, "to")]
    ways, relations = {9: ([1, 2, 3], ROAD)}, {5: (members, RELATION)}
    for look, contradicts in (("90", False), ("270", False), ("0", True)):
        town = xml(STREET, ways, relations, {2: CAMERA | {"direction": look}})
        (device,) = read(tmp_path, town).devices
        assert device.bearing_deg == pytest.approx(90.0, abs=0.2)
        assert any("tell different directions" in doubt for doubt in device.doubts) is contradicts


def test_what_is_a_device_and_what_is_none(tmp_path: Path) -> None:
    tagged = {
        1: {"man_made": "surveillance", "surveillance:type": "ALPR"},
        2: {"man_made": "surveillance", "surveillance": "outdoor"},
        3: {"enforcement": "maxspeed", "role": "from"},
        4: {"enforcement": "maxheight", "opening_hours": "Mo-Fr"},
        5: {"highway": "traffic_signals"},
    }
    nodes = {node: (node * 10.0, 0.0) for node in tagged}
    relations = {
        7: ([("node", 1, "from")], RELATION),
        8: ([("way", 9, "device")], RELATION),
        6: ([("node", 99, "device")], RELATION),
    }
    town = xml(nodes, {9: ([1, 5], ROAD)}, relations, tagged)
    reading = read(tmp_path, town)
    assert [(one.node_id, one.kind) for one in reading.devices] == [(1, "alpr"), (4, "enforcement")]
    assert "it works only `Mo-Fr`" in reading.devices[1].doubts
    assert {tuple(one) for one in reading.left_out} == {
        ("node 2", "a surveillance camera that is not said to read plates"),
        ("node 3", "it is the `from` of an enforcement, not its device"),
        ("relation 7", "it names no device"),
        ("relation 8", "its device is way 9, expected a node"),
        ("node 99", "the file does not hold this device"),
    }
    reading = read(tmp_path, town, surveillance=True)
    assert [one.kind for one in reading.devices] == ["alpr", "surveillance", "enforcement"]


def test_negative_ids_and_ways_before_their_nodes(tmp_path: Path) -> None:
    nodes = {-1: (-200.0, 0.0), -2: (0.0, 0.0), -3: (200.0, 0.0)}
    ways = {-9: ([-1, -2, -3], ROAD | {"oneway": "yes"})}
    text = xml(nodes, ways, tagged={-2: CAMERA})
    head, *rest = text.splitlines()
    turned = "\n".join([head, *sorted(rest[:-1], key=lambda line: "<node" in line), rest[-1]])
    for town in (text, turned):
        assert bearings(read(tmp_path, town)) == pytest.approx({"osm-node--2": 90.0}, abs=0.2)


def test_a_broken_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="ends too early"):
        read(tmp_path, '<osm version="0.6"><node id="1"')
    with pytest.raises(NetworkError, match="HTML page"):
        read(tmp_path, "<html>")


def test_heidelberg() -> None:
    reading = read_devices(road_file("heidelberg.osm.pbf"))
    told = {device.device_id: device for device in reading.devices}
    assert len(told) == 17
    assert sum(device.bearing_deg is None for device in reading.devices) == 1
    # Schriesheim, Landstraße: one device, a relation for each direction of a road that runs NNW.
    for end, bearing in (("nnw", 344.4), ("sse", 164.4)):
        assert told[f"osm-node-3112706660-{end}"].bearing_deg == pytest.approx(bearing, abs=2)
    # The relation's way leads to the light at the Czernyring from the west.
    assert told["osm-node-285880240"].bearing_deg == pytest.approx(89, abs=5)
    assert told["osm-node-303300520"].name == "Karlsruher Straße"
    elements = {one.element.split()[0] for one in reading.left_out}
    assert (len(reading.left_out), elements) == (19, {"node"})


def test_lower_saxony() -> None:
    reading = read_devices(road_file("lower-saxony-main-roads.osm.gz"))
    assert len(reading.devices) == 24
    by = [device.bearing_by for device in reading.devices]
    assert by.count("one-way street") == 19
    assert by.count("direction=191") == 1
    reasons = {one.reason for one in reading.left_out}
    assert "it is the `from` of an enforcement, not its device" in reasons
