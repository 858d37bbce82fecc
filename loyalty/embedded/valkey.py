"""Running Valkey as our child: a queue whose jobs survive a kill."""

import signal
from dataclasses import dataclass
from pathlib import Path

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from loyalty.embedded.accounts import Account, reachable
from loyalty.embedded.binaries import valkey_program
from loyalty.embedded.processes import Running, ServerDied, spawn, wait_until
from loyalty.embedded.state import ServerState

DATABASES = 64
"""Numbered databases: the service uses 0, tests one each."""

_LOAD_SECONDS = 120.0

STOP = ((signal.SIGTERM, 15.0), (signal.SIGKILL, 5.0))


@dataclass(frozen=True, kw_only=True, slots=True)
class Valkey:
    """The Valkey of one folder."""

    data: Path
    log: Path
    account: Account
    durable: bool = True
    """Whether what is written outlives the server; off is for tests alone."""

    def url(self, state: ServerState, database: int = 0) -> str:
        """Return the address of one of its numbered databases."""
        return f"redis://:{state.password}@127.0.0.1:{state.port}/{database}"

    def start(self, state: ServerState) -> Running:
        """
        Start the server and wait until it has read its data.

        :raises BinaryMissing: there is no Valkey to run
        :raises ServerDied: it did not come up
        """
        self.data.mkdir(mode=0o700, exist_ok=True)
        self.account.own(self.data)
        # Told on its standard input: a command line is readable by every user.
        process = spawn(
            [reachable(valkey_program(), self.account), "-"],
            account=self.account,
            log=self.log,
            given=self.configuration(state),
        )
        try:
            wait_until(
                lambda: _answers(self.url(state)),
                process=process,
                log=self.log,
                seconds=_LOAD_SECONDS,
            )
        except ServerDied:
            process.stop(*STOP)
            raise
        return process

    def configuration(self, state: ServerState) -> str:
        """Return the server's configuration file."""
        return "\n".join(
            [
                "bind 127.0.0.1",
                f"port {state.port}",
                f"requirepass {state.password}",
                f"databases {DATABASES}",
                f'dir "{self.data}"',
                f"appendonly {'yes' if self.durable else 'no'}",
                "appendfsync everysec",
                'save ""',
                "maxmemory-policy noeviction",
                "daemonize no",
                "",
            ]
        )


def _answers(url: str) -> bool:
    try:
        with Redis.from_url(
            url, socket_timeout=5, retry=Retry(NoBackoff(), 0)
        ) as client:
            return bool(client.ping())
    except RedisError:
        return False
