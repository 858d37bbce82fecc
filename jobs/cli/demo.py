"""``loyalty demo``: a whole shop on this machine, by one command."""

import fcntl
import importlib
import os
import shutil
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from jobs.cli.checking import migrate
from jobs.cli.setting_up import configured, opened
from jobs.cli.supervising import Supervisor
from jobs.queues import QueueName
from loyalty import embedded
from loyalty.demo import outbox
from loyalty.demo.beginning import is_asked_to_begin_anew
from loyalty.demo.shops import FIRST_CAMPAIGN
from loyalty.demo.staff import SIGN_INS
from loyalty.offers.queries import CampaignNotFound, get_campaign
from loyalty.offers.values import CampaignState
from loyalty.settings import Settings

_HOUSEHOLDS: Final = 300
_PORT: Final = 8000
_NEXT_PORTS: Final = 50
_WORKERS: Final = (
    QueueName.DELIVERY,
    QueueName.DELIVERY,
    QueueName.DEFAULT,
    QueueName.RECOMMENDER,
    QueueName.SCORING,
    QueueName.WEBHOOKS,
    QueueName.DEMO,
)
_ROOT: Final = Path(__file__).parent.parent.parent
"""Where ``wsgi.py`` is."""

_UP_SECONDS: Final = 60.0
_WATCH_SECONDS: Final = 0.5
_SERVERS_SECONDS: Final = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ports:
    """Where the web and the mail server listen."""

    web: int
    mail: int


@click.command("demo")
@click.option(
    "--households",
    default=_HOUSEHOLDS,
    show_default=True,
    type=click.IntRange(20, 2469),
    help="How many households the shop has.",
)
@click.option("--full", is_flag=True, help="All 2,469 households, 155,848 baskets.")
@click.option("--port", type=click.IntRange(1, 65_535), help="[default: 8000 or next]")
@click.option("--reset", is_flag=True, help="Forget the demo so far and begin anew.")
def demo_command(*, households: int, full: bool, port: int | None, reset: bool) -> None:
    """Run a whole shop on this machine: servers, data, workers, pages, mailbox."""
    # Until all runs, SIGTERM interrupts as Ctrl-C does: what was begun is rolled back.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    data_dir = Path(os.environ.get("LOYALTY_DATA_DIR", "var"))
    with _alone(data_dir):
        Supervisor(data_dir / "demo", {}).end_leftovers()
        ports = _Ports(web=_free_port(port), mail=_any_port())
        anew = reset or is_asked_to_begin_anew(data_dir)
        while True:
            if anew:
                _forget(data_dir)
            _run(data_dir, ports, households=None if full else households)
            anew = is_asked_to_begin_anew(data_dir)
            if not anew:
                break
            click.echo("Beginning anew …", err=True)


def _run(data_dir: Path, ports: _Ports, *, households: int | None) -> None:
    """Run the demo until it is told to stop, or asked to begin anew."""
    with configured(_environment(data_dir, ports)) as settings:
        _prepare(settings, households=households)
        environment = {**os.environ, **settings.as_environ()}
        supervisor = Supervisor(data_dir / "demo", environment)
        stop = _stop_on_signals()
        try:
            _start_pages(supervisor, settings, ports)
            _wait_until_up(supervisor, ports.web, stop)
            _start_workers(supervisor)
            if not stop.is_set():
                _say_where(settings.public_url)
            _watch(supervisor, data_dir, stop)
        finally:
            click.echo("Stopping …", err=True)
            supervisor.stop()


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Refuse to run a second demo in the same folder."""
    folder = data_dir / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / "running.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        message = f"A demo runs in {data_dir} already; end it with Ctrl-C first."
        raise click.ClickException(message) from None
    try:
        yield
    finally:
        os.close(handle)


def _forget(data_dir: Path) -> None:
    embedded.remove(data_dir)
    shutil.rmtree(data_dir / "models", ignore_errors=True)
    for path in (data_dir / "demo").iterdir():
        # The lock stays: it is held.
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "running.lock":
            path.unlink()


def _environment(data_dir: Path, ports: _Ports) -> dict[str, str]:
    """Return the demo's settings; its web process plays the providers."""
    sinks = f"http://127.0.0.1:{ports.web}/demo/sink"
    return {
        **os.environ,
        "LOYALTY_SMS_URL": f"{sinks}/sms",
        "LOYALTY_SMS_ACCOUNT": outbox.SMS_ACCOUNT,
        "LOYALTY_SMS_TOKEN": outbox.SMS_TOKEN,
        "LOYALTY_SMS_FROM": "Lab market",
        "LOYALTY_SMS_PART_COST": "40000",
        "LOYALTY_PUSH_CONTACT": "mailto:shop@example.org",
        "LOYALTY_PUSH_ALLOW_PRIVATE": "true",
        "LOYALTY_TELEGRAM_URL": f"{sinks}/telegram",
        "LOYALTY_TELEGRAM_TOKEN": outbox.TELEGRAM_TOKEN,
        "LOYALTY_TELEGRAM_BOT": "lab_market_demo_bot",
        "LOYALTY_LETTER_DIR": str((data_dir / "demo" / "letters").resolve()),
        "LOYALTY_LETTER_SENDER": "Lab market, ul. Prosta 2, 00-002 Warszawa",
        "LOYALTY_LETTER_COST": "1200000",
        "LOYALTY_MESSAGE_WEBHOOK_URL": f"{sinks}/app",
        "LOYALTY_MESSAGE_WEBHOOK_SECRET": outbox.WEBHOOK_SECRET,
        "LOYALTY_DEMO": "true",
        "LOYALTY_DATA_DIR": str(data_dir.resolve()),
        "LOYALTY_PUBLIC_URL": f"http://127.0.0.1:{ports.web}",
        "LOYALTY_SMTP_URL": f"smtp://127.0.0.1:{ports.mail}",
        "LOYALTY_SECURE_COOKIES": "false",
    }


