"""The doubt `look_alike` in words: whose plate it may be, and which characters differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from enforcement.doubts.look_alikes import permitted_look_alikes, plates_to_watch
from enforcement.matching.wording import Step
from ingest.hits import NO_PLATE_CLASS

if TYPE_CHECKING:
    from enforcement.explaining.answers import Answers
    from enforcement.explaining.doubtful_hit import DoubtfulHit

_TOLD: Final = 3  # plates; the data of the step holds them all
_NOT_PERMITTED: Final = {"plate_class": None, "class_differs": False, "permit_id": None}
# Where no permitted vehicle's plate looks alike, by whether the doubt holds.
_NONE: Final = {
    None: (
        "当时在此获准通行的车辆中，没有号牌与所识别的相近者；是否为附近另一疑似违规车辆的号牌被误识，要对照过车记录才能判断。",
        (
            "No vehicle that was permitted here then has a plate that looks like the one read; whether it is "
            "a misread plate of another suspected vehicle that was near, only the hits can tell."
        ),
    ),
    False: (
        "当时在此获准通行的车辆中，没有号牌与所识别的相近者；也没有迹象表明这是另一疑似违规车辆的号牌被误识。",
        (
            "No vehicle that was permitted here then has a plate that looks like the one read, and nothing "
            "shows that it is a misread plate of another suspected vehicle."
        ),
    ),
    True: (
        "另有摄像机前后不久见到一疑似违规的车辆，其号牌与所识别的相近，而未见到所识别的号牌。",
        (
            "Other cameras saw a suspected vehicle near in time whose plate looks like the one "
            "read, and not the plate as read."
        ),
    ),
}
# By what a plate that looks alike rests on, and whether the doubt holds.
_WHY: Final = {
    ("unknown", True): (
        "没有通行证或登记记载所识别的号牌",
        "no permit and no registry row has the plate as read",
    ),
    ("known", None): (
        "该车已有记载，如另有摄像机在前后不久见到它，即非误识，要对照过车记录才能判断",
        (
            "the vehicle is known, and another camera that saw it near in time would settle it, "
            "which only the hits can tell"
        ),
    ),
    ("known", True): (
        "该车虽有记载，但前后不久没有其他摄像机见到它",
        "the vehicle is known, but no other camera saw it near in time",
    ),
    ("known", False): (
        "但该车已有记载，且另有摄像机在前后不久见到它",
        "but the vehicle is known, and another camera saw it near in time",
    ),
    ("farther_off", None): (
        "没有通行证或登记记载所识别的号牌；是否只见于此处，而上述车辆当时在城内，要对照过车记录才能判断",
        (
            "nobody has the plate as read; whether it was seen here alone, and that vehicle was about "
            "then, only the hits can tell"
        ),
    ),
    ("farther_off", True): (
        "没有通行证或登记记载所识别的号牌，前后不久也没有其他摄像机见到它，而上述车辆当时在城内",
        "nobody has the plate as read, no other camera saw it near in time, and that vehicle was about then",
    ),
    ("either", True): (
        (
            "没有通行证或登记记载所识别的号牌，前后不久也没有其他摄像机见到它，而上述车辆当时在城内，"
            "或号牌相近的另一疑似违规车辆当时在附近"
        ),
        (
            "nobody has the plate as read, no other camera saw it near in time, and that vehicle was about "
            "then, or a suspected one whose plate looks alike was near"
        ),
    ),
    ("farther_off", False): (
        "但号牌相差较大，且所识别的号牌另处也有，或上述车辆当时不在城内",
        (
            "but the plates are far apart, and the plate as read was seen elsewhere too, or that vehicle "
            "was not about then"
        ),
    ),
}


def look_alike_step(doubtful: DoubtfulHit, answers: Answers) -> Step:
    """Tell which permitted vehicle it may be, and whether the vehicle is known by its own."""
    holds = answers.holds["look_alike"]
    data: dict[str, Any] = {
        "state": {True: "holds", False: "does_not_hold", None: "needs_hits"}[holds]
    }
    near, unknown = _nearest(doubtful), _farther_off(doubtful)
    data["alike"] = [near] if near else unknown
    if answers.violators and not near:
        data["alike"] = [_plate(doubtful, plate) | _NOT_PERMITTED for plate in answers.violators]
        whose_zh, whose_en = _whose(data["alike"])
        zh = (
            f"可能是 {whose_zh}，其本身有疑似违规，前后不久另有摄像机见到它，而未见到所识别的号牌。"
        )
        en = (
            f"It may be {whose_en}, which has suspected violations of its own: other cameras saw it near in "
            "time, and not the plate as read."
        )
        return Step("doubt_look_alike", zh, en, data)
    if not data["alike"]:
        return Step("doubt_look_alike", *_NONE[holds], data)
    whose_zh, whose_en = _whose(data["alike"])
    why_zh, why_en = _WHY[_basis(answers, near=bool(near), unknown=bool(unknown)), holds]
    zh = f"可能是当时在此获准通行的 {whose_zh}；{why_zh}。"
    en = f"It may be {whose_en}, permitted here then; {why_en}."
    return Step("doubt_look_alike", zh, en, data)


def _basis(answers: Answers, *, near: bool, unknown: bool) -> str:
    """Return what a plate that looks alike rests on."""
    if near:
        return "unknown" if unknown else "known"
    # A sweep's result does not say whether a violator was near, or the permitted vehicle about.
    either = answers.asked == "result" and answers.holds["look_alike"]
    return "either" if either else "farther_off"


def _nearest(doubtful: DoubtfulHit) -> dict[str, Any] | None:
    """Return the permitted vehicle that it may be, as JSON values; None where none looks alike."""
    rules, suspect = doubtful.rules, doubtful.suspect
    found = permitted_look_alikes(rules, suspect)
    if found.permit[0] < 0:
        return None
    named, own = int(found.plate_class[0]), int(suspect.plate_class[0])
    return {
        **_plate(doubtful, doubtful.plate_keys.text(int(found.plate_key[0]))),
        "plate_class": None if named == NO_PLATE_CLASS else f"{named:02d}",
        "class_differs": NO_PLATE_CLASS not in {named, own} and named != own,
        "permit_id": rules.permit_ids[int(found.permit[0])],
    }


def _farther_off(doubtful: DoubtfulHit) -> list[dict[str, Any]]:
    """Return the permitted plates that count if they were about; none if anybody has the plate as read."""
    watched = plates_to_watch(doubtful.rules, doubtful.suspect).tolist()
    plates = [_plate(doubtful, doubtful.plate_keys.text(key)) | _NOT_PERMITTED for key in watched]
    return sorted(plates, key=lambda one: (len(one["characters"]), one["plate"]))


def _plate(doubtful: DoubtfulHit, known: str) -> dict[str, Any]:
    """Return a plate that it may be, with the characters that differ."""
    read = doubtful.plate_keys.text(int(doubtful.suspect.plate_key[0]))
    return {"plate": known, "characters": differing_characters(read, known)}


def differing_characters(read: str, known: str) -> list[dict[str, Any]]:
    """Return where a plate as read differs from a known one.

    Returns
    -------
    list of dict
        `place` from 1 in the longer of the two, `read` and `known`; an empty text for a
        character that was lost or read twice.
    """
    if len(read) == len(known):
        return [
            {"place": place, "read": one, "known": other}
            for place, (one, other) in enumerate(zip(read, known, strict=True), 1)
            if one != other
        ]
    short, long = sorted((read, known), key=len)
    place = next((n for n, one in enumerate(short) if one != long[n]), len(short))
    extra = (
        {"read": long[place], "known": ""} if long == read else {"read": "", "known": long[place]}
    )
    return [{"place": place + 1, **extra}]


def _whose(alike: list[dict[str, Any]]) -> tuple[str, str]:
    """Return the plates that it may be and what differs, in each language."""
    told = [_one(plate) for plate in alike[:_TOLD]]
    more = len(alike) - len(told)
    zh, en = "、".join(zh for zh, _ in told), ", ".join(en for _, en in told)
    more_zh, more_en = (f"等 {len(alike)} 个号牌之一", f" or {more} others") if more else ("", "")
    return f"{zh}{more_zh}", f"{en}{more_en}"


def _one(alike: dict[str, Any]) -> tuple[str, str]:
    """Return one plate with what differs and its permit."""
    told = [_pair(one["read"], one["known"]) for one in alike["characters"]]
    if alike["class_differs"]:
        told.append(
            (f"号牌种类为 {alike['plate_class']}", f"of plate class {alike['plate_class']}")
        )
    if alike["permit_id"] is not None:
        told.append((f"通行证 {alike['permit_id']}", f"permit {alike['permit_id']}"))
    zh, en = "，".join(zh for zh, _ in told), ", ".join(en for _, en in told)
    return f"{alike['plate']}（{zh}）", f"{alike['plate']} ({en})"


def _pair(read: str, known: str) -> tuple[str, str]:
    if not known:
        return f"多读一个 {read}", f"{read} read twice"
    if not read:
        return f"漏读 {known}", f"{known} lost"
    return f"{known} 误识为 {read}", f"{read} read for {known}"
