"""The pages where marketers write their own words."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from loyalty.core.database import Database
from loyalty.staff.values import Role
from loyalty.stores.queries import get_programme
from loyalty.templates.queries import get_template
from loyalty.templates.values import Part, Template, VersionState
from tests.factories import enrol
from tests.integration.admin.conftest import RecordingQueue, SignIn
from tests.integration.admin.pages import Values, send, words

PAGE = "/admin/templates"
HERE = f"{PAGE}/spring"
NEW: Values = {"code": "spring", "name": "Spring", "purpose": "offer"}
WORDS: Values = {
    "language": "en",
    "words_subject": "{{ first_name }}, spring is here",
    "words_body": "Hello {{ first_name }},\r\n\r\n{{ sentence }}",
    "words_brief": "{{ sentence }}",
}


@pytest.fixture
def writer(marketer: FlaskClient) -> FlaskClient:
    send(marketer, PAGE, NEW)
    return marketer


def stored(database: Database) -> Template:
    with database.transaction() as session:
        return get_template(session, code="spring")


class TestTheList:
    def test_says_what_templates_are_for(self, marketer: FlaskClient) -> None:
        page = words(marketer.get(PAGE))
        assert "No templates yet" in page
        assert "No sender's address is set" in page

    def test_makes_one_with_the_built_in_words(
        self, writer: FlaskClient, database: Database
    ) -> None:
        found = stored(database)
        assert found.draft is not None
        with database.transaction() as session:
            languages = get_programme(session).languages
        assert sorted(found.draft.texts) == sorted(languages)
        assert "{{ sentence }}" in writer.get(f"{HERE}?language=en").text

    def test_refuses_a_code_twice(
        self, writer: FlaskClient, database: Database
    ) -> None:
        again = send(writer, PAGE, {**NEW, "name": "Other"})
        assert again.status_code == 422
        assert "choose another code" in words(again)
        assert stored(database).name == "Spring"

    def test_keeps_the_senders_address(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        address = "1 High Street, Ljubljana"
        send(marketer, f"{PAGE}/sender", {"postal_address": address})
        with database.transaction() as session:
            programme = get_programme(session)
        assert programme.postal_address == address
        assert replace(programme, postal_address="").name == programme.name
        assert address in marketer.get(PAGE).text


class TestTheEditor:
    def test_saves_publishes_and_begins_anew(
        self, writer: FlaskClient, database: Database
    ) -> None:
        send(writer, HERE, WORDS)
        draft = stored(database).draft
        assert draft is not None
        assert (
            draft.texts["en"][Part.BODY] == "Hello {{ first_name }},\n\n{{ sentence }}"
        )
        send(writer, HERE, {**WORDS, "action": "publish"})
        found = stored(database)
        assert found.draft is None
        assert found.current is not None
        send(writer, f"{HERE}/versions/1", {"action": "draft"})
        send(writer, HERE, {**WORDS, "words_subject": "Other"})
        changed = words(writer.get(f"{HERE}/versions"))
        assert "1 part differs from the version before" in changed
        send(writer, HERE, {"language": "en", "action": "undo"})
        undone = stored(database).draft
        assert undone is not None
        assert undone.texts == found.current.texts
        send(writer, HERE, {"language": "en", "action": "discard"})
        assert stored(database).draft is None

    @pytest.mark.parametrize(
        ("words_typed", "said"),
        [
            (
                {"words_subject": "{{ frist_name }}"},
                (
                    "English, Subject: There is no word {{ frist_name }}. "
                    "Did you mean {{ first_name }}?"
                ),
            ),
            (
                {"words_body": "a\n{{ 'a'*10**9 }}"},
                "line 2: Only words stand in braces",
            ),
            ({"words_subject": "a\r\nBcc: b@example.org"}, "Write it in one line"),
            ({"words_body": "a" * 8001}, "Shorten it to 8,000 characters."),
        ],
    )
    def test_says_what_is_wrong_and_keeps_what_was_typed(
        self,
        writer: FlaskClient,
        database: Database,
        words_typed: Values,
        said: str,
    ) -> None:
        before = stored(database)
        page = send(writer, HERE, {**WORDS, **words_typed})
        assert page.status_code == 422
        assert said in words(page)
        assert "spring is here" in page.text or "Hello" in page.text
        assert stored(database) == before

    def test_takes_a_version_back_and_publishes_it_again(
        self, writer: FlaskClient, database: Database
    ) -> None:
        send(writer, HERE, {**WORDS, "action": "publish"})
        send(writer, f"{HERE}/versions/1", {"action": "withdraw"})
        assert stored(database).versions[0].state is VersionState.WITHDRAWN
        send(writer, f"{HERE}/versions/1", {"action": "put_back"})
        assert stored(database).versions[0].state is VersionState.PUBLISHED


class TestThePreview:
    def test_is_for_a_named_customer_on_every_channel(
        self, writer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            card = enrol(session, "anna@example.org").card.number
        page = send(writer, f"{HERE}/preview", {**WORDS, "who": card})
        shown = words(page)
        assert page.status_code == 200
        for channel in ("Mail", "Text message", "Notification", "Receipt", "Letter"):
            assert channel in shown
        assert "spring is here" in shown
        assert "with an example, for there is no offer just now" in shown
        assert "1 text message" in shown

    def test_says_what_is_wrong_while_it_is_typed(self, writer: FlaskClient) -> None:
        typed: Values = {**WORDS, "words_brief": "{{ nothing }}"}
        page = send(writer, f"{HERE}/preview", typed)
        assert "There is no word {{ nothing }}" in words(page)
        nobody = send(writer, f"{HERE}/preview", {**WORDS, "who": "+48 601 234 567"})
        assert "Nobody has this number" in words(nobody)

    def test_says_when_another_language_is_read(self, writer: FlaskClient) -> None:
        empty: Values = {"language": "pl", "reading": "pl"}
        page = send(writer, f"{HERE}/preview", empty)
        assert "its readers get English" in words(page)

    def test_shows_the_mail_in_a_frame_where_nothing_acts(
        self, writer: FlaskClient
    ) -> None:
        typed: Values = {**WORDS, "words_body": "<script>alert(1)</script>"}
        page = send(writer, f"{HERE}/mail", typed)
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert policy.endswith("sandbox")
        assert "<script" not in page.text
        assert "&lt;script&gt;" in page.text
        assert "spring is here" in page.text
        assert "spring is here" not in writer.get(f"{HERE}/mail").text


class TestATestSend:
    def test_is_asked_for_once_and_not_for_ever(
        self, writer: FlaskClient, queue: RecordingQueue
    ) -> None:
        address = f"{HERE}/versions/1/test"
        asked: Values = {"reading": "en"}
        answers = [send(writer, address, asked) for _time in range(11)]
        pushed = [arguments for name, arguments in queue.pushed if "test" in name]
        assert len(pushed) == 10
        assert answers[-1].status_code == 429
        assert pushed[0]["code"] == "spring"
        assert pushed[0]["number"] == 1


class TestOthers:
    def test_may_look_and_not_write(
        self, marketer: FlaskClient, sign_in: SignIn, database: Database
    ) -> None:
        send(marketer, PAGE, NEW)
        manager = sign_in(Role.MANAGER)
        before = stored(database)
        assert manager.get(HERE).status_code == 200
        assert "Publish" not in manager.get(HERE).text
        refused = send(manager, HERE, {**WORDS, "action": "publish"})
        assert refused.status_code == 403
        assert stored(database) == before
        assert sign_in(Role.CASHIER).get(PAGE).status_code == 403
