"""The batch: files of hits in, suspected violations and a report out."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from itertools import compress
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from enforcement.avoidance_table import avoidance_table
from enforcement.avoiding import avoided_cameras
from enforcement.doubt_tables import camera_health_table, clones_table
from enforcement.earlier_sweep import read_earlier_sweep
from enforcement.engine import JudgedBatch, judge, settle
from enforcement.findings import (
    HELD_CODES,
    REASON_NAMES,
    REJECTED_SCHEMA,
    VERDICT_NAMES,
    VOIDED_SCHEMA,
)
from enforcement.over_speed_table import over_speed_table
from enforcement.progress import quiet
from enforcement.reports.report import write_report
from enforcement.result_folder import result_folder
from enforcement.violations import RuleNames, join_cases, violations_table
from enforcement.voided import SweptAgain, voided_counts, voided_table
from ingest.columns import hash_ids
from ingest.hit_files import find_hit_files
from ingest.plate_keys import PlateKeys
from ingest.tabular import CodeBook, hit_pieces, reread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from enforcement.analysis.duplicates import Passages
    from enforcement.earlier_sweep import EarlierSweep
    from enforcement.engine import Settlement
    from enforcement.index.layout import Rules
    from enforcement.progress import Progress
    from enforcement.rules_source import RulesSource
    from ingest.hit_files import HitFile
    from ingest.tabular import HitChunk

Text: TypeAlias = tuple[str, ...]  # sorts as (hit_id, the rest of the row)

_AHEAD: Final = 2  # pieces of a file read ahead of the one that is being collected, a worker


@dataclass(frozen=True, slots=True)
class SweepRequest:
    """What to sweep.

    `from_us` and `until_us` cut the hits by captured_at, half-open, microseconds UTC; None is open.
    `previous` has the results of an earlier sweep, whose suspicions are held against this one's;
    None takes what lies in `out`, if anything does.
    """

    sources: tuple[str, ...]
    out: str
    from_us: int | None = None
    until_us: int | None = None
    workers: int = 1
    previous: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Chunk:
    """What stays of a chunk of hits once it is judged."""

    file: HitFile
    rows: range | np.ndarray  # row numbers in the file of each row of the batch
    judged: JudgedBatch
    hit_ids: pa.Array  # of `judged.violations`
    plates: list[str]

    def hit_id_at(self, row: int) -> tuple[str, ...]:
        """Return the hit_id of a row of the batch as a text to sort by; nothing if not at hand."""
        rows = self.judged.violation_rows
        place = int(np.searchsorted(rows, row))
        if place == rows.size or rows[place] != row:
            return ()
        return (self.hit_ids[place].as_py(),)


@dataclass(slots=True)
class _Collected:
    """What a sweep gathers, in the order of the files."""

    code_book: CodeBook
    hits: int = 0
    chunks: list[_Chunk] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class JudgedHits:
    """Files of hits, judged and settled.

    Attributes
    ----------
    files, notes
        Paths of what was read, sorted, and words on what was passed over.
    hits
        How many rows were read.
    settled
        What the hits are to each other.
    violations, cases, over_speed
        VIOLATIONS_SCHEMA, CASES_SCHEMA and OVER_SPEED_SCHEMA.
    passages, plate_keys
        The hits that passed steps 0 and 1, and what their keys mean.
    """

    files: tuple[str, ...]
    notes: tuple[str, ...]
    hits: int
    settled: Settlement
    violations: pa.Table
    cases: pa.Table
    over_speed: pa.Table
    passages: tuple[Passages, ...]
    plate_keys: PlateKeys


def sweep(
    city: RulesSource, request: SweepRequest, progress: Progress = quiet
) -> dict[str, object]:
    """Judge files of hits and write the results.

    Parameters
    ----------
    city
        The compiled city, or rules from a file: the report then has a map without streets.
    request
        The files, the cut, and where the results go.
    progress
        Told ``(stage, done, total)`` as work goes on.

    Returns
    -------
    dict
        What summary.json holds.

    Raises
    ------
    HitFileError
        A file that cannot be read; nothing is written.
    SweepError
        Earlier results cannot be read, or the new ones cannot be written; nothing is changed.
    """
    began = time.monotonic()
    earlier = read_earlier_sweep(request.out, request.previous)
    with result_folder(request.out) as folder:
        with pq.ParquetWriter(
            folder / "rejected.parquet", REJECTED_SCHEMA, compression="zstd"
        ) as rejected:
            judged = judge_hits(
                city.rules,
                request.sources,
                from_us=request.from_us,
                until_us=request.until_us,
                workers=request.workers,
                keep_rejected=rejected.write_table,
                progress=progress,
            )
        violations, cases = judged.violations, judged.cases
        pq.write_table(violations, folder / "violations.parquet", compression="zstd")
        pq.write_table(cases, folder / "cases.parquet", compression="zstd")
        health = camera_health_table(city.rules, judged.settled.doubts)
        clones = clones_table(city.rules, judged.settled.doubts, judged.plate_keys)
        pq.write_table(health, folder / "camera_health.parquet", compression="zstd")
        pq.write_table(clones, folder / "clones.parquet", compression="zstd")
        pq.write_table(judged.over_speed, folder / "over_speed.parquet", compression="zstd")
        avoided = avoided_cameras(city.rules, judged.settled, judged.passages)
        avoidance = avoidance_table(city.rules, avoided, judged.plate_keys)
        pq.write_table(avoidance, folder / "avoidance.parquet", compression="zstd")
        voided = _voided(city, judged, earlier, folder)
        pq.write_table(voided, folder / "voided.parquet", compression="zstd")
        summary = _summary(city, judged)
        summary["voided"] = voided_counts(voided)
        summary["voided_by_late_records"] = voided.num_rows - voided["late"].null_count
        summary["previous"] = earlier and earlier.counts(violations, voided)
        summary["cameras_quarantined"] = int(pc.sum(health["quarantined"]).as_py() or 0)
        summary["suspected_clones"] = clones.num_rows
        summary["avoidance"] = avoidance.num_rows
        summary["files"] = list(judged.files)
        summary["notes"] = list(judged.notes)
        summary["seconds"] = round(time.monotonic() - began, 3)
        progress("report", 0, 1)
        tables = (violations, cases, judged.over_speed, avoidance, voided)
        write_report(folder / "report.html", city, summary, *tables)
        progress("report", 1, 1)
        summary["seconds"] = round(time.monotonic() - began, 3)
        text = json.dumps(summary, ensure_ascii=False, indent=1)
        (folder / "summary.json").write_text(text + "\n", encoding="utf-8")
    return summary


def judge_hits(
    rules: Rules,
    sources: Sequence[str],
    *,
    from_us: int | None = None,
    until_us: int | None = None,
    workers: int = 1,
    keep_rejected: Callable[[pa.Table], None],
    progress: Progress = quiet,
) -> JudgedHits:
    """Judge files of hits and settle what they are to each other.

    Parameters
    ----------
    rules
        Compiled rules.
    sources
        Files, folders or URLs of hits.
    from_us, until_us
        As of `SweepRequest`.
    workers
        Threads to use; the answer does not depend on it.
    keep_rejected
        Given the hits that cannot be judged, REJECTED_SCHEMA, table by table as they come.
    progress
        Told ``(stage, done, total)`` as work goes on.

    Raises
    ------
    HitFileError
        A file that cannot be read.
    """
    found = find_hit_files(sources)
    files = sorted(found.files, key=lambda file: file.path)  # the order asked for decides nothing
    cut = (from_us, until_us)
    collected = _judge_files(rules, files, cut, workers, keep_rejected, progress)
    progress("settle", 0, 1)
    settled, everything = _settle(rules, collected, workers)
    violations, cases = join_cases(everything, rules.judgement.case_policy, rules.zone)
    progress("settle", 1, 1)
    return JudgedHits(
        files=tuple(file.path for file in files),
        notes=tuple(found.notes),
        hits=collected.hits,
        settled=settled,
        violations=violations,
        cases=cases,
        over_speed=over_speed_table(rules, everything, settled.speeding),
        passages=tuple(chunk.judged.passages for chunk in collected.chunks),
        plate_keys=collected.code_book.plate_keys,
    )


def _judge_files(
    rules: Rules,
    files: Sequence[HitFile],
    cut: tuple[int | None, int | None],
    workers: int,
    keep_rejected: Callable[[pa.Table], None],
    progress: Progress,
) -> _Collected:
    """Read and judge every file; hand on the rejected hits as they come."""
    code_book = CodeBook(rules.camera_ids, PlateKeys(rules.side_plates))
    total = sum(file.size_bytes for file in files)
    done = 0
    collected = _Collected(code_book)

    def judge_pieces(file: HitFile) -> _Pieces:
        return _Pieces(
            hit_pieces(
                file,
                zone=rules.timezone,
                code_book=code_book,
                from_us=cut[0],
                until_us=cut[1],
            ),
            lambda chunk: _judge_chunk(rules, code_book, file, chunk),
        )

    with ThreadPoolExecutor(max_workers=workers) as pool:
        progress("judge", 0, total)
        for file, results in _in_order(pool, judge_pieces, files, workers):
            for chunk, rejected, bytes_done in results:
                collected.hits += int(chunk.judged.counts.sum())
                collected.chunks.append(chunk)
                if rejected.num_rows:
                    keep_rejected(rejected)
                if bytes_done < file.size_bytes:
                    progress("judge", done + bytes_done, total)
            done += file.size_bytes
            progress("judge", done, total)
    return collected


_Judged: TypeAlias = "tuple[_Chunk, pa.Table, int]"  # what stays, the rejected, bytes of the file


class _Pieces:
    """The pieces of one file, judged by several threads and handed out in the file's order."""

    def __init__(
        self, pieces: Iterator[Callable[[], HitChunk]], judge_chunk: Callable[[HitChunk], _Judged]
    ) -> None:
        self._pieces = pieces
        self._judge_chunk = judge_chunk
        self._lock = threading.Lock()
        self._taken = 0

    def judge_next(self) -> tuple[int, _Judged | None] | None:
        """Judge the next piece: its number, and None for a piece without hits; None at the end."""
        with self._lock:
            read = next(self._pieces, None)
            number = self._taken
            self._taken += 1
        if read is None:
            return None
        chunk = read()
        return number, self._judge_chunk(chunk) if len(chunk) else None


