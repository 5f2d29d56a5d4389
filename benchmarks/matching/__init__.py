"""The cases of `benchmarks.map_matching`: lines and tracks with a known truth, and who matches them."""
