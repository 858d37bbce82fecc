"""Staff signing in and out, down to the rows and cookies it leaves."""

import re
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import select, update

from loyalty.core.clock import machine_now
from loyalty.core.database import Database
from loyalty.staff.models import StaffRow, StaffSessionRow
from loyalty.staff.service import factors, members
from loyalty.staff.values import Role
from loyalty.usecases.sign_in_staff import open_for
from loyalty.web import AppParts
from tests.integration.web.conftest import PASSWORD, Shop, csrf_of, sign_in

MANAGER = "manager@shop.test.com"


def post(client: FlaskClient, path: str, **form: str) -> tuple[int, str]:
    answer = client.post(path, data={"csrf_token": csrf_of(client), **form})
    return answer.status_code, answer.text


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie("staff")
    return found.value if found else ""


def tokens(database: Database) -> list[StaffSessionRow]:
    with database.transaction() as session:
        return list(session.scalars(select(StaffSessionRow)))


def enrol_authenticator(database: Database, shop: Shop) -> pyotp.TOTP:
    member = shop.people[Role.MANAGER]
    past = machine_now() - timedelta(minutes=5)
    with database.transaction() as session:
        address = factors.begin_totp(session, staff_id=member.id)
        totp = pyotp.parse_uri(address)
        assert isinstance(totp, pyotp.TOTP)
        factors.confirm_totp(session, staff_id=member.id, code=totp.at(past), now=past)
    return totp


