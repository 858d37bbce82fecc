"""Telling members that points of theirs are about to expire: twice, by message."""

from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.delivery.render import expiring_parameters
from loyalty.delivery.service import plan_messages
from loyalty.delivery.values import DeliveryPolicy, MessageKind, NewMessage
from loyalty.points.rules.lifetimes import last_day
from loyalty.points.service import take_warnings
from loyalty.points.values import ExpiryWarning, WarningKind
from loyalty.stores.queries import get_programme
from loyalty.stores.values import Programme


def warn_of_expiry(
    session: Session,
    *,
    kind: WarningKind,
    policy: DeliveryPolicy,
    now: datetime,
    at_most: int = 200,
) -> int:
    """
    Plan the warnings that are due now, for so many members at most.

    They are service messages: they go at once, by e-mail or else to the inbox.

    :returns: how many members are warned; as many as ``at_most`` means there may be
        more
    """
    warnings = take_warnings(session, kind=kind, now=now, at_most=at_most)
    programme = get_programme(session)
    plan_messages(
        session,
        messages=[_message(warning, programme) for warning in warnings],
        policy=policy,
        now=now,
    )
    return len(warnings)


def _message(warning: ExpiryWarning, programme: Programme) -> NewMessage:
    days = [
        (last_day(expiry.at, programme.time_zone), expiry.points)
        for expiry in warning.expiries
    ]
    return NewMessage(
        customer_id=warning.customer_id,
        kind=MessageKind.SERVICE,
        template="expiring",
        parameters=expiring_parameters(
            shop=programme.name, expiries=days, path="/wallet/purchases"
        ),
        subject=f"points:{warning.kind}-warning",
        occasion="/".join(f"{day}" for day, _ in days),
        not_after=warning.expiries[-1].at,
    )
