"""``python -m loyalty.embedded stop|remove FOLDER``: for set-up scripts."""

import sys
from pathlib import Path

import click

from loyalty.embedded import EmbeddedError, remove, stop


@click.command()
@click.argument("action", type=click.Choice(["stop", "remove"]))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def main(action: str, folder: Path) -> None:
    """Stop the servers of FOLDER, or remove them with all their data."""
    try:
        (stop if action == "stop" else remove)(folder)
    except EmbeddedError as error:
        click.echo(str(error), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
