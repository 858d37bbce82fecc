"""The console script ``loyalty``: every way of running the service by hand.

Exit status: 0 done, 1 refused or failed (the message says why), 2 wrong usage.
"""

import importlib
import sys
from collections.abc import Mapping

import click

from loyalty.core.errors import LoyaltyError
from loyalty.embedded import EmbeddedError
from loyalty.settings import InvalidSettings
from migrations.roles import RoleMissing
from recommender.config import RecommenderError

COMMANDS: Mapping[str, str] = {
    "bounces": "jobs.cli.returning.bounces_group",
    "config": "jobs.cli.checking.config_group",
    "delivery": "jobs.cli.delivering.delivery_group",
    "demo": "jobs.cli.demo.demo_command",
    "dispatcher": "jobs.cli.processes.dispatcher_command",
    "import": "jobs.cli.tables.import_group",
    "ledger": "jobs.cli.ledger.ledger_group",
    "migrate": "jobs.cli.checking.migrate_command",
    "programme": "jobs.cli.programme.programme_group",
    "promotions": "jobs.cli.promotions.promotions_group",
    "recommender": "jobs.cli.recommending.recommender_group",
    "staff": "jobs.cli.staffing.staff_group",
    "telegram": "jobs.cli.telegram.telegram_command",
    "web": "jobs.cli.processes.web_command",
    "worker": "jobs.cli.processes.worker_command",
}
"""Every command and where it is; a command's modules are loaded when it is asked for,
so that pricing a file does not wait for the recommender."""

_ANTICIPATED = (
    LoyaltyError,
    RecommenderError,
    InvalidSettings,
    EmbeddedError,
    RoleMissing,
)


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's
        return sorted(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002  # click's
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].rpartition(".")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="loyalty")
def commands() -> None:
    """Loyalty cards, points and honest personal offers for shop chains."""


def main() -> None:
    """Run a command; what is anticipated is one line, anything else a traceback."""
    try:
        commands()
    except _ANTICIPATED as problem:
        click.echo(f"loyalty: {problem}", err=True)
        sys.exit(1)
