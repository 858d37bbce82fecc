"""Coupon codes, down to the rows that they leave."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from loyalty.core.database import Base, Database
from loyalty.core.errors import Invalid
from loyalty.customers.values import CustomerID
from loyalty.promotions.models import CodeBatchRow, CodeRow, CodeUseRow
from loyalty.promotions.queries.codes import (
    BatchNotFound,
    CodesAsked,
    find_codes,
    list_batches,
)
from loyalty.promotions.service import move
from loyalty.promotions.service.codes import (
    CodeClaim,
    CodeExists,
    CodeHold,
    CodesMadeBefore,
    CodeTaken,
    NoCodesHere,
    WrongBatchState,
    add_codes,
    add_word,
    begin_batch,
    break_batch,
    claim_codes,
    hold_codes,
    order_codes,
    release_codes,
    return_codes,
    void_batch,
)
from loyalty.promotions.values import MissedReason
from loyalty.promotions.values.codes import (
    BatchID,
    BatchState,
    CodeOrder,
    CodeRequest,
    CodeTerms,
)
from loyalty.promotions.values.states import PromotionID, PromotionState
from loyalty.purchases.models import PurchaseRow
from loyalty.purchases.values import PurchaseID
from loyalty.usecases.checkout import record_purchase
from tests.factories import NOW, activate, basket, enrol, payment, promotion

ORDER = CodeOrder(pattern="SPRING-####-####-####-##", count=3, terms=CodeTerms())
BY = CodeRequest(actor="staff:1")
CLIENTS = 24


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """Give a transaction in a shop with a promotion that asks for a code."""
    with database.transaction() as opened:
        activate(opened, promotion("spring", trigger="code"))
        yield opened


def make(
    session: Session, order: CodeOrder = ORDER, request: CodeRequest = BY
) -> tuple[BatchID, list[str]]:
    batch_id = order_codes(
        session, promotion="spring", order=order, request=request, now=NOW
    )
    count = begin_batch(session, batch_id=batch_id, now=NOW)
    return batch_id, add_codes(session, batch_id=batch_id, count=count, now=NOW)


def share(session: Session, word: str = "Spring", **terms: object) -> BatchID:
    given = replace(CodeTerms(uses=None), **terms)  # type: ignore[arg-type]  # as named
    return add_word(
        session, promotion="spring", word=word, terms=given, actor="staff:1", now=NOW
    )


def buy(session: Session, number: int = 1) -> PurchaseID:
    """Record a purchase that uses may belong to."""
    record_purchase(
        session,
        request=basket(TEA=1),
        payment=payment(str(number), f"key-{number}"),
        now=NOW,
    )
    return session.scalars(
        select(PurchaseRow.id).order_by(PurchaseRow.id.desc())
    ).first() or PurchaseID(0)


def reason(
    session: Session, code: str, customer: CustomerID | None = None, **asked: object
) -> str | None:
    """Return why a code does not count, or None when it does."""
    question = CodesAsked(texts=[code], customer_id=customer, at=NOW)
    found = find_codes(session, asked=replace(question, **asked))  # type: ignore[arg-type]  # as named
    if code not in found:
        return "code_unknown"
    problem = found[code].problem
    return None if problem is None else problem.value


def counted(session: Session, table: type[Base]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


class TestOrderingCodes:
    def test_makes_them_once_and_keeps_none(self, session: Session) -> None:
        batch_id, codes = make(session)

        assert len(set(codes)) == 3
        stored = [row.digest for row in session.scalars(select(CodeRow))]
        assert [len(digest) for digest in stored] == [16] * 3
        everything = repr(stored) + repr(list_batches(session, promotion="spring"))
        assert not any(code in everything for code in codes)
        with pytest.raises(WrongBatchState):
            begin_batch(session, batch_id=batch_id, now=NOW)
        assert counted(session, CodeRow) == 3

    def test_lets_them_count_when_all_are_made(self, session: Session) -> None:
        batch_id = order_codes(
            session, promotion="spring", order=ORDER, request=BY, now=NOW
        )
        begin_batch(session, batch_id=batch_id, now=NOW)
        (first, second) = add_codes(session, batch_id=batch_id, count=2, now=NOW)

        early = reason(session, first)
        add_codes(session, batch_id=batch_id, count=1, now=NOW)

        assert early == "code_unknown"
        assert [reason(session, code) for code in (first, second)] == [None, None]

    def test_names_every_field_at_fault_and_keeps_nothing(
        self, session: Session
    ) -> None:
        terms = CodeTerms(
            label="x" * 101, valid_from=NOW, valid_until=NOW, uses=0, per_customer=0
        )
        order = CodeOrder(pattern="SPRING-####", count=1_000_001, terms=terms)

        with pytest.raises(Invalid) as refusal:
            make(session, order)

        assert [one.pointer for one in refusal.value.problems] == [
            "/label",
            "/valid_until",
            "/uses",
            "/per_customer",
            "/count",
            "/pattern",
        ]
        assert counted(session, CodeBatchRow) == 0

    def test_needs_a_promotion_that_asks_for_codes(self, session: Session) -> None:
        activate(session, promotion("by-itself"))
        move(
            session,
            code="spring",
            to=PromotionState.ENDED,
            actor="staff:1",
            now=NOW,
        )

        for code in ("by-itself", "spring"):
            with pytest.raises(NoCodesHere):
                order_codes(session, promotion=code, order=ORDER, request=BY, now=NOW)

        assert counted(session, CodeBatchRow) == 0

    def test_of_a_file_that_broke_makes_new_ones_for_the_same_key(
        self, session: Session
    ) -> None:
        request = CodeRequest(actor="key:1", key="a", hash=b"1")
        broken, lost = make(session, request=request)
        break_batch(session, batch_id=broken, now=NOW)

        _batch, codes = make(session, request=request)

        assert [reason(session, code) for code in lost] == ["code_unknown"] * 3
        assert [reason(session, code) for code in codes] == [None] * 3
        assert counted(session, CodeRow) == 3

    def test_is_refused_while_and_after_the_same_request_is_answered(
        self, session: Session
    ) -> None:
        request = CodeRequest(actor="key:1", key="a", hash=b"1")
        batch_id = order_codes(
            session, promotion="spring", order=ORDER, request=request, now=NOW
        )
        begin_batch(session, batch_id=batch_id, now=NOW)

        with pytest.raises(CodesMadeBefore, match="are being made"):
            make(session, request=request)
        add_codes(session, batch_id=batch_id, count=3, now=NOW)
        with pytest.raises(CodesMadeBefore, match=f"in batch {batch_id}"):
            make(session, request=request)
        with pytest.raises(Invalid, match="another order"):
            make(session, request=replace(request, hash=b"2"))

        assert counted(session, CodeRow) == 3


class TestFindingACode:
    @pytest.mark.parametrize("typed", ["{}", " {} ", "{l}", "{s}", "{n}", "spring {r}"])
    def test_heeds_neither_case_nor_hyphens(self, session: Session, typed: str) -> None:
        _batch, (code, *_rest) = make(session)
        text = typed.format(
            code,
            l=code.lower(),
            s=code.replace("-", " "),
            n=code.replace("-", ""),
            r=code.removeprefix("SPRING-"),
        )

        assert reason(session, text) is None

    def test_tells_who_used_it_and_nobody_else(self, session: Session) -> None:
        _batch, (code, *_rest) = make(session)
        ada = enrol(session).profile.id
        bob = enrol(session, "bob@example.org").profile.id
        claim = CodeClaim(codes=[code], purchase_id=buy(session), customer_id=ada)

        claim_codes(session, claim=claim, now=NOW)

        assert [reason(session, code, who) for who in (ada, bob, None)] == [
            "code_used",
            "code_unknown",
            "code_unknown",
        ]

    def test_asks_the_same_of_the_database_for_any_code(self, session: Session) -> None:
        _batch, (used, fresh, _rest) = make(session)
        claim = CodeClaim(codes=[used], purchase_id=buy(session), customer_id=None)
        claim_codes(session, claim=claim, now=NOW)
        asked: list[str] = []
        event.listen(
            session.get_bind(),
            "before_cursor_execute",
            lambda *call: asked.append(str(call[2])),
        )

        statements = []
        for code in (used, fresh, "SPRING-2222-2222-2222-22", "NONE"):
            reason(session, code)
            statements.append(asked.copy())
            asked.clear()

        assert len(statements[0]) == 3
        assert statements[1:] == [statements[0]] * 3

    def test_knows_validity_states_and_cards(self, session: Session) -> None:
        day = timedelta(days=1)
        share(session, "LATER", valid_from=NOW + day)
        share(session, "OVER", valid_until=NOW)
        share(session, "MEMBERS", per_customer=1)
        voided = share(session, "GONE")
        void_batch(
            session, promotion="spring", batch_id=voided, actor="staff:1", now=NOW
        )
        share(session, "NOW", valid_from=NOW, valid_until=NOW + day)

        assert {
            word: reason(session, word)
            for word in ("LATER", "OVER", "MEMBERS", "GONE", "NOW")
        } == {
            "LATER": "not_started",
            "OVER": "code_expired",
            "MEMBERS": "for_members",
            "GONE": "code_expired",
            "NOW": None,
        }
        move(session, code="spring", to=PromotionState.PAUSED, actor="staff:1", now=NOW)
        assert reason(session, "NOW") == MissedReason.NOT_STARTED.value


class TestSharing:
    def test_shows_the_word_as_it_was_written(self, session: Session) -> None:
        share(session, " Spring-20 ", uses=5, label="Radio")

        (batch,) = list_batches(session, promotion="spring")

        assert (batch.pattern, batch.terms.uses, batch.terms.label, batch.used) == (
            "Spring-20",
            5,
            "Radio",
            0,
        )
        assert reason(session, "SPRING 20") is None

    def test_is_refused_while_the_word_is_in_force(self, session: Session) -> None:
        first = share(session)
        with pytest.raises(CodeExists), session.begin_nested():
            share(session, "SPRING")
        assert counted(session, CodeBatchRow) == 1

        void_batch(
            session, promotion="spring", batch_id=first, actor="staff:1", now=NOW
        )
        share(session, "SPRING")

        assert reason(session, "spring") is None
        with pytest.raises(WrongBatchState):
            void_batch(
                session, promotion="spring", batch_id=first, actor="staff:1", now=NOW
            )
        with pytest.raises(BatchNotFound):
            void_batch(
                session, promotion="none", batch_id=first, actor="staff:1", now=NOW
            )

    @pytest.mark.parametrize("word", ["", "ab", "---", "x" * 41])
    def test_needs_a_word(self, session: Session, word: str) -> None:
        with pytest.raises(Invalid, match="3 to 40 letters"):
            share(session, word)

        assert counted(session, CodeBatchRow) == 0


class TestUsingACode:
    def test_works_as_often_as_it_may(self, session: Session) -> None:
        share(session, uses=2)
        purchases = [buy(session, number) for number in (1, 2, 3)]

        for purchase_id in purchases[:2]:
            claim = CodeClaim(
                codes=["SPRING"], purchase_id=purchase_id, customer_id=None
            )
            claim_codes(session, claim=claim, now=NOW)
        with pytest.raises(CodeTaken):
            claim_codes(
                session, claim=replace(claim, purchase_id=purchases[2]), now=NOW
            )

        assert counted(session, CodeUseRow) == 2
        assert [one.used for one in list_batches(session, promotion="spring")] == [2]

    def test_works_once_a_customer_where_it_says_so(self, session: Session) -> None:
        share(session, per_customer=1)
        ada = enrol(session).profile.id
        bob = enrol(session, "bob@example.org").profile.id
        first = CodeClaim(codes=["SPRING"], purchase_id=buy(session), customer_id=ada)
        claim_codes(session, claim=first, now=NOW)

        second = replace(first, purchase_id=buy(session, 2))
        with pytest.raises(CodeTaken):
            claim_codes(session, claim=second, now=NOW)
        claim_codes(session, claim=replace(second, customer_id=bob), now=NOW)

        assert reason(session, "SPRING", ada) == "code_used"
        assert counted(session, CodeUseRow) == 2

    def test_is_given_back_once(self, session: Session) -> None:
        _batch, (code, *_rest) = make(session)
        ada = enrol(session).profile.id
        purchase_id = buy(session)
        claim = CodeClaim(codes=[code], purchase_id=purchase_id, customer_id=ada)
        claim_codes(session, claim=claim, now=NOW)
        id_ = session.scalars(select(CodeBatchRow.promotion_id)).first()

        for promotion_id in (PromotionID(0), id_, id_):
            assert promotion_id is not None
            return_codes(
                session, purchase_id=purchase_id, promotion_id=promotion_id, now=NOW
            )

        assert reason(session, code, ada) is None
        assert [row.used for row in session.scalars(select(CodeRow))] == [0, 0, 0]


class TestHoldingACode:
    def test_keeps_it_for_the_reserved_quote(self, session: Session) -> None:
        _batch, (code, *_rest) = make(session)
        hold = CodeHold(
            codes=[code],
            reservation="q1",
            until=NOW + timedelta(minutes=15),
            customer_id=None,
        )

        hold_codes(session, hold=hold, now=NOW)

        with pytest.raises(CodeTaken):
            hold_codes(session, hold=replace(hold, reservation="q2"), now=NOW)
        assert reason(session, code) == "code_unknown"
        assert reason(session, code, reservation="q1") is None
        claim = CodeClaim(
            codes=[code],
            purchase_id=buy(session),
            customer_id=None,
            reservation="q1",
        )
        claim_codes(session, claim=claim, now=NOW)
        assert [row.held_by for row in session.scalars(select(CodeUseRow))] == [None]

    @pytest.mark.parametrize("how", ["released", "lapsed"])
    def test_lets_go_of_it(self, session: Session, how: str) -> None:
        _batch, (code, *_rest) = make(session)
        until = NOW + timedelta(minutes=15)
        hold = CodeHold(codes=[code], reservation="q1", until=until, customer_id=None)
        hold_codes(session, hold=hold, now=NOW)

        if how == "released":
            release_codes(session, reservation="q1")
        now = NOW if how == "released" else until

        assert reason(session, code, at=now) is None
        claim = CodeClaim(codes=[code], purchase_id=buy(session), customer_id=None)
        claim_codes(session, claim=claim, now=now)
        assert counted(session, CodeUseRow) == 1


class TestOfManyAtOnce:
    def test_one_uses_the_single_use_code(self, shared_database: Database) -> None:
        with shared_database.transaction() as session:
            activate(session, promotion("spring", trigger="code"))
            _batch, (code, *_rest) = make(session)
            purchases = [buy(session, number) for number in range(CLIENTS)]

        def use(purchase_id: PurchaseID) -> bool:
            claim = CodeClaim(codes=[code], purchase_id=purchase_id, customer_id=None)
            return succeeds(
                shared_database,
                lambda session: claim_codes(session, claim=claim, now=NOW),
            )

        with ThreadPoolExecutor(CLIENTS) as pool:
            outcomes = list(pool.map(use, purchases))

        assert sum(outcomes) == 1
        with shared_database.transaction() as session:
            assert counted(session, CodeUseRow) == 1

    def test_as_many_use_the_shared_code_as_may(
        self, shared_database: Database
    ) -> None:
        with shared_database.transaction() as session:
            activate(session, promotion("spring", trigger="code"))
            share(session, "ONE", uses=7)
            share(session, "TWO", uses=CLIENTS)
            purchases = [buy(session, number) for number in range(CLIENTS)]

        def use(purchase_id: PurchaseID) -> bool:
            # Both ways round, so that a circle of waiting would show.
            words = ["ONE", "TWO"] if purchase_id % 2 else ["TWO", "ONE"]
            claim = CodeClaim(codes=words, purchase_id=purchase_id, customer_id=None)
            return succeeds(
                shared_database,
                lambda session: claim_codes(session, claim=claim, now=NOW),
            )

        with ThreadPoolExecutor(CLIENTS) as pool:
            outcomes = list(pool.map(use, purchases))

        assert sum(outcomes) == 7
        with shared_database.transaction() as session:
            assert counted(session, CodeUseRow) == 14


def succeeds(database: Database, work: Callable[[Session], None]) -> bool:
    try:
        with database.transaction() as session:
            work(session)
    except CodeTaken:
        return False
    return True


class TestBatch:
    def test_is_listed_with_what_was_made_and_used(self, session: Session) -> None:
        batch_id, (code, *_rest) = make(session)
        claim = CodeClaim(codes=[code], purchase_id=buy(session), customer_id=None)
        claim_codes(session, claim=claim, now=NOW)

        (batch,) = list_batches(session, promotion="spring")

        assert (batch.id, batch.state, batch.count, batch.made, batch.used) == (
            batch_id,
            BatchState.READY,
            3,
            3,
            1,
        )
        assert list_batches(session, promotion="none") == ()
