"""Hits that come in batches, and what somebody knows who reads every finding."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from enforcement.engine import JudgedBatch, judge, settle
from enforcement.findings import HELD_CODES, REASON_NAMES
from enforcement.settling.advance import advance, finish
from enforcement.settling.state import begin
from enforcement.settling.state_bytes import from_bytes, to_bytes
from ingest.plate_keys import PlateKeys
from tests.same_verdict.translation import batch_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from enforcement.index.layout import Rules
    from enforcement.settling.changes import Findings
    from enforcement.settling.state import SettlingState, Totals
    from ingest.hits import HitBatch

NO_ID_GIVEN = "derived "  # what those ids begin with


class Told(NamedTuple):
    """What was told of a hit."""

    camera: str
    plate: str
    at_us: int
    reason: str
    permit: int
    grant: int
    held: str | None
    warning: bool


@dataclass
class Reader:
    """Somebody who reads every finding.

    `known` is what stands, by instant and hit_id; `totals` are the last ones.
    """

    known: dict[tuple[int, str], Told] = field(default_factory=dict)
    totals: Totals | None = None

    def read(self, rules: Rules, findings: Findings) -> None:
        changes, some = findings.changes, findings.changes.violations
        for row, hit_id in enumerate(changes.hit_id):
            code = int(changes.held[row])
            told = Told(
                rules.camera_ids[some.camera[row]],
                changes.plate[row],
                int(some.captured_at_us[row]),
                REASON_NAMES[some.reason[row]],
                int(some.permit[row]),
                int(some.grant[row]),
                HELD_CODES[code - 1] if code else None,
                bool(changes.warning[row]),
            )
            name = told.at_us, hit_id
            before = self.known.pop(name, None)
            if changes.stands[row]:
                assert told != before, "nothing changed"
                self.known[name] = told
            else:
                assert before is not None, "what was never told is taken back"
        self.totals = findings.totals


class Arrived(NamedTuple):
    """A judged batch with what `advance` asks for."""

    judged: JudgedBatch
    hit_id: list[str]
    side_plates: tuple[str, ...]


def arrived(rules: Rules, hits: HitBatch, ids: Sequence[str], keys: PlateKeys) -> Arrived:
    judged = judge(rules, hits, _hashes(ids))
    rows = judged.rows_of(np.arange(len(judged.passages)))
    return Arrived(judged, [ids[row] for row in rows.tolist()], keys.side_plates)


def taken_in(
    rules: Rules, state: SettlingState, came: Arrived, reader: Reader
) -> tuple[SettlingState, Findings]:
    """Advance by a batch and read what there is to tell."""
    after, findings = advance(
        rules,
        state,
        came.judged,
        pa.array(came.hit_id, pa.string()),
        side_plates=came.side_plates,
    )
    reader.read(rules, findings)
    return after, findings


def finished(rules: Rules, state: SettlingState, reader: Reader) -> None:
    reader.read(rules, finish(rules, state))


def in_one_piece(rules: Rules, came: Arrived) -> tuple[dict[tuple[int, str], Told], list[int], int]:
    """Return what `settle` says of all hits, as a reader knows it; counts; how many duplicates."""
    judged = came.judged
    passages = judged.passages
    seen = np.zeros(len(passages), np.uint8)
    seen[judged.violations] = judged.vehicle_class
    columns = (passages.plate_key, passages.plate_class, passages.camera, passages.outcome, seen)
    place_of = {row: n for n, row in enumerate(judged.rows_of(np.arange(len(passages))).tolist())}

    def rank(pairs: Sequence[tuple[int, int]]) -> list[tuple[str, ...]]:
        places = [place_of[row] for _, row in pairs]
        return [(came.hit_id[at], *(f"{c[at]:020}" for c in columns)) for at in places]

    settled = settle(rules, [judged], rank, side_plates=came.side_plates)
    some, kept = settled.suspects, judged.violations[settled.kept[0]]
    plates = PlateKeys(came.side_plates).texts(some.plate_key)
    told = {
        (at_us := int(some.captured_at_us[row]), came.hit_id[at]): Told(
            rules.camera_ids[some.camera[row]],
            plates[row],
            at_us,
            REASON_NAMES[some.reason[row]],
            int(some.permit[row]),
            int(some.grant[row]),
            HELD_CODES[settled.held[0][row] - 1] if settled.held[0][row] else None,
            bool(settled.warning[row]),
        )
        for row, at in enumerate(kept.tolist())
    }
    return told, settled.counts.tolist(), settled.duplicates


def read_in_pieces(
    rules: Rules, pieces: Sequence[Arrived], horizon_us: int, saved: Sequence[bool]
) -> tuple[Reader, bytes]:
    """Take in batch after batch, saved and restored before some.

    Returns what was told in the end, and the state as bytes.
    """
    state, reader = begin(rules, horizon_us), Reader()
    for piece, save in zip(pieces, saved, strict=True):
        if save:
            content = to_bytes(state)
            state = from_bytes(rules, content)
            assert to_bytes(state) == content
        state, _ = taken_in(rules, state, piece, reader)
    finished(rules, state, reader)
    return reader, to_bytes(state)


def cut(data: Any, count: int) -> list[tuple[int, int]]:
    """Draw where to cut so many hits into batches."""
    edges = sorted(data.draw(st.lists(st.integers(0, count), max_size=5)))
    return list(zip([0, *edges], [*edges, count], strict=True))


def piece_of_world(rules: Rules, zone: str, hits: Sequence[dict[str, Any]]) -> Arrived:
    """Return hits of a generated world as a batch, with derived ids where they have none."""
    keys = PlateKeys(rules.side_plates)
    ids = [hit["hit_id"] or NO_ID_GIVEN + _text_hash(hit) for hit in hits]
    return arrived(rules, batch_of(rules, hits, zone, keys), ids, keys)


def _text_hash(hit: dict[str, Any]) -> str:
    return blake2b(repr(sorted(hit.items())).encode(), digest_size=16).hexdigest()


def _hashes(ids: Sequence[str]) -> npt.NDArray[np.uint64] | None:
    """Return what readers of files give for the ids that the sender gave."""
    given = [not one.startswith(NO_ID_GIVEN) for one in ids]
    if not any(given):
        return None
    digests = [blake2b(one.encode(), digest_size=12).digest() for one in ids]
    hashes = np.array(
        [(int.from_bytes(d[:8], "little"), int.from_bytes(d[8:], "little")) for d in digests],
        np.uint64,
    )
    hashes[~np.array(given)] = 0
    return hashes
