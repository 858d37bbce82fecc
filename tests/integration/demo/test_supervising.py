"""The demo's supervisor with real processes."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from jobs.cli.supervising import Supervisor
from loyalty.embedded.processes import birth

FOREVER = [sys.executable, "-c", "import time; time.sleep(600)"]
CHILD = "[sys.executable, '-c', 'import time; time.sleep(600)']"
PARENT = [
    sys.executable,
    "-c",
    f"import subprocess, sys; subprocess.run({CHILD})",
]
SOON = 20.0


def wait_for(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SOON
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def supervisor_of(folder: Path) -> Supervisor:
    return Supervisor(folder, dict(os.environ))


def pids(folder: Path) -> list[int]:
    return [one["pid"] for one in json.loads((folder / "processes.json").read_text())]


class TestSupervisor:
    def test_starts_again_what_died(self, tmp_path: Path) -> None:
        supervisor = supervisor_of(tmp_path)
        supervisor.start("child", FOREVER)
        (first,) = pids(tmp_path)
        try:
            os.kill(first, signal.SIGKILL)
            wait_for(lambda: not supervisor.running("child"))

            again = supervisor.watch()

            assert again == ["child"]
            assert supervisor.running("child")
            assert pids(tmp_path) != [first]
        finally:
            supervisor.stop()

    def test_waits_before_it_starts_what_dies_at_once_again(
        self, tmp_path: Path
    ) -> None:
        supervisor = supervisor_of(tmp_path)
        supervisor.start("child", [sys.executable, "-c", ""])
        try:
            wait_for(lambda: supervisor.watch() == ["child"])
            wait_for(lambda: not supervisor.running("child"))
            soon = supervisor.watch()

            wait_for(lambda: supervisor.watch() == ["child"])
        finally:
            supervisor.stop()
        assert soon == []

    def test_leaves_no_process_behind(self, tmp_path: Path) -> None:
        supervisor = supervisor_of(tmp_path)
        supervisor.start("one", FOREVER)
        supervisor.start("two", FOREVER)
        started = pids(tmp_path)

        supervisor.stop()

        assert [birth(pid) for pid in started] == [None, None]
        assert not (tmp_path / "processes.json").exists()

    def test_ends_what_a_killed_one_left(self, tmp_path: Path) -> None:
        killed = supervisor_of(tmp_path)
        killed.start("child", PARENT)
        (left,) = pids(tmp_path)

        ended = supervisor_of(tmp_path).end_leftovers()

        assert ended == 1
        wait_for(lambda: birth(left) is None)
        assert supervisor_of(tmp_path).end_leftovers() == 0
        killed.stop()

    def test_does_not_touch_a_stranger_with_an_old_number(self, tmp_path: Path) -> None:
        mine = {"pid": os.getpid(), "born": "long ago"}
        (tmp_path / "processes.json").write_text(json.dumps([mine]))

        assert supervisor_of(tmp_path).end_leftovers() == 0
