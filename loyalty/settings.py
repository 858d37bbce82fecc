"""The settings, read from the environment once, when a process starts.

Nothing below the composition roots reads the environment or takes a whole
``Settings``: parts are handed the values they need.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

_PREFIX = "LOYALTY_"


class InvalidSettings(Exception):
    """Some settings are missing or wrong; the message lists all of them."""


class Settings(BaseSettings):
    """Everything that differs between deployments, each as ``LOYALTY_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="forbid", frozen=True)

    database_url: str = Field(pattern=r"^postgresql\+psycopg://")
    """PostgreSQL, as ``postgresql+psycopg://user:password@host:port/name``."""

    redis_url: str = Field(pattern=r"^(rediss?|unix)://")
    """Valkey or Redis, as ``redis://:password@host:port/0``."""

    secret_key: SecretStr = Field(min_length=32)
    """All other keys are derived from it; losing it loses personal data."""

    public_url: str = Field(default="http://127.0.0.1:8000", pattern=r"^https?://")
    """The address that customers' links begin with, without a slash at the end."""

    smtp_url: str = Field(default="smtp://127.0.0.1:25", pattern=r"^smtps?://")
    """The mail server, as ``smtp://user:password@host:587``."""

    mail_from: str = Field(default="Lab market <offers@example.org>")
    """The sender of every mail."""

    data_dir: Path = Path("var")
    """Where recommender models and exports are kept."""

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

    def as_environ(self) -> dict[str, str]:
        """Return the variables that give a child process these settings."""
        values: dict[str, str] = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, SecretStr):
                value = value.get_secret_value()
            values[f"{_PREFIX}{name.upper()}"] = str(value)
        return values


def _explain(problem: ValidationError) -> str:
    lines = []
    for error in problem.errors(include_url=False, include_input=False):
        name = _PREFIX + "_".join(str(part) for part in error["loc"]).upper()
        match error["type"]:
            case "missing":
                lines.append(f"{name} is not set")
            case "extra_forbidden":
                lines.append(f"{name} is not a setting (misspelt?)")
            case _:
                lines.append(f"{name}: {error['msg']}")
    return "\n".join(lines)
