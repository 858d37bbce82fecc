"""How many statements a quote costs: each is a journey to the database."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from loyalty.core.database import Database
from loyalty.usecases.checkout import Asking, BasketRequest, ask_quote
from tests.factories import NOW, activate, basket, enrol, promotion

TEA_20 = {"percent_off": {"percent": "20", "on": {"skus": ["TEA", "BREAD"]}}}
"""Names of articles and of categories: both are asked for."""


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    statements: list[str] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def note(*call: object) -> None:
        statements.append(" ".join(str(call[2]).split())[:150])

    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def quote(database: Database, request: BasketRequest) -> None:
    with database.transaction() as session:
        ask_quote(session, request=request, asking=Asking(actor="key:1"), now=NOW)


class TestAskQuote:
    @pytest.mark.parametrize(("member", "most"), [(False, 7), (True, 13)])
    def test_costs_few_statements(
        self, shared_database: Database, *, member: bool, most: int
    ) -> None:
        with shared_database.transaction() as session:
            activate(session, promotion("coffee-20", limits={"total": 5}))
            activate(session, promotion("tea-20", reward=TEA_20))
            card = enrol(session).card.number if member else None
        request = basket(card, COFFEE=2, TEA=1, BREAD=2, PIZZA=1)
        quote(shared_database, request)

        with counted(shared_database) as statements:
            quote(shared_database, request)

        assert len(statements) <= most, statements

    def test_costs_no_more_statements_with_more_promotions(
        self, shared_database: Database
    ) -> None:
        request = basket(COFFEE=2, TEA=1, BREAD=2, PIZZA=1)
        counts = []
        for number in range(3):
            with shared_database.transaction() as session:
                activate(session, promotion(f"tea-{number}", reward=TEA_20))
            quote(shared_database, request)
            with counted(shared_database) as statements:
                quote(shared_database, request)
            counts.append(len(statements))

        assert len(set(counts)) == 1
