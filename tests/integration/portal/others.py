"""A shop with customers of whom one sees nothing of the others."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from loyalty.core.clock import machine_now, utc_now
from loyalty.core.database import Base, Database
from loyalty.core.links import sign_link, sign_short
from loyalty.core.vault import Vault
from loyalty.customers.models import CustomerRow
from loyalty.customers.queries import get_profile
from loyalty.customers.service.links import open_customer_session
from loyalty.customers.values import Channel, ContactID, CustomerID, Speaker
from loyalty.delivery.models import MessageEventRow, MessageRow
from loyalty.delivery.render import confirm_token
from loyalty.delivery.values import DeliveryPolicy, MessageID
from loyalty.offers.queries import get_campaign, list_offers
from loyalty.offers.service import make_offers
from loyalty.offers.values import NewOffer
from loyalty.staff.service.keys import make_key
from loyalty.staff.values import ApiScope
from loyalty.stores.queries import get_store
from loyalty.usecases.enrol_customer import Enrolment, enrol_customer
from loyalty.usecases.reach_customer import open_way
from tests.integration.till.shop import SECRET, SYSTEM
from tests.waiting import add_waiting

VAULT: Final = Vault(SECRET)

NAMES: Final = {
    "a stranger": "Wilhelmina",
    "a merged record": "Clementina",
    "a record that was merged and is no longer": "Theodora",
}


@dataclass(frozen=True, kw_only=True)
class Other:
    """A customer whose data nobody else sees."""

    id: CustomerID
    offer: int
    contact: ContactID
    message: MessageID
    key: str
    email: str
    marks: tuple[str, ...]
    """What no page or answer to others may hold."""


@dataclass(frozen=True, kw_only=True)
class World:
    """A shop with Anna, who looks, and those whom she does not see."""

    database: Database
    app: Flask
    anna: CustomerID
    others: dict[str, Other]

    def browser(self, customer_id: CustomerID | None) -> FlaskClient:
        """Open a wallet, or a browser without one."""
        client = self.app.test_client()
        if customer_id is not None:
            with self.database.transaction() as session:
                token = open_customer_session(
                    session, customer_id=customer_id, now=machine_now()
                )
            client.set_cookie("wallet", token)
        return client

    def key(self, *scopes: ApiScope) -> dict[str, str]:
        """Return the header of a machine with these scopes."""
        with self.database.transaction() as session:
            key = make_key(
                session,
                label="Test",
                scopes=scopes,
                store_id=None,
                actor=SYSTEM,
                now=machine_now(),
            )
        return {"Authorization": f"Bearer {key}"}

    def of_others(self) -> list[object]:
        """Return every row that is about the others."""
        ids = [other.id for other in self.others.values()]
        found: list[object] = []
        with self.database.transaction() as session:
            for name, table in Base.metadata.tables.items():
                if "customer_id" in table.c:
                    rows = select(table).where(table.c.customer_id.in_(ids))
                elif name == CustomerRow.__tablename__:
                    rows = select(table).where(table.c.id.in_(ids))
                elif name == MessageEventRow.__tablename__:
                    own = select(MessageRow.id).where(MessageRow.customer_id.in_(ids))
                    rows = select(table).where(table.c.message_id.in_(own))
                else:
                    continue
                found += sorted(f"{name} {tuple(row)}" for row in session.execute(rows))
        return found


def add_other(database: Database, name: str) -> Other:
    """Enrol somebody with an offer, addresses, consents and a message."""
    now = utc_now()
    email = f"{name}@shop.example.com".lower()
    street = f"{name} Street 7"
    sentence = f"Tea for {name} alone."
    with database.transaction() as session:
        enrolled = enrol_customer(
            session,
            enrolment=Enrolment(contact=email, first_name=name, personal_offers=True),
            store=get_store(session, code="north"),
            policy=DeliveryPolicy(),
            actor=SYSTEM,
            now=now - timedelta(days=40),
        )
        customer_id = enrolled.profile.id
        open_way(
            session,
            customer_id=customer_id,
            channel=Channel.LETTER,
            address=f"{name} N.\n{street}",
            speaker=Speaker(actor=f"customer:{customer_id}", source="page"),
            now=now,
        )
        new = NewOffer(
            customer_id=customer_id,
            promotion="milk-points",
            score=0.5,
            reason={"kind": "popular"},
            model_version="test",
        )
        campaign = get_campaign(session, code="november")
        make_offers(session, campaign=campaign, offers=[new], now=now)
        (offer,) = list_offers(session, customer_id=customer_id)
        contact = get_profile(session, customer_id=customer_id).contacts[0]
    number, key = add_waiting(
        database, customer_id, sentence=sentence, now=now, not_after=None
    )
    with database.transaction() as session:
        row = session.scalars(select(MessageRow).where(MessageRow.id == number)).one()
        row.offer_id = offer.id
    return Other(
        id=customer_id,
        offer=offer.id,
        contact=contact.id,
        message=number,
        key=key,
        email=email,
        marks=(name, sentence, street, email, key, enrolled.card.number),
    )


def links_of(other: Other, *, vault: Vault = VAULT) -> dict[str, str]:
    """Return what messages to somebody carry."""
    now = utc_now()
    ends = now + timedelta(days=1)
    return {
        "offer": sign_short(vault, "offer", other.message, ends),
        "opened": sign_short(vault, "opened", other.message, ends),
        "unsubscribe": sign_link(
            vault,
            "unsubscribe",
            {"c": other.id, "h": "email", "m": other.message},
            ends,
        ),
        "confirm": confirm_token(
            vault, customer_id=other.id, contact_id=other.contact, now=now
        ),
    }
