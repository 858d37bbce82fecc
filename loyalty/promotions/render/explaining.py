"""How a price came about, step by step in plain words."""

from collections.abc import Iterator, Mapping

from loyalty.core.money import Money
from loyalty.core.texts import format_money, ngettext
from loyalty.core.texts import gettext as _
from loyalty.promotions.rules.selecting import Item, items_of
from loyalty.promotions.rules.tracing import Considered, Shape
from loyalty.promotions.values import Limits, Quote, Strategy, Used
from loyalty.promotions.values.kept import Pricing

_SHAPES: Mapping[Shape, str] = {
    Shape.UNITS: "on matching units",
    Shape.SETS: "on whole sets of units",
    Shape.BASKET: "on all that is left after rewards on units",
    Shape.DELIVERY: "on the delivery",
    Shape.POINTS: "in points, on what is paid in the end",
}


def explain(
    pricing: Pricing, considered: tuple[Considered, ...], quote: Quote
) -> list[str]:
    """Return the steps from the basket to its price, a sentence each."""
    versions = {one.promotion.code: one.version for one in pricing.promotions}
    return [
        *_basket(pricing),
        *(line for one in considered for line in _considered(one, pricing, versions)),
        *_applied(quote, considered),
        *_result(quote),
        *_points(quote, pricing),
    ]


def _basket(pricing: Pricing) -> Iterator[str]:
    basket = pricing.basket
    local = basket.at.astimezone(pricing.programme.time_zone)
    yield _(
        "Store %(store)s, %(channel)s, on %(at)s; prices in %(currency)s.",
        store=basket.store,
        channel=basket.sales_channel,
        at=f"{local:%A %Y-%m-%d %H:%M %Z}",
        currency=basket.currency,
    )
    if pricing.programme.strategy is Strategy.PRIORITY:
        yield _("Promotions apply in descending priority, equal ones by age.")
    else:
        yield _("Of all permitted combinations the one with the lowest price counts.")
    for item in items_of(basket, pricing.facts.catalogue):
        yield _item(item, basket.currency)


def _item(item: Item, currency: str) -> str:
    said = _(
        "Line %(line)s: %(quantity)s of %(sku)s at %(price)s is %(gross)s",
        line=item.line.line,
        quantity=f"{item.line.quantity.normalize():f}",
        sku=item.line.sku,
        price=item.line.unit_price,
        gross=Money(amount=item.gross, currency=currency),
    )
    notes = []
    if item.weight is not None:
        notes.append(_("weighed: one unit, its price rounded half up"))
    if item.product is None:
        notes.append(_("not in the catalogue"))
    elif not item.discountable:
        notes.append(_("never discounted"))
    if item.floor:
        floor = Money(amount=item.floor, currency=currency)
        notes.append(_("not below %(floor)s a unit", floor=floor))
    return f"{said} ({'; '.join(notes)})." if notes else f"{said}."


def _considered(
    one: Considered, pricing: Pricing, versions: Mapping[str, int]
) -> Iterator[str]:
    name = f"{one.promotion.code} v{versions[one.promotion.code]}"
    if not one.expected:
        yield _("%(name)s: needs a code or an offer that there was not.", name=name)
    elif one.lacking is not None:
        figures = {
            "short_by": one.lacking.short_by,
            "missing": one.lacking.missing,
        }
        told = "".join(f", {key} {value}" for key, value in figures.items() if value)
        reason = one.lacking.reason.value
        yield _("%(name)s: could not apply: %(why)s.", name=name, why=reason + told)
    elif one.shape is not None:
        yield _("%(name)s: could apply %(to)s.", name=name, to=_SHAPES[one.shape])
    used = pricing.facts.used.get(one.promotion.code)
    if used is not None:
        yield from _limits(name, one.promotion.limits, used, pricing.basket.currency)


def _limits(name: str, limits: Limits, used: Used, currency: str) -> Iterator[str]:
    for what, limit, count in (
        (_("uses"), limits.total, used.total),
        (_("uses by this customer"), limits.per_customer, used.by_customer),
        (_("uses by this customer today"), limits.per_customer_per_day, used.today),
    ):
        if limit is not None:
            yield _(
                "%(name)s: %(count)s of %(limit)s %(what)s were gone.",
                name=name,
                count=count,
                limit=limit,
                what=what,
            )
    if limits.budget is not None:
        yield _(
            "%(name)s: %(given)s of the budget of %(budget)s was gone.",
            name=name,
            given=Money(amount=used.given, currency=currency),
            budget=limits.budget,
        )


def _applied(quote: Quote, considered: tuple[Considered, ...]) -> Iterator[str]:
    shapes = {one.promotion.code: one.shape for one in considered}
    for applied in quote.applied:
        shares = [
            (line.line, one.amount)
            for line in quote.lines
            for one in line.applications
            if one.promotion == applied.promotion
        ]
        told = ", ".join(f"{line}: {amount}" for line, amount in shares)
        said = ngettext(
            "%(promotion)s applied %(n)s time and took %(amount)s off",
            "%(promotion)s applied %(n)s times and took %(amount)s off",
            applied.times,
            promotion=applied.promotion,
            amount=applied.amount,
        )
        if len(shares) > 1:
            said += _(", shared over lines by largest remainder: %(told)s", told=told)
        elif shares:
            said += _(", from line %(told)s", told=told)
        elif shapes.get(applied.promotion) is Shape.DELIVERY:
            said += _(", from the delivery fee")
        if applied.code is not None:
            said += _(", by the code %(code)s", code=applied.code)
        yield f"{said}."


def _result(quote: Quote) -> Iterator[str]:
    yield _(
        "The goods cost %(gross)s, less %(discount)s: %(net)s.",
        gross=quote.gross,
        discount=quote.discount,
        net=quote.net,
    )
    if quote.delivery.gross:
        yield _(
            "The delivery costs %(gross)s, less %(discount)s: %(net)s.",
            gross=quote.delivery.gross,
            discount=quote.delivery.discount,
            net=quote.delivery.net,
        )
    for missed in quote.missed:
        yield _(
            "%(what)s gave nothing: %(why)s.",
            what=missed.promotion or missed.code,
            why=missed.reason.value,
        )
    if quote.bound is not None:
        yield _(
            "The search was cut short: a price of %(bound)s could still exist.",
            bound=quote.bound,
        )


def _points(quote: Quote, pricing: Pricing) -> Iterator[str]:
    rule = pricing.programme.points
    for earned in quote.points:
        if earned.promotion is not None:
            yield ngettext(
                "%(promotion)s adds %(n)s point.",
                "%(promotion)s adds %(n)s points.",
                earned.points,
                promotion=earned.promotion,
            )
        elif rule is not None:
            yield _(
                "%(points)s for each %(per)s of %(net)s, rounded down: %(earned)s.",
                points=rule.points,
                per=format_money(rule.per),
                net=format_money(quote.net),
                earned=earned.points,
            )
    yield ngettext(
        "Together %(n)s point.", "Together %(n)s points.", quote.points_earned
    )
