"""Violations and cases as tables: numbers become the names that people read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from enforcement.analysis.cases import case_id, number_cases, violation_id
from enforcement.findings import CASES_SCHEMA, HELD_CODES, REASON_NAMES, VIOLATIONS_SCHEMA
from enforcement.index.civil_time import DAY_US, civil_us
from ingest.hits import NO_PLATE_CLASS, VEHICLE_CLASSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from enforcement.analysis.suspects import Suspects
    from enforcement.index.civil_time import ZoneTable
    from enforcement.index.layout import Rules
    from enforcement.settings import CasePolicy


_VEHICLE_CLASSES: Final = pa.array(VEHICLE_CLASSES, pa.string())
_HELD: Final = pa.array(HELD_CODES, pa.string())
_REASONS: Final = pa.array(REASON_NAMES, pa.string())
_PLATE_CLASSES: Final = pa.array([f"{code:02d}" for code in range(100)], pa.string())


@dataclass(frozen=True, slots=True, eq=False)
class RuleNames:
    """The texts that numbers in verdicts stand for, as Arrow arrays; make it once for many tables."""

    rules_hash: str
    cameras: pa.Array
    restrictions: pa.Array
    permits: pa.Array
    routes: pa.Array
    grant_route: npt.NDArray[np.int32]

    @classmethod
    def of(cls, rules: Rules) -> RuleNames:
        """Return the names of compiled rules."""
        return cls(
            rules_hash=rules.content_hash,
            cameras=pa.array(rules.camera_ids, pa.string()),
            restrictions=pa.array(rules.restriction_ids, pa.string()),
            permits=pa.array(rules.permit_ids, pa.string()),
            routes=pa.array(rules.route_ids, pa.string()),
            grant_route=rules.grant_route,
        )


def violations_table(
    names: RuleNames,
    suspects: Suspects,
    hit_ids: pa.Array,
    plates: Sequence[str],
    held: npt.NDArray[np.uint8],
    warning: npt.NDArray[np.bool_],
) -> pa.Table:
    """Return violations by the names that their numbers stand for.

    Parameters
    ----------
    names
        Of the rules that they were judged by.
    suspects
        v violations.
    hit_ids, plates
        One for each violation; plates normalised.
    held, warning
        (v,) from the settlement.

    Returns
    -------
    pyarrow.Table
        VIOLATIONS_SCHEMA, `case_id` null, in the order of `suspects`.
    """
    route = np.full(len(suspects), -1, np.int64)
    by_grant = suspects.grant >= 0  # none is in a city without permits
    route[by_grant] = names.grant_route[suspects.grant[by_grant]]
    classes = suspects.plate_class
    columns = [
        pa.array([violation_id(hit_id) for hit_id in hit_ids.to_pylist()], pa.string()),
        hit_ids,
        _named(names.cameras, suspects.camera),
        pa.array(plates, pa.string()),
        _named(_PLATE_CLASSES, np.where(classes == NO_PLATE_CLASS, -1, classes.astype(np.int64))),
        _named(_VEHICLE_CLASSES, suspects.vehicle_class),
        pa.array(suspects.captured_at_us, pa.timestamp("us", tz="UTC")),
        _named(_REASONS, suspects.reason),
        _named(_HELD, held.astype(np.int64) - 1),
        pa.array(warning),
        _named(names.restrictions, suspects.restriction),
        _named(names.permits, suspects.permit),
        _named(names.routes, route),
        pa.nulls(len(suspects), pa.string()),
        pa.repeat(pa.scalar(names.rules_hash, pa.string()), len(suspects)),
    ]
    return pa.Table.from_arrays(columns, schema=VIOLATIONS_SCHEMA)


def _named(names: pa.Array, numbers: npt.NDArray[np.integer]) -> pa.Array:
    """Return the texts that numbers stand for, null for -1."""
    return names.take(pa.array(numbers.astype(np.int64), mask=numbers == -1))


def join_cases(
    violations: pa.Table, policy: CasePolicy, zone: ZoneTable
) -> tuple[pa.Table, pa.Table]:
    """Join the suspected violations of each vehicle into cases.

    Parameters
    ----------
    violations
        VIOLATIONS_SCHEMA in any order; `held` ones belong to no case and bridge none.
    policy
        What the city counts as one case.
    zone
        The city's civil time, whose midnights may end a case.

    Returns
    -------
    violations, cases : tuple of pyarrow.Table
        The violations with `case_id`, sorted by (captured_at, hit_id); CASES_SCHEMA sorted by
        (first_at, case_id).
    """
    violations = violations.take(_in_order(violations)).combine_chunks()
    suspected = np.flatnonzero(violations["held"].is_null().to_numpy())
    group = _groups(violations, policy, zone)
    order = suspected[np.argsort(group[suspected], kind="stable")]
    names = ["plate", "plate_class", "hit_id", "captured_at", "reason", "warning"]
    mine = violations.select(names)
    mine = mine.take(pa.array(order))
    at = mine["captured_at"].cast(pa.int64()).to_numpy()
    case = number_cases(group[order], at, policy.gap_minutes)
    begins = np.flatnonzero(np.diff(case, prepend=-1))
    first = mine.take(pa.array(begins)).select(["plate", "plate_class", "hit_id"]).to_pydict()
    case_ids = pa.array(
        [
            case_id(*vehicle_and_hit)
            for vehicle_and_hit in zip(
                first["plate"], first["plate_class"], first["hit_id"], strict=True
            )
        ],
        pa.string(),
    )
    cases = pa.table(
        [
            case_ids,
            pa.array(first["plate"], pa.string()),
            pa.array(first["plate_class"], pa.string()),
            pa.array(at[begins], pa.timestamp("us", tz="UTC")),
            pa.array(
                at[np.append(begins[1:], case.size)[: begins.size] - 1],
                pa.timestamp("us", tz="UTC"),
            ),
            pa.array(np.diff(np.append(begins, case.size)), pa.int64()),
            _reasons_by_case(mine["reason"], begins),
            pa.repeat(pa.scalar(policy.name, pa.string()), begins.size),
            _count_by_case(mine["warning"], begins),
        ],
        schema=CASES_SCHEMA,
    )
    of_violation = np.full(violations.num_rows, -1, np.int64)
    of_violation[order] = case
    place = VIOLATIONS_SCHEMA.get_field_index("case_id")
    violations = violations.set_column(place, "case_id", _named(case_ids, of_violation))
    return violations, cases.sort_by([("first_at", "ascending"), ("case_id", "ascending")])


def _in_order(violations: pa.Table) -> pa.Array:
    """Return the rows by (captured_at, hit_id); texts are compared only within one instant."""
    at = violations["captured_at"].cast(pa.int64()).to_numpy()
    order = np.argsort(at, kind="stable")
    twins = np.flatnonzero(at[order][1:] == at[order][:-1])
    if not twins.size:
        return pa.array(order)
    tied = np.sort(order[np.union1d(twins, twins + 1)])
    rank = np.zeros(at.size, np.int64)
    hit_ids = violations["hit_id"].take(pa.array(tied)).combine_chunks()
    rank[tied[pc.sort_indices(hit_ids).to_numpy()]] = np.arange(tied.size)
    return pa.array(np.lexsort((rank, at)))


def _groups(violations: pa.Table, policy: CasePolicy, zone: ZoneTable) -> npt.NDArray[np.int64]:
    """Return a number for each row's group, from 0 in order of appearance; no case has two groups.

    A group is a vehicle (plate, plate_class), its restriction and its civil day where the policy
    asks for them.
    """
    parts = [violations["plate"], violations["plate_class"]]
    if policy.same_restriction:
        parts.append(violations["restriction_id"])
    if policy.same_day:
        at = violations["captured_at"].cast(pa.int64()).to_numpy()
        parts.append(pa.array(civil_us(zone, at) // DAY_US).cast(pa.string()))
    texts = pc.binary_join_element_wise(*(pc.fill_null(part, "") for part in parts), "\x1f")
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    numbers: npt.NDArray[np.int64] = texts.dictionary_encode().indices.to_numpy().astype(np.int64)
    return numbers


def _count_by_case(flags: pa.ChunkedArray, begins: npt.NDArray[np.int64]) -> pa.Array:
    """Return how many of each case's violations have a flag."""
    ones = flags.to_numpy().astype(np.int64)
    return pa.array(np.add.reduceat(ones, begins) if begins.size else ones, pa.int64())


def _reasons_by_case(reasons: pa.ChunkedArray, begins: npt.NDArray[np.int64]) -> pa.Array:
    """Return the distinct reasons of each case in order of name."""
    names = sorted(REASON_NAMES)
    if not begins.size:
        return pa.array([], pa.list_(pa.string()))
    bits = 1 << pc.index_in(reasons, pa.array(names)).to_numpy().astype(np.int64)
    sets = np.bitwise_or.reduceat(bits, begins).tolist()
    lists = {bits: [name for place, name in enumerate(names) if bits >> place & 1] for bits in sets}
    return pa.array([lists[bits] for bits in sets], pa.list_(pa.string()))
