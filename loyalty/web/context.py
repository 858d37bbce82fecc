"""What the composition root hands to the surfaces, and how they reach it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from flask import Flask, current_app

from loyalty.cards.render.keys import WalletKeys
from loyalty.core.database import Database
from loyalty.core.jobs import JobMeter, NoMeter
from loyalty.core.vault import Vault
from loyalty.customers.values import Channel
from loyalty.staff.values import SessionLimits

_EXTENSION: Final = "loyalty"
ASSETS: Final = Path(__file__).parent / "assets"

_HOUR: Final = 3600


@dataclass(frozen=True, kw_only=True, slots=True)
class Monitoring:
    """Who may read the metrics, and what a healthy service is compared with."""

    token: str | None = field(default=None, repr=False)
    """What Prometheus sends as its bearer token. None: no token opens ``/metrics``."""

    on_loopback: bool = False
    """Whether ``/metrics`` is open to requests that come from this very machine."""

    outdated: frozenset[str] = frozenset()
    """Revisions at which the database must be migrated before it can be used."""

    jobs: JobMeter = field(default_factory=NoMeter)
    """How long queues are, and how jobs did."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InboundSecrets:
    """What proves who reports back; without one nobody of that kind is believed."""

    sms_token: str | None = field(default=None, repr=False)
    report_secret: str | None = field(default=None, repr=False)
    telegram_bot: str | None = None
    """The bot's name; its secret token is derived from the installation's secret."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AppParts:
    """The parts of one running application."""

    database: Database
    vault: Vault
    redis_url: str
    """Where attempts are counted; ``memory://`` counts in this process alone."""

    public_url: str
    """The address that links begin with, without a slash at the end."""

    secure_cookies: bool = True
    """Cookies and HSTS for https only."""

    demo: bool = False
    data_dir: Path = Path("var")
    """Where recommender models, and the demo's clock and mailbox, are kept."""

    channels: frozenset[Channel] = frozenset({Channel.EMAIL, Channel.INBOX})
    """The ways of reaching customers that something stands behind."""

    inbound: InboundSecrets = field(default_factory=InboundSecrets)
    sms_part_cost: int = 0
    """What one part of a text message costs, in millionths of the currency's unit."""
    letter_dir: Path | None = None
    """Where batches of letters wait for the printer."""

    wallet_keys: WalletKeys = field(default_factory=WalletKeys)
    """What signs cards for the wallets of phones, as far as those are on."""

    asset_dir: Path = ASSETS
    webhook_allow_private: bool = False
    """Whether webhooks may go to http addresses and into the own network."""

    trusted_proxies: int = 0
    """How many proxies in front add ``X-Forwarded-`` headers that may be believed."""

    staff_limits: SessionLimits = field(
        default_factory=lambda: SessionLimits(idle=2 * _HOUR, absolute=12 * _HOUR)
    )
    """How long a member of staff stays signed in, in seconds."""

    monitoring: Monitoring = field(default_factory=Monitoring)


def put_parts(app: Flask, given: AppParts) -> None:
    """Keep the parts with the application."""
    app.extensions[_EXTENSION] = given


def parts() -> AppParts:
    """Return the parts of the running application."""
    return cast("AppParts", current_app.extensions[_EXTENSION])


def database() -> Database:
    """Return the database of the running application."""
    return parts().database
