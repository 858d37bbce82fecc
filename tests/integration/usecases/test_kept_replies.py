"""Answers of purchases kept without the codes that they were paid with."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from loyalty.core.database import Database
from loyalty.purchases.models import PurchaseRow
from loyalty.usecases.checkout import record_purchase
from loyalty.usecases.checkout.replies import with_codes, without_codes
from tests.factories import NOW, payment
from tests.integration.usecases.test_codes_at_checkout import code, teas

__all__ = ["code"]

REPLY = '{"net": "1.00", "code": "SPRING", "a": "a", "it": "0#00"}'


class TestKeptReply:
    def test_names_no_code_and_is_replayed_word_for_word(
        self, database: Database, code: str
    ) -> None:
        with database.transaction() as session:
            first = record_purchase(
                session, request=teas(code), payment=payment(), now=NOW
            )
            row = session.scalars(select(PurchaseRow)).one()
            assert code in first.reply
            assert code not in (row.reply or "")
            again = record_purchase(
                session, request=teas(code), payment=payment(), now=NOW
            )

        assert again == replace(first, replayed=True)

    @settings(
        deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(
        codes=st.lists(
            st.sampled_from(["SPRING", "spring", "SPR-ING", "net", "a", "0#00", "it"])
            | st.text(max_size=5)
        )
    )
    def test_is_put_together_again(self, database: Database, codes: list[str]) -> None:
        with database.transaction() as session:
            kept = without_codes(session, reply=REPLY, codes=codes)
            assert with_codes(session, reply=kept, codes=codes) == REPLY
