"""Customers: finding one, and everything that happened with one."""

from http import HTTPStatus

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.admin.cards import card_events, card_lines
from loyalty.admin.names import TONES
from loyalty.admin.pages import blueprint, field, show
from loyalty.admin.recommendations.customer import made_why, standing
from loyalty.admin.recommendations.runs import may_run
from loyalty.cards.queries import find_card
from loyalty.cards.rules import DIGITS
from loyalty.catalogue.queries import category_names
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid
from loyalty.core.paging import Page
from loyalty.core.texts import current_language, pick
from loyalty.core.texts import gettext as _
from loyalty.customers.queries import (
    count_customers,
    find_by_address,
    get_profile,
    latest_customers,
    list_consents,
    merges_of,
)
from loyalty.customers.rules import parse_address
from loyalty.customers.service.merging import UNDONE_WITHIN
from loyalty.customers.values import CustomerID
from loyalty.offers.queries import list_offers
from loyalty.offers.render import reason_sentence
from loyalty.offers.values import Offer, OfferID
from loyalty.points.queries import balance
from loyalty.promotions.queries import list_promotions
from loyalty.sharing.queries import purse_of
from loyalty.staff.queries import actor_names
from loyalty.staff.rules import may
from loyalty.staff.values import Permission
from loyalty.stores.queries import get_programme, list_stores
from loyalty.tiers.queries import history as tier_history
from loyalty.tiers.queries import standing as tier_standing
from loyalty.tiers.queries import tier_of
from loyalty.tiers.render import change_sentence, distance_sentence, tier_name
from loyalty.usecases.read_timeline import Happening, read_timeline
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.people import current_staff
from loyalty.web.surface import redirect_to

_OFFERS = 12
_TIER_CHANGES = 5


@blueprint.get("/customers")
@requires(Permission.CUSTOMERS_READ)
def customers() -> ResponseReturnValue:
    """Show a field to search by, and who enrolled last."""
    return _show_search()


@blueprint.post("/customers")
@requires(Permission.CUSTOMERS_READ)
def find_customer() -> ResponseReturnValue:
    """
    Go to the customer with a card number, phone number or e-mail address.

    What was typed is personal, so it travels in the form and not in the address.
    """
    typed = field("who")
    try:
        with database().transaction() as session:
            found = find(session, typed)
    except Invalid as error:
        message = error.problems[0].message
        return _show_search(message, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if found is None:
        message = _("Nobody has this number or address.")
        return _show_search(message, status=HTTPStatus.NOT_FOUND)
    return redirect_to(f"/admin/customers/{found}")


@blueprint.get("/customers/<int:customer_id>")
@requires(Permission.CUSTOMERS_READ)
def customer(customer_id: int) -> ResponseReturnValue:
    """Show one customer, with a page of what happened."""
    known = CustomerID(customer_id)
    cursor = request.args.get("after")
    with database().transaction() as session:
        profile = get_profile(session, customer_id=known)
        timeline = read_timeline(session, customer_id=known, cursor=cursor)
        promotions = {
            stored.promotion.code: pick(dict(stored.promotion.name))
            for stored in list_promotions(session)
        }
        stores = list_stores(session)
        tier = tier_standing(session, customer_id=known, now=utc_now())
        categories = category_names(session)
        offers = list_offers(session, customer_id=known)
        return show(
            "customer.html",
            profile=profile,
            cards=card_lines(session, customer_id=known),
            card_events=card_events(session, customer_id=known),
            merges=merges_of(session, customer_id=known),
            people=actor_names(session),
            undo_since=utc_now() - UNDONE_WITHIN,
            may_write=may(current_staff(), Permission.CUSTOMERS_WRITE),
            balance=balance(session, customer_id=purse_of(session, customer_id=known)),
            consents=list_consents(session, customer_id=known),
            offers=offers[:_OFFERS],
            odds=made_why(offers[:_OFFERS]),
            standing=standing(
                session,
                customer_id=known,
                promotions=promotions,
                categories=categories,
            ),
            may_score=may_run(),
            why=_reasons(offers, timeline, categories),
            tier=tier_name(tier.ladder, tier_of(session, customer_id=known))
            if tier
            else None,
            tier_distance=distance_sentence(tier) if tier else None,
            tier_words=tier_sentences(session, customer_id=known),
            tones=TONES,
            timeline=timeline,
            cursor=cursor,
            promotions=promotions,
            categories=categories,
            stores={store.id: store.name for store in stores},
            store_names={store.code: store.name for store in stores},
        )


def tier_sentences(session: Session, *, customer_id: CustomerID) -> list[str]:
    """Return what became of the customer's tier, the newest first."""
    programme = get_programme(session)
    return [
        change_sentence(one, currency=programme.currency, zone=programme.time_zone)
        for one in tier_history(session, customer_id=customer_id, limit=_TIER_CHANGES)
    ]


def _reasons(
    offers: tuple[Offer, ...], timeline: Page[Happening], names: dict[str, str]
) -> dict[OfferID, str]:
    shown = [happening.offer for happening in timeline.items if happening.offer]
    return {
        offer.id: reason_sentence(offer.reason, names, current_language())
        for offer in (*offers, *shown)
    }


def find(session: Session, typed: str) -> CustomerID | None:
    """
    Return who has this card number, phone number or e-mail address.

    :raises Invalid: if it is none of these
    """
    digits = [character for character in typed if character.isdigit()]
    if len(digits) == DIGITS and not typed.startswith("+"):
        card = find_card(session, number=typed)
        return card.customer_id if card else None
    region = get_programme(session).phone_region
    address = parse_address(typed, region=region, pointer="/who")
    return find_by_address(session, address=address)


def _show_search(
    problem: str | None = None, *, status: int = HTTPStatus.OK
) -> ResponseReturnValue:
    with database().transaction() as session:
        latest = latest_customers(session)
        count = count_customers(session)
    return show(
        "customers.html",
        status=status,
        problem=problem,
        typed=request.form.get("who", ""),
        latest=latest,
        count=count,
    )
