"""The version of the tz database."""

import re
import zoneinfo
from collections.abc import Iterator
from pathlib import Path

import pytest

from loyalty.core.zones import tzdata_version


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    tzdata_version.cache_clear()
    yield
    monkeypatch.undo()
    tzdata_version.cache_clear()


class TestTzdataVersion:
    def test_is_the_machines_where_it_has_one(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / "Europe").mkdir()
        (tmp_path / "tzdata.zi").write_text("# version 2031c\nR d 1916 o - Jun 14\n")
        monkeypatch.setattr(zoneinfo, "TZPATH", (str(tmp_path),))

        assert tzdata_version() == "2031c"

    def test_is_empty_where_the_machine_does_not_tell(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / "Europe").mkdir()
        monkeypatch.setattr(zoneinfo, "TZPATH", (str(tmp_path),))

        assert tzdata_version() == ""

    def test_is_the_packages_where_the_machine_has_none(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(zoneinfo, "TZPATH", (str(tmp_path / "none"),))

        assert re.fullmatch(r"20\d\d[a-z]", tzdata_version())
