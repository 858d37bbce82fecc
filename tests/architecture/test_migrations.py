"""The migrations and the tables of the models must say the same."""

from pathlib import Path

from alembic import command
from alembic.config import Config

import migrations


def configured(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("sqlalchemy.url", url)
    return config


class TestMigrations:
    def test_make_what_the_models_say(self, fresh_postgres_url: str) -> None:
        command.check(configured(fresh_postgres_url))

    def test_go_back_to_nothing_and_forward_again(
        self, fresh_postgres_url: str
    ) -> None:
        config = configured(fresh_postgres_url)

        command.downgrade(config, "base")
        command.upgrade(config, "head")

        command.check(config)
