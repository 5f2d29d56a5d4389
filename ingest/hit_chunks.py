"""Some hits of one file: the arrays that are judged, and the texts for the few that are reported."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingest.columns import (
    Column,
    arrow_texts,
    as_confidences,
    as_instants,
    as_numbers,
    as_plate_classes,
    as_texts,
    as_vehicle_classes,
    hash_ids,
    number_texts,
    take_rows,
)
from ingest.descriptions import direction_word, plate_colour_word
from ingest.hit_ids import derive_hit_ids
from ingest.hits import (
    CAMERA_MISSING,
    CAMERA_UNKNOWN,
    HIT_SCHEMA,
    NO_INSTANT,
    NO_PLATE,
    NO_PLATE_CLASS,
    VEHICLE_CLASSES,
    HitBatch,
    InstantArray,
)
from ingest.plate_classes import plate_class_text
from ingest.plates import normalise_plate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ingest.code_book import CodeBook
    from ingest.hit_files import HitFile
    from ingest.plate_keys import PlateKeys
    from ingest.raw_rows import RawRows

RowArray = npt.NDArray[np.int64]

REJECTED_SCHEMA: Final = pa.schema(
    [
        ("hit_id", pa.string()),
        ("camera_id", pa.string()),
        ("plate", pa.string()),
        ("captured_at", pa.timestamp("us", tz="UTC")),
        ("verdict", pa.string()),
        ("detail", pa.string()),
    ]
)
_NUMBER_COLUMNS: Final = ("confidence", "speed_kmh", "lane")
_BROKEN_TEXT: Final = "(row)"  # under what name the text of a broken row enters its id
_CLASS_TEXTS: Final = pa.array([*(plate_class_text(code) for code in range(NO_PLATE_CLASS)), None])
_CLASS_WORDS: Final = pa.array(VEHICLE_CLASSES)


@dataclass(frozen=True, slots=True, eq=False)
class HitChunk:
    """n hits of one file, in its order.

    Attributes
    ----------
    batch
        What the matcher takes.
    file
        Where they come from.
    row
        (n,) int64 number of each row in the file, from 0; broken rows count, blank lines do not.
    hit_id_hash
        (n, 2) uint64, 128 bits of each given hit_id, (0, 0) for a row without; None if no row has
        one.
    rows_scanned
        Rows of the file that the chunk stands for, those cut away by time included.
    bytes_done
        Bytes of the file that are read when the chunk is, about.
    """

    batch: HitBatch
    file: HitFile
    row: RowArray
    hit_id_hash: npt.NDArray[np.uint64] | None
    rows_scanned: int
    bytes_done: int
    _raw: RawRows = field(repr=False)
    _places: RowArray | None = field(repr=False)
    _plate_keys: PlateKeys = field(repr=False)

    def __len__(self) -> int:
        """Return the number of hits."""
        return len(self.batch)

    def take(self, rows: RowArray, *, every_column: bool = False) -> pa.Table:
        """Return some of the hits as a table.

        Parameters
        ----------
        rows
            (k,) places in the batch.
        every_column
            Also plate_colour, speed_kmh (never 0 or less), direction, lane and image_url, which
            are null otherwise, as they have to be read from the file first.

        Returns
        -------
        pa.Table
            k rows of HIT_SCHEMA: hit_id as given or derived, plate normalised, plate_class two
            digits or null, vehicle_class one of VEHICLE_CLASSES, confidence null where none was
            given; other texts trimmed, null where blank.

        Raises
        ------
        HitFileError
            Columns that must still be read cannot be.
        """
        rows = np.asarray(rows, dtype=np.int64)
        given = self._given_ids(rows)
        others = self._others(rows) if every_column or given.null_count else {}
        columns = {
            "hit_id": self._all_ids(rows, given, others),
            "camera_id": self._text("camera_id", rows),
            "plate": self._plates(rows),
            "captured_at": _instant_array(self.batch.captured_at_us[rows]),
            "plate_class": _CLASS_TEXTS.take(pa.array(self.batch.plate_class[rows])),
            "vehicle_class": _CLASS_WORDS.take(pa.array(self.batch.vehicle_class[rows])),
            "confidence": self._confidences(rows),
        }
        if every_column:
            columns.update(_descriptions(others))
        nothing = pa.nulls(len(rows))
        return pa.table(
            [columns.get(column.name, nothing).cast(column.type) for column in HIT_SCHEMA],
            schema=HIT_SCHEMA,
        )

    def hit_ids(self, rows: RowArray) -> pa.Array:
        """Return the ids of (k,) places in the batch, as given or derived from the whole row."""
        rows = np.asarray(rows, dtype=np.int64)
        given = self._given_ids(rows)
        others = self._others(rows) if given.null_count else {}
        return self._all_ids(rows, given, others)

    def rejected(self, rows: RowArray, verdicts: Sequence[str]) -> pa.Table:
        """Return some of the hits as rows of ``rejected.parquet``, with what is wrong with each.

        Parameters
        ----------
        rows
            (k,) places in the batch.
        verdicts
            k names: ``malformed``, ``unreadable`` or ``unknown_camera``.

        Returns
        -------
        pa.Table
            k rows of REJECTED_SCHEMA; plate as it stands in the file; `detail` names file, line or
            row, and the fault.
        """
        rows = np.asarray(rows, dtype=np.int64)
        given = self._given_ids(rows)
        others = self._others(rows) if given.null_count else {}
        columns = [
            self._all_ids(rows, given, others),
            self._text("camera_id", rows),
            self._text("plate", rows),
            _instant_array(self.batch.captured_at_us[rows]),
            pa.array(verdicts, pa.string()),
            self._details(rows, np.asarray(verdicts, dtype=np.str_)),
        ]
        return pa.table(columns, schema=REJECTED_SCHEMA)

    def _place(self, rows: RowArray) -> RowArray:
        return rows if self._places is None else self._places[rows]

    def _text(self, name: str, rows: RowArray) -> pa.Array:
        column = self._raw.columns.get(name)
        if column is None:
            return pa.nulls(len(rows), pa.string())
        return arrow_texts(take_rows(column, self._place(rows)), name)

    def _given_ids(self, rows: RowArray) -> pa.Array:
        if self.hit_id_hash is None:
            return pa.nulls(len(rows), pa.string())
        return self._text("hit_id", rows)

    def _others(self, rows: RowArray) -> Mapping[str, Column]:
        return self._raw.others(self._place(rows)) if len(rows) else {}

    def _all_ids(self, rows: RowArray, given: pa.Array, others: Mapping[str, Column]) -> pa.Array:
        if given.null_count == 0:
            return given
        places = self._place(rows)
        every = {
            **{name: take_rows(column, places) for name, column in self._raw.columns.items()},
            **others,
        }
        texts = {
            name: (number_texts if name in _NUMBER_COLUMNS else arrow_texts)(column, name)
            for name, column in every.items()
            if name not in {"hit_id", "captured_at"}
        }
        instants = self.batch.captured_at_us[rows]
        unread = instants == NO_INSTANT
        texts["captured_at"] = pa.array(instants, mask=unread).cast(pa.string())
        if unread.any():
            as_written = arrow_texts(every["captured_at"], "captured_at")
            texts["captured_at"] = pc.coalesce(texts["captured_at"], as_written)
        if self._raw.faults and self._raw.shown is not None:
            texts[_BROKEN_TEXT] = pa.array(
                [
                    self._raw.shown(place) if place in self._raw.faults else None
                    for place in places.tolist()
                ],
                pa.string(),
            )
        return pc.coalesce(given, pa.array(derive_hit_ids(texts, len(rows)), pa.string()))

    def _plates(self, rows: RowArray) -> pa.Array:
        plates = self._plate_keys.texts(self.batch.plate_key[rows])
        unreadable = np.flatnonzero(self.batch.plate_key[rows] == NO_PLATE)
        if unreadable.size:
            raw = self._text("plate", rows[unreadable]).to_pylist()
            plates[unreadable] = [normalise_plate(text) or None for text in raw]
        return pa.array(plates, pa.string())

    def _confidences(self, rows: RowArray) -> pa.Array:
        column = self._raw.columns.get("confidence")
        if column is None:
            return pa.nulls(len(rows), pa.float64())
        return _number_array(take_rows(column, self._place(rows)), "confidence")

    def _details(self, rows: RowArray, verdicts: npt.NDArray[np.str_]) -> pa.Array:
        batch, places = self.batch, self._place(rows)
        malformed = verdicts == "malformed"
        no_camera = malformed & (batch.camera[rows] == CAMERA_MISSING)
        no_plate = (verdicts == "unreadable") & (batch.plate_key[rows] == NO_PLATE)
        cases = [
            (no_camera, "camera_id is missing"),
            (malformed, "captured_at is missing or cannot be read: "),
            (no_plate, "plate is missing or no plate"),
            (verdicts == "unreadable", "confidence is too low or no number: "),
            (
                (verdicts == "unknown_camera") & (batch.camera[rows] == CAMERA_UNKNOWN),
                "camera_id is not registered",
            ),
            (verdicts == "unknown_camera", "camera is not in service at that time"),
        ]
        kind = np.select([mask for mask, _ in cases], range(len(cases)), len(cases))
        said = pa.array([text for _, text in cases] + [""]).take(pa.array(kind))
        values = np.full(len(rows), "", dtype=object)
        for number, name in ((1, "captured_at"), (3, "confidence")):
            mine = kind == number
            texts = self._text(name, rows[mine]).fill_null("")
            values[mine] = texts.to_numpy(zero_copy_only=False)
        if self._raw.lines is None:
            numbers, word = pa.array(self.row[rows] + 1), "row"
        else:
            numbers, word = pa.array(self._raw.lines[places]), "line"
        head = f"{self.file.path}, {word} "
        details = pc.binary_join_element_wise(
            head, numbers.cast(pa.string()), ": ", said, pa.array(values, pa.string()), ""
        )
        broken = (
            [place in self._raw.faults for place in places.tolist()] if self._raw.faults else []
        )
        if not any(broken):
            return details
        texts = details.to_pylist()
        for index in np.flatnonzero(broken).tolist():
            place = int(places[index])
            shown = self._raw.shown(place) if self._raw.shown is not None else ""
            fault = self._raw.faults[place]
            texts[index] = f"{self.file.path}, {self._raw.place(place)}: {fault}: {shown}"
        return pa.array(texts, pa.string())


def chunk_of(
    file: HitFile,
    raw: RawRows,
    *,
    zone: str,
    code_book: CodeBook,
    from_us: int | None = None,
    until_us: int | None = None,
) -> HitChunk:
    """Turn raw rows into what is judged.

    Parameters
    ----------
    file, raw
        Rows and where they come from.
    zone
        IANA name of the zone of times that carry none.
    code_book
        Cameras and plate keys.
    from_us, until_us
        Half-open range of captured_at to keep, microseconds UTC; rows whose time cannot be read
        are kept, so that they do not disappear.

    Raises
    ------
    HitFileError
        A column has a type that cannot hold what it should.
    """
    where = file.path
    columns = dict(raw.columns)
    instants = as_instants(columns["captured_at"], zone, where)
    places = _kept_places(instants, from_us, until_us)
    if places is not None:
        instants = instants[places]
    # Text is what the kernels and the reports take; a column is turned into it only once.
    for name in columns.keys() & {"camera_id", "plate", "plate_class", "vehicle_class", "hit_id"}:
        columns[name] = as_texts(columns[name], name, where)
    kept = {
        name: column if places is None else take_rows(column, places)
        for name, column in columns.items()
        if name != "captured_at"
    }
    row = np.arange(raw.count, dtype=np.int64) if places is None else places
    return HitChunk(
        batch=HitBatch(
            camera=code_book.camera_codes(as_texts(kept["camera_id"], "camera_id", where)),
            plate_key=code_book.plate_keys.keys_of_column(as_texts(kept["plate"], "plate", where)),
            plate_class=as_plate_classes(kept.get("plate_class"), instants.size, where),
            vehicle_class=as_vehicle_classes(kept.get("vehicle_class"), instants.size, where),
            captured_at_us=instants,
            confidence=as_confidences(kept.get("confidence"), instants.size, where),
        ),
        file=file,
        row=row + raw.first_row,
        hit_id_hash=hash_ids(kept["hit_id"], where) if "hit_id" in kept else None,
        rows_scanned=raw.count,
        bytes_done=raw.bytes_done,
        _raw=replace(raw, columns=columns),
        _places=places,
        _plate_keys=code_book.plate_keys,
    )


def _kept_places(
    instants: InstantArray, from_us: int | None, until_us: int | None
) -> RowArray | None:
    """Return the places within a range of time, None for all."""
    kept = np.ones(instants.size, dtype=np.bool_)
    if from_us is not None:
        kept &= instants >= from_us
    if until_us is not None:
        kept &= instants < until_us
    kept |= instants == NO_INSTANT
    return None if kept.all() else np.flatnonzero(kept)


def _instant_array(instants: InstantArray) -> pa.Array:
    array = pa.array(instants, mask=instants == NO_INSTANT)
    return array.cast(pa.timestamp("us", tz="UTC"))


def _descriptions(others: Mapping[str, Column]) -> dict[str, pa.Array]:
    """Return those columns of the schema that are kept as evidence and never judged."""
    columns = {}
    for name, word_of in (("plate_colour", plate_colour_word), ("direction", direction_word)):
        if name in others:
            texts = arrow_texts(others[name], name).dictionary_encode()
            words = pa.array([word_of(text) for text in texts.dictionary.to_pylist()], pa.string())
            columns[name] = words.take(texts.indices)
    if "image_url" in others:
        columns["image_url"] = arrow_texts(others["image_url"], "image_url")
    if "speed_kmh" in others:
        speeds = _number_array(others["speed_kmh"], "speed_kmh")
        columns["speed_kmh"] = pc.if_else(pc.greater(speeds, 0.0), speeds, None)
    if "lane" in others:
        lanes = _number_array(others["lane"], "lane")
        whole = pc.and_(pc.equal(lanes, pc.floor(lanes)), pc.less(pc.abs(lanes), 2.0**31))
        columns["lane"] = pc.if_else(whole, lanes, None)
    return columns


def _number_array(column: Column, name: str) -> pa.Array:
    numbers = as_numbers(column, name, "")
    return pa.array(numbers, mask=~np.isfinite(numbers))
