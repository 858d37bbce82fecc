"""Looking coupon codes up, and listing what was made."""

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.core.vault import vault_of
from loyalty.customers.queries import select_records
from loyalty.customers.values import CustomerID
from loyalty.promotions.models import (
    CodeBatchRow,
    CodeRow,
    CodeUseRow,
    PromotionRow,
)
from loyalty.promotions.rules.codes import masked, normal_code
from loyalty.promotions.values import Code, MissedReason
from loyalty.promotions.values.codes import (
    Batch,
    BatchID,
    BatchState,
    CodeTerms,
)
from loyalty.promotions.values.states import PromotionState

_PURPOSE: Final = "coupon codes"
_DIGEST_BYTES: Final = 16
_NOBODY: Final = CustomerID(0)


class BatchNotFound(NotFound):
    """The promotion has no such batch of codes."""

    code = "code_batch_not_found"


@dataclass(frozen=True, kw_only=True, slots=True)
class CodesAsked:
    """Codes as they were given, by whom, and when."""

    texts: Collection[str]
    customer_id: CustomerID | None
    at: datetime
    """The moment the basket is priced for, by which codes are valid."""

    reservation: str | None = None
    """Its own holds take nothing away from it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    row: CodeRow
    batch: CodeBatchRow
    promotion: str
    state: PromotionState


def digests_of(session: Session, codes: Collection[str]) -> list[bytes]:
    """Return the digest by which each code is known here, as it counts."""
    key = vault_of(session).derive(_PURPOSE)
    return [
        hmac.digest(key, normal_code(code).encode(), sha256)[:_DIGEST_BYTES]
        for code in codes
    ]


def stand_ins(session: Session, codes: Collection[str]) -> dict[str, str]:
    """Return by which text the books may name each code: it can't be used."""
    found = zip(codes, digests_of(session, codes), strict=True)
    return {code: f"{masked(code)}#{digest.hex()}" for code, digest in found}


def find_codes(session: Session, *, asked: CodesAsked) -> dict[str, Code]:
    """
    Return what is to be said of the codes given; those not known are left out.

    A secret code that somebody else has used is left out too: whoever asks learns of
    a use only when it was their own. The statements are the same for any code.
    """
    texts = list(dict.fromkeys(asked.texts))
    if not texts:
        return {}
    digests = dict(zip(texts, digests_of(session, texts), strict=True))
    found = _rows(session, digests.values())
    own = _count(session, _own_uses(asked), digests.values())
    free = _count(session, _not_in_the_way(asked), digests.values())
    codes: dict[str, Code] = {}
    for text, digest in digests.items():
        one = found.get(digest)
        if one is not None:
            place = (digest, one.batch.id)
            code = _said(one, text, own.get(place, 0), free.get(place, 0), asked)
            codes |= {text: code} if code is not None else {}
    return codes


def get_batch(session: Session, *, promotion: str, batch_id: BatchID) -> Batch:
    """
    Return one batch of a promotion.

    :raises BatchNotFound: if the promotion has none of this number
    """
    statement = _batches(promotion).where(CodeBatchRow.id == batch_id)
    found = session.execute(statement).one_or_none()
    if found is None:
        message = f"The promotion {promotion!r} has no batch {batch_id}."
        raise BatchNotFound(message)
    return _to_batch(found[0], found[1], _used(session, [batch_id]))


def list_batches(session: Session, *, promotion: str) -> tuple[Batch, ...]:
    """Return the batches of a promotion, the newest first."""
    rows = session.execute(_batches(promotion)).all()
    used = _used(session, [row.id for row, _code in rows])
    return tuple(_to_batch(row, code, used) for row, code in rows)


