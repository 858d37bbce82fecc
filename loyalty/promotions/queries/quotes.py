"""Reading kept quotes, with all that they were computed from."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound, Refused
from loyalty.customers.models import CustomerRow
from loyalty.customers.queries import member_vault
from loyalty.promotions.models import PromotionRow, QuoteRow, VersionRow
from loyalty.promotions.queries.codes import stand_ins
from loyalty.promotions.queries.stored import to_value
from loyalty.promotions.schema.reading import read_basket, read_facts, read_programme
from loyalty.promotions.schema.writing import rename_codes
from loyalty.promotions.values.kept import KeptQuote, Pricing, QuoteID
from loyalty.promotions.values.states import PromotionID, StoredPromotion
from loyalty.purchases.values import PurchaseID
from loyalty.stores.queries import get_programme


class QuoteNotFound(NotFound):
    """No quote was kept under this name, or it has been removed since."""

    code = "quote_not_found"


class QuoteDamaged(Refused):
    """What was kept can't be read: somebody altered it."""

    code = "quote_damaged"


def get_quote(
    session: Session, *, quote_id: QuoteID, codes: Collection[str] = ()
) -> KeptQuote:
    """
    Return a quote as it was kept.

    :param codes: as somebody who knows them spells them; the quote names no others
    :raises QuoteNotFound: if there is none
    :raises QuoteDamaged: if it was altered so that it can't be read
    """
    row = session.get(QuoteRow, quote_id)
    if row is None:
        message = f"There is no quote {quote_id!r}. Those not paid are removed in time."
        raise QuoteNotFound(message)
    return _to_value(session, row, codes)


def quote_of_purchase(session: Session, *, purchase_id: PurchaseID) -> KeptQuote:
    """
    Return the quote by which a purchase was paid.

    :raises QuoteNotFound: if there is none, as of a purchase that was imported
    """
    row = session.scalar(select(QuoteRow).where(QuoteRow.purchase_id == purchase_id))
    if row is None:
        message = f"No quote was kept of the purchase {purchase_id}."
        raise QuoteNotFound(message)
    return _to_value(session, row)


def _to_value(
    session: Session, row: QuoteRow, codes: Collection[str] = ()
) -> KeptQuote:
    try:
        return _read(session, row, codes)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        message = f"The quote {row.id} is damaged: {type(error).__name__} {error}."
        raise QuoteDamaged(message) from error


def _read(session: Session, row: QuoteRow, codes: Collection[str]) -> KeptQuote:
    names = {kept: code for code, kept in stand_ins(session, codes).items()}
    inputs, result = rename_codes(row.inputs, row.result, names)
    if row.birthday is not None:
        inputs["customer"] = _with_birthday(session, row)
    promotions = _in_versions(session, row.versions)
    basket_document = inputs["basket"]
    if not isinstance(basket_document, dict):
        message = f"the quote {row.id} was not kept whole"
        raise TypeError(message)
    at = datetime.fromisoformat(basket_document["at"])
    basket = read_basket(basket_document, basket_document["currency"], at)
    return KeptQuote(
        id=row.id,
        at=row.at,
        store_id=row.store_id,
        customer_id=row.customer_id,
        asked_by=row.asked_by,
        engine=row.engine,
        pricing=Pricing(
            basket=basket,
            facts=read_facts(inputs, basket, ()),
            programme=read_programme(_part(inputs, "programme"), at),
            promotions=promotions,
        ),
        result=result,
        points_to_spend=row.points_to_spend,
        reserved_until=row.reserved_until,
        purchase_id=row.purchase_id,
    )


def _part(inputs: dict[str, object], name: str) -> dict[str, object]:
    part = inputs[name]
    if not isinstance(part, dict):
        message = f"the kept {name} is no object"
        raise TypeError(message)
    return part


def _with_birthday(session: Session, row: QuoteRow) -> dict[str, object]:
    """Return the customer with the birthday, unless their key was destroyed."""
    customer = _part(row.inputs, "customer")
    owner = session.get_one(CustomerRow, row.customer_id)
    vault = member_vault(session, owner)
    if vault is None or row.birthday is None:
        return customer
    return {**customer, "birthday": vault.open("quote.birthday", row.birthday)}


def _in_versions(
    session: Session, versions: Sequence[Sequence[int]]
) -> tuple[StoredPromotion, ...]:
    """Return promotions as they were in these versions, in this order."""
    if not versions:
        return ()
    currency = get_programme(session).currency
    rows = session.execute(
        select(PromotionRow, VersionRow)
        .join(VersionRow, VersionRow.promotion_id == PromotionRow.id)
        .where(
            tuple_(VersionRow.promotion_id, VersionRow.version).in_(
                [tuple(version) for version in versions]
            )
        )
    )
    found = {row.id: to_value(row, version, currency) for row, version in rows}
    return tuple(found[PromotionID(id_)] for id_, _version in versions)
