"""By which address a bounce is known again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.delivery.rules.returning import return_address, returned_key

BASE = "bounces@example.org"


class TestReturnAddress:
    def test_has_the_key_behind_a_plus(self) -> None:
        assert return_address(BASE, "4f1c0000") == "bounces+4f1c0000@example.org"

    @given(st.uuids())
    def test_is_read_back(self, key: object) -> None:
        text = str(key).replace("-", "")

        assert returned_key(BASE, return_address(BASE, text)) == text


class TestReturnedKey:
    def test_reads_what_servers_make_of_an_address(self) -> None:
        assert returned_key(BASE, "<Bounces+4F1C0000@EXAMPLE.org>") == "4f1c0000"

    @pytest.mark.parametrize(
        "address",
        [
            "bounces@example.org",
            "bounces+@example.org",
            "bounces+4f1c0000@example.com",
            "replies+4f1c0000@example.org",
            "bounces+not-a-key@example.org",
            "bounces+4f1c0000",
            "",
        ],
    )
    def test_finds_none_elsewhere(self, address: str) -> None:
        assert returned_key(BASE, address) is None
