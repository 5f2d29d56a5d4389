"""OpenStreetMap files, PBF or XML: roads, the nodes on them, and turn restrictions."""

from __future__ import annotations

import re
from array import array
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import osmium

from roadnet.importers.barriers import read_barrier
from roadnet.importers.network import ReadWays
from roadnet.importers.osm_lines import osm_lines, tags_of, unescaped
from roadnet.importers.restrictions import Restrictions
from roadnet.importers.road_rows import NO_KIND, RoadRows
from roadnet.importers.tags import TagReader, read_name, tells
from roadnet.types import ROAD_CLASSES
from roadnet.ways import Barrier, WayTable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from roadnet.types import BoolArray, FloatArray, IdArray, IndexArray

_EXACT_ID: Final = 2**53  # a greater one is not exact as a float
_NODE: Final = re.compile(r"n(-?\d+)")
_TAGS_OF_NODE: Final = re.compile(r" T[^ \n]* ")
_NODE_WITHOUT_PLACE: Final = re.compile(r"n-?\d+ x y\n")
_NUMBERS_ONLY: Final = str.maketrans("nxy,", "    ")


def load_osm(path: str, country: str = "") -> ReadWays:
    """Read the roads of an OSM file.

    Parameters
    ----------
    path
        Local `.pbf`, `.osm`, `.osm.gz` or `.osm.bz2`; ways may stand before their nodes, and ids
        may be negative.
    country
        ISO 3166 code, for speeds that no tag gives; empty where unknown.

    Returns
    -------
    ReadWays
        All ways that motor vehicles drive on, the barriers on them and the turn restrictions between
        them. Where a way refers to nodes that the file does not hold (it was cut out of a larger
        one), the stretches between them remain. Of an object that stands in it more than once (two
        extracts put together) the last counts.

    Raises
    ------
    NetworkError
        Not such a file, or broken.
    """
    read = _read_ways(path, country)
    lon, lat, found = _places(path, read.refs)
    return _tabulate(read, lon, lat, missing=~found)


class _Read(NamedTuple):
    """What one pass over the file finds, apart from where nodes are."""

    refs: IdArray
    counts: IdArray
    roads: RoadRows
    signals: IdArray
    barriers: list[Barrier]
    restrictions: Restrictions


def _read_ways(path: str, country: str) -> _Read:
    refs: list[IdArray] = [np.zeros(0, dtype=np.int64)]
    counts, signals = array("q"), array("q")
    roads = RoadRows()
    ways = _WayTags(country, roads)
    barriers: list[Barrier] = []
    restrictions = Restrictions()
    entities = osmium.osm
    filters = [
        osmium.filter.TagFilter(*(("highway", one) for one in ROAD_CLASSES)),
        osmium.filter.KeyFilter("highway", "barrier"),
        osmium.filter.KeyFilter(*Restrictions.KEYS),
    ]
    # Each looks only at objects of its own kind, and lets others pass.
    for one, objects in zip(filters, (entities.WAY, entities.NODE, entities.RELATION), strict=True):
        one.enable_for(objects)
    for text in osm_lines(path, entities.NODE | entities.WAY | entities.RELATION, filters):
        fields_of_ways: list[str] = []
        for line in text[:-1].split("\n"):
            what, tags_field, *rest = line.split(" ")
            number = int(what[1:])
            if what[0] == "w":
                kind, name = ways.read(tags_field)
                count = rest[0].count("n")
                if kind != NO_KIND and count > 1:
                    fields_of_ways.append(rest[0][1:])
                    counts.append(count)
                    roads.append(kind, name, number)
                continue
            tags = tags_of(tags_field)
            if what[0] == "r":
                restrictions.add(number, tags, _members(rest[0]))
                continue
            if tags.get("highway") == "traffic_signals":
                signals.append(number)
            barrier = read_barrier(tags, number)
            if barrier is not None:
                barriers.append(barrier)
        refs.append(_ids(fields_of_ways))
    return _Read(
        refs=np.concatenate(refs),
        counts=np.array(counts, dtype=np.int64),
        roads=roads,
        signals=np.array(signals, dtype=np.int64),
        barriers=barriers,
        restrictions=restrictions,
    )


class _WayTags:
    """Reads the tags of ways, `Thighway=primary,name=...`; equal ones once."""

    def __init__(self, country: str, roads: RoadRows) -> None:
        self._reader = TagReader(country)
        self._row_kinds = roads
        self._tells: dict[str, bool] = {}
        self._kinds: dict[tuple[str, ...], int] = {}
        self._fields: dict[str, tuple[int, int]] = {}

    def read(self, field: str) -> tuple[int, int]:
        """Give the kind of road, NO_KIND for what is none, and the number of its name."""
        known = self._fields.get(field)
        if known is None:
            known = self._fields[field] = self._read(field)
        return known

    def _read(self, field: str) -> tuple[int, int]:
        telling: list[str] = []
        names: list[str] = []
        for pair in field[1:].split(","):
            if pair.startswith(("name=", "ref=")):
                names.append(pair)
                continue
            tells_of_roads = self._tells.get(pair)
            if tells_of_roads is None:
                tells_of_roads = tells(unescaped(pair.partition("=")[0]))
                self._tells[pair] = tells_of_roads
            if tells_of_roads:
                telling.append(pair)
        key = tuple(telling)
        kind = self._kinds.get(key)
        if kind is None:
            road = self._reader.read(tags_of("T" + ",".join(telling)))
            kind = self._kinds[key] = NO_KIND if road is None else self._row_kinds.kind(road)
        name = read_name(tags_of("T" + ",".join(names))) if names else ""
        return kind, self._row_kinds.name(name)


