"""Making one record of two of the same person, so that it can be undone exactly.

The rows of the merged record stay where they are; it only points to the record that
stands for both. What the standing record takes over (a name it lacks, a stricter wish,
topics, segments, statements of consent) is written down, for giving it back.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import NotFound, Refused
from loyalty.core.texts import gettext as _
from loyalty.customers import queries
from loyalty.customers.models import (
    CustomerRow,
    MergeRow,
    SegmentRow,
    TopicRow,
)
from loyalty.customers.queries.rows import member_vault, opened
from loyalty.customers.rules.merging import added, stricter_wishes
from loyalty.customers.service.changes import note_changes
from loyalty.customers.values import CustomerID, CustomerStatus, MergeID, Profile

UNDONE_WITHIN: Final = timedelta(days=30)
_NAMES: Final = ("first_name", "last_name", "birthday")


class MergeNotFound(NotFound):
    """Nothing was merged under this number."""

    code = "merge_not_found"


class MergeRefused(Refused):
    """These two records can't be made one."""

    code = "merge_refused"


class UndoRefused(Refused):
    """The merge can't be undone any more, or not yet."""

    code = "undo_refused"


def check_mergeable(session: Session, *, into: CustomerID, merged: CustomerID) -> None:
    """
    Refuse what can't be made one record.

    :raises CustomerNotFound: if one of the two does not exist
    :raises MergeRefused: if they are one record, or one is merged or erased
    """
    if into == merged:
        raise MergeRefused(_("A record can't be merged into itself."))
    for customer_id in (into, merged):
        row = queries.get_row(session, customer_id=customer_id)
        if row.status is CustomerStatus.ERASED:
            raise MergeRefused(_("The person of one record was erased."))
        if row.status is CustomerStatus.MERGED:
            message = _(
                "Record %(merged)s is merged into %(into)s already: merge that one.",
                merged=customer_id,
                into=row.merged_into,
            )
            raise MergeRefused(message)


