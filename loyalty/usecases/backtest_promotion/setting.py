"""What a back-test is made from, and what it takes for granted."""

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy.orm import Session

from loyalty.core.money import parse_money
from loyalty.promotions.queries import active_promotions
from loyalty.promotions.rules.backtesting import as_if_it_ran
from loyalty.promotions.rules.conditions import conditions
from loyalty.promotions.values import (
    FreeDelivery,
    HomeStore,
    InSegment,
    InterestedIn,
    InTier,
    PointsRule,
    Programme,
    Promotion,
    Speaks,
    Strategy,
    Trigger,
)
from loyalty.promotions.values.backtests import Scene
from loyalty.stores.queries import get_programme, list_stores

_KNOWN_NOW = {
    InSegment: "segments",
    InTier: "tier",
    InterestedIn: "interests",
    Speaks: "language",
    HomeStore: "home_store",
}


def scene_of(session: Session, *, promotion: Promotion, shoppers: int) -> Scene:
    """Return the draft as if it had run, and what runs now beside it."""
    return Scene(
        draft=as_if_it_ran(promotion),
        others=tuple(
            _without_limits(as_if_it_ran(stored.promotion))
            for stored in active_promotions(session)
            if stored.promotion.code != promotion.code
            # Whom a personal offer or a code will go to is not known.
            and stored.promotion.trigger is Trigger.AUTOMATIC
        ),
        programmes=_programmes(session),
        shoppers=shoppers,
    )


def assumptions(promotion: Promotion, scene: Scene) -> Iterator[str]:
    """Give what the answer takes for granted, as stable names."""
    yield "unchanged_behaviour"
    if promotion.valid.start or promotion.valid.until:
        yield "dates_left_out"
    if promotion.trigger is not Trigger.AUTOMATIC:
        yield f"trigger_{promotion.trigger.value}"
    asked = {type(one) for one in conditions(promotion.audience)}
    for kind, name in _KNOWN_NOW.items():
        if kind in asked:
            yield f"now_{name}"
    if isinstance(promotion.reward, FreeDelivery):
        yield "delivery_as_paid"
    if scene.others:
        yield "others_all_along"


def _without_limits(promotion: Promotion) -> Promotion:
    limits = replace(promotion.limits, total=None, budget=None)
    return replace(promotion, limits=limits)


def _programmes(session: Session) -> dict[str, Programme]:
    programme = get_programme(session)
    rule = programme.points_rule
    return {
        store.code: Programme(
            currency=store.currency,
            time_zone=store.time_zone,
            strategy=Strategy(programme.strategy),
            points=PointsRule(
                points=rule.points,
                per=parse_money(f"{rule.per.normalize():f}", store.currency),
            ),
        )
        for store in list_stores(session)
    }
