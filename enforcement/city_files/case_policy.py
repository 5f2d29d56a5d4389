"""`case_policy` of city.toml: the name of a policy, or a city's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from enforcement.city_files.fault_log import nearest, shown
from enforcement.city_files.records import Record
from enforcement.settings import CASE_POLICIES, CasePolicy

POLICY_KEY: Final = "case_policy"
GAP_KEY: Final = "case_gap_minutes"
_NAMED: Final = {policy.name: policy for policy in CASE_POLICIES}
_YEAR_MINUTES: Final = 525_600
_FLAGS: Final = ("same_restriction", "same_day")


def read_case_policy(judgement: Record) -> CasePolicy:
    """Return what `[judgement]` says of cases; the default policy after a fault."""
    stated = judgement.values.get(POLICY_KEY, CASE_POLICIES[0].name)
    gap = None
    if judgement.given(GAP_KEY, "a number of minutes"):
        gap = judgement.number(GAP_KEY, least=0, most=_YEAR_MINUTES, unit=" minutes")
    if isinstance(stated, dict):
        path = f"{judgement.path}{POLICY_KEY}."
        policy = _own_policy(
            Record(judgement.faults, judgement.file, judgement.place, stated, path)
        )
    elif isinstance(stated, str) and stated in _NAMED:
        policy = _NAMED[stated]
        if gap is not None and policy.gap_minutes is not None:
            return replace(policy, gap_minutes=gap)
    else:
        near = nearest(stated, _NAMED) if isinstance(stated, str) else ""
        judgement.fault(
            POLICY_KEY,
            f"found {shown(stated)}, expected one of {', '.join(_NAMED)}, or a table with name and "
            f"with gap_minutes or same_day{near}",
            "unknown_case_policy",
        )
        return CASE_POLICIES[0]
    if gap is not None:
        judgement.warn(
            GAP_KEY, f"is not used: case policy `{policy.name}` has its own", "unused_case_gap"
        )
    return policy


def _own_policy(record: Record) -> CasePolicy:
    """Return a policy that a city states itself."""
    record.check_keys(("name", "gap_minutes", *_FLAGS))
    before = record.faults.fault_count
    name = record.values.get("name")
    if not isinstance(name, str) or not name.strip():
        found = f"found {shown(name)}" if "name" in record.values else "is missing"
        record.fault("name", f"{found}, expected the text that cases show", "no_case_policy_name")
    elif name in _NAMED:
        record.fault("name", f"`{name}` is a policy already, expected another", "name_taken")
    gap = None
    if record.given("gap_minutes", "a number of minutes"):
        gap = record.number("gap_minutes", least=0, most=_YEAR_MINUTES, unit=" minutes")
    flags = {
        flag: record.given(flag, "true or false") and record.flag(flag, default=False)
        for flag in _FLAGS
    }
    if record.faults.fault_count > before:
        return CASE_POLICIES[0]
    if gap is None and not flags["same_day"]:
        record.fault(
            "", "has no end of a case, expected gap_minutes or same_day = true", "endless_cases"
        )
    return CasePolicy(str(name), gap, **flags)
