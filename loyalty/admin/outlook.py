"""The three lists of the first page: needs you, running, coming."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from loyalty.admin.names import name_of_scope
from loyalty.core.money import Money
from loyalty.core.texts import (
    format_date,
    format_money,
    format_number,
    format_percent,
    ngettext,
    pick,
)
from loyalty.core.texts import gettext as _
from loyalty.delivery.queries.monitor import oldest_due
from loyalty.delivery.queries.pauses import list_pauses
from loyalty.offers.queries import list_campaigns
from loyalty.offers.values import Campaign, CampaignState
from loyalty.promotions.queries import list_promotions, totals_of
from loyalty.promotions.values.states import (
    PromotionID,
    PromotionState,
    StoredPromotion,
    Totals,
)
from loyalty.stores.queries import get_programme

_LATE: Final = timedelta(minutes=15)
_SOON: Final = timedelta(days=7)
_NEARLY_SPENT: Final = 0.8


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of a list: what it is, a remark, where it leads."""

    text: str
    note: str
    href: str
    tone: str = "plain"


@dataclass(frozen=True, kw_only=True, slots=True)
class Lists:
    """The three lists of the page."""

    needs_you: tuple[Line, ...]
    running: tuple[Line, ...]
    coming: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Promotions:
    """The promotions that the page speaks of, read once."""

    drafts: tuple[StoredPromotion, ...]
    active: tuple[StoredPromotion, ...]
    totals: Mapping[PromotionID, Totals]


def read_promotions(session: Session) -> Promotions:
    """Return drafts and active promotions, with what the active ones gave."""
    active = list_promotions(session, states=[PromotionState.ACTIVE])
    return Promotions(
        drafts=list_promotions(session, states=[PromotionState.DRAFT]),
        active=active,
        totals=totals_of(session, promotion_ids=[stored.id for stored in active]),
    )


def outlook(session: Session, promotions: Promotions, now: datetime) -> Lists:
    """Return what needs somebody, what runs and what comes."""
    zone = get_programme(session).time_zone
    local = now.astimezone(zone).replace(tzinfo=None)
    campaigns = list_campaigns(session)
    return Lists(
        needs_you=(*_deliveries(session, now), *_promotions_in_need(promotions)),
        running=(*_running_promotions(promotions, local), *_campaigns(campaigns, now)),
        coming=(
            *_coming_promotions(promotions, local),
            *_coming_campaigns(campaigns, now, zone),
        ),
    )


def _deliveries(session: Session, now: datetime) -> list[Line]:
    lines = [
        Line(
            text=_("Sending is paused: %(what)s", what=name_of_scope(pause.scope)),
            note=_("Nothing of it leaves until somebody resumes it"),
            href="/admin/deliveries",
            tone="warn",
        )
        for pause in list_pauses(session)
    ]
    oldest = oldest_due(session, now=now)
    if oldest is not None and oldest < now - _LATE and not lines:
        minutes = int((now - oldest).total_seconds() // 60)
        lines.append(
            Line(
                text=_("Messages leave late"),
                note=ngettext(
                    "The oldest has been due for %(n)s minute",
                    "The oldest has been due for %(n)s minutes",
                    minutes,
                ),
                href="/admin/deliveries",
                tone="bad",
            )
        )
    return lines


def _promotions_in_need(promotions: Promotions) -> list[Line]:
    drafts = promotions.drafts
    lines = []
    if drafts:
        lines.append(
            Line(
                text=ngettext(
                    "%(n)s promotion is a draft",
                    "%(n)s promotions are drafts",
                    len(drafts),
                ),
                note=", ".join(_name(draft) for draft in drafts[:3]),
                href="/admin/promotions?state=draft",
            )
        )
    totals = promotions.totals
    for stored in promotions.active:
        budget = stored.promotion.limits.budget
        given = totals[stored.id].given if stored.id in totals else 0
        if budget is not None and given >= _NEARLY_SPENT * budget.amount:
            lines.append(
                Line(
                    text=_name(stored),
                    note=_(
                        "%(share)s of the budget is given", share=_share(given, budget)
                    ),
                    href=_address(stored),
                    tone="warn",
                )
            )
    return lines


def _running_promotions(promotions: Promotions, local: datetime) -> list[Line]:
    active = [
        stored
        for stored in promotions.active
        if (stored.promotion.valid.start or local) <= local
        and (
            stored.promotion.valid.until is None or stored.promotion.valid.until > local
        )
    ]
    totals = promotions.totals
    busiest = sorted(
        active,
        key=lambda stored: totals[stored.id].uses if stored.id in totals else 0,
        reverse=True,
    )
    return [
        Line(
            text=_name(stored),
            note=_(
                "%(uses)s uses, %(given)s given",
                uses=format_number(totals[stored.id].uses),
                given=format_money(
                    Money(
                        amount=totals[stored.id].given,
                        currency=stored.promotion.currency,
                    )
                ),
            )
            if stored.id in totals
            else _("not used yet"),
            href=_address(stored),
            tone="good",
        )
        for stored in busiest[:6]
    ]


def _campaigns(campaigns: Sequence[Campaign], now: datetime) -> list[Line]:
    return [
        Line(
            text=campaign.name,
            note=_("campaign"),
            href=f"/admin/campaigns/{campaign.code}",
            tone="good",
        )
        for campaign in campaigns
        if campaign.state is CampaignState.RUNNING
        and campaign.starts_at <= now < campaign.ends_at
    ]


def _coming_promotions(promotions: Promotions, local: datetime) -> list[Line]:
    lines = []
    for stored in promotions.active:
        valid = stored.promotion.valid
        if valid.start is not None and valid.start > local:
            note = _("begins on %(day)s", day=format_date(valid.start.date()))
        elif valid.until is not None and local < valid.until <= local + _SOON:
            note = _("ends on %(day)s", day=format_date(valid.until.date()))
        else:
            continue
        lines.append(Line(text=_name(stored), note=note, href=_address(stored)))
    return lines[:6]


def _coming_campaigns(
    campaigns: Sequence[Campaign], now: datetime, zone: ZoneInfo
) -> list[Line]:
    return [
        Line(
            text=campaign.name,
            note=_(
                "campaign, begins on %(day)s",
                day=format_date(campaign.starts_at.astimezone(zone).date()),
            ),
            href=f"/admin/campaigns/{campaign.code}",
        )
        for campaign in campaigns
        if campaign.starts_at > now
    ]


def _share(given: int, budget: Money) -> str:
    return format_percent(given / budget.amount if budget.amount else 0)


def _name(stored: StoredPromotion) -> str:
    return pick(dict(stored.promotion.name))


def _address(stored: StoredPromotion) -> str:
    return f"/admin/promotions/{stored.promotion.code}"
