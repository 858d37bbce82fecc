"""Endpoints: made, changed, paused, and given another secret."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import Invalid, Refused
from loyalty.core.vault import vault_of
from loyalty.webhooks.models import EndpointRow, SecretRow
from loyalty.webhooks.queries import EndpointNotFound
from loyalty.webhooks.rules import UrlRefused, check_url, new_secret
from loyalty.webhooks.service.recording import forget_subscribers, ring
from loyalty.webhooks.values import (
    DisabledWhy,
    EndpointID,
    EndpointState,
    EndpointTerms,
    EventType,
    Made,
)

OVERLAP: Final = timedelta(hours=24)
"""How long the old secret signs beside the new one."""

MOST_ENDPOINTS: Final = 50
_LONGEST_DESCRIPTION: Final = 200


class TooManyEndpoints(Refused):
    """There are so many endpoints that another would slow every purchase down."""

    code = "webhooks_too_many"


def create_endpoint(
    session: Session,
    *,
    terms: EndpointTerms,
    allow_private: bool,
    actor: str,
    now: datetime,
) -> Made:
    """
    Add an endpoint that is sent to from now on.

    :returns: its number, and the secret, which is shown this once
    :raises Invalid: naming each field at fault
    :raises TooManyEndpoints: if there are 50
    """
    _check(terms, allow_private=allow_private)
    if session.query(EndpointRow).count() >= MOST_ENDPOINTS:
        message = f"There are {MOST_ENDPOINTS} webhooks: change one that is not used."
        raise TooManyEndpoints(message)
    row = EndpointRow(
        url=terms.url,
        description=terms.description.strip(),
        events=sorted(terms.events),
        state=EndpointState.ACTIVE,
        why=None,
        created_at=now,
        created_by=actor,
        failing_since=None,
    )
    session.add(row)
    session.flush()
    secret = _add_secret(session, row.id, now=now)
    _note(session, row, "create", actor=actor, now=now)
    return Made(endpoint_id=row.id, secret=secret)


def revise_endpoint(
    session: Session,
    *,
    endpoint_id: EndpointID,
    terms: EndpointTerms,
    allow_private: bool,
    actor: str,
    now: datetime,
) -> None:
    """
    Change what is said of an endpoint; what waits goes to the new address.

    :raises EndpointNotFound: if there is none
    :raises Invalid: naming each field at fault
    """
    row = _locked(session, endpoint_id)
    _check(terms, allow_private=allow_private)
    row.url = terms.url
    row.description = terms.description.strip()
    row.events = sorted(terms.events)
    row.failing_since = None
    _note(session, row, "revise", actor=actor, now=now)


def pause(
    session: Session, *, endpoint_id: EndpointID, actor: str, now: datetime
) -> None:
    """
    Send nothing for now; what happens meanwhile waits.

    :raises EndpointNotFound: if there is none
    """
    row = _locked(session, endpoint_id)
    row.state, row.why = EndpointState.PAUSED, None
    _note(session, row, "pause", actor=actor, now=now)


def resume(
    session: Session, *, endpoint_id: EndpointID, actor: str, now: datetime
) -> None:
    """
    Send again, beginning with what waits.

    :raises EndpointNotFound: if there is none
    """
    row = _locked(session, endpoint_id)
    row.state, row.why, row.failing_since = EndpointState.ACTIVE, None, None
    _note(session, row, "resume", actor=actor, now=now)
    ring(session)


def disable(
    session: Session, *, endpoint_id: EndpointID, actor: str, now: datetime
) -> None:
    """
    Send nothing any more, and keep nothing of what happens from now on.

    :raises EndpointNotFound: if there is none
    """
    row = _locked(session, endpoint_id)
    row.state, row.why = EndpointState.DISABLED, DisabledWhy.ASKED
    _note(session, row, "disable", actor=actor, now=now)


def rotate_secret(
    session: Session, *, endpoint_id: EndpointID, actor: str, now: datetime
) -> Made:
    """
    Make another secret; for a day both sign, so that nothing is refused meanwhile.

    :raises EndpointNotFound: if there is none
    """
    row = _locked(session, endpoint_id)
    session.execute(
        update(SecretRow)
        .where(SecretRow.endpoint_id == endpoint_id, SecretRow.ends_at.is_(None))
        .values(ends_at=now + OVERLAP)
        .execution_options(synchronize_session=False)
    )
    secret = _add_secret(session, endpoint_id, now=now)
    _note(session, row, "rotate", actor=actor, now=now)
    return Made(endpoint_id=endpoint_id, secret=secret)


def sealing_field(endpoint_id: EndpointID) -> str:
    """Return the name that binds an encrypted secret to its endpoint."""
    return f"webhook.secret:{endpoint_id}"


def _locked(session: Session, endpoint_id: EndpointID) -> EndpointRow:
    row = session.get(EndpointRow, endpoint_id, with_for_update=True)
    if row is None:
        message = f"There is no webhook {endpoint_id}."
        raise EndpointNotFound(message)
    return row


def _add_secret(session: Session, endpoint_id: EndpointID, *, now: datetime) -> str:
    secret = new_secret()
    sealed = vault_of(session).seal(sealing_field(endpoint_id), secret)
    session.add(
        SecretRow(endpoint_id=endpoint_id, sealed=sealed, made_at=now, ends_at=None)
    )
    return secret


def _check(terms: EndpointTerms, *, allow_private: bool) -> None:
    try:
        check_url(terms.url, allow_private=allow_private)
    except UrlRefused as refusal:
        raise Invalid.field(
            pointer="/url", message=str(refusal), code="url_refused"
        ) from refusal
    if not terms.events or EventType.PING in terms.events:
        message = "Choose at least one event from the list."
        raise Invalid.field(pointer="/events", message=message, code="events_missing")
    if len(terms.description) > _LONGEST_DESCRIPTION:
        message = f"Use at most {_LONGEST_DESCRIPTION} characters."
        raise Invalid.field(pointer="/description", message=message, code="too_long")


def _note(
    session: Session, row: EndpointRow, action: str, *, actor: str, now: datetime
) -> None:
    audit.record(
        session,
        now=now,
        actor=actor,
        action=f"webhook.{action}",
        subject=f"webhook:{row.id}",
        after={"url": row.url, "events": list(row.events), "state": row.state.value},
    )
    session.flush()
    forget_subscribers(session)
