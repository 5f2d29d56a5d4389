"""What OpenStreetMap tags say of a road: its class, speed, direction, and who may drive it.

Keys and values as in the OSM wiki: Key:highway, Key:layer, Key:junction; see `access`, `directions`, `limits`
and `speeds` for the others. A value that is not understood says nothing; a road is never dropped because
of one. `goods` and `hgv` count, the most particular wins, and conditional tags close nothing by themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from roadnet.importers.access import ACCESS_OF_ALL, ACCESS_OF_SOME
from roadnet.importers.directions import ROUNDABOUTS, Direction, read_directions
from roadnet.types import FLAG_BRIDGE, FLAG_ROUNDABOUT, FLAG_TUNNEL, ROAD_CLASSES
from roadnet.ways import BACKWARD, BOTH_WAYS, FORWARD

if TYPE_CHECKING:
    from collections.abc import Mapping

_CLASS_CODE: Final = {name: code for code, name in enumerate(ROAD_CLASSES)}
# First parts of all keys that say something here; others need not be read.
_HEADS: Final = frozenset(
    {"highway", "area", "junction", "layer", "bridge", "tunnel", "oneway", "source", "zone"}
    | {"maxspeed", "maxweight", "maxweightrating", "maxheight", "maxwidth"}
    | {*ACCESS_OF_ALL, *ACCESS_OF_SOME}
)


class Tags(Protocol):
    """Anything that tells the value of a key, a dict or osmium's TagList."""

    def get(self, key: str, default: None = None, /) -> str | None:
        """Return the value, None if the key is not there."""


class RoadTags(NamedTuple):
    """A road as its tags describe it.

    Attributes
    ----------
    road_class
        Code in `roadnet.types.ROAD_CLASSES`.
    flags
        FLAG_BRIDGE, FLAG_TUNNEL, FLAG_ROUNDABOUT; those of access are in the directions.
    layer
        -128 to 127.
    forward, backward
        In the order of the way's points, and against it; None for what is not driven. Never both.
    """

    road_class: int
    flags: int
    layer: int
    forward: Direction | None
    backward: Direction | None

    @property
    def oneway(self) -> int:
        """FORWARD, BOTH_WAYS or BACKWARD of `roadnet.ways`."""
        if self.forward is None:
            return BACKWARD
        return FORWARD if self.backward is None else BOTH_WAYS


class TagReader:
    """Interprets tags of many ways; equal ones once.

    Parameters
    ----------
    country
        ISO 3166 code, for speeds that no tag gives; empty where unknown.
    """

    __slots__ = ("_country", "_known")

    def __init__(self, country: str = "") -> None:
        self._country = country
        self._known: dict[tuple[tuple[str, str], ...], RoadTags | None] = {}

    def read(self, tags: Mapping[str, str]) -> RoadTags | None:
        """Interpret the tags of a way, as `read_tags` does."""
        telling = tuple(sorted(item for item in tags.items() if tells(item[0])))
        if telling not in self._known:
            self._known[telling] = read_tags(dict(telling), self._country)
        return self._known[telling]


def tells(key: str) -> bool:
    """Whether a key may say something of a road, apart from its name."""
    return key in _HEADS or key.partition(":")[0] in _HEADS


def read_tags(tags: Mapping[str, str], country: str = "") -> RoadTags | None:
    """Interpret the tags of a way.

    Parameters
    ----------
    tags
        OSM keys and values.
    country
        ISO 3166 code, for speeds that no tag gives; empty where unknown.

    Returns
    -------
    RoadTags | None
        None for what no motor vehicle drives on: other values of `highway` (footways, roads
        proposed or under construction), areas, and roads closed to all motor vehicles.
    """
    road_class = _CLASS_CODE.get(tags.get("highway", ""))
    if road_class is None or tags.get("area") == "yes":
        return None
    forward, backward = read_directions(tags, road_class, country)
    if forward is None and backward is None:
        return None
    flags = 0
    if tags.get("bridge", "no") not in {"no", ""}:
        flags |= FLAG_BRIDGE
    if tags.get("tunnel", "no") not in {"no", ""}:
        flags |= FLAG_TUNNEL
    if tags.get("junction") in ROUNDABOUTS:
        flags |= FLAG_ROUNDABOUT
    return RoadTags(road_class, flags, _layer(tags.get("layer")), forward, backward)


def read_name(tags: Mapping[str, str]) -> str:
    """Give the name of a road, else its reference number, else the empty text."""
    return (tags.get("name") or tags.get("ref") or "").strip()


def _layer(text: str | None) -> int:
    """Read a layer; what is no whole number from -128 to 127 is 0."""
    try:
        layer = int((text or "0").split(";")[0])
    except ValueError:
        return 0
    return layer if -128 <= layer <= 127 else 0
