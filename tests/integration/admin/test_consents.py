"""The page of consents, and taking an address back into use."""

from flask.testing import FlaskClient
from sqlalchemy import select

from loyalty.core.database import Database
from loyalty.customers.models import ContactRow
from loyalty.customers.service.suppression import suppress
from loyalty.customers.values import Suppression
from loyalty.staff.values import Role
from loyalty.stores.queries import get_programme
from tests.factories import NOW, enrol
from tests.integration.admin.conftest import SignIn
from tests.integration.admin.pages import send, words

FORM: dict[str, str | list[str]] = {
    "double_opt_in": ["email", "sms"],
    "quiet_from": "22:00",
    "quiet_until": "07:30",
    "max_per_week": "4",
}


class TestThePageOfConsents:
    def test_saves_what_holds_and_shows_the_words(
        self, sign_in: SignIn, database: Database
    ) -> None:
        client = sign_in(Role.ADMINISTRATOR)
        assert send(client, "/admin/consents", FORM).status_code == 303
        with database.transaction() as session:
            programme = get_programme(session)
        assert programme.double_opt_in == {"email", "sms"}
        assert (programme.quiet_from_minute, programme.quiet_until_minute) == (
            1320,
            450,
        )
        assert programme.max_messages_per_week == 4
        page = words(client.get("/admin/consents"))
        assert "Send me offers by e-mail. I can stop this any time." in page

    def test_names_the_field_at_fault_and_saves_nothing(
        self, sign_in: SignIn, database: Database
    ) -> None:
        client = sign_in(Role.ADMINISTRATOR)
        with database.transaction() as session:
            before = get_programme(session)
        for wrong, said in (
            ({"quiet_from": "25:00"}, "Type a time"),
            ({"max_per_week": "15"}, "Choose a number from 0 to 14."),
        ):
            answer = send(client, "/admin/consents", {**FORM, **wrong})
            assert answer.status_code == 422
            assert said in words(answer)
        with database.transaction() as session:
            assert get_programme(session) == before


class TestAnAddressThatIsNotUsed:
    def test_is_used_again_with_a_reason(
        self, sign_in: SignIn, database: Database
    ) -> None:
        client: FlaskClient = sign_in(Role.ADMINISTRATOR)
        with database.transaction() as session:
            profile = enrol(session).profile
            contact = profile.contacts[0].id
            suppress(
                session,
                contact_id=contact,
                why=Suppression.BOUNCED,
                actor="provider:smtp",
                now=NOW,
            )
        page = f"/admin/customers/{profile.id}"
        assert "a message came back for good" in words(client.get(page))
        restore = f"{page}/contacts/{contact}/restore"
        send(client, restore, {"reason": " "})
        assert suppressed(database)
        send(client, restore, {"reason": "They called: it was a full mailbox"})
        assert not suppressed(database)

    def test_of_another_member_stays_as_it_is(
        self, sign_in: SignIn, database: Database
    ) -> None:
        client = sign_in(Role.ADMINISTRATOR)
        with database.transaction() as session:
            contact = enrol(session).profile.contacts[0].id
            other = enrol(session, "eve@example.org").profile.id
            suppress(
                session,
                contact_id=contact,
                why=Suppression.BOUNCED,
                actor="provider:smtp",
                now=NOW,
            )
        path = f"/admin/customers/{other}/contacts/{contact}/restore"
        assert send(client, path, {"reason": "it works"}).status_code == 404
        assert suppressed(database)


def suppressed(database: Database) -> bool:
    with database.transaction() as session:
        rows = session.scalars(select(ContactRow.suppressed_at))
        return any(at is not None for at in rows)
