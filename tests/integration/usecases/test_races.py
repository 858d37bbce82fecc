"""Many requests at once for one thing of which there may be only one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TypeVar

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from loyalty.cards.models import CardRow
from loyalty.core.database import Base, Database
from loyalty.core.errors import Refused
from loyalty.customers.models import ConsentRow, ContactRow, CustomerRow
from loyalty.delivery.models import MessageRow
from loyalty.offers.models import CampaignPromotionRow, CampaignRow
from loyalty.offers.service import CampaignExists, create_campaign
from loyalty.offers.values import CampaignID, NewCampaign
from loyalty.promotions.models import PromotionRow, VersionRow
from loyalty.promotions.service import PromotionExists, create
from loyalty.staff.models import StaffRoleRow, StaffRow
from loyalty.staff.service.members import AddressTaken, add_member
from loyalty.staff.values import Post, Role, StaffMember
from loyalty.stores.models import StoreRow
from loyalty.stores.service import StoreExists, add_store
from loyalty.stores.values import StoreID
from tests.factories import NOW, activate, enrol, promotion

CALLERS = 8
CAMPAIGN = NewCampaign(
    code="november",
    name="November",
    starts_at=NOW,
    ends_at=NOW + timedelta(days=7),
    promotions=("coffee-20",),
)

Made = TypeVar("Made")


def at_once(
    database: Database, table: type[Base], work: Callable[[Session], Made]
) -> tuple[list[Made], list[Refused]]:
    """Let all callers come as far as their insert before the first of them inserts."""
    ready = Barrier(CALLERS, timeout=30)
    beginning = f"INSERT INTO {table.__tablename__} "

    @event.listens_for(database.engine, "before_cursor_execute")
    def wait(*call: object) -> None:
        if str(call[2]).startswith(beginning):
            ready.wait()

    def act(_caller: int) -> Made | Refused:
        try:
            with database.transaction() as session:
                return work(session)
        except Refused as refusal:
            return refusal

    try:
        with ThreadPoolExecutor(CALLERS) as pool:
            results = list(pool.map(act, range(CALLERS)))
    finally:
        event.remove(database.engine, "before_cursor_execute", wait)
    refused = [result for result in results if isinstance(result, Refused)]
    return [made for made in results if not isinstance(made, Refused)], refused


def count(database: Database, *tables: type[Base]) -> list[int]:
    with database.transaction() as session:
        return [
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in tables
        ]


class TestOfManyAtOnce:
    def test_one_makes_the_promotion(self, shared_database: Database) -> None:
        def make(session: Session) -> PromotionRow:
            return create(
                session, document=promotion("coffee-20"), actor="staff:1", now=NOW
            )

        made, refused = at_once(shared_database, PromotionRow, make)

        assert [(row.code, row.version) for row in made] == [("coffee-20", 1)]
        assert [type(error) for error in refused] == [PromotionExists] * 7
        assert count(shared_database, PromotionRow, VersionRow) == [1, 1]

    def test_one_makes_the_campaign(self, shared_database: Database) -> None:
        with shared_database.transaction() as session:
            activate(session, promotion("coffee-20"))

        def make(session: Session) -> CampaignID:
            return create_campaign(session, campaign=CAMPAIGN, actor="staff:1", now=NOW)

        made, refused = at_once(shared_database, CampaignRow, make)

        assert len(made) == 1
        assert [type(error) for error in refused] == [CampaignExists] * 7
        assert count(shared_database, CampaignRow, CampaignPromotionRow) == [1, 1]

    def test_one_adds_the_store(self, shared_database: Database) -> None:
        def make(session: Session) -> StoreID:
            return add_store(
                session,
                code="325",
                name="North",
                address="",
                phone="",
                opening_hours="",
            )

        (before,) = count(shared_database, StoreRow)

        made, refused = at_once(shared_database, StoreRow, make)

        assert len(made) == 1
        assert [type(error) for error in refused] == [StoreExists] * 7
        assert count(shared_database, StoreRow) == [before + 1]

    def test_one_adds_the_member_of_staff(self, shared_database: Database) -> None:
        def make(session: Session) -> StaffMember:
            return add_member(
                session,
                email="ewa@shop.example.com",
                name="Ewa",
                posts=[Post(role=Role.ADMINISTRATOR)],
                actor="system",
                now=NOW,
            )

        made, refused = at_once(shared_database, StaffRow, make)

        assert [member.email for member in made] == ["ewa@shop.example.com"]
        assert [type(error) for error in refused] == [AddressTaken] * 7
        assert count(shared_database, StaffRow, StaffRoleRow) == [1, 1]

    @pytest.mark.parametrize(
        ("contact", "messages"),
        # The welcome by mail confirms its address; a phone gets a code of its own.
        [("ada@example.org", 1), ("+48 512 345 678", 2)],
    )
    def test_one_enrols_the_customer_and_the_others_find_them(
        self, shared_database: Database, contact: str, messages: int
    ) -> None:
        made, refused = at_once(
            shared_database, ContactRow, lambda session: enrol(session, contact)
        )

        assert refused == []
        assert sorted(enrolled.already_member for enrolled in made) == [
            False,
            *[True] * 7,
        ]
        assert len({enrolled.profile.id for enrolled in made}) == 1
        assert len({enrolled.card.number for enrolled in made}) == 1
        tables = (CustomerRow, ContactRow, CardRow, MessageRow)
        assert count(shared_database, *tables) == [1, 1, 1, messages]
        # Personalisation, and marketing by the address and in the wallet.
        assert count(shared_database, ConsentRow) == [3]
