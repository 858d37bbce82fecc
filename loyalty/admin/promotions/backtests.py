"""Back-tests: asking for one, watching it, reading what came of it."""

from datetime import timedelta
from typing import Final

from flask import flash, request
from flask.typing import ResponseReturnValue

from loyalty.admin.pages import actor, blueprint, needs_all_stores, show
from loyalty.admin.promotions.listing import may_write
from loyalty.admin.promotions.outcome import outcome_of
from loyalty.core.clock import utc_now
from loyalty.core.errors import LoyaltyError
from loyalty.core.texts import gettext as _
from loyalty.core.texts import pick
from loyalty.customers.queries import names_of
from loyalty.customers.values import CustomerID
from loyalty.promotions.queries import get_promotion
from loyalty.promotions.queries.backtests import get_backtest, list_backtests
from loyalty.promotions.service import backtests as service
from loyalty.promotions.values.backtests import (
    BacktestID,
    BacktestState,
    StoredBacktest,
)
from loyalty.staff.values import Permission
from loyalty.stores.queries import list_stores
from loyalty.usecases.backtest_promotion import PeriodAskedFor, ask_backtest
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.surface import redirect_to

PERIODS: Final = ("28", "84", "364", "all")
"""Days back from now that a form offers, or everything."""

_TONES: Final = {
    BacktestState.QUEUED: "plain",
    BacktestState.RUNNING: "info",
    BacktestState.DONE: "good",
    BacktestState.FAILED: "bad",
    BacktestState.CANCELLED: "warn",
}


def begin_backtest(promotion: str | dict[str, object]) -> str:
    """
    Ask for a back-test of the period in the form; return where to watch it.

    :raises Invalid: if the document is wrong
    :raises TooManyBacktests: if too many wait
    """
    now = utc_now()
    days = request.form.get("period", "all")
    since = now - timedelta(days=int(days)) if days in PERIODS[:-1] else None
    with database().transaction() as session:
        backtest_id = ask_backtest(
            session,
            promotion=promotion,
            period=PeriodAskedFor(since=since),
            actor=actor(),
            now=now,
        )
    return f"/admin/backtests/{backtest_id}"


@blueprint.get("/backtests")
@requires(Permission.PROMOTIONS_READ)
def backtests() -> ResponseReturnValue:
    """Show the latest back-tests of all promotions."""
    return _list(None)


@blueprint.get("/promotions/<code>/backtests")
@requires(Permission.PROMOTIONS_READ)
def promotion_backtests(code: str) -> ResponseReturnValue:
    """Show the latest back-tests of a promotion."""
    return _list(code)


@blueprint.post("/promotions/<code>/backtests")
@requires(Permission.PROMOTIONS_WRITE)
def begin(code: str) -> ResponseReturnValue:
    """Ask for a back-test of a promotion as it was saved."""
    needs_all_stores(Permission.PROMOTIONS_WRITE)
    try:
        return redirect_to(begin_backtest(code))
    except LoyaltyError as error:
        flash(str(error), "bad")
    return redirect_to(f"/admin/promotions/{code}/backtests")


@blueprint.get("/backtests/<int:number>")
@requires(Permission.PROMOTIONS_READ)
def backtest(number: int) -> ResponseReturnValue:
    """Show a back-test: how far it is, or what came of it."""
    return _show("backtest.html", number)


@blueprint.get("/backtests/<int:number>/progress")
@requires(Permission.PROMOTIONS_READ)
def backtest_progress(number: int) -> ResponseReturnValue:
    """Show its changing part, for a page that asks every second."""
    return _show("backtest_progress.html", number)


@blueprint.post("/backtests/<int:number>/cancel")
@requires(Permission.PROMOTIONS_WRITE)
def cancel_backtest(number: int) -> ResponseReturnValue:
    """End a back-test before it is done."""
    needs_all_stores(Permission.PROMOTIONS_WRITE)
    try:
        with database().transaction() as session:
            service.cancel(
                session,
                backtest_id=BacktestID(number),
                actor=actor(),
                now=utc_now(),
            )
    except service.BacktestOver:
        flash(_("It had ended already."), "warn")
    else:
        flash(_("Cancelled."))
    return redirect_to(f"/admin/backtests/{number}")


def _list(promotion: str | None) -> ResponseReturnValue:
    with database().transaction() as session:
        found = list_backtests(session, promotion=promotion)
        stored = get_promotion(session, code=promotion) if promotion else None
    return show(
        "backtests.html",
        backtests=[(one, _name(one)) for one in found],
        promotion=promotion,
        name=pick(dict(stored.promotion.name)) if stored else None,
        states=_state_names(),
        tones=_TONES,
        may_write=may_write(),
    )


def _show(template: str, number: int) -> ResponseReturnValue:
    with database().transaction() as session:
        stored = get_backtest(session, backtest_id=BacktestID(number))
        stores = {store.code: store.name for store in list_stores(session)}
        outcome = None
        if stored.result is not None:
            outcome = outcome_of(stored.result, stores=stores)
        customer = outcome and outcome.worst and outcome.worst.customer
        called = names_of(
            session, customer_ids=[CustomerID(customer)] if customer else []
        )
    return show(
        template,
        backtest=stored,
        name=_name(stored),
        outcome=outcome,
        called=called,
        list=f"/admin/promotions/{stored.promotion}/backtests"
        if stored.version is not None
        else "/admin/backtests",
        states=_state_names(),
        tones=_TONES,
        going=stored.state in (BacktestState.QUEUED, BacktestState.RUNNING),
        may_write=may_write(),
    )


def _name(stored: StoredBacktest) -> str:
    names: dict[str, str] = stored.document["name"]
    return pick(names) or stored.promotion


def _state_names() -> dict[BacktestState, str]:
    return {
        BacktestState.QUEUED: _("Waiting"),
        BacktestState.RUNNING: _("Running"),
        BacktestState.DONE: _("Done"),
        BacktestState.FAILED: _("Failed"),
        BacktestState.CANCELLED: _("Cancelled"),
    }
