"""The HTTP API for officers."""
