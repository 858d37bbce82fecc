"""Names, selectors and counts in words, in the language in use."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from loyalty.core.texts import format_list, format_money, format_number, ngettext
from loyalty.core.texts import gettext as _
from loyalty.promotions import values as v


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """What to call what has a key; without a name the key itself is written."""

    products: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    """By path; no two the same, or the words would be about either."""

    stores: Mapping[str, str] = field(default_factory=dict)

    shortened: bool = False
    """Whether long lists of products are told by a few of them; terms never are."""


NO_NAMES = Names()
_EXAMPLES = 3


def one_of(texts: tuple[str, ...] | list[str]) -> str:
    """Return texts joined by commas and "or"."""
    return format_list(list(texts), style="or")


def called(name: str) -> str:
    """
    Return a name as it stands in sentences.

    Languages that inflect set it in quotation marks, so that it may stay as it is.
    """
    return _("%(name)s", name=name)


def one_called(names: Iterable[str]) -> str:
    """Return names joined by commas and "or"."""
    # A list may be long, and the pattern is the same for all of it.
    pattern = _("%(name)s")
    return one_of([pattern % {"name": name} for name in names])


def capitalised(text: str) -> str:
    """Return the text as a sentence begins."""
    return text[:1].upper() + text[1:]


def percent_words(percent: Decimal) -> str:
    """Return a percentage with all its decimals."""
    return _("%(number)s%%", number=format_number(percent))


def units_words(count: int) -> str:
    """Return so many units."""
    return ngettext("%(n)s unit", "%(n)s units", count)


def selector_words(selector: v.Selector, names: Names = NO_NAMES) -> str:
    """Return which units a selector matches, as ``Coffee by Nova``."""
    words = _("everything") if selector.everything else _narrow(selector, names)
    if selector.exclude is not None:
        return _(
            "%(what)s except %(exception)s",
            what=words,
            exception=selector_words(selector.exclude, names),
        )
    return words


def _narrow(selector: v.Selector, names: Names) -> str:
    if selector.skus is not None:
        words = _products(selector.skus, names)
        if selector.categories is not None:
            inside = _categories(selector.categories, names)
            words = _("%(what)s from %(categories)s", what=words, categories=inside)
    elif selector.categories is not None:
        words = _categories(selector.categories, names)
    else:
        words = _("products")
    if selector.brands is not None:
        words = _(
            "%(what)s by %(brands)s", what=words, brands=one_called(selector.brands)
        )
    if selector.tags is not None:
        words = _(
            "%(what)s marked %(tags)s", what=words, tags=one_called(selector.tags)
        )
    low, high = selector.price_at_least, selector.price_below
    if low is not None:
        price = format_money(low)
        words = _("%(what)s that cost %(price)s or more", what=words, price=price)
    if high is not None:
        price = format_money(high)
        words = _("%(what)s that cost less than %(price)s", what=words, price=price)
    return words


def _products(skus: Iterable[str], names: Names) -> str:
    """Return the products' names, or how many they are and some of their names."""
    listed = list(skus)
    if not names.shortened or len(listed) <= _EXAMPLES:
        return one_called(names.products.get(sku, sku) for sku in listed)
    known = list(
        dict.fromkeys(names.products[s] for s in listed if s in names.products)
    )
    if known and len(known) <= _EXAMPLES and all(s in names.products for s in listed):
        return one_called(known)
    count = len(listed)
    if not known:
        return ngettext("%(n)s chosen product", "%(n)s chosen products", count)
    some = [called(name) for name in known[:_EXAMPLES]]
    more = ngettext("%(n)s more", "%(n)s more", count - len(some))
    return ngettext(
        "%(n)s chosen product (%(some)s)",
        "%(n)s chosen products (%(some)s)",
        count,
        some=format_list([*some, more]),
    )


def _categories(paths: Iterable[str], names: Names) -> str:
    return one_called(category_words(path, names) for path in paths)


def category_words(path: str, names: Names = NO_NAMES) -> str:
    """Return the category's name, or how its path reads: ``coffee (drinks)``."""
    named = names.categories.get(path)
    if named:
        return named
    above, _slash, name = path.rpartition("/")
    return f"{name} ({above})" if above else name


def distinct_names(names: Mapping[str, str]) -> dict[str, str]:
    """
    Return a name for each category that no other one has.

    A name that several share gets the name of what it belongs to in brackets, as
    ``Other (Dairy)``; if that is not enough, its path.

    :param names: the name of each category by its path
    """
    called = dict(names)
    for longer in (_with_parent, _with_path):
        shared = Counter(called.values())
        called = {
            path: longer(path, names) if shared[name] > 1 else name
            for path, name in called.items()
        }
    return called


def _with_parent(path: str, names: Mapping[str, str]) -> str:
    above = path.rpartition("/")[0]
    return f"{names[path]} ({names.get(above, above)})" if above else names[path]


def _with_path(path: str, names: Mapping[str, str]) -> str:
    return f"{names[path]} ({path})"


def counted_words(counted: v.Counted, names: Names = NO_NAMES) -> str:
    """Return so many units of a selector."""
    if counted.of.is_whole_basket:
        return _("%(units)s of anything", units=units_words(counted.quantity))
    return _(
        "%(units)s of %(what)s",
        units=units_words(counted.quantity),
        what=selector_words(counted.of, names),
    )