def _in_order(  # noqa: C901 - one queue, filled and emptied
    pool: ThreadPoolExecutor,
    open_pieces: Callable[[HitFile], _Pieces],
    files: Sequence[HitFile],
    workers: int,
) -> Iterator[tuple[HitFile, Iterator[_Judged]]]:
    """Judge the pieces of all files in threads; yield file after file, few pieces ahead in memory.

    As many files are open as there are threads, so that many small files and one large one keep
    all of them busy.
    """
    waiting: deque[tuple[HitFile, _Pieces, deque[Future[tuple[int, _Judged | None] | None]]]] = (
        deque()
    )
    left = deque(files)

    def open_files() -> None:
        while left and len(waiting) < workers:
            file = left.popleft()
            pieces = open_pieces(file)
            futures = deque([pool.submit(pieces.judge_next)])
            waiting.append((file, pieces, futures))

    def results(
        pieces: _Pieces, futures: deque[Future[tuple[int, _Judged | None] | None]]
    ) -> Iterator[_Judged]:
        ready: dict[int, _Judged | None] = {}
        number = 0
        ended = False
        while futures:
            while not ended and len(futures) + len(ready) < _AHEAD * workers:
                futures.append(pool.submit(pieces.judge_next))
            result = futures.popleft().result()
            if result is None:
                ended = True
            else:
                ready[result[0]] = result[1]
            while number in ready:
                judged = ready.pop(number)
                number += 1
                if judged is not None:
                    yield judged

    try:
        open_files()
        while waiting:
            file, pieces, futures = waiting[0]
            yield file, results(pieces, futures)
            waiting.popleft()
            open_files()
    finally:
        for _, _, futures in waiting:
            for future in futures:
                future.cancel()


