"""Why a promotion did not apply, as a sentence for the till and the customer."""

from dataclasses import replace

from loyalty.core.texts import format_money, ngettext, use_language
from loyalty.core.texts import gettext as _
from loyalty.promotions import values as v
from loyalty.promotions.render.rewards import reward_words
from loyalty.promotions.render.words import (
    NO_NAMES,
    Names,
    capitalised,
    counted_words,
    selector_words,
    units_words,
)
from loyalty.promotions.rules.codes import looks_mistyped


def missed_message(missed: v.Missed, language: str, *, names: Names = NO_NAMES) -> str:
    """Return the sentence, with what is missing and what it would bring."""
    names = replace(names, shortened=True)
    with use_language(language):
        if missed.code is not None:
            return _code_message(missed, missed.code)
        reward = (
            _("this offer")
            if missed.reward is None
            else reward_words(missed.reward, names)
        )
        return capitalised(
            _shortfall(missed, reward, names) or _plain(missed.reason, reward)
        )


def _code_message(missed: v.Missed, code: str) -> str:
    """Say what is wrong with a code, from what was typed and the reason alone."""
    minutes = -(-(missed.retry_after or 60) // 60)
    texts = {
        v.MissedReason.CODE_EXPIRED: _("The code %(code)s has expired.", code=code),
        v.MissedReason.CODE_USED: _("The code %(code)s has been used.", code=code),
        v.MissedReason.NOT_STARTED: _("The code %(code)s is not valid now.", code=code),
        v.MissedReason.FOR_MEMBERS: _(
            "The code %(code)s is for members: show a card to use it.", code=code
        ),
        v.MissedReason.CODE_ATTEMPTS: ngettext(
            "Too many wrong codes were tried: try again in %(n)s minute.",
            "Too many wrong codes were tried: try again in %(n)s minutes.",
            minutes,
        ),
        v.MissedReason.CODE_UNCHECKED: _(
            "Codes can't be checked just now: try again in a minute."
        ),
    }
    unknown = (
        _("Check the code %(code)s: a letter or digit is wrong.", code=code)
        if looks_mistyped(code)
        else _("The code %(code)s is not known.", code=code)
    )
    return texts.get(missed.reason, unknown)


def _shortfall(missed: v.Missed, reward: str, names: Names) -> str | None:
    what = (
        selector_words(missed.of, names)
        if missed.of is not None and not missed.of.is_whole_basket
        else None
    )
    if missed.reason is v.MissedReason.SPEND_SHORT and missed.short_by is not None:
        amount = format_money(missed.short_by)
        if what is None:
            return _("Add %(amount)s to get %(reward)s.", amount=amount, reward=reward)
        return _(
            "Add %(amount)s of %(what)s to get %(reward)s.",
            amount=amount,
            what=what,
            reward=reward,
        )
    if missed.reason is v.MissedReason.QUANTITY_SHORT and missed.missing is not None:
        units = units_words(missed.missing)
        if what is not None and missed.of is not None:
            units = counted_words(
                v.Counted(of=missed.of, quantity=missed.missing), names
            )
        return _("Add %(units)s to get %(reward)s.", units=units, reward=reward)
    return None


def _plain(reason: v.MissedReason, reward: str) -> str:
    texts = {
        v.MissedReason.NOT_STARTED: _("%(reward)s: not valid yet.", reward=reward),
        v.MissedReason.ENDED: _("%(reward)s: no longer valid.", reward=reward),
        v.MissedReason.OUTSIDE_HOURS: _("%(reward)s: not at this hour.", reward=reward),
        v.MissedReason.NOT_AT_THIS_STORE: _(
            "%(reward)s: not at this store.", reward=reward
        ),
        v.MissedReason.NOT_IN_THIS_CHANNEL: _(
            "%(reward)s: not in this sales channel.", reward=reward
        ),
        v.MissedReason.OTHER_CURRENCY: _(
            "%(reward)s: not in this currency.", reward=reward
        ),
        v.MissedReason.FOR_MEMBERS: _(
            "%(reward)s: for members; show a card to get it.", reward=reward
        ),
        v.MissedReason.NOT_FOR_THIS_CUSTOMER: _(
            "%(reward)s: not for this customer.", reward=reward
        ),
        v.MissedReason.OTHER_PAYMENT: _(
            "%(reward)s: not with this way of paying.", reward=reward
        ),
        v.MissedReason.ALREADY_USED: _(
            "%(reward)s: this customer has used it as often as it may be used.",
            reward=reward,
        ),
        v.MissedReason.USED_UP: _("%(reward)s: used up.", reward=reward),
        v.MissedReason.NOTHING_TO_REDUCE: _(
            "%(reward)s: nothing in the basket can be reduced.", reward=reward
        ),
        v.MissedReason.OTHER_OFFER_BETTER: _(
            "%(reward)s: another offer saves more.", reward=reward
        ),
    }
    return texts.get(reason, _("%(reward)s: conditions not met.", reward=reward))
