"""Benchmarks: each module here with a `run` is one. They stand beside the floors, may import anything, and nothing imports them.

What they share is in `bench.harness`, what they compare with in `bench.baselines`, what they found in `bench/results/`.
"""
