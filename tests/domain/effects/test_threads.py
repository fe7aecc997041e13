"""Small solves on several threads take many times as long; none of a release is left to them."""

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from domain.effects.threads import one_thread


def test_linear_algebra_has_one_thread_inside_and_as_many_as_before_after() -> None:
    np.linalg.inv(np.eye(2))
    with threadpool_limits(2):
        before = blas()
        with one_thread(has_trees=False):
            inside = blas()
        after = blas()

    assert set(inside) == {1}
    assert before == after
    assert max(before) == 2


def blas() -> list[int]:
    return [int(each["num_threads"]) for each in threadpool_info() if each["user_api"] == "blas"]
