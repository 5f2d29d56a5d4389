"""Permits compiled into camera sets, hits judged against them, and the shells around."""