def _prepare(settings: Settings, *, households: int | None) -> None:
    """Do what an earlier run has not finished: schema, shop, model, first offers."""
    migrate(settings)
    if not _is_prepared(settings):
        # It reads Parquet and trains: seconds of imports that a later start is spared.
        preparing = importlib.import_module("jobs.cli.preparing")
        preparing.prepare(settings, households=households)


def _is_prepared(settings: Settings) -> bool:
    models = settings.data_dir / "models"
    if not models.is_dir() or not any(models.iterdir()):
        return False
    try:
        with opened(settings) as database, database.transaction() as session:
            campaign = get_campaign(session, code=FIRST_CAMPAIGN)
    except CampaignNotFound:
        return False
    return campaign.state is not CampaignState.DRAFT


def _start_pages(supervisor: Supervisor, settings: Settings, ports: _Ports) -> None:
    python = (sys.executable, "-m")
    folder = settings.data_dir / "demo" / "mail"
    supervisor.start(
        "mailbox",
        [
            *(*python, "loyalty.demo.mailbox", "--port", str(ports.mail)),
            *("--folder", str(folder), "--data-dir", str(settings.data_dir)),
        ],
    )
    # As `loyalty web` does, without a process between: one that is slow to start.
    bind = ("--bind", f"127.0.0.1:{ports.web}", "--workers", "1", "--threads", "8")
    program = (
        "--no-control-socket",
        "--worker-class",
        "gthread",
        "--chdir",
        str(_ROOT),
        "wsgi:app",
    )
    supervisor.start("web", [*python, "gunicorn", *bind, *program])


def _start_workers(supervisor: Supervisor) -> None:
    """Start what works behind the pages, after them: they all want the processor."""
    python = (sys.executable, "-m")
    supervisor.start("dispatcher", [*python, "jobs.cli", "dispatcher"])
    for place, queue in enumerate(_WORKERS, start=1):
        command = [*python, "jobs.cli", "worker", queue.value]
        supervisor.start(f"worker-{place}-{queue.value}", command)


def _wait_until_up(supervisor: Supervisor, port: int, stop: threading.Event) -> None:
    deadline = time.monotonic() + _UP_SECONDS
    while not stop.is_set() and not _answers(port):
        if time.monotonic() > deadline or not supervisor.running("web"):
            logs = supervisor.folder / "logs"
            message = f"The pages do not come up; see {logs / 'web.log'}."
            raise click.ClickException(message)
        stop.wait(0.1)


def _answers(port: int) -> bool:
    address = f"http://127.0.0.1:{port}/healthz"
    try:
        with urllib.request.urlopen(address, timeout=2):  # our own
            return True
    except (urllib.error.URLError, OSError):
        return False


def _say_where(address: str) -> None:
    for sign_in in SIGN_INS:
        click.echo(f"  {sign_in.role.value:14} {sign_in.email:26} {sign_in.password}")
    click.echo(f"The shop is open: {address}  (Ctrl-C closes it)")


def _watch(supervisor: Supervisor, data_dir: Path, stop: threading.Event) -> None:
    servers = embedded.attach(data_dir)
    look_at = time.monotonic() + _SERVERS_SECONDS
    try:
        while not stop.wait(_WATCH_SECONDS):
            if is_asked_to_begin_anew(data_dir):
                break
            for name in supervisor.watch():
                click.echo(f"{name} ended; started again", err=True)
            if servers is not None and time.monotonic() >= look_at:
                look_at = time.monotonic() + _SERVERS_SECONDS
                for name in servers.check():
                    click.echo(f"{name} ended; started again", err=True)
    finally:
        if servers is not None:
            servers.stop()


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _free_port(wanted: int | None) -> int:
    ports = range(_PORT, _PORT + _NEXT_PORTS) if wanted is None else [wanted]
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    message = f"Port {ports[0]} is taken; choose another with --port."
    raise click.ClickException(message)


def _any_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
