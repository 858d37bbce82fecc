"""What every batch of codes must fulfil before it is kept."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy.orm import Session

from loyalty.core.errors import Problem, Refused
from loyalty.core.texts import gettext as _
from loyalty.promotions.queries import get_promotion
from loyalty.promotions.values import Trigger
from loyalty.promotions.values.codes import CodeTerms
from loyalty.promotions.values.states import PromotionID, PromotionState

MOST_CODES: Final = 1_000_000
"""As many as one batch may have."""

MOST_USES: Final = 1_000_000_000
LONGEST_LABEL: Final = 100


class NoCodesHere(Refused):
    """The promotion has ended, or its trigger is not a code."""

    code = "promotion_takes_no_codes"


class WrongBatchState(Refused):
    """The batch is not in a state from which this is possible."""

    code = "code_batch_state"


def takes_codes(session: Session, promotion: str) -> PromotionID:
    """
    Return the promotion's number if codes may be made for it.

    :raises PromotionNotFound: if there is no such promotion
    :raises NoCodesHere: if it has ended or applies without a code
    """
    stored = get_promotion(session, code=promotion)
    if stored.promotion.trigger is not Trigger.CODE:
        raise NoCodesHere(
            _("This promotion applies without a code: set its trigger to “code” first.")
        )
    if stored.state is PromotionState.ENDED:
        raise NoCodesHere(_("This promotion has ended: copy it under a new code."))
    return stored.id


def problems_of(terms: CodeTerms) -> Iterator[Problem]:
    """Yield what is wrong with the terms of a batch."""
    if len(terms.label) > LONGEST_LABEL:
        message = _("Write at most %(n)s letters.", n=LONGEST_LABEL)
        yield Problem(pointer="/label", message=message, code="label_length")
    start, until = terms.valid_from, terms.valid_until
    if start is not None and until is not None and until <= start:
        message = _("Must be after the beginning.")
        yield Problem(pointer="/valid_until", message=message, code="period_empty")
    for pointer, uses in (
        ("/uses", terms.uses),
        ("/per_customer", terms.per_customer),
    ):
        if uses is not None and not 1 <= uses <= MOST_USES:
            message = _("Must be a whole number above 0.")
            yield Problem(pointer=pointer, message=message, code="uses")
