"""What the check of a draft found, for the page and before it may run."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.admin.pages import actor, blueprint, show
from loyalty.admin.promotions.looking import named
from loyalty.admin.promotions.starts import document_of
from loyalty.admin.promotions.writing import write_document
from loyalty.catalogue.queries import find_products
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid
from loyalty.core.money import Money
from loyalty.core.texts import current_language, format_money, pick
from loyalty.core.texts import gettext as _
from loyalty.promotions.queries import (
    display_names,
    get_promotion,
    list_promotions,
)
from loyalty.promotions.render import finding_sentence
from loyalty.promotions.schema import dump_promotion, load_promotion
from loyalty.promotions.values import Promotion
from loyalty.promotions.values.findings import (
    Finding,
    FindingCode,
    ProductFigure,
    Severity,
    WorstBasket,
)
from loyalty.promotions.values.states import PromotionState
from loyalty.staff.values import Permission
from loyalty.stores.queries import get_programme
from loyalty.usecases.check_promotion import activate_promotion, check_promotion
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.patience import Patience

_SECONDS: Final = 1.0
"""As long as recorded baskets are priced while the page waits."""

_TONES: Final = {
    Severity.ERROR: ("bad", "alert-triangle"),
    Severity.WARNING: ("warn", "alert-triangle"),
    Severity.NOTE: ("info", "check"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductLine:
    """An article whose price is at fault, in words."""

    sku: str
    name: str
    price: Money
    reduced: Money
    limit: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FindingView:
    """A finding as the page shows it."""

    code: str
    severity: Severity
    label: str
    tone: str
    icon: str
    sentence: str
    products: tuple[ProductLine, ...]
    promotions: tuple[tuple[str, str], ...]
    """Code and name of each."""

    basket: WorstBasket | None
    bought: tuple[str, ...]
    """What the basket holds, in words."""

    must_be_meant: bool
    is_meant: bool


@blueprint.post("/promotions/findings")
@requires(Permission.PROMOTIONS_READ)
def promotion_findings() -> ResponseReturnValue:
    """Show what the check says of what is typed just now."""
    code = request.form.get("stored_code", "")
    begun = None
    if code:
        with database().transaction() as session:
            stored = get_promotion(session, code=code)
        document, begun = dump_promotion(stored.promotion), stored.activated_at
    else:
        document = document_of(request.form.get("start", "percent"))
    findings = find(write_document(document, request.form), begun=begun)
    return show("_findings.html", findings=findings, checked=True)


def find(
    document: dict[str, Any], *, begun: datetime | None = None
) -> tuple[FindingView, ...]:
    """
    Check a document as it stands in the form; nothing is found of half a one.

    :param begun: when the promotion was first activated, if it was
    """
    with database().transaction() as session:
        currency = get_programme(session).currency
        try:
            promotion = load_promotion(named(document), currency=currency)
        except Invalid:
            return ()
        found = check_promotion(
            session,
            promotion=promotion,
            now=utc_now(),
            begun=begun,
            time_is_up=Patience(_SECONDS),
        )
        return _views(session, promotion, found)


def activate(session: Session, code: str) -> None:
    """
    Let a promotion run, with the warnings that were ticked in the form.

    :raises FindingsStand: if there are errors, or other warnings
    """
    activate_promotion(
        session,
        code=code,
        acknowledged=request.form.getlist("acknowledge"),
        actor=actor(),
        now=utc_now(),
        time_is_up=Patience(_SECONDS),
    )


def refusal() -> str:
    """Return what is said when findings keep a promotion from running."""
    return _(
        "It was not activated, and nothing was changed: see what the check found. "
        "Mend the errors; tick the warnings that are meant."
    )


def _views(
    session: Session, promotion: Promotion, found: tuple[Finding, ...]
) -> tuple[FindingView, ...]:
    names = display_names(session, promotions=[promotion])
    running = list_promotions(session, states=[PromotionState.ACTIVE])
    called = {one.promotion.code: pick(dict(one.promotion.name)) for one in running}
    skus = {figure.sku for one in found for figure in one.products}
    skus |= {sku for one in found if one.basket for sku, _n in one.basket.lines}
    products = find_products(session, skus=skus) if skus else {}
    articles = {sku: product.name for sku, product in products.items()}
    meant = request.form.getlist("acknowledge")
    labels = _labels()
    return tuple(
        FindingView(
            code=one.code.value,
            severity=one.severity,
            label=labels[one.severity],
            tone=_TONES[one.severity][0],
            icon=_TONES[one.severity][1],
            sentence=finding_sentence(one, current_language(), names=names),
            products=tuple(
                _line(one.code, figure, articles) for figure in one.products
            ),
            promotions=tuple((code, called.get(code, code)) for code in one.promotions),
            basket=one.basket,
            bought=_bought(one.basket, articles),
            must_be_meant=one.severity is Severity.WARNING,
            is_meant=one.code.value in meant,
        )
        for one in found
    )


def _labels() -> dict[Severity, str]:
    return {
        Severity.ERROR: _("Error"),
        Severity.WARNING: _("Warning"),
        Severity.NOTE: _("Note"),
    }


def _line(
    code: FindingCode, figure: ProductFigure, articles: dict[str, str]
) -> ProductLine:
    limit = format_money(figure.limit)
    words = {
        FindingCode.BELOW_COST: _("Cost: %(money)s", money=limit),
        FindingCode.FLOOR_STOPS: _("Lowest permitted price: %(money)s", money=limit),
    }
    prior = _("Lowest price in the 30 days before: %(money)s", money=limit)
    return ProductLine(
        sku=figure.sku,
        name=articles.get(figure.sku, figure.sku),
        price=figure.price,
        reduced=figure.reduced,
        limit=words.get(code, prior),
    )


def _bought(basket: WorstBasket | None, articles: dict[str, str]) -> tuple[str, ...]:
    if basket is None:
        return ()
    return tuple(
        f"{quantity.normalize():f} \u00d7 {articles.get(sku, sku)}"
        for sku, quantity in basket.lines
    )
