"""What was found about one hit, told in Chinese and English: short, plain, never an accusation.

Hours are told in the city's civil time. "Suspected violation" / 疑似违规 is the strongest word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from enforcement.findings import Reason, Verdict
from enforcement.matching.civil_words import full, iso_civil, iso_utc, schedule_zh, spaced
from enforcement.matching.permit_words import grant_terms, permit_data, permit_sentence
from enforcement.matching.warning_words import warning_data, warns_until, why_warning
from ingest.hits import NO_PLATE_CLASS, UNKNOWN_VEHICLE_CLASS, VEHICLE_CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from enforcement.matching.single_hit import Findings, RestrictionFinding

_TOLD_PERMITS: Final = 5  # more are counted in words; the data of the step holds them all

_CLASSES_ZH: Final = (
    "重型货车",
    "中型货车",
    "轻型货车",
    "微型货车",
    "牵引车",
    "专项作业车",
    "客车",
    "小客车",
    "摩托车",
    "其他车辆",
    "车型不明",
)
_MISREAD: Final = (
    "如车牌被误识或套用，或摄像机时钟不准，提供证据后也可消除疑点。",
    "Evidence that the plate was misread or copied, or the camera's clock wrong, could clear it too.",
)
_REMEDIES: Final = {
    Reason.ABSOLUTE_BAN: (
        "此规定不接受任何通行证；如登记的车型有误，更正后可消除疑点。",
        "No permit can clear it; a correction of the vehicle's class in the registry could.",
    ),
    Reason.OUTSIDE_HOURS: (
        "如有许可该时段的通行证，补录后可消除疑点。",
        "A permit for this hour, recorded late, could clear it.",
    ),
    Reason.OFF_ROUTE: (
        "如有覆盖此处的通行证，或更正画错的路线，可消除疑点。",
        "A permit that covers this place, or a correction of a route drawn wrongly, could clear it.",
    ),
    Reason.SUSPENDED: (
        "如通行证在此之前已恢复而记录较晚，补录后可消除疑点。",
        "A late record that the permit had been reinstated by then could clear it.",
    ),
    Reason.REVOKED: (
        "如当时另有有效的通行证，或撤销记录有误，更正后可消除疑点。",
        "Another permit in force then, or a correction of the record, could clear it.",
    ),
    Reason.EXPIRED: (
        "如通行证已续期，或当时另有有效的通行证，补录后可消除疑点。",
        "A renewal, or another permit in force then, recorded late, could clear it.",
    ),
    Reason.NOT_YET_VALID: (
        "如当时另有有效的通行证，补录后可消除疑点。",
        "Another permit in force then, recorded late, could clear it.",
    ),
    Reason.NO_PERMIT: (
        "如该车当时持有有效的通行证，补录后可消除疑点。",
        "A permit of this vehicle in force then, recorded late, could clear it.",
    ),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the judgement: a stable code, one text in each language, and what it rests on."""

    code: str
    zh: str
    en: str
    data: dict[str, Any]

    def text(self, language: str) -> str:
        """Return the text in `zh` (also `zh-CN` and the like), else in English."""
        return self.zh if language.startswith("zh") else self.en

    def to_dict(self) -> dict[str, Any]:
        """Return the step as JSON values."""
        return {"code": self.code, "zh": self.zh, "en": self.en, "data": self.data}


def tell(findings: Findings) -> tuple[Step, ...]:
    """Return the steps of section 3 in order, as far as the verdict needed them, then a summary."""
    steps = [_hit(findings)]
    if findings.verdict > Verdict.MALFORMED:
        steps.append(_reading(findings))
    if findings.verdict > Verdict.UNREADABLE:
        steps.append(_camera(findings))
    if findings.verdict > Verdict.UNKNOWN_CAMERA:
        steps += [_vehicle(findings), _restrictions(findings), _permits(findings)]
        steps.append(_confinement(findings))
        steps += _exemption(findings)
    if findings.warning:
        steps.append(Step("warning", *why_warning(findings), warning_data(findings)))
    if findings.verdict is Verdict.VIOLATION:
        steps.append(_remedy(findings))
    return (*steps, _summary(findings))


