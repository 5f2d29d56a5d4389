"""The invented town: a plan in metres, its streets and blocks, and its OSM file."""
