"""What is frozen at the sale, so that returns add up whatever changes later."""

from collections.abc import Iterator

from loyalty.promotions.rules.selecting import Item, items_of, matches
from loyalty.promotions.values import PointsTimes, Quote
from loyalty.promotions.values.kept import Pricing
from loyalty.purchases.rules import share_line
from loyalty.purchases.values import LineShares


def shares_of(quote: Quote, pricing: Pricing) -> dict[str, LineShares]:
    """Return what each unit of the priced lines costs, by line."""
    items = _items(pricing)
    return {
        line.line: share_line(
            gross=line.gross.amount,
            units=_units(items[line.line]),
            applications={
                one.promotion: one.amount.amount for one in line.applications
            },
        )
        for line in quote.lines
    }


def points_shares(quote: Quote, pricing: Pricing) -> list[dict[str, object]]:
    """Return which rule gave how many points, and for which lines."""
    return list(_points(quote, pricing))


def _points(quote: Quote, pricing: Pricing) -> Iterator[dict[str, object]]:
    rule, items = pricing.programme.points, _items(pricing)
    by_code = {promotion.code: promotion for promotion in pricing.documents}
    for earned in quote.points:
        lines = None
        if earned.promotion is not None:
            reward = by_code[earned.promotion].reward
            if isinstance(reward, PointsTimes):
                lines = [
                    name for name, item in items.items() if matches(reward.on, item)
                ]
        yield {
            "promotion": earned.promotion,
            "points": earned.points,
            "per": [rule.points, rule.per.amount]
            if rule is not None and earned.promotion is None
            else None,
            "lines": lines,
        }


def _units(item: Item) -> int | None:
    return None if item.weight is not None else item.count


def _items(pricing: Pricing) -> dict[str, Item]:
    items = items_of(pricing.basket, pricing.facts.catalogue)
    return {item.line.line: item for item in items}