def _judge_chunk(rules: Rules, code_book: CodeBook, file: HitFile, chunk: HitChunk) -> _Judged:
    """Judge one chunk; keep what settling needs, and its rejected rows."""
    judged = judge(rules, chunk.batch, chunk.hit_id_hash)
    at = judged.violation_rows.astype(np.int64)
    names = [VERDICT_NAMES[verdict] for verdict in judged.rejected_verdict.tolist()]
    rejected = chunk.rejected(judged.rejected.astype(np.int64), names)
    first, last = int(chunk.row[0]), int(chunk.row[-1])
    hit_ids = chunk.hit_ids(at)
    if chunk.hit_id_hash is None and (id_hash := hash_ids(hit_ids, file.path)) is not None:
        judged = judged.told_apart(id_hash[:, 0])
    kept = _Chunk(
        file=file,
        rows=range(first, last + 1) if last - first + 1 == len(chunk) else chunk.row,
        judged=judged,
        hit_ids=hit_ids,
        plates=code_book.plate_keys.texts(chunk.batch.plate_key[at]).tolist(),
    )
    return kept, rejected, chunk.bytes_done


def _settle(rules: Rules, collected: _Collected, workers: int) -> tuple[Settlement, pa.Table]:
    """Drop the duplicates, ask the doubts, and name the violations that stay."""
    chunks, code_book = collected.chunks, collected.code_book

    def whole_rows(pairs: Sequence[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], Text]]:
        by_file: dict[HitFile, list[tuple[int, int]]] = {}
        for pair in pairs:
            by_file.setdefault(chunks[pair[0]].file, []).append(pair)
        for file, unsorted in by_file.items():
            mine = sorted(unsorted, key=lambda pair: chunks[pair[0]].rows[pair[1]])
            rows = np.array([chunks[chunk].rows[row] for chunk, row in mine], np.int64)
            table = reread(file, rows, zone=rules.timezone, code_book=code_book)
            for pair, row in zip(mine, table.to_pylist(), strict=True):
                yield pair, (row.pop("hit_id"), *(str(value) for value in row.values()))

    def rank(pairs: Sequence[tuple[int, int]]) -> list[Text]:
        at_hand = {pair: text for pair in pairs if (text := chunks[pair[0]].hit_id_at(pair[1]))}
        texts = at_hand | dict(whole_rows([pair for pair in pairs if pair not in at_hand]))
        # One hit_id for several rows: derived, they are equal; given, the whole row must tell.
        often = Counter(text[0] for text in texts.values())
        given = [pair for pair in at_hand if chunks[pair[0]].judged.passages.id_high.size]
        texts |= dict(whole_rows([pair for pair in given if often[texts[pair][0]] > 1]))
        return [texts[pair] for pair in pairs]

    settled = settle(
        rules,
        [chunk.judged for chunk in chunks],
        rank,
        side_plates=code_book.plate_keys.side_plates,
        workers=workers,
    )
    stay = list(zip(chunks, settled.kept, strict=True))
    hit_ids = pa.concat_arrays(
        [pa.array([], pa.string()), *(chunk.hit_ids.filter(pa.array(kept)) for chunk, kept in stay)]
    )
    plates = [plate for chunk, kept in stay for plate in compress(chunk.plates, kept)]
    names = RuleNames.of(rules)
    columns = (settled.doubts.held, settled.warning)
    return settled, violations_table(names, settled.suspects, hit_ids, plates, *columns)


