"""Whatever the document can say that changes a price, the terms say, by construction.

A field that is added fails here until the terms speak of it, or until it stands among
those that change no price, with the reason.
"""

from collections.abc import Mapping
from typing import Final

import pytest

from loyalty.core.texts import LANGUAGES
from loyalty.promotions import values as v
from loyalty.promotions.render import Names, terms
from tests.documents import (
    Field,
    accepted,
    beginnings,
    document_fields,
    mutants,
    together,
)

CHANGE_NO_PRICE: Final[Mapping[Field, str]] = {
    (v.Promotion, "code"): "the marketer's key; the same offer under another key",
    (v.Promotion, "name"): "the heading above the terms",
    (v.Promotion, "currency"): "the programme's; each amount is written with it",
}


PAIRS: Final = [
    (place, begun, mutant)
    for begun in beginnings()
    for place, mutant in mutants(begun)
    if place not in CHANGE_NO_PRICE and accepted(mutant)
] + [(place, *pair) for place, pair in together().items()]

SHOP: Final = Names(
    products={"A": "Oat biscuits", "MUG": "Blue mug", "MUGx": "Blue cup"},
    categories={"drinks": "Drinks", "drinks/coffee": "Coffee", "drinks/tea": "Tea"},
    stores={"324": "Lab market Centre"},
)


class TestTermsByConstruction:
    def test_begin_from_documents_that_can_be(self) -> None:
        assert all(accepted(begun) for begun in beginnings())

    def test_have_a_change_of_every_field_of_the_document(self) -> None:
        changed = {place for place, _begun, _mutant in PAIRS}

        silent = document_fields(v.Promotion) - changed - CHANGE_NO_PRICE.keys()

        assert silent == set()

    def test_name_no_field_that_is_gone(self) -> None:
        assert CHANGE_NO_PRICE.keys() <= document_fields(v.Promotion)

    @pytest.mark.parametrize("names", [Names(), SHOP], ids=["keys", "names"])
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_change_with_every_field_in_every_language(
        self, language: str, names: Names
    ) -> None:
        silent = [
            (place, begun, mutant)
            for place, begun, mutant in PAIRS
            if terms(begun, language, names=names)
            == terms(mutant, language, names=names)
        ]

        assert silent == []
