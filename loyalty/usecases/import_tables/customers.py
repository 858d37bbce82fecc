"""Customers: one row a person, with what they agreed to and when."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from loyalty.core.errors import Invalid
from loyalty.core.texts import LANGUAGES
from loyalty.customers.queries import find_by_address
from loyalty.customers.render import WORDING_VERSION, consent_wording
from loyalty.customers.rules import Address, parse_email, parse_phone
from loyalty.customers.service.imports import Newcomer
from loyalty.customers.service.people import Person
from loyalty.customers.values import Channel, Consent, ContactKind, Purpose
from loyalty.stores.values import Programme
from loyalty.usecases.import_tables.reading import Cells, Reading, Row, read_all

CUSTOMER_COLUMNS: Final = (
    "email",
    "phone",
    "first_name",
    "last_name",
    "language",
    "birthday",
    "enrolled_at",
    "marketing",
    "personalisation",
)
"""A row needs ``enrolled_at`` and an e-mail address or a phone number; the last two
are yes only where the customer has said so, on that day."""


def read_customers(
    session: Session, rows: Iterable[Row], *, programme: Programme
) -> Reading[Newcomer]:
    """Read a table of customers; one who is a member already is a bad row."""
    seen: set[Address] = set()

    def read(cells: Cells) -> Newcomer:
        addresses = _addresses(cells, programme.phone_region)
        for address in addresses:
            if address in seen or find_by_address(session, address=address):
                message = "This address belongs to a member already."
                raise Invalid.field(pointer=f"/{address.kind}", message=message)
        seen.update(addresses)
        return _newcomer(cells, addresses, programme)

    return read_all(rows, read)


def _addresses(cells: Cells, region: str) -> tuple[Address, ...]:
    email, phone = cells.text("email"), cells.text("phone")
    found = []
    if email:
        found.append(parse_email(email, pointer="/email"))
    if phone:
        found.append(parse_phone(phone, region=region, pointer="/phone"))
    if not found:
        message = "An e-mail address or a phone number is needed."
        raise Invalid.field(pointer="/email", message=message)
    return tuple(found)


def _newcomer(
    cells: Cells, addresses: tuple[Address, ...], programme: Programme
) -> Newcomer:
    language = cells.text("language") or programme.languages[0]
    if language not in LANGUAGES:
        message = f"Choose one of {', '.join(LANGUAGES)}."
        raise Invalid.field(pointer="/language", message=message)
    enrolled_at = cells.moment("enrolled_at", programme.time_zone)
    channels = (
        *(
            Channel.EMAIL if address.kind is ContactKind.EMAIL else Channel.SMS
            for address in addresses
            if not address.landline
        ),
        Channel.INBOX,
    )
    return Newcomer(
        person=Person(
            language=language,
            time_zone=programme.time_zone.key,
            first_name=cells.text("first_name"),
            last_name=cells.text("last_name"),
            birthday=cells.day("birthday"),
        ),
        enrolled_at=enrolled_at,
        addresses=addresses,
        channels=channels,
        consents=_consents(cells, channels, language, enrolled_at),
    )


def _consents(
    cells: Cells, channels: tuple[Channel, ...], language: str, at: datetime
) -> tuple[Consent, ...]:
    said: list[tuple[Purpose, Channel | None]] = []
    if cells.flag("personalisation"):
        said.append((Purpose.PERSONALISATION, None))
    if cells.flag("marketing"):
        said += [(Purpose.MARKETING, channel) for channel in channels]
    return tuple(
        Consent(
            purpose=purpose,
            channel=channel,
            given=True,
            wording=consent_wording(purpose, channel, language),
            wording_version=WORDING_VERSION,
            source="import",
            actor="system",
            at=at,
        )
        for purpose, channel in said
    )
