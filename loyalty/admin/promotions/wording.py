"""Promotions in plain words, with the shop's names for products and stores."""

from loyalty.core.texts import current_language
from loyalty.promotions.render import Names, Segment, sentence
from loyalty.promotions.values import Promotion


def in_words(
    promotion: Promotion, names: Names, language: str | None = None
) -> tuple[Segment, ...]:
    """Return the promotion in one sentence, in the reader's language or another."""
    return sentence(promotion, language or current_language(), names=names)
