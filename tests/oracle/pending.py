"""Baskets for which the engine is known to differ; to become empty."""

PENDING: frozenset[str] = frozenset()
