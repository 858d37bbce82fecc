"""Changes to cards: issuing one, issuing many."""

from loyalty.cards.service.issuing import issue_card

__all__ = ["issue_card"]
