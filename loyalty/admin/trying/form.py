"""What stands in the form: it holds the whole basket, since nothing is kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from flask import request
from werkzeug.datastructures import MultiDict

from loyalty.core.texts import normalise_digits
from loyalty.customers.values import CustomerID

MOST_LINES: Final = 60
_MOST_DIGITS: Final = 18


@dataclass(frozen=True, kw_only=True, slots=True)
class TypedLine:
    """One line as it was typed; an empty price is the catalogue's."""

    sku: str
    quantity: str
    price: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """The form as it was typed."""

    store: str = ""
    sales_channel: str = "till"
    at: str = ""
    payment: str = ""
    codes: str = ""
    delivery_fee: str = ""
    draft: str = ""
    customer: str = ""
    """The number of a customer who was found."""

    who: str = ""
    text: str = ""
    lines: tuple[TypedLine, ...] = ()

    @property
    def customer_id(self) -> CustomerID | None:
        """The customer who was found, if one was."""
        return CustomerID(int(self.customer)) if _is_number(self.customer) else None

    def with_line(self, sku: str) -> "Trial":
        """Return it with one more of an article, on the article's line."""
        for at, line in enumerate(self.lines):
            if line.sku == sku and _is_number(line.quantity):
                more = replace(line, quantity=str(int(line.quantity) + 1))
                lines = (*self.lines[:at], more, *self.lines[at + 1 :])
                return replace(self, lines=lines, text="")
        line = TypedLine(sku=sku, quantity="1", price="")
        return replace(self, lines=(*self.lines, line)[:MOST_LINES], text="")

    def without_line(self, at: int) -> "Trial":
        """Return it without a line."""
        return replace(self, lines=self.lines[:at] + self.lines[at + 1 :])


def typed_trial() -> Trial:
    """Return what was sent; digits of any script are Latin ones."""
    form = request.form if request.method == "POST" else request.args
    return Trial(
        **{
            name: _text(form, name)
            for name in (
                "store",
                "at",
                "payment",
                "codes",
                "delivery_fee",
                "draft",
                "customer",
                "who",
                "text",
            )
        },
        sales_channel=_text(form, "sales_channel") or "till",
        lines=_lines(form),
    )


def _lines(form: MultiDict[str, str]) -> tuple[TypedLine, ...]:
    columns: Sequence[list[str]] = [
        form.getlist(name) for name in ("sku", "quantity", "price")
    ]
    return tuple(
        TypedLine(
            sku=sku,
            quantity=normalise_digits(quantity).strip(),
            price=normalise_digits(price).strip(),
        )
        # Of unequal columns, which no page sends, the whole lines count.
        for sku, quantity, price in zip(*columns, strict=False)
    )[:MOST_LINES]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS


def _text(form: MultiDict[str, str], name: str) -> str:
    return normalise_digits(form.get(name, "")).strip()
