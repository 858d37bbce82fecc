"""Making a campaign: its form, and what is wrong with it."""

import re
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.admin.pages import (
    FieldProblems,
    actor,
    blueprint,
    field,
    first_moment,
    needs_all_stores,
    number,
    problems_by_field,
    show,
    zone_of,
)
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid, LoyaltyError
from loyalty.core.money import NotMoney, decimal_text, parse_money
from loyalty.core.texts import format_number, pick
from loyalty.core.texts import gettext as _
from loyalty.offers import queries, service
from loyalty.offers.values import Campaign, NewCampaign
from loyalty.promotions.queries import list_promotions
from loyalty.promotions.values import Trigger
from loyalty.promotions.values.states import PromotionState
from loyalty.staff.values import Permission
from loyalty.stores.queries import get_programme
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.surface import redirect_to

_CODE: Final = re.compile(r"[a-z0-9-]{1,64}", re.ASCII)
_MOST_OFFERS: Final = 10
_MOST_HOLDOUT: Final = 50
_LONGEST_NAME: Final = 200


@blueprint.get("/campaigns/new")
@requires(Permission.CAMPAIGNS_WRITE)
def new_campaign() -> ResponseReturnValue:
    """Show an empty campaign."""
    needs_all_stores(Permission.CAMPAIGNS_WRITE)
    return _show_form(FieldProblems())


@blueprint.post("/campaigns/new")
@requires(Permission.CAMPAIGNS_WRITE)
def create_campaign() -> ResponseReturnValue:
    """Keep a campaign as a draft."""
    needs_all_stores(Permission.CAMPAIGNS_WRITE)
    try:
        with database().transaction() as session:
            campaign = _typed_campaign(session)
            service.create_campaign(
                session, campaign=campaign, actor=actor(), now=utc_now()
            )
    except Invalid as error:
        return _show_form(
            problems_by_field(error), status=HTTPStatus.UNPROCESSABLE_ENTITY
        )
    except LoyaltyError as error:
        return _show_form(FieldProblems(code=str(error)), status=HTTPStatus.CONFLICT)
    return redirect_to(f"/admin/campaigns/{campaign.code}/audience")


@blueprint.get("/campaigns/<code>/edit")
@requires(Permission.CAMPAIGNS_WRITE)
def edit_campaign(code: str) -> ResponseReturnValue:
    """Show what a draft offers, and within which limits."""
    needs_all_stores(Permission.CAMPAIGNS_WRITE)
    with database().transaction() as session:
        found = queries.get_campaign(session, code=code)
        typed = _fields(found, zone_of(session), get_programme(session).currency)
    return _show_form(FieldProblems(), typed=typed, campaign=found)


@blueprint.post("/campaigns/<code>/edit")
@requires(Permission.CAMPAIGNS_WRITE)
def change_campaign(code: str) -> ResponseReturnValue:
    """Keep what a draft offers, and within which limits."""
    needs_all_stores(Permission.CAMPAIGNS_WRITE)
    with database().transaction() as session:
        found = queries.get_campaign(session, code=code)
    try:
        with database().transaction() as session:
            typed = _typed_campaign(session, code=code)
            changes = {name: getattr(typed, name) for name in _OF_THIS_STEP}
            service.change_draft(
                session, campaign=found, changes=changes, actor=actor(), now=utc_now()
            )
    except Invalid as error:
        return _show_form(
            problems_by_field(error),
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
            campaign=found,
        )
    return redirect_to(f"/admin/campaigns/{code}/audience")


_OF_THIS_STEP: Final = (
    "name",
    "starts_at",
    "ends_at",
    "promotions",
    "offers_per_customer",
    "holdout_percent",
    "discovery_percent",
    "budget",
    "most_offers",
    "redemption_value",
    "explores",
)


def _fields(campaign: Campaign, zone: ZoneInfo, currency: str) -> dict[str, Any]:
    """Return a draft as the fields of its form."""
    last = campaign.ends_at.astimezone(zone) - timedelta(microseconds=1)
    return {
        "name": campaign.name,
        "starts_at": campaign.starts_at.astimezone(zone).date().isoformat(),
        "ends_at": last.date().isoformat(),
        "offers_per_customer": campaign.offers_per_customer,
        "holdout_percent": campaign.holdout_percent,
        "discovery_percent": campaign.discovery_percent,
        "budget": _amount(campaign.budget, currency),
        "most_offers": campaign.most_offers or "",
        "redemption_value": _amount(campaign.redemption_value, currency),
        "promotions": campaign.promotions,
        "explores": campaign.explores,
    }


