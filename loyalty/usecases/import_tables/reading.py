"""Reading cells, and collecting what can't be read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from loyalty.core.errors import Invalid
from loyalty.core.money import Money, NotMoney, parse_money
from loyalty.core.periods import local_moment

Row = Mapping[str, str]
"""The cells of one row by column name."""

T = TypeVar("T")

_YES = frozenset({"yes", "true", "1"})
_NO = frozenset({"no", "false", "0", ""})
_LONGEST = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class BadRow:
    """A row that can't be taken over, and why."""

    number: int
    """Counted from 1, the heading not included."""

    column: str
    message: str
    row: Row


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading(Generic[T]):
    """What a table holds."""

    items: tuple[T, ...]
    bad: tuple[BadRow, ...]


@dataclass(frozen=True, slots=True)
class Cells:
    """One row's cells, read by kind; a mistake is an ``Invalid`` with its column."""

    row: Row

    def text(self, column: str, *, required: bool = False) -> str | None:
        """Return the text, None if the cell is empty."""
        value = self.row.get(column, "").strip()
        if not value:
            if required:
                raise _wrong(column, "This cell must not be empty.")
            return None
        if len(value) > _LONGEST or "\0" in value:
            raise _wrong(column, f"At most {_LONGEST} readable characters.")
        return value

    def needed(self, column: str) -> str:
        """Return the text of a cell that must not be empty."""
        return self.text(column, required=True) or ""

    def words(self, column: str) -> tuple[str, ...]:
        """Return words parted by spaces, however many; each at most once."""
        found = tuple(dict.fromkeys(self.row.get(column, "").split()))
        if any(len(word) > _LONGEST or "\0" in word for word in found):
            raise _wrong(column, f"At most {_LONGEST} readable characters a word.")
        return found

    def number(self, column: str, *, most: int) -> int | None:
        """Return a whole number from 0 to ``most``."""
        value = self.text(column)
        if value is None:
            return None
        if not (value.isascii() and value.isdigit()) or int(value) > most:
            raise _wrong(column, f"Write a whole number from 0 to {most}.")
        return int(value)

    def money(self, column: str, currency: str) -> Money | None:
        """Return an amount that is not negative, written as ``19.99``."""
        value = self.text(column)
        if value is None:
            return None
        try:
            found = parse_money(value, currency)
        except NotMoney as problem:
            raise _wrong(column, f"{problem}.") from None
        if found.amount < 0:
            raise _wrong(column, "An amount here is not negative.")
        return found

    def quantity(self, column: str) -> Decimal:
        """Return a quantity above zero with at most three decimals."""
        value = self.needed(column)
        try:
            found = Decimal(value)
        except InvalidOperation:
            found = Decimal(0)
        exponent = found.as_tuple().exponent
        fine = found.is_finite() and isinstance(exponent, int) and exponent >= -3  # noqa: PLR2004  # thousandths
        if not fine or not 0 < found < Decimal(1_000_000):
            raise _wrong(column, "A quantity is above 0, with at most 3 decimals.")
        return found

    def flag(self, column: str) -> bool:
        """Return whether the cell says yes; empty is no."""
        value = (self.text(column) or "").lower()
        if value not in _YES | _NO:
            raise _wrong(column, "Write yes or no.")
        return value in _YES

    def day(self, column: str) -> date | None:
        """Return a day written as ``2026-11-20``."""
        value = self.text(column)
        try:
            return None if value is None else date.fromisoformat(value)
        except ValueError:
            raise _wrong(column, "Write a day as 2026-11-20.") from None

    def needed_day(self, column: str) -> date:
        """Return a day from a cell that must not be empty."""
        self.needed(column)
        found = self.day(column)
        if found is None:
            raise _wrong(column, "This cell must not be empty.")
        return found

    def moment(self, column: str, zone: ZoneInfo) -> datetime:
        """Return a moment; without an offset it is on the clock of the zone."""
        try:
            found = datetime.fromisoformat(self.needed(column))
        except ValueError:
            message = "Write a moment as 2026-11-20T17:05 or 2026-11-20T17:05+01:00."
            raise _wrong(column, message) from None
        return found if found.tzinfo else local_moment(found, zone)


def read_all(rows: Iterable[Row], read: Callable[[Cells], T]) -> Reading[T]:
    """Read every row; those at fault are collected with the first thing wrong."""
    items: list[T] = []
    bad: list[BadRow] = []
    for number, row in enumerate(rows, start=1):
        try:
            items.append(read(Cells(row)))
        except Invalid as problem:
            first = problem.problems[0]
            bad.append(
                BadRow(
                    number=number,
                    column=first.pointer.removeprefix("/"),
                    message=first.message,
                    row=row,
                )
            )
    return Reading(items=tuple(items), bad=tuple(bad))


def _wrong(column: str, message: str) -> Invalid:
    return Invalid.field(pointer=f"/{column}", message=message)
