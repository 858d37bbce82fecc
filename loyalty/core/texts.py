"""Texts, numbers, money and dates in the reader's language.

One module formats everything that a person reads, on every surface and in every
message. The language is a context variable that an edge sets (``use_language``);
each function also takes one. Messages are English with ``%(name)s`` places and
are looked up with gettext in ``loyalty/translations``.
"""

import gettext as _gettext
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date as _babel_date
from babel.dates import format_datetime as _babel_datetime
from babel.dates import format_time as _babel_time
from babel.dates import get_day_names
from babel.lists import format_list as _babel_list
from babel.numbers import format_currency
from babel.numbers import format_decimal as _babel_decimal
from babel.numbers import format_percent as _babel_percent

from loyalty.core.calendars import jalali_pattern
from loyalty.core.money import Money

_MINUS: Final = "\N{MINUS SIGN}"
LANGUAGES: Final = ("en", "pl", "ru", "sl", "fa")
DEFAULT_LANGUAGE: Final = "en"

_LOCALES: Final = {"en": "en_GB", "fa": "fa_IR"}
_NUMERALS: Final[dict[str, Literal["arabext"]]] = {"fa": "arabext"}
_PERSIAN_DIGITS: Final = str.maketrans("0123456789%", "۰۱۲۳۴۵۶۷۸۹٪")
_LATIN_DIGITS: Final = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
_DAY_BEFORE_MONTH: Final = re.compile(r"d (?=M)")
_REMEMBERED: Final = 4_096
_TRANSLATIONS: Final = Path(__file__).parent.parent / "translations"

_language: ContextVar[str] = ContextVar("language", default=DEFAULT_LANGUAGE)


def current_language() -> str:
    """Return the language in use, one of ``LANGUAGES``."""
    return _language.get()


def direction(language: str | None = None) -> str:
    """Return ``rtl`` or ``ltr``."""
    return "rtl" if (language or current_language()) == "fa" else "ltr"


@contextmanager
def use_language(language: str) -> Iterator[None]:
    """Write in this language inside the block; an unknown one means English."""
    token = _language.set(language if language in LANGUAGES else DEFAULT_LANGUAGE)
    try:
        yield
    finally:
        _language.reset(token)


def gettext(message: str, /, **values: object) -> str:
    """Return the message in the language in use, its places filled in."""
    text = _catalogue(current_language()).gettext(message)
    return text % values if values else text


def ngettext(singular: str, plural: str, n: int, /, **values: object) -> str:
    """Return the form for ``n``; ``%(n)s`` is the number, formatted."""
    text = _catalogue(current_language()).ngettext(singular, plural, n)
    return text % {"n": format_number(n), **values}


def format_number(value: int | Decimal, *, language: str | None = None) -> str:
    """Return the number with the language's separators and digits."""
    # Equal numbers may be written differently: 0 and -0.
    return _number(str(value), language or current_language())


def format_decimal(
    value: float, places: int, *, signed: bool = False, language: str | None = None
) -> str:
    """
    Return a number with just so many decimals, as measures are compared.

    ``signed`` writes a plus as well; what rounds to zero has no sign at all.
    """
    language = language or current_language()
    text = _babel_decimal(
        abs(value),
        format=f"#,##0.{'0' * places}" if places else "#,##0",
        locale=_locale(language),
        numbering_system=_numerals(language),
    )
    return _sign(round(value, places), language, plus=signed) + _digits(text, language)


def format_percent(value: Decimal | float, *, language: str | None = None) -> str:
    """Return a share (0.2 is 20 per cent) with at most one decimal."""
    language = language or current_language()
    text = _babel_percent(
        -value if value < 0 else value,
        format="#,##0.#%",
        locale=_locale(language),
        numbering_system=_numerals(language),
    )
    return _sign(round(float(value), 3), language) + _digits(text, language)


def format_money(money: Money, *, language: str | None = None) -> str:
    """Return an amount with its currency, as ``€4.90`` or ``4,90 €``."""
    return _money(money, language or current_language())


def format_date(day: date, *, language: str | None = None, style: str = "d MMM") -> str:
    """
    Return a day, in Persian that of the Jalali calendar.

    ``style`` is a Babel pattern or one of its named lengths.
    """
    language = language or current_language()
    style = _pattern(style, day, language)
    return _digits(_babel_date(day, style, locale=_locale(language)), language)


