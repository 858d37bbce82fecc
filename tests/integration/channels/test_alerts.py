"""Alerts to staff, by Apprise to a receiver on loopback."""

import json
import logging
from dataclasses import dataclass, field
from typing import Any

import pytest

from jobs.alerting import Alerts, AlertsNotReady, open_alerts
from tests.peers.web import Answer, Peer, Request

pytestmark = pytest.mark.filterwarnings(
    "ignore:'imghdr' is deprecated:DeprecationWarning"  # a module of Apprise's uses it
)


@dataclass(kw_only=True)
class StaffPeer(Peer):
    """What staff were told."""

    told: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, request: Request) -> Answer:
        self.told.append(json.loads(request.body))
        return Answer()


def say(alerts: Alerts, kind: str, text: str) -> bool:
    telling = alerts.tell(kind, text)
    if telling is not None:
        telling.join()
    return telling is not None


class TestAlerts:
    def test_tell_the_same_kind_once_an_hour(self) -> None:
        with StaffPeer().running() as peer:
            alerts = Alerts(peer.url.replace("http://", "json://"))
            assert say(alerts, "books", "Delivery's books don't balance: 1 is missing")
            assert not say(alerts, "books", "Delivery's books don't balance: 2 are")
            assert say(alerts, "circuit:sms", "sms takes nothing")

        assert [one["message"] for one in peer.told] == [
            "Delivery's books don't balance: 1 is missing",
            "sms takes nothing",
        ]

    def test_hear_errors_that_are_logged_and_nothing_less(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        alerts = Alerts("json://127.0.0.1:1")
        heard: list[str] = []
        monkeypatch.setattr(alerts, "tell", lambda _kind, text: heard.append(text))
        log = logging.getLogger("tests.alerts")
        monkeypatch.setattr(log, "handlers", [alerts])
        monkeypatch.setattr(log, "propagate", False)

        log.warning("A provider said %s", "no")
        log.error("The books are off by %d", 3)

        assert heard == ["The books are off by 3"]

    def test_are_none_without_addresses(self) -> None:
        assert open_alerts(None) is None

    def test_refuse_what_is_no_address_without_repeating_it(self) -> None:
        with pytest.raises(AlertsNotReady) as caught:
            Alerts("json://127.0.0.1:1 nonsense-with-a-token")

        assert "the 2. is no address" in str(caught.value)
        assert "token" not in str(caught.value)
