"""Secret codes that people copy by hand: unambiguous letters and a check character.

Thirty-one digits and letters, none that is easily taken for another (no 0, 1, I, L,
O), whatever the case. The last character is a weighted sum of the others modulo 31,
as in ISBN-10: since 31 is prime and the weights differ, every mistyped character and
every two characters swapped are found without asking anybody. A code of ``n`` random
characters holds 4.95 n random bits; it is stored as an HMAC only.
"""

import math
import secrets
from operator import mul
from typing import Final

from loyalty.core.texts import normalise_digits

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
BITS: Final = 64
"""The fewest random bits that a secret code may hold."""

FEWEST: Final = math.ceil(BITS / math.log2(len(ALPHABET)))
"""The fewest random characters, without the check character."""

MOST: Final = len(ALPHABET) - 2
"""So long may a code be that no two of its places weigh the same."""

_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}
_FAIR: Final = 256 - 256 % len(ALPHABET)
_CHARACTERS: Final = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
_UNFAIR: Final = bytes(range(_FAIR, 256))
"""Bytes that would make the first characters likelier than the last."""
_SEPARATORS: Final = str.maketrans("", "", " -\u2010\u2011\u2013\u00a0\u202f")


class NotACode(ValueError):
    """The text can't be a code: a wrong letter, or the check character does not fit."""


def check_character(payload: str) -> str:
    """Return the character that belongs behind these."""
    values = map(_VALUES.__getitem__, payload)
    return ALPHABET[sum(map(mul, range(1, len(payload) + 1), values)) % len(ALPHABET)]


def random_text(length: int) -> str:
    """Return so many random characters, each as likely as any other."""
    found = b""
    while len(found) < length:
        # An eighth more than is missing, for those that are thrown away.
        missing = length - len(found)
        drawn = secrets.token_bytes(missing + missing // 8 + 8)
        found += drawn.translate(_CHARACTERS, _UNFAIR)
    return found[:length].decode("ascii")


def new_code(random_characters: int) -> str:
    """
    Return a code of so many random characters and its check character.

    :raises ValueError: if they hold too few random bits, or are too many to check
    """
    if not FEWEST <= random_characters <= MOST:
        message = f"a code has {FEWEST} to {MOST} random characters"
        raise ValueError(message)
    payload = random_text(random_characters)
    return payload + check_character(payload)


def parse_code(text: str) -> str:
    """
    Return a code as it was made, from what was typed or scanned.

    Case, spaces and hyphens make no difference.

    :raises NotACode: saying what is wrong
    """
    code = normalise_digits(text).translate(_SEPARATORS).upper()
    strange = next((c for c in code if c not in _VALUES), None)
    if strange is not None:
        message = f"{strange!r} is in no code; codes have no 0, 1, I, L and O"
        raise NotACode(message)
    if not FEWEST < len(code) <= MOST + 1:
        message = "characters are missing, or there are too many"
        raise NotACode(message)
    if check_character(code[:-1]) != code[-1]:
        message = "one character is mistyped, or two are swapped"
        raise NotACode(message)
    return code


def grouped(code: str) -> str:
    """Return the code in groups of four, as it is printed."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))
