"""One thread for many small fits: they are slower on several, and far slower where others want the cores as well."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread(*, has_trees: bool = True) -> Iterator[None]:
    """Holds for libraries that are loaded by then, so what fits is loaded first; without trees that is linear algebra alone."""
    if has_trees:
        import sklearn.ensemble  # noqa: F401
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield
