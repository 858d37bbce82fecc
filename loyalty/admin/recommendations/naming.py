"""What rankings, segments and findings of an evaluation are called in plain words."""

from collections.abc import Mapping

from loyalty.core.texts import format_language
from loyalty.core.texts import gettext as _


def ranking_name(model: str) -> str:
    """Return what a ranking is called; one unknown here by its own name."""
    return {
        "popularity": _("What sells most"),
        "own frequency": _("What they buy anyway"),
        "UP-CF": _("What similar customers buy"),
        "LightFM hybrid": _("Taste alone (LightFM)"),
        "LightFM interactions": _("Taste from purchases alone (LightFM)"),
        "LightFM history": _("Taste from what they bought (LightFM)"),
        "LightFM + own frequency": _("Taste and habit, mixed"),
        "re-ranker": _("All of it, weighed together"),
        "re-ranker without LightFM": _("All but taste (no LightFM)"),
        "EASE": _("What goes together (EASE)"),
        "LightFM": _("Taste alone (LightFM)"),
        "own purchases, 28 days": _("What they bought of it in four weeks"),
        "popular within the declared interests": _("What sells most of what they like"),
        "popular, interests first": _("What sells most of what they like"),
        "LightFM, mean over the products": _("Taste alone (LightFM)"),
        "past use alone": _("How often they redeemed before"),
        "redemption without LightFM": _("All but taste (no LightFM)"),
        "past redemptions": _("How often they redeemed before"),
        "redemption": _("All of it and earlier answers"),
        "random": _("By chance"),
    }.get(model, model)


def segment_name(segment: str, stores: Mapping[str, str]) -> str:
    """
    Return what a kind of customer, or of what they bought, is called.

    :param stores: the name of each store by its code
    """
    kind, _colon, code = segment.partition(":")
    if kind == "language":
        return format_language(code) if code else _("no language")
    if kind == "store":
        return stores.get(code, code) or _("no home store")
    return {
        "all": _("All"),
        "fresh": _("New to the customer"),
        "heavy": _("Customers who buy much"),
        "light": _("Customers who buy little"),
        "new_customers": _("New customers"),
    }.get(segment, segment)


def history_name(history: str) -> str:
    """Return how much of a customer's purchases was left to see."""
    return {
        "none": _("No purchase yet, only what they said they like"),
        "1-3": _("1 to 3 purchases"),
        "4-10": _("4 to 10 purchases"),
        "all": _("All their purchases"),
    }.get(history, history)


def baseline_words(baseline: str) -> str:
    """Return a ranking as the end of “… than …”."""
    return {
        "popularity": _("going by what sells most"),
        "own frequency": _("going by what they buy anyway"),
        "UP-CF": _("going by what similar customers buy"),
        "re-ranker without LightFM": _("the same without taste (LightFM)"),
    }.get(baseline, baseline)


def step_name(step: str) -> str:
    """Return what a run is doing just now; one unknown here by its own name."""
    return {
        "": _("waiting for a worker"),
        "reading the catalogue": _("reading what there is"),
        "reading purchases": _("reading what was bought"),
        "cut-offs": _("testing it on days it has not seen"),
        "LightFM": _("learning the taste of customers"),
        "re-ranker": _("learning what weighs how much"),
        "campaigns": _("learning from past campaigns"),
        "storing the model": _("keeping the model"),
        "checking the model": _("checking the model"),
        "customers": _("going through the customers"),
        "scoring customers": _("going through the customers"),
        "giving reasons": _("finding the reasons"),
        "making offers": _("making the offers"),
        "choosing": _("sharing out the offers"),
    }.get(step, step)
