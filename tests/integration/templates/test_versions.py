"""Templates in versions: written, published, taken back, never changed."""

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from loyalty.core.audit import AuditEntry
from loyalty.core.database import Database
from loyalty.core.errors import Invalid, LoyaltyError
from loyalty.templates import service
from loyalty.templates.queries import (
    get_template,
    get_version,
    list_templates,
    versions_by_name,
)
from loyalty.templates.service.publishing import NotPublishable
from loyalty.templates.service.writing import DraftNotFound
from loyalty.templates.values import (
    FlawKind,
    Part,
    TemplatePurpose,
    Version,
    VersionState,
)
from tests.factories import NOW

WHO = "staff:1"
WORDS = {
    "en": {
        Part.SUBJECT: "{{ shop }}: for you",
        Part.BODY: "Hello {{ first_name }}",
        Part.BRIEF: "{{ sentence }}",
    }
}
OTHER = {"en": {**WORDS["en"], Part.SUBJECT: "Something else"}}


def _create(session: Session, **more: object) -> Version:
    values: dict[str, object] = {
        "code": "spring",
        "name": "Spring",
        "purpose": TemplatePurpose.OFFER,
        "texts": WORDS,
        "actor": WHO,
        "now": NOW,
    }
    return service.create_template(session, **{**values, **more})  # type: ignore[arg-type]  # plain values


def _publish(session: Session, number: int = 1) -> Version:
    return service.publish(session, code="spring", number=number, actor=WHO, now=NOW)


class TestATemplate:
    def test_begins_as_a_draft(self, database: Database) -> None:
        with database.transaction() as session:
            version = _create(session)
            found = get_template(session, code="spring")
        assert version.name == "own:spring@1"
        assert version.texts == WORDS
        assert found.draft == version
        assert found.current is None

    @pytest.mark.parametrize(
        ("more", "pointer"),
        [
            ({"code": "Spring 1"}, "/code"),
            ({"name": " "}, "/name"),
            (
                {"texts": {"en": {Part.BODY: "{{ 7*7 }}"}}},
                "/texts/en/body",
            ),
        ],
    )
    def test_is_refused_with_the_field(
        self, database: Database, more: dict[str, object], pointer: str
    ) -> None:
        with database.transaction() as session:
            with pytest.raises(Invalid) as refused:
                _create(session, **more)
            assert list_templates(session) == ()
        assert [one.pointer for one in refused.value.problems] == [pointer]

    def test_has_a_code_of_its_own(self, database: Database) -> None:
        with database.transaction() as session:
            _create(session)
            with pytest.raises(Invalid, match="already"):
                _create(session, name="Other")
            assert [one.name for one in list_templates(session)] == ["Spring"]


class TestADraft:
    def test_is_changed_and_changed_back(self, database: Database) -> None:
        with database.transaction() as session:
            _create(session)
            saved = service.save_draft(
                session, code="spring", texts=OTHER, actor=WHO, now=NOW
            )
            undone = service.undo_draft(session, code="spring", actor=WHO, now=NOW)
            again = service.undo_draft(session, code="spring", actor=WHO, now=NOW)
        assert saved.texts == again.texts == OTHER
        assert undone.texts == WORDS

    def test_keeps_its_words_when_new_ones_are_refused(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            _create(session)
            bad = {"en": {Part.SUBJECT: "a\nBcc: b@example.org", Part.BODY: "{{ no }}"}}
            with pytest.raises(service.WordsRefused) as refused:
                service.save_draft(
                    session, code="spring", texts=bad, actor=WHO, now=NOW
                )
            assert get_version(session, code="spring", number=1).texts == WORDS
        assert [(one.part, one.kind) for one in refused.value.flaws] == [
            (Part.SUBJECT, FlawKind.LINE_BREAK),
            (Part.BODY, FlawKind.WORD),
        ]

    def test_is_published_only_when_complete(self, database: Database) -> None:
        with database.transaction() as session:
            _create(session, texts={"en": {Part.SUBJECT: "x"}, "pl": WORDS["en"]})
            with pytest.raises(service.WordsRefused) as refused:
                _publish(session)
            assert get_template(session, code="spring").current is None
        assert [str(one.part) for one in refused.value.flaws] == ["body", "brief"]


class TestAPublishedVersion:
    def test_is_current_until_the_next_one(self, database: Database) -> None:
        with database.transaction() as session:
            _create(session)
            first = _publish(session)
            draft = service.start_draft(
                session, code="spring", like=1, actor=WHO, now=NOW
            )
            service.save_draft(session, code="spring", texts=OTHER, actor=WHO, now=NOW)
            assert get_template(session, code="spring").current == first
            second = _publish(session, 2)
            found = get_template(session, code="spring")
            names = ["own:spring@1", "own:spring@2", "own:spring@3", "own:x@1", "offer"]
            by_name = versions_by_name(session, names=names)
        assert draft.texts == WORDS
        assert found.current == second
        assert by_name == {"own:spring@1": first, "own:spring@2": second}

    def test_gives_way_to_the_one_before_when_taken_back(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            _create(session)
            first = _publish(session)
            service.start_draft(session, code="spring", like=1, actor=WHO, now=NOW)
            second = _publish(session, 2)
            service.withdraw(session, code="spring", number=2, actor=WHO, now=NOW)
            assert get_template(session, code="spring").current == first
            kept = versions_by_name(session, names=["own:spring@2"])["own:spring@2"]
            again = service.put_back(
                session, code="spring", number=2, actor=WHO, now=NOW
            )
            noted = session.scalar(
                select(func.count()).where(AuditEntry.subject == "template:spring")
            )
        assert kept.state is VersionState.WITHDRAWN
        assert kept.texts == second.texts
        assert again == second
        assert noted == 6

    def test_never_changes(self, database: Database) -> None:
        with database.transaction() as session:
            _create(session)
            _publish(session)
            for change in (service.undo_draft, service.discard_draft):
                with pytest.raises(DraftNotFound):
                    change(session, code="spring", actor=WHO, now=NOW)
            with pytest.raises(NotPublishable):
                _publish(session)
        for statement in (
            "UPDATE template_version SET texts = '{}'",
            "DELETE FROM template_version",
        ):
            with (
                pytest.raises(DBAPIError, match="never change"),
                database.transaction() as session,
            ):
                session.execute(text(statement))
        with database.transaction() as session:
            assert get_version(session, code="spring", number=1).texts == WORDS

    def test_can_be_begun_from_and_thrown_away(self, database: Database) -> None:
        with database.transaction() as session:
            _create(session)
            with pytest.raises(LoyaltyError):
                service.discard_draft(session, code="spring", actor=WHO, now=NOW)
            _publish(session)
            service.start_draft(session, code="spring", like=1, actor=WHO, now=NOW)
            service.discard_draft(session, code="spring", actor=WHO, now=NOW)
            found = get_template(session, code="spring")
        assert [one.number for one in found.versions] == [1]
