"""Taking up mail that comes back."""

import asyncio
import sys
from email.utils import parseaddr
from pathlib import Path
from typing import Final

import click
from sqlalchemy.exc import OperationalError

from jobs.cli.setting_up import configured, opened
from jobs.returns import Returns, listen, take_mail
from loyalty.delivery.rules.reports import LARGEST
from loyalty.settings import Settings

_TRY_LATER: Final = 75
"""EX_TEMPFAIL of sysexits.h: a mail server keeps the mail and tries again."""


@click.group("bounces")
def bounces_group() -> None:
    """Take up bounces (RFC 3464) and complaints (RFC 5965) that mail servers send."""


@bounces_group.command("listen")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8025, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--also",
    multiple=True,
    metavar="ADDRESS",
    help="Another mailbox that reports go to, as complaints@example.org.",
)
def listen_command(host: str, port: int, also: tuple[str, ...]) -> None:
    """
    Be the mail server for what comes back, by SMTP, until told to stop.

    Your own mail server passes on what arrives for the bounce address, in Postfix by
    a line of transport_maps: bounces@example.org smtp:[127.0.0.1]:8025
    """
    with configured() as settings, opened(settings) as database:
        returns = Returns(database, bounce_address(settings), also)
        asyncio.run(listen(returns, host=host, port=port))


@bounces_group.command("read")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--recipient", multiple=True, help="Where it arrived, if that is known.")
def read_command(files: tuple[Path, ...], recipient: tuple[str, ...]) -> None:
    """
    Take up mails from files, from the folders of a Maildir, or from - (one mail).

    A mail server can pipe to it: while the database is away the exit status is 75.
    """
    with configured() as settings, opened(settings) as database:
        for path in _mails(files):
            if str(path) == "-":
                data = sys.stdin.buffer.read(LARGEST + 1)
            else:
                with path.open("rb") as file:
                    data = file.read(LARGEST + 1)
            try:
                said = take_mail(
                    database,
                    data,
                    base=bounce_address(settings),
                    recipients=recipient,
                )
            except OperationalError as problem:
                click.echo(f"loyalty: {type(problem.orig).__name__}", err=True)
                raise SystemExit(_TRY_LATER) from problem
            click.echo(f"{said:10} {path}")


def bounce_address(settings: Settings) -> str:
    """Return the mailbox to which mails come back."""
    domain = parseaddr(settings.mail_from)[1].rpartition("@")[2]
    return settings.bounce_address or f"bounces@{domain}"


def _mails(files: tuple[Path, ...]) -> list[Path]:
    found: list[Path] = []
    for path in files:
        folders = [path / "new", path / "cur"] if (path / "new").is_dir() else [path]
        for folder in folders:
            if folder.is_dir():
                found += sorted(one for one in folder.iterdir() if one.is_file())
            else:
                found.append(folder)
    return found
