"""What a message says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from loyalty.core.links import read_link, read_short
from loyalty.core.texts import LANGUAGES, use_language
from loyalty.core.vault import Vault
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.render import (
    TEMPLATES,
    Filling,
    Letter,
    as_html,
    as_text,
    compose,
    offer_parameters,
    welcome_parameters,
    write,
)
from loyalty.delivery.values import Claimed, MessageID, MessageKind, Person

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
VAULT = Vault("a secret of the tests that is long enough")
OFFER = offer_parameters(
    shop="Lab market",
    sentence="20 % off coffee",
    why="You often buy coffee.",
    terms="One pack of each kind, until Sunday.",
    valid_until=datetime(2026, 11, 29, 22, 59, tzinfo=UTC),
)


def claimed(**more: object) -> Claimed:
    values: dict[str, object] = {
        "id": MessageID(5),
        "customer_id": CustomerID(1),
        "kind": MessageKind.MARKETING,
        "channel": Channel.EMAIL,
        "template": "offer",
        "parameters": OFFER,
        "language": "en",
        "offer_id": 12,
        "campaign_id": None,
        "due_at": NOW,
        "not_after": NOW + timedelta(days=5),
        "fence": 1,
        "handover_key": "4f1c",
    }
    return Claimed(**{**values, **more})  # type: ignore[arg-type]  # by name


ADA = Person(
    first_name="Ada",
    zone="Europe/Berlin",
    addresses={Channel.EMAIL: "ada@example.org"},
)


class TestCompose:
    def test_an_offer_says_everything_it_must(self) -> None:
        mail = compose(
            claimed(), ADA, vault=VAULT, public_url="https://shop.example", now=NOW
        )

        assert mail.address == "ada@example.org"
        assert mail.subject == "Lab market: an offer for you"
        for words in (
            "Hello Ada,",
            "20 % off coffee",
            "Why you: You often buy coffee.",
            "Valid until 29 Nov, 23:59.",
            "Terms: One pack of each kind, until Sunday.",
            "https://shop.example/o/",
        ):
            assert words in mail.text
            assert words in mail.html
        assert mail.unsubscribe_url is not None
        assert mail.unsubscribe_url in mail.text

    def test_its_links_carry_what_they_open_and_end_with_the_offer(self) -> None:
        mail = compose(
            claimed(), ADA, vault=VAULT, public_url="https://shop.example", now=NOW
        )
        token = mail.text.partition("/o/")[2].split()[0]

        assert read_short(VAULT, "offer", token, NOW) == 5
        assert mail.unsubscribe_url is not None
        opt_out = mail.unsubscribe_url.rpartition("/")[2]
        year = NOW + timedelta(days=364)
        assert read_link(VAULT, "unsubscribe", opt_out, year) == {
            "c": 1,
            "h": "email",
            "m": 5,
        }

    def test_a_welcome_has_no_opt_out(self) -> None:
        mail = compose(
            claimed(
                kind=MessageKind.SERVICE,
                template="welcome",
                offer_id=None,
                parameters=welcome_parameters(
                    shop="Lab market", card_number="2610000000017", path="/wallet"
                ),
            ),
            Person(),
            vault=VAULT,
            public_url="https://shop.example",
            now=NOW,
        )

        assert mail.unsubscribe_url is None
        assert mail.address is None
        assert mail.text.startswith("Hello,")
        assert "Card number: 2610000000017" in mail.text
        assert "https://shop.example/wallet" in mail.text

    def test_names_can_not_become_markup(self) -> None:
        person = Person(first_name="<script>alert(1)</script>")
        mail = compose(
            claimed(), person, vault=VAULT, public_url="https://shop.example", now=NOW
        )

        assert "<script>" not in mail.html
        assert "&lt;script&gt;" in mail.html

    def test_nor_can_they_fill_in_other_places(self) -> None:
        person = Person(first_name="%(shop)s {title}")
        mail = compose(
            claimed(), person, vault=VAULT, public_url="https://shop.example", now=NOW
        )

        assert "Hello %(shop)s {title}," in mail.text
        assert "{title}," in mail.html


class TestTemplates:
    @pytest.mark.parametrize("name", TEMPLATES)
    def test_can_be_read_where_the_reader_is_already(self, name: str) -> None:
        letter = write(name, Filling(parameters=OFFER))

        assert letter.subject
        assert letter.url is None
        assert letter.paragraphs

    def test_are_written_from_right_to_left_in_persian(self) -> None:
        with use_language("fa"):
            page = as_html(Letter(subject="x", paragraphs=("y",)))

        assert '<html lang="fa" dir="rtl"' in page
        assert "direction:ltr" not in page


class TestAsHtml:
    """The layout of every mail, compiled from MJML."""

    LETTER = Letter(
        subject="An offer",
        paragraphs=("Hello,", "20 % off\ncoffee & tea"),
        button="See it",
        url="https://shop.example/o/1?a=1&b=2",
        small_print=("Terms.",),
    )

    def test_fills_every_place(self) -> None:
        page = as_html(self.LETTER, unsubscribe_url="https://shop.example/u/1")

        assert "20 % off<br>\ncoffee &amp; tea" in page
        assert 'href="https://shop.example/o/1?a=1&amp;b=2"' in page
        assert 'href="https://shop.example/u/1"' in page
        assert "~" not in page
        assert "$" not in page

    def test_leaves_away_what_a_letter_has_not(self) -> None:
        page = as_html(Letter(subject="An offer", paragraphs=("Hello,",)))

        assert "href=" not in page
        assert 'class="rule"' not in page

    def test_loads_nothing_from_anywhere(self) -> None:
        page = as_html(self.LETTER)

        assert "<link" not in page
        assert "@import" not in page
        assert " src=" not in page

    def test_is_made_of_its_pieces_of_which_half_never_change(self) -> None:
        one, other = (
            as_html(replace(self.LETTER, paragraphs=("Hello,", words)))
            for words in ("Coffee", "Tea")
        )

        assert "".join(one.pieces) == one
        assert one.pieces[::2] == other.pieces[::2]
        assert one != other
        assert len(one.pieces) % 2 == 1


class TestAsText:
    def test_leaves_away_a_button_that_leads_nowhere(self) -> None:
        letter = Letter(subject="x", paragraphs=("Hello,",), button="Open")

        assert as_text(letter) == "Hello,\n"

    def test_says_of_which_channel_the_link_ends_the_offers(self) -> None:
        letter = Letter(subject="x", paragraphs=("Hello,",))
        url = "https://shop.example/u/1"

        mail = as_text(letter, unsubscribe_url=url)
        paper = as_text(letter, unsubscribe_url=url, channel=Channel.LETTER)

        assert mail == f"Hello,\n\nNo more offers by e-mail:\n{url}\n"
        assert paper == f"Hello,\n\nNo more offers by post:\n{url}\n"

    @pytest.mark.parametrize("channel", Channel)
    def test_has_words_for_every_channel_in_every_language(
        self, channel: Channel
    ) -> None:
        letter = Letter(subject="x", paragraphs=())
        said = set()
        for language in LANGUAGES:
            with use_language(language):
                said.add(as_text(letter, unsubscribe_url="x", channel=channel))

        assert len(said) == len(LANGUAGES)
