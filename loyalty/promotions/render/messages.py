"""Why a promotion did not apply, as a sentence for the till and the customer."""

from loyalty.core.texts import format_money, use_language
from loyalty.core.texts import gettext as _
from loyalty.promotions import values as v
from loyalty.promotions.render.words import (
    NO_NAMES,
    Names,
    reward_words,
    selector_words,
    units_words,
)


def missed_message(missed: v.Missed, language: str, *, names: Names = NO_NAMES) -> str:
    """Return the sentence, with what is missing and what it would bring."""
    with use_language(language):
        if missed.code is not None:
            return _code_message(missed.reason, missed.code)
        reward = (
            _("this offer")
            if missed.reward is None
            else reward_words(missed.reward, names)
        )
        return _shortfall(missed, reward, names) or _plain(missed.reason, reward)


def _code_message(reason: v.MissedReason, code: str) -> str:
    if reason is v.MissedReason.CODE_EXPIRED:
        return _("The code %(code)s has expired.", code=code)
    if reason is v.MissedReason.CODE_USED:
        return _("The code %(code)s has been used.", code=code)
    return _("The code %(code)s is not known.", code=code)


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
        if what is None:
            return _("Add %(units)s to get %(reward)s.", units=units, reward=reward)
        return _(
            "Add %(units)s of %(what)s to get %(reward)s.",
            units=units,
            what=what,
            reward=reward,
        )
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
