"""Campaigns that run by themselves, and are stopped."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from jobs.tasks.campaigns import keep_running, meet
from jobs.tasks.planning import Shop, plan_offers
from jobs.tasks.running import quiet
from jobs.tasks.training import train_model
from loyalty.core.database import Database
from loyalty.customers.models import CustomerRow
from loyalty.customers.queries import member_vault
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.models import MessageRow
from loyalty.delivery.queries.pauses import list_pauses
from loyalty.delivery.values import MessageState, Reason
from loyalty.offers.queries import (
    campaign_offers,
    get_campaign,
    list_runs,
    valid_offers,
)
from loyalty.offers.service import CampaignStateRefused, create_campaign
from loyalty.offers.values import (
    CampaignState,
    EventKind,
    NewCampaign,
    Offer,
    OfferState,
    Once,
    OnEvent,
    Trigger,
    Variant,
    Weekly,
)
from loyalty.recommendations.queries import latest_run
from loyalty.recommendations.values import RunKind, RunState
from loyalty.usecases.control_campaign import (
    launch_campaign,
    pause_campaign,
    resume_campaign,
    stop_campaign,
)
from tests.factories import NOW, WARSAW
from tests.integration.jobs.learners import learn_little, make_learners, make_offers

DAY = timedelta(days=1)
ACTOR = "staff:1"
CODE = "winter"


@pytest.fixture
def shop(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    learn_little(monkeypatch)
    make_learners(database)
    train_model(database, tmp_path, now=NOW, progress=quiet)
    make_offers(database)
    providers = (Channel.EMAIL, Channel.INBOX)
    return Shop(database=database, data_dir=tmp_path, providers=providers)


def launched(shop: Shop, trigger: Trigger, **settings: object) -> str:
    campaign = NewCampaign(
        code=CODE,
        name="Winter",
        starts_at=NOW,
        ends_at=NOW + 28 * DAY,
        promotions=("coffee", "pizza", "tea"),
        offers_per_customer=1,
        holdout_percent=0,
        valid_days=10,
        trigger=trigger,
    )
    with shop.database.transaction() as session:
        create_campaign(
            session,
            campaign=replace(campaign, **settings),  # type: ignore[arg-type]  # a test's settings
            actor=ACTOR,
            now=NOW,
        )
        launch_campaign(session, code=CODE, actor=ACTOR, now=NOW)
    return CODE


def state(shop: Shop) -> CampaignState:
    with shop.database.transaction() as session:
        return get_campaign(session, code=CODE).state


def occasions(shop: Shop) -> list[tuple[str, bool]]:
    with shop.database.transaction() as session:
        campaign = get_campaign(session, code=CODE)
        runs = list_runs(session, campaign_id=campaign.id)
        return [(run.occasion, run.planned_at is not None) for run in runs]


def made(shop: Shop) -> tuple[Offer, ...]:
    with shop.database.transaction() as session:
        campaign = get_campaign(session, code=CODE)
        return campaign_offers(session, campaign_id=campaign.id)


def messages(shop: Shop) -> list[MessageRow]:
    with shop.database.transaction() as session:
        rows = session.scalars(
            select(MessageRow)
            .where(MessageRow.campaign_id.is_not(None))
            .order_by(MessageRow.id)
        ).all()
        session.expunge_all()
        return list(rows)


def somebody(shop: Shop) -> CustomerID:
    with shop.database.transaction() as session:
        return session.scalars(select(CustomerRow.id).order_by(CustomerRow.id)).all()[0]


def bear(shop: Shop, customer_id: CustomerID, day: date) -> None:
    """Let a customer have their birthday on a day."""
    with shop.database.transaction() as session:
        row = session.get_one(CustomerRow, customer_id)
        vault = member_vault(session, row)
        assert vault is not None
        row.birthday = vault.seal("customer.birthday", day.isoformat())


def met(shop: Shop, now: datetime) -> int:
    """Let the schedule's job and the one that it rings do their work."""
    keep_running(shop.database, now=now)
    return meet(shop, campaign=CODE, now=now).offers


class TestACampaignOnce:
    def test_begins_at_its_time_and_ends_after_it(self, shop: Shop) -> None:
        launched(shop, Once(), starts_at=NOW + DAY)
        keep_running(shop.database, now=NOW)
        assert (state(shop), occasions(shop)) == (CampaignState.SCHEDULED, [])

        keep_running(shop.database, now=NOW + DAY)
        assert (state(shop), occasions(shop)) == (
            CampaignState.RUNNING,
            [("first", False)],
        )
        with shop.database.transaction() as session:
            run = latest_run(session, kind=RunKind.ALLOCATE, subject=CODE)
        assert run is not None
        assert run.state is RunState.QUEUED

        plan_offers(shop, campaign=CODE, now=NOW + DAY)
        assert occasions(shop) == [("first", True)]
        assert len(made(shop)) == 12

        keep_running(shop.database, now=NOW + 28 * DAY)
        assert state(shop) is CampaignState.FINISHED


class TestARecurringCampaign:
    def test_runs_on_each_of_its_days_and_tells_nobody_twice(self, shop: Shop) -> None:
        launched(shop, Weekly(days=(0,), minute=9 * 60))
        monday = datetime(2026, 11, 23, 9, tzinfo=WARSAW)
        keep_running(shop.database, now=monday - DAY)
        assert occasions(shop) == []

        for _ in range(3):
            keep_running(shop.database, now=monday)
        assert occasions(shop) == [("2026-11-23", False)]
        plan_offers(shop, campaign=CODE, now=monday)
        keep_running(shop.database, now=monday + DAY)
        assert occasions(shop) == [("2026-11-23", True)]
        first = made(shop)
        assert {offer.valid_until for offer in first} == {monday + 10 * DAY}

        # Nobody was there on two Mondays: only the later one is made up for.
        keep_running(shop.database, now=monday + 15 * DAY)
        assert occasions(shop)[1:] == [("2026-12-07", False)]
        plan_offers(shop, campaign=CODE, now=monday + 15 * DAY)

        told = [(one.customer_id, one.occasion) for one in messages(shop)]
        assert len(told) == len(set(told))
        assert {occasion for _, occasion in told} <= {"2026-11-23", "2026-12-07"}


