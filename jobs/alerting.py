"""Alerts to staff, by whichever messenger they use (Apprise). Never to customers.

Apprise makes one attempt and gives back no number of the message: good enough for
somebody who looks at the monitor next. The same kind of trouble is told once an hour.
"""

import importlib
import logging
import threading
import time
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from loyalty.delivery.queries.figures import dispatcher_is_alive
from loyalty.delivery.queries.providers import list_providers

_AGAIN_SECONDS: Final = 3600.0
_LONGEST: Final = 500

_log = logging.getLogger(__name__)


class AlertsNotReady(Exception):
    """The addresses of alerts can't be used; the message says why."""


class Alerts(logging.Handler):
    """
    Tells staff of errors that are logged, and of what is seen to be wrong.

    Log lines hold no personal values, so neither do alerts; tracebacks stay in the log.
    """

    def __init__(self, urls: str) -> None:
        super().__init__(level=logging.ERROR)
        try:
            apprise = importlib.import_module("apprise")
        except ImportError as problem:
            message = "alerts need the extra `alerts`: pip install loyalty[alerts]"
            raise AlertsNotReady(message) from problem
        self._apprise: Any = apprise.Apprise()
        for place, url in enumerate(urls.split(), start=1):
            if not self._apprise.add(url):
                message = f"LOYALTY_ALERT_URLS: the {place}. is no address of Apprise"
                raise AlertsNotReady(message)
        self._told: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of an error that was logged."""
        if not record.name.startswith("apprise"):
            self.tell(f"{record.name}: {record.msg}", record.getMessage())

    def look(self, session: Session, *, machine_now: datetime) -> None:
        """Tell of providers that take nothing, and of a dispatcher that is gone."""
        for provider in list_providers(session, machine_now=machine_now):
            if provider.open_until is not None:
                until = f"{provider.open_until:%H:%M} UTC"
                self.tell(
                    f"circuit:{provider.name}",
                    f"{provider.name} takes nothing; tried again at {until}",
                )
        if not dispatcher_is_alive(session, machine_now=machine_now):
            self.tell("dispatcher", "No dispatcher is alive: nothing new is sent")

    def tell(self, kind: str, text: str) -> threading.Thread | None:
        """Tell staff, unless the same kind was told within the hour."""
        now = time.monotonic()
        if now - self._told.get(kind, -_AGAIN_SECONDS) < _AGAIN_SECONDS:
            return None
        self._told[kind] = now
        telling = threading.Thread(target=self._notify, args=(text,), daemon=True)
        telling.start()
        return telling

    def _notify(self, text: str) -> None:
        if not self._apprise.notify(title="Loyalty", body=text[:_LONGEST]):
            _log.warning("An alert did not reach anybody")


def open_alerts(urls: str | None) -> Alerts | None:
    """
    Return what tells staff, listening to all that is logged; None if nobody is told.

    :raises AlertsNotReady: if the addresses can't be used
    """
    if not urls:
        return None
    alerts = Alerts(urls)
    logging.getLogger().addHandler(alerts)
    return alerts
