"""Which record of a camera was in service when it read a hit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from roadnet.ranges import each_of_ranges

if TYPE_CHECKING:
    import numpy.typing as npt

    from enforcement.index.layout import Rules


def cameras_of(rules: Rules, record: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """Return the place of the camera_id in the code book of (n,) camera records."""
    offsets = rules.camera_record_offsets
    camera_of = np.repeat(np.arange(offsets.size - 1), np.diff(offsets))
    cameras: npt.NDArray[np.int64] = camera_of[record]
    return cameras


def camera_id_of(rules: Rules, record: int) -> str:
    """Return the camera_id of a camera record."""
    return rules.camera_ids[int(cameras_of(rules, np.array([record]))[0])]


def records_at(
    rules: Rules, camera: npt.NDArray[np.int32], captured_at_us: npt.NDArray[np.int64]
) -> npt.NDArray[np.int32]:
    """Return the camera record in service at each hit.

    Parameters
    ----------
    rules
        The rules that the hits were judged by.
    camera, captured_at_us
        (n,) place in `rules.camera_ids`, and microseconds UTC, of hits that passed steps 0 and 1.

    Returns
    -------
    numpy.ndarray
        (n,) int32; the first record of its id where none was in service.
    """
    first = rules.camera_record_offsets[camera]
    beyond = rules.camera_record_offsets[camera + 1]
    record: npt.NDArray[np.int32] = first.astype(np.int32)
    moved = np.flatnonzero(beyond - first > 1)  # few cameras have more than one record
    for step in range(1, int((beyond - first)[moved].max(initial=1))):
        later = moved[first[moved] + step < beyond[moved]]
        place = first[later] + step
        serves = rules.camera_from_us[place] <= captured_at_us[later]
        record[later[serves]] = place[serves]
    return record


def serving_throughout(
    rules: Rules, camera: npt.NDArray[np.int64], begins_us: npt.NDArray[np.int64], length_us: int
) -> npt.NDArray[np.bool_]:
    """Tell which cameras one record has in service from the begin of spans of time to their end.

    Parameters
    ----------
    rules
        Compiled rules.
    camera
        (m,) places in `rules.camera_ids`.
    begins_us, length_us
        (n,) when the spans begin, microseconds UTC, and how long all of them are.

    Returns
    -------
    numpy.ndarray
        (m, n) bool.
    """
    offsets = rules.camera_record_offsets
    of, record = each_of_ranges(offsets[camera], offsets[camera + 1])
    serves = (rules.camera_from_us[record, None] <= begins_us) & (
        begins_us + length_us <= rules.camera_until_us[record, None]
    )
    throughout = np.zeros((camera.shape[0], begins_us.shape[0]), np.bool_)
    np.logical_or.at(throughout, of, serves)
    return throughout
