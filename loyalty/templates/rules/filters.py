"""The filters that templates may use; each takes a text and gives one."""

from collections.abc import Callable, Mapping
from typing import Final


def _default(value: object, otherwise: str) -> str:
    return str(value) or otherwise


def _truncate(value: object, most: int) -> str:
    text = str(value)
    return text if len(text) <= most else f"{text[: max(most - 1, 0)].rstrip()}…"


FILTERS: Final[Mapping[str, Callable[..., str]]] = {
    "capitalize": lambda value: str(value)[:1].upper() + str(value)[1:],
    "default": _default,
    "lower": lambda value: str(value).lower(),
    "title": lambda value: str(value).title(),
    "trim": lambda value: str(value).strip(),
    "truncate": _truncate,
    "upper": lambda value: str(value).upper(),
}
ARGUMENTS: Final[Mapping[str, type]] = {"default": str, "truncate": int}
"""What a filter must be told; the others take nothing."""
