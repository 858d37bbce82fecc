"""The page on which a basket is tried, and its live result."""

from dataclasses import dataclass, replace

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.admin.customers import find
from loyalty.admin.pages import blueprint, show
from loyalty.admin.trying.form import MOST_LINES, Trial, typed_trial
from loyalty.admin.trying.understanding import Understood, understand
from loyalty.catalogue.queries import find_products, search_products
from loyalty.catalogue.values import Product
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid, LoyaltyError, NotFound
from loyalty.core.texts import current_language, pick
from loyalty.core.texts import gettext as _
from loyalty.customers.queries import names_of
from loyalty.promotions.queries import list_promotions
from loyalty.promotions.render import missed_message, terms
from loyalty.promotions.values.states import PromotionState
from loyalty.staff.rules import may
from loyalty.staff.values import Permission
from loyalty.stores.queries import list_stores
from loyalty.stores.values import Store
from loyalty.usecases.checkout import Priced, quote_basket
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.people import current_staff

_LIST = 8
_PAYMENTS = ("card", "cash")
_CHANNELS = ("till", "web", "app")


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """A promotion that gave nothing, and why in a sentence."""

    code: str
    name: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """A basket as it was priced, or why it was not."""

    understood: Understood
    priced: Priced | None = None
    refusal: str = ""
    terms: dict[str, str] | None = None
    missed: tuple[Missing, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """What looking for an article or a customer came to."""

    trial: Trial
    found: tuple[Product, ...] = ()
    text_problem: str | None = None
    who_problem: str | None = None


@blueprint.get("/try")
@requires(Permission.PROMOTIONS_READ)
def try_basket() -> ResponseReturnValue:
    """Show an empty basket, or one that an address describes."""
    return _page(Search(trial=typed_trial()))


@blueprint.post("/try")
@requires(Permission.PROMOTIONS_READ)
def change_basket() -> ResponseReturnValue:
    """Show the basket with what was asked for: a line more or less, a customer."""
    trial = typed_trial()
    form = request.form
    if "add" in form:
        return _page(Search(trial=trial.with_line(form["add"])))
    if "remove" in form:
        return _page(
            Search(trial=trial.without_line(form.get("remove", type=int) or 0))
        )
    with database().transaction() as session:
        if form.get("action") == "forget":
            search = Search(trial=replace(trial, customer="", who=""))
        elif form.get("action") == "find":
            search = _find_customer(session, trial)
        elif trial.text:
            search = _find_article(session, trial)
        else:
            search = Search(trial=trial)
    return _page(search)


@blueprint.post("/try/result")
@requires(Permission.PROMOTIONS_READ)
def try_result() -> ResponseReturnValue:
    """Show what the basket in the form costs, for a page that asks as one types."""
    trial = typed_trial()
    with database().transaction() as session:
        stores = list_stores(session)
        result = _price(session, trial, _store(stores, trial)) if stores else None
    return show("try_result.html", result=result)


def _find_article(session: Session, trial: Trial) -> Search:
    if len(trial.lines) >= MOST_LINES:
        problem = _("The basket is full: %(n)s lines.", n=MOST_LINES)
        return Search(trial=trial, text_problem=problem)
    if trial.text in find_products(session, skus={trial.text}):
        return Search(trial=trial.with_line(trial.text))
    found = search_products(session, text=trial.text, limit=_LIST)
    if len(found) == 1:
        return Search(trial=trial.with_line(found[0].sku))
    if found:
        return Search(trial=trial, found=tuple(found))
    problem = _("The catalogue has no article “%(text)s”.", text=trial.text)
    return Search(trial=trial, text_problem=problem)


def _find_customer(session: Session, trial: Trial) -> Search:
    if not _may_see_customers():
        return Search(trial=trial)
    try:
        customer_id = find(session, trial.who)
    except Invalid as error:
        return Search(trial=trial, who_problem=error.problems[0].message)
    except NotFound:
        customer_id = None
    if customer_id is None:
        problem = _("Nobody has this number or address.")
        return Search(trial=trial, who_problem=problem)
    return Search(trial=replace(trial, customer=str(customer_id), who=""))


def _page(search: Search) -> ResponseReturnValue:
    trial = search.trial
    if trial.customer and not _may_see_customers():
        trial = replace(trial, customer="")
    with database().transaction() as session:
        stores = list_stores(session)
        store = _store(stores, trial) if stores else None
        result = _price(session, trial, store) if store else None
        called = {}
        if trial.customer_id is not None:
            called = names_of(session, customer_ids=[trial.customer_id])
        drafts = [
            (stored.promotion.code, pick(dict(stored.promotion.name)))
            for stored in list_promotions(
                session, states=[PromotionState.DRAFT, PromotionState.PAUSED]
            )
        ]
    return show(
        "try.html",
        trial=trial,
        result=result,
        problems=result.understood.problems if result else {},
        search=search,
        stores=stores,
        store=store,
        drafts=drafts,
        payments=_PAYMENTS,
        channels=_CHANNELS,
        customer=next(iter(called.values()), ""),
        may_see_customers=_may_see_customers(),
    )


def _store(stores: tuple[Store, ...], trial: Trial) -> Store:
    return next((one for one in stores if one.code == trial.store), stores[0])


def _price(session: Session, trial: Trial, store: Store) -> Result:
    if trial.customer and not _may_see_customers():
        trial = replace(trial, customer="")
    understood = understand(session, trial, store)
    if understood.problems or not understood.request.lines:
        return Result(understood=understood)
    try:
        priced = quote_basket(session, request=understood.request, now=utc_now())
    except LoyaltyError as error:
        return Result(understood=understood, refusal=str(error))
    language = current_language()
    return Result(
        understood=understood,
        priced=priced,
        terms={
            promotion.code: terms(promotion, language, names=priced.names)
            for promotion in priced.pricing.documents
        },
        missed=tuple(
            Missing(
                code=one.promotion or "",
                name=pick(dict(one.name or {})) or one.code or "",
                why=missed_message(one, language, names=priced.names),
            )
            for one in priced.quote.missed
        ),
    )


def _may_see_customers() -> bool:
    return may(current_staff(), Permission.CUSTOMERS_READ)
