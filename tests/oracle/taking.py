"""What one application takes off the lines that it holds."""

from collections.abc import Sequence
from fractions import Fraction

from tests.oracle.reading import Basket, Line, Offer, half_up

Amounts = tuple[int, ...]
"""Minor units by line."""


def is_amount(offer: Offer, basket: Basket) -> bool:
    """Test whether the reward comes after those that are percentages."""
    if offer.kind == "steps":
        return "percent" not in (step_reached(offer, basket) or {})
    return offer.kind not in ("percent_off", "buy_get", "free_item")


def step_reached(offer: Offer, basket: Basket) -> dict[str, str] | None:
    """Return the highest step, measured on all that matches before discounts."""
    fields = offer.fields
    by_spend = fields["by"] == "spend"
    reached = (basket.spend if by_spend else basket.count)(fields["on"])
    steps = [
        step
        for step in fields["steps"]
        if (basket.money(step["at_least"]) if by_spend else step["at_least"]) <= reached
    ]
    return steps[-1] if steps else None


def taken(
    offer: Offer, counts: Sequence[int], left: Sequence[int], basket: Basket
) -> Amounts:
    """
    Return what the offer takes off each line.

    ``counts`` are the units of each line that it reduces. Of a line of several units
    no other application may have reduced one, unless all are reduced at once.
    """
    values, rooms = [], []
    for at, (count, line) in enumerate(zip(counts, basket.lines, strict=True)):
        value = left[at] if count == line.units else count * line.price
        values.append(value)
        rooms.append(max(0, value - count * basket.floor(at)))
    common = _common_amount(offer, sum(values), basket)
    if common is not None:
        return shared(min(common, sum(rooms)), values, rooms, basket.lines)
    parts = [0] * len(counts)
    for at, count in enumerate(counts):
        if count:
            each = _for_each(offer, at, values[at] // count, basket)
            parts[at] = count * min(rooms[at] // count, each)
    return tuple(parts)


def _common_amount(offer: Offer, base: int, basket: Basket) -> int | None:
    """Return what is taken off all units together; None where off each by itself."""
    fields = offer.fields
    if offer.kind == "buy_get":
        return percentage(fields["get"]["percent"], base)
    if offer.kind == "bundle":
        return max(0, base - basket.money(fields["price"]))
    if offer.kind == "steps":
        fields = step_reached(offer, basket) or {"amount": "0"}
    elif offer.kind != "percent_off" and fields.get("per") != "basket":
        return None
    if not fields.get("percent"):
        return basket.money(fields["amount"])
    amount = percentage(fields["percent"], base)
    most = fields.get("at_most")
    return min(amount, basket.money(most)) if most else amount


def _for_each(offer: Offer, at: int, left: int, basket: Basket) -> int:
    """Return what is taken off one unit of a line, before its floor."""
    if offer.kind == "amount_off":
        return basket.money(offer.fields["amount"])
    if offer.kind == "fixed_price":
        weight = basket.lines[at].weight
        return max(0, left - half_up(weight * basket.money(offer.fields["price"])))
    return left  # a free item


def percentage(percent: str, base: int) -> int:
    return half_up(Fraction(percent) * base / 100)


def shared(
    amount: int, values: Sequence[int], rooms: Sequence[int], lines: Sequence[Line]
) -> Amounts:
    """Share by largest remainder; what has no room on one line goes to the others."""
    parts = [0] * len(values)
    open_ = [at for at, value in enumerate(values) if value]
    while amount:
        whole = sum(values[at] for at in open_)
        rounded = {at: amount * values[at] // whole for at in open_}
        by_rest = sorted(
            open_,
            key=lambda at: (
                -(amount * values[at] % whole),
                -values[at],
                lines[at].sku,
                lines[at].name,
            ),
        )
        for at in by_rest[: amount - sum(rounded.values())]:
            rounded[at] += 1
        full = [at for at in open_ if rounded[at] > rooms[at]]
        for at in full or open_:
            parts[at] = min(rounded[at], rooms[at])
            amount -= parts[at]
        open_ = [at for at in open_ if at not in full]
    return tuple(parts)
