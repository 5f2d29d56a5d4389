"""Speed cameras, plate readers and other devices of enforcement in OpenStreetMap files.

Sources: OSM wiki, Tag:highway=speed_camera, Relation:enforcement, Tag:man_made=surveillance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import osmium

from roadnet.importers.device_bearings import COMPASS, distinct
from roadnet.importers.device_surroundings import EnforcementRelation, Surroundings
from roadnet.importers.osm_files import reading_osm
from roadnet.importers.osm_places import chosen_ways, locate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from roadnet.importers.tags import Tags

_PLATE_READERS: Final = frozenset({"alpr", "anpr"})


@dataclass(frozen=True, slots=True)
class Device:
    """A device of enforcement, once for each direction of travel that it is known to read.

    Attributes
    ----------
    device_id
        `osm-node-123`; where a device reads several directions, with the compass point of this one:
        `osm-node-123-ne`.
    node_id
        Of its node.
    lon, lat
        Degrees, in the datum of the file (OSM: WGS-84).
    kind
        `speed_camera`, `alpr`, `enforcement` (by a tag or a relation only) or `surveillance`.
    name
        Its own, else that of its street; empty when neither has one.
    enforces
        What is enforced, `maxspeed 50`, `traffic_signals`; may be empty.
    bearing_deg
        Direction of travel of the vehicles it reads, degrees clockwise from true north in [0, 360);
        None for any.
    bearing_by
        What the bearing was told by: `relation 158547`, `direction=191`, `one-way street`; empty
        without bearing.
    doubts
        What should be looked at before relying on the record, each for a human.
    """

    device_id: str
    node_id: int
    lon: float
    lat: float
    kind: str
    name: str
    enforces: tuple[str, ...]
    bearing_deg: float | None
    bearing_by: str
    doubts: tuple[str, ...]


class LeftOut(NamedTuple):
    """An object of the file that is no device, or none that can be used, and why."""

    element: str  # `node 123`, `relation 45`
    reason: str


class DeviceReading(NamedTuple):
    """The devices of a file in the order of their ids, and what was left out."""

    devices: tuple[Device, ...]
    left_out: tuple[LeftOut, ...]


def read_devices(
    path: str, *, looks_along_travel: bool = False, surveillance: bool = False
) -> DeviceReading:
    """Find the devices of enforcement in an OSM file.

    Devices are nodes tagged `highway=speed_camera`, `enforcement=*` or as a surveillance camera that
    reads plates (`surveillance:type=ALPR`), and the members with role `device` of relations
    `type=enforcement`. The direction is told by the first that tells one of: the `from` and `to` of
    its relations; its `camera:direction` or `direction`; the one-way street that it stands on.

    Parameters
    ----------
    path
        Local OSM file, as for `load_osm`.
    looks_along_travel
        `direction` in degrees says where a device looks. By default it is taken to look at vehicles
        that come to it, against their travel; if set, at vehicles that go from it.
    surveillance
        Take other surveillance cameras too; they are left out otherwise, since most read no plates.

    Raises
    ------
    NetworkError
        Not an OSM file, or broken.
    """
    with reading_osm(path):
        relations = _relations(path)
        nodes = _tagged_nodes(path)
        left_out = list(_relations_left_out(relations))
        kinds: dict[int, str] = dict.fromkeys(_members(relations, "n", "device"), "enforcement")
        for node_id, tags in nodes.items():
            kind, reason = _kind(tags, surveillance=surveillance)
            if kind:
                kinds[node_id] = kind
            elif node_id not in kinds:
                left_out.append(LeftOut(f"node {node_id}", reason))
        members = set(_members(relations, "n"))
        around = members | kinds.keys()
        member_ways = set(_members(relations, "w"))
        ways = chosen_ways(
            path,
            lambda way_id, _, refs: way_id in member_ways or not around.isdisjoint(refs),
        )
        places = locate(path, around.union(*(way.refs for way in ways)))
    surroundings = Surroundings(relations, ways, places, looks_along_travel=looks_along_travel)
    devices: list[Device] = []
    for node_id, kind in sorted(kinds.items()):
        if node_id in places:
            devices += _records(surroundings, node_id, kind, nodes.get(node_id, {}))
        else:
            left_out.append(LeftOut(f"node {node_id}", "the file does not hold this device"))
    return DeviceReading(tuple(devices), tuple(left_out))


def _relations(path: str) -> list[EnforcementRelation]:
    found = []
    for item in osmium.FileProcessor(path, osmium.osm.RELATION).with_filter(
        osmium.filter.TagFilter(("type", "enforcement"))
    ):
        if isinstance(item, osmium.osm.Relation):
            members: dict[str, dict[tuple[str, int], None]] = {}
            for member in item.members:
                members.setdefault(member.role.strip(), {})[member.type, member.ref] = None
            roles = {role: tuple(refs) for role, refs in members.items()}
            found.append(EnforcementRelation(item.id, dict(item.tags), roles))
    return sorted(found, key=lambda relation: relation.relation_id)


def _relations_left_out(relations: Iterable[EnforcementRelation]) -> Iterator[LeftOut]:
    for relation in relations:
        element = f"relation {relation.relation_id}"
        devices = relation.members.get("device", ())
        if not devices:
            yield LeftOut(element, "it names no device")
        for kind, ref in devices:
            if kind != "n":
                what = "way" if kind == "w" else "relation"
                yield LeftOut(element, f"its device is {what} {ref}, expected a node")


def _members(
    relations: Iterable[EnforcementRelation], kind: str, role: str | None = None
) -> Iterator[int]:
    for relation in relations:
        for name, members in relation.members.items():
            if role is None or name == role:
                yield from (ref for member_kind, ref in members if member_kind == kind)


def _tagged_nodes(path: str) -> dict[int, dict[str, str]]:
    """Return the tags of the nodes that may be devices."""
    nodes = osmium.FileProcessor(path, osmium.osm.NODE).with_filter(
        osmium.filter.KeyFilter("highway", "man_made", "enforcement", "surveillance:type")
    )
    return {
        node.id: dict(node.tags)
        for node in nodes
        if isinstance(node, osmium.osm.Node)
        and (
            node.tags.get("highway") == "speed_camera"
            or node.tags.get("man_made") == "surveillance"
            or "enforcement" in node.tags
            or "surveillance:type" in node.tags
        )
    }


def _kind(tags: Tags, *, surveillance: bool) -> tuple[str, str]:
    """Say of which kind a device is by its own tags; else nothing, and why it is none."""
    if tags.get("highway") == "speed_camera":
        return "speed_camera", ""
    if (tags.get("surveillance:type") or "").strip().lower() in _PLATE_READERS:
        return "alpr", ""
    if tags.get("enforcement") is not None:
        role = tags.get("role") or "device"
        if role == "device":
            return "enforcement", ""
        return "", f"it is the `{role}` of an enforcement, not its device"
    if surveillance:
        return "surveillance", ""
    return "", "a surveillance camera that is not said to read plates"


def _records(surroundings: Surroundings, node_id: int, kind: str, tags: Tags) -> Iterator[Device]:
    """Yield a device, once for each direction."""
    seen = surroundings.of(node_id, tags)
    directions = distinct([told.degrees for told in seen.told])
    lon, lat = surroundings.place(node_id)
    doubts = list(seen.doubts)
    hours = (tags.get("opening_hours") or "24/7").strip()
    if hours != "24/7":
        doubts.append(f"it works only `{hours}`")
    if not directions:
        doubts.append("nothing says in which direction it reads: it counts for all")
    for direction in directions or (None,):
        told = next((one for one in seen.told if one.degrees == direction), None)
        suffix = ""
        if direction is not None and len(directions) > 1:
            suffix = f"-{COMPASS[round(direction / 22.5) % 16].lower()}"
        yield Device(
            device_id=f"osm-node-{node_id}{suffix}",
            node_id=node_id,
            lon=lon,
            lat=lat,
            kind=kind,
            name=seen.name,
            enforces=seen.enforces,
            bearing_deg=None if direction is None else round(direction, 1) % 360.0,
            bearing_by=told.by if told else "",
            doubts=tuple(dict.fromkeys((*((told.doubt,) if told and told.doubt else ()), *doubts))),
        )
