"""Setting up the programme and its stores."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import Refused
from loyalty.stores.models import ProgrammeRow, StoreRow
from loyalty.stores.values import Programme, StoreID


class StoreExists(Refused):
    """A store has this code already."""

    code = "store_exists"


def save_programme(
    session: Session, *, programme: Programme, actor: str, now: datetime
) -> None:
    """Set the programme up, or change it."""
    rule = programme.points_rule
    session.merge(
        ProgrammeRow(
            id=1,
            name=programme.name,
            currency=programme.currency,
            time_zone=programme.time_zone.key,
            strategy=programme.strategy,
            points=rule.points,
            points_per=rule.per,
            points_lifetime_days=rule.lifetime_days,
            points_rule_version=rule.version,
            card_prefix=programme.card_prefix,
            phone_region=programme.phone_region,
            languages=list(programme.languages),
            quiet_from_minute=programme.quiet_from_minute,
            quiet_until_minute=programme.quiet_until_minute,
            max_messages_per_week=programme.max_messages_per_week,
            changed_at=now,
        )
    )
    audit.record(
        session,
        now=now,
        actor=actor,
        action="programme.save",
        subject="programme",
        after={"name": programme.name, "currency": programme.currency},
    )


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