def format_datetime(
    moment: datetime, *, language: str | None = None, style: str = "d MMM, HH:mm"
) -> str:
    """
    Return a moment on the clock of its own zone; a naive one as it stands.

    ``style`` is a Babel pattern.
    """
    language = language or current_language()
    style = _pattern(style, moment.date(), language)
    text = _babel_datetime(
        moment, style, tzinfo=moment.tzinfo, locale=_locale(language)
    )
    return _digits(text, language)


def format_time(value: time, *, language: str | None = None) -> str:
    """Return a wall-clock time as ``18:00``."""
    language = language or current_language()
    text = _babel_time(value, "HH:mm", locale=_locale(language))
    return _digits(text, language)


def format_weekday(
    weekday: int, *, language: str | None = None, short: bool = False
) -> str:
    """Return the name of a day, 0 being Monday."""
    language = language or current_language()
    locale = _locale(language)
    if short:
        # Persian abbreviations are the names in full; its calendars use one letter.
        if language == "fa":
            return str(get_day_names("narrow", "stand-alone", locale)[weekday])
        return str(get_day_names("abbreviated", "stand-alone", locale)[weekday])
    return str(get_day_names("wide", "stand-alone", locale)[weekday])


def format_language(code: str, *, language: str | None = None) -> str:
    """Return what a language is called, as ``Polish``; an unknown one by its code."""
    language = language or current_language()
    try:
        name = Locale.parse(code, sep="-").get_language_name(_locale(language))
    except (UnknownLocaleError, ValueError):
        return code
    return name or code


def format_list(
    items: list[str], *, language: str | None = None, style: str = "standard"
) -> str:
    """Join texts as a sentence does: ``a, b and c``, or with ``style="or"``."""
    language = language or current_language()
    if style == "or":
        return _babel_list(items, "or", _locale(language))
    return _babel_list(items, "standard", _locale(language))


def normalise_digits(text: str) -> str:
    """Return the text with Persian and Arabic digits as Latin ones."""
    return text.translate(_LATIN_DIGITS)


def pick(texts: dict[str, str], *, language: str | None = None) -> str:
    """Return the text in the language in use, else English, else any there is."""
    for wanted in (language or current_language(), DEFAULT_LANGUAGE):
        if wanted in texts:
            return texts[wanted]
    return next(iter(texts.values()), "")


# The sentences about one basket hold some hundred figures, mostly the same as those
# of the basket before, and Babel takes its time over each.
@lru_cache(maxsize=_REMEMBERED)
def _number(value: str, language: str) -> str:
    text = _babel_decimal(
        Decimal(value), locale=_locale(language), numbering_system=_numerals(language)
    )
    return _digits(text, language)


@lru_cache(maxsize=_REMEMBERED)
def _money(money: Money, language: str) -> str:
    text = format_currency(
        Decimal(str(money)),
        money.currency,
        locale=_locale(language),
        numbering_system=_numerals(language),
    )
    return _digits(text, language)


def _pattern(style: str, day: date, language: str) -> str:
    """Return the pattern as the language writes dates."""
    if language == "sl":
        return _DAY_BEFORE_MONTH.sub("d. ", style)
    if language == "fa":
        return jalali_pattern(style, day).replace(",", "،")
    return style


def _numerals(language: str) -> Literal["arabext", "latn"]:
    return _NUMERALS.get(language, "latn")


def _sign(value: float, language: str, *, plus: bool = False) -> str:
    """Return a number's sign, which stays before it in a text from the right too."""
    if not value or (value > 0 and not plus):
        return ""
    mark = "\N{LEFT-TO-RIGHT MARK}" if language == "fa" else ""
    return f"{mark}{'+' if value > 0 else _MINUS}"


def _digits(text: str, language: str) -> str:
    return text.translate(_PERSIAN_DIGITS) if language == "fa" else text


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(_LOCALES.get(language, language))


@cache
def _catalogue(language: str) -> _gettext.NullTranslations:
    return _gettext.translation(
        "messages", _TRANSLATIONS, languages=[language], fallback=True
    )
