"""What the engine costs: the rows of `make bench`, and the variants that show each trick's worth.

`__main__` is the command; it starts `worker`, one process at a time, with one engine in it.
`workload` holds what an engine is asked to do, `variants` the engines that were not chosen.
Only the figures that do not depend on the clock are tests: see `tests/test_benchmarks.py`.
"""
