"""What holds for every promotion of the programme, in plain sentences."""

from collections.abc import Iterator

from loyalty.core.texts import format_money, ngettext, use_language
from loyalty.core.texts import gettext as _
from loyalty.promotions import values as v


def house_rules(
    language: str, *, strategy: v.Strategy, points: v.PointsRule | None = None
) -> str:
    """Write what holds for every promotion, from the programme's settings."""
    with use_language(language):
        return " ".join(_sentences(strategy, points))


def points_words(points: v.PointsRule) -> str:
    """Return what is earned, as ``1 point per €1.00``, in the language in use."""
    return ngettext(
        "%(n)s point per %(amount)s",
        "%(n)s points per %(amount)s",
        points.points,
        amount=format_money(points.per),
    )


def _sentences(strategy: v.Strategy, points: v.PointsRule | None) -> Iterator[str]:
    yield _("Some products are never discounted, none below its lowest price.")
    yield _(
        "What an offer on several products cannot take off one of them, it takes off "
        "the others as far as their lowest prices allow."
    )
    yield _("What is sold by weight counts as one unit a line.")
    yield _("Percentages are rounded half up once, on all they cover.")
    yield _(
        "Offers on products come first, then offers on the whole basket, then those "
        "on delivery and points."
    )
    if strategy is v.Strategy.PRIORITY:
        yield _("Offers are applied one after the other, by their rank.")
    else:
        yield _("Of all combinations that are allowed you get the cheapest one.")
    yield _("An offer is given whole or, when its limits do not cover it, not at all.")
    yield _("Offers for certain customers need their card at the purchase.")
    yield _(
        "Where a reduced price is announced, the lowest price of the 30 days before "
        "stands beside it."
    )
    if points is not None:
        yield _(
            "With a card you earn points on what you pay for goods after all "
            "discounts: %(rule)s, rounded down once a purchase.",
            rule=points_words(points),
        )
