"""A checkout through HTTP: the service as it is run, over a database of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

from benchmarks._seeding import STORE, fill
from benchmarks._timing import Timed, middle, p95
from benchmarks.workload import DELIVERY_FEE, Document, Workload
from jobs.cli.checking import migrate
from jobs.cli.setting_up import configured, opened
from loyalty import embedded
from loyalty.core.clock import machine_now

ONE_QUERY: Final = "/api/v1/products/{sku}"
_WARM_UP: Final = 20
_PATIENCE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class _Till:
    """Who asks, and with whose cards."""

    connection: HTTPConnection
    key: str
    cards: list[str]

    def send(self, method: str, path: str, body: Document | None = None) -> None:
        """Send a request and read the answer."""
        headers = {"Authorization": f"Bearer {self.key}"}
        content = None
        if body is not None:
            content = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
            if "purchase" in body:
                headers["Idempotency-Key"] = str(body["purchase"])
        self.connection.request(method, path, content, headers)
        response = self.connection.getresponse()
        answer = response.read()
        if response.status >= HTTPStatus.MULTIPLE_CHOICES:
            message = f"{method} {path} answered {response.status}: {answer[:500]!r}"
            raise RuntimeError(message)


def measure(workload: Workload) -> list[dict[str, object]]:
    """Serve a shop, do all operations for each basket, and return a row for each."""
    with _served(workload) as till:
        for lines in workload.baskets[:_WARM_UP]:
            for method, path, body in _operations(till, lines, 0, "warm-").values():
                till.send(method, path, body)
        timed: dict[str, Timed] = defaultdict(Timed)
        for number, lines in enumerate(workload.baskets):
            # One after the other, so that a busy moment of the machine hits all.
            for name, asked in _operations(till, lines, number).items():
                timed[name].call(till.send, *asked)
    least = middle(timed["1 query"].wall)
    return [
        {
            "promotions": len(workload.promotions),
            "operation": name,
            "median ms": middle(one.wall),
            "p95 ms": p95(one.wall),
            "of it": middle(one.wall) / least,
        }
        for name, one in timed.items()
    ]


def _operations(
    till: _Till, lines: list[Document], number: int, prefix: str = ""
) -> dict[str, tuple[str, str, Document | None]]:
    card = till.cards[number % len(till.cards)]
    basket = {
        "store": STORE,
        "lines": lines,
        "delivery_fee": DELIVERY_FEE,
        "payment": "card",
    }
    receipt = f"{prefix}{lines[0]['sku']}-{number}"
    one = ONE_QUERY.format(sku=lines[0]["sku"])
    return {
        "1 query": ("GET", one, None),
        "quote": ("POST", "/api/v1/checkout/quotes", basket),
        "member's quote": ("POST", "/api/v1/checkout/quotes", {**basket, "card": card}),
        "member's purchase": (
            "POST",
            "/api/v1/purchases",
            {**basket, "card": card, "purchase": receipt},
        ),
    }


@contextmanager
def _served(workload: Workload) -> Iterator[_Till]:
    """Run the servers and the service in a folder of their own."""
    with tempfile.TemporaryDirectory(prefix="loyalty-benchmark-") as name:
        folder = Path(name)
        environ = {"LOYALTY_DATA_DIR": name}
        try:
            with configured(environ) as settings:
                migrate(settings)
                with opened(settings) as database, database.transaction() as session:
                    key, cards = fill(session, workload=workload, now=machine_now())
                with _web({**os.environ, **environ}) as port:
                    connection = HTTPConnection("127.0.0.1", port, timeout=120)
                    yield _Till(connection, key, cards)
                    connection.close()
        finally:
            embedded.remove(folder)


@contextmanager
def _web(environ: dict[str, str]) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    arguments = [sys.executable, "-m", "jobs.cli", "web", "--port", str(port)]
    with tempfile.TemporaryFile() as log:
        child = subprocess.Popen(  # noqa: S603  # our own
            arguments, env=environ, stdout=log, stderr=log
        )
        try:
            if not _answers(child, port):
                log.seek(0)
                message = f"The service did not come up:\n{log.read().decode()}"
                raise RuntimeError(message)
            yield port
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(_PATIENCE_SECONDS)


def _answers(child: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until the service answers; return whether it does at all."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until and child.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == HTTPStatus.OK:
                return True
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    return False
