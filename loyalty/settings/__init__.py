"""The settings, read from the environment once, when a process starts.

Nothing below the composition roots reads the environment or takes a whole
``Settings``: parts are handed the values they need.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from loyalty.settings import providers, wallets
from loyalty.settings.providers import ProviderSettings
from loyalty.settings.wallets import (
    ApplePassFiles,
    GoogleWalletFiles,
    WalletSettings,
)

__all__ = [
    "ApplePassFiles",
    "GoogleWalletFiles",
    "InvalidSettings",
    "ProviderSettings",
    "Settings",
]

_PREFIX = "LOYALTY_"


class InvalidSettings(Exception):
    """Some settings are missing or wrong; the message lists all of them."""


class Settings(WalletSettings, ProviderSettings, BaseSettings):
    """Everything that differs between deployments, each as ``LOYALTY_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="forbid", frozen=True)

    database_url: str = Field(pattern=r"^postgresql\+psycopg://")
    """PostgreSQL, as ``postgresql+psycopg://user:password@host:port/name``."""

    owner_database_url: str | None = Field(
        default=None, pattern=r"^postgresql\+psycopg://"
    )
    """The same database as the role that owns its tables; `loyalty migrate` alone uses
    it. Without it the service's own role must be the owner."""

    redis_url: str = Field(pattern=r"^(rediss?|unix)://")
    """Valkey or Redis, as ``redis://:password@host:port/0``."""

    secret_key: SecretStr = Field(min_length=32)
    """All other keys are derived from it; losing it loses personal data."""

    public_url: str = Field(default="http://127.0.0.1:8000", pattern=r"^https?://")
    """The address that customers' links begin with, without a slash at the end."""

    data_dir: Path = Path("var")
    """Where recommender models and exports are kept."""

    models_kept: int = Field(default=10, ge=1)
    """How many of the recommender's old models are kept for going back to."""

    message_months_kept: int = Field(default=25, ge=3)
    """How many full months of messages stay in the tables before they are set aside."""

    dask_scheduler: str | None = Field(default=None, pattern=r"^(tcp|tls|ucx)://")
    """A Dask cluster that scores customers, as ``tcp://scheduler:8786``. Without it the
    worker's own threads do."""

    secure_cookies: bool = True
    """Cookies over https only; switch off on loopback without TLS alone."""

    trusted_proxies: int = Field(default=0, ge=0)
    """How many proxies stand in front, each adding ``X-Forwarded-`` headers.

    Too few and all clients look like one; too many and a client can pose as another.
    """

    staff_idle_minutes: int = Field(default=120, gt=0)
    """How long staff stay signed in without a request."""

    staff_session_hours: int = Field(default=12, gt=0)
    """How long staff stay signed in at all, however busy."""

    webhook_allow_private: bool = False
    """Let webhooks go to http addresses and to those of the own network."""

    metrics_token: SecretStr | None = Field(default=None, min_length=16)
    """What Prometheus sends as its bearer token to ``/metrics``."""

    metrics_on_loopback: bool = False
    """Answer ``/metrics`` without a token to requests from this very machine. Not where
    a proxy runs on it: what the proxy passes on comes from this machine, too."""

    alert_urls: SecretStr | None = None
    """Whom of the staff to tell of trouble: addresses of Apprise, with spaces between.
    They need the extra ``alerts``."""

    demo: bool = False
    """Serve the demo's doors, clock and mailbox. Never in production."""

    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    """How much the processes write to standard error."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Self:
        """
        Read the settings from ``LOYALTY_…`` variables.

        :raises InvalidSettings: naming every variable that is missing, wrong or
            unknown
        """
        given = {
            name.removeprefix(_PREFIX).lower(): value
            for name, value in (os.environ if environ is None else environ).items()
            if name.startswith(_PREFIX) and not name.startswith(f"{_PREFIX}TEST_")
        }
        try:
            return cls.model_validate(given)
        except ValidationError as problem:
            raise InvalidSettings(_explain(problem)) from None

    @model_validator(mode="after")
    def _groups_are_whole(self) -> Self:
        """Refuse half of what a wallet or a channel needs."""
        for group in (*wallets.TOGETHER, *providers.TOGETHER):
            missing = [name for name in group if not getattr(self, name)]
            if missing and len(missing) < len(group):
                there = next(name for name in group if name not in missing)
                names = ", ".join(_PREFIX + name.upper() for name in missing)
                message = f"{names} must be set too, since {_PREFIX}{there.upper()} is"
                raise ValueError(message)
        return self

    def as_environ(self) -> dict[str, str]:
        """
        Return the variables that give a child process these settings.

        Without the owner's address: no child migrates.
        """
        values: dict[str, str] = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if name == "owner_database_url" or value is None:
                continue
            if isinstance(value, SecretStr):
                value = value.get_secret_value()
            if value is not None:
                values[f"{_PREFIX}{name.upper()}"] = str(value)
        return values


def _explain(problem: ValidationError) -> str:
    lines = []
    for error in problem.errors(include_url=False, include_input=False):
        name = _PREFIX + "_".join(str(part) for part in error["loc"]).upper()
        match error["type"]:
            case "missing":
                lines.append(f"{name} is not set")
            case "value_error" if not error["loc"]:
                lines.append(error["msg"].removeprefix("Value error, "))
            case "extra_forbidden":
                lines.append(f"{name} is not a setting (misspelt?)")
            case _:
                lines.append(f"{name}: {error['msg']}")
    return "\n".join(lines)
