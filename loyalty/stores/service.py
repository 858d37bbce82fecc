"""Setting up the programme and its stores."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import Refused
from loyalty.stores.models import PointsRuleRow, ProgrammeRow, StoreRow
from loyalty.stores.rules import check_points_rule
from loyalty.stores.values import Programme, StoreID


class StoreExists(Refused):
    """A store has this code already."""

    code = "store_exists"


def save_programme(
    session: Session, *, programme: Programme, actor: str, now: datetime
) -> None:
    """
    Set the programme up, or change it; a changed points rule is a new version.

    :raises Invalid: if the points rule can't be kept
    """
    check_points_rule(programme.points_rule)
    version = _keep_rule(session, programme, now=now)
    session.merge(
        ProgrammeRow(
            id=1,
            name=programme.name,
            currency=programme.currency,
            time_zone=programme.time_zone.key,
            strategy=programme.strategy,
            points_rule_version=version,
            card_prefix=programme.card_prefix,
            phone_region=programme.phone_region,
            languages=list(programme.languages),
            quiet_from_minute=programme.quiet_from_minute,
            quiet_until_minute=programme.quiet_until_minute,
            max_messages_per_week=programme.max_messages_per_week,
            double_opt_in=sorted(programme.double_opt_in),
            reservation_minutes=programme.reservation_minutes,
            recheck_thresholds=programme.recheck_thresholds,
            excluded_categories=list(programme.exclusions.categories),
            excluded_words=list(programme.exclusions.words),
            postal_address=programme.postal_address,
            changed_at=now,
        )
    )
    audit.record(
        session,
        now=now,
        actor=actor,
        action="programme.save",
        subject="programme",
        after={
            "name": programme.name,
            "currency": programme.currency,
            "points_rule": version,
            "double_opt_in": sorted(programme.double_opt_in),
            "quiet_from_minute": programme.quiet_from_minute,
            "quiet_until_minute": programme.quiet_until_minute,
            "max_messages_per_week": programme.max_messages_per_week,
            "excluded_categories": list(programme.exclusions.categories),
            "excluded_words": list(programme.exclusions.words),
            "postal_address": programme.postal_address,
        },
    )


def _keep_rule(session: Session, programme: Programme, *, now: datetime) -> int:
    """Return the version of the programme's rule, a new one if no row has it."""
    rule = programme.points_rule
    columns = {
        "points": rule.points,
        "per": rule.per,
        "currency": programme.currency,
        "lifetime": rule.lifetime,
        "lifetime_days": rule.lifetime_days,
        "fixed_month": rule.fixed_month,
        "fixed_day": rule.fixed_day,
        "fixed_years": rule.fixed_years,
        "delay_days": rule.delay_days,
        "value": rule.value,
    }
    latest = session.scalar(
        select(PointsRuleRow).order_by(PointsRuleRow.version.desc()).limit(1)
    )
    if latest and all(getattr(latest, name) == it for name, it in columns.items()):
        return latest.version
    version = latest.version + 1 if latest else rule.version
    session.add(PointsRuleRow(version=version, since=now, **columns))
    session.flush()
    return version


def add_store(
    session: Session,
    *,
    code: str,
    name: str,
    address: str,
    phone: str,
    opening_hours: str,
) -> StoreID:
    """
    Add a store in the programme's zone and currency.

    :raises StoreExists: if the code is taken
    """
    store_id: StoreID | None = session.scalar(
        insert(StoreRow)
        .values(
            code=code,
            name=name,
            address=address,
            phone=phone,
            opening_hours=opening_hours,
        )
        .on_conflict_do_nothing(index_elements=[StoreRow.code])
        .returning(StoreRow.id)
    )
    if store_id is None:
        message = f"There is a store {code!r} already."
        raise StoreExists(message)
    return store_id
