"""Plain values read back into frozen dataclasses."""

from collections.abc import Mapping
from dataclasses import is_dataclass
from types import UnionType
from typing import TypeVar, get_args, get_origin, get_type_hints

Record = TypeVar("Record")


def read(kind: type[Record], values: object) -> Record:
    """
    Return a dataclass of plain values; a field that has a default may be missing.

    Its fields are numbers, text, enums of text, dataclasses, tuples of these, or one
    of these or None.

    :raises ValueError: if a field is missing, unknown or of the wrong kind
    """
    hints = get_type_hints(kind)
    given = values if isinstance(values, Mapping) else {"it": values}
    unknown = sorted(set(given) - set(hints))
    if unknown:
        text = f"{kind.__name__} has no {', '.join(unknown)}."
        raise ValueError(text)
    found = {name: _value(hints[name], value, name) for name, value in given.items()}
    try:
        return kind(**found)
    except TypeError as problem:
        text = f"{kind.__name__}: {problem}"
        raise ValueError(text) from problem


def _value(hint: object, value: object, name: str) -> object:
    """Return the value in the kind that the hint says."""
    if isinstance(hint, UnionType):
        kinds = [one for one in get_args(hint) if one is not type(None)]
        return None if value is None else _value(kinds[0], value, name)
    if get_origin(hint) is tuple and isinstance(value, (list, tuple)):
        kind = get_args(hint)[0]
        return tuple(_value(kind, one, name) for one in value)
    if isinstance(hint, type):
        if is_dataclass(hint):
            return read(hint, value)
        whole = hint is float and type(value) is int
        if type(value) is hint or whole or _is_text(hint, value):
            return hint(value)
    text = f"{name} cannot be {value!r}."
    raise ValueError(text)


def _is_text(hint: type, value: object) -> bool:
    return issubclass(hint, str) and isinstance(value, str)
