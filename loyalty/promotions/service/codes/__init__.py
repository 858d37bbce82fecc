"""Changes to coupon codes: making, sharing, voiding, holding, using, returning."""

from loyalty.promotions.service.codes.making import (
    CodesMadeBefore,
    add_codes,
    begin_batch,
    break_batch,
    break_lost,
    order_codes,
)
from loyalty.promotions.service.codes.sharing import CodeExists, add_word
from loyalty.promotions.service.codes.terms import (
    LONGEST_LABEL,
    MOST_CODES,
    MOST_USES,
    NoCodesHere,
    WrongBatchState,
)
from loyalty.promotions.service.codes.using import (
    CodeClaim,
    CodeHold,
    CodeTaken,
    claim_codes,
    hold_codes,
    release_codes,
    return_codes,
)
from loyalty.promotions.service.codes.voiding import void_batch

__all__ = [
    "LONGEST_LABEL",
    "MOST_CODES",
    "MOST_USES",
    "CodeClaim",
    "CodeExists",
    "CodeHold",
    "CodeTaken",
    "CodesMadeBefore",
    "NoCodesHere",
    "WrongBatchState",
    "add_codes",
    "add_word",
    "begin_batch",
    "break_batch",
    "break_lost",
    "claim_codes",
    "hold_codes",
    "order_codes",
    "release_codes",
    "return_codes",
    "void_batch",
]
