"""Turn restrictions by OpenStreetMap's relations: which hold for lorries, always, and between what.

Relation:restriction of the OSM wiki. One that holds at times only is no ban; it is counted in the notes, as
is everything that is left out.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, ClassVar, Final

from roadnet.turn_bans import NO_VIA_NODE, TurnRestriction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# The most particular first. A lorry is `hgv` above 3.5 t, else `goods`, so either counts.
_VEHICLES: Final = ("hgv", "goods", "motor_vehicle", "vehicle")
_KEYS: Final = (*(f"restriction:{vehicle}" for vehicle in _VEHICLES), "restriction")
# What else looks like them, `no_right_turn_on_red`, does not hold whenever one comes there.
_KINDS: Final = frozenset(
    {"no_entry", "no_exit"}
    | {
        f"{word}_{turn}"
        for word in ("no", "only")
        for turn in ("left_turn", "right_turn", "straight_on", "u_turn")
    }
)
# How hours were tagged before `restriction:conditional` was.
_AT_TIMES: Final = ("hour_on", "day_on", "date_on")


class Restrictions:
    """Collects the turn restrictions of a file.

    Attributes
    ----------
    kept
        Those that hold for lorries at all times and have all members that they need.
    """

    KEYS: ClassVar = (
        *_KEYS,
        *(f"{key}:conditional" for key in _KEYS),
        *(f"restriction:{other}" for other in ("bus", "motorcar", "bicycle", "caravan", "psv")),
    )

    def __init__(self) -> None:
        self.kept: list[TurnRestriction] = []
        self._left_out: dict[str, list[int]] = defaultdict(list)

    def add(
        self, relation_id: int, tags: Mapping[str, str], members: Iterable[tuple[str, int, str]]
    ) -> None:
        """Read one relation.

        Parameters
        ----------
        relation_id
            Its id.
        tags
            Its OSM keys and values; anything but a restriction is passed over.
        members
            Kind (`n`, `w` or `r`), id and role of each, in order.
        """
        if not tags.get("type", "").startswith("restriction"):
            return
        found = _restriction(relation_id, tags, members)
        if isinstance(found, str):
            self._left_out[found].append(relation_id)
        else:
            self.kept.append(found)

    def notes(self) -> tuple[str, ...]:
        """Say how many were left out and why, each for a human."""
        return tuple(
            f"{len(ids)} turn restrictions left out: {reason} (one is relation {min(ids)})"
            for reason, ids in sorted(self._left_out.items())
        )


def _restriction(
    relation_id: int, tags: Mapping[str, str], members: Iterable[tuple[str, int, str]]
) -> TurnRestriction | str:
    """Read a relation, or say why it bans nothing."""
    # Of several kinds, `no_left_turn;no_u_turn`, the first is that of the members.
    kind = next((tags[key].split(";")[0].strip().lower() for key in _KEYS if tags.get(key)), "")
    reason = _reason(kind, tags)
    if reason:
        return reason
    by_role: dict[tuple[str, str], list[int]] = defaultdict(list)
    for what, ref, role in members:
        named = by_role[what, role.strip().lower()]
        if ref not in named:
            named.append(ref)
    coming, going = by_role["w", "from"], by_role["w", "to"]
    nodes, ways = by_role["n", "via"], by_role["w", "via"]
    if not coming or not going or not (nodes or ways):
        return "they have no from, via or to"
    if len(nodes) > 1 and not ways:
        return "they have several via nodes"
    return TurnRestriction(
        relation_id=relation_id,
        kind=kind,
        from_ways=tuple(coming),
        to_ways=tuple(going),
        # Where both are given the ways say more.
        via_node=NO_VIA_NODE if ways else nodes[0],
        via_ways=tuple(ways),
    )


def _reason(kind: str, tags: Mapping[str, str]) -> str:
    """Say why the tags of a relation ban nothing to lorries at all times; empty if they do."""
    at_times = any(tags.get(f"{key}:conditional") for key in _KEYS)
    # How restrictions of some vehicles were tagged before `restriction:bus` was.
    vehicle = tags["type"].partition(":")[2]
    excepted = {word.strip().lower() for word in tags.get("except", "").split(";")}
    reasons = (
        (not kind and at_times, "they hold at times only"),
        (not kind or (vehicle and vehicle not in _VEHICLES), "they are for other vehicles"),
        (excepted & {*_VEHICLES}, "goods vehicles are excepted"),
        (any(tags.get(key) for key in _AT_TIMES) or "@" in kind, "they hold at times only"),
        (kind not in _KINDS, "their kind is unknown"),
    )
    return next((reason for holds, reason in reasons if holds), "")
