"""The files of a city folder: each read into what it states, every fault with its place."""
