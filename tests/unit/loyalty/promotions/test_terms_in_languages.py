"""Terms in Polish, Russian, Slovenian and Persian: whole, and well formed."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import loyalty
from loyalty.core.texts import (
    LANGUAGES,
    format_date,
    format_language,
    format_list,
    format_weekday,
)
from loyalty.promotions import values as v
from loyalty.promotions.render import house_rules, missed_message, sentence, terms
from loyalty.promotions.schema import load_promotion
from tests.documents import beginnings, eur, promotion

TRANSLATED = tuple(language for language in LANGUAGES if language != "en")
WORD = re.compile(r"[^\W\d_]+")
PLACE = re.compile(r"%\(\w+\)s")


def words(text: str) -> set[str]:
    return {word.casefold() for word in WORD.findall(text)}


def own_words(language: str) -> set[str]:
    """Return the words of the catalogue, of dates and of lists in a language."""
    path = Path(loyalty.__file__).parent / "translations" / language
    with (path / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    forms = [
        (message.string,) if isinstance(message.string, str) else message.string or ()
        for message in catalogue
    ]
    strings = [PLACE.sub("", text) for texts in forms for text in texts]
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(0, 366, 15)]
    return words(
        " ".join(
            [
                *strings,
                *(format_date(day, language=language) for day in days),
                *(format_date(d, language=language, style="d MMMM") for d in days),
                *(format_weekday(n, language=language) for n in range(7)),
                format_list(["", "", ""], language=language),
                format_list(["", ""], language=language, style="or"),
                format_language("pl", language=language),
            ]
        )
    )


GIVEN = words(
    "Coffee coffee drinks tea A Nova bio gold vip Lab kiosk Twint MUG SPRING tea"
)
"""What the documents and codes themselves say."""


def everything_written(language: str) -> Iterator[str]:
    for begun in beginnings():
        yield terms(begun, language)
        yield "".join(part.text for part in sentence(begun, language))
        for reason in v.MissedReason:
            code = "SPRING" if reason.value.startswith("code") else None
            yield missed_message(
                v.Missed(promotion="p", reason=reason, reward=begun.reward, code=code),
                language,
            )
    for strategy in v.Strategy:
        points = v.PointsRule(points=2, per=eur(100))
        yield house_rules(language, strategy=strategy, points=points)


@pytest.mark.parametrize("language", TRANSLATED)
class TestTextsInLanguages:
    def test_hold_no_word_of_another_language(self, language: str) -> None:
        known = own_words(language) | GIVEN

        foreign = {
            word: text
            for text in everything_written(language)
            for word in words(text) - known
        }

        assert foreign == {}

    def test_end_as_sentences_do(self, language: str) -> None:
        wrong = [t for t in everything_written(language) if not t.endswith(".")]

        assert wrong == []


class TestTerms:
    @pytest.mark.parametrize(
        ("language", "once", "twice", "five", "many"),
        [
            (
                "pl",
                "Promocja kończy się po 1 użyciu.",
                "Promocja kończy się po 2 użyciach.",
                "Promocja kończy się po 5 użyciach.",
                "Promocja kończy się po 21 użyciach.",
            ),
            (
                "ru",
                "Предложение заканчивается после 1 использования.",
                "Предложение заканчивается после 2 использований.",
                "Предложение заканчивается после 5 использований.",
                "Предложение заканчивается после 21 использования.",
            ),
            (
                "sl",
                "Ponudba se konča po 1 uporabi.",
                "Ponudba se konča po 2 uporabah.",
                "Ponudba se konča po 5 uporabah.",
                "Ponudba se konča po 21 uporabah.",
            ),
            (
                "fa",
                "این پیشنهاد پس از ۱ بار استفاده پایان می‌یابد.",
                "این پیشنهاد پس از ۲ بار استفاده پایان می‌یابد.",
                "این پیشنهاد پس از ۵ بار استفاده پایان می‌یابد.",
                "این پیشنهاد پس از ۲۱ بار استفاده پایان می‌یابد.",
            ),
        ],
    )
    def test_count_as_the_language_does(
        self, language: str, once: str, twice: str, five: str, many: str
    ) -> None:
        counted = {1: once, 2: twice, 5: five, 21: many}
        for count, text in counted.items():
            about = promotion(limits=v.Limits(total=count))
            assert text in terms(about, language)

    @pytest.mark.parametrize(
        ("count", "words_"),
        [
            (1, "1 kos (»A«)"),
            (2, "2 kosa (»A«)"),
            (3, "3 kosi (»A«)"),
            (4, "4 kosi (»A«)"),
            (5, "5 kosov (»A«)"),
            (101, "101 kos (»A«)"),
        ],
    )
    def test_have_the_four_slovenian_forms(self, count: int, words_: str) -> None:
        about = promotion(reward=v.FreeItem(sku="A", quantity=count))

        assert f"Dobite: {words_} brezplačno." in terms(about, "sl")

    @pytest.mark.parametrize(
        ("language", "written"),
        [
            (
                "pl",
                (
                    "Otrzymujesz: 20% rabatu na: „coffee (drinks)”. Promocja działa "
                    "automatycznie. Obowiązuje do 1 grudnia 2026, 00:00 (wyłącznie), "
                    "według zegara sklepu. Raz na klienta. Promocję można łączyć z "
                    "innymi, ale nie na tych samych sztukach."
                ),
            ),
            (
                "ru",
                (
                    "Вы получаете: скидка 20\u00a0% на: «coffee (drinks)». Предложение "
                    "действует автоматически. Действует до 1 декабря 2026, 00:00 (не "
                    "включая), по часам магазина. Не более одного раза на клиента. "
                    "Предложение можно сочетать с другими, но не на тех же единицах "
                    "товара."
                ),
            ),
            (
                "sl",
                (
                    "Dobite: 20\u00a0% popusta na: »coffee (drinks)«. Ponudba se "
                    "upošteva samodejno. Velja do 1. december 2026, 00:00 (izključno), "
                    "po uri trgovine. Največ enkrat za stranko. Ponudbo je mogoče "
                    "združiti z drugimi, vendar ne na istih kosih."
                ),
            ),
            (
                "fa",
                (
                    "دریافت می‌کنید: ۲۰٪ تخفیف روی «\u2068coffee (drinks)\u2069». این "
                    "پیشنهاد خودکار اعمال می‌شود. تا پیش از ۱۰ آذر ۱۴۰۵، ۰۰:۰۰ به وقت "
                    "فروشگاه معتبر است. حداکثر یک بار برای هر مشتری. این پیشنهاد با "
                    "پیشنهادهای دیگر جمع می‌شود، اما نه روی همان کالاها."
                ),
            ),
        ],
    )
    def test_are_plain_sentences(self, language: str, written: str) -> None:
        on = {"categories": ["drinks/coffee"]}
        document = {
            "code": "p",
            "name": {"en": "P"},
            "reward": {"percent_off": {"percent": "20", "on": on}},
            "valid": {"until": "2026-12-01T00:00"},
            "limits": {"per_customer": 1},
        }

        assert terms(load_promotion(document, currency="EUR"), language) == written
