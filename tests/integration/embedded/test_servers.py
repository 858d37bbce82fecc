"""The embedded servers: shared, killed, adopted, started again."""

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from loyalty import embedded

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def root() -> Iterator[Path]:
    # Outside pytest's own folder, which only its owner may enter.
    folder = Path(tempfile.mkdtemp(prefix="loyalty-embedded-"))
    folder.chmod(0o755)
    yield folder / "var"
    embedded.remove(folder / "var")
    shutil.rmtree(folder)


def ask(servers: embedded.Servers, statement: str) -> object:
    url = servers.database_url.replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
        return row and row[0]


def remember(servers: embedded.Servers, word: str) -> None:
    ask(servers, "CREATE TABLE IF NOT EXISTS notes ()")
    ask(servers, f"COMMENT ON TABLE notes IS '{word}'")
    with Redis.from_url(servers.redis_url) as redis:
        redis.rpush("notes", word)


def remembered(servers: embedded.Servers) -> tuple[object, list[object]]:
    with Redis.from_url(servers.redis_url, decode_responses=True) as redis:
        return (
            ask(servers, "SELECT obj_description('notes'::regclass)"),
            list(redis.lrange("notes", 0, -1)),
        )


def process_of(root: Path, server: str) -> int:
    state = json.loads((root / "servers.json").read_text())
    return int(state[server]["process"]["pid"])


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    while runs(pid):
        time.sleep(0.01)


