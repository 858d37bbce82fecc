from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from loyalty.core.texts import LANGUAGES
from loyalty.customers.render import WORDING_VERSION, consent_wording
from loyalty.customers.rules.confirming import CODE_DIGITS, code_text, same_code
from loyalty.customers.values import Channel, Purpose

KEY = b"a key derived from the secret"
NONCES = st.binary(min_size=16, max_size=16)


class TestCodes:
    @given(nonce=NONCES)
    def test_have_six_digits_and_are_known_again(self, nonce: bytes) -> None:
        code = code_text(KEY, nonce)
        assert len(code) == CODE_DIGITS
        assert code.isascii()
        assert code.isdigit()
        assert same_code(KEY, nonce, f" {code[:3]} {code[3:]}\n")

    @given(nonce=NONCES, typed=st.text(max_size=12))
    def test_are_no_other_text(self, nonce: bytes, typed: str) -> None:
        plain = "".join(typed.split()).replace("-", "")
        expected = plain == code_text(KEY, nonce)
        assert same_code(KEY, nonce, typed) is expected

    def test_hang_on_the_installations_secret(self) -> None:
        other = b"another key"
        nonces = [bytes([n] * 16) for n in range(20)]
        assert [code_text(other, n) for n in nonces] != [
            code_text(KEY, n) for n in nonces
        ]


class TestWordings:
    def test_of_a_version_never_change(self) -> None:
        """A changed sentence is another version: change the version and this sum."""
        matters: list[tuple[Purpose, Channel | None]] = [
            (Purpose.PERSONALISATION, None),
            (Purpose.MEASUREMENT, None),
            *((Purpose.MARKETING, channel) for channel in Channel),
        ]
        words = [
            consent_wording(purpose, channel, language)
            for purpose, channel in matters
            for language in LANGUAGES
        ]
        assert len(set(words)) == len(words)
        total = sha256("\n".join(words).encode()).hexdigest()[:16]
        assert (WORDING_VERSION, total) == ("2026-11", "cd8b3936c9bc94a3")
