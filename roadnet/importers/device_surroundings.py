"""What relations, tags and streets around a device say of the direction in which it reads.

Sources: OSM wiki, Relation:enforcement, Key:direction, Key:camera:direction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from roadnet.geodesy import angle_between_deg, local_plane
from roadnet.importers.device_bearings import (
    Bearing,
    Member,
    along_street,
    bearing_between,
    looks_deg,
    way_bearing,
)
from roadnet.importers.tags import read_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from roadnet.importers.osm_places import Place, TaggedWay
    from roadnet.importers.tags import Tags
    from roadnet.types import FloatArray

_DIRECTIONS: Final = ("camera:direction", "direction")
_ALONG_THE_WAY: Final = {"forward": (0.0,), "backward": (180.0,), "both": (0.0, 180.0)}
_FACING_DEG: Final = 60.0  # a device looks along travel or against it, give or take this


class EnforcementRelation(NamedTuple):
    """A relation `type=enforcement`: its tags, and its members by role as (`n`, `w` or `r`, id)."""

    relation_id: int
    tags: dict[str, str]
    members: Mapping[str, tuple[tuple[str, int], ...]]


class Told(NamedTuple):
    """A direction of travel in degrees, what told it, and a doubt."""

    degrees: float
    by: str
    doubt: str = ""


class Seen(NamedTuple):
    """All that is known around a device: its directions, and doubts that concern each of them."""

    told: tuple[Told, ...]
    doubts: tuple[str, ...]
    name: str
    enforces: tuple[str, ...]


class Surroundings:
    """The relations and ways around the devices of a file; immutable.

    Parameters
    ----------
    relations
        Enforcement relations, in the order in which their directions are told.
    ways
        Those that hold a device or a member of a relation, or are one.
    places
        Where the nodes of all that lie; what is missing is not in the file.
    looks_along_travel
        Whether a device looks after the vehicles that it reads.
    """

    def __init__(
        self,
        relations: Iterable[EnforcementRelation],
        ways: Iterable[TaggedWay],
        places: Mapping[int, Place],
        *,
        looks_along_travel: bool,
    ) -> None:
        self._places = places
        self._looks_along_travel = looks_along_travel
        self._ways: dict[int, TaggedWay] = {}
        self._ways_at: dict[int, list[TaggedWay]] = {}
        for way in ways:
            self._ways[way.way_id] = way
            for ref in dict.fromkeys(way.refs):
                self._ways_at.setdefault(ref, []).append(way)
        self._relations: dict[int, list[EnforcementRelation]] = {}
        for relation in relations:
            for kind, ref in relation.members.get("device", ()):
                if kind == "n":
                    self._relations.setdefault(ref, []).append(relation)

    def place(self, node_id: int) -> Place:
        """Return longitude and latitude of a node."""
        return self._places[node_id]

    def of(self, node_id: int, tags: Tags) -> Seen:
        """Say what is known around a device, a node with those tags whose place is known."""
        relations = self._relations.get(node_id, [])
        doubts: list[str] = []
        told = [
            one for relation in relations for one in self._by_relation(node_id, relation, doubts)
        ]
        by_tag = self._by_tag(node_id, tags, doubts)
        for one in by_tag if told else ():
            off = [float(angle_between_deg(one.degrees, other.degrees)) for other in told]
            # Looking after vehicles instead of at them contradicts nothing.
            if all(_FACING_DEG < angle < 180.0 - _FACING_DEG for angle in off):
                doubts.append(f"{one.by} and its relation tell different directions")
        streets = self._streets(node_id, relations)
        own_name = _first(tags, "name", "ref")
        names = [own_name, *(_first(way.tags, "name", "ref") for way in streets)]
        return Seen(
            tuple(told or by_tag or self._by_street(node_id)),
            tuple(doubts),
            next((name for name in names if name), ""),
            _enforces([tags, *(relation.tags for relation in relations)]),
        )

    def _by_relation(
        self, node_id: int, relation: EnforcementRelation, doubts: list[str]
    ) -> list[Told]:
        begins = self._seen(node_id, relation, "from")
        ends = self._seen(node_id, relation, "to")
        if len(relation.members["device"]) > 1:  # each device has its own stretch: the nearest
            begins, ends = _nearest(begins), _nearest(ends)
        pairs: list[tuple[Member | None, Member | None]]
        if not begins:
            pairs = [(None, end) for end in ends]
        elif len(begins) == 1:
            pairs = [(begins[0], next(iter(_nearest(ends)), None))]
        else:  # which of several ends belongs to which begin, a relation does not say
            pairs = [(begin, ends[0] if len(ends) == 1 else None) for begin in begins]
        by = f"relation {relation.relation_id}"
        if not pairs:
            doubts.append(f"{by} has no from and no to in the file")
        headings = self._headings(node_id, self._streets(node_id, [relation]))
        told = []
        for begin, end in pairs:
            bearing = along_street(bearing_between(begin, end), headings)
            if bearing.degrees is None:
                doubts.append(f"{by}: {bearing.doubt}")
            else:
                told.append(Told(bearing.degrees, by, bearing.doubt))
        return told

    def _by_tag(self, node_id: int, tags: Tags, doubts: list[str]) -> list[Told]:
        key = next((key for key in _DIRECTIONS if (tags.get(key) or "").strip()), None)
        if key is None:
            return []
        text = (tags.get(key) or "").strip()
        by = f"{key}={text}"
        headings = self._headings(node_id, self._ways_at.get(node_id, []))
        along = _ALONG_THE_WAY.get(text.lower())
        if along is not None:
            if not headings:
                doubts.append(f"{by}, but it stands on no way")
                return []
            if len(headings) > 1:
                doubts.append(f"{by}, but several ways meet where it stands")
            return [Told((headings[0] + turn) % 360.0, by) for turn in along]
        looks = looks_deg(text)
        if looks is None:
            doubts.append(f"{by} is no direction")
            return []
        turn = 0.0 if self._looks_along_travel else 180.0
        doubt = f"{by}: taken to look {'along' if self._looks_along_travel else 'against'} travel"
        bearings = [along_street(Bearing((look + turn) % 360.0), headings) for look in looks]
        return [Told(one.degrees, by, doubt) for one in bearings if one.degrees is not None]

    def _by_street(self, node_id: int) -> list[Told]:
        """Tell the direction by one-way streets, if there are no others where the device stands."""
        streets = self._ways_at.get(node_id, [])
        if not all(_oneway(way.tags) for way in streets):
            return []
        return [Told(degrees, "one-way street") for degrees in self._headings(node_id, streets)]

    def _streets(
        self, node_id: int, relations: Iterable[EnforcementRelation]
    ) -> Sequence[TaggedWay]:
        """Return the ways that a device stands on; beside the road, those of its relations."""
        own = self._ways_at.get(node_id, [])
        if own:
            return own
        for role in ("from", "to"):
            found = [
                way
                for relation in relations
                for kind, ref in relation.members.get(role, ())
                for way in (
                    self._ways_at.get(ref, [])
                    if kind == "n"
                    else [self._ways[ref]]
                    if kind == "w" and ref in self._ways
                    else []
                )
            ]
            if found:
                return found
        return ()

    def _headings(self, node_id: int, streets: Iterable[TaggedWay]) -> list[float]:
        """Return the direction of each street where it is nearest to a device, as traffic runs."""
        headings = []
        for way in streets:
            xy = self._nearest_stretch(node_id, way)
            if xy is not None:
                turn = 180.0 if _oneway(way.tags) < 0 else 0.0
                headings.append((way_bearing(xy) + turn) % 360.0)
        return headings

    def _seen(self, node_id: int, relation: EnforcementRelation, role: str) -> list[Member]:
        """Return the members of a role as a device sees them, without those not in the file."""
        members = []
        for kind, ref in relation.members.get(role, ()):
            if kind == "n" and ref in self._places and ref != node_id:
                members.append(Member(self._project(node_id, np.array([self._places[ref]]))))
            elif kind == "w" and ref in self._ways:
                xy = self._nearest_stretch(node_id, self._ways[ref])
                if xy is not None:
                    members.append(Member(xy, _oneway(self._ways[ref].tags)))
        return members

    def _nearest_stretch(self, node_id: int, way: TaggedWay) -> FloatArray | None:
        """Return the stretch of a way that is nearest to a device, in metres from it."""
        stretches = [self._project(node_id, part) for part in way.stretches(self._places)]
        return min(stretches, key=_away_m, default=None)

    def _project(self, node_id: int, lonlat: FloatArray) -> FloatArray:
        x, y = local_plane(*self._places[node_id]).to_xy(lonlat[:, 0], lonlat[:, 1])
        xy: FloatArray = np.column_stack((x, y))
        return xy


def _nearest(members: list[Member]) -> list[Member]:
    return [min(members, key=lambda member: _away_m(member.xy))] if members else []


def _away_m(xy: FloatArray) -> float:
    return float(np.hypot(xy[:, 0], xy[:, 1]).min())


def _oneway(tags: Mapping[str, str]) -> int:
    road = read_tags(tags)
    return 0 if road is None else road.oneway


def _first(tags: Tags, *keys: str) -> str:
    return next((text for key in keys if (text := (tags.get(key) or "").strip())), "")


def _enforces(sources: Iterable[Tags]) -> tuple[str, ...]:
    """Say what is enforced, with the value where the tags give it."""
    found: dict[str, str] = {}
    for tags in sources:
        for what in (tags.get("enforcement") or "").split(";"):
            if what.strip():
                found.setdefault(what.strip(), "")
        for what in dict.fromkeys(("maxspeed", *found)):
            value = (tags.get(what) or "").strip()
            if value:
                found[what] = value
    return tuple(f"{what} {value}".strip() for what, value in found.items())
