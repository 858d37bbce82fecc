"""Why a customer gets no offer, as a sentence in the customer's language."""

from loyalty.core.texts import gettext as _
from loyalty.core.texts import use_language
from loyalty.offers.values import NothingBecause


def nothing_sentence(
    because: NothingBecause | None, *, personalised: bool, language: str
) -> str:
    """
    Return why there is no personal offer just now.

    :param because: as the recommender found it; None if it found something, or
        nobody asked it yet
    :param personalised: whether the customer agrees to personal offers
    """
    with use_language(language):
        if not personalised:
            return _("Personal offers are off: nothing that you buy is looked at.")
        match because:
            case NothingBecause.NOT_WANTED:
                return _("You said “not for me” to everything that is on just now.")
            case NothingBecause.HAD_LATELY:
                return _("You had what suits you lately. New offers will come.")
            case NothingBecause.NOTHING_FITS:
                return _("Nothing that is on just now suits what you buy here.")
            case NothingBecause.NOT_WORTH_IT | NothingBecause.BUDGET_SPENT:
                return _("What suits you is not on, or used up. New offers will come.")
        return _("The next ones will come.")
