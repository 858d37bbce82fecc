"""The shop's tiers, and how members came to theirs."""

from http import HTTPStatus
from typing import Final

from marshmallow import Schema, fields, validate

from loyalty.api.auth import caller, check_everywhere
from loyalty.api.v1.answers import moment, text, whole
from loyalty.api.v1.baskets import Body
from loyalty.api.v1.customers.views import CUSTOMER, ONE
from loyalty.api.v1.fields import Language, Matching, MoneyText, OneOf, Request, Whole
from loyalty.api.v1.operations import Operation, Resource, get, put
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid
from loyalty.core.money import NotMoney, decimal_text, parse_money
from loyalty.core.texts import LANGUAGES, use_language
from loyalty.customers.queries import get_profile
from loyalty.customers.values import CustomerID
from loyalty.promotions.schema.fields import Text
from loyalty.staff.values import ApiScope
from loyalty.stores.queries import get_programme
from loyalty.tiers.queries import count_held, get_ladder, history
from loyalty.tiers.render import change_sentence
from loyalty.tiers.rules import LONGEST_DAYS
from loyalty.tiers.service import save_ladder
from loyalty.tiers.values import Basis, Change, Ladder, Span, Tier
from loyalty.web.context import database

resource = Resource("Tiers", "What members are for what they earned or spent.")

_MISSING: Final = (HTTPStatus.NOT_FOUND,)


class TierCode(Matching):
    """The shop's own key of a tier."""

    pattern = r"^[a-z0-9-]{1,32}$"
    refusal = "Must be 1 to 32 of: small letters, digits, hyphen."


class TierTexts(Request):
    """One text a language."""

    en = Text(longest=40, required=True)
    pl = Text(longest=40)
    ru = Text(longest=40)
    sl = Text(longest=40)
    fa = Text(longest=40)


class TierRequest(Request):
    """One step."""

    code = TierCode(required=True, metadata={"example": "silver"})
    name = fields.Nested(TierTexts, required=True)
    threshold = MoneyText(
        required=True,
        metadata={"example": "500", "description": "Points (whole), or money."},
    )


class LadderRequest(Request):
    """All tiers of the shop, the lowest first."""

    basis = OneOf(*(basis.value for basis in Basis), required=True)
    span = OneOf(*(span.value for span in Span), required=True)
    days = Whole(least=1, most=LONGEST_DAYS, load_default=365)
    grace_days = Whole(most=LONGEST_DAYS, required=True)
    tiers = fields.List(
        fields.Nested(TierRequest), required=True, validate=validate.Length(max=10)
    )


class TierOfLadderAnswer(Schema):
    """One step, and how many members have it."""

    code = text(metadata={"example": "silver"})
    name = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    threshold = text(metadata={"example": "500"})
    members = whole()


class LadderAnswer(Schema):
    """All tiers of the shop, the lowest first."""

    version = whole()
    basis = text(metadata={"enum": [basis.value for basis in Basis]})
    span = text(metadata={"enum": [span.value for span in Span]})
    days = whole()
    grace_days = whole()
    tiers = fields.List(fields.Nested(TierOfLadderAnswer), required=True)


class TierHistoryQuery(Request):
    """How to say it."""

    language = Language()


class TierChangeAnswer(Schema):
    """One change of a member's tier, explained."""

    at = moment()
    change = text(metadata={"enum": [change.value for change in Change]})
    before = text(allow_none=True)
    after = text(allow_none=True)
    falls_at = moment(nullable=True)
    why = text(
        metadata={
            "example": "Reached Silver. 524 points from 20 Nov 2025 to 20 Nov 2026. "
            "Silver needs 500 points."
        }
    )
    purchases = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "The latest that counted, the newest first."},
    )


class TierHistoryAnswer(Schema):
    """What became of a member's tier, the newest first."""

    changes = fields.List(fields.Nested(TierChangeAnswer), required=True)


