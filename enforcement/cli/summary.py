"""The summary of a sweep in a terminal, in English and Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from enforcement.cli.terminal import print_table

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORDS: Final = {
    "hits": "hits 过车记录",
    "duplicates": "duplicates 重复",
    "malformed": "malformed 残缺",
    "unreadable": "unreadable 无法识读",
    "unknown_camera": "unknown camera 未登记设备",
    "not_restricted": "not restricted 不受限",
    "permitted": "permitted 有证通行",
    "violation": "violations of the rules 违反规则",
    "suspected": "suspected violations 疑似违规",
    "absolute_ban": "absolute ban 绝对禁行",
    "outside_hours": "outside hours 超出时段",
    "off_route": "off route 偏离路线",
    "suspended": "suspended 证件暂停",
    "revoked": "revoked 证件吊销",
    "expired": "expired 证件过期",
    "not_yet_valid": "not yet valid 证件未生效",
    "no_permit": "no permit 无通行证",
    "over_speed": "over speed 超速",
    "warnings": "of them warnings only 其中仅作警告",
    "cases": "cases 案件",
    "avoidance": "keep missing at a camera 屡次未被拍到",
}


def print_summary(summary: Mapping[str, Any], out: str) -> None:
    """Print what a sweep found and where the results are."""
    rows = [
        (_WORDS["hits"], f"{summary['hits']:,}"),
        (_WORDS["duplicates"], f"{summary['duplicates']:,}"),
    ]
    rows += [(_WORDS[name], f"{count:,}") for name, count in summary["verdicts"].items()]
    rows += [(_WORDS["suspected"], f"{sum(summary['reasons'].values()):,}")]
    rows += [
        ("  " + _WORDS[name], f"{count:,}") for name, count in summary["reasons"].items() if count
    ]
    if summary["warnings"]:
        rows += [(_WORDS["warnings"], f"{summary['warnings']:,}")]
    rows += [
        (f"held 存疑: {name}", f"{count:,}") for name, count in summary["held"].items() if count
    ]
    rows += [(f"{_WORDS['cases']} ({summary['case_policy']['name']})", f"{summary['cases']:,}")]
    if summary["avoidance"]:
        rows += [(_WORDS["avoidance"], f"{summary['avoidance']:,}")]
    rows += [
        (f"voided 已撤销: {name}", f"{count:,}")
        for name, count in summary["voided"].items()
        if count
    ]
    print_table(str(summary["city"]), rows)
    for note in summary["notes"]:
        click.echo(f"note: {note}", err=True)
    if summary["city_warnings"]:
        count = len(summary["city_warnings"])
        noun = "warning" if count == 1 else "warnings"
        click.echo(f"{count} {noun} of the city's data; `freightpass check` lists them", err=True)
    click.echo(f"{summary['seconds']} s; report: {out.rstrip('/')}/report.html")
