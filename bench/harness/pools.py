"""Processes for simulations: each on one thread, for many small solves are far slower on several, and these share the cores already."""

from concurrent.futures import ProcessPoolExecutor

from threadpoolctl import threadpool_limits


def workers(processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(processes, initializer=_on_one_thread)


def _on_one_thread() -> None:
    import numpy as np  # noqa: F401 - limits hold for what is loaded by then

    threadpool_limits(1)