@get(
    resource,
    Operation(path="/tiers", scope=ApiScope.PROGRAMME_READ, answer=LadderAnswer),
)
def show_the_tiers() -> dict[str, object]:
    """Return the shop's tiers.

    With how many members have each.
    """
    with database().transaction() as session:
        currency = get_programme(session).currency
        return _document(get_ladder(session), count_held(session), currency)


@put(
    resource,
    Operation(
        path="/tiers",
        scope=ApiScope.PROGRAMME_WRITE,
        body=LadderRequest,
        example={
            "basis": "points",
            "span": "rolling",
            "days": 365,
            "grace_days": 90,
            "tiers": [
                {"code": "silver", "name": {"en": "Silver"}, "threshold": "500"},
                {"code": "gold", "name": {"en": "Gold"}, "threshold": "2000"},
            ],
        },
        answer=LadderAnswer,
    ),
)
def replace_the_tiers(body: Body) -> dict[str, object]:
    """Replace the shop's tiers.

    All members are reviewed soon after. Who would be lower keeps the tier for the
    grace period. Without tiers nobody has any.
    """
    check_everywhere()
    with database().transaction() as session:
        currency = get_programme(session).currency
        ladder = save_ladder(
            session,
            ladder=_ladder(body, currency),
            actor=caller().actor,
            now=utc_now(),
        )
        return _document(ladder, count_held(session), currency)


@get(
    resource,
    Operation(
        path=f"{ONE}/tiers",
        scope=ApiScope.CUSTOMERS_READ,
        query=TierHistoryQuery,
        answer=TierHistoryAnswer,
        problems=_MISSING,
        parameters=[CUSTOMER],
    ),
)
def show_the_tier_history(query: Body, customer: int) -> dict[str, object]:
    """Return what became of a member's tier.

    Each change with its figures and the rule, in plain words.
    """
    customer_id = CustomerID(customer)
    with database().transaction() as session:
        get_profile(session, customer_id=customer_id)
        programme = get_programme(session)
        changes = history(session, customer_id=customer_id)
    with use_language(query["language"]):
        return {
            "changes": [
                {
                    "at": one.at,
                    "change": one.change.value,
                    "before": one.before,
                    "after": one.after,
                    "falls_at": one.falls_at,
                    "why": change_sentence(
                        one, currency=programme.currency, zone=programme.time_zone
                    ),
                    "purchases": [str(step.purchase_id) for step in one.latest],
                }
                for one in changes
            ]
        }


def _ladder(body: Body, currency: str) -> Ladder:
    basis = Basis(body["basis"])
    return Ladder(
        basis=basis,
        span=Span(body["span"]),
        days=body["days"],
        grace_days=body["grace_days"],
        tiers=tuple(
            Tier(
                code=tier["code"],
                name={
                    code: tier["name"][code]
                    for code in LANGUAGES
                    if code in tier["name"]
                },
                threshold=_threshold(tier["threshold"], basis, currency, place),
            )
            for place, tier in enumerate(body["tiers"])
        ),
    )


def _threshold(given: str, basis: Basis, currency: str, place: int) -> int:
    try:
        if basis is Basis.SPENT:
            return parse_money(given, currency).amount
        if given.isdigit():
            return int(given)
        message = "Points are whole numbers."
    except NotMoney as problem:
        message = str(problem)
    raise Invalid.field(
        pointer=f"/tiers/{place}/threshold", message=message, code="too_many_decimals"
    )


def _document(ladder: Ladder, held: dict[str, int], currency: str) -> dict[str, object]:
    money = ladder.basis is Basis.SPENT
    return {
        "version": ladder.version,
        "basis": ladder.basis.value,
        "span": ladder.span.value,
        "days": ladder.days,
        "grace_days": ladder.grace_days,
        "tiers": [
            {
                "code": tier.code,
                "name": dict(tier.name),
                "threshold": decimal_text(tier.threshold, currency)
                if money
                else str(tier.threshold),
                "members": held.get(tier.code, 0),
            }
            for tier in ladder.tiers
        ],
    }
