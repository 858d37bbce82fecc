"""Which revisions of the schema this program knows."""

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory


def config() -> Config:
    """Return Alembic's configuration: our folder, wherever it is installed."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    return made


@cache
def newest_revisions() -> frozenset[str]:
    """Return what a database that is up to date names as its revision."""
    return frozenset(ScriptDirectory.from_config(config()).get_heads())


@cache
def older_revisions() -> frozenset[str]:
    """
    Return what a database names that must be migrated before this program may use it.

    A revision that is not known here is a newer one, which older programs get on with
    while they are replaced.
    """
    script = ScriptDirectory.from_config(config())
    known = {one.revision for one in script.walk_revisions()}
    return frozenset(known) - newest_revisions()
