"""What settles a doubt, so that the next sweep decides again."""

from __future__ import annotations

from typing import Final

from enforcement.matching.wording import Step

_REMEDIES: Final = {
    "camera": (
        "核对该摄像机的时钟、位置和朝向；更正其登记后重新核查，即重新判定。",
        (
            "Check the camera's clock, place and direction; once its entry is corrected, the next sweep "
            "decides again."
        ),
    ),
    "clock": (
        "用标准时间校对该摄像机，并登记其实际误差（clock_error_seconds），重新核查时即重新判定。",
        (
            "Check the camera's clock against a standard and state its true error "
            "(clock_error_seconds); the next sweep decides again."
        ),
    ),
    "calendar": (
        "放假安排公布并更新后重新核查，即重新判定。",
        "Once the holiday notice is published and known here, the next sweep decides again.",
    ),
    "implausible_travel": (
        "比对两处的图像：是套牌还是误识。确认后更正记录，重新核查时即重新判定。",
        (
            "Compare the images of both sightings: is the plate cloned, or was one misread? With the wrong "
            "reading corrected, the next sweep decides again."
        ),
    ),
    "look_alike": (
        "将图像与相近的号牌比对；号牌如识别无误，待该车登记入册且另有摄像机见到它，重新核查时即重新判定。",
        (
            "Compare the image with the plate that looks alike; if it was read rightly, a registry row "
            "of the vehicle and a sighting of it elsewhere let the next sweep decide again."
        ),
    ),
    "detour": (
        "核实道路封闭的范围与解除时间；更正登记后重新核查，即重新判定。",
        (
            "Check where the street was closed and until when; once the closure's entry is corrected, the "
            "next sweep decides again."
        ),
    ),
}


def settle_step(held: str) -> Step:
    """Tell what settles the doubt that holds a violation."""
    zh, en = _REMEDIES[held]
    return Step("settle", zh, en, {"held": held})
