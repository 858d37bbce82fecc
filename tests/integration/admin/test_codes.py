import csv
from io import StringIO

from flask.testing import FlaskClient
from sqlalchemy import func, select

from loyalty.core.database import Database
from loyalty.promotions.models import CodeBatchRow, CodeRow
from loyalty.promotions.queries.codes import CodesAsked, find_codes, list_batches
from loyalty.promotions.values.codes import BatchState
from tests.factories import NOW, activate, promotion
from tests.integration.admin.pages import Values, send, words

PAGE = "/admin/promotions/spring/codes"
ORDER: Values = {
    "count": "3",
    "pattern": "spring-####-####-####-##",
    "uses": "1",
    "per_customer": "",
    "first_day": "",
    "last_day": "",
    "label": "Letter of May",
}
WORD: Values = {"word": "Spring", "uses": "", "per_customer": "1", "label": ""}


def open_spring(database: Database) -> None:
    with database.transaction() as session:
        activate(session, promotion("spring", trigger="code"))


def known(database: Database, *codes: str) -> list[str]:
    asked = CodesAsked(texts=codes, customer_id=None, at=NOW)
    with database.transaction() as session:
        found = find_codes(session, asked=asked)
    return [code for code in codes if code in found and not found[code].problem]


def count(database: Database) -> tuple[int, int]:
    with database.transaction() as session:
        batches = session.scalar(select(func.count()).select_from(CodeBatchRow)) or 0
        codes = session.scalar(select(func.count()).select_from(CodeRow)) or 0
    return batches, codes


class TestTheCodesPage:
    def test_says_what_to_do_first(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        open_spring(database)

        page = words(marketer.get(PAGE))

        assert "No codes yet" in page
        assert "Make secret codes" in page

    def test_sends_promotions_without_a_code_to_the_builder(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            activate(session, promotion("spring"))

        page = words(marketer.get(PAGE))

        assert "choose “With a code” in the builder first" in page
        assert "Make secret codes" not in page
        assert "applies without a code" in words(send(marketer, PAGE, ORDER))
        assert count(database) == (0, 0)


class TestMakingCodes:
    def test_hands_the_file_out_once(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        open_spring(database)

        ordered = send(marketer, PAGE, ORDER)

        assert ordered.location == PAGE
        assert count(database) == (1, 0)
        page = marketer.get(PAGE)
        assert "Download, once" in words(page)
        assert "every 2s" in page.text
        with database.transaction() as session:
            (batch,) = list_batches(session, promotion="spring")
        file = send(marketer, f"{PAGE}/{batch.id}/file", {})
        codes = [row[0] for row in csv.reader(StringIO(file.text))][1:]
        assert (file.mimetype, len(codes)) == ("text/csv", 3)
        assert known(database, *codes) == codes
        again = send(marketer, f"{PAGE}/{batch.id}/file", {})
        assert again.location == PAGE
        page = marketer.get(PAGE)
        assert "handed out before" in words(page)
        assert "SPRING-####-####-####-## Letter of May 3 0 1 use" in words(page)
        assert "every 2s" not in page.text
        assert not any(code in page.text for code in codes)
        assert count(database) == (1, 3)

    def test_shows_how_far_it_is(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        open_spring(database)
        send(marketer, PAGE, ORDER)
        with database.transaction() as session:
            row = session.scalars(select(CodeBatchRow)).one()
            row.state, row.made = BatchState.MAKING, 2

        page = marketer.get(f"{PAGE}/{row.id}")

        assert "2 of 3" in words(page)
        assert "Being made Cancel" in words(page)
        assert "Marketer" in words(page)
        assert marketer.get(f"{PAGE}/{row.id + 1}").status_code == 404

    def test_names_the_fields_at_fault(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        open_spring(database)
        wrong: Values = {
            "count": "1000001",
            "pattern": "SPRING-####",
            "uses": "0",
            "first_day": "2026-12-02",
            "last_day": "2026-12-01",
        }

        page = send(marketer, PAGE, {**ORDER, **wrong})

        assert page.status_code == 422
        for name in ("count", "pattern", "uses", "last_day"):
            assert f'id="bulk-{name}-problem"' in page.text
        assert "SPRING-####-####-####-##" in words(page)
        assert 'value="1000001"' in page.text
        assert 'id="shared-uses-problem"' not in page.text
        assert count(database) == (0, 0)


class TestSharingAWord:
    def test_puts_it_in_force(self, marketer: FlaskClient, database: Database) -> None:
        open_spring(database)

        done = send(marketer, f"{PAGE}/shared", {**WORD, "per_customer": ""})

        assert done.location == PAGE
        assert known(database, "SPRING") == ["SPRING"]
        assert "Spring shared 0 any number of uses as the promotion" in words(
            marketer.get(PAGE)
        )
        again = send(marketer, f"{PAGE}/shared", WORD)
        assert again.status_code == 409
        assert "in force already" in words(again)
        assert count(database) == (1, 1)

    def test_names_the_word_at_fault(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        open_spring(database)

        page = send(marketer, f"{PAGE}/shared", {**WORD, "word": "ab"})

        assert page.status_code == 422
        assert 'id="shared-word-problem"' in page.text
        assert count(database) == (0, 0)


class TestVoiding:
    def test_puts_the_codes_out_of_force(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        open_spring(database)
        send(marketer, f"{PAGE}/shared", {**WORD, "per_customer": ""})
        with database.transaction() as session:
            (batch,) = list_batches(session, promotion="spring")

        said = []
        for _time in range(2):
            send(marketer, f"{PAGE}/{batch.id}/void", {})
            said.append(words(marketer.get(PAGE)))

        assert known(database, "SPRING") == []
        assert "Void: no basket gets anything" in said[0]
        assert "out of force already" in said[1]
