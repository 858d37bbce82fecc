"""Promotions as documents, with every key written out."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from loyalty.core.money import Money
from loyalty.core.periods import DAY_NAMES, WeeklyWindow, minutes_text
from loyalty.promotions import values as v

Document = dict[str, Any]


def dump_promotion(promotion: v.Promotion) -> Document:
    """Return the whole document; loading it gives an equal promotion."""
    limits = promotion.limits
    return {
        "code": promotion.code,
        "name": dict(promotion.name),
        "trigger": promotion.trigger.value,
        "valid": _validity(promotion.valid),
        "audience": promotion.audience and dump_audience(promotion.audience),
        "requires": [_requirement(requirement) for requirement in promotion.requires],
        "reward": dump_reward(promotion.reward),
        "limits": {
            "per_purchase": limits.per_purchase,
            "per_customer": limits.per_customer,
            "per_customer_per_day": limits.per_customer_per_day,
            "total": limits.total,
            "budget": _money(limits.budget),
        },
        "combines": promotion.combines.value,
        "priority": promotion.priority,
    }


def dump_selector(selector: v.Selector) -> Document:
    """Return the selector's document, without the keys that are not given."""
    price = {
        "at_least": _money(selector.price_at_least),
        "below": _money(selector.price_below),
    }
    document = {
        "all": selector.everything or None,
        "skus": _listed(selector.skus),
        "categories": _listed(selector.categories),
        "brands": _listed(selector.brands),
        "tags": _listed(selector.tags),
        "unit_price": price if any(price.values()) else None,
        "except": selector.exclude and dump_selector(selector.exclude),
    }
    return {key: value for key, value in document.items() if value is not None}


def dump_audience(audience: v.Audience) -> Document:
    """Return the document of an audience tree."""
    key, read = _AUDIENCES[type(audience)]
    return {key: read(audience)}


def dump_reward(reward: v.Reward) -> Document:
    """Return the document of a reward."""
    key, read = _REWARDS[type(reward)]
    return {key: read(reward)}


def _validity(valid: v.Validity) -> Document:
    return {
        "from": _local(valid.start),
        "until": _local(valid.until),
        "weekly": None if valid.weekly is None else [_window(w) for w in valid.weekly],
        "stores": _listed(valid.stores),
        "sales_channels": _listed(valid.sales_channels),
    }


def _window(window: WeeklyWindow) -> Document:
    return {
        "days": [DAY_NAMES[day] for day in sorted(window.days)],
        "from": minutes_text(window.start),
        "until": minutes_text(window.until),
    }


def _requirement(requirement: v.Requirement) -> Document:
    if isinstance(requirement, v.Spend):
        return {
            "spend": {
                "on": dump_selector(requirement.on),
                "at_least": str(requirement.at_least),
                "counting": requirement.counting.value,
            }
        }
    if isinstance(requirement, v.Quantity):
        of = dump_selector(requirement.of)
        return {"quantity": {"of": of, "at_least": requirement.at_least}}
    return {"payment": list(requirement.ways)}


def _counted(counted: v.Counted) -> Document:
    return {**dump_selector(counted.of), "quantity": counted.quantity}


def _steps(reward: v.Steps) -> Document:
    return {
        "by": reward.by.value,
        "on": dump_selector(reward.on),
        "steps": [
            {
                "at_least": str(step.at_least)
                if isinstance(step.at_least, Money)
                else step.at_least,
                "percent": _decimal(step.percent),
                "amount": _money(step.amount),
            }
            for step in reward.steps
        ],
    }


def _units(units: v.Units | None) -> Document | None:
    if units is None:
        return None
    return {"at_most": units.at_most, "which": units.which.value}


def _money(money: Money | None) -> str | None:
    return None if money is None else str(money)


def _decimal(number: Decimal | None) -> str | None:
    return None if number is None else f"{number.normalize():f}"


def _local(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="minutes")


def _listed(texts: tuple[str, ...] | None) -> list[str] | None:
    return None if texts is None else list(texts)


def _range(given: v.Range) -> Document:
    return {"at_least": given.at_least, "below": given.below}


Row = tuple[str, Callable[[Any], object]]

_AUDIENCES: Mapping[type, Row] = MappingProxyType(
    {
        v.AllOf: ("all", lambda a: [dump_audience(part) for part in a.parts]),
        v.AnyOf: ("any", lambda a: [dump_audience(part) for part in a.parts]),
        v.Not: ("not", lambda a: dump_audience(a.part)),
        v.InSegment: ("segment", lambda a: a.segment),
        v.InTier: ("tier", lambda a: a.tier),
        v.MemberForDays: ("member_for_days", lambda a: _range(a.days)),
        v.PurchaseCount: (
            "purchases",
            lambda a: {**_range(a.count), "within_days": a.within_days},
        ),
        v.Spent: (
            "spent",
            lambda a: {
                "at_least": _money(a.at_least),
                "below": _money(a.below),
                "within_days": a.within_days,
            },
        ),
        v.DaysSincePurchase: ("days_since_purchase", lambda a: _range(a.days)),
        v.BirthdayWithinDays: ("birthday_within_days", lambda a: a.days),
        v.InterestedIn: ("interested_in", lambda a: list(a.categories)),
        v.Speaks: ("language", lambda a: a.language),
        v.HomeStore: ("home_store", lambda a: a.store),
        v.HasCard: ("has_card", lambda a: a.has_card),
    }
)

_REWARDS: Mapping[type, Row] = MappingProxyType(
    {
        v.PercentOff: (
            "percent_off",
            lambda r: {
                "percent": _decimal(r.percent),
                "on": dump_selector(r.on),
                "units": _units(r.units),
                "at_most": _money(r.at_most),
            },
        ),
        v.AmountOff: (
            "amount_off",
            lambda r: {
                "amount": str(r.amount),
                "on": dump_selector(r.on),
                "per": r.per.value,
                "units": _units(r.units),
            },
        ),
        v.FixedPrice: (
            "fixed_price",
            lambda r: {
                "price": str(r.price),
                "on": dump_selector(r.on),
                "units": _units(r.units),
            },
        ),
        v.BuyGet: (
            "buy_get",
            lambda r: {
                "buy": _counted(r.buy),
                "get": {**_counted(r.get), "percent": _decimal(r.percent)},
            },
        ),
        v.Bundle: (
            "bundle",
            lambda r: {
                "parts": [_counted(part) for part in r.parts],
                "price": str(r.price),
            },
        ),
        v.Steps: ("steps", _steps),
        v.FreeItem: ("free_item", lambda r: {"sku": r.sku, "quantity": r.quantity}),
        v.FreeDelivery: ("free_delivery", lambda r: {"at_most": _money(r.at_most)}),
        v.PointsTimes: (
            "points_times",
            lambda r: {"factor": _decimal(r.factor), "on": dump_selector(r.on)},
        ),
        v.PointsPlus: ("points_plus", lambda r: {"points": r.points}),
    }
)
