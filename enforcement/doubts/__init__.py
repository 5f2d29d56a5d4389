"""The doubts that hold a violation back, each asked in a file of its own."""
