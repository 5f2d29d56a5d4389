"""The results of an earlier sweep, as far as a new one holds its answer against them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from enforcement.errors import SweepError
from enforcement.result_folder import read_result
from enforcement.voided import SUSPICION_COLUMNS, count_not_read, suspicions

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True, eq=False)
class EarlierSweep:
    """What was suspected before: `suspicions` as of `enforcement.voided.suspicions`."""

    folder: str
    suspicions: pa.Table

    def counts(self, violations: pa.Table, voided: pa.Table) -> dict[str, Any]:
        """Return what summary.json says of it, given the tables of the new sweep."""
        return {
            "folder": self.folder,
            "suspected": self.suspicions.num_rows,
            "not_read_again": count_not_read(self.suspicions, violations, voided),
        }


def read_earlier_sweep(out: str, previous: str | None) -> EarlierSweep | None:
    """Read what an earlier sweep suspected.

    Parameters
    ----------
    out
        Where the new results go: what lies there is read unless `previous` is given.
    previous
        A folder that must have results.

    Returns
    -------
    EarlierSweep or None
        None where there was no earlier sweep.

    Raises
    ------
    SweepError
        `previous` has no results, or results cannot be read.
    """
    folder = previous or out
    violations = read_result(
        folder,
        "violations.parquet",
        [*SUSPICION_COLUMNS, "held", "warning"],
        since={"warning": False},
    )
    if violations is not None:
        voided = read_result(folder, "voided.parquet", SUSPICION_COLUMNS)
        return EarlierSweep(folder, suspicions(violations, voided))
    if previous is not None:
        raise SweepError(
            "no_previous", "there is no violations.parquet of an earlier sweep", folder
        )
    return None
