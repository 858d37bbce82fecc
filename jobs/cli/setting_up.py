"""What commands share: settings, an open database, progress bars."""

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from jobs.queues import RqQueue, connect
from loyalty import embedded
from loyalty.core.database import Database, open_engine
from loyalty.core.vault import Vault
from loyalty.demo.clock import use_demo_clock
from loyalty.settings import Settings

_DATABASE, _REDIS = "LOYALTY_DATABASE_URL", "LOYALTY_REDIS_URL"
_OWNER = "LOYALTY_OWNER_DATABASE_URL"
_SECRET, _FOLDER = "LOYALTY_SECRET_KEY", "LOYALTY_DATA_DIR"

Tell = Callable[[str, int, int], None]
"""Is told the step, how much of it is done, and how much there is."""


@contextmanager
def configured(environ: Mapping[str, str] | None = None) -> Iterator[Settings]:
    """
    Give the settings; servers that they do not name are the embedded ones.

    The embedded servers run as long as some command uses them.

    :raises InvalidSettings: naming every variable that is missing, wrong or unknown
    """
    given = dict(os.environ if environ is None else environ)
    folder = Path(given.get(_FOLDER, "var"))
    wanted = {"postgres": _DATABASE not in given, "valkey": _REDIS not in given}
    if not any(wanted.values()):
        yield _started(Settings.from_environ(given))
        return
    with embedded.start(folder, **wanted) as servers:
        if wanted["postgres"]:
            given[_DATABASE] = servers.service_url
            given[_OWNER] = servers.database_url
        given.setdefault(_REDIS, servers.redis_url)
        given.setdefault(_SECRET, kept_secret(folder))
        yield _started(Settings.from_environ(given))


def kept_secret(folder: Path) -> str:
    """Return the one-machine installation's secret, made at its first use."""
    path = folder / "secret"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        secret = secrets.token_urlsafe(48)
        file.write(secret)
    return secret


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """
    Open the database for one command, and close its connections afterwards.

    What changes in it rings the workers.
    """
    engine = open_engine(settings.database_url)
    queue = RqQueue(connect(settings.redis_url))
    try:
        yield Database(engine, queue, Vault(settings.secret_key.get_secret_value()))
    finally:
        engine.dispose()


@contextmanager
def progress_bar(*, shown: bool = True) -> Iterator[Tell]:
    """Give a function that moves one bar for each step, on standard error."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not shown) as bars:
        steps: dict[str, TaskID] = {}

        def tell(step: str, done: int, total: int) -> None:
            if step not in steps:
                steps[step] = bars.add_task(step, total=total)
            bars.update(steps[step], completed=done, total=total)

        yield tell


def _started(settings: Settings) -> Settings:
    """Live in the demo's time where the demo runs."""
    if settings.demo:
        use_demo_clock(settings.data_dir)
    return settings
