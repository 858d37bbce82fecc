"""Batches of letters in the admin."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jobs.channels.letter import LetterChannel
from loyalty.staff.values import Role
from loyalty.web.context import parts, put_parts
from tests.integration.admin.conftest import SignIn
from tests.integration.channels.situations import POST_ADDRESS, message


@pytest.fixture
def folder(app: Flask, tmp_path: Path) -> Path:
    with app.app_context():
        given = parts()
    put_parts(app, replace(given, letter_dir=tmp_path))
    return tmp_path


@pytest.fixture
def batch(folder: Path) -> str:
    channel = LetterChannel(folder, "Lab market, Warszawa", cost=0)
    with channel.open() as sender:
        sender.send(message(address=POST_ADDRESS))
    (found,) = (one.name for one in folder.iterdir() if one.name.startswith("20"))
    return found


class TestLetters:
    def test_are_downloaded_by_who_may_see_customers(
        self, marketer: FlaskClient, sign_in: SignIn, batch: str
    ) -> None:
        page = marketer.get("/admin/deliveries/letters")
        pdf = sign_in(Role.ADMINISTRATOR).get(f"/admin/deliveries/letters/{batch}.pdf")
        manifest = marketer.get(f"/admin/deliveries/letters/{batch}.csv")

        assert batch in page.text
        assert pdf.data.startswith(b"%PDF-")
        assert manifest.text.splitlines()[0] == "number,key,language,first_page,pages"
        for file in (pdf, manifest):
            file.close()

    @pytest.mark.parametrize("name", ["..", "keys", "2026-12-01T091500-3fa81c"])
    def test_leave_the_rest_of_the_folder_alone(
        self, administrator: FlaskClient, folder: Path, name: str
    ) -> None:
        assert folder.is_dir()
        answer = administrator.get(f"/admin/deliveries/letters/{name}.pdf")

        assert answer.status_code == 404

    def test_are_explained_where_they_are_off(self, marketer: FlaskClient) -> None:
        assert "LOYALTY_LETTER_DIR" in marketer.get("/admin/deliveries/letters").text
