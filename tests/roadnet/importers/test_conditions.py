"""Conditional restrictions: the wiki's grammar, and whatever else people write."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadnet.importers.conditions import Clause, Limit, parse_conditional

HOURS = (
    "Mo-Fr 07:00-19:00",
    "22:00-06:00",
    "Mo-Fr 06:00-11:00, 13:00-15:00",
    "Mo-Fr 16:00-11:00;Sa 00:00-11:00",
    "2016 Apr 25 - 2016 Sep 26",
    "Su,PH",
    "week 1-20 Mo",
    "24/7",
    'Mo-Fr 07:00-19:00 "not; (on market days) @ all"',
    "(sunrise-01:00)-(sunset+01:00)",
)


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("no @ (Mo-Fr 07:00-19:00)", [Clause("no", "Mo-Fr 07:00-19:00")]),
        (
            "no @ (Mo-Fr 07:00-19:00); delivery @ (19:00-22:00)",
            [Clause("no", "Mo-Fr 07:00-19:00"), Clause("delivery", "19:00-22:00")],
        ),
        ("no @ (weight > 7.5)", [Clause("no", limits=(Limit("weight", ">", 7.5),))]),
        (
            "no @ (22:00-06:00 AND weight>3.5)",
            [Clause("no", "22:00-06:00", (Limit("weight", ">", 3.5),))],
        ),
        (
            "no @ ((Mo-Fr 07:00-19:00; Sa 08:00-12:00) and maxweightrating≥3500 kg and wet)",
            [
                Clause(
                    "no",
                    "Mo-Fr 07:00-19:00; Sa 08:00-12:00",
                    (Limit("weightrating", ">=", 3.5),),
                    ("wet",),
                )
            ],
        ),
        ("none@destination", [Clause("none", others=("destination",))]),
        ("30 @ stay < 2 hours", [Clause("30", others=("stay < 2 hours",))]),
        # Two of one quantity, and lengths in the units that the wiki knows.
        (
            "no @ (length>=10,5m AND width > 250 cm AND axleload<=8t)",
            [
                Clause(
                    "no",
                    limits=(
                        Limit("length", ">=", 10.5),
                        Limit("width", ">", 2.5),
                        Limit("axleload", "<=", 8.0),
                    ),
                )
            ],
        ),
        # AND between days and hours is one text, in the order of the grammar; between others it is not.
        ("no @ (07:00-19:00 AND Mo-Fr AND Mar-Oct)", [Clause("no", "Mar-Oct Mo-Fr 07:00-19:00")]),
        ("no @ (Mo-Fr AND 22:00-06:00)", [Clause("no", "Mo-Fr", others=("22:00-06:00",))]),
        ("no @ (Mo-Fr AND Sa off)", [Clause("no", "Mo-Fr", others=("Sa off",))]),
        # Parentheses left out.
        (
            "no @ Mo-Fr 12:45-13:30; Sa 08:00-09:00; yes @ wet",
            [Clause("no", "Mo-Fr 12:45-13:30; Sa 08:00-09:00"), Clause("yes", others=("wet",))],
        ),
        ("no @ (Mo-Fr);", [Clause("no", "Mo-Fr")]),
        ("  ", []),
        (" ; ", []),
    ],
)
def test_clauses(text: str, clauses: list[Clause]) -> None:
    assert list(parse_conditional(text)) == clauses


def test_feet_and_inches() -> None:
    (clause,) = parse_conditional("no @ (height>12'6\" AND width > 8' AND length > 40 ft)")
    assert [limit.quantity for limit in clause.limits] == ["height", "width", "length"]
    assert [round(limit.value, 4) for limit in clause.limits] == [3.81, 2.4384, 12.192]
    assert clause.fault == ""


@pytest.mark.parametrize(
    ("text", "value", "fault"),
    [
        ("no", "no", "there is no condition: expected `value @ (condition)`"),
        ("@ (Mo-Fr)", "", "there is no value before `@`"),
        ("no @", "no", "there is no condition behind `@`"),
        ("no @ ( )", "no", "there is no condition behind `@`"),
        ("no @ (Mo-Fr 07:00-19:00", "no", "its parentheses do not match"),
        ("no @ Mo-Fr 07:00-19:00)", "no", "its parentheses do not match"),
        ('no @ (Mo-Fr "market)', "no", "a comment does not close"),
        ("no @ (Mo-Fr @ wet)", "no", "`Mo-Fr @ wet` is no condition"),
        ("no @ (wet OR snow)", "no", "conditions are joined by OR: expected a clause for each"),
    ],
)
def test_what_is_written_otherwise_carries_a_fault(text: str, value: str, fault: str) -> None:
    (clause,) = parse_conditional(text)
    assert (clause.value, clause.fault) == (value, fault)


def test_an_open_parenthesis_does_not_swallow_the_next_clause() -> None:
    first, second = parse_conditional("no @ (Mo-Fr 07:00-19:00; Sa; delivery @ (19:00-22:00)")
    assert first == Clause("no", "Mo-Fr 07:00-19:00; Sa", fault="its parentheses do not match")
    assert second == Clause("delivery", "19:00-22:00")


words = st.text(string.ascii_lowercase + "_", min_size=1, max_size=8)
numbers = st.decimals(min_value=1, max_value=99, places=2).map(str)
limits = st.builds(
    Limit,
    st.sampled_from(("weight", "weightrating", "axleload", "height", "width", "length")),
    st.sampled_from(("<", "<=", "=", ">=", ">")),
    numbers.map(float),
)
others = words.filter(
    lambda word: word not in {"and", "or", "dawn", "dusk", "sunrise", "sunset", "easter"}
    and word[:2] not in {"mo", "tu", "we", "th", "fr", "sa", "su", "ph", "sh"}
    and word[:3] not in {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct"}
    and word[:3] not in {"nov", "dec"}
)  # fmt: skip
clauses = st.builds(
    Clause,
    words,
    st.sampled_from(("", *HOURS)),
    st.lists(limits, max_size=3).map(tuple),
    st.lists(others, max_size=2).map(tuple),
    st.just(""),
).filter(lambda clause: clause.schedule or clause.limits or clause.others)


def written(clause: Clause, blank: str) -> str:
    """Write a clause as the wiki does, or without the blanks that it allows to leave out."""
    conditions = [clause.schedule] if clause.schedule else []
    conditions += [f"{x.quantity}{blank}{x.comparison}{blank}{x.value}" for x in clause.limits]
    conditions += clause.others
    return f"{clause.value}{blank}@{blank}({' AND '.join(conditions)})"


@given(st.lists(clauses, max_size=4), st.sampled_from(("", " ")))
def test_what_is_written_is_read_back(drawn: list[Clause], blank: str) -> None:
    text = f";{blank}".join(written(clause, blank) for clause in drawn)
    assert list(parse_conditional(text)) == drawn


@given(
    st.one_of(
        st.text(),
        st.text("()@;\"' ANDnoMo0:7-<>.w"),
        st.lists(st.sampled_from(("no", " @ ", "(", ")", ";", '"', " AND ", *HOURS))).map("".join),
    )
)
def test_it_never_raises_and_loses_no_value(text: str) -> None:
    read = parse_conditional(text)
    assert len(read) <= text.count(";") + 1
    assert read or not text.replace(";", "").strip()
    assert all(clause.fault or clause.value for clause in read)
    assert all(part in text for clause in read for part in (clause.value, *clause.others))


def test_long_junk_is_read_in_linear_time() -> None:
    for text in (
        "(" * 50_000,
        "no @ " + "()" * 50_000,
        "@;" * 50_000,
        '"' * 50_001,
        "(a AND " * 20_000,
    ):
        assert isinstance(parse_conditional(text), tuple)
