"""What a batch changed: the violations of which something else is true than was last told."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from enforcement.analysis.camera_records import records_at
from enforcement.analysis.suspects import Suspects
from enforcement.settling.judged_rows import NOT_TOLD, WARNED
from ingest.plate_keys import PlateKeys

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from enforcement.index.layout import Rules
    from enforcement.settling.judged_rows import JudgedRows
    from enforcement.settling.state import Totals


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """k violations to tell of, by (captured_at, hit_id), which name a violation.

    Where one hit takes the place of another of its instant and hit_id, what is cleared comes first.

    Attributes
    ----------
    violations
        Plates, cameras, instants, reasons, and what was compared.
    hit_id, plate
        (k,) texts; plates normalised.
    told
        (k,) uint8 what is true now, as of `JudgedRows.told`.
    """

    violations: Suspects
    hit_id: tuple[str, ...]
    plate: tuple[str, ...]
    told: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        """Return the number of violations to tell of."""
        return len(self.hit_id)

    @property
    def stands(self) -> npt.NDArray[np.bool_]:
        """True for what is a violation, suspected or held; False for what is cleared again."""
        stands: npt.NDArray[np.bool_] = self.told != NOT_TOLD
        return stands

    @property
    def held(self) -> npt.NDArray[np.uint8]:
        """The doubt that holds each, as of `enforcement.analysis.holding`; of those cleared none."""
        return np.where(self.stands, self.told % WARNED - 1, 0).astype(np.uint8)

    @property
    def warning(self) -> npt.NDArray[np.bool_]:
        """True for what is only warned of."""
        return self.told >= WARNED


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What there is to say once a batch was taken in.

    Attributes
    ----------
    changes
        The violations of which something changed since it was last told.
    too_late
        Rows of the batch that are more than a horizon behind time, ascending: kept by the caller,
        decided by nobody, evidence of nothing.
    totals
        What became of all hits so far, by what is known now.
    """

    changes: Changes
    too_late: npt.NDArray[np.int32]
    totals: Totals


def changes_of(
    rules: Rules,
    rows: JudgedRows,
    now: npt.NDArray[np.uint8],
    among: npt.NDArray[np.bool_],
    permit_and_grant: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]] | None = None,
) -> Changes:
    """Return the violations of which something else is true than was told.

    Parameters
    ----------
    rules
        The rules that they were judged by.
    rows
        With what was told.
    now
        (v,) what is true, as of `JudgedRows.told`.
    among
        (v,) True for those to look at.
    permit_and_grant
        (v,) each, where settling named others than judging did.
    """
    judged, passages = rows.judged, rows.judged.passages
    which = np.flatnonzero(among & (now != rows.told))
    at = judged.violations[which]
    permit, grant = permit_and_grant or (judged.permit, judged.grant)
    violations = Suspects(
        plate_key=passages.plate_key[at],
        plate_class=passages.plate_class[at],
        camera=passages.camera[at],
        captured_at_us=passages.captured_at_us[at],
        vehicle_class=judged.vehicle_class[which],
        record=records_at(rules, passages.camera[at], passages.captured_at_us[at]),
        reason=judged.reason[which],
        restriction=judged.restriction[which],
        permit=permit[which],
        grant=grant[which],
        side_plates=rows.side_plates,
    )
    plates = PlateKeys(rows.side_plates).texts(violations.plate_key)
    return Changes(
        violations, tuple(rows.hit_id.take(pa.array(at)).to_pylist()), tuple(plates), now[which]
    )


def all_changes(pieces: Sequence[Changes]) -> Changes:
    """Join changes of different rows of one side table, at least one piece."""
    columns: dict[str, Any] = {
        column.name: np.concatenate([getattr(piece.violations, column.name) for piece in pieces])
        for column in fields(Suspects)
        if column.name != "side_plates"
    }
    joined = replace(pieces[0].violations, **columns)
    hit_id = [text for piece in pieces for text in piece.hit_id]
    plate = [text for piece in pieces for text in piece.plate]
    told = np.concatenate([piece.told for piece in pieces])
    at, stands = joined.captured_at_us.tolist(), (told != NOT_TOLD).tolist()
    order = sorted(range(len(at)), key=lambda row: (at[row], hit_id[row], stands[row]))
    rows = np.array(order, np.int64)
    return Changes(
        joined.some(rows),
        tuple(hit_id[row] for row in order),
        tuple(plate[row] for row in order),
        told[rows],
    )
