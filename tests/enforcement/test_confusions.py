"""The table of confusions: what it says, and what is told about a broken one."""

from __future__ import annotations

import pytest

from enforcement.confusions import parse_confusions, standard_confusions
from enforcement.errors import EnforcementError

HEAD = "most = 2\nmost_alone = 4\nlost = 2\ndoubled = 2\nother = 4\nplate_class = 1\n"
GROUP = '[[group]]\ncharacters = "0OD"\nweight = 2\nsource = "a book"\n'


def test_every_two_of_a_group_both_ways_by_the_least_weight():
    again = GROUP.replace("0OD", "0O").replace("weight = 2", "weight = 1")
    table = parse_confusions(HEAD + GROUP + again, "table.toml")
    assert (table.most, table.most_alone) == (2, 4)
    assert (table.lost, table.doubled, table.other, table.plate_class) == (2, 2, 4, 1)
    assert table.pairs == {
        ("0", "O"): 1,
        ("O", "0"): 1,
        ("0", "D"): 2,
        ("D", "0"): 2,
        ("O", "D"): 2,
        ("D", "O"): 2,
    }


def test_the_standard_table_knows_what_every_camera_confuses():
    pairs = standard_confusions().pairs
    for group in ("0ODQ", "8B", "1IL", "5S", "2Z", "6G", "UV", "赣贛", "赣渝"):
        assert {pairs[one, other] for one in group for other in group if one != other} == {1}
    assert pairs["京", "沪"] == 2
    assert ("1", "8") not in pairs


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD, "table.toml: group is missing"),
        (GROUP, "table.toml: most is missing"),
        ("most = ", "table.toml: not TOML: "),
        (HEAD + "fuzzy = 1\n" + GROUP, "table.toml: fuzzy is not one of most, most_alone, lost"),
        (HEAD + "group = 3", "table.toml: group must be tables, [[group]]"),
        (
            HEAD.replace("lost = 2", "lost = 0.5") + GROUP,
            "table.toml: lost is 0.5, expected a whole number from 1 to 12",
        ),
        (HEAD.replace("most = 2\n", "most = true\n") + GROUP, "table.toml: most is True, expected"),
        (
            HEAD + GROUP + GROUP.replace("= 2", "= 13"),
            "table.toml: group 2: weight is 13, expected",
        ),
        (HEAD + GROUP.replace("a book", " "), "table.toml: group 1: source must say"),
        (HEAD + GROUP.replace("weight = 2\n", ""), "table.toml: group 1: weight is missing"),
        (HEAD + GROUP.replace("0OD", "0"), "table.toml: group 1: characters is '0', expected two"),
        (
            HEAD + GROUP.replace("0OD", "0o"),
            "table.toml: group 1: 'o' stands on no normalised plate",
        ),
        (
            HEAD + GROUP.replace("0OD", "0?"),
            "table.toml: group 1: '?' stands on no normalised plate",
        ),
        (HEAD + GROUP.replace("0OD", "0O0"), "table.toml: group 1: '0' stands twice"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text, said):
    with pytest.raises(EnforcementError) as raised:
        parse_confusions(text, "table.toml")
    assert str(raised.value).startswith(said)
