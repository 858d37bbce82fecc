"""One message to each customer about their best offer, told in their variant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from loyalty.catalogue.queries import category_names
from loyalty.customers.queries import languages_of, zones_of
from loyalty.customers.values import CustomerID
from loyalty.delivery.render import offer_parameters
from loyalty.delivery.values import MessageKind, NewMessage
from loyalty.offers import queries
from loyalty.offers.render import reason_sentence
from loyalty.offers.rules import first_hour
from loyalty.offers.values import Campaign, Member, Offer, Variant
from loyalty.promotions.queries import display_names
from loyalty.promotions.render import sentence, terms
from loyalty.stores.queries import get_programme
from loyalty.usecases.plan_campaign.values import Opened


def messages_about(
    session: Session, opened: Opened, best: Sequence[Offer], *, now: datetime
) -> list[NewMessage]:
    """Return the message about each customer's best offer, in their language."""
    shop = get_programme(session).name
    categories = category_names(session)
    promotions = {code: one.promotion for code, one in opened.promotions.items()}
    names = display_names(session, promotions=promotions.values())
    people = [offer.customer_id for offer in best]
    languages = languages_of(session, customer_ids=people)
    told = _Telling.of(session, opened, people, now=now)
    messages = []
    for offer in best:
        promotion = promotions[offer.promotion]
        language = languages[offer.customer_id]
        parts = sentence(promotion, language, names=names)
        parameters = offer_parameters(
            shop=shop,
            sentence="".join(part.text for part in parts),
            why=reason_sentence(offer.reason, categories, language=language),
            terms=terms(promotion, language, names=names),
            valid_until=offer.valid_until,
        )
        messages.append(
            NewMessage(
                customer_id=offer.customer_id,
                kind=MessageKind.MARKETING,
                template=told.template(offer.customer_id),
                parameters=parameters,
                subject=f"campaign:{opened.campaign.code}",
                occasion=told.members[offer.customer_id].occasion,
                not_before=told.not_before(offer),
                not_after=offer.valid_until,
                offer_id=offer.id,
                campaign_id=offer.campaign_id,
                variant=told.members[offer.customer_id].variant,
            )
        )
    return messages


@dataclass(frozen=True, kw_only=True, slots=True)
class _Telling:
    """How a run's customers are told: by the variant that each has drawn."""

    campaign: Campaign
    members: Mapping[CustomerID, Member]
    zones: Mapping[CustomerID, str]
    now: datetime

    @classmethod
    def of(
        cls,
        session: Session,
        opened: Opened,
        people: Sequence[CustomerID],
        *,
        now: datetime,
    ) -> "_Telling":
        """Read what is asked of these customers."""
        return cls(
            campaign=opened.campaign,
            members=queries.members_of(
                session, run_id=opened.run.id, customer_ids=people
            ),
            zones=zones_of(session, customer_ids=people),
            now=now,
        )

    def template(self, customer: CustomerID) -> str:
        """Return the template of the customer's variant, or the campaign's."""
        found = self._variant(customer)
        return (found and found.template) or self.campaign.template

    def not_before(self, offer: Offer) -> datetime:
        """Return when the message may go: from the variant's hour, if it has one."""
        found = self._variant(offer.customer_id)
        if found is None or found.hour is None:
            return offer.valid_from
        zone = ZoneInfo(self.zones[offer.customer_id])
        return first_hour(found.hour, after=max(offer.valid_from, self.now), zone=zone)

    def _variant(self, customer: CustomerID) -> Variant | None:
        wanted = self.members[customer].variant
        return next((v for v in self.campaign.variants if v.code == wanted), None)
