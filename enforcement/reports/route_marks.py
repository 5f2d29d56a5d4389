"""The signs of a route's picture: colours, cameras with the way they look, badges, ends."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

ROUTE: Final = "#2f78c4"
CAMERA: Final = "#123f73"
WILL: Final = "#b3261e"
MAY: Final = "#c76a00"
BLIND: Final = "#f2b84b"
DOUBTFUL: Final = "#b5179e"
DRAWN: Final = "#333"
BEGIN: Final = "#1f7a3f"
END: Final = "#222"

_WEDGE: Final = "M0 0L-5.2 -13A14 14 0 0 1 5.2 -13Z"  # looks north


def camera_mark(
    spot: npt.NDArray[np.float64], bearing_deg: float | None, colour: str, name: str
) -> str:
    """Draw a camera: a dot, with a wedge that opens the way its vehicles travel."""
    x, y = spot
    wedge = (
        f'<circle r="9" fill="{colour}" fill-opacity="0.28"/>'
        if bearing_deg is None
        else f'<path d="{_WEDGE}" transform="rotate({bearing_deg:.0f})" fill="{colour}" '
        'fill-opacity="0.42"/>'
    )
    return (
        f'<g transform="translate({x:.1f} {y:.1f})"><title>{escape(name)}</title>{wedge}'
        f'<circle r="3.2" fill="{colour}" stroke="#fff" stroke-width="1"/></g>'
    )


def badge(middle: npt.NDArray[np.float64], text: str, colour: str, radius: float) -> str:
    """Draw a number or a letter in a disc."""
    x, y = middle
    size = radius * (1.3 if len(text) < 3 else 1.02)
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}" stroke="#fff" '
        f'stroke-width="1.2"/><text x="{x:.1f}" y="{y + size * 0.36:.1f}" font-size="{size:.1f}" '
        f'font-weight="bold" fill="#fff" text-anchor="middle">{escape(text)}</text>'
    )


def end_mark(middle: npt.NDArray[np.float64], *, begins: bool) -> str:
    """Draw where the route begins (a ring) or ends (a square)."""
    x, y = middle
    if begins:
        return (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" fill="#fff" stroke="{BEGIN}" '
            'stroke-width="4"/>'
        )
    return (
        f'<rect x="{x - 6:.1f}" y="{y - 6:.1f}" width="12" height="12" fill="#fff" '
        f'stroke="{END}" stroke-width="4"/>'
    )


def letter(place: int) -> str:
    """Name things a, b, ... z, aa, ab, ... by their place."""
    text = ""
    place += 1
    while place > 0:
        place, digit = divmod(place - 1, 26)
        text = chr(ord("a") + digit) + text
    return text
