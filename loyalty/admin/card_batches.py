"""Cards that are printed before they belong to anybody: made, and laid out on A4."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from loyalty.admin.pages import (
    FieldProblems,
    actor,
    blueprint,
    needs_all_stores,
    number,
    problems_by_field,
    show,
)
from loyalty.cards.queries import blank_numbers, get_batch, list_batches
from loyalty.cards.render import code128_svg, qr_svg
from loyalty.cards.rules import grouped
from loyalty.cards.service import make_batch
from loyalty.cards.values import BatchID
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid
from loyalty.core.texts import gettext as _
from loyalty.staff.values import Permission
from loyalty.stores.queries import get_programme
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.surface import redirect_to

_A_SHEET: Final = 10
"""Two beside each other, five below each other: 85.6 x 54 mm on A4."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperCard:
    """A card on the sheet."""

    number: str
    qr: Markup
    bars: Markup


@blueprint.get("/cards")
@requires(Permission.SETTINGS_WRITE)
def card_batches() -> ResponseReturnValue:
    """Show the batches of printed cards."""
    needs_all_stores(Permission.SETTINGS_WRITE)
    return _show(FieldProblems())


@blueprint.post("/cards")
@requires(Permission.SETTINGS_WRITE)
def add_batch() -> ResponseReturnValue:
    """Reserve numbers for cards to print."""
    needs_all_stores(Permission.SETTINGS_WRITE)
    try:
        with database().transaction() as session:
            batch = make_batch(
                session,
                label=request.form.get("label", ""),
                count=number("count", otherwise=0),
                prefix=get_programme(session).card_prefix,
                actor=actor(),
                now=utc_now(),
            )
    except Invalid as error:
        return _show(problems_by_field(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect_to(f"/admin/cards/{batch.id}")


@blueprint.get("/cards/<int:batch_id>")
@requires(Permission.SETTINGS_WRITE)
def print_batch(batch_id: int) -> ResponseReturnValue:
    """Lay the cards of a batch that nobody has yet out for the printer."""
    needs_all_stores(Permission.SETTINGS_WRITE)
    with database().transaction() as session:
        batch = get_batch(session, batch_id=BatchID(batch_id))
        numbers = blank_numbers(session, batch_id=batch.id)
    cards = [_paper(one) for one in numbers]
    sheets = [cards[at : at + _A_SHEET] for at in range(0, len(cards), _A_SHEET)]
    return show("card_sheet.html", batch=batch, sheets=sheets)


def _paper(digits: str) -> PaperCard:
    # Drawn from digits and our own words by loyalty.cards.render.
    qr = qr_svg(digits, label=_("QR code of the card number"))
    bars = code128_svg(digits, label=_("Barcode of the card number"))
    return PaperCard(
        number=grouped(digits),
        qr=Markup(qr),  # noqa: S704  # see above
        bars=Markup(bars),  # noqa: S704  # see above
    )


def _show(
    problems: FieldProblems, *, status: int = HTTPStatus.OK
) -> ResponseReturnValue:
    with database().transaction() as session:
        batches = list_batches(session)
    return show(
        "card_batches.html",
        status=status,
        batches=batches,
        problems=problems,
        typed=request.form,
    )