def _hit(findings: Findings) -> Step:
    """Step 0: what came in, and whether it can be judged at all."""
    hit, civil_us = findings.hit, findings.civil_us
    plate_class = None if findings.plate_class == NO_PLATE_CLASS else f"{findings.plate_class:02d}"
    data = {
        "camera_id": hit.camera_id,
        "plate": findings.plate,
        "plate_class": plate_class,
        "captured_at": None if civil_us is None else iso_utc(hit.captured_at_us or 0),
        "civil_time": None if civil_us is None else iso_civil(civil_us),
        "timezone": findings.timezone,
    }
    if civil_us is None:
        return Step("hit", "记录缺少可读的时间。", "The record has no readable time.", data)
    if findings.verdict is Verdict.MALFORMED:
        return Step("hit", "记录缺少摄像机编号。", "The record names no camera.", data)
    plate = findings.plate or "—"
    class_zh = f"（号牌种类 {plate_class}）" if plate_class else ""
    class_en = f" (plate class {plate_class})" if plate_class else ""
    moment_zh, moment_en = full(civil_us)
    zone_zh, zone_en = f"当地时间，{findings.timezone}", f"city time, {findings.timezone}"
    return Step(
        "hit",
        f"{moment_zh}（{zone_zh}），摄像机 {hit.camera_id} 识别到车牌 {plate}{class_zh}。",
        f"Camera {hit.camera_id} read plate {plate}{class_en} on {moment_en} ({zone_en}).",
        data,
    )


def _reading(findings: Findings) -> Step:
    """Step 1, first half: is there a plausible plate, read with enough confidence."""
    share, least = f"{findings.confidence:.12g}", f"{findings.min_confidence:.12g}"
    stated = findings.hit.confidence is not None
    data = {
        "confidence": findings.confidence if stated else None,
        "min_confidence": findings.min_confidence,
    }
    if findings.verdict is not Verdict.UNREADABLE and not stated:
        zh, en = "车牌可辨认。", "The plate is readable."
    elif findings.verdict is not Verdict.UNREADABLE:
        zh = f"车牌可辨认；识别置信度 {share}，要求不低于 {least}。"
        en = f"The plate is readable; its confidence is {share}, at least {least} is needed."
    elif findings.confidence < findings.min_confidence:
        zh = f"识别置信度 {share}，低于要求的 {least}。"
        en = f"The confidence {share} is below the {least} that is needed."
    elif findings.plate:
        zh = f"“{findings.plate}”不是完整的车牌。"
        en = f"“{findings.plate}” is not a complete plate."
    else:
        zh, en = "没有读到车牌。", "No plate was read."
    return Step("reading", zh, en, data)


def _camera(findings: Findings) -> Step:
    """Step 1, second half: is the camera registered and in service."""
    data = {"registered": findings.camera_registered, "in_service": findings.camera >= 0}
    if findings.camera >= 0:
        zh, en = "摄像机已登记，当时在用。", "The camera is registered and was in service."
    elif findings.camera_registered:
        zh = "摄像机已登记，但当时不在用。"
        en = "The camera is registered, but was not in service then."
    else:
        zh, en = "摄像机未登记。", "The camera is not registered."
    return Step("camera", zh, en, data)


def _vehicle(findings: Findings) -> Step:
    """Before step 2: what the vehicle is, by the registry or else by the camera."""
    seen, registered = findings.seen_class, findings.registered_class
    judged = findings.hit.class_as_judged
    data = {
        "seen": None if judged else VEHICLE_CLASSES[seen],
        "registered": None if registered is None else VEHICLE_CLASSES[registered],
        "vehicle_class": VEHICLE_CLASSES[findings.vehicle_class],
    }
    seen_zh, seen_en = _class_words(seen)
    if registered is None and seen == UNKNOWN_VEHICLE_CLASS:
        zh = "车型不明：摄像机和登记信息都没有给出车型。"
        en = "The class of the vehicle is unknown: neither the camera nor the registry tells it."
    elif judged:
        zh, en = _judged_class(findings)
    elif registered is None:
        zh = f"摄像机识别为{seen_zh}，登记信息无不同记载。"
        en = f"Seen as {seen_en}; the registry does not say otherwise."
    elif registered == seen:
        zh = f"登记与摄像机识别一致：{seen_zh}。"
        en = f"Registered and seen as {seen_en}."
    else:
        registered_zh, registered_en = _class_words(registered)
        saw_zh = "摄像机未识别车型" if seen == UNKNOWN_VEHICLE_CLASS else f"摄像机识别为{seen_zh}"
        saw_en = "without a class" if seen == UNKNOWN_VEHICLE_CLASS else f"as {seen_en}"
        zh = f"登记为{registered_zh}，{saw_zh}，以登记为准。"
        en = f"Registered as {registered_en}, seen {saw_en}: the registry counts."
    return Step("vehicle", zh, en, data)


