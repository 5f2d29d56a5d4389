"""Warning periods in words; pairs are (zh, en)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from enforcement.matching.civil_words import full, iso_utc
from enforcement.rules.places import ALWAYS_UNTIL_US

if TYPE_CHECKING:
    from enforcement.matching.single_hit import Findings


def warns_until(findings: Findings, until_us: int) -> tuple[str, str]:
    """Say until when something only warns, in city time."""
    if until_us == ALWAYS_UNTIL_US:
        return "任何时候都只作警告", "only warns, without end"
    zh, en = full(findings.civil(until_us))
    return f" {zh} 之前只作警告", f"only warns until {en}"


def why_warning(findings: Findings) -> tuple[str, str]:
    """Say why a violation is only warned of."""
    told = []
    if findings.camera_in_warning:
        zh, en = warns_until(findings, findings.camera_warning_until_us)
        camera_id = findings.hit.camera_id
        told.append((f"摄像机 {camera_id} 在{zh}", f"camera {camera_id} {en}"))
    restriction = findings.restriction
    if restriction is not None and restriction.in_warning:
        zh, en = warns_until(findings, restriction.warning_until_us)
        name = restriction.restriction_id
        told.append((f"限行规定 {name} 在{zh}", f"restriction {name} {en}"))
    return (
        f"仅作警告：{'；'.join(zh for zh, _ in told)}。",
        f"Only a warning: {'; '.join(en for _, en in told)}.",
    )


def warning_data(findings: Findings) -> dict[str, Any]:
    """Return until when the camera and the restriction that a violation names only warn, if they do."""
    restriction = findings.restriction
    named = restriction is not None and restriction.in_warning
    return {
        "camera_until": (
            iso_utc(findings.camera_warning_until_us) if findings.camera_in_warning else None
        ),
        "restriction_id": restriction.restriction_id if restriction and named else None,
        "restriction_until": iso_utc(restriction.warning_until_us)
        if restriction and named
        else None,
    }
