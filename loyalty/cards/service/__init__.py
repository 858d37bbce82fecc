"""Changes to cards: issuing, printing ahead, blocking, replacing, closing."""

from loyalty.cards.service.blanks import CardTaken, attach_card, make_batch
from loyalty.cards.service.issuing import issue_card
from loyalty.cards.service.replacing import replace_card
from loyalty.cards.service.states import (
    CardStateWrong,
    block_card,
    close_card,
    make_main,
    unblock_card,
)

__all__ = [
    "CardStateWrong",
    "CardTaken",
    "attach_card",
    "block_card",
    "close_card",
    "issue_card",
    "make_batch",
    "make_main",
    "replace_card",
    "unblock_card",
]
