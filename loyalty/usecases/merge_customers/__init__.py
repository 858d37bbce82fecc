"""Making one record of two of the same person, and undoing it for 30 days."""

from loyalty.usecases.merge_customers.merging import (
    Merged,
    follow_merges,
    merge_customers,
)
from loyalty.usecases.merge_customers.preview import (
    MergePreview,
    Side,
    preview_merge,
)
from loyalty.usecases.merge_customers.undoing import Undone, undo_merge

__all__ = [
    "MergePreview",
    "Merged",
    "Side",
    "Undone",
    "follow_merges",
    "merge_customers",
    "preview_merge",
    "undo_merge",
]
