"""Telling one process from another."""

import os
import signal
import sys
from pathlib import Path

import pytest

from loyalty.embedded.accounts import Account
from loyalty.embedded.postgres import disown_stale_pid
from loyalty.embedded.processes import (
    Running,
    ServerDied,
    birth,
    command_line,
    run,
    spawn,
    tail,
    wait_until,
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "server.log"


class TestRunning:
    def test_is_dead_when_its_number_went_to_another_process(self) -> None:
        assert Running(pid=os.getpid(), born=birth(os.getpid()) or "").alive
        assert not Running(pid=os.getpid(), born="1").alive

    def test_stops_by_a_harder_signal_when_the_first_is_ignored(
        self, log: Path
    ) -> None:
        script = "trap '' TERM; echo deaf; while :; do sleep 0.05; done"
        process = spawn(["/bin/sh", "-c", script], account=Account(), log=log)
        wait_until(lambda: "deaf" in tail(log), process=process, log=log, seconds=5)

        process.stop((signal.SIGTERM, 0.1), (signal.SIGKILL, 5))

        assert not process.alive
        assert birth(process.pid) is None


class TestSpawn:
    def test_gives_the_server_nothing_of_our_environment(
        self, log: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LOYALTY_SECRET_KEY", "hidden")
        process = spawn(
            ["/bin/sh", "-c", "cat; env"], account=Account(), log=log, given="told\n"
        )
        process.stop((signal.SIGCONT, 5))

        said = tail(log)
        assert said.startswith("told")
        assert "TZ=UTC" in said
        assert "hidden" not in said

    def test_begins_a_new_log_when_the_old_one_is_long(self, log: Path) -> None:
        log.write_bytes(b"x" * 5_000_001)
        process = spawn(["/bin/echo", "new"], account=Account(), log=log)
        process.stop((signal.SIGCONT, 5))

        assert log.read_text() == "new\n"
        assert log.with_suffix(".log.1").stat().st_size == 5_000_001


class TestWaitUntil:
    def test_reports_the_log_of_a_server_that_ended(self, log: Path) -> None:
        process = spawn(
            ["/bin/sh", "-c", "echo port taken; exit 1"], account=Account(), log=log
        )

        with pytest.raises(ServerDied, match="port taken"):
            wait_until(lambda: False, process=process, log=log, seconds=5)

    def test_gives_up_on_a_server_that_does_not_answer(self, log: Path) -> None:
        process = spawn(["/bin/sleep", "60"], account=Account(), log=log)

        with pytest.raises(ServerDied, match="no answer"):
            wait_until(lambda: False, process=process, log=log, seconds=0.05)

        process.stop((signal.SIGKILL, 5))


class TestRun:
    def test_gives_what_was_printed(self) -> None:
        assert run(["/bin/echo", "18.6"], account=Account()) == "18.6\n"

    def test_reports_what_a_failing_program_said(self) -> None:
        with pytest.raises(ServerDied, match=r"sh failed:\nno space"):
            run(["/bin/sh", "-c", "echo no space; exit 2"], account=Account())


class TestDisownStalePid:
    def test_puts_us_in_the_place_of_a_stranger(self, tmp_path: Path) -> None:
        path = tmp_path / "postmaster.pid"
        path.write_text(f"{os.getppid()}\n/data\n5432\n")

        disown_stale_pid(tmp_path)

        assert path.read_text() == f"{os.getpid()}\n/data\n5432\n"

    def test_leaves_a_dead_number_to_postgresql(self, tmp_path: Path) -> None:
        path = tmp_path / "postmaster.pid"
        path.write_text("999999999\n/data\n5432\n")

        disown_stale_pid(tmp_path)

        assert path.read_text() == "999999999\n/data\n5432\n"

    def test_does_nothing_without_a_file(self, tmp_path: Path) -> None:
        disown_stale_pid(tmp_path)

        assert list(tmp_path.iterdir()) == []


class TestCommandLine:
    def test_is_that_of_the_process(self) -> None:
        assert Path(sys.executable).name in command_line(os.getpid()) or (
            "pytest" in command_line(os.getpid())
        )

    def test_is_empty_without_a_process(self) -> None:
        assert command_line(999_999_999) == ""
