"""JSON as files hold it: decoded fast, and broken JSON told by line and column."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from enforcement.errors import EnforcementError

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_BYTE: Final = re.compile(r" ?\(byte (\d+)\)")


class JsonError(EnforcementError):
    """Bytes that are no JSON; `line` and `column` count from 1, 0 when the bytes are no text."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__("broken_json", message)
        self.line = line
        self.column = column


def decode_json(content: bytes) -> Any:
    """Return the value of JSON in UTF-8, with or without byte order mark.

    Raises
    ------
    JsonError
        It is no JSON, no UTF-8, or nested too deep.
    """
    content = content.removeprefix(BYTE_ORDER_MARK)
    try:
        return msgspec.json.decode(content)
    except UnicodeDecodeError as error:
        raise JsonError("the text is not UTF-8") from error
    except RecursionError as error:
        raise JsonError("the JSON is nested too deep") from error
    except (msgspec.DecodeError, ValueError) as error:
        raise _located(content, str(error)) from error


def _located(content: bytes, message: str) -> JsonError:
    if not content.strip():
        return JsonError("there is nothing in it, expected JSON", 1, 1)
    try:
        content.decode()
    except UnicodeDecodeError:
        return JsonError("the text is not UTF-8")
    byte = _BYTE.search(message)
    at = min(int(byte[1]), len(content)) if byte else len(content)
    before = content[:at]
    line = before.count(b"\n") + 1
    column = len(before[before.rfind(b"\n") + 1 :].decode(errors="replace")) + 1
    what = _BYTE.sub("", message).removeprefix("JSON is malformed: ")
    if "truncated" in what:
        what = "the text ends in the middle"
    return JsonError(what, line, column)
