"""The tags of one way as rules: which classes may not be on it, and at what hours.

Of the keys that concern a vehicle the more particular goes before the more general (`hgv` before
`motor_vehicle` before `access`), the conditional value of a key before its plain one, and a later clause
before an earlier one (OSM wiki, Key:access, Conditional restrictions). So the plain and conditional values
are laid over each other in that order, each for its hours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from enforcement.city_import.goods_classes import (
    GOODS_CLASSES,
    PURPOSES,
    GoodsClass,
    Holds,
    limit_holds,
    word_holds,
)
from enforcement.city_import.schedule_sets import ALWAYS, Step, hours_text
from enforcement.city_import.way_layers import (
    GOODS_KEYS,
    SIZE_KEYS,
    WEIGHT_KEYS,
    access_layers,
    limits_of,
    weight_layers,
)
from enforcement.rules.schedule_text import ScheduleError, read_schedule_text
from roadnet.importers.access import access_flags
from roadnet.importers.tags import read_tags
from roadnet.types import FLAG_DESTINATION, FLAG_NO_GOODS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from enforcement.city_import.way_layers import Layer
    from enforcement.rules.calendars import Calendar

NO: Final = "no"
DESTINATION: Final = "destination"
_OPEN: Final = "yes"
_FOR_PURPOSE: Final = "yes @ destination"  # opens what is closed, and closes nothing that is open
_AT_ALL_HOURS: Final = "it holds at all hours: --unconditional makes a restriction of it"
_SIZES: Final = "a camera does not see the size or the axle load of a vehicle"
_OPEN_VALUES: Final = frozenset({"yes", "designated", "permissive", "unrestricted"})


class WayRule(NamedTuple):
    """A rule of one way.

    Attributes
    ----------
    level
        NO, or DESTINATION: only for who has business there.
    classes
        Vehicle classes, sorted.
    schedule
        opening_hours text, checked.
    source
        The tags that say so, `hgv:conditional=no @ (19:00-06:00)`.
    """

    level: str
    classes: tuple[str, ...]
    schedule: str
    source: str


class Remark(NamedTuple):
    """A tag that is no rule, or less of one than it says, and why."""

    tag: str
    reason: str


class WayRules(NamedTuple):
    """The rules of a way, and what of its tags they do not say."""

    rules: tuple[WayRule, ...]
    remarks: tuple[Remark, ...]


def way_rules(
    tags: Mapping[str, str],
    calendar: Calendar,
    *,
    unconditional: bool = False,
    weight_limits: bool = False,
) -> WayRules:
    """Read the access of trucks off the tags of a way.

    Parameters
    ----------
    tags
        OSM keys and values.
    calendar
        The city's, to compare hours with.
    unconditional
        Make rules of plain `hgv=no`, `goods=destination` and the like too. Plain values of the general
        keys (`access=private`) are none: they are no rule for trucks.
    weight_limits
        Make rules of `maxweight` and `maxweightrating`.
    """
    reader = _Reader(tags, calendar, unconditional=unconditional, weight_limits=weight_limits)
    reader.remark_limits()
    road = read_tags(dict(tags))
    oneway = 0 if road is None else road.oneway
    directions = {1: (":forward",), -1: (":backward",)}.get(oneway, (":forward", ":backward"))
    by_direction = [reader.rules(direction) for direction in directions]
    if any(rules != by_direction[0] for rules in by_direction):
        tag = next(
            f"{key}={value}"
            for key, value in tags.items()
            if ":forward" in key or ":backward" in key
        )
        remark = Remark(tag, "it holds in one direction only, and an area has none")
        return WayRules((), (*reader.remarks, remark))
    return WayRules(tuple(by_direction[0]), tuple(reader.remarks))


class _Laid(NamedTuple):
    """Values laid over each other: the hours of each level, their tags, and if one is conditional."""

    steps: dict[str, list[Step]]
    tags: dict[str, None]
    conditional: bool


class _Reader:
    """Reads one way; collects remarks."""

    def __init__(
        self,
        tags: Mapping[str, str],
        calendar: Calendar,
        *,
        unconditional: bool,
        weight_limits: bool,
    ) -> None:
        self._tags = tags
        self._calendar = calendar
        self._unconditional = unconditional
        self._weight_limits = weight_limits
        self.remarks: dict[Remark, None] = {}

    def remark_limits(self) -> None:
        """Remark the limits that make no rule."""
        for tag in limits_of(self._tags, SIZE_KEYS):
            self._remark(tag.partition("=")[0], _SIZES)
        if not self._weight_limits:
            for tag in limits_of(self._tags, WEIGHT_KEYS):
                self._remark(tag, "a camera sees no weight: --weight-limits takes whole classes")

    def rules(self, direction: str) -> list[WayRule]:
        """Return the rules for travel in one direction, classes of one rule together."""
        found: dict[tuple[str, str, str], list[str]] = {}
        for goods in GOODS_CLASSES:
            for level, schedule, source in self._of_class(goods, direction):
                found.setdefault((level, schedule, source), []).append(goods.name)
        return [
            WayRule(level, tuple(sorted(classes)), schedule, source)
            for (level, schedule, source), classes in found.items()
        ]

    def _of_class(self, goods: GoodsClass, direction: str) -> Iterator[tuple[str, str, str]]:
        laid = self._laid(access_layers(self._tags, goods, direction), goods)
        if laid is not None:
            plain_goods = any(tag.startswith(GOODS_KEYS) for tag in laid.tags)
            if laid.conditional or (self._unconditional and plain_goods):
                yield from self._told(laid)
            elif plain_goods:
                for _, _, tags in self._told(laid):
                    self._remark(tags, _AT_ALL_HOURS)
        if self._weight_limits:
            laid = self._laid(weight_layers(self._tags, goods, direction), goods)
            yield from () if laid is None else self._told(laid)

    def _told(self, laid: _Laid) -> Iterator[tuple[str, str, str]]:
        """Yield level, hours and tags of what was laid, without hours that no one text says."""
        tags = "; ".join(laid.tags)
        for level, changes in laid.steps.items():
            text = hours_text(tuple(changes), self._calendar)
            if text is None:
                self._remark(tags, "no one opening_hours text says these hours")
            elif text:
                yield level, text, tags

    def _laid(self, layers: Iterable[Layer], goods: GoodsClass) -> _Laid | None:
        """Lay all values over each other; None if one cannot be read, which may change any hour."""
        laid = _Laid({NO: [], DESTINATION: []}, {}, conditional=False)
        for layer in layers:
            level, hours, holds = self._read(layer, goods)
            if holds is Holds.FOR_NONE or (level is None and not layer.conditional):
                continue  # a plain value that is not known says nothing, as for networks
            if level is None:
                return None
            if not layer.conditional:  # what it lies over shows no more
                laid = _Laid({NO: [], DESTINATION: []}, {}, conditional=False)
            if level == _FOR_PURPOSE:
                self._let_in(laid.steps, hours, layer.tag, surely=holds is Holds.FOR_ALL)
            else:
                _lay(laid.steps, level, hours, surely=holds is Holds.FOR_ALL)
            laid.tags[layer.tag] = None
            laid = laid._replace(conditional=laid.conditional or layer.conditional)
        return laid

    def _let_in(self, steps: dict[str, list[Step]], hours: str, tag: str, *, surely: bool) -> None:
        """Open the closed hours among some to those who have business there."""
        closed = hours_text(tuple(steps[NO]), self._calendar)
        both = {ALWAYS: closed}.get(hours, hours if closed == ALWAYS else None)
        if closed and both and surely:
            steps[DESTINATION].append((True, both))
        elif closed:
            self._remark(
                tag, "its hours are taken as open to all, as no text says which are closed"
            )
        steps[NO].append((False, hours))

    def _read(self, layer: Layer, goods: GoodsClass) -> tuple[str | None, str, Holds]:
        """Return level, hours and whether a layer holds for a class; no level where it is not clear."""
        clause = layer.clause
        if clause.fault:
            self._remark(layer.tag, clause.fault)
            return None, "", Holds.FOR_SOME
        level = _level(clause.value)
        purposes = [word for word in clause.others if word.strip().lower() in PURPOSES]
        if level == _OPEN and purposes:
            level = _FOR_PURPOSE
        words = [word for word in clause.others if word not in purposes]
        holds = _least(
            (
                *(limit_holds(limit, goods) for limit in clause.limits),
                *(word_holds(word, goods) for word in words),
            )
        )
        if holds is Holds.FOR_NONE:
            return level, "", holds
        if level is None:
            self._remark(layer.tag, f"`{clause.value}` is no value that is known")
            return None, "", holds
        if level == NO and purposes:
            self._remark(layer.tag, f"a camera does not see `{purposes[0]}`")
            return None, "", holds
        if clause.schedule:
            try:
                read_schedule_text(clause.schedule)
            except ScheduleError as error:
                self._remark(layer.tag, error.message)
                return None, "", holds
        if holds is Holds.FOR_SOME:
            self._partly(layer, goods, words)
        return level, clause.schedule or ALWAYS, holds

    def _partly(self, layer: Layer, goods: GoodsClass, words: list[str]) -> None:
        if words:
            self._remark(layer.tag, f"a camera does not see `{words[0]}`")
        elif all(limit.quantity in {"weight", "weightrating"} for limit in layer.clause.limits):
            reason = f"it reaches {goods.name} in part only, so that class is left out"
            self._remark(layer.tag, reason)
        else:
            self._remark(layer.tag, _SIZES)

    def _remark(self, tag: str, reason: str) -> None:
        self.remarks[Remark(tag, reason)] = None


def _lay(steps: dict[str, list[Step]], level: str, hours: str, *, surely: bool) -> None:
    """Lay a level over some hours.

    What holds for some of a class only may open, but not close: nobody is suspected on a guess.
    """
    for other, changes in steps.items():
        if other == level and surely:
            changes.append((True, hours))
        elif other != level and (surely or level != NO):
            changes.append((False, hours))


def _least(holds: Iterable[Holds]) -> Holds:
    return min(holds, default=Holds.FOR_ALL)


def _level(value: str) -> str | None:
    """Say what a value of access means for trucks; None if it is not known.

    Of several, `destination;agricultural`, the one that lets most in counts.
    """
    levels = {_level_of_one(part.strip()) for part in value.lower().split(";")}
    return next((level for level in (_OPEN, None, DESTINATION, NO) if level in levels), None)


def _level_of_one(word: str) -> str | None:
    if word in _OPEN_VALUES:
        return _OPEN
    # The reader of networks knows the values: what it keeps trucks from is closed.
    return {FLAG_NO_GOODS: NO, FLAG_DESTINATION: DESTINATION}.get(access_flags({"hgv": word}) or 0)
