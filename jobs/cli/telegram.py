"""``loyalty telegram``: tell the bot where its updates go."""

import json

import click

from jobs.channels.base import ChannelError
from jobs.channels.exchange import Exchange
from jobs.cli.setting_up import configured
from jobs.posting import Poster
from loyalty.core.vault import Vault
from loyalty.usecases.connect_messenger import TELEGRAM_KEY


@click.command("telegram")
def telegram_command() -> None:
    """Have Telegram report chats to this installation; once is enough."""
    with configured() as settings:
        if settings.telegram_token is None:
            message = "Telegram is off: set LOYALTY_TELEGRAM_TOKEN and …_BOT first."
            raise click.ClickException(message)
        url = f"{settings.public_url}/reports/telegram"
        asked = {
            "url": url,
            "secret_token": Vault(settings.secret_key.get_secret_value())
            .derive(TELEGRAM_KEY)
            .hex(),
            "allowed_updates": ["message", "my_chat_member"],
        }
        token = settings.telegram_token.get_secret_value()
        try:
            with Exchange(Poster(allow_private=True)) as exchange:
                reply = exchange.send(
                    "POST",
                    f"{settings.telegram_url.rstrip('/')}/bot{token}/setWebhook",
                    body=json.dumps(asked).encode(),
                    headers={"Content-Type": "application/json"},
                )
        except ChannelError as problem:
            message = f"Telegram can't be reached: {problem}"
            raise click.ClickException(message) from problem
    if reply.status != 200:  # noqa: PLR2004  # the only yes of the Bot API
        message = f"Telegram refused: {reply.status} {reply.text}"
        raise click.ClickException(message)
    click.echo(f"Telegram reports to {url}")
