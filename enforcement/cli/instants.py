"""Times on the command line: RFC 3339, or the city's civil time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

if TYPE_CHECKING:
    from collections.abc import Callable

known_at_option = click.option(
    "--as-known-at",
    "known_at",
    metavar="TIME",
    help="Leave out what the city recorded later: the judgement as it would have been then.",
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def instant_option(name: str, text: str | None, zone: str) -> int | None:
    """Return the instant that an option names.

    Parameters
    ----------
    name
        The option, for the message.
    text
        ``2026-03-17``, ``2026-03-17T08:00``, ``2026-03-17T08:00:00+08:00``; None is None.
    zone
        IANA zone of times without offset.

    Returns
    -------
    int or None
        Microseconds since 1970 UTC.

    Raises
    ------
    click.UsageError
        The text is no time.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(
            f"{name}: {text!r} is no time; write 2026-03-17, 2026-03-17T08:00 or "
            "2026-03-17T08:00:00+08:00"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    try:
        return (moment.astimezone(UTC) - _EPOCH) // _MICROSECOND
    except OverflowError:
        raise click.UsageError(f"{name}: {text!r} is outside the calendar") from None


def time_range(begin: str | None, end: str | None, zone: str) -> tuple[int | None, int | None]:
    """Return what `--from` and `--to` cut, as of `instant_option`.

    Raises
    ------
    click.UsageError
        Either is no time, or nothing can lie between them.
    """
    from_us, until_us = instant_option("--from", begin, zone), instant_option("--to", end, zone)
    if from_us is not None and until_us is not None and from_us >= until_us:
        raise click.UsageError(f"--from {begin} is not before --to {end}: no hit can lie between")
    return from_us, until_us


def known_at_reader(text: str | None) -> Callable[[str], int | None]:
    """Return what reads `--as-known-at` once the city's zone is known."""
    return lambda zone: instant_option("--as-known-at", text, zone)
