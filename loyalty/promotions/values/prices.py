"""What articles cost before a promotion."""

from dataclasses import dataclass

from loyalty.core.money import Money


@dataclass(frozen=True, kw_only=True, slots=True)
class PriorPrice:
    """The lowest price of an article in the days before a reduction begins."""

    lowest: Money
    """The lowest that was asked, with what promotions for everybody took off."""

    shelf: Money
    """The lowest before what promotions took off."""

    promotion: str | None = None
    """The code of the promotion that made it the lowest."""
