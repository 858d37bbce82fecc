"""Which version of the tz database the zones of this process come from."""

import zoneinfo
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

_LISTING = "tzdata.zi"
_FIRST_WORDS = "# version "


@cache
def tzdata_version() -> str:
    """
    Return the version as ``2026a``; empty when the machine's does not tell.

    ``zoneinfo`` reads the machine's database where there is one, else the package's.
    """
    for folder in map(Path, zoneinfo.TZPATH):
        if (folder / "Europe").is_dir():
            return _stated(folder / _LISTING)
    return _stated(resources.files("tzdata") / "zoneinfo" / _LISTING)


def _stated(listing: Path | Traversable) -> str:
    try:
        with listing.open() as lines:
            first = lines.readline()
    except OSError:
        return ""
    return first.removeprefix(_FIRST_WORDS).strip()
