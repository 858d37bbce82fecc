"""The operations on members: enrolling, finding and reading them."""

from http import HTTPStatus
from typing import Any, Final

from loyalty.api.auth import caller, check_store
from loyalty.api.v1.baskets import Body
from loyalty.api.v1.customers.schemas import (
    EnrolledAnswer,
    EnrolmentRequest,
    LookupQuery,
    OffersAnswer,
    OffersQuery,
    PointsOfCustomerAnswer,
    TransfersQuery,
)
from loyalty.api.v1.fields import LARGEST_ID
from loyalty.api.v1.members import (
    IdentifiedAnswer,
    customer_document,
    tier_document,
)
from loyalty.api.v1.operations import Operation, Resource, get, path_parameter, post
from loyalty.cards.values import CardState
from loyalty.catalogue.queries import category_names
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid, Problem
from loyalty.core.texts import pick
from loyalty.customers.queries import get_profile
from loyalty.customers.values import CustomerID
from loyalty.delivery.rules.policy import policy_of
from loyalty.offers.queries import valid_offers
from loyalty.offers.render import reason_sentence
from loyalty.points.queries import list_transfers, next_expiry, standing
from loyalty.promotions.queries import display_names, get_promotion
from loyalty.promotions.render import terms
from loyalty.sharing.queries import purse_of
from loyalty.staff.values import ApiScope
from loyalty.stores.queries import get_programme, get_store
from loyalty.usecases.enrol_customer import Enrolment, enrol_customer
from loyalty.usecases.identify_customer import (
    Identified,
    identify_customer,
    show_customer,
)
from loyalty.web.context import database, parts

resource = Resource("Customers", "Members, their points, offers and wishes.")

ONE: Final = f"/customers/<int(min=1, max={LARGEST_ID}):customer>"
CUSTOMER: Final = path_parameter(
    "customer",
    type="integer",
    minimum=1,
    maximum=LARGEST_ID,
    format="customer-id",
    example=1234567890123456,
)
_MISSING: Final = (HTTPStatus.NOT_FOUND,)


@post(
    resource,
    Operation(
        path="/customers",
        scope=ApiScope.CUSTOMERS_WRITE,
        body=EnrolmentRequest,
        example={
            "store": "324",
            "contact": "anna@example.org",
            "first_name": "Anna",
            "language": "en",
            "personal_offers": True,
        },
        answer=EnrolledAnswer,
        status=HTTPStatus.CREATED,
        also={HTTPStatus.OK: EnrolledAnswer},
        problems=(*_MISSING, HTTPStatus.CONFLICT),
    ),
)
def enrol_a_customer(body: Body) -> tuple[dict[str, object], HTTPStatus]:
    """Make somebody a member.

    Or find the member whose phone number or e-mail address it is: then the answer is
    200 and nothing is changed.
    """
    with database().transaction() as session:
        store = get_store(session, code=body["store"])
        check_store(store.id)
        enrolled = enrol_customer(
            session,
            enrolment=Enrolment(
                contact=body["contact"],
                first_name=body["first_name"],
                language=body["language"],
                personal_offers=body["personal_offers"],
            ),
            store=store,
            policy=policy_of(get_programme(session), parts().channels),
            actor=caller().actor,
            now=utc_now(),
        )
    answer: dict[str, object] = {
        "customer": customer_document(enrolled.profile),
        "card": enrolled.card.number
        if enrolled.card.state is CardState.ACTIVE
        else None,
        "already_member": enrolled.already_member,
        "landline": enrolled.landline,
    }
    return answer, HTTPStatus.OK if enrolled.already_member else HTTPStatus.CREATED


