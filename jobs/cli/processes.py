"""The processes of the service: web, workers, dispatcher."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from jobs.cli.setting_up import configured
from jobs.dispatcher import run_dispatcher
from jobs.queues import QueueName
from jobs.worker import NotReady, run_worker

_WEB = Path(__file__).parent.parent.parent / "wsgi.py"
_THREADS = 8


@click.command("web")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
def web_command(host: str, port: int, workers: int) -> None:
    """Serve the pages and the API with gunicorn."""
    with (
        configured() as settings,
        tempfile.TemporaryDirectory(prefix="loyalty-metrics-") as counts,
    ):
        environment = {
            **os.environ,
            **settings.as_environ(),
            # In which the processes of this server share what they count.
            "PROMETHEUS_MULTIPROC_DIR": counts,
        }
        arguments = [
            *(sys.executable, "-m", "gunicorn", "--bind", f"{host}:{port}"),
            *("--workers", str(workers), "--threads", str(_THREADS)),
            *("--worker-class", "gthread", "--chdir", str(_WEB.parent)),
            *("--graceful-timeout", "10", "--no-control-socket"),
            *("--config", "python:loyalty.web.metrics.serving", "wsgi:app"),
        ]
        raise SystemExit(_run(arguments, environment))


@click.command("worker")
@click.argument("queue", type=click.Choice([name.value for name in QueueName]))
def worker_command(queue: str) -> None:
    """Do the jobs of one queue until told to stop."""
    with configured() as settings:
        try:
            run_worker(settings, QueueName(queue))
        except NotReady as problem:
            raise click.ClickException(str(problem)) from problem


@click.command("dispatcher")
def dispatcher_command() -> None:
    """Ring the workers for what is due; any number may run, one leads."""
    with configured() as settings:
        run_dispatcher(settings)


def _run(arguments: list[str], environment: dict[str, str]) -> int:
    """Run a child, pass on what stops us, and return its exit status."""
    child = subprocess.Popen(arguments, env=environment)  # noqa: S603  # our own
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _: child.send_signal(received))
    return child.wait()