def _members(field: str) -> Iterator[tuple[str, int, str]]:
    """Read the members of a relation, `Mw12@from,n34@via`: kind, id and role of each."""
    for member in field[1:].split(","):
        reference, _, role = member.partition("@")
        if reference:
            yield reference[0], int(reference[1:]), unescaped(role)


def _ids(fields: list[str]) -> IdArray:
    """Read the node ids of ways, `n12,n34`, one way after another."""
    text = ",".join(fields)
    ids = _numbers(text)
    if ids.shape[0] > 0 and np.abs(ids).max() >= _EXACT_ID:
        return _exact_ids(text)
    return ids.astype(np.int64)


def _numbers(text: str) -> FloatArray:
    return np.fromstring(text.translate(_NUMBERS_ONLY), dtype=np.float64, sep=" ")


def _places(path: str, refs: IdArray) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Find where nodes are: degrees as in the file, and whether it holds them."""
    wanted, place = np.unique(refs, return_inverse=True)
    lon, lat = np.zeros(wanted.shape[0]), np.zeros(wanted.shape[0])
    found = np.zeros(wanted.shape[0], dtype=np.bool_)
    for text in osm_lines(path, osmium.osm.NODE, []):
        ids, x, y = _nodes(text)
        if wanted.shape[0] == 0:
            continue
        at = np.minimum(np.searchsorted(wanted, ids), wanted.shape[0] - 1)
        hit = wanted[at] == ids
        lon[at[hit]], lat[at[hit]], found[at[hit]] = x[hit], y[hit], True
    return lon[place], lat[place], found[place]


def _nodes(lines: str) -> tuple[IdArray, FloatArray, FloatArray]:
    """Read lines `n12 Tkey=value x8.001 y49`, of nodes that have a place."""
    text = lines.replace(" T x", " x")
    text = _TAGS_OF_NODE.sub(" ", text)
    if " x y\n" in text:
        text = _NODE_WITHOUT_PLACE.sub("", text)
    numbers = _numbers(text).reshape(-1, 3)
    ids = numbers[:, 0].astype(np.int64)
    if ids.shape[0] > 0 and np.abs(numbers[:, 0]).max() >= _EXACT_ID:
        ids = _exact_ids(text)
    return ids, numbers[:, 1], numbers[:, 2]


def _exact_ids(text: str) -> IdArray:
    return np.array([int(one) for one in _NODE.findall(text)], dtype=np.int64)


def _tabulate(read: _Read, lon: FloatArray, lat: FloatArray, missing: BoolArray) -> ReadWays:
    way = np.repeat(np.arange(len(read.roads), dtype=np.int32), read.counts)
    ids_of_ways = read.roads.way_ids
    # The greatest row of each id.
    last = ids_of_ways.shape[0] - 1 - np.unique(ids_of_ways[::-1], return_index=True)[1]
    again = np.ones(ids_of_ways.shape[0], dtype=np.bool_)
    again[last] = False
    notes = _notes(read, way, missing, again)
    # A stretch begins with each way, and after each gap in one.
    kept = ~missing & ~again[way]
    begins = np.ones(way.shape[0], dtype=np.bool_)
    begins[1:] = (way[1:] != way[:-1]) | missing[:-1]
    stretch = np.cumsum(begins)[kept]
    first = np.ones(stretch.shape[0], dtype=np.bool_)
    first[1:] = stretch[1:] != stretch[:-1]
    starts = np.flatnonzero(first)
    ids = read.refs[kept]
    table = WayTable(
        offsets=np.concatenate((starts, [stretch.shape[0]])).astype(np.int64),
        lon=lon[kept],
        lat=lat[kept],
        node_ids=ids,
        signals=np.isin(ids, read.signals),
        **read.roads.columns(way[kept][starts]),
        barriers=tuple(read.barriers),
        restrictions=tuple(read.restrictions.kept),
    )
    return ReadWays(table, (*notes, *read.restrictions.notes()))


def _notes(read: _Read, way: IndexArray, missing: BoolArray, again: BoolArray) -> Iterator[str]:
    """Say what of the roads is left out: points without a place, and roads that stand there again."""
    if again.any():
        example = int(read.roads.way_ids[again][0])
        yield (
            f"{np.count_nonzero(again)} roads stand in the file once more; of each the last counts "
            f"(one is way {example})"
        )
    if missing.any():
        cut = np.unique(way[missing]).shape[0]
        nodes = np.unique(read.refs[missing]).shape[0]
        yield (
            f"{cut} of {len(read.roads)} roads refer to {nodes} nodes that the file does not hold; "
            "those stretches are left out"
        )
