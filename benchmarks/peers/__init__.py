"""Other programs that roadnet is measured beside, each run in a process of its own.

`make peers` installs them into `benchmarks/.peers`, an environment of their own; without it the
benchmarks leave them out and say so. Modules named `*_answers.py` and `load_by_*.py` run in that
environment and import nothing of ours.
"""