def lock_records(session: Session, *customer_ids: CustomerID) -> None:
    """Lock these records, always in one order, and read them anew."""
    session.scalars(
        select(CustomerRow)
        .where(CustomerRow.id.in_(customer_ids))
        .order_by(CustomerRow.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def link(
    session: Session,
    *,
    into: CustomerID,
    merged: CustomerID,
    taken: Mapping[str, Any],
    actor: str,
    now: datetime,
) -> MergeID:
    """Let one record stand for the other and for all that were merged into it."""
    row = MergeRow(
        merged_id=merged,
        into_id=into,
        merged_at=now,
        merged_by=actor,
        taken=dict(taken),
    )
    session.add(row)
    session.execute(
        update(CustomerRow)
        .where((CustomerRow.id == merged) | (CustomerRow.merged_into == merged))
        .values(status=CustomerStatus.MERGED, merged_into=into)
    )
    session.flush()
    note_changes(session, into, merged)
    _note(session, row, action="customer.merge", actor=actor, now=now)
    return row.id


def keep_moves(
    session: Session,
    *,
    merge_id: MergeID,
    moves: Sequence[Sequence[int]],
    stored: Sequence[Sequence[int | str | None]],
    tier: Mapping[str, Any] | None = None,
) -> None:
    """
    Write down which points and what stored money moved, for moving them back.

    :param tier: what the standing record was before; None leaves it as it is written
    """
    row = session.get_one(MergeRow, merge_id)
    row.taken = {
        **row.taken,
        "moves": [list(one) for one in moves],
        "stored": [list(one) for one in stored],
        **({} if tier is None else {"tier": dict(tier)}),
    }
    session.flush()


def locked_merge(session: Session, *, merge_id: MergeID, now: datetime) -> MergeRow:
    """
    Return a merge that may be undone, locked with both of its records.

    :raises MergeNotFound: if there is none
    :raises UndoRefused: if it was undone, is too old, or a later one stands on it
    """
    row = session.get(MergeRow, merge_id)
    if row is None:
        raise MergeNotFound(_("Nothing was merged under this number."))
    lock_records(session, row.into_id, row.merged_id)
    session.refresh(row, with_for_update=True)
    if row.undone_at is not None:
        raise UndoRefused(_("This merge was undone already."))
    if now >= row.merged_at + UNDONE_WITHIN:
        message = _("A merge can be undone for %(n)s days.", n=UNDONE_WITHIN.days)
        raise UndoRefused(message)
    standing = queries.get_row(session, customer_id=row.into_id)
    if standing.status is not CustomerStatus.ACTIVE:
        message = _(
            "The record %(into)s was merged or erased since: undo the later merge "
            "first.",
            into=row.into_id,
        )
        raise UndoRefused(message)
    return row


def unlink(session: Session, *, merge: MergeRow, actor: str, now: datetime) -> None:
    """Let the merged record, and those that stood behind it, be on their own again."""
    merge.undone_at, merge.undone_by = now, actor
    behind = _behind(session, merge.merged_id)
    session.execute(
        update(CustomerRow)
        .where(CustomerRow.id == merge.merged_id)
        .values(status=CustomerStatus.ACTIVE, merged_into=None)
    )
    session.execute(
        update(CustomerRow)
        .where(CustomerRow.id.in_(behind))
        .values(merged_into=merge.merged_id)
    )
    session.flush()
    note_changes(session, merge.into_id, merge.merged_id)
    _note(session, merge, action="customer.merge.undo", actor=actor, now=now)


def take_over(session: Session, *, into: Profile, merged: Profile) -> dict[str, Any]:
    """
    Give the standing record what it lacks and what is stricter; return what it took.

    :returns: the columns that were filled, the wishes before and after, and the topics
        and segments that came along
    """
    row = queries.get_row(session, customer_id=into.id)
    wishes = stricter_wishes(into.preferences, merged.preferences)
    before = _wishes(row)
    row.max_per_week, row.pause_until = wishes.max_per_week, wishes.pause_until
    topics = added(into.preferences.topics, merged.preferences.topics)
    segments = added(into.segments, merged.segments)
    session.add_all(TopicRow(customer_id=into.id, category=one) for one in topics)
    session.add_all(SegmentRow(customer_id=into.id, segment=one) for one in segments)
    session.flush()
    return {
        "names": _fill_names(session, row, merged),
        "wishes": {"before": before, "after": _wishes(row)},
        "topics": list(topics),
        "segments": list(segments),
    }


def give_back(
    session: Session, *, into: CustomerID, merged: Profile, taken: Mapping[str, Any]
) -> None:
    """Take from the standing record what it took over, unless it was changed since."""
    row = queries.get_row(session, customer_id=into)
    vault = member_vault(session, row)
    for name in taken["names"]:
        own = opened(vault, f"customer.{name}", getattr(row, name))
        if own == _text_of(merged, name):
            setattr(row, name, None)
    wishes = taken["wishes"]
    if _wishes(row) == wishes["after"]:
        pause = wishes["before"]["pause_until"]
        row.max_per_week = wishes["before"]["max_per_week"]
        row.pause_until = datetime.fromisoformat(pause) if pause else None
    session.execute(
        delete(TopicRow).where(
            TopicRow.customer_id == into, TopicRow.category.in_(taken["topics"])
        )
    )
    session.execute(
        delete(SegmentRow).where(
            SegmentRow.customer_id == into, SegmentRow.segment.in_(taken["segments"])
        )
    )
    session.flush()


def _fill_names(session: Session, row: CustomerRow, merged: Profile) -> list[str]:
    vault = member_vault(session, row)
    filled = []
    for name in _NAMES:
        text = _text_of(merged, name)
        if vault is not None and getattr(row, name) is None and text:
            setattr(row, name, vault.seal(f"customer.{name}", text))
            filled.append(name)
    return filled


def _text_of(profile: Profile, name: str) -> str | None:
    value = getattr(profile, name)
    return None if value is None else str(value)


def _wishes(row: CustomerRow) -> dict[str, Any]:
    pause = row.pause_until
    return {
        "max_per_week": row.max_per_week,
        "pause_until": pause.isoformat() if pause else None,
    }


def _behind(session: Session, customer_id: CustomerID) -> list[CustomerID]:
    """Return the records that stand behind this one by merges that were not undone."""
    found: list[CustomerID] = []
    level = [customer_id]
    while level:
        level = list(
            session.scalars(
                select(MergeRow.merged_id).where(
                    MergeRow.into_id.in_(level), MergeRow.undone_at.is_(None)
                )
            )
        )
        found += level
    return found


def _note(
    session: Session, merge: MergeRow, *, action: str, actor: str, now: datetime
) -> None:
    for customer_id in (merge.into_id, merge.merged_id):
        audit.record(
            session,
            now=now,
            actor=actor,
            action=action,
            subject=f"customer:{customer_id}",
            after={
                "merge": merge.id,
                "merged": merge.merged_id,
                "into": merge.into_id,
            },
        )
    session.flush()
