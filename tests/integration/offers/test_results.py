"""What the groups of a campaign did, as the database adds it up."""

from collections import defaultdict
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from loyalty.core.database import Database
from loyalty.core.texts import use_language
from loyalty.customers.service.consents import state_consent
from loyalty.customers.values import Channel, Consent, CustomerID, Purpose
from loyalty.offers.models import OfferRow
from loyalty.offers.queries import get_campaign, list_runs
from loyalty.offers.queries.results import cells, uses
from loyalty.offers.render import result_sentence
from loyalty.offers.rules import Difference, Moments, judge, moments_of
from loyalty.offers.values import Member, OfferState
from loyalty.offers.values.results import Measure, Used
from loyalty.purchases.models import PurchaseRow
from tests.factories import NOW
from tests.integration.offers.campaigned import BEGAN, CODE, MORE, run_weekly


def added(
    paid: dict[CustomerID, tuple[float, float]],
    members: dict[CustomerID, Member],
    held_out: bool,  # noqa: FBT001  # one of two groups
    variant: str,
) -> Moments:
    return moments_of(
        paid[who]
        for who, one in members.items()
        if one.holdout is held_out and one.variant == variant
    )


class TestTheGroups:
    def test_are_added_up_as_one_by_one(self, database: Database) -> None:
        with database.transaction() as session:
            members = run_weekly(session, people=60)
            campaign = get_campaign(session, code=CODE)
            rows = session.execute(
                select(PurchaseRow.customer_id, PurchaseRow.at, PurchaseRow.net)
            ).all()
            total = cells(session, campaign_id=campaign.id, until=NOW)
            (first, second) = list_runs(session, campaign_id=campaign.id)
            by_run = cells(session, campaign_id=campaign.id, until=NOW, by_run=True)

        for found, begins, ends in (
            (total, BEGAN, NOW),
            ([c for c in by_run if c.run_id == first.id], BEGAN, second.starts_at),
            ([c for c in by_run if c.run_id == second.id], second.starts_at, NOW),
        ):
            paid: defaultdict[CustomerID, tuple[float, float]] = defaultdict(
                lambda: (0.0, 0.0)
            )
            for who, at, net in rows:
                assert who is not None
                before, during = paid[who]
                if begins <= at < ends:
                    during += net
                elif at < begins:
                    before += net
                paid[who] = (before, during)
            assert len(found) == 4
            for cell in found:
                assert cell.variant is not None
                wanted = added(paid, members, cell.holdout, cell.variant)
                assert cell.moments[Measure.SPENT] == wanted
                buyers = cell.moments[Measure.BOUGHT]
                assert buyers.y == sum(
                    paid[who][1] > 0
                    for who, one in members.items()
                    if (one.holdout, one.variant) == (cell.holdout, cell.variant)
                )

    def test_show_the_planted_effect(self, database: Database) -> None:
        with database.transaction() as session:
            run_weekly(session)
            campaign = get_campaign(session, code=CODE)
            groups = {True: Moments(), False: Moments()}
            for cell in cells(session, campaign_id=campaign.id, until=NOW):
                groups[cell.holdout] += cell.moments[Measure.SPENT]

        found = judge(groups[False], groups[True])
        assert found is not None
        # Two weeks, in each of which seven in ten shop.
        assert found.low < 2 * 0.7 * MORE < found.high
        assert found.is_clear

    def test_count_who_left_and_what_was_used(self, database: Database) -> None:
        with database.transaction() as session:
            members = run_weekly(session, people=40)
            campaign = get_campaign(session, code=CODE)
            leaver = next(who for who, one in members.items() if not one.holdout)
            withdrawn = Consent(
                purpose=Purpose.MARKETING,
                channel=Channel.EMAIL,
                given=False,
                wording="",
                wording_version="1",
                source="link",
                actor="customer",
                at=NOW - timedelta(days=1),
            )
            state_consent(session, customer_id=leaver, consent=withdrawn)
            session.execute(
                update(OfferRow)
                .where(OfferRow.customer_id == leaver)
                .values(state=OfferState.REDEEMED)
            )
            found = cells(session, campaign_id=campaign.id, until=NOW)
            used = uses(session, campaign_id=campaign.id)

        left = {c.holdout: 0.0 for c in found}
        for cell in found:
            left[cell.holdout] += cell.moments[Measure.LEFT].y
        assert left == {False: 1.0, True: 0.0}
        treated = sum(not one.holdout for one in members.values())
        assert sum(one.offers for one in used.values()) == 2 * treated
        assert sum(one.redeemed for one in used.values()) == 2
        variant = members[leaver].variant
        assert [
            one.redeemers for (_, code), one in used.items() if code == variant
        ] == [1, 1]
        assert all(isinstance(one, Used) for one in used.values())


class TestTheWords:
    @pytest.mark.parametrize(
        ("low", "high", "expected"),
        [
            (40, 110, "Between €0.40 and €1.10 more per customer."),
            (-110, -40, "Between €0.40 and €1.10 less per customer."),
            (
                -20,
                90,
                "Too early to say: between €0.20 less and €0.90 more per customer.",
            ),
        ],
    )
    def test_say_it_in_money(self, low: float, high: float, expected: str) -> None:
        found = Difference(
            treated=1, holdout=0, difference=(low + high) / 2, low=low, high=high
        )
        with use_language("en"):
            assert result_sentence(found, "EUR") == expected

    def test_are_none_for_a_few(self) -> None:
        few = moments_of([(1.0, 2.0)] * 49)
        many = moments_of([(1.0, float(n)) for n in range(500)])
        assert judge(few, many) is None
        assert judge(many, moments_of([(0.0, 0.0)] * 50)) is not None
