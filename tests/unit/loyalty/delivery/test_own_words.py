"""Marketers' templates as letters, on each channel, with what is always appended."""

from datetime import UTC, datetime, timedelta

import pytest

from loyalty.core.texts import use_language
from loyalty.core.vault import Vault
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.render import compose, offer_parameters, write
from loyalty.delivery.render.builtin import Filling
from loyalty.delivery.values import (
    Claimed,
    MessageID,
    MessageKind,
    OutgoingMessage,
    OwnWords,
    Person,
)
from loyalty.templates.render import starting_words
from loyalty.templates.values import (
    Part,
    TemplatePurpose,
    Texts,
    Version,
    VersionState,
    WordsFail,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
VAULT = Vault("a secret of the tests that is long enough")
PARAMETERS = offer_parameters(
    shop="Lab market",
    sentence="20 % off coffee",
    why="You often buy coffee.",
    terms="One pack of each kind, until Sunday.",
    valid_until=datetime(2026, 11, 29, 22, 59, tzinfo=UTC),
)
TEXTS = {
    "en": {
        Part.SUBJECT: "{{ first_name|default('You') }}: {{ sentence }}",
        Part.PREHEADER: "Only until {{ valid_until }}",
        Part.BODY: "Dear {{ first_name }},\n\n{{ sentence }}\n{{ why }}\n\n"
        "Card {{ card }}, {{ points }} points.\n\n"
        "{% for one in offers %}{{ one.sentence }}{% endfor %}",
        Part.BUTTON: "Have a look",
        Part.BRIEF: "{{ shop }}: {{ sentence }}",
        Part.SMS: "SMS {{ sentence }}",
        Part.LETTER: "On paper, {{ first_name }}",
    }
}


def version(texts: Texts) -> Version:
    return Version(
        template="spring",
        purpose=TemplatePurpose.OFFER,
        number=1,
        state=VersionState.PUBLISHED,
        texts=texts,
        created_at=NOW,
        created_by="staff:1",
        changed_at=NOW,
    )


def composed(
    channel: Channel = Channel.EMAIL,
    *,
    texts: Texts = TEXTS,
    person: Person | None = None,
    **more: object,
) -> OutgoingMessage:
    values: dict[str, object] = {
        "id": MessageID(5),
        "customer_id": CustomerID(1),
        "kind": MessageKind.MARKETING,
        "channel": channel,
        "template": "own:spring@1",
        "parameters": PARAMETERS,
        "language": "en",
        "offer_id": 12,
        "campaign_id": None,
        "due_at": NOW,
        "not_after": NOW + timedelta(days=5),
        "fence": 1,
        "handover_key": "4f1c",
        "sender": "1 High Street, Ljubljana",
        "words": OwnWords(version=version(texts), points=1200, card="4711"),
    }
    claim = Claimed(**{**values, **more})  # type: ignore[arg-type]  # by name
    return compose(
        claim,
        person or Person(first_name="Ada", zone="Europe/Berlin"),
        vault=VAULT,
        public_url="https://shop.example",
        now=NOW,
    )


class TestAMarketersMail:
    def test_says_their_words_and_what_must_be_said(self) -> None:
        mail = composed()
        assert mail.subject == "Ada: 20 % off coffee"
        assert "Only until 29 Nov, 23:59" in mail.html
        for words in (
            "Dear Ada,",
            "You often buy coffee.",
            "Card 4711, 1,200 points.",
            "Have a look",
            "Terms: One pack of each kind, until Sunday.",
            "Lab market, 1 High Street, Ljubljana",
        ):
            assert words in mail.text
            assert words in mail.html
        assert mail.text.count("20 % off coffee") == 2
        assert mail.unsubscribe_url is not None
        assert mail.unsubscribe_url in mail.text

    def test_has_no_markup_of_a_name_or_a_marketer(self) -> None:
        texts = {"en": {**TEXTS["en"], Part.BODY: "<b>{{ first_name }}</b>"}}
        mail = composed(
            texts=texts, person=Person(first_name="<script>alert(1)</script>")
        )
        assert "<script" not in mail.html
        assert "&lt;b&gt;&lt;script&gt;" in mail.html
        assert mail.text.startswith("<b><script>")

    def test_has_one_line_as_its_subject(self) -> None:
        mail = composed(person=Person(first_name="Ada\r\nBcc: x@example.org"))
        assert mail.subject == "Ada Bcc: x@example.org: 20 % off coffee"

    def test_carries_the_picture_only_with_consent(self) -> None:
        without = composed()
        assert not without.tracked
        assert ".gif" not in without.html
        counted = composed(person=Person(first_name="Ada", measured=True))
        assert counted.tracked
        assert ".gif" in counted.html
        assert ".gif" not in counted.text

    def test_fails_alone_when_its_version_is_gone(self) -> None:
        with pytest.raises(KeyError):
            composed(words=None)
        broken = {"en": {**TEXTS["en"], Part.BODY: "{{ 7*7 }}"}}
        with pytest.raises(WordsFail):
            composed(texts=broken)


class TestTheShortText:
    @pytest.mark.parametrize(
        ("channel", "begins"),
        [
            (Channel.SMS, "SMS 20 % off coffee\nTerms: https://shop.example/o/"),
            (Channel.PUSH, "Lab market: 20 % off coffee\nhttps://"),
            (Channel.TILL, "Lab market: 20 % off coffee\nTerms: https://"),
        ],
    )
    def test_is_the_channels_own_or_the_common_one(
        self, channel: Channel, begins: str
    ) -> None:
        assert composed(channel).brief.startswith(begins)

    def test_fits_into_one_text_message_with_its_link(self) -> None:
        assert len(composed(Channel.SMS).brief) < 100

    def test_keeps_its_link_whole_however_long_it_is(self) -> None:
        parameters = {**PARAMETERS, "sentence": "long " * 150}
        brief = composed(Channel.SMS, parameters=parameters).brief
        assert len(brief) <= 300
        assert "…\nTerms: https://shop.example/o/" in brief

    def test_is_other_words_on_paper(self) -> None:
        letter = composed(Channel.LETTER)
        assert letter.text.startswith("On paper, Ada")
        assert "Terms: One pack of each kind" in letter.text


class TestLanguages:
    def test_fall_back_to_one_that_is_written(self) -> None:
        mail = composed(language="fa")
        assert "Dear Ada," in mail.text

    @pytest.mark.parametrize("language", ["en", "pl", "ru", "sl", "fa"])
    def test_begin_with_what_the_built_in_template_says(self, language: str) -> None:
        texts = {language: starting_words(TemplatePurpose.OFFER, language)}
        filling = Filling(
            parameters=PARAMETERS,
            first_name="Ada",
            words=OwnWords(version=version(texts)),
        )
        with use_language(language):
            own = write("own:spring@1", filling)
            built_in = write("offer", filling)
        assert own.subject == built_in.subject
        assert own.paragraphs == built_in.paragraphs
        assert own.button == built_in.button
        assert own.small_print == built_in.small_print
