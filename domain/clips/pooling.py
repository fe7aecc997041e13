"""Token ids in, sentence vectors out: the arithmetic around an embedding model. Running the model is in `gateways.embedding`."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from domain.clips.vectors import Floats, unit

Ids = npt.NDArray[np.int64]


def padded(ids: Sequence[Sequence[int]]) -> tuple[Ids, Ids]:
    """The ids as one table filled up with 0, and its mask: 1 where an id stands."""
    longest = max(1, *map(len, ids))
    table, mask = np.zeros((len(ids), longest), dtype=np.int64), np.zeros((len(ids), longest), dtype=np.int64)
    for row, each in enumerate(ids):
        table[row, : len(each)] = each
        mask[row, : len(each)] = 1
    return table, mask


def pooled(output: npt.NDArray[np.floating], mask: Ids) -> Floats:
    """One vector per row at length 1: the mean over the tokens that are there, or the vectors themselves where the model pooled.

    `output`: rows x tokens x length, or rows x length. Raises ValueError for any other shape, and for values that are no numbers.
    """
    found = np.asarray(output, dtype=np.float64)
    if found.ndim == 3 and found.shape[:2] == mask.shape:
        found = (found * mask[:, :, None]).sum(axis=1) / np.maximum(1, mask.sum(axis=1))[:, None]
    if found.ndim != 2 or len(found) != len(mask):
        raise ValueError(f"a table of {' x '.join(map(str, output.shape))} is none of {len(mask)} sentences")
    if not np.isfinite(found).all():
        raise ValueError("it holds values that are no numbers")
    return unit(found)