def _judged_class(findings: Findings) -> tuple[str, str]:
    """Return what is left to tell of a vehicle where nobody kept what the camera saw."""
    words_zh, words_en = _class_words(findings.vehicle_class)
    if findings.registered_class is None:
        return (
            f"按{words_zh}核查，登记信息无不同记载。",
            f"Judged as {words_en}; the registry does not say otherwise.",
        )
    return f"登记为{words_zh}，以登记为准。", f"Registered as {words_en}: the registry counts."


def _restrictions(findings: Findings) -> Step:
    """Step 2: every restriction at the camera, and whether it applies."""
    data = {
        "restrictions": [
            {
                "restriction_id": finding.restriction_id,
                "schedule": finding.schedule,
                "permits_exempt": not finding.absolute,
                "in_validity": finding.in_validity,
                "open": finding.is_open,
                "meant": finding.meant,
                "applies": finding.applies,
                "in_warning": finding.in_warning,
            }
            for finding in findings.restrictions
        ]
    }
    if not findings.restrictions:
        return Step(
            "restrictions", "此处没有限行规定。", "There is no restriction at this camera.", data
        )
    told = [_restriction_words(findings, finding) for finding in findings.restrictions]
    return Step(
        "restrictions",
        f"此处的限行规定：{'；'.join(zh for zh, _ in told)}。",
        f"Restrictions at this camera: {'; '.join(en for _, en in told)}.",
        data,
    )


def _permits(findings: Findings) -> Step:
    """Step 3: every permit that names the vehicle, and which of them were in force."""
    data = {"permits": [permit_data(findings, permit) for permit in findings.permits]}
    count = len(findings.permits)
    in_force = [permit.permit_id for permit in findings.permits if permit.in_force]
    if not count:
        zh, en = "没有通行证登记该车。", "No permit names this vehicle."
    else:
        which_zh = f"当时有效的是 {_listed(in_force, '、')}" if in_force else "但当时都不在有效状态"
        which_en = f"in force then: {_listed(in_force, ', ')}" if in_force else "none in force then"
        names = "permit names" if count == 1 else "permits name"
        zh = f"有 {count} 张通行证登记了该车，{which_zh}。"
        en = f"{count} {names} this vehicle; {which_en}."
    return Step("permits", zh, en, data)


def _confinement(findings: Findings) -> Step:
    """Step 4: is the vehicle bound to designated roads and hours, and did it keep to them."""
    confining = [permit for permit in findings.permits if permit.in_force and permit.confines]
    broken = findings.verdict is Verdict.VIOLATION and findings.restriction is None
    data = {"permits": [permit.permit_id for permit in confining], "kept": not broken}
    if not confining:
        zh = "该车没有须按指定路线和时段行驶的有效通行证。"
        en = "No permit in force confines this vehicle to designated roads and hours."
    elif not broken:
        permit_id = confining[0].permit_id
        zh = f"通行证 {permit_id} 要求该车按指定的路线和时段行驶，此次通行符合要求。"
        en = f"Permit {permit_id} confines this vehicle to designated roads and hours: it kept to them."
    else:
        told = [permit_sentence(findings, permit) for permit in confining[:_TOLD_PERMITS]]
        zh = f"该车须按指定的路线和时段行驶。{''.join(zh for zh, _ in told)}"
        en = (
            "This vehicle is confined to designated roads and hours. "
            f"{' '.join(en for _, en in told)}"
        )
    return Step("confinement", zh, en, data)


