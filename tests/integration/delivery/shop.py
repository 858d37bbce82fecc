"""Members and messages for the tests of delivery, on a real database."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from loyalty.core.database import Database, open_engine
from loyalty.core.jobs import NoQueue
from loyalty.core.vault import Vault
from loyalty.customers.models import (
    ChannelRow,
    ConsentRow,
    ContactRow,
    CustomerRow,
)
from loyalty.customers.values import (
    Channel,
    ContactKind,
    CustomerID,
    CustomerStatus,
    Purpose,
)
from loyalty.delivery.render import offer_parameters
from loyalty.delivery.values import DeliveryPolicy, MessageKind, NewMessage

SECRET = "a secret of the tests that is long enough"  # noqa: S105  # a test's own
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
"""A Tuesday, in everybody's hours."""

POLICY = DeliveryPolicy()


def open_database(url: str) -> Database:
    return Database(open_engine(url), NoQueue(), Vault(SECRET))


def add_members(
    session: Session,
    count: int,
    *,
    channels: Sequence[Channel] = (Channel.EMAIL,),
    first: int = 1,
) -> list[CustomerID]:
    """Add members 1, 2, … with a verified address and a consent for each channel."""
    vault = Vault(SECRET)
    ids = [CustomerID(first + place) for place in range(count)]
    people, contacts, order, consents = [], [], [], []
    for id_ in ids:
        key = vault.new_member_key(member=id_)
        member = vault.member(key, member=id_)
        address = f"member{id_}@example.org"
        people.append(
            {
                "id": id_,
                "status": CustomerStatus.ACTIVE,
                "enrolled_at": NOON - timedelta(days=30),
                "enrolled_by": "system",
                "language": "en",
                "time_zone": "UTC",
                "member_key": key,
                "first_name": member.seal("customer.first_name", "Ada"),
            }
        )
        contacts.append(
            {
                "customer_id": id_,
                "kind": ContactKind.EMAIL,
                "value": member.seal("contact", address),
                "lookup": vault.blind_index(ContactKind.EMAIL, address),
                "landline": False,
                "added_at": NOON - timedelta(days=30),
                "verified_at": NOON - timedelta(days=29),
            }
        )
        order += [
            {"customer_id": id_, "position": place, "channel": channel}
            for place, channel in enumerate(channels)
        ]
        consents += [consent_row(id_, channel) for channel in channels]
    for table, rows in (
        (CustomerRow, people),
        (ContactRow, contacts),
        (ChannelRow, order),
        (ConsentRow, consents),
    ):
        if rows:
            session.execute(insert(table), rows)
    return ids


def consent_row(
    customer_id: CustomerID,
    channel: Channel,
    *,
    given: bool = True,
    at: datetime = NOON - timedelta(days=30),
) -> dict[str, object]:
    return {
        "customer_id": customer_id,
        "purpose": Purpose.MARKETING,
        "channel": channel,
        "given": given,
        "wording": "Offers by e-mail",
        "wording_version": "1",
        "source": "till",
        "actor": "staff:1",
        "at": at,
    }


def marketing(
    customer_id: CustomerID, *, occasion: str = "first", **more: object
) -> NewMessage:
    values: dict[str, object] = {
        "customer_id": customer_id,
        "kind": MessageKind.MARKETING,
        "template": "offer",
        "parameters": offer_parameters(
            shop="Lab market",
            sentence="20 % off coffee",
            why="You often buy coffee.",
            terms="One pack.",
            valid_until=NOON + timedelta(days=7),
        ),
        "subject": "promotion:coffee",
        "occasion": occasion,
        "not_after": NOON + timedelta(days=7),
    }
    return NewMessage(**{**values, **more})  # type: ignore[arg-type]  # by field name


def service(customer_id: CustomerID, *, occasion: str = "first") -> NewMessage:
    return NewMessage(
        customer_id=customer_id,
        kind=MessageKind.SERVICE,
        template="welcome",
        subject="event:enrolled",
        occasion=occasion,
    )
