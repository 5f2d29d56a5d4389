"""A state is the same bytes again, or refused in one line that says what to do."""

from __future__ import annotations

import hashlib
import json
import struct
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
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


def forged(body: bytes) -> bytes:
    """Return bytes with the hash that belongs to them."""
    return CONTENT[:16] + hashlib.sha256(body).digest() + body


def with_header(**changes: Any) -> bytes:
    end = 56 + int.from_bytes(CONTENT[48:56], "little")
    header = json.loads(CONTENT[56:end]) | changes
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode("ascii")
    return forged(struct.pack("<Q", len(text)) + text + CONTENT[end:])


def goes_on(content: bytes) -> None:
    """Take in one more batch, and end."""
    state = from_bytes(RULES, content)
    assert to_bytes(state) == content
    keys = PlateKeys(RULES.side_plates)
    came = arrived(
        RULES, batch(RULES, {"plate": "粤B99999", "camera": "C-1"}, keys=keys), "x", keys
    )
    state, _ = advance(RULES, state, came.judged, pa.array(came.hit_id))
    finish(RULES, state)


@settings(max_examples=600, deadline=None)
@given(st.lists(st.tuples(st.integers(48, len(CONTENT) - 1), st.integers(0, 255)), min_size=1))
def test_forged_bytes_with_the_right_hash_are_a_state_or_refused(changes: Any) -> None:
    body = bytearray(CONTENT)
    for place, value in changes:
        body[place] = value
    try:
        goes_on(forged(bytes(body[48:])))
    except SettlingStateError as error:
        told = error
    else:
        return
    assert told.code in ("state_damaged", "state_of_other_rules")
    assert "begin anew" in str(told)


NUMBERS = (-1, 1 << 62, 1 << 80, 1.5, True, "1", None, [], {})


@pytest.mark.parametrize("value", NUMBERS)
@pytest.mark.parametrize("name", ["horizon_us", "duplicates", "too_late", "too_early", "step"])
def test_a_header_of_no_state_is_refused(name: str, value: Any) -> None:
    if (name, value) == ("step", None):
        return
    with pytest.raises(SettlingStateError, match="are no state that was saved"):
        from_bytes(RULES, with_header(**{name: value}))


@pytest.mark.parametrize(
    "changes",
    [
        {"rows": {}},
        {"rows": {"camera": -1}},
        {"rows": []},
        {"counts": [0] * 5},
        {"counts": [0.5] * 6},
        {"counts": None},
        {"side_plates": ["粤B12345學", "АВ123ЕФГ"]},
        {"side_plates": ["", "粤B12345學"]},
        {"side_plates": ["粤B12345", "粤B12345學"]},
        {"side_plates": ["粤B12345學", "粤B12345學"]},
        {"side_plates": [1, 2]},
        {"side_plates": {}},
        {"more": 1},
    ],
)
def test_what_does_not_fit_together_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(SettlingStateError, match="are no state that was saved"):
        from_bytes(RULES, with_header(**changes))
    with pytest.raises(SettlingStateError, match="are no state that was saved"):
        from_bytes(RULES, forged(b""))


@pytest.mark.parametrize("key", [0, 1, 37**12, 1 << 63 | 127, 0b11 << 62 | 2, (1 << 64) - 1])
def test_a_key_of_no_plate_reaches_no_kernel(key: int) -> None:
    begin_of_columns = 56 + int.from_bytes(CONTENT[48:56], "little")
    body = bytearray(CONTENT)
    struct.pack_into("<3Q", body, begin_of_columns, key, key, key)
    with pytest.raises(SettlingStateError, match="plate_key has"):
        from_bytes(RULES, forged(bytes(body[48:])))


def test_other_rules_and_other_formats_are_refused() -> None:
    with pytest.raises(SettlingStateError, match="belongs to the rules") as caught:
        from_bytes(OTHER_RULES, CONTENT)
    assert caught.value.code == "state_of_other_rules"
    newer = CONTENT[:8] + struct.pack("<I", 3) + CONTENT[12:]
    with pytest.raises(SettlingStateError, match="format 3, this program reads format 2"):
        from_bytes(RULES, newer)
    state = from_bytes(RULES, CONTENT)
    with pytest.raises(SettlingStateError, match="begin anew"):
        finish(OTHER_RULES, state)
    nothing = arrived(OTHER_RULES, batch(OTHER_RULES), [], PlateKeys())
    with pytest.raises(SettlingStateError, match="begin anew"):
        advance(OTHER_RULES, state, nothing.judged, pa.array([], pa.string()))