def _exemption(findings: Findings) -> Iterable[Step]:
    """Tell steps 5 to 8: is a permit needed, can one help, does one cover the hit, which is near."""
    if findings.verdict is Verdict.VIOLATION and findings.restriction is None:
        return
    applying = [finding for finding in findings.restrictions if finding.applies]
    ids = [finding.restriction_id for finding in applying]
    data: dict[str, Any] = {"restrictions": ids}
    if not applying:
        zh, en = (
            "没有适用的限行规定，不需要通行证。",
            "No restriction applies, so no permit is needed.",
        )
        yield Step("restricted", zh, en, data)
        return
    zh, en = _listed(ids, "、"), _listed(ids, ", ")
    yield Step(
        "restricted", f"该车当时在此处受限：{zh}。", f"The vehicle is restricted here: {en}.", data
    )
    absolute = [finding.restriction_id for finding in applying if finding.absolute]
    data = {"restrictions": absolute}
    zh, en = "可凭通行证豁免。", "A permit can exempt it."
    if absolute:
        zh = f"{_listed(absolute, '、')} 不接受任何通行证。"
        en = f"No permit exempts from {_listed(absolute, ', ')}."
    if absolute and findings.reason is not Reason.ABSOLUTE_BAN:
        zh += "该规定尚在警告期，先看其余规定。"
        en += " It only warns yet; the other restrictions are looked at first."
    yield Step("absolute_ban", zh, en, data)
    if findings.reason is Reason.ABSOLUTE_BAN:
        return
    covering = findings.permit if findings.verdict is Verdict.PERMITTED else None
    data = {"permit_id": covering.permit_id if covering else None}
    if covering:
        grant = covering.nearest_grant
        data["grant"] = grant.number
        terms_zh, terms_en = grant_terms(grant)
        minutes = 0 if grant.schedule == "24/7" else grant.grace_minutes
        grace_zh, grace_en = (f"，前后各宽限 {minutes} 分钟", f", {minutes} minutes of grace")
        yield Step(
            "coverage",
            f"通行证 {covering.permit_id}（{terms_zh}{grace_zh if minutes else ''}）许可此次通行。",
            f"Permit {covering.permit_id} ({terms_en}{grace_en if minutes else ''}) covers it.",
            data,
        )
        return
    zh = "没有有效的通行证许可此次通行。"
    yield Step("coverage", zh, "No permit in force covers this camera at this time.", data)
    yield _nearest_miss(findings)


def _nearest_miss(findings: Findings) -> Step:
    """Step 8: every permit that was looked at and why it did not cover the hit, nearest first."""
    told = [permit_sentence(findings, permit) for permit in findings.permits[:_TOLD_PERMITS]]
    more = len(findings.permits) - len(told)
    if more:
        told.append((f"另有 {more} 张通行证也不许可。", f"{more} more do not cover it either."))
    if not told:
        told.append(("没有可比对的通行证。", "There is no permit to compare."))
    data = {
        "reason": findings.reason.name.lower(),
        "permits": [permit.permit_id for permit in findings.permits],
    }
    zh, en = "".join(zh for zh, _ in told), " ".join(en for _, en in told)
    return Step("nearest_miss", zh, en, data)


def _remedy(findings: Findings) -> Step:
    """Return what could clear the suspicion."""
    zh, en = _REMEDIES[findings.reason]
    return Step(
        "remedy", zh + _MISREAD[0], f"{en} {_MISREAD[1]}", {"reason": findings.reason.name.lower()}
    )


