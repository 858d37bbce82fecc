"""Entries of sparse matrices for many pairs at once."""

import numpy as np

from recommender.data import FloatArray, IntArray, Sparse


def values_at(matrix: Sparse, rows: IntArray, columns: IntArray) -> FloatArray:
    """Return what stands at each place, 0 where nothing does; -1 is no column."""
    width = max(matrix.shape[1], 1)
    owners = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    keys = owners.astype(np.int64) * width + matrix.indices
    wanted = rows.astype(np.int64) * width + columns
    order = np.argsort(keys, kind="stable")
    at = np.searchsorted(keys, wanted, sorter=order)
    at = order[np.minimum(at, len(keys) - 1)] if len(keys) else at
    found = np.zeros(len(rows), np.float32)
    if len(keys):
        there = (keys[at] == wanted) & (columns >= 0)
        found[there] = matrix.data[at[there]]
    return found


def heaviest(matrix: Sparse) -> tuple[IntArray, FloatArray]:
    """Return each row's greatest entry above 0: its column (-1: none) and value."""
    columns = np.full(matrix.shape[0], -1, np.int32)
    values = np.zeros(matrix.shape[0], np.float32)
    owners = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((matrix.indices, -matrix.data, owners))
    firsts = np.ones(len(order), bool)
    firsts[1:] = owners[order][1:] != owners[order][:-1]
    best = order[firsts]
    best = best[matrix.data[best] > 0]
    columns[owners[best]] = matrix.indices[best]
    values[owners[best]] = matrix.data[best]
    return columns, values
