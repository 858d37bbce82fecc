"""What the check of a draft found, as sentences for marketers."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from loyalty.core.money import Money
from loyalty.core.texts import (
    format_datetime,
    format_language,
    format_list,
    format_money,
    format_percent,
    ngettext,
    use_language,
)
from loyalty.core.texts import gettext as _
from loyalty.promotions import values as v
from loyalty.promotions.render.words import (
    NO_NAMES,
    Names,
    called,
    one_called,
    percent_words,
    selector_words,
)
from loyalty.promotions.values.findings import Finding, FindingCode

_TO_THE_MINUTE = "d MMMM y, HH:mm"


def finding_sentence(
    finding: Finding, language: str, *, names: Names = NO_NAMES
) -> str:
    """Return what was found, and what it means, with the figures."""
    with use_language(language):
        return _SENTENCES[finding.code](finding, names)


def _over(finding: Finding, _names: Names) -> str:
    until = _moment(finding.figures["until"])
    return _("It can never apply: its time ended on %(until)s.", until=until)


def _never_in_the_week(finding: Finding, _names: Names) -> str:
    return _(
        "It can never apply: none of its weekly hours lies between %(start)s and "
        "%(until)s.",
        start=_moment(finding.figures["start"]),
        until=_moment(finding.figures["until"]),
    )


def _no_product(finding: Finding, names: Names) -> str:
    what = finding.figures["what"]
    words = selector_words(what, names) if isinstance(what, v.Selector) else str(what)
    return _(
        "It can never apply: the catalogue has nothing of this: %(what)s.", what=words
    )


def _nobody(_finding: Finding, _names: Names) -> str:
    return _("It can never apply: its conditions for customers contradict each other.")


def _store_unknown(finding: Finding, _names: Names) -> str:
    stores = one_called(_texts(finding.figures["stores"]))
    return _("There is no store %(stores)s.", stores=stores)


def _channel_unknown(finding: Finding, _names: Names) -> str:
    channels = one_called(_texts(finding.figures["channels"]))
    return _("No basket comes from the sales channel %(channels)s.", channels=channels)


def _spend_never_reached(finding: Finding, _names: Names) -> str:
    return _(
        "Nobody bought for %(spend)s at once in the last 8 weeks; the largest basket "
        "was %(largest)s.",
        spend=_money(finding.figures["spend"]),
        largest=_money(finding.figures["largest"]),
    )


def _always_loses(finding: Finding, _names: Names) -> str:
    return _(
        "It never gives anything: %(promotion)s always takes off at least as much.",
        promotion=one_called(finding.promotions),
    )


def _below_cost(finding: Finding, _names: Names) -> str:
    return ngettext(
        "It sells %(n)s article below its cost, by up to %(most)s a unit.",
        "It sells %(n)s articles below their cost, by up to %(most)s a unit.",
        _count(finding),
        most=_money(finding.figures["most"]),
    )


def _floor_stops(finding: Finding, _names: Names) -> str:
    return ngettext(
        "The lowest permitted price of %(n)s article stops it, by up to %(most)s a "
        "unit.",
        "The lowest permitted prices of %(n)s articles stop it, by up to %(most)s a "
        "unit.",
        _count(finding),
        most=_money(finding.figures["most"]),
    )


def _gives_basket_away(finding: Finding, _names: Names) -> str:
    return _(
        "Of a recorded basket of %(gross)s only %(paid)s would be paid, %(share)s "
        "less; without it %(without)s.",
        gross=_money(finding.figures["gross"]),
        paid=_money(finding.figures["paid"]),
        share=format_percent(_decimal(finding.figures["share"])),
        without=_money(finding.figures["without"]),
    )


def _two_whole_percentages(finding: Finding, _names: Names) -> str:
    return _(
        "%(promotion)s reduces the whole basket, too, and both apply: together "
        "%(percent)s.",
        promotion=called(finding.promotions[0]),
        percent=percent_words(_decimal(finding.figures["percent"])),
    )


def _overlaps(finding: Finding, _names: Names) -> str:
    return ngettext(
        "%(n)s promotion that runs meets it in time and on the same articles.",
        "%(n)s promotions that run meet it in time and on the same articles.",
        _count(finding),
    )


def _no_limit(_finding: Finding, _names: Names) -> str:
    return _(
        "Nothing limits what it may give in all: it has no budget and no number of "
        "uses."
    )


def _name_missing(finding: Finding, _names: Names) -> str:
    languages = [format_language(c) for c in _texts(finding.figures["languages"])]
    return _(
        "It has no name in these languages of the programme: %(languages)s.",
        languages=format_list(languages),
    )


def _no_reduction(finding: Finding, _names: Names) -> str:
    return ngettext(
        "%(n)s article would not cost less than its lowest price of the 30 days "
        "before: that may not be announced as a reduction.",
        "%(n)s articles would not cost less than their lowest prices of the 30 days "
        "before: that may not be announced as a reduction.",
        _count(finding),
    )


def _below_prior_price(finding: Finding, _names: Names) -> str:
    return ngettext(
        "%(n)s article would cost less than its lowest price of the 30 days before: "
        "that price must stand beside the reduced one.",
        "%(n)s articles would cost less than their lowest prices of the 30 days "
        "before: these must stand beside the reduced ones.",
        _count(finding),
    )


def _count(finding: Finding) -> int:
    count = finding.figures["count"]
    return count if isinstance(count, int) else 0


def _decimal(figure: object) -> Decimal:
    return figure if isinstance(figure, Decimal) else Decimal(0)


def _money(figure: object) -> str:
    return format_money(figure) if isinstance(figure, Money) else str(figure)


def _moment(figure: object) -> str:
    if isinstance(figure, datetime):
        return format_datetime(figure, style=_TO_THE_MINUTE)
    return str(figure)


def _texts(figure: object) -> tuple[str, ...]:
    return figure if isinstance(figure, tuple) else (str(figure),)


_SENTENCES: Mapping[FindingCode, Callable[[Finding, Names], str]] = MappingProxyType(
    {
        FindingCode.OVER: _over,
        FindingCode.NEVER_IN_THE_WEEK: _never_in_the_week,
        FindingCode.NO_PRODUCT: _no_product,
        FindingCode.NOBODY: _nobody,
        FindingCode.STORE_UNKNOWN: _store_unknown,
        FindingCode.CHANNEL_UNKNOWN: _channel_unknown,
        FindingCode.SPEND_NEVER_REACHED: _spend_never_reached,
        FindingCode.ALWAYS_LOSES: _always_loses,
        FindingCode.BELOW_COST: _below_cost,
        FindingCode.FLOOR_STOPS: _floor_stops,
        FindingCode.GIVES_BASKET_AWAY: _gives_basket_away,
        FindingCode.TWO_WHOLE_PERCENTAGES: _two_whole_percentages,
        FindingCode.OVERLAPS: _overlaps,
        FindingCode.NO_LIMIT: _no_limit,
        FindingCode.NAME_MISSING: _name_missing,
        FindingCode.NO_REDUCTION: _no_reduction,
        FindingCode.BELOW_PRIOR_PRICE: _below_prior_price,
    }
)
