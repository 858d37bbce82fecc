"""Windows priced in parts, put together so that limits hold in the order of time."""

from collections.abc import Iterator, Sequence

from loyalty.promotions.rules.backtesting.pricing import Part, Priced, Pricer
from loyalty.promotions.rules.backtesting.uses import Uses
from loyalty.promotions.values.backtests import Effect, Window


def split(window: Window, uses: Uses, parts: int) -> list[Part]:
    """Split a window so that all of one customer's purchases are in one part."""
    if uses.is_used_up or not window.baskets:
        return []
    shares: list[list[int]] = [[] for _ in range(parts)]
    for at, bought in enumerate(window.baskets):
        # A customer's number is random; a basket without one goes anywhere.
        key = at if bought.customer is None else bought.customer
        shares[key % parts].append(at)
    return [_part(window, uses, share) for share in shares if share]


def merge(
    window: Window, found: Sequence[Priced], uses: Uses, pricer: Pricer
) -> Iterator[Effect]:
    """
    Give what the draft does to a window, and count it.

    What was priced under a larger rest of the total or the budget stays the best
    under a smaller rest that covers it. What is not covered is priced again with
    what is left; and whatever that changes for its customer is, too.

    :param found: by all parts, each with what was left at the window's beginning
    """
    known = {priced.purchase: priced for priced in found}
    again: set[int] = set()
    for bought in window.baskets:
        priced = known.get(bought.id)
        customer = bought.customer
        if customer in again or not (priced is None or _is_covered(priced, uses)):
            refused = priced is not None and not _is_covered(priced, uses)
            priced = pricer.price(bought, window.products, window.customers, uses)
            priced = priced._replace(refused=priced.refused or refused)
            if customer is not None and uses.limits_customers:
                again.add(customer)
        if priced is None:
            continue
        if priced.refused:
            uses.refuse(bought.at)
        if priced.effect is not None:
            uses.note(priced.effect)
            yield priced.effect


def _is_covered(priced: Priced, uses: Uses) -> bool:
    return priced.effect is None or uses.leaves(priced.effect.given)


def _part(window: Window, uses: Uses, places: Sequence[int]) -> Part:
    baskets = tuple(window.baskets[at] for at in places)
    skus = {sku for bought in baskets for sku in bought.skus}
    customers = {one.customer for one in baskets if one.customer is not None}
    products = window.products
    return Part(
        baskets=baskets,
        products={sku: products[sku] for sku in skus if sku in products},
        customers={
            customer: window.customers[customer]
            for customer in customers
            if customer in window.customers
        },
        uses=uses.of(customers),
    )
