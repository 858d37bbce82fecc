"""One sentence about a promotion, with its variable parts marked for highlighting."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from loyalty.core.texts import format_date, format_money, ngettext, use_language
from loyalty.core.texts import gettext as _
from loyalty.promotions import values as v
from loyalty.promotions.render.people import audience_words
from loyalty.promotions.render.rewards import reward_words
from loyalty.promotions.render.words import NO_NAMES, Names, capitalised

# Characters of the private use area stand around marked parts while the sentence is
# put together, so that a translation may place them in any order.
_OPEN, _CLOSE = "\ue000", "\ue001"


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """A part of a sentence; ``marked`` parts come from the promotion."""

    text: str
    marked: bool


def sentence(
    promotion: v.Promotion, language: str, *, names: Names = NO_NAMES
) -> tuple[Segment, ...]:
    """
    Return the promotion in one sentence, in order.

    ``From [1 Dec] until [14 Dec], [customers who …] get [20% off coffee], …``

    Of many products a few are named; the terms name all.
    """
    names = replace(names, shortened=True)
    with use_language(language):
        text = _(
            "%(who)s get %(reward)s",
            who=_who(promotion, names),
            reward=_marked(reward_words(promotion.reward, names)),
        )
        when = _when(promotion.valid)
        if when:
            text = _("%(when)s, %(what)s", when=when, what=text)
        for limit in _limits(promotion.limits):
            text = _("%(what)s, %(limit)s", what=text, limit=limit)
        text = _("%(what)s.", what=text)
    first = len(_OPEN) if text.startswith(_OPEN) else 0
    return tuple(_segments(text[:first] + capitalised(text[first:])))


def _who(promotion: v.Promotion, names: Names) -> str:
    if promotion.audience is not None:
        who = audience_words(promotion.audience, names)
        return _marked(_("customers who %(who)s", who=who))
    if promotion.trigger is v.Trigger.CODE:
        return _marked(_("customers with a code"))
    if promotion.trigger is v.Trigger.PERSONAL:
        return _marked(_("customers to whom it is offered"))
    return _marked(_("all customers"))


def _when(valid: v.Validity) -> str:
    start = valid.start and _marked(format_date(valid.start))
    until = valid.until and _marked(format_date(valid.until))
    if start and until:
        return _("From %(start)s until %(until)s", start=start, until=until)
    if start:
        return _("From %(start)s on", start=start)
    if until:
        return _("Until %(until)s", until=until)
    return ""


def _limits(limits: v.Limits) -> Iterator[str]:
    if limits.per_customer == 1:
        yield _("once each")
    elif limits.per_customer is not None:
        yield ngettext("%(n)s time each", "%(n)s times each", limits.per_customer)
    if limits.budget is not None:
        budget = _marked(format_money(limits.budget))
        yield _("until %(budget)s is spent", budget=budget)


def _marked(text: str) -> str:
    return f"{_OPEN}{text}{_CLOSE}"


def _segments(text: str) -> Iterator[Segment]:
    for part in text.split(_OPEN):
        marked, close, plain = part.partition(_CLOSE)
        if close:
            yield Segment(text=marked, marked=True)
        else:
            plain = marked
        if plain:
            yield Segment(text=plain, marked=False)
