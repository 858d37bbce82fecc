"""Promotions in plain words, with the shop's names for products and stores."""

from collections.abc import Iterable, Iterator

from sqlalchemy.orm import Session

from loyalty.core.texts import current_language
from loyalty.promotions.queries import display_names
from loyalty.promotions.render import Names, Segment, sentence
from loyalty.promotions.rules.rewards import selectors
from loyalty.promotions.values import FreeItem, Promotion, Quantity, Selector, Spend


def names_for(session: Session, promotions: Iterable[Promotion]) -> Names:
    """Return what to call the products and stores that these promotions name."""
    skus = {sku for promotion in promotions for sku in _skus(promotion)}
    return display_names(session, skus=skus)


def in_words(
    promotion: Promotion, names: Names, language: str | None = None
) -> tuple[Segment, ...]:
    """Return the promotion in one sentence, in the reader's language or another."""
    return sentence(promotion, language or current_language(), names=names)


def _skus(promotion: Promotion) -> Iterator[str]:
    about = list(selectors(promotion.reward))
    for required in promotion.requires:
        if isinstance(required, Spend):
            about.append(required.on)
        elif isinstance(required, Quantity):
            about.append(required.of)
    for selector in about:
        yield from _of_selector(selector)
    if isinstance(promotion.reward, FreeItem):
        yield promotion.reward.sku


def _of_selector(selector: Selector | None) -> Iterator[str]:
    if selector is not None:
        yield from selector.skus or ()
        yield from _of_selector(selector.exclude)
