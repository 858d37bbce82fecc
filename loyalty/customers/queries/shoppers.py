"""What a price may depend on of a customer, in one statement."""

from datetime import date

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT, aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute, Session

from loyalty.customers.models import CustomerRow, SegmentRow, TopicRow
from loyalty.customers.queries.rows import CustomerNotFound, member_vault, opened
from loyalty.customers.values import CustomerID, Shopper
from loyalty.stores.models import StoreRow


def get_shopper(session: Session, *, customer_id: CustomerID) -> Shopper:
    """
    Return what a price may depend on of a customer.

    :raises CustomerNotFound: if there is no such customer
    """
    found = session.execute(
        select(
            CustomerRow,
            StoreRow.code,
            _listed(SegmentRow.segment, SegmentRow.customer_id),
            _listed(TopicRow.category, TopicRow.customer_id),
        )
        .outerjoin(StoreRow, StoreRow.id == CustomerRow.home_store_id)
        .where(CustomerRow.id == customer_id)
    ).first()
    if found is None:
        message = f"There is no customer {customer_id}."
        raise CustomerNotFound(message)
    row, store, segments, topics = found
    vault = member_vault(session, row) if row.birthday else None
    birthday = opened(vault, "customer.birthday", row.birthday)
    return Shopper(
        id=row.id,
        language=row.language,
        enrolled_at=row.enrolled_at,
        home_store=store,
        birthday=date.fromisoformat(birthday) if birthday else None,
        segments=tuple(segments or ()),
        topics=tuple(topics or ()),
    )


def _listed(
    text: InstrumentedAttribute[str], owner: InstrumentedAttribute[CustomerID]
) -> ScalarSelect[list[str]]:
    ordered = func.array_agg(aggregate_order_by(text, text), type_=ARRAY(TEXT))
    return select(ordered).where(owner == CustomerRow.id).scalar_subquery()
