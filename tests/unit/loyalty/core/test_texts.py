"""Numbers, money and dates as each language writes them."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from loyalty.core.money import Money
from loyalty.core.texts import (
    format_date,
    format_datetime,
    format_decimal,
    format_language,
    format_list,
    format_money,
    format_number,
    format_percent,
)

FIRST_OF_DECEMBER = date(2026, 12, 1)
NINE = datetime(2026, 12, 1, 9, 5)  # noqa: DTZ001  # as it stands on some clock


class TestFormatDate:
    @pytest.mark.parametrize(
        ("language", "written"),
        [
            ("en", "Tuesday 1 December 2026"),
            ("pl", "wtorek 1 grudnia 2026"),
            ("ru", "вторник 1 декабря 2026"),
            ("sl", "torek 1. december 2026"),
            ("fa", "سه‌شنبه ۱۰ آذر ۱۴۰۵"),
        ],
    )
    def test_writes_as_the_language_does(self, language: str, written: str) -> None:
        assert (
            format_date(FIRST_OF_DECEMBER, language=language, style="EEEE d MMMM y")
            == written
        )

    @pytest.mark.parametrize(
        ("style", "written"),
        [
            ("d MMM", "۱۰ آذر"),
            ("short", "۱۴۰۵/۰۹/۱۰"),
            ("medium", "۱۰ آذر ۱۴۰۵"),
            ("d 'of' MMM", "۱۰ of آذر"),
        ],
    )
    def test_counts_persian_days_by_the_jalali_calendar(
        self, style: str, written: str
    ) -> None:
        assert format_date(FIRST_OF_DECEMBER, language="fa", style=style) == written

    @pytest.mark.parametrize(
        ("day", "written"),
        [
            (date(2025, 3, 20), "۳۰ اسفند ۱۴۰۳"),
            (date(2025, 3, 21), "۱ فروردین ۱۴۰۴"),
            (date(2026, 3, 20), "۲۹ اسفند ۱۴۰۴"),
            (date(2026, 3, 21), "۱ فروردین ۱۴۰۵"),
        ],
    )
    def test_knows_persian_leap_years(self, day: date, written: str) -> None:
        assert format_date(day, language="fa", style="d MMMM y") == written


class TestFormatDatetime:
    def test_keeps_the_time_beside_a_jalali_day(self) -> None:
        written = format_datetime(NINE, language="fa", style="d MMMM y, HH:mm")

        assert written == "۱۰ آذر ۱۴۰۵، ۰۹:۰۵"

    def test_dots_slovenian_days(self) -> None:
        assert format_datetime(NINE, language="sl") == "1. dec., 09:05"


class TestFormatNumber:
    def test_uses_persian_digits_and_separators(self) -> None:
        assert format_number(Decimal("1234.5"), language="fa") == "۱٬۲۳۴٫۵"
        assert format_percent(Decimal("0.2"), language="fa") == "۲۰٪"
        money = Money(amount=123_456, currency="EUR")
        assert format_money(money, language="fa") == "\u200e€\u00a0۱٬۲۳۴٫۵۶"


class TestFormatDecimal:
    @pytest.mark.parametrize(
        ("language", "written"), [("en", "0.650"), ("pl", "0,650"), ("fa", "۰٫۶۵۰")]
    )
    def test_keeps_the_decimals_that_are_asked_for(
        self, language: str, written: str
    ) -> None:
        assert format_decimal(0.65, 3, language=language) == written

    @pytest.mark.parametrize(
        ("value", "written"), [(0.126, "+0.13"), (-0.126, "−0.13"), (-0.001, "0.00")]
    )
    def test_writes_a_sign_if_there_is_one(self, value: float, written: str) -> None:
        assert format_decimal(value, 2, signed=True, language="en") == written

    def test_keeps_the_sign_before_the_number_in_persian(self) -> None:
        assert format_decimal(-0.5, 1, language="fa") == "\u200e−۰٫۵"
        assert format_percent(-0.012, language="fa") == "\u200e−۱٫۲٪"

    def test_may_have_none(self) -> None:
        assert format_decimal(1234.5678, 0, language="en") == "1,235"


class TestFormatLanguage:
    def test_names_a_language_in_the_readers_own(self) -> None:
        assert format_language("pl", language="sl") == "poljščina"
        assert format_language("pl-PL", language="en") == "Polish"

    def test_writes_the_code_of_one_it_does_not_know(self) -> None:
        assert format_language("xx", language="en") == "xx"


class TestFormatList:
    def test_joins_as_a_sentence_does(self) -> None:
        assert format_list(["a", "b", "c"], language="pl") == "a, b i c"
        assert format_list(["a", "b"], language="fa", style="or") == "a یا b"
