"""The measuring sticks of the benchmarks are themselves measured."""
