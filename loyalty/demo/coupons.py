"""
The data's coupons as personal promotions, and a few promotions for everyone.

A coupon of the data names up to thousands of products. Its promotion names a brand
and categories where they say the same, else categories, else the products. How much
a coupon took off is not in the data, so that is drawn.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median_low
from typing import Final

from loyalty.core.money import decimal_text
from loyalty.demo.assortment import category_path
from loyalty.demo.dice import Dice
from loyalty.demo.values import Article, Coupon
from loyalty.demo.wording import brand_name, category_name, department_name, slug

Document = dict[str, object]

WEEKS: Final = 8
"""How long the personal promotions last."""

_MOST_SKUS: Final = 200
_NARROW: Final = 4
"""A selector of at most so many categories reads well."""

_MAIN_SHARE: Final = 0.9
_COVERED: Final = 0.6
_SMALL_SHARE: Final = 0.1
_LEAST_BOUGHT: Final = 5
_LONGEST_CODE: Final = 60
_PERCENTS: Final = (15, 20, 25, 30)
_BROAD_PERCENT: Final = 10
_BROAD_AT_MOST: Final = "5.00"
_NOT_OFFERED: Final = frozenset(
    {
        "CIGARETTES",
        "CIGARS",
        "TOBACCO OTHER",
        "LIQUOR",
        "BEERS/ALES",
        "COUPON/MISC ITEMS",
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sales:
    """What the shop sells, and how often and for how much it was bought."""

    articles: Mapping[int, Article]
    bought: Mapping[int, int]
    """Lines by article."""

    prices: Mapping[int, int]
    """Usual prices by article, in minor units."""

    currency: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Target:
    """What a coupon is about: a selector's document and its name in words."""

    selector: Mapping[str, list[str]]
    words: str
    broad: bool


def personal_promotions(
    coupons: Iterable[Coupon], *, sales: Sales, today: date, most: int
) -> list[Document]:
    """
    Return promotion documents for the most redeemed coupons, one for each target.

    :param today: the first day, on the programme's clock
    :param most: how many at most
    """
    sizes = Counter((a.department, a.category) for a in sales.articles.values())
    documents: dict[str, Document] = {}
    for coupon in coupons:
        known = _offered(coupon, sales)
        sold = [a for a in known if a.id in sales.prices]
        if sum(sales.bought.get(a.id, 0) for a in sold) < _LEAST_BOUGHT:
            continue
        target = _target(known, sizes)
        if target is None:
            continue
        usual = median_low(sales.prices[a.id] for a in sold)
        document = _document(coupon, target, usual=usual, currency=sales.currency)
        document["valid"] = _valid(today)
        # The first, the most redeemed, stands: others are for the same products.
        documents.setdefault(str(document["code"]), document)
        if len(documents) >= most:
            break
    return list(documents.values())


def standing_promotions(*, today: date) -> list[Document]:
    """Return the documents of the promotions that apply to everyone by themselves."""
    limits = {"per_customer_per_day": 1}
    coffee, pizza = ["grocery/coffee"], ["grocery/frozen-pizza"]
    afternoons = {"days": ["mon", "tue", "wed", "thu", "fri"]}
    hours = [{**afternoons, "from": "14:00", "until": "18:00"}]
    weekend = [{"days": ["sat", "sun"], "from": "00:00", "until": "24:00"}]
    everything: Document = {"all": True}
    return [
        {
            "code": "coffee-afternoons-20",
            "name": {"en": "20% off coffee on weekday afternoons"},
            "valid": {**_valid(today), "weekly": hours},
            "reward": {"percent_off": {"percent": "20", "on": {"categories": coffee}}},
        },
        {
            "code": "pizza-3-for-2",
            "name": {"en": "Frozen pizza: 3 for 2"},
            "valid": _valid(today),
            "reward": {
                "buy_get": {
                    "buy": {"categories": pizza, "quantity": 2},
                    "get": {"categories": pizza, "quantity": 1, "percent": "100"},
                }
            },
        },
        {
            "code": "five-off-fifty",
            "name": {"en": "€5 off from €50, once a day"},
            "valid": _valid(today),
            "requires": [{"spend": {"on": everything, "at_least": "50.00"}}],
            "reward": {
                "amount_off": {"amount": "5.00", "on": everything, "per": "basket"}
            },
            "limits": limits,
        },
        {
            "code": "own-brand-weekend",
            "name": {"en": "10% off our own brand at the weekend"},
            "valid": {**_valid(today), "weekly": weekend},
            "reward": {"percent_off": {"percent": "10", "on": {"tags": ["own-brand"]}}},
        },
    ]


