"""Ways of an OpenStreetMap file whose tags say who may drive on them, and how heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from roadnet.importers.conditions import ACCESS_KEYS
from roadnet.importers.osm_files import reading_osm
from roadnet.importers.osm_places import chosen_ways, locate
from roadnet.types import ROAD_CLASSES

if TYPE_CHECKING:
    from roadnet.types import FloatArray

LIMIT_KEYS: Final = (
    "maxweight",
    "maxweightrating",
    "maxaxleload",
    "maxheight",
    "maxwidth",
    "maxlength",
)
_KEYS: Final = frozenset((*ACCESS_KEYS, *LIMIT_KEYS))
# Pedestrian streets are no roads of the network, but lorries deliver there at some hours.
_HIGHWAYS: Final = frozenset((*ROAD_CLASSES, "pedestrian"))


class RestrictedWay(NamedTuple):
    """A road with tags of access or limits.

    Attributes
    ----------
    way_id
        Of OpenStreetMap.
    tags
        All of them.
    refs
        Ids of its nodes, in order.
    lines
        Its stretches whose nodes the file holds, (k, 2) WGS-84 degrees each; may be empty.
    """

    way_id: int
    tags: dict[str, str]
    refs: tuple[int, ...]
    lines: tuple[FloatArray, ...]


def read_restricted_ways(path: str) -> tuple[RestrictedWay, ...]:
    """Find the roads and pedestrian streets with a tag of access or limits, in the order of their ids.

    Parameters
    ----------
    path
        Local OSM file, as for `load_osm`.

    Raises
    ------
    NetworkError
        Not an OSM file, or broken.
    """
    with reading_osm(path):
        ways = sorted(
            chosen_ways(
                path,
                lambda _, tags, __: (
                    tags.get("highway") in _HIGHWAYS
                    and any(tag.k.partition(":")[0] in _KEYS for tag in tags)
                ),
            ),
            key=lambda way: way.way_id,
        )
        places = locate(path, {ref for way in ways for ref in way.refs})
    return tuple(
        RestrictedWay(way.way_id, way.tags, way.refs, tuple(way.stretches(places))) for way in ways
    )
