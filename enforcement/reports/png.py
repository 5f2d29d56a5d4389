"""SVG to PNG, and which scripts the machine's fonts can write."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import resvg_py

_UNASSIGNED: Final = "\U000f0000"  # no font has it: drawn as an empty box, or not at all
_FAMILIES: Final = "'Noto Sans CJK SC','WenQuanYi Micro Hei','DejaVu Sans','Liberation Sans',Arial"


def png_of(svg: str, *, zoom: float = 1.0) -> bytes:
    """Draw an SVG document as PNG with the fonts of this machine.

    Parameters
    ----------
    svg
        A whole document.
    zoom
        Pixels a unit of the drawing.
    """
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=zoom))


@lru_cache(maxsize=1)
def writes_chinese() -> bool:
    """Tell whether this machine has a font with Chinese characters; asked once."""
    return _drawn("路") != _drawn(_UNASSIGNED)


def _drawn(text: str) -> bytes:
    return png_of(
        '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24">'
        f'<text y="20" font-size="20" font-family="{_FAMILIES}">{text}</text></svg>'
    )
