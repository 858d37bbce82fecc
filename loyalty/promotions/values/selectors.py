"""Which units of a basket something is about."""

from dataclasses import dataclass

from loyalty.core.money import Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Selector:
    """
    The units that meet every key given; a key is met when one value matches.

    ``everything`` (``all`` in documents) matches each unit. A category takes in its
    descendants. ``price_at_least`` and ``price_below`` look at the unit price.
    """

    everything: bool = False
    skus: tuple[str, ...] | None = None
    categories: tuple[str, ...] | None = None
    brands: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    price_at_least: Money | None = None
    price_below: Money | None = None
    exclude: "Selector | None" = None

    @property
    def is_whole_basket(self) -> bool:
        """Test whether it is ``{"all": true}`` with no exception."""
        return self.everything and self.exclude is None


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """So many units of a selector."""

    of: Selector
    quantity: int