def runs(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


class TestStart:
    def test_gives_a_database_with_utf8_and_a_queue_that_never_evicts(
        self, root: Path
    ) -> None:
        with embedded.start(root) as servers, Redis.from_url(servers.redis_url) as r:
            assert ask(servers, "SELECT lower('ŁÓDŹ ПРИВЕТ')") == "łódź привет"
            assert ask(servers, "SHOW fsync") == "on"
            assert ask(servers, "SHOW timezone") == "UTC"
            assert r.config_get("maxmemory-policy") == {
                "maxmemory-policy": "noeviction"
            }
            assert r.config_get("appendonly") == {"appendonly": "yes"}

    def test_keeps_data_addresses_and_passwords_for_the_next_time(
        self, root: Path
    ) -> None:
        with embedded.start(root) as servers:
            remember(servers, "first")
            addresses = (servers.database_url, servers.redis_url)

        with embedded.start(root) as servers:
            assert (servers.database_url, servers.redis_url) == addresses
            assert remembered(servers) == ("first", ["first"])

    def test_asks_for_a_password_and_gives_the_service_no_superuser(
        self, root: Path
    ) -> None:
        with embedded.start(root) as servers:
            assert ask(servers, "SELECT current_setting('is_superuser')") == "off"
            wrong = servers.database_url.replace("+psycopg", "").replace("@", "x@")
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(wrong)
            assert (root / "servers.json").stat().st_mode & 0o077 == 0

    def test_starts_only_what_is_wanted(self, root: Path) -> None:
        with embedded.start(root, postgres=False) as servers:
            assert servers.database_url == ""
            assert servers.redis_url.startswith("redis://:")
            assert not (root / "servers" / "postgres").exists()

    def test_moves_to_another_port_when_its_own_is_taken(self, root: Path) -> None:
        with embedded.start(root, valkey=False) as servers:
            before = servers.database_url
        state = root / "servers.json"
        with embedded.start(root.with_name("other"), valkey=False) as other:
            taken = json.loads((root.with_name("other") / "servers.json").read_text())
            text = json.loads(state.read_text())
            text["postgres"]["port"] = taken["postgres"]["port"]
            state.write_text(json.dumps(text))
            with embedded.start(root, valkey=False) as servers:
                assert servers.database_url not in {before, other.database_url}
                assert ask(servers, "SELECT 1") == 1
        embedded.remove(root.with_name("other"))

    def test_refuses_data_whose_password_is_gone(self, root: Path) -> None:
        with embedded.start(root):
            pass
        state = (root / "servers.json").read_text()
        (root / "servers.json").unlink()

        with pytest.raises(embedded.StateLost, match="password is gone"):
            embedded.start(root)

        assert not (root / "servers.json").exists()
        (root / "servers.json").write_text(state)


class TestRecovery:
    @pytest.mark.parametrize("server", ["postgres", "valkey"])
    def test_brings_a_killed_server_back_with_all_it_acknowledged(
        self, root: Path, server: str
    ) -> None:
        with embedded.start(root) as servers:
            remember(servers, "kept")
            address = (servers.database_url, servers.redis_url)
            kill(process_of(root, server))

            assert servers.check() == [server]

            assert (servers.database_url, servers.redis_url) == address
            assert remembered(servers) == ("kept", ["kept"])
            assert servers.check() == []

    def test_is_not_stopped_by_a_pid_file_that_names_another_process(
        self, root: Path
    ) -> None:
        with embedded.start(root, valkey=False) as servers:
            pid = process_of(root, "postgres")
            kill(pid)
            path = root / "servers" / "postgres" / "postmaster.pid"
            with subprocess.Popen(["/bin/sleep", "60"]) as stranger:
                path.write_text(
                    path.read_text().replace(str(pid), str(stranger.pid), 1)
                )
                assert servers.check() == ["postgres"]
                stranger.kill()
            assert ask(servers, "SELECT 1") == 1

    def test_adopts_the_servers_of_a_killed_process(self, root: Path) -> None:
        script = (
            "import os, signal, sys; from pathlib import Path; "
            "from loyalty import embedded; embedded.start(Path(sys.argv[1])); "
            "os.kill(os.getpid(), signal.SIGKILL)"
        )
        killed = subprocess.run(
            [sys.executable, "-c", script, root], cwd=PROJECT, check=False
        )
        assert killed.returncode == -signal.SIGKILL
        pids = [process_of(root, name) for name in ("postgres", "valkey")]
        assert all(map(runs, pids))

        with embedded.start(root) as servers:
            assert [process_of(root, name) for name in ("postgres", "valkey")] == pids
            assert ask(servers, "SELECT 1") == 1

        assert not any(map(runs, pids))

    def test_sets_up_again_after_an_interrupted_set_up(self, root: Path) -> None:
        unfinished = root / "servers" / "postgres.new"
        unfinished.mkdir(parents=True)
        (unfinished / "PG_VERSION").write_text("18\n")

        with embedded.start(root, valkey=False) as servers:
            assert ask(servers, "SELECT 1") == 1


class TestSharing:
    def test_stops_the_servers_with_the_last_user(self, root: Path) -> None:
        first = embedded.start(root)
        second = embedded.start(root)
        pid = process_of(root, "postgres")
        assert second.database_url == first.database_url

        assert not first.stop()
        assert runs(pid)
        assert ask(second, "SELECT 1") == 1

        assert second.stop()
        assert not runs(pid)
        assert not second.stop()

    def test_attaches_only_to_running_servers(self, root: Path) -> None:
        assert embedded.attach(root) is None
        with embedded.start(root) as servers:
            joined = embedded.attach(root)
            assert joined is not None
            assert joined.redis_url == servers.redis_url
            assert not joined.stop()
        assert embedded.attach(root) is None

    def test_keeps_the_servers_of_a_copied_folder_apart(self, root: Path) -> None:
        with embedded.start(root) as servers:
            remember(servers, "original")
        copy = root.with_name("copy")
        subprocess.run(["/bin/cp", "-a", root, copy], check=True)

        with embedded.start(root) as servers, embedded.start(copy) as copied:
            assert copied.database_url != servers.database_url
            remember(copied, "more")
            assert remembered(servers) == ("original", ["original"])
            assert remembered(copied) == ("more", ["original", "more"])
        embedded.remove(copy)

    def test_starts_one_pair_for_processes_that_start_together(
        self, root: Path
    ) -> None:
        script = (
            "import sys; from pathlib import Path; from loyalty import embedded; "
            "s = embedded.start(Path(sys.argv[1])); print(s.database_url, flush=True); "
            "sys.stdin.read(); s.stop()"
        )
        both = [
            subprocess.Popen(
                [sys.executable, "-c", script, root],
                cwd=PROJECT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            for _ in range(2)
        ]
        lines = [process.stdout.readline() for process in both if process.stdout]
        pid = process_of(root, "postgres")
        for process in both:
            process.communicate()

        assert lines[0] == lines[1] != b""
        assert not runs(pid)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
class TestUsers:
    def test_never_runs_a_server_as_root(self, root: Path) -> None:
        with embedded.start(root):
            for name in ("postgres", "valkey"):
                owner = Path(f"/proc/{process_of(root, name)}").stat().st_uid
                assert owner == pwd.getpwnam("nobody").pw_uid

    def test_works_in_a_folder_that_only_root_may_enter(self, root: Path) -> None:
        root.parent.chmod(0o700)
        with embedded.start(root) as servers:
            remember(servers, "kept")
        with embedded.start(root) as servers:
            assert remembered(servers) == ("kept", ["kept"])
            data = str(ask_admin(servers, "SHOW data_directory"))
            assert not data.startswith(str(root))
        embedded.remove(root)
        assert not Path(data).exists()

    def test_works_as_an_ordinary_user(self, root: Path) -> None:
        if not open_to_all(Path(psycopg.__file__).parent):
            pytest.skip("this checkout is private to root")
        # All is imported before the change of user: the interpreter itself may be
        # where only root can read it.
        script = (
            "import os, sys; from pathlib import Path; from loyalty import embedded; "
            "root = Path(sys.argv[1]); "
            "embedded.start(root.with_name('warm')).stop(); "
            "embedded.remove(root.with_name('warm')); "
            "os.setgroups([]); os.setgid(int(sys.argv[3])); "
            "os.setuid(int(sys.argv[2])); "
            "s = embedded.start(root); print(s.check(), s.stop()); "
            "s = embedded.start(root); print(s.check(), s.stop())"
        )
        # initdb asks the system for the user's name, so it must have one.
        user = pwd.getpwnam("daemon")
        os.chown(root.parent, user.pw_uid, user.pw_gid)
        done = subprocess.run(
            [
                *(sys.executable, "-c", script, root),
                *(str(user.pw_uid), str(user.pw_gid)),
            ],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.stdout == "[] True\n[] True\n", done.stderr
        assert (root / "servers.json").stat().st_uid == user.pw_uid


def ask_admin(servers: embedded.Servers, statement: str) -> object:
    url = servers.admin_url.replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        row = connection.execute(statement.encode()).fetchone()
        return row and row[0]


def open_to_all(path: Path) -> bool:
    real = path.resolve()
    return all(place.stat().st_mode & 0o001 for place in (real, *real.parents))