def _rows(session: Session, digests: Collection[bytes]) -> dict[bytes, _Found]:
    rows = session.execute(
        select(CodeRow, CodeBatchRow, PromotionRow.code, PromotionRow.state)
        .join(CodeBatchRow, CodeBatchRow.id == CodeRow.batch_id)
        .join(PromotionRow, PromotionRow.id == CodeBatchRow.promotion_id)
        .where(CodeRow.digest.in_(digests))
        .execution_options(populate_existing=True)
    )
    return {
        row.digest: _Found(row=row, batch=batch, promotion=promotion, state=state)
        for row, batch, promotion, state in rows
    }


def _own_uses(asked: CodesAsked) -> ColumnElement[bool]:
    return and_(
        CodeUseRow.customer_id.in_(select_records(asked.customer_id or _NOBODY)),
        CodeUseRow.returned_at.is_(None),
        or_(CodeUseRow.held_until.is_(None), CodeUseRow.held_until > asked.at),
        CodeUseRow.held_by.is_distinct_from(asked.reservation or ""),
    )


def _not_in_the_way(asked: CodesAsked) -> ColumnElement[bool]:
    return and_(
        CodeUseRow.held_until.is_not(None),
        or_(
            CodeUseRow.held_until <= asked.at,
            CodeUseRow.held_by == asked.reservation,
        ),
    )


def _count(
    session: Session, which: ColumnElement[bool], digests: Collection[bytes]
) -> dict[tuple[bytes, BatchID], int]:
    rows = session.execute(
        select(CodeUseRow.digest, CodeUseRow.batch_id, func.count())
        .where(CodeUseRow.digest.in_(digests), which)
        .group_by(CodeUseRow.digest, CodeUseRow.batch_id)
    )
    return {(digest, batch_id): count for digest, batch_id, count in rows}


def _said(
    found: _Found, text: str, own: int, free: int, asked: CodesAsked
) -> Code | None:
    batch = found.batch
    if batch.state is not BatchState.READY:
        return None
    problem = None
    if batch.uses is not None and found.row.used - free >= batch.uses:
        if not own:
            return None
        problem = MissedReason.CODE_USED
    elif batch.voided_at is not None or found.state is PromotionState.ENDED:
        problem = MissedReason.CODE_EXPIRED
    elif found.state is not PromotionState.ACTIVE or (
        batch.valid_from is not None and asked.at < batch.valid_from
    ):
        problem = MissedReason.NOT_STARTED
    elif batch.valid_until is not None and batch.valid_until <= asked.at:
        problem = MissedReason.CODE_EXPIRED
    elif batch.per_customer is not None and asked.customer_id is None:
        problem = MissedReason.FOR_MEMBERS
    elif batch.per_customer is not None and own >= batch.per_customer:
        problem = MissedReason.CODE_USED
    return Code(code=text, promotion=found.promotion, problem=problem)


def _batches(promotion: str) -> Select[CodeBatchRow, str]:
    return (
        select(CodeBatchRow, PromotionRow.code)
        .join(PromotionRow, PromotionRow.id == CodeBatchRow.promotion_id)
        .where(PromotionRow.code == promotion)
        .order_by(CodeBatchRow.id.desc())
        .execution_options(populate_existing=True)
    )


def _used(session: Session, batches: Collection[BatchID]) -> Mapping[BatchID, int]:
    rows = session.execute(
        select(CodeUseRow.batch_id, func.count())
        .where(
            CodeUseRow.batch_id.in_(batches),
            CodeUseRow.held_until.is_(None),
            CodeUseRow.returned_at.is_(None),
        )
        .group_by(CodeUseRow.batch_id)
    )
    return dict(rows.all())


def _to_batch(row: CodeBatchRow, code: str, used: Mapping[BatchID, int]) -> Batch:
    return Batch(
        id=row.id,
        promotion=code,
        kind=row.kind,
        state=row.state,
        terms=CodeTerms(
            label=row.label,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            uses=row.uses,
            per_customer=row.per_customer,
        ),
        pattern=row.pattern,
        count=row.count,
        made=row.made,
        used=used.get(row.id, 0),
        ordered_at=row.ordered_at,
        ordered_by=row.ordered_by,
        voided_at=row.voided_at,
    )
