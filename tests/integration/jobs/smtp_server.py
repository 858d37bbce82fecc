"""An SMTP server of its own process, which keeps its own log of what it accepted.

Run it with the log's path; it prints its port. Each line of the log is one accepted
message: its Message-ID, its recipient and the moment.
"""

import asyncio
import email
import sys
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class Log:
    """Accepts everything and writes it down before it says so."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", buffering=1)

    async def handle_DATA(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        mail = email.message_from_bytes(content)
        self._file.write(f"{mail['Message-ID']} {envelope.rcpt_tos[0]} {time.time()}\n")
        return "250 OK"


async def serve(path: Path) -> None:
    log = Log(path)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(log), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201  # the port
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
