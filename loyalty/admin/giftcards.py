"""Gift cards: looking one up, blocking it, and what the shop promises of them."""

from dataclasses import fields
from http import HTTPStatus

from flask import Response, flash, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.admin.pages import (
    FieldProblems,
    actor,
    blueprint,
    field,
    needs_all_stores,
    number,
    problems_by_field,
    show,
)
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid, LoyaltyError
from loyalty.core.money import NotMoney, decimal_text, parse_money
from loyalty.core.texts import gettext as _
from loyalty.giftcards.queries import (
    get_account,
    get_by_code,
    get_policy,
    list_transfers,
)
from loyalty.giftcards.service import block, save_policy, unblock
from loyalty.giftcards.values import GiftAccount, GiftAccountID, GiftPolicy
from loyalty.staff.rules import may
from loyalty.staff.values import Permission
from loyalty.stores.queries import get_programme
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.people import current_staff
from loyalty.web.protection import limiter
from loyalty.web.surface import redirect_to

_MONEY = ("least", "most", "most_balance")


def _searcher() -> str:
    return f"gift-admin:{current_staff().id}"


def _missed(response: Response) -> bool:
    return response.status_code == HTTPStatus.NOT_FOUND


@blueprint.get("/gift-cards")
@requires(Permission.TILL_CORRECT)
def gift_cards() -> ResponseReturnValue:
    """Show a field for a code, and what the shop promises."""
    return _show()


@blueprint.post("/gift-cards")
@requires(Permission.TILL_CORRECT)
@limiter.limit("20 per 15 minutes", key_func=_searcher, deduct_when=_missed)
def find_gift_card() -> ResponseReturnValue:
    """Go to the card with a code; the code travels in the form alone."""
    try:
        with database().transaction() as session:
            found = get_by_code(session, code=field("code")[:64], pointer="/code")
    except Invalid as error:
        return _show(problems_by_field(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except LoyaltyError as error:
        problems = FieldProblems(code=str(error))
        return _show(problems, status=HTTPStatus.NOT_FOUND)
    return redirect_to(f"/admin/gift-cards/{found.id}")


@blueprint.get("/gift-cards/<int:card>")
@requires(Permission.TILL_CORRECT)
def gift_card(card: int) -> ResponseReturnValue:
    """Show one card with its movements."""
    return _show_card(GiftAccountID(card), FieldProblems())


@blueprint.post("/gift-cards/<int:card>")
@requires(Permission.TILL_CORRECT)
def block_gift_card(card: int) -> ResponseReturnValue:
    """Block or unblock a card, for a reason."""
    account_id = GiftAccountID(card)
    act = unblock if field("do") == "unblock" else block
    try:
        with database().transaction() as session:
            act(
                session,
                account_id=account_id,
                reason=field("reason"),
                actor=actor(),
                now=utc_now(),
            )
    except Invalid as error:
        problems = problems_by_field(error)
        return _show_card(account_id, problems, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(_("Noted."))
    return redirect_to(f"/admin/gift-cards/{card}")


@blueprint.post("/gift-cards/policy")
@requires(Permission.PROGRAMME_WRITE)
def save_gift_policy() -> ResponseReturnValue:
    """Change what the shop promises of cards from now on."""
    needs_all_stores(Permission.PROGRAMME_WRITE)
    try:
        with database().transaction() as session:
            policy = _typed_policy(session)
            save_policy(session, policy=policy, actor=actor(), now=utc_now())
    except Invalid as error:
        return _show(problems_by_field(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(_("Saved: it counts for what is paid from now on."))
    return redirect_to("/admin/gift-cards")


def _typed_policy(session: Session) -> GiftPolicy:
    currency = get_programme(session).currency

    def money(name: str) -> int:
        try:
            return parse_money(field(name), currency).amount
        except NotMoney:
            message = _("Type an amount of money.")
            raise Invalid.field(pointer=f"/{name}", message=message) from None

    return GiftPolicy(
        valid_days=number("valid_days", otherwise=0) or None,
        least=money("least"),
        most=money("most"),
        most_balance=money("most_balance"),
        refund_days=number("refund_days", otherwise=0),
    )


def _show(
    problems: FieldProblems | None = None, *, status: int = HTTPStatus.OK
) -> ResponseReturnValue:
    with database().transaction() as session:
        policy = get_policy(session)
        currency = get_programme(session).currency
    values = {
        one.name: decimal_text(getattr(policy, one.name), currency)
        if one.name in _MONEY
        else getattr(policy, one.name)
        for one in fields(policy)
    }
    return show(
        "giftcards.html",
        status=status,
        problems=problems or FieldProblems(),
        values=values | ({k: v for k, v in request.form.items() if k in values}),
        code=request.form.get("code", ""),
        may_write=may(current_staff(), Permission.PROGRAMME_WRITE),
    )


def _show_card(
    account_id: GiftAccountID, problems: FieldProblems, *, status: int = HTTPStatus.OK
) -> ResponseReturnValue:
    with database().transaction() as session:
        found: GiftAccount = get_account(session, account_id=account_id)
        transfers = list_transfers(session, account_id=account_id)
    names = {
        "sell": _("Paid for"),
        "cancel": _("Sale cancelled"),
        "spend": _("Spent"),
        "refund": _("Refunded"),
        "expire": _("Expired"),
        "give": _("Put onto stored value"),
        "take": _("From a gift card"),
    }
    return show(
        "giftcard.html",
        status=status,
        found=found,
        moves=[(one, names[one.move.value]) for one in transfers],
        problems=problems,
        reason=request.form.get("reason", ""),
    )
