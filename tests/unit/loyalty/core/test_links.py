"""Signed links."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.core.links import LinkExpired, LinkInvalid, read_link, sign_link
from loyalty.core.vault import Vault

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOON = NOW + timedelta(minutes=5)
VAULT = Vault("a secret of the tests that is long enough")


class TestReadLink:
    def test_returns_what_was_signed(self) -> None:
        token = sign_link(VAULT, "offer", {"o": 12, "c": 9007199254740991}, SOON)

        assert read_link(VAULT, "offer", token, NOW) == {"o": 12, "c": 9007199254740991}
        assert len(token) < 80

    @pytest.mark.parametrize("late", [timedelta(0), timedelta(days=400)])
    def test_refuses_a_link_whose_end_has_come(self, late: timedelta) -> None:
        token = sign_link(VAULT, "offer", {"o": 12}, SOON)

        with pytest.raises(LinkExpired):
            read_link(VAULT, "offer", token, SOON + late)

    def test_refuses_a_link_for_another_purpose(self) -> None:
        token = sign_link(VAULT, "unsubscribe", {"o": 12}, SOON)

        with pytest.raises(LinkInvalid):
            read_link(VAULT, "offer", token, NOW)

    def test_refuses_a_link_of_another_installation(self) -> None:
        other = Vault("another secret of the tests, as long")
        token = sign_link(other, "offer", {"o": 12}, SOON)

        with pytest.raises(LinkInvalid):
            read_link(VAULT, "offer", token, NOW)

    @pytest.mark.parametrize("text", ["", "x", "é", "a" * 5000, "====", "AAAA AAAA"])
    def test_refuses_what_is_no_token(self, text: str) -> None:
        with pytest.raises(LinkInvalid):
            read_link(VAULT, "offer", text, NOW)

    @given(place=st.integers(min_value=0), letter=st.sampled_from("AZaz09-_"))
    def test_refuses_any_altered_letter(self, place: int, letter: str) -> None:
        token = sign_link(VAULT, "offer", {"o": 12}, SOON)
        place %= len(token)
        altered = token[:place] + letter + token[place + 1 :]

        if altered != token:
            with pytest.raises(LinkInvalid):
                read_link(VAULT, "offer", altered, NOW)

    def test_refuses_to_sign_until_a_naive_moment(self) -> None:
        with pytest.raises(ValueError, match="zone"):
            sign_link(VAULT, "offer", {}, SOON.replace(tzinfo=None))
