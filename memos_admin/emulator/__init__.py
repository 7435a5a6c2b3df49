"""A MemOS Cloud in a box, for the demo, tests and benchmarks. Knows nobody."""