def _amount(minor: int | None, currency: str) -> str:
    return "" if minor is None else decimal_text(minor, currency)


def _typed_campaign(session: Session, *, code: str | None = None) -> NewCampaign:
    zone, currency = zone_of(session), get_programme(session).currency
    code = code or field("code")
    name = request.form.get("name", "").strip()
    if not 0 < len(name) <= _LONGEST_NAME:
        raise Invalid.field(
            pointer="/name", message=_("Give it a name, up to 200 letters.")
        )
    if not _CODE.fullmatch(code):
        message = _("1 to 64 of: small letters a-z, digits, hyphen.")
        raise Invalid.field(pointer="/code", message=message)
    promotions = tuple(request.form.getlist("promotions"))
    if not promotions:
        raise Invalid.field(
            pointer="/promotions", message=_("Choose at least one promotion.")
        )
    return NewCampaign(
        code=code,
        name=name,
        starts_at=first_moment("starts_at", zone),
        ends_at=first_moment("ends_at", zone, day_after=True),
        promotions=promotions,
        offers_per_customer=within("offers_per_customer", 1, _MOST_OFFERS, usual=3),
        holdout_percent=within("holdout_percent", 0, _MOST_HOLDOUT, usual=10),
        discovery_percent=within("discovery_percent", 0, 100, usual=25),
        budget=_money("budget", currency),
        most_offers=_count("most_offers"),
        redemption_value=_money("redemption_value", currency),
        explores=request.form.get("explores") == "yes",
    )


def within(name: str, least: int, most: int, *, usual: int) -> int:
    """
    Return the whole number in a field; an empty one means the usual.

    :raises Invalid: if it is none, or out of its bounds
    """
    found = number(name, otherwise=usual)
    if not least <= found <= most:
        message = _(
            "From %(least)s to %(most)s.",
            least=format_number(least),
            most=format_number(most),
        )
        raise Invalid.field(pointer=f"/{name}", message=message)
    return found


def _count(name: str) -> int | None:
    """
    Return the number in a field of which an empty one means no limit.

    :raises Invalid: if it is no whole number from 1
    """
    if not field(name):
        return None
    found = number(name, otherwise=0)
    if found < 1:
        message = _("At least 1; leave it empty for no limit.")
        raise Invalid.field(pointer=f"/{name}", message=message)
    return found


def _money(name: str, currency: str) -> int | None:
    """
    Return the minor units in a field of which an empty one means that nobody says.

    :raises Invalid: if it is no amount, or below zero
    """
    text = field(name)
    if not text:
        return None
    try:
        amount = parse_money(text, currency).amount
    except NotMoney:
        amount = -1
    if amount < 0:
        message = _(
            "Type an amount such as %(example)s, or leave it empty.",
            example=decimal_text(10_000, currency),
        )
        raise Invalid.field(pointer=f"/{name}", message=message)
    return amount


def _show_form(
    problems: FieldProblems,
    *,
    status: int = HTTPStatus.OK,
    typed: Mapping[str, Any] | None = None,
    campaign: Campaign | None = None,
) -> ResponseReturnValue:
    with database().transaction() as session:
        personal = [
            stored
            for stored in list_promotions(
                session, states=[PromotionState.ACTIVE, PromotionState.DRAFT]
            )
            if stored.promotion.trigger is Trigger.PERSONAL
        ]
    sent = request.form
    if typed is None:
        typed = {
            **sent,
            "promotions": sent.getlist("promotions"),
            "explores": sent.get("explores") == "yes" if sent else True,
        }
    return show(
        "campaign_new.html",
        status=status,
        problems=problems,
        typed=typed,
        campaign=campaign,
        step="what",
        chosen=typed["promotions"],
        explores=typed["explores"],
        personal=[
            (stored.promotion.code, pick(dict(stored.promotion.name)), stored.state)
            for stored in personal
        ],
    )
