"""The doubt that holds a violation by speed in words: about which of its two hits it is, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from enforcement.doubts.speeding import moved_drives
from enforcement.explaining.camera_words import camera_step
from enforcement.explaining.clock_words import calendar_step
from enforcement.explaining.doubtful_hit import doubtful_end
from enforcement.explaining.look_alike_words import look_alike_step
from enforcement.explaining.sighting_words import travel_step
from enforcement.matching.civil_words import full, iso_utc
from enforcement.matching.wording import Step
from enforcement.speeding import Speeding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from enforcement.explaining.answers import Answers
    from enforcement.explaining.doubtful_hit import DoubtfulHit
    from enforcement.index.layout import Rules
    from enforcement.matching.single_hit import Hit
    from ingest.plate_keys import PlateKeys


class DriveEnds(NamedTuple):
    """The hits that a drive began and ended with, as of `doubtful_end`, and the least km/h of it."""

    first: DoubtfulHit
    second: DoubtfulHit
    least_kmh: float


def ends_of_drive(
    rules: Rules, plate_keys: PlateKeys, second: Hit, drive: Mapping[str, Any]
) -> DriveEnds:
    """Return the ends of a drive that was too fast.

    Parameters
    ----------
    rules, plate_keys
        What it was judged by, and what keys of plates mean.
    second
        The hit that it ended with, its class as judged.
    drive
        A row of OVER_SPEED_SCHEMA. It has no class of the first hit, which gets that of the second.
    """
    at_us = int(np.datetime64(drive["from_at"].replace(tzinfo=None), "us").astype(np.int64))
    first = replace(second, camera_id=drive["from_camera_id"], captured_at_us=at_us)
    permit_id = drive["permit_id"]
    return DriveEnds(
        doubtful_end(rules, plate_keys, first, permit_id),
        doubtful_end(rules, plate_keys, second, permit_id),
        drive["least_kmh"],
    )


def with_class_seen(drive: DriveEnds, speeding: Speeding) -> DriveEnds:
    """Return a drive with the class that its first hit was judged as, found among those of a period."""
    mine, found = drive.second.suspect, speeding.second
    same = (found.plate_key == mine.plate_key) & (found.plate_class == mine.plate_class)
    same &= (found.camera == mine.camera) & (found.captured_at_us == mine.captured_at_us)
    seen = speeding.first.vehicle_class[same]
    first = replace(drive.first, suspect=replace(drive.first.suspect, vehicle_class=seen))
    return drive._replace(first=first)


def speeding_doubt_step(
    drive: DriveEnds, answers: tuple[Answers, Answers], held: str
) -> Step | None:
    """Tell why a doubt holds a violation by speed, in the words that it has about any hit.

    Parameters
    ----------
    drive
        The drive.
    answers
        What is known of the doubts about either hit.
    held
        The code of the doubt.

    Returns
    -------
    Step or None
        None where what is known does not show it: a sweep's result has no vehicle class of the
        first hit, say.
    """
    if held == "clock":
        return _clock_step(drive)
    ends = zip(drive[:2], answers, strict=True)
    doubted = [(hit, told) for hit, told in ends if told.holds[held]]
    # A sweep's result says that a camera is not believed, and only camera_health.parquet which.
    at_fault = [(hit, told) for hit, told in doubted if _has_fault(told)]
    doubted = at_fault if held == "camera" and at_fault else doubted
    steps = [_step(held, hit, told) for hit, told in doubted]
    if not steps:
        return None
    data: dict[str, Any] = {"state": "holds", "passages": []}
    for (hit, _), step in zip(doubted, steps, strict=True):
        data["passages"].append({"camera_id": hit.hit.camera_id, "evidence": step.data})
    if len({step.en for step in steps}) < len(doubted):  # it is about the plate or the year
        return Step(steps[0].code, steps[0].zh, steps[0].en, data)
    cameras = [hit.hit.camera_id for hit, _ in doubted]
    return Step(
        steps[0].code,
        "".join(f"就 {camera} 处：{step.zh}" for camera, step in zip(cameras, steps, strict=True)),
        " ".join(f"At {camera}: {step.en}" for camera, step in zip(cameras, steps, strict=True)),
        data,
    )


def _has_fault(answers: Answers) -> bool:
    day = answers.camera_day
    return day is not None and day["fault"] not in {None, "silent"}


def _step(held: str, doubtful: DoubtfulHit, answers: Answers) -> Step:
    """Return the words of a doubt about one hit."""
    if held == "camera":
        return camera_step(answers)
    if held == "calendar":
        return calendar_step(doubtful, holds=True)
    if held == "implausible_travel":
        return travel_step(doubtful, answers)
    return look_alike_step(doubtful, answers)


def _clock_step(drive: DriveEnds) -> Step | None:
    """Tell the nearest two instants that the clocks allow at which the drive is not suspected."""
    first, second, least_kmh = drive
    rules = first.rules
    speeding = Speeding(
        row=np.zeros(1, np.int64),
        first=first.suspect,
        second=second.suspect,
        metres=np.zeros(1, np.int64),
        kmh=np.array([least_kmh]),
    )
    moved = moved_drives(rules, speeding)
    warned = speeding.only_warned_of(rules, speeding.captured_at_us)[0]
    clears = np.flatnonzero(~moved.forbidden | (moved.warned & ~warned))
    if not clears.size:
        return None
    away_us = np.abs(moved.first_us - first.at_us) + np.abs(moved.second_us - second.at_us)
    nearest = int(clears[np.argmin(away_us[clears])])
    ends = ((first, int(moved.first_us[nearest])), (second, int(moved.second_us[nearest])))
    passages = [
        {
            "camera_id": end.hit.camera_id,
            "error_seconds": int(rules.camera_clock_error_us[end.record]) / 1e6,
            "captured_at": iso_utc(at_us),
            "seconds": (at_us - end.at_us) / 1e6,
        }
        for end, at_us in ends
    ]
    forbidden = bool(moved.forbidden[nearest])
    names = [one["camera_id"] for one in passages]
    errors = [f"{one['error_seconds']:g}" for one in passages]
    then = [full(end.civil(at_us)) for end, at_us in ends]
    zh, en = (
        ("仅作警告", "it is only warned of")
        if forbidden
        else (
            "没有通行证禁止该行程",
            "no permit forbids the drive",
        )
    )
    return Step(
        "doubt_clock",
        f"摄像机 {names[0]} 和 {names[1]} 的时钟可能分别有 {errors[0]} 秒和 {errors[1]} 秒误差。"
        f"如经过时间为 {then[0][0]} 和 {then[1][0]}，则{zh}。",
        f"The clocks of cameras {names[0]} and {names[1]} may be off by {errors[0]} s and {errors[1]} s. "
        f"If the passages were on {then[0][1]} and on {then[1][1]}, {en}.",
        {"state": "holds", "moved": passages, "warning": forbidden},
    )
