"""A state is the same bytes again, or refused in one line that says what to do."""

from __future__ import annotations

import struct

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enforcement.errors import SettlingStateError
from enforcement.settling.advance import advance, finish
from enforcement.settling.state import begin
from enforcement.settling.state_bytes import from_bytes, to_bytes
from ingest.plate_keys import PlateKeys
from tests.enforcement.definitions import batch, compiled, restriction
from tests.enforcement.settling.streams import Reader, arrived, taken_in

RULES = compiled(restrictions=[restriction("Z-1", cameras=("C-1", "C-2"))])
OTHER_RULES = compiled(restrictions=[restriction("Z-1", cameras=("C-1",))])


def state_of(*plates: str):
    keys = PlateKeys(RULES.side_plates)
    hits = [{"plate": plate, "camera": f"C-{1 + row % 3}"} for row, plate in enumerate(plates)]
    came = arrived(RULES, batch(RULES, *hits, keys=keys), [f"号-{p}" for p in plates], keys)
    return taken_in(RULES, begin(RULES), came, Reader())[0]


CONTENT = to_bytes(state_of("赣C12345", "粤B12345學", "АВ123ЕФГ"))


@pytest.mark.parametrize("plates", [(), ("赣C12345",), ("赣C12345", "粤B12345學", "ABC123學")])
def test_a_state_comes_back_as_it_was(plates: tuple[str, ...]) -> None:
    content = to_bytes(state_of(*plates))
    back = from_bytes(RULES, content)
    assert to_bytes(back) == content
    assert set(back.rows.hit_id.to_pylist()) == {f"号-{plate}" for plate in plates}


def test_a_hit_costs_what_is_stated() -> None:
    def size(count: int, camera: str) -> int:
        hits = [{"plate": f"赣C{10000 + row}", "camera": camera} for row in range(count)]
        keys = PlateKeys()
        came = arrived(
            RULES, batch(RULES, *hits, keys=keys), [f"{row:08}" for row in range(count)], keys
        )
        return len(to_bytes(taken_in(RULES, begin(RULES), came, Reader())[0]))

    assert size(600, "C-3") - size(500, "C-3") == 100 * (38 + 8)
    assert size(600, "C-1") - size(500, "C-1") == 100 * (38 + 8 + 19)


@given(st.integers(0, len(CONTENT) - 1), st.integers(1, 255))
def test_one_byte_that_changed_is_refused(place: int, change: int) -> None:
    damaged = bytearray(CONTENT)
    damaged[place] ^= change
    if 12 <= place < 16:  # the four bytes that mean nothing
        return
    with pytest.raises(SettlingStateError) as caught:
        from_bytes(RULES, bytes(damaged))
    assert "\n" not in str(caught.value)


@given(st.integers(0, len(CONTENT) - 1))
def test_bytes_that_were_cut_short_are_refused(length: int) -> None:
    with pytest.raises(SettlingStateError):
        from_bytes(RULES, CONTENT[:length])


def test_other_rules_and_other_formats_are_refused() -> None:
    with pytest.raises(SettlingStateError, match="belongs to the rules") as caught:
        from_bytes(OTHER_RULES, CONTENT)
    assert caught.value.code == "state_of_other_rules"
    newer = CONTENT[:8] + struct.pack("<I", 2) + CONTENT[12:]
    with pytest.raises(SettlingStateError, match="format 2, this program reads format 1"):
        from_bytes(RULES, newer)
    state = from_bytes(RULES, CONTENT)
    with pytest.raises(SettlingStateError, match="begin anew"):
        finish(OTHER_RULES, state)
    nothing = arrived(OTHER_RULES, batch(OTHER_RULES), [], PlateKeys())
    with pytest.raises(SettlingStateError, match="begin anew"):
        advance(OTHER_RULES, state, nothing.judged, pa.array([], pa.string()))