@get(
    resource,
    Operation(
        path="/customers/lookup",
        scope=ApiScope.CUSTOMERS_READ,
        query=LookupQuery,
        answer=IdentifiedAnswer,
        problems=(*_MISSING, HTTPStatus.CONFLICT),
    ),
)
def look_a_customer_up(query: Body) -> dict[str, object]:
    """Find a member by card, phone or e-mail.

    404 when nobody is found, 409 when the card does not work any more, 422 when the
    text is neither.
    """
    try:
        with database().transaction() as session:
            return _identified(
                identify_customer(session, text=query["q"], now=utc_now())
            )
    except Invalid as refusal:
        # The use case does not know where the text came from.
        raise Invalid(
            Problem(pointer="/query/q", message=one.message, code=one.code)
            for one in refusal.problems
        ) from refusal


@get(
    resource,
    Operation(
        path=ONE,
        scope=ApiScope.CUSTOMERS_READ,
        answer=IdentifiedAnswer,
        problems=_MISSING,
        parameters=[CUSTOMER],
    ),
)
def show_a_customer(customer: int) -> dict[str, object]:
    """Return a member.

    With what the till shows: card and points.
    """
    with database().transaction() as session:
        found = show_customer(session, customer_id=CustomerID(customer), now=utc_now())
    return _identified(found)


@get(
    resource,
    Operation(
        path=f"{ONE}/offers",
        scope=ApiScope.OFFERS_READ,
        query=OffersQuery,
        answer=OffersAnswer,
        problems=_MISSING,
        parameters=[CUSTOMER],
    ),
)
def list_the_offers(query: Body, customer: int) -> dict[str, list[dict[str, Any]]]:
    """List the offers of a member.

    Those that count now, the best first, each with its terms and the reason for it.
    """
    language: str = query["language"]
    customer_id = CustomerID(customer)
    with database().transaction() as session:
        get_profile(session, customer_id=customer_id)
        offers = valid_offers(session, customer_id=customer_id, now=utc_now())
        categories = category_names(session)
        promotions = {
            offer.promotion: get_promotion(session, code=offer.promotion).promotion
            for offer in offers
        }
        names = display_names(session, promotions=promotions.values())
    return {
        "offers": [
            {
                "offer": offer.id,
                "promotion": offer.promotion,
                "name": pick(dict(promotion.name), language=language),
                "terms": terms(promotion, language, names=names),
                "why": reason_sentence(offer.reason, categories, language),
                "campaign": offer.campaign,
                "valid_from": offer.valid_from,
                "valid_until": offer.valid_until,
            }
            for offer in offers
            for promotion in [promotions[offer.promotion]]
        ]
    }


@get(
    resource,
    Operation(
        path=f"{ONE}/points",
        scope=ApiScope.CUSTOMERS_READ,
        query=TransfersQuery,
        answer=PointsOfCustomerAnswer,
        problems=_MISSING,
        parameters=[CUSTOMER],
    ),
)
def show_the_points(query: Body, customer: int) -> dict[str, object]:
    """Return the points of a member.

    The balance, what expires next, and the latest movements.
    """
    customer_id, now = CustomerID(customer), utc_now()
    with database().transaction() as session:
        get_profile(session, customer_id=customer_id)
        purse = purse_of(session, customer_id=customer_id)
        has = standing(session, customer_id=purse, now=now)
        transfers = list_transfers(
            session, customer_id=customer_id, limit=query["limit"]
        )
        return {
            "balance": has.available,
            "spendable": has.spendable,
            "pending": has.pending,
            "next_expiry": next_expiry(session, customer_id=purse, now=now),
            "transfers": [
                {
                    "version": one.version,
                    "at": one.at,
                    "kind": one.kind,
                    "points": one.points,
                    "balance_after": one.balance_after,
                    "pending_after": one.pending_after,
                    "purchase": one.purchase_id and str(one.purchase_id),
                }
                for one in transfers
            ],
        }


def _identified(found: Identified) -> dict[str, object]:
    return {
        "customer": customer_document(found.profile),
        "card": found.card.number if found.card else None,
        "balance": found.balance,
        "offers": len(found.offers),
        "tier": tier_document(found.tier),
    }
