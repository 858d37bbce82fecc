"""Passwords as they are hashed and checked."""

import pytest

from loyalty.core.errors import Invalid
from loyalty.staff.service import passwords


class TestPassword:
    def test_is_kept_as_argon2id_and_recognised(self) -> None:
        stored = passwords.hash_password("correct horse battery")

        assert stored.startswith("$argon2id$")
        assert passwords.verify_password(stored, "correct horse battery")
        assert not passwords.verify_password(stored, "correct horse batterz")

    def test_is_wrong_when_there_is_none(self) -> None:
        assert not passwords.verify_password(None, "nobody signs in with this one")
        assert not passwords.verify_password("no hash", "anything")

    @pytest.mark.parametrize("length", [0, 11, 257])
    def test_has_12_to_256_characters(self, length: int) -> None:
        with pytest.raises(Invalid) as refused:
            passwords.hash_password("x" * length)

        assert [problem.code for problem in refused.value.problems] == [
            "password_length"
        ]

    def test_is_refused_when_too_many_are_checked(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(passwords, "_WAIT_SECONDS", 0)
        held = [passwords._slots.acquire() for _ in range(2)]  # noqa: SLF001
        try:
            with pytest.raises(passwords.TooBusy):
                passwords.verify_password(None, "x")
        finally:
            for _ in held:
                passwords._slots.release()  # noqa: SLF001