def _offered(coupon: Coupon, sales: Sales) -> list[Article]:
    known = [sales.articles[p] for p in sorted(coupon.products) if p in sales.articles]
    return [a for a in known if a.category and a.category not in _NOT_OFFERED]


def _target(known: list[Article], sizes: Counter[tuple[str, str]]) -> _Target | None:
    makers = Counter(article.manufacturer for article in known)
    maker, of_maker = makers.most_common(1)[0]
    brand = brand_name(maker)
    if brand is not None and of_maker >= _MAIN_SHARE * len(known):
        mine = [article for article in known if article.manufacturer == maker]
        main = _main_categories(mine, least=_SMALL_SHARE * len(mine))
        if len(main) <= _NARROW:
            return _Target(
                selector={"brands": [brand], "categories": _paths(main)},
                words=f"{brand} {_words(main)}",
                broad=False,
            )
    return _categories(known, sizes) or _products(known)


def _categories(
    known: list[Article], sizes: Counter[tuple[str, str]]
) -> _Target | None:
    counts = Counter((a.department, a.category) for a in known)
    covered = {key for key, n in counts.items() if n >= _COVERED * sizes[key]}
    if sum(counts[key] for key in covered) < _COVERED * len(known):
        return None
    main = _main_categories(known, least=_SMALL_SHARE * len(known), among=covered)
    if 0 < len(counts) <= _NARROW:
        return _Target(
            selector={"categories": _paths(main)}, words=_words(main), broad=False
        )
    departments = Counter(article.department for article in known)
    department = department_name(departments.most_common(1)[0][0])
    if department == department_name("GROCERY"):
        # Nearly everything is a grocery: the largest categories say more.
        main = main or _main_categories(known, least=0, among=covered)[:_NARROW]
        return _Target(
            selector={"categories": _paths(main)}, words=_words(main), broad=True
        )
    return _Target(
        selector={"categories": [slug(department)]},
        words=department.lower(),
        broad=True,
    )


def _products(known: list[Article]) -> _Target | None:
    if len(known) > _MOST_SKUS:
        return None
    main = _main_categories(known, least=_SMALL_SHARE * len(known))[:_NARROW]
    return _Target(
        selector={"skus": [str(article.id) for article in known]},
        words=f"chosen {_words(main)}",
        broad=False,
    )


def _main_categories(
    known: list[Article],
    *,
    least: float,
    among: set[tuple[str, str]] | None = None,
) -> list[Article]:
    """Return one article for each category that matters, the largest first."""
    counts = Counter((a.department, a.category) for a in known)
    examples = {(a.department, a.category): a for a in known}
    return [
        examples[key]
        for key, count in counts.most_common()
        if count >= least and (among is None or key in among)
    ]


def _paths(examples: list[Article]) -> list[str]:
    return sorted({category_path(article) for article in examples})


def _words(examples: list[Article]) -> str:
    names = dict.fromkeys(category_name(a.category).lower() for a in examples)
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _document(
    coupon: Coupon, target: _Target, *, usual: int, currency: str
) -> Document:
    dice = Dice(f"coupon/{coupon.upc}")
    reward: Document
    if target.broad:
        label = f"{_BROAD_PERCENT}% off"
        reward = {
            "percent_off": {
                "percent": str(_BROAD_PERCENT),
                "on": target.selector,
                "at_most": _BROAD_AT_MOST,
            }
        }
    elif dice.happens("amount", 1 / 3):
        amount = decimal_text(max(30, usual // 4 // 10 * 10), currency)
        label = f"€{amount} off"
        reward = {
            "amount_off": {"amount": amount, "on": target.selector, "per": "basket"}
        }
    else:
        percent = dice.pick("percent", _PERCENTS)
        label = f"{percent}% off"
        reward = {"percent_off": {"percent": str(percent), "on": target.selector}}
    return {
        "code": slug(target.words)[:_LONGEST_CODE].strip("-"),
        "name": {"en": f"{label} {target.words}"},
        "trigger": "personal",
        "reward": reward,
        "limits": {"per_customer": 1},
    }


def _valid(today: date) -> Document:
    until = today + timedelta(weeks=WEEKS)
    return {"from": f"{today}T00:00", "until": f"{until}T00:00"}
