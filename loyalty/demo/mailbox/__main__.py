"""``python -m loyalty.demo.mailbox``: the server itself."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Final

import click
from aiosmtpd.smtp import SMTP

from loyalty.demo.clock import use_demo_clock
from loyalty.demo.mailbox.keeping import Mailbox

_LARGEST: Final = 5 * 1024 * 1024


async def _serve(folder: Path, port: int) -> None:
    mailbox = Mailbox(folder)
    loop = asyncio.get_running_loop()

    def connection() -> SMTP:
        return SMTP(
            mailbox,
            loop=loop,
            data_size_limit=_LARGEST,
            enable_SMTPUTF8=True,
            hostname="localhost",
            ident="Loyalty demo mailbox",
        )

    server = await loop.create_server(connection, "127.0.0.1", port)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        await stop.wait()
    finally:
        server.close()
        await server.wait_closed()
        mailbox.close()


@click.command()
@click.option("--port", type=click.IntRange(1, 65_535), required=True)
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), required=True
)
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Note arrivals on the clock of the demo below this folder.",
)
def main(port: int, folder: Path, data_dir: Path | None) -> None:
    """Take mail on a port of loopback and keep it in FOLDER."""
    os.umask(0o077)
    if data_dir is not None:
        use_demo_clock(data_dir)
    asyncio.run(_serve(folder, port))


if __name__ == "__main__":
    main()
