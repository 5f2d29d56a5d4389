"""What hits are judged by: a city folder, compiled now, or a rules file that was compiled once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from enforcement.compiled_city import CompiledCity, compile_city
from enforcement.errors import RulesFileError
from enforcement.progress import quiet
from enforcement.rules_file import load_rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from enforcement.errors import Fault
    from enforcement.index.layout import Rules
    from enforcement.progress import Progress


@dataclass(frozen=True, slots=True, eq=False)
class StoredRules:
    """Rules from a file: all that a judgement needs, without the roads, areas and lines behind it."""

    rules: Rules
    coverage: None = None
    warnings: tuple[Fault, ...] = ()
    known_at_us: None = None


RulesSource: TypeAlias = CompiledCity | StoredRules


def read_rules_source(
    path: str,
    progress: Progress = quiet,
    known_at: Callable[[str], int | None] | None = None,
) -> RulesSource:
    """Read what hits are judged by.

    Parameters
    ----------
    path
        A city folder or its object-store URL, which is compiled, or a rules file of
        `freightpass compile`, which is taken as it stands.
    progress, known_at
        As of `compile_city`.

    Returns
    -------
    CompiledCity or StoredRules
        Equal rules, by their hash, judge equally, whichever of the two they come as.

    Raises
    ------
    CityError, NetworkError
        As of `compile_city`.
    RulesFileError
        The file is no rules file, or `known_at` asks for another knowledge than it holds.
    """
    if not Path(path).is_file():
        return compile_city(path, progress, known_at)
    rules = load_rules(path)
    if known_at is not None and known_at(rules.timezone) is not None:
        raise RulesFileError(
            "rules_are_fixed",
            "a rules file holds what was known when it was compiled; give the city's folder to "
            "judge by what was known at another time",
            path,
        )
    return StoredRules(rules)
