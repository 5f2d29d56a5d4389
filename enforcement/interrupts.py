"""Ctrl-C: obeyed at once, except where that would crash, or make its message untrue."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import FrameType

_AGAIN_S: Final = 0.01


def obey_interrupts() -> None:
    """Raise KeyboardInterrupt on Ctrl-C, but never in a callback of LLVM; call in the main thread.

    LLVM asks Python for the machine code of a kernel that is loaded. What is raised there reaches
    nobody: the interrupt would be lost, and a kernel without code crashes the interpreter. So it
    waits until the callback has returned. Where Ctrl-C is ignored, as under nohup, it stays ignored.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
        signal.signal(signal.SIGALRM, _interrupt)


def refuse_interrupts() -> None:
    """Let Ctrl-C come too late from now on, where `obey_interrupts` was called."""
    if signal.getsignal(signal.SIGINT) is _interrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGALRM, signal.SIG_IGN)


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number
    if _inside_llvm(frame):
        signal.setitimer(signal.ITIMER_REAL, _AGAIN_S)
    else:
        raise KeyboardInterrupt


def _inside_llvm(frame: FrameType | None) -> bool:
    """Tell whether LLVM has called, or is being called, on the way to a frame."""
    while frame is not None:
        if frame.f_globals.get("__name__", "").startswith("llvmlite."):
            return True
        frame = frame.f_back
    return False