def _summary(findings: Findings) -> Step:
    """Return the verdict in one sentence."""
    permit_id = findings.permit.permit_id if findings.permit else None
    reason = findings.reason
    data = {
        "verdict": findings.verdict.name.lower(),
        "reason": None if reason is Reason.NONE else reason.name.lower(),
    }
    if findings.verdict is Verdict.VIOLATION:
        zh, en = _suspicion(findings)
        only_zh, only_en = ("仅作警告，", "for a warning only, ") if findings.warning else ("", "")
        zh, en = (
            f"疑似违规，{only_zh}待人工核实：{zh}。",
            f"Suspected violation, {only_en}for a person to confirm: {en}.",
        )
    else:
        zh, en = {
            Verdict.MALFORMED: (
                "未作判定：记录缺少摄像机编号或可读的时间。",
                "Not judged: the record lacks a camera or a readable time.",
            ),
            Verdict.UNREADABLE: (
                "未作判定：车牌未能可靠识别。",
                "Not judged: the plate was not read reliably.",
            ),
            Verdict.UNKNOWN_CAMERA: (
                f"未作判定：摄像机 {findings.hit.camera_id} 未登记或当时不在用。",
                f"Not judged: camera {findings.hit.camera_id} is not registered or was not in service.",
            ),
            Verdict.NOT_RESTRICTED: (
                "未发现疑似违规：该车当时在此处不受限行。",
                "No suspected violation: no restriction applied to this vehicle here then.",
            ),
            Verdict.PERMITTED: (
                f"未发现疑似违规：通行证 {permit_id} 许可该车当时在此通行。",
                f"No suspected violation: permit {permit_id} let this vehicle pass here then.",
            ),
        }[findings.verdict]
    return Step("summary", zh, en, data)


def _suspicion(findings: Findings) -> tuple[str, str]:
    """Return what is suspected, one clause in each language, without a full stop."""
    if findings.restriction is None:
        ground_zh = "该车须按指定的路线和时段行驶"
        ground_en = "this vehicle is confined to designated roads and hours"
    else:
        name_zh, name_en = _restriction_name(findings.restriction)
        ground_zh = f"此处当时按{spaced(name_zh)}限行"
        ground_en = f"restriction {name_en} applied here"
    if findings.permit is not None:
        zh, en = permit_sentence(findings, findings.permit)
        return f"{ground_zh}；{zh.removesuffix('。')}", f"{ground_en}; p{en[1:].removesuffix('.')}"
    if findings.reason is Reason.ABSOLUTE_BAN:
        return f"{ground_zh}，通行证不能豁免", f"{ground_en}, and no permit exempts from it"
    if not findings.permits:
        return (
            f"{ground_zh}，没有查到该车的通行证",
            f"{ground_en}, and no permit names this vehicle",
        )
    return (
        f"{ground_zh}，该车的通行证当时都不在有效状态",
        f"{ground_en}, and none of this vehicle's permits was in force",
    )


def _class_words(code: int) -> tuple[str, str]:
    """Return a vehicle class in Chinese and English."""
    return _CLASSES_ZH[code], VEHICLE_CLASSES[code].replace("_", " ")


def _restriction_name(finding: RestrictionFinding) -> tuple[str, str]:
    """Return a restriction by id and name."""
    number, name = finding.restriction_id, finding.name
    return (f"{number}（{name}）", f"{number} ({name})") if name else (number, number)


def _restriction_words(findings: Findings, finding: RestrictionFinding) -> tuple[str, str]:
    """Return whether one restriction applies, and if not, why."""
    name_zh, name_en = _restriction_name(finding)
    if finding.applies and finding.in_warning:
        zh, en = warns_until(findings, finding.warning_until_us)
        return f"{name_zh} 适用，在{zh}", f"{name_en} applies, but {en}"
    if finding.applies:
        return f"{name_zh} 适用", f"{name_en} applies"
    if not finding.in_validity:
        why_zh, why_en = "当时不在有效期内", "it was not valid then"
    elif not finding.is_open and finding.schedule == "off":
        why_zh, why_en = "没有限行时段", "it has no hours"
    elif not finding.is_open:
        why_zh = f"只在{spaced(schedule_zh(finding.schedule))}限行"
        why_en = f"its hours are {finding.schedule}"
    else:
        why_zh, why_en = "不针对该车", "it does not concern this vehicle"
    return f"{name_zh} 不适用，{why_zh}", f"{name_en} does not apply, {why_en}"


def _listed(ids: list[str], comma: str) -> str:
    """Return ids in a row, the first few of many."""
    told = comma.join(ids[:_TOLD_PERMITS])
    return f"{told} …" if len(ids) > _TOLD_PERMITS else told
