"""Rules as a file: what goes in comes out, the same rules are the same bytes, damage is told."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcement import rules_file
from enforcement.errors import RulesFileError
from enforcement.index import canonical_form
from enforcement.rules.permits import NamedVehicle
from enforcement.rules_file import load_rules, save_rules
from tests.enforcement.definitions import (
    compiled,
    grant,
    permit,
    registered,
    restriction,
    route,
    see,
)


@pytest.fixture(scope="module")
def rules():
    return compiled(
        routes=[route("R-1")],
        route_cameras={"R-1": [0, 2]},
        restrictions=[restriction(name="老城区"), restriction("Z-2", permits_exempt=False)],
        permits=[
            permit("P-1", grant(route_id="R-1", schedule="Mo-Fr 09:00-16:00")),
            permit(
                "许-2",
                grant(area=shapely.box(114, 27, 115, 28)),
                holder="𝄞 半\ud83d",  # beyond the basic plane, and half a surrogate pair
                vehicles=(NamedVehicle("АВ123СХ777", None),),
            ),
            permit("P-3", holder=""),
        ],
        vehicles=[registered("bus")],
        holidays="CN",
    )


def same(one, other):
    for field in fields(one):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if isinstance(mine, np.ndarray):
            assert mine.dtype == theirs.dtype, field.name
            np.testing.assert_array_equal(mine, theirs, err_msg=field.name)
        else:
            assert mine == theirs, field.name
            assert type(mine) is type(theirs)


def test_what_is_saved_is_loaded(rules, tmp_path):
    path = str(tmp_path / "city.rules")
    save_rules(rules, path)
    loaded = load_rules(path)
    same(rules, loaded)
    assert loaded.permit_max_speed_kmh.flags.writeable is False
    assert see(loaded) == see(rules)


def test_an_empty_city_is_saved_and_loaded(tmp_path):
    path = str(tmp_path / "empty.rules")
    empty = compiled(cameras=[])
    save_rules(empty, path)
    same(empty, load_rules(path))


def test_the_same_rules_are_the_same_bytes(rules, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    save_rules(rules, str(first))
    save_rules(load_rules(str(first)), str(second))
    assert first.read_bytes() == second.read_bytes()


def test_an_older_file_is_replaced_and_nothing_else_is_left(rules, tmp_path):
    path = tmp_path / "city.rules"
    path.write_bytes(b"old")
    save_rules(rules, str(path))
    assert load_rules(str(path)).content_hash == rules.content_hash
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file(rules, tmp_path, monkeypatch):
    path = tmp_path / "city.rules"
    path.write_bytes(b"old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(rules_file.os, "fsync", full)
    with pytest.raises(RulesFileError, match="No space left on device"):
        save_rules(rules, str(path))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_told(rules, tmp_path):
    path = str(tmp_path / "nowhere" / "city.rules")
    with pytest.raises(RulesFileError, match="cannot be written") as caught:
        save_rules(rules, path)
    assert caught.value.where == path


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(RulesFileError, match="cannot be read"):
        load_rules(str(tmp_path / "city.rules"))


@pytest.mark.parametrize("content", [b"", b"PAR1", b"\x89FPRULE\n", b"x" * 4000])
def test_another_file_is_told(content, tmp_path):
    path = tmp_path / "city.rules"
    path.write_bytes(content)
    with pytest.raises(RulesFileError) as caught:
        load_rules(str(path))
    assert caught.value.code == "not_rules"


def test_another_format_is_told(rules, tmp_path):
    path = tmp_path / "city.rules"
    save_rules(rules, str(path))
    content = bytearray(path.read_bytes())
    content[8] = 99
    path.write_bytes(content)
    with pytest.raises(RulesFileError, match="format 99, this program reads format 1"):
        load_rules(str(path))


def test_another_layout_is_told(rules, tmp_path, monkeypatch):
    path = str(tmp_path / "city.rules")
    save_rules(rules, path)
    now = canonical_form.LAYOUT_VERSION
    monkeypatch.setattr(canonical_form, "LAYOUT_VERSION", now + 1)
    with pytest.raises(
        RulesFileError, match=f"it has layout {now}, this program reads layout {now + 1}"
    ):
        load_rules(path)


@pytest.fixture(scope="module")
def saved(rules, tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "city.rules"
    save_rules(rules, str(path))
    return path.read_bytes(), path.with_name("damaged")


@settings(max_examples=60, deadline=None)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_truncated_file_is_told(saved, share):
    content, path = saved
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(RulesFileError):
        load_rules(str(path))


def test_a_file_with_more_at_its_end_is_told(saved):
    content, path = saved
    path.write_bytes(content + b"\0")
    with pytest.raises(RulesFileError, match="it should hold"):
        load_rules(str(path))


@settings(max_examples=60, deadline=None)
@given(share=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_a_changed_byte_is_told(saved, share, flip):
    content, path = saved
    damaged = bytearray(content)
    place = int(share * len(content))
    if 12 <= place < 16 or 24 <= place < 32:
        place = 40  # the preamble's zeros mean nothing
    damaged[place] ^= flip
    path.write_bytes(damaged)
    with pytest.raises(RulesFileError):
        load_rules(str(path))


@pytest.mark.parametrize(
    "form", [b"", b"\xff" * 8, b"\x02" + b"\0" * 7 + b"{}", b"\x02" + b"\0" * 7 + b"[1"]
)
def test_a_form_without_structure_is_told(form):
    with pytest.raises(canonical_form.CanonicalFormError):
        canonical_form.rules_from_canonical(memoryview(form), "")
