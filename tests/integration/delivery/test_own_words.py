"""A marketer's template from its plan to the hand-over, and in the inbox."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from loyalty.core.database import Database, open_engine
from loyalty.core.jobs import NoQueue
from loyalty.core.vault import Vault, vault_of
from loyalty.customers.values import Channel
from loyalty.delivery import service as delivery
from loyalty.delivery.queries.recipients import people
from loyalty.delivery.render import compose
from loyalty.templates import service
from loyalty.templates.values import Part, TemplatePurpose
from tests.factories import make_shop
from tests.integration.delivery.shop import (
    NOON,
    POLICY,
    SECRET,
    add_members,
    marketing,
)

WORDS = {
    Part.SUBJECT: "{{ first_name }}, {{ sentence }}",
    Part.BODY: "{{ points }} points on {{ card|default('no card') }}",
    Part.BRIEF: "{{ sentence }}",
}


@pytest.fixture
def opened(fresh_postgres_url: str) -> Iterator[Database]:
    engine = open_engine(fresh_postgres_url)
    yield Database(engine, NoQueue(), Vault(SECRET))
    engine.dispose()


class TestATemplate:
    def test_is_handed_over_in_its_own_words(self, opened: Database) -> None:
        with opened.transaction() as session:
            make_shop(session)
            [ada] = add_members(session, 1)
            service.create_template(
                session,
                code="spring",
                name="Spring",
                purpose=TemplatePurpose.OFFER,
                texts={"en": WORDS},
                actor="staff:1",
                now=NOON,
            )
            message = marketing(ada, template="own:spring@1")
            with pytest.raises(ValueError, match="no template"):
                delivery.plan_message(session, message=message, policy=POLICY, now=NOON)
            service.publish(session, code="spring", number=1, actor="s", now=NOON)
            delivery.plan_message(session, message=message, policy=POLICY, now=NOON)
            later = NOON + timedelta(hours=3)
            claims = delivery.claim_due(
                session,
                channel=Channel.EMAIL,
                at_most=10,
                worker="w",
                now=later,
                machine_now=later,
            )
            [claim] = delivery.prepare(session, claims=claims, policy=POLICY, now=later)
            mail = compose(
                claim,
                people(session, customer_ids=[ada])[ada],
                vault=vault_of(session),
                public_url="https://shop.example",
                now=later,
            )
        assert mail.subject.startswith("Ada, ")
        assert mail.text.startswith("0 points on no card")
        assert "Terms: " in mail.text
