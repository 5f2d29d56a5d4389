"""What all tests share: Hypothesis draws the same worlds on every run, however slow the machine."""

from __future__ import annotations

import signal

from hypothesis import settings

from enforcement.kernel_cache import use_kernel_cache

use_kernel_cache()

# What runs in the background of a script ignores Ctrl-C, and so would the processes that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# `pytest --hypothesis-profile=fresh` looks for counterexamples that nobody has seen.
settings.register_profile("steady", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("fresh", deadline=None, print_blob=True)
settings.load_profile("steady")
