"""Card numbers: 16 digits, the last one a Luhn check digit (ISO/IEC 7812-1)."""

from loyalty.core.errors import Invalid

DIGITS = 16
_BASE = 10


def check_digit(payload: str) -> str:
    """Return the Luhn digit that belongs behind these digits."""
    total = 0
    for place, character in enumerate(reversed(payload)):
        digit = int(character)
        if place % 2 == 0:
            digit *= 2
            digit -= 9 if digit >= _BASE else 0
        total += digit
    return str(-total % _BASE)


def card_number(*, prefix: str, random_part: int) -> str:
    """Return the full number for a prefix and a random number that fits behind."""
    width = DIGITS - 1 - len(prefix)
    payload = f"{prefix}{random_part:0{width}d}"
    return payload + check_digit(payload)


def parse_card_number(text: str, *, pointer: str = "/card") -> str:
    """
    Return the 16 digits of what was typed or scanned; spaces and dashes may stand.

    :raises Invalid: saying whether the length or the check digit is wrong
    """
    number = "".join(c for c in text if c not in " -\u00a0")
    if not (number.isascii() and number.isdigit()) or len(number) != DIGITS:
        message = "A card number has 16 digits."
        raise Invalid.field(pointer=pointer, message=message, code="card_number_format")
    if check_digit(number[:-1]) != number[-1]:
        message = (
            "The check digit does not fit: one digit is mistyped or two are swapped."
        )
        raise Invalid.field(
            pointer=pointer, message=message, code="card_number_check_digit"
        )
    return number


def grouped(number: str) -> str:
    """Return the number in groups of four, as it stands on the card."""
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4))
