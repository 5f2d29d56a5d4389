"""The batch: files of hits in, suspected violations and a report out."""

from __future__ import annotations

import json
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from enforcement.engine import JudgedBatch, judge, settle
from enforcement.findings import (
    HELD_CODES,
    REASON_NAMES,
    REJECTED_SCHEMA,
    VERDICT_NAMES,
    VIOLATIONS_SCHEMA,
)
from enforcement.progress import quiet
from enforcement.reports.report import write_report
from enforcement.result_folder import result_folder
from enforcement.violations import join_cases, violations_table
from ingest.hit_files import find_hit_files
from ingest.plate_keys import PlateKeys
from ingest.tabular import CodeBook, read_hits, reread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from enforcement.compiled_city import CompiledCity
    from enforcement.index.layout import Rules
    from enforcement.progress import Progress
    from ingest.hit_files import HitFile
    from ingest.tabular import HitChunk

_IN_FLIGHT: Final = 2  # files read ahead of the one that is being collected, for each worker


@dataclass(frozen=True, slots=True)
class SweepRequest:
    """What to sweep.

    `from_us` and `until_us` cut the hits by captured_at, half-open, microseconds UTC; None is open.
    """

    sources: tuple[str, ...]
    out: str
    from_us: int | None = None
    until_us: int | None = None
    workers: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class _Chunk:
    """What stays of a chunk of hits once it is judged."""

    file: HitFile
    rows: np.ndarray  # row numbers in the file, int64, of each row of the batch
    judged: JudgedBatch
    hit_ids: pa.Array  # of its violations
    plates: list[str]


@dataclass(slots=True)
class _Collected:
    """What a sweep gathers, in the order of the files."""

    code_book: CodeBook
    hits: int = 0
    chunks: list[_Chunk] = field(default_factory=list)


def sweep(
    city: CompiledCity, request: SweepRequest, progress: Progress = quiet
) -> dict[str, object]:
    """Judge files of hits and write the results.

    Parameters
    ----------
    city
        The compiled city.
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
        The results cannot be written; nothing is changed.
    """
    began = time.monotonic()
    found = find_hit_files(request.sources)
    files = sorted(found.files, key=lambda file: file.path)  # the order asked for decides nothing
    with result_folder(request.out) as folder:
        collected = _judge_files(city.rules, files, request, folder, progress)
        progress("settle", 0, 1)
        violations, cases, counts, duplicates = _settle(city.rules, collected, request.workers)
        progress("settle", 1, 1)
        pq.write_table(violations, folder / "violations.parquet", compression="zstd")
        pq.write_table(cases, folder / "cases.parquet", compression="zstd")
        summary = _summary(city, collected.hits, duplicates, counts, violations, cases)
        summary["files"] = [file.path for file in files]
        summary["notes"] = list(found.notes)
        summary["seconds"] = round(time.monotonic() - began, 3)
        progress("report", 0, 1)
        write_report(folder / "report.html", city, summary, violations, cases)
        progress("report", 1, 1)
        summary["seconds"] = round(time.monotonic() - began, 3)
        text = json.dumps(summary, ensure_ascii=False, indent=1)
        (folder / "summary.json").write_text(text + "\n", encoding="utf-8")
    return summary


def _judge_files(
    rules: Rules,
    files: Sequence[HitFile],
    request: SweepRequest,
    folder: Path,
    progress: Progress,
) -> _Collected:
    """Read and judge every file; write the rejected hits as they come."""
    code_book = CodeBook(rules.camera_ids, PlateKeys(rules.side_plates))
    total = sum(file.size_bytes for file in files)
    done = 0
    collected = _Collected(code_book)

    def judge_file(file: HitFile) -> list[tuple[_Chunk, pa.Table]]:
        chunks = read_hits(
            file,
            zone=rules.timezone,
            code_book=code_book,
            from_us=request.from_us,
            until_us=request.until_us,
        )
        return [_judge_chunk(rules, code_book, file, chunk) for chunk in chunks]

    with (
        pq.ParquetWriter(folder / "rejected.parquet", REJECTED_SCHEMA, compression="zstd") as kept,
        ThreadPoolExecutor(max_workers=request.workers) as pool,
    ):
        progress("judge", 0, total)
        for file, results in _in_order(pool, judge_file, files, _IN_FLIGHT * request.workers):
            for chunk, rejected in results:
                collected.hits += int(chunk.judged.counts.sum())
                collected.chunks.append(chunk)
                if rejected.num_rows:
                    kept.write_table(rejected)
            done += file.size_bytes
            progress("judge", done, total)
    return collected


