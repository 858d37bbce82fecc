"""What purchases earn under the programme's rule, from the quote to the books."""

import json

from loyalty.core.database import Database
from loyalty.points import service
from loyalty.points.queries import list_transfers
from loyalty.points.values import Kind
from loyalty.usecases.checkout import record_purchase
from loyalty.usecases.verify_ledger import verify_ledger
from tests.factories import NOW, activate, basket, enrol, payment, promotion
from tests.integration.points.ledger import days, points_of, with_rule


class TestAPurchase:
    def test_earns_points_that_can_be_spent_after_the_delay(
        self, database: Database
    ) -> None:
        with_rule(database, delay_days=14)
        with database.transaction() as session:
            ada = enrol(session)

        with database.transaction() as session:
            receipt = record_purchase(
                session,
                request=basket(ada.card.number, COFFEE=4),
                payment=payment(),
                now=NOW,
            )

        points = json.loads(receipt.reply)["points"]
        assert (points["earned"], points["balance_after"]) == (19, 0)
        assert points_of(database, ada.profile.id) == (0, 19, 0)
        with database.transaction() as session:
            service.mature(session, now=NOW + days(14))
            kinds = [
                one.kind for one in list_transfers(session, customer_id=ada.profile.id)
            ]
        assert kinds == [Kind.MATURE, Kind.EARN]

    def test_agrees_with_the_version_that_priced_it_and_with_promotions(
        self, database: Database
    ) -> None:
        double = {"points_times": {"factor": "2", "on": {"all": True}}}
        with database.transaction() as session:
            card = enrol(session).card.number
            activate(session, promotion("double", reward=double))

        for number, points in enumerate((1, 3), start=1):
            with_rule(database, points=points)
            with database.transaction() as session:
                record_purchase(
                    session,
                    request=basket(card, COFFEE=3, TEA=number),
                    payment=payment(receipt=str(number), key=str(number)),
                    now=NOW,
                )

        with database.transaction() as session:
            audit = verify_ledger(session)
        assert (audit.transfers, audit.wrong) == (2, ())
