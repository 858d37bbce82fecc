"""What the database says of audiences, and what the rule says of each customer."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.customers.service.birthdays import mark_birthdays
from loyalty.customers.service.imports import Newcomer, import_customers
from loyalty.customers.service.people import Person
from loyalty.customers.values import Channel, Consent, Purpose
from loyalty.offers.queries.audiences import in_audience, select_audience
from loyalty.offers.queries.reaching import reach
from loyalty.offers.rules import meets
from loyalty.offers.values import (
    AtStore,
    Audience,
    BirthdayIn,
    BoughtFrom,
    Condition,
    EnrolledSince,
    HasPoints,
    InSegment,
    InterestedIn,
    InTier,
    LastPurchase,
    Reach,
    Speaks,
    Standing,
    When,
)
from loyalty.points.models import AccountRow
from loyalty.purchases.service.imports import (
    PastLine,
    PastPurchase,
    Takeover,
    import_purchases,
)
from loyalty.stores.queries import get_store
from loyalty.tiers.models import MemberTierRow
from tests.factories import NOW, STORE, WARSAW, enrol

CATEGORIES = {"COFFEE": "drinks/coffee", "TEA": "drinks/tea", "PIZZA": "frozen/pizza"}
DAY = timedelta(days=1)
PEOPLE = 60


def yes(purpose: Purpose, channel: Channel | None = None) -> Consent:
    return Consent(
        purpose=purpose,
        channel=channel,
        given=True,
        wording="",
        wording_version="1",
        source="import",
        actor="test",
        at=NOW - 400 * DAY,
    )


def make_people(session: Session, draw: random.Random) -> list[Standing]:
    """Make customers of every kind, and say what is known of each."""
    store = get_store(session, code=STORE)
    newcomers, drawn = [], []
    for _ in range(PEOPLE):
        # On purpose around the turn of a day in the shop's zone, not in UTC.
        enrolled = NOW - draw.randrange(400) * DAY + timedelta(hours=draw.randrange(24))
        born = date(1980, draw.randrange(1, 13), draw.randrange(1, 29))
        segments = tuple(draw.sample(["gold", "new"], draw.randrange(3)))
        topics = tuple(draw.sample(["drinks", "frozen"], draw.randrange(3)))
        has_birthday, has_store = draw.random() < 0.6, draw.random() < 0.5
        person = Person(
            language=draw.choice(["en", "pl"]),
            time_zone="Europe/Warsaw",
            home_store=store.id if has_store else None,
            birthday=born if has_birthday else None,
        )
        newcomers.append(
            Newcomer(
                person=person,
                enrolled_at=enrolled,
                consents=(yes(Purpose.PERSONALISATION),),
                topics=topics,
                segments=segments,
            )
        )
        drawn.append((person, enrolled, segments, topics))
    found, purchases = [], []
    ids = import_customers(session, newcomers=newcomers, actor="test")
    for who, (person, enrolled, segments, topics) in zip(ids, drawn, strict=True):
        bought = [
            (NOW - timedelta(hours=draw.randrange(24 * 90)), draw.choice([*CATEGORIES]))
            for _ in range(draw.randrange(4))
        ]
        purchases += [
            PastPurchase(
                customer_id=who,
                store_id=store.id,
                receipt=f"{who}-{place}",
                at=at,
                source_week=None,
                lines=(
                    PastLine(
                        sku=sku,
                        quantity=Decimal(1),
                        unit_price=100,
                        gross=100,
                        discount=0,
                    ),
                ),
            )
            for place, (at, sku) in enumerate(bought)
        ]
        points = draw.choice([None, 0, 50, 100])
        tier = draw.choice([None, "silver"])
        if points is not None:
            session.add(
                AccountRow(customer_id=who, available=points, pending=0, version=0)
            )
        if tier:
            session.add(
                MemberTierRow(
                    customer_id=who, tier=tier, since=NOW, falls_at=None, changes=0
                )
            )
        found.append(
            Standing(
                id=who,
                language=person.language,
                enrolled_at=enrolled,
                store=STORE if person.home_store else None,
                segments=frozenset(segments),
                tier=tier,
                points=points or 0,
                last_purchase=max((at for at, _ in bought), default=None),
                bought=tuple((at, CATEGORIES[sku]) for at, sku in bought),
                birth_month=person.birthday.month if person.birthday else None,
                topics=frozenset(topics),
            )
        )
    import_purchases(
        session,
        purchases=purchases,
        takeover=Takeover(currency="EUR", recorded_by="test"),
        now=NOW,
    )
    mark_birthdays(session)
    return found


CONDITIONS: Sequence[Condition] = (
    InSegment(("gold", "old")),
    AtStore((STORE,)),
    Speaks(("pl",)),
    InTier(("silver",)),
    HasPoints(at_least=50),
    HasPoints(at_most=50),
    HasPoints(at_least=1, at_most=99),
    EnrolledSince(When(days_ago=200)),
    EnrolledSince(When(day=date(2026, 6, 1))),
    LastPurchase(before=When(days_ago=30)),
    LastPurchase(after=When(days_ago=30)),
    LastPurchase(before=When(days_ago=10), after=When(days_ago=60)),
    BoughtFrom(categories=("drinks",), days=45),
    BoughtFrom(categories=("drinks/tea", "frozen/pizza"), days=20),
    BoughtFrom(categories=("drink",), days=90),
    BirthdayIn((1, 2, 3, 4, 5, 6)),
    InterestedIn(("drinks",)),
)


def audiences(draw: random.Random) -> list[Audience]:
    """Return every condition by itself, refused, and drawn together."""
    alone = [Audience(all=(one,)) for one in CONDITIONS]
    refused = [Audience(none=(one,)) for one in CONDITIONS]
    drawn = [
        Audience(
            all=tuple(draw.sample(CONDITIONS, draw.randrange(2))),
            any=tuple(draw.sample(CONDITIONS, draw.randrange(4))),
            none=tuple(draw.sample(CONDITIONS, draw.randrange(3))),
        )
        for _ in range(60)
    ]
    return [Audience(), *alone, *refused, *drawn]


class TestAnAudience:
    @pytest.mark.parametrize("seed", [1, 2])
    def test_has_the_same_customers_by_the_rule_and_by_the_database(
        self, database: Database, seed: int
    ) -> None:
        draw = random.Random(seed)  # noqa: S311  # made-up people
        with database.transaction() as session:
            people = make_people(session, draw)
            for audience in audiences(draw):
                statement = select_audience(session, audience=audience, now=NOW)
                assert set(session.scalars(statement)) == {
                    one.id
                    for one in people
                    if meets(audience, one, now=NOW, zone=WARSAW)
                }, audience

    def test_counts_days_by_the_programmes_clock(self, database: Database) -> None:
        just_after_midnight = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)
        with database.transaction() as session:
            (late,) = import_customers(
                session,
                newcomers=[
                    Newcomer(
                        person=Person(language="en", time_zone="UTC"),
                        enrolled_at=just_after_midnight,
                    )
                ],
                actor="test",
            )
            today = Audience(all=(EnrolledSince(When(days_ago=0)),))
            chosen = select_audience(session, audience=today, now=NOW)
            assert set(session.scalars(chosen)) == {late}

    def test_leaves_out_who_does_not_want_offers_chosen(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            ada = enrol(session, "ada@example.org").profile.id
            enrol(session, "bob@example.org", agrees=False)
            assert in_audience(session, audience=Audience(), now=NOW) == (ada,)


class TestTheReach:
    def test_counts_who_can_be_told_by_each_channel(self, database: Database) -> None:
        with database.transaction() as session:
            newcomers = [
                Newcomer(
                    person=Person(language="en", time_zone="UTC"),
                    enrolled_at=NOW,
                    consents=(
                        yes(Purpose.PERSONALISATION),
                        *(yes(Purpose.MARKETING, one) for one in channels),
                    ),
                )
                for channels in ((), (Channel.EMAIL,), (Channel.INBOX,))
            ]
            import_customers(session, newcomers=newcomers, actor="test")
            enrol(session, "bob@example.org", agrees=False)

            found = reach(
                session,
                audience=Audience(),
                channels=[Channel.EMAIL, Channel.INBOX],
                now=NOW,
            )

        # Nobody has an address; the inbox is open to whoever agreed on any channel.
        assert found == Reach(
            customers=4, agreed=3, reachable=2, by_channel={"email": 0, "inbox": 2}
        )