@pytest.mark.usefixtures("shop")
class TestSignIn:
    @pytest.mark.parametrize(
        ("role", "page"),
        [
            (Role.CASHIER, "/till"),
            (Role.MANAGER, "/admin"),
            (Role.MARKETER, "/admin"),
            (Role.ADMINISTRATOR, "/admin"),
        ],
    )
    def test_leads_to_the_first_page_of_the_role(
        self, client: FlaskClient, role: Role, page: str
    ) -> None:
        assert sign_in(client, f"{role}@shop.test.com") == (303, page)
        assert client.get("/staff/account").status_code == 200

    def test_goes_on_to_the_page_that_was_wanted_if_it_is_ours(
        self, client: FlaskClient
    ) -> None:
        for wanted, reached in [
            ("/needs/till.serve", "/needs/till.serve"),
            ("https://elsewhere.example", "/admin"),
            ("//elsewhere.example", "/admin"),
            ("/\\elsewhere.example", "/admin"),
        ]:
            client.delete_cookie("staff")
            answer = client.post(
                "/staff/sign-in",
                data={
                    "email": MANAGER,
                    "password": PASSWORD,
                    "next": wanted,
                    "csrf_token": csrf_of(client),
                },
            )
            assert answer.headers["Location"] == reached

    def test_asks_who_it_is_before_a_page_of_staff(self, client: FlaskClient) -> None:
        answer = client.get("/needs/till.serve")

        assert answer.status_code == 303
        assert answer.headers["Location"] == "/staff/sign-in?next=/needs/till.serve"

    def test_gives_a_new_token_each_time_and_ignores_one_that_was_planted(
        self, client: FlaskClient, database: Database
    ) -> None:
        client.set_cookie("staff", "planted")

        sign_in(client, MANAGER)
        first = cookie(client)
        client.delete_cookie("staff")
        sign_in(client, MANAGER)

        assert len({"planted", first, cookie(client)}) == 3
        assert len(tokens(database)) == 2

    def test_gives_forms_a_new_token_too(self, client: FlaskClient) -> None:
        before = csrf_of(client)

        sign_in(client, MANAGER)

        answer = client.post("/forms/staff", data={"csrf_token": before})
        assert answer.status_code == 400
        assert post(client, "/forms/staff") == (200, "accepted")

    def test_stores_only_the_hash_of_the_token(
        self, client: FlaskClient, database: Database
    ) -> None:
        sign_in(client, MANAGER)

        (row,) = tokens(database)
        assert len(row.token_hash) == 32
        assert cookie(client).encode() not in row.token_hash

    def test_sets_a_cookie_that_scripts_and_other_sites_do_not_get(
        self, client: FlaskClient
    ) -> None:
        answer = client.post(
            "/staff/sign-in",
            data={
                "email": MANAGER,
                "password": PASSWORD,
                "csrf_token": csrf_of(client),
            },
        )

        (given,) = [
            line
            for line in answer.headers.getlist("Set-Cookie")
            if line.startswith("staff=")
        ]
        assert "HttpOnly" in given
        assert "SameSite=Lax" in given

    def test_answers_the_same_to_unknown_disabled_and_mistyped(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        with database.transaction() as session:
            members.set_disabled(
                session,
                staff_id=shop.people[Role.CASHIER].id,
                disabled=True,
                actor="system",
                now=machine_now(),
            )

        def body(email: str, password: str) -> tuple[int, str]:
            answer = client.post(
                "/staff/sign-in",
                data={
                    "email": email,
                    "password": password,
                    "csrf_token": csrf_of(client),
                },
            )
            # Tokens are signed with the time, and so differ from second to second.
            text = re.sub(r"[\w-]{40,}\.[\w-]+\.[\w-]+", "", answer.text)
            return answer.status_code, text.replace(email, "")

        unknown = body("nobody@shop.test.com", PASSWORD)
        assert unknown[0] == 422
        assert body("cashier@shop.test.com", PASSWORD) == unknown
        assert body(MANAGER, "wrong horse battery") == unknown
        assert tokens(database) == []

    def test_slows_down_who_tries_again_and_again(
        self, client: FlaskClient, database: Database
    ) -> None:
        statuses = [sign_in(client, MANAGER, "x" * 12)[0] for _ in range(11)]

        assert statuses == [422] * 10 + [429]
        assert sign_in(client, MANAGER)[0] == 429
        assert sign_in(client, "cashier@shop.test.com")[0] == 303
        assert len(tokens(database)) == 1


@pytest.mark.usefixtures("shop")
class TestSignOut:
    def test_ends_the_session_for_a_copy_of_the_cookie_too(
        self, client: FlaskClient
    ) -> None:
        sign_in(client, MANAGER)
        copy = cookie(client)

        assert post(client, "/staff/sign-out")[0] == 303

        assert cookie(client) == ""
        client.set_cookie("staff", copy)
        assert client.get("/staff/account").status_code == 303

    def test_happens_by_itself_when_nobody_uses_the_browser(
        self, client: FlaskClient, database: Database
    ) -> None:
        sign_in(client, MANAGER)
        with database.transaction() as session:
            session.execute(
                update(StaffSessionRow).values(
                    seen_at=machine_now() - timedelta(hours=2, seconds=1)
                )
            )

        assert client.get("/staff/account").status_code == 303

    def test_happens_at_the_latest_after_twelve_hours(
        self, client: FlaskClient, database: Database
    ) -> None:
        sign_in(client, MANAGER)
        with database.transaction() as session:
            session.execute(
                update(StaffSessionRow).values(
                    created_at=machine_now() - timedelta(hours=12, seconds=1)
                )
            )

        assert client.get("/staff/account").status_code == 303

    def test_happens_at_once_to_who_is_disabled(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        sign_in(client, MANAGER)
        with database.transaction() as session:
            session.execute(
                update(StaffRow)
                .where(StaffRow.id == shop.people[Role.MANAGER].id)
                .values(disabled_at=machine_now())
            )

        assert client.get("/staff/account").status_code == 303


class TestAuthenticator:
    def test_asks_for_a_code_after_the_password_and_takes_it_once(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        totp = enrol_authenticator(database, shop)
        assert sign_in(client, MANAGER) == (303, "/staff/code")
        assert client.get("/staff/account").status_code == 303
        code = totp.now()

        assert post(client, "/staff/code", code=code)[0] == 303
        assert client.get("/staff/account").status_code == 200

        client.delete_cookie("staff")
        sign_in(client, MANAGER)
        assert post(client, "/staff/code", code=code)[0] == 422
        assert client.get("/staff/account").status_code == 303

    def test_is_set_up_and_removed_with_the_password(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        sign_in(client, MANAGER)
        account = "/staff/account/authenticator"
        assert post(client, account, password="wrong")[0] == 422  # noqa: S106
        assert post(client, account, password=PASSWORD)[0] == 303
        page = client.get("/staff/account").text
        seed = page.split("<code>")[1].split("</code>")[0]
        assert "<svg role=" in page

        status, codes = post(client, f"{account}/confirm", code=pyotp.TOTP(seed).now())

        assert status == 200
        assert codes.count("<li><code>") == 10
        with database.transaction() as session:
            row = session.get_one(StaffRow, shop.people[Role.MANAGER].id)
            assert row.totp_confirmed_at is not None
            assert seed.encode() not in (row.totp_secret or b"")
        assert post(client, f"{account}/remove", password=PASSWORD)[0] == 303
        assert "recovery code" not in client.get("/staff/account").text

    def test_gives_way_once_to_a_recovery_code(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        enrol_authenticator(database, shop)
        with database.transaction() as session:
            (code, *_rest) = factors.renew_recovery_codes(
                session, staff_id=shop.people[Role.MANAGER].id
            )
        sign_in(client, MANAGER)
        assert post(client, "/staff/code", code=code.upper())[0] == 303
        client.delete_cookie("staff")
        sign_in(client, MANAGER)

        assert post(client, "/staff/code", code=code)[0] == 422


@pytest.mark.usefixtures("shop")
class TestAccount:
    def test_lists_browsers_and_ends_another_one(
        self, client: FlaskClient, database: Database
    ) -> None:
        sign_in(client, MANAGER)
        other = cookie(client)
        client.delete_cookie("staff")
        sign_in(client, MANAGER)
        (first, _second) = sorted(tokens(database), key=lambda row: row.id)

        path = f"/staff/account/sessions/{first.id}/end"
        assert post(client, path)[0] == 303

        assert client.get("/staff/account").status_code == 200
        assert post(client, path)[0] == 404
        client.set_cookie("staff", other)
        assert client.get("/staff/account").status_code == 303

    def test_does_not_end_the_browser_of_somebody_else(
        self, client: FlaskClient, database: Database
    ) -> None:
        sign_in(client, "cashier@shop.test.com")
        (theirs,) = tokens(database)
        client.delete_cookie("staff")
        sign_in(client, MANAGER)

        assert post(client, f"/staff/account/sessions/{theirs.id}/end")[0] == 404
        assert [row.ended_at for row in tokens(database)] == [None, None]

    def test_changes_the_password_and_signs_every_browser_out(
        self, client: FlaskClient
    ) -> None:
        sign_in(client, MANAGER)
        path = "/staff/account/password"
        new = "another horse battery"
        assert post(client, path, old="wrong", new=new)[0] == 422
        assert post(client, path, old=PASSWORD, new="short")[0] == 422

        assert post(client, path, old=PASSWORD, new=new)[0] == 303

        assert client.get("/staff/account").status_code == 303
        assert sign_in(client, MANAGER)[0] == 422
        assert sign_in(client, MANAGER, new)[0] == 303

    def test_speaks_the_language_chosen_there(self, client: FlaskClient) -> None:
        sign_in(client, MANAGER)
        assert post(client, "/staff/account/language", language="xx")[0] == 422

        assert post(client, "/staff/account/language", language="fa")[0] == 303

        assert '<html lang="fa" dir="rtl">' in client.get("/staff/account").text


@pytest.mark.usefixtures("shop")
class TestWithoutValkey:
    @pytest.fixture
    def parts(self, parts: AppParts) -> AppParts:
        return replace(parts, redis_url="redis://127.0.0.1:1/0")

    def test_nobody_signs_in_but_who_is_in_works_on(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        assert sign_in(client, MANAGER)[0] == 503
        outcome = open_for(
            database,
            staff_id=shop.people[Role.MANAGER].id,
            browser="",
            now=machine_now(),
        )
        client.set_cookie("staff", outcome.token)

        assert client.get("/staff/account").status_code == 200


def test_valkey_holds_no_password(
    client: FlaskClient, parts: AppParts, shop: Shop
) -> None:
    sign_in(client, shop.people[Role.MANAGER].email)

    with Redis.from_url(parts.redis_url) as valkey:
        held = b"".join(valkey.scan_iter())

    assert held
    assert PASSWORD.encode() not in held
