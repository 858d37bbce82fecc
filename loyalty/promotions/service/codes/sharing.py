"""One word that many share."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import Invalid, Problem, Refused
from loyalty.core.texts import gettext as _
from loyalty.promotions.models import CodeBatchRow, CodeRow, PromotionRow
from loyalty.promotions.queries.codes import digests_of
from loyalty.promotions.rules.codes import NotAWord, read_word
from loyalty.promotions.service.codes.terms import problems_of, takes_codes
from loyalty.promotions.values.codes import BatchID, BatchKind, BatchState, CodeTerms
from loyalty.promotions.values.states import PromotionState


class CodeExists(Refused):
    """The word is in force already, for this promotion or another."""

    code = "code_exists"


def add_word(  # two more than others: the word, and its terms
    session: Session,
    *,
    promotion: str,
    word: str,
    terms: CodeTerms,
    actor: str,
    now: datetime,
) -> BatchID:
    """
    Let a word be a code of a promotion; it counts at once.

    A word that was voided, has expired or whose promotion has ended is free again.

    :raises PromotionNotFound: if there is no such promotion
    :raises NoCodesHere: if the promotion takes no codes
    :raises Invalid: naming every field at fault
    :raises CodeExists: if the word is in force
    """
    promotion_id = takes_codes(session, promotion)
    word = word.strip()
    problems = [*problems_of(terms)]
    try:
        read_word(word)
    except NotAWord as error:
        problems.append(Problem(pointer="/code", message=str(error), code="word"))
    if problems:
        raise Invalid(problems)
    row = CodeBatchRow(
        promotion_id=promotion_id,
        kind=BatchKind.SHARED,
        state=BatchState.READY,
        label=terms.label,
        pattern=word,
        count=1,
        made=1,
        uses=terms.uses,
        per_customer=terms.per_customer,
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        ordered_at=now,
        ordered_by=actor,
        made_at=now,
    )
    session.add(row)
    session.flush()
    _take(session, row, now=now)
    audit.record(
        session,
        now=now,
        actor=actor,
        action="codes.share",
        subject=f"promotion:{promotion}",
        after={"batch": row.id, "code": word},
    )
    return row.id


def _take(session: Session, row: CodeBatchRow, *, now: datetime) -> None:
    free = (
        select(CodeBatchRow.id)
        .join(PromotionRow, PromotionRow.id == CodeBatchRow.promotion_id)
        .where(
            CodeBatchRow.kind == BatchKind.SHARED,
            or_(
                CodeBatchRow.voided_at.is_not(None),
                CodeBatchRow.valid_until <= now,
                PromotionRow.state == PromotionState.ENDED,
            ),
        )
    )
    (digest,) = digests_of(session, [row.pattern])
    taken = session.scalar(
        insert(CodeRow)
        .values(digest=digest, batch_id=row.id, used=0)
        .on_conflict_do_update(
            index_elements=[CodeRow.digest],
            set_={"batch_id": row.id, "used": 0},
            where=CodeRow.batch_id.in_(free),
        )
        .returning(CodeRow.digest)
    )
    if taken is None:
        raise CodeExists(
            _(
                "The code %(code)s is in force already: choose another.",
                code=row.pattern,
            )
        )
