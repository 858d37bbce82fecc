"""Where may be sent to, how it is signed, and when it is tried again."""

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from loyalty.webhooks.rules import (
    EVENTS,
    MOST_TRIES,
    UrlRefused,
    address_allowed,
    body_of,
    check_data,
    check_url,
    new_secret,
    next_try,
    signature_headers,
)
from loyalty.webhooks.rules.retrying import WAITS
from loyalty.webhooks.rules.signing import signature
from loyalty.webhooks.values import EventType

NOT_PUBLIC = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",  # noqa: S104  # an address to refuse
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.1",
    "192.0.0.9",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "0:0:0:0:0:ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::127.0.0.1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "",
    "example.org",
]


class TestAddressAllowed:
    @pytest.mark.parametrize("address", NOT_PUBLIC)
    def test_refuses_what_is_not_of_the_public_internet(self, address: str) -> None:
        assert not address_allowed(address, allow_private=False)

    @pytest.mark.parametrize(
        "address", ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "::ffff:1.1.1.1"]
    )
    def test_allows_what_is(self, address: str) -> None:
        assert address_allowed(address, allow_private=False)

    @pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "::1", "fd00::1"])
    def test_allows_the_own_network_when_told_to(self, address: str) -> None:
        assert address_allowed(address, allow_private=True)

    @pytest.mark.parametrize(
        "address", ["169.254.169.254", "fe80::1", "224.0.0.1", "::", "x"]
    )
    def test_never_allows_what_leads_nowhere_good(self, address: str) -> None:
        assert not address_allowed(address, allow_private=True)


class TestCheckUrl:
    @pytest.mark.parametrize(
        "url",
        [
            "http://hooks.example.org/",
            "ftp://hooks.example.org/",
            "//hooks.example.org/",
            "hooks.example.org",
            "https://",
            "https:///path",
            "https://user@hooks.example.org/",
            "https://hooks.example.org/#part",
            "https://hooks.example.org:99999/",
            "https://hooks.example.org\\@127.0.0.1/",
            "https://hooks.example.org/ x",
            "https://hooks.example.org/\r\nHost: other",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[fe80::1%25eth0]/",
            "https://localhost/",
            "https://a.localhost/",
            "https://exämple.org/",
            f"https://hooks.example.org/{'x' * 500}",
        ],
    )
    def test_refuses(self, url: str) -> None:
        with pytest.raises(UrlRefused):
            check_url(url, allow_private=False)

    @pytest.mark.parametrize(
        "url", ["https://hooks.example.org/in?a=1", "https://1.1.1.1:8443/in"]
    )
    def test_takes(self, url: str) -> None:
        assert check_url(url, allow_private=False) == url

    def test_takes_http_on_the_own_network_when_told_to(self) -> None:
        url = "http://127.0.0.1:8080/in"

        assert check_url(url, allow_private=True) == url

    @given(st.text(max_size=60))
    def test_takes_or_refuses_anything(self, text: str) -> None:
        with suppress(UrlRefused):
            assert check_url(text, allow_private=False).startswith("https://")


class TestSignature:
    def test_is_as_the_specification_has_it(self) -> None:
        # Computed with openssl: printf '%s' id.time.body | openssl dgst -hmac …
        assert (
            signature(
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                event_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
                timestamp=1614265330,
                body='{"test": 2432232314}',
            )
            == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        )

    @given(body=st.text(max_size=200))
    def test_is_verified_by_another_implementation(self, body: str) -> None:
        now = datetime.now(UTC)
        old, new = new_secret(), new_secret()
        told = json.dumps({"data": body})

        headers = signature_headers([new, old], event_id="evt_1", body=told, now=now)

        for secret in (old, new):
            assert Webhook(secret).verify(told, headers) == {"data": body}
        with pytest.raises(WebhookVerificationError):
            Webhook(new_secret()).verify(told, headers)

    def test_secrets_have_256_bits(self) -> None:
        secret = new_secret()

        assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32


class TestNextTry:
    def test_waits_longer_and_longer_and_gives_up(self) -> None:
        waits = [next_try(n, chance=0) for n in range(1, MOST_TRIES + 1)]

        assert waits == [*WAITS, None]

    @given(
        tries=st.integers(1, MOST_TRIES - 1),
        chance=st.floats(0, 1),
        asked=st.none() | st.integers(-10, 10**9),
    )
    def test_never_comes_sooner_than_asked(
        self, tries: int, chance: float, asked: int | None
    ) -> None:
        wait = next_try(tries, chance=chance, retry_after=asked)

        assert wait is not None
        assert wait >= WAITS[tries - 1]
        assert wait >= timedelta(seconds=min(asked or 0, 86_400))
        assert wait <= timedelta(hours=24) * 1.2


class TestEvents:
    @pytest.mark.parametrize("kind", EventType)
    def test_have_an_example_of_every_field(self, kind: EventType) -> None:
        event = EVENTS[kind]

        check_data(kind, event.example)

        at = datetime(2026, 11, 20, tzinfo=UTC)
        told = json.loads(body_of(kind, event.example, at=at))
        assert told["type"] == kind.value
        assert told["data"] == event.example

    def test_hold_nothing_else(self) -> None:
        with pytest.raises(ValueError, match="email"):
            check_data(EventType.PING, {"endpoint": 1, "email": "ada@example.org"})