class TestACampaignOnAnEvent:
    def test_meets_a_birthday_once(self, shop: Shop) -> None:
        who = somebody(shop)
        bear(shop, who, date(1990, 11, 25))
        launched(shop, OnEvent(event=EventKind.BIRTHDAY, days=3))

        assert met(shop, NOW) == 0
        assert met(shop, NOW + 2 * DAY) == 1
        assert met(shop, NOW + 3 * DAY) == 0
        assert [offer.customer_id for offer in made(shop)] == [who]
        assert [one.occasion for one in messages(shop)] == ["birthday:2026-11-25"]

    def test_meets_who_has_not_bought_for_so_long(self, shop: Shop) -> None:
        """Everybody bought last on the day before: seven days ago on the 26th."""
        launched(shop, OnEvent(event=EventKind.LAPSED, days=7))

        assert met(shop, NOW) == 0
        assert met(shop, NOW + 6 * DAY) == 12
        assert met(shop, NOW + 7 * DAY) == 0
        assert {one.occasion for one in messages(shop)} == {"lapsed:2026-11-19"}

    def test_serves_those_whom_a_lost_job_has_left(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        launched(shop, OnEvent(event=EventKind.LAPSED, days=7))

        def lost(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr("jobs.tasks.campaigns.make", lost)
            with pytest.raises(KeyboardInterrupt):
                met(shop, NOW + 6 * DAY)
        assert made(shop) == ()

        assert met(shop, NOW + 7 * DAY) == 12
        assert len(messages(shop)) == 12


class TestVariants:
    def test_are_told_in_their_own_way(self, shop: Shop) -> None:
        launched(
            shop,
            Once(),
            variants=(
                Variant(code="a", share=50),
                Variant(code="b", share=50, hour=18),
            ),
        )
        keep_running(shop.database, now=NOW)
        plan_offers(shop, campaign=CODE, now=NOW)

        due = [m.due_at.astimezone(WARSAW) for m in messages(shop) if not m.reason]
        assert {moment.hour >= 18 for moment in due} == {True, False}
        assert {
            message.due_at.astimezone(WARSAW).hour >= 18
            for message in messages(shop)
            if message.variant == "b" and not message.reason
        } == {True}


class TestTheKillSwitch:
    def test_cancels_what_was_planned_and_brings_it_back(self, shop: Shop) -> None:
        launched(shop, Once())
        keep_running(shop.database, now=NOW)
        plan_offers(shop, campaign=CODE, now=NOW)
        planned = [one.id for one in messages(shop) if not one.reason]
        assert planned

        with shop.database.transaction() as session:
            stop_campaign(session, code=CODE, withdraw=True, actor=ACTOR, now=NOW)
        found = messages(shop)
        assert {one.state for one in found} == {MessageState.CANCELLED}
        assert {one.reason for one in found} == {Reason.CANCELLED}
        assert {offer.state for offer in made(shop)} == {OfferState.WITHDRAWN}
        with shop.database.transaction() as session:
            assert len(list_pauses(session)) == 1
            assert not valid_offers(session, customer_id=somebody(shop), now=NOW)

        with shop.database.transaction() as session:
            resume_campaign(session, code=CODE, actor=ACTOR, now=NOW + DAY)
        keep_running(shop.database, now=NOW + DAY)
        again = [one.id for one in messages(shop) if one.state is MessageState.PLANNED]
        assert again == planned
        assert {offer.state for offer in made(shop)} == {OfferState.OFFERED}
        with shop.database.transaction() as session:
            assert list_pauses(session) == ()
            assert get_campaign(session, code=CODE).stopped_at is None

    def test_leaves_offers_where_they_are_by_choice(self, shop: Shop) -> None:
        launched(shop, Once())
        keep_running(shop.database, now=NOW)
        plan_offers(shop, campaign=CODE, now=NOW)

        with shop.database.transaction() as session:
            stop_campaign(session, code=CODE, withdraw=False, actor=ACTOR, now=NOW)
        keep_running(shop.database, now=NOW)
        assert {offer.state for offer in made(shop)} == {OfferState.OFFERED}

    def test_undoes_a_planning_that_is_under_way(self, shop: Shop) -> None:
        launched(shop, Once())
        keep_running(shop.database, now=NOW)
        with shop.database.transaction() as session:
            pause_campaign(session, code=CODE, actor=ACTOR, now=NOW)

        with pytest.raises(Exception, match="paused, stopped or over"):
            plan_offers(shop, campaign=CODE, now=NOW)
        assert made(shop) == ()
        assert messages(shop) == []
        assert occasions(shop) == [("first", False)]

    def test_refuses_what_makes_no_sense(self, shop: Shop) -> None:
        launched(shop, Once())
        with shop.database.transaction() as session:
            pause_campaign(session, code=CODE, actor=ACTOR, now=NOW)
        for refused in (launch_campaign, pause_campaign):
            with (
                pytest.raises(CampaignStateRefused),
                shop.database.transaction() as session,
            ):
                refused(session, code=CODE, actor=ACTOR, now=NOW)
        assert state(shop) is CampaignState.PAUSED