def _voided(
    city: RulesSource, judged: JudgedHits, earlier: EarlierSweep | None, folder: Path
) -> pa.Table:
    """Tell which suspicions of an earlier sweep are none any more."""
    if earlier is None:
        return VOIDED_SCHEMA.empty_table()
    again = SweptAgain(
        rules=city.rules,
        permits=city.coverage.definition.permits if city.coverage else (),
        plate_keys=judged.plate_keys,
        passages=judged.passages,
        violations=judged.violations,
        rejected=pq.read_table(folder / "rejected.parquet", columns=["hit_id", "verdict"]),
    )
    return voided_table(earlier.suspicions, again)


def _summary(city: RulesSource, judged: JudgedHits) -> dict[str, object]:
    """Return the counts of a sweep."""
    settled, held = judged.settled, judged.violations["held"]
    suspected = judged.violations.filter(held.is_null())
    by_reason = {
        row["values"]: row["counts"] for row in suspected["reason"].value_counts().to_pylist()
    }
    by_code = {row["values"]: row["counts"] for row in held.drop_null().value_counts().to_pylist()}
    return {
        "city": city.rules.name,
        "hits": judged.hits,
        "duplicates": settled.duplicates,
        "rules_hash": city.rules.content_hash,
        "as_known_at": _instant_text(city.known_at_us),
        "seconds": 0.0,
        "verdicts": dict(zip(VERDICT_NAMES, settled.counts.tolist(), strict=True)),
        "reasons": {name: by_reason.get(name, 0) for name in REASON_NAMES[1:]},
        "held": {code: by_code.get(code, 0) for code in HELD_CODES},
        "cases": judged.cases.num_rows,
        "case_policy": asdict(city.rules.judgement.case_policy),
        "warnings": int(pc.sum(suspected["warning"]).as_py() or 0),
        "city_warnings": [str(warning) for warning in city.warnings],
    }


def _instant_text(instant_us: int | None) -> str | None:
    """Return an instant as RFC 3339 in UTC."""
    return None if instant_us is None else f"{np.datetime64(instant_us, 'us')}Z"
