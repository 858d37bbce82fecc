"""Long lists in pages, by a cursor rather than by counting from the start."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Page(Generic[T]):
    """Some items in order, and where the next page begins."""

    items: tuple[T, ...]
    next_cursor: str | None
    """Opaque to clients; None on the last page."""


def page_of(rows: Sequence[T], *, size: int, cursor: Callable[[T], str]) -> Page[T]:
    """Make a page out of up to ``size + 1`` rows read from the cursor on."""
    more = len(rows) > size
    items = tuple(rows[:size])
    return Page(items=items, next_cursor=cursor(items[-1]) if more else None)
