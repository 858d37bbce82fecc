"""Publishing versions, and taking them back."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import Refused
from loyalty.stores.queries import get_programme
from loyalty.templates.models import TemplateRow, TemplateVersionRow
from loyalty.templates.queries import TemplateNotFound, get_template_row, to_version
from loyalty.templates.rules import check_texts, gaps
from loyalty.templates.service.writing import WordsRefused
from loyalty.templates.values import Version, VersionState


class NotPublishable(Refused):
    """The version is not in a state for that."""

    code = "version_state"


def publish(
    session: Session, *, code: str, number: int, actor: str, now: datetime
) -> Version:
    """
    Let new messages have a draft's words; from now on they never change.

    :raises TemplateNotFound: if there is no such version
    :raises NotPublishable: if it is no draft
    :raises WordsRefused: if a language lacks a part that every message needs
    """
    row, version = _get(session, code, number)
    if version.state is not VersionState.DRAFT:
        message = f"Version {number} was published before."
        raise NotPublishable(message)
    texts = to_version(row, version).texts
    missing = gaps(texts, get_programme(session).languages)
    flaws = check_texts(texts, row.purpose)
    if missing or flaws:
        raise WordsRefused([*missing, *flaws])
    version.state = VersionState.PUBLISHED
    version.published_at = now
    version.published_by = actor
    version.before = None
    return _noted(session, row, version, "template.publish", actor=actor, now=now)


def withdraw(
    session: Session, *, code: str, number: int, actor: str, now: datetime
) -> Version:
    """
    Take a version back: new messages get the one published before it.

    Messages that are planned with it keep it; a campaign's are stopped with the
    campaign.

    :raises TemplateNotFound: if there is no such version
    :raises NotPublishable: if it is not published
    """
    row, version = _get(session, code, number)
    if version.state is not VersionState.PUBLISHED:
        message = f"Version {number} is not published."
        raise NotPublishable(message)
    version.state = VersionState.WITHDRAWN
    version.withdrawn_at = now
    return _noted(session, row, version, "template.withdraw", actor=actor, now=now)


def put_back(
    session: Session, *, code: str, number: int, actor: str, now: datetime
) -> Version:
    """
    Publish a version again that was taken back, as it stands.

    :raises TemplateNotFound: if there is no such version
    :raises NotPublishable: if it was not taken back
    """
    row, version = _get(session, code, number)
    if version.state is not VersionState.WITHDRAWN:
        message = f"Version {number} was not taken back."
        raise NotPublishable(message)
    version.state = VersionState.PUBLISHED
    version.withdrawn_at = None
    return _noted(session, row, version, "template.put_back", actor=actor, now=now)


def _get(
    session: Session, code: str, number: int
) -> tuple[TemplateRow, TemplateVersionRow]:
    row = get_template_row(session, code=code)
    version = session.scalar(
        select(TemplateVersionRow)
        .where(
            TemplateVersionRow.template_id == row.id,
            TemplateVersionRow.number == number,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if version is None:
        message = f"The template {code!r} has no version {number}."
        raise TemplateNotFound(message)
    return row, version


def _noted(
    session: Session,
    row: TemplateRow,
    version: TemplateVersionRow,
    action: str,
    *,
    actor: str,
    now: datetime,
) -> Version:
    audit.record(
        session,
        now=now,
        actor=actor,
        action=action,
        subject=f"template:{row.code}",
        after={"version": version.number, "state": version.state.value},
    )
    session.flush()
    return to_version(row, version)
