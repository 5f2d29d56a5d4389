"""Ctrl-C: not lost while LLVM calls back, and without effect where it comes too late."""

from __future__ import annotations

import subprocess
import sys

# A function is compiled, and Ctrl-C comes when LLVM asks whether its machine code is kept already.
CALLED_BACK = """
import signal
import llvmlite.binding as llvm
from enforcement.interrupts import obey_interrupts

llvm.initialize_native_target()
llvm.initialize_native_asmprinter()
machine = llvm.Target.from_default_triple().create_target_machine()
module = llvm.parse_assembly("define i32 @answer() { ret i32 42 }")
engine = llvm.create_mcjit_compiler(module, machine)
engine.set_object_cache(getbuffer_func=lambda module: signal.raise_signal(signal.SIGINT))
obey_interrupts()
try:
    engine.finalize_object()
    signal.pause()
except KeyboardInterrupt:
    print("obeyed")
"""
TOO_LATE = """
import signal
from enforcement.interrupts import obey_interrupts, refuse_interrupts

obey_interrupts()
try:
    signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt:
    refuse_interrupts()
    signal.raise_signal(signal.SIGINT)
    print("too late")
"""


def run(program: str) -> tuple[int, str, str]:
    """Run a program as a process; return its exit code, output and messages."""
    command = [sys.executable, "-c", program]
    outcome = subprocess.run(command, capture_output=True, timeout=60, check=False, text=True)
    return outcome.returncode, outcome.stdout.strip(), outcome.stderr


def test_an_interrupt_in_a_callback_of_llvm_waits_for_its_end() -> None:
    assert run(CALLED_BACK) == (0, "obeyed", "")


def test_an_interrupt_that_comes_too_late_does_nothing() -> None:
    assert run(TOO_LATE) == (0, "too late", "")
