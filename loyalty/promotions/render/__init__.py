"""Promotions in plain words: terms, one sentence, and why they did not apply."""

from loyalty.promotions.render.documents import price_case, quote_document
from loyalty.promotions.render.findings import finding_sentence
from loyalty.promotions.render.house import house_rules
from loyalty.promotions.render.messages import missed_message
from loyalty.promotions.render.rewards import reward_words
from loyalty.promotions.render.sentences import Segment, sentence
from loyalty.promotions.render.terms import terms
from loyalty.promotions.render.words import Names, distinct_names

__all__ = [
    "Names",
    "Segment",
    "distinct_names",
    "finding_sentence",
    "house_rules",
    "missed_message",
    "price_case",
    "quote_document",
    "reward_words",
    "sentence",
    "terms",
]
