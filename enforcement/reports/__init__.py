"""What people read after a sweep."""
