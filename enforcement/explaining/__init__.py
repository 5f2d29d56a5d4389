"""One hit explained to the end: its verdict, every doubt about it, and what could clear it."""
