"""What a customer would read of a template, with their own offer, on each channel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from loyalty.cards.queries import main_card
from loyalty.catalogue.queries import category_names
from loyalty.core.texts import gettext as _
from loyalty.core.texts import use_language
from loyalty.core.vault import vault_of
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.queries.recipients import people
from loyalty.delivery.render import compose, expiring_parameters, offer_parameters
from loyalty.delivery.values import (
    Claimed,
    Details,
    MessageID,
    MessageKind,
    OutgoingMessage,
    OwnWords,
    Person,
)
from loyalty.offers.queries import valid_offers
from loyalty.offers.render import reason_sentence
from loyalty.offers.values import Offer
from loyalty.points.queries import next_expiry, spendable
from loyalty.promotions.queries import display_names, get_promotion
from loyalty.promotions.render import sentence, terms
from loyalty.stores.queries import get_programme
from loyalty.templates.values import TemplatePurpose, Version

_SAMPLE_POINTS: Final = 120
_SAMPLE_CARD: Final = "4711"
_NO_MESSAGE: Final = MessageID(0)
"""Its links have their true length and lead nowhere."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """For whom, and in which language, a template is shown."""

    customer_id: CustomerID | None
    """None is somebody made up."""

    language: str
    public_url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Previewed:
    """The messages by channel, and what about them is only an example."""

    messages: tuple[OutgoingMessage, ...]
    channels: tuple[Channel, ...]
    made_up: bool
    """Whether the offer or the points are an example, for the customer has none."""


def preview_template(
    session: Session,
    *,
    version: Version,
    channels: Sequence[Channel],
    reader: Reader,
    now: datetime,
) -> Previewed:
    """
    Compose a version as it would be handed over; nothing is planned or sent.

    :raises WordsFail: if the words can't be filled in
    """
    with use_language(reader.language):
        parameters, made_up = _parameters(session, version.purpose, reader, now)
        person = _person(session, reader)
        words = _words(session, version, reader, now)
        sender = get_programme(session).postal_address
    service = version.purpose in {
        TemplatePurpose.SERVICE,
        TemplatePurpose.POINTS_EXPIRING,
    }
    messages = []
    for channel in channels:
        claim = Claimed(
            id=_NO_MESSAGE,
            customer_id=reader.customer_id or CustomerID(0),
            kind=MessageKind.SERVICE if service else MessageKind.MARKETING,
            channel=channel,
            template=version.name,
            parameters=parameters,
            language=reader.language,
            offer_id=None if service else 0,
            campaign_id=None,
            due_at=now,
            not_after=None,
            fence=0,
            handover_key="preview",
            sender=sender,
            words=words,
        )
        messages.append(
            compose(
                claim,
                person,
                vault=vault_of(session),
                public_url=reader.public_url,
                now=now,
            )
        )
    return Previewed(
        messages=tuple(messages), channels=tuple(channels), made_up=made_up
    )


def _person(session: Session, reader: Reader) -> Person:
    if reader.customer_id is None:
        return Person(first_name=_("Anna"))
    known = people(session, customer_ids={reader.customer_id})
    found = known.get(reader.customer_id, Person())
    # Nothing of a preview may reach the customer's address.
    return Person(first_name=found.first_name, zone=found.zone)


def _words(
    session: Session, version: Version, reader: Reader, now: datetime
) -> OwnWords:
    who = reader.customer_id
    if who is None:
        return OwnWords(version=version, points=_SAMPLE_POINTS, card=_SAMPLE_CARD)
    card = main_card(session, customer_id=who)
    points = spendable(session, customer_id=who, now=now)
    return OwnWords(
        version=version, points=points, card=card.number[-4:] if card else ""
    )


def _parameters(
    session: Session, purpose: TemplatePurpose, reader: Reader, now: datetime
) -> tuple[Details, bool]:
    shop = get_programme(session).name
    if purpose is TemplatePurpose.SERVICE:
        return {"shop": shop, "path": "/wallet"}, False
    if purpose is TemplatePurpose.POINTS_EXPIRING:
        return _expiring(session, shop, reader.customer_id, now)
    offers: tuple[Offer, ...] = ()
    if reader.customer_id is not None:
        offers = valid_offers(session, customer_id=reader.customer_id, now=now)
    if offers:
        return _of_offer(session, shop, offers[0], reader.language), False
    example = offer_parameters(
        shop=shop,
        sentence=_("You get 20% off coffee."),
        why=_("You often buy coffee."),
        terms=_("An example: the terms of the offer stand here in full."),
        valid_until=now + timedelta(days=7),
    )
    return example, True


def _of_offer(session: Session, shop: str, offer: Offer, language: str) -> Details:
    promotion = get_promotion(session, code=offer.promotion).promotion
    names = display_names(session, promotions=[promotion])
    categories = category_names(session)
    return offer_parameters(
        shop=shop,
        sentence="".join(
            part.text for part in sentence(promotion, language, names=names)
        ),
        why=reason_sentence(offer.reason, categories, language=language),
        terms=terms(promotion, language, names=names),
        valid_until=offer.valid_until,
    )


def _expiring(
    session: Session, shop: str, who: CustomerID | None, now: datetime
) -> tuple[Details, bool]:
    found = next_expiry(session, customer_id=who, now=now) if who is not None else None
    expiry = (
        (found.at.date(), found.points)
        if found
        else ((now + timedelta(days=14)).date(), _SAMPLE_POINTS)
    )
    parameters = expiring_parameters(
        shop=shop, expiries=[expiry], path="/wallet/purchases"
    )
    return parameters, found is None
