"""Finding promotions by the codes that people name."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.errors import Invalid
from loyalty.promotions.models import PromotionRow


def promotion_ids(session: Session, codes: Collection[str]) -> dict[str, int]:
    """
    Return the promotions' numbers by their codes.

    :raises Invalid: if one does not exist
    """
    rows = session.execute(
        select(PromotionRow.code, PromotionRow.id).where(PromotionRow.code.in_(codes))
    )
    ids: dict[str, int] = {code: id_ for code, id_ in rows}  # noqa: C416  # no pairs
    for place, code in enumerate(sorted(codes)):
        if code not in ids:
            message = f"There is no promotion {code!r}."
            raise Invalid.field(
                pointer=f"/promotions/{place}", message=message, code="unknown"
            )
    return ids