def _in_order(
    pool: ThreadPoolExecutor,
    work: Callable[[HitFile], list[tuple[_Chunk, pa.Table]]],
    files: Sequence[HitFile],
    ahead: int,
) -> Iterator[tuple[HitFile, list[tuple[_Chunk, pa.Table]]]]:
    """Run `work` on each file in threads; yield in the order of the files, few ahead in memory."""
    waiting: deque[tuple[HitFile, Future[list[tuple[_Chunk, pa.Table]]]]] = deque()
    try:
        for file in files:
            waiting.append((file, pool.submit(work, file)))
            if len(waiting) >= ahead:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()
    finally:
        for _, future in waiting:
            future.cancel()


def _judge_chunk(
    rules: Rules, code_book: CodeBook, file: HitFile, chunk: HitChunk
) -> tuple[_Chunk, pa.Table]:
    """Judge one chunk; keep what settling needs, and its rejected rows."""
    judged = judge(rules, chunk.batch, chunk.hit_id_hash)
    at = judged.violation_rows.astype(np.int64)
    names = [VERDICT_NAMES[verdict] for verdict in judged.rejected_verdict.tolist()]
    rejected = chunk.rejected(judged.rejected.astype(np.int64), names)
    keys = chunk.batch.plate_key[at].tolist()
    kept = _Chunk(
        file=file,
        rows=chunk.row,
        judged=judged,
        hit_ids=chunk.take(at)["hit_id"].combine_chunks(),
        plates=[code_book.plate_keys.text(key) for key in keys],
    )
    return kept, rejected


def _settle(
    rules: Rules, collected: _Collected, workers: int
) -> tuple[pa.Table, pa.Table, np.ndarray, int]:
    """Drop the duplicates, name the violations and join them into cases."""
    chunks, code_book = collected.chunks, collected.code_book

    def rank(pairs: Sequence[tuple[int, int]]) -> list[tuple[str, ...]]:
        texts: dict[tuple[int, int], tuple[str, ...]] = {}
        by_file: dict[HitFile, list[tuple[int, int]]] = {}
        for pair in pairs:
            by_file.setdefault(chunks[pair[0]].file, []).append(pair)
        for file, unsorted in by_file.items():
            mine = sorted(unsorted, key=lambda pair: chunks[pair[0]].rows[pair[1]])
            rows = np.array([chunks[chunk].rows[row] for chunk, row in mine], np.int64)
            table = reread(file, rows, zone=rules.timezone, code_book=code_book)
            for pair, row in zip(mine, table.to_pylist(), strict=True):
                texts[pair] = (row.pop("hit_id"), *(str(value) for value in row.values()))
        return [texts[pair] for pair in pairs]

    settled = settle(rules, [chunk.judged for chunk in chunks], rank, workers=workers)
    tables = [
        violations_table(rules, chunk.judged, chunk.hit_ids, chunk.plates, kept)
        for chunk, kept in zip(chunks, settled.kept, strict=True)
    ]
    everything = pa.concat_tables(tables) if tables else VIOLATIONS_SCHEMA.empty_table()
    violations, cases = join_cases(everything, rules.judgement.case_gap_minutes)
    return violations, cases, settled.counts, settled.duplicates


def _summary(
    city: CompiledCity,
    hits: int,
    duplicates: int,
    counts: np.ndarray,
    violations: pa.Table,
    cases: pa.Table,
) -> dict[str, object]:
    """Return the counts of a sweep."""
    held = violations["held"]
    suspected = violations.filter(held.is_null())
    by_reason = {
        row["values"]: row["counts"] for row in suspected["reason"].value_counts().to_pylist()
    }
    by_code = {row["values"]: row["counts"] for row in held.drop_null().value_counts().to_pylist()}
    return {
        "city": city.definition.name,
        "hits": hits,
        "duplicates": duplicates,
        "rules_hash": city.rules.content_hash,
        "seconds": 0.0,
        "verdicts": dict(zip(VERDICT_NAMES, counts.tolist(), strict=True)),
        "reasons": {name: by_reason.get(name, 0) for name in REASON_NAMES[1:]},
        "held": {code: by_code.get(code, 0) for code in HELD_CODES},
        "cases": cases.num_rows,
        "warnings": [str(warning) for warning in city.warnings],
    }
