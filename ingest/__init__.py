"""Bytes from any source into canonical plate hits; nothing of roads or permits."""
