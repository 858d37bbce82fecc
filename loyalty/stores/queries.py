"""Reading the programme and its stores."""

from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.stores.models import PointsRuleRow, ProgrammeRow, StoreRow
from loyalty.stores.values import Exclusions, PointsRule, Programme, Store, StoreID

_HELD = "programme and points rule"
_STORES = "stores by code"
"""Under which a session holds the rows that are asked for again and again."""


class ProgrammeMissing(NotFound):
    """Nobody has set the programme up yet."""

    code = "programme_missing"


class StoreNotFound(NotFound):
    """No store has this code."""

    code = "store_not_found"


def get_programme(session: Session) -> Programme:
    """
    Return the installation's programme.

    :raises ProgrammeMissing: before the first set-up
    """
    row, rule = _programme_rows(session)
    return Programme(
        name=row.name,
        currency=row.currency,
        time_zone=ZoneInfo(row.time_zone),
        strategy=row.strategy,
        points_rule=_rule(rule),
        card_prefix=row.card_prefix,
        phone_region=row.phone_region,
        languages=tuple(row.languages),
        quiet_from_minute=row.quiet_from_minute,
        quiet_until_minute=row.quiet_until_minute,
        max_messages_per_week=row.max_messages_per_week,
        double_opt_in=frozenset(row.double_opt_in),
        reservation_minutes=row.reservation_minutes,
        recheck_thresholds=row.recheck_thresholds,
        exclusions=Exclusions(
            categories=tuple(row.excluded_categories), words=tuple(row.excluded_words)
        ),
        postal_address=row.postal_address,
    )


def held_exclusions(session: Session) -> Exclusions:
    """Return what is never recommended; nobody changes it until this commits."""
    row = session.scalars(
        select(ProgrammeRow)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    ).one()
    return Exclusions(
        categories=tuple(row.excluded_categories), words=tuple(row.excluded_words)
    )


def postal_address(session: Session) -> str:
    """Return the sender's address, for the foot of a message; empty if none is set."""
    return session.scalar(select(ProgrammeRow.postal_address)) or ""


def get_points_rule(session: Session, *, version: int) -> PointsRule:
    """Return a version of the points rule that a row refers to."""
    return _rule(session.get_one(PointsRuleRow, version))


def _programme_rows(session: Session) -> tuple[ProgrammeRow, PointsRuleRow]:
    """Return the programme and the rule in force, read once in a session."""
    held: tuple[ProgrammeRow, PointsRuleRow] | None = session.info.get(_HELD)
    if held is None or held[0].points_rule_version != held[1].version:
        found = session.execute(
            select(ProgrammeRow, PointsRuleRow).join(
                PointsRuleRow, PointsRuleRow.version == ProgrammeRow.points_rule_version
            )
        ).first()
        if found is None:
            message = "The programme is not set up yet."
            raise ProgrammeMissing(message)
        held = session.info[_HELD] = (found[0], found[1])
    return held


def _rule(row: PointsRuleRow) -> PointsRule:
    return PointsRule(
        points=row.points,
        per=row.per,
        lifetime=row.lifetime,
        lifetime_days=row.lifetime_days,
        fixed_month=row.fixed_month,
        fixed_day=row.fixed_day,
        fixed_years=row.fixed_years,
        delay_days=row.delay_days,
        value=row.value,
        version=row.version,
    )


def get_store(session: Session, *, code: str) -> Store:
    """
    Return the store with this code.

    :raises StoreNotFound: if there is none
    """
    stores: dict[str, StoreRow] = session.info.setdefault(_STORES, {})
    if code in stores:
        return _to_value(stores[code], get_programme(session))
    found = session.execute(
        select(StoreRow, ProgrammeRow, PointsRuleRow)
        .select_from(StoreRow)
        .join(ProgrammeRow, ProgrammeRow.id == 1)
        .join(PointsRuleRow, PointsRuleRow.version == ProgrammeRow.points_rule_version)
        .where(StoreRow.code == code)
    ).first()
    if found is None:
        get_programme(session)
        message = f"There is no store {code!r}."
        raise StoreNotFound(message)
    row, programme, rule = found
    stores[code] = row
    session.info[_HELD] = (programme, rule)
    return _to_value(row, get_programme(session))


def get_store_by_id(session: Session, *, store_id: StoreID) -> Store:
    """Return a store that a row refers to."""
    row = session.get_one(StoreRow, store_id)
    return _to_value(row, get_programme(session))


def list_stores(session: Session) -> tuple[Store, ...]:
    """Return all stores by code."""
    programme = get_programme(session)
    rows = session.scalars(select(StoreRow).order_by(StoreRow.code))
    return tuple(_to_value(row, programme) for row in rows)


def _to_value(row: StoreRow, programme: Programme) -> Store:
    return Store(
        id=row.id,
        code=row.code,
        name=row.name,
        time_zone=ZoneInfo(row.time_zone) if row.time_zone else programme.time_zone,
        currency=row.currency or programme.currency,
        address=row.address,
        phone=row.phone,
        opening_hours=row.opening_hours,
    )
