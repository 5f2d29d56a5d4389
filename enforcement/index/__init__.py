"""Rules compiled into flat arrays, and their file."""
