"""What a running worker has at hand; set once when it starts."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.orm import Session

from jobs.channels.base import Channel
from jobs.posting import Poster
from loyalty.core.database import Database
from loyalty.core.vault import Vault
from loyalty.customers.values import Channel as ChannelName
from loyalty.delivery.rules.policy import policy_of
from loyalty.delivery.values import DeliveryPolicy
from loyalty.stores.queries import get_programme


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerContext:
    """The parts that tasks need."""

    name: str
    """Of the process, as noted with the messages it holds."""

    database: Database
    vault: Vault
    channels: Mapping[ChannelName, Channel]
    public_url: str
    data_dir: Path
    models_kept: int = 10
    """How many of the recommender's old models are kept."""

    dask_scheduler: str | None = None
    """Where customers are scored; None: here."""

    not_before: dict[str, float] = field(default_factory=dict)
    """Jobs that failed a moment ago, and until when (monotonic) they rest."""

    poster: Poster = field(default_factory=Poster)
    """Sends webhooks."""

    def policy(self, session: Session) -> DeliveryPolicy:
        """
        Return what the programme allows, as its settings stand at this moment.

        :raises ProgrammeMissing: before the first set-up
        """
        return policy_of(get_programme(session), self.channels)


worker: ContextVar[WorkerContext] = ContextVar("worker")
"""A task's way to the parts: ``worker.get()``."""
