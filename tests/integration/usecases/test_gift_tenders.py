"""Paying with gift cards and stored value, and from a household's balance."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.core.errors import Invalid
from loyalty.core.money import Money
from loyalty.giftcards import queries
from loyalty.giftcards.service import (
    BalanceShort,
    GiftCardNotUsable,
    Sale,
    block,
    issue_card,
    sell,
    top_up,
)
from loyalty.giftcards.values import GiftAccountID
from loyalty.points.queries import balance
from loyalty.points.queries.books import verify
from loyalty.purchases.queries import list_purchases
from loyalty.purchases.values import PurchaseID
from loyalty.sharing.service import answer, invite, leave
from loyalty.stores.queries import get_store
from loyalty.usecases.checkout import record_purchase
from loyalty.usecases.checkout.returning import return_goods
from loyalty.usecases.checkout.settling import ReturnRequest
from tests.factories import NOW, STORE, basket, enrol, payment


def euros(cents: int) -> Money:
    return Money(amount=cents, currency="EUR")


def sale(session: Session, cents: int, key: str = "sale") -> Sale:
    store = get_store(session, code=STORE).id
    return Sale(amount=euros(cents), store_id=store, request_key=key, actor="staff:1")


def card_of(session: Session, cents: int) -> tuple[GiftAccountID, str]:
    """Sell a gift card."""
    made = issue_card(session, face=euros(cents), actor="staff:1", now=NOW)
    sell(session, account_id=made.account.id, sale=sale(session, cents), now=NOW)
    return made.account.id, made.code


def back(
    purchase: PurchaseID, lines: tuple[tuple[str, Decimal], ...] | None, key: str
) -> ReturnRequest:
    return ReturnRequest(
        purchase_id=purchase,
        lines=lines,
        actor="key:1",
        request_key=key,
        request_hash=key.encode(),
    )


class TestAGiftCard:
    def test_pays_after_discounts_and_lowers_no_points(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            ada = enrol(session)
            account, code = card_of(session, 700)
            request = replace(basket(ada.card.number, COFFEE=2), gift_cards=(code,))
            receipt = record_purchase(
                session, request=request, payment=payment(), now=NOW
            )
            again = record_purchase(
                session, request=request, payment=payment(), now=NOW
            )

            paid = json.loads(receipt.reply)
            assert again.reply == receipt.reply
            assert paid["net"] == "9.98"
            assert [(one["tender"], one["amount"]) for one in paid["tenders"]] == [
                ("gift_card", "7.00"),
                ("payment", "2.98"),
            ]
            assert paid["points"]["earned"] == 9
            assert code not in receipt.reply
            left = queries.get_account(session, account_id=account)
            assert left.balance == euros(0)

    def test_gets_back_what_it_paid_before_any_money_does(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            ada = enrol(session)
            account, code = card_of(session, 700)
            request = replace(basket(ada.card.number, COFFEE=2), gift_cards=(code,))
            record_purchase(session, request=request, payment=payment(), now=NOW)
            (bought,) = list_purchases(session, customer_id=ada.profile.id)
            one = (("1", Decimal(1)),)
            balances = []
            for key in ("r1", "r2"):
                return_goods(session, request=back(bought.id, one, key), now=NOW)
                found = queries.get_account(session, account_id=account)
                balances.append(found.balance.amount)

            assert balances == [499, 700]
            assert queries.verify(session) == ()

    def test_pays_beside_others_and_stored_value(self, database: Database) -> None:
        with database.transaction() as session:
            ada = enrol(session)
            first, one = card_of(session, 200)
            second, two = card_of(session, 300)
            top_up(
                session,
                customer_id=ada.profile.id,
                sale=sale(session, 1000),
                now=NOW,
            )
            request = replace(
                basket(ada.card.number, COFFEE=2),
                gift_cards=(two, one),
                stored_value_to_spend=euros(400),
            )
            receipt = record_purchase(
                session, request=request, payment=payment(), now=NOW
            )

            tenders = json.loads(receipt.reply)["tenders"]
            assert [(one["tender"], one["amount"]) for one in tenders] == [
                ("gift_card", "2.00"),
                ("gift_card", "3.00"),
                ("stored_value", "4.00"),
                ("payment", "0.98"),
            ]
            stored = queries.stored_value(
                session, customer_id=ada.profile.id, currency="EUR"
            )
            assert stored is not None
            assert stored.balance == euros(600)
            assert {first, second}

    def test_is_used_no_further_than_the_price(self, database: Database) -> None:
        with database.transaction() as session:
            account, code = card_of(session, 2000)
            request = replace(basket(COFFEE=1), gift_cards=(code,))
            record_purchase(session, request=request, payment=payment(), now=NOW)

            found = queries.get_account(session, account_id=account)
            assert found.balance == euros(1501)

    def test_that_is_blocked_or_named_twice_pays_nothing(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            account, code = card_of(session, 700)
        twice = replace(basket(COFFEE=1), gift_cards=(code, code.lower()))
        with pytest.raises(Invalid), database.transaction() as session:
            record_purchase(session, request=twice, payment=payment(), now=NOW)
        with database.transaction() as session:
            block(session, account_id=account, reason="Lost", actor="staff:1", now=NOW)
        once = replace(basket(COFFEE=1), gift_cards=(code,))
        with pytest.raises(GiftCardNotUsable), database.transaction() as session:
            record_purchase(session, request=once, payment=payment(), now=NOW)

        with database.transaction() as session:
            found = queries.get_account(session, account_id=account)
            assert found.balance == euros(700)

    def test_stored_value_pays_no_more_than_there_is(self, database: Database) -> None:
        with database.transaction() as session:
            ada = enrol(session)
        request = replace(
            basket(ada.card.number, COFFEE=1), stored_value_to_spend=euros(1)
        )
        with pytest.raises(BalanceShort), database.transaction() as session:
            record_purchase(session, request=request, payment=payment(), now=NOW)


class TestAHouseholdAtTheTill:
    def test_earns_into_one_balance_and_returns_take_from_it(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            ada, bob = enrol(session), enrol(session, "bob@example.org")
            made = invite(
                session,
                keeper=ada.profile.id,
                invited=bob.profile.id,
                actor="customer:1",
                now=NOW,
            )
            answer(
                session,
                customer_id=bob.profile.id,
                invitation_id=made.id,
                accept=True,
                now=NOW,
            )
            receipt = record_purchase(
                session,
                request=basket(bob.card.number, COFFEE=2),
                payment=payment(),
                now=NOW,
            )
            (bought,) = list_purchases(session, customer_id=bob.profile.id)
            told = json.loads(receipt.reply)["points"]["balance_after"]
            shared = balance(session, customer_id=ada.profile.id)
            return_goods(
                session,
                request=back(bought.id, (("1", Decimal(1)),), "r1"),
                now=NOW,
            )
            after = balance(session, customer_id=ada.profile.id)
            left = leave(
                session, customer_id=bob.profile.id, actor="customer:1", now=NOW
            )

            assert (told, shared, after, left) == (9, 9, 4, 4)
            assert balance(session, customer_id=bob.profile.id) == 4
            assert verify(session).wrong == ()
