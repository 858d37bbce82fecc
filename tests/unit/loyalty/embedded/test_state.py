"""What is remembered of the servers."""

from dataclasses import replace
from pathlib import Path

import pytest

from loyalty.embedded.processes import Running
from loyalty.embedded.state import StateLost, read, write


class TestRead:
    def test_begins_anew_without_a_file(self, tmp_path: Path) -> None:
        state = read(tmp_path / "servers.json")

        assert state.postgres.port == 0
        assert state.postgres.process is None
        assert len(state.postgres.password) == 32
        assert state.postgres.password != state.postgres.admin_password
        assert list(tmp_path.iterdir()) == []

    def test_gives_back_what_was_written(self, tmp_path: Path) -> None:
        path = tmp_path / "servers.json"
        state = read(path)
        running = Running(pid=7, born="123")
        state = replace(state, valkey=replace(state.valkey, port=4321, process=running))

        write(path, state)

        assert read(path) == state
        assert path.stat().st_mode & 0o777 == 0o600

    def test_forgets_the_processes_of_the_folder_it_was_copied_from(
        self, tmp_path: Path
    ) -> None:
        path, copy = tmp_path / "servers.json", tmp_path / "copy" / "servers.json"
        state = read(path)
        running = Running(pid=7, born="123")
        write(
            path,
            replace(state, postgres=replace(state.postgres, port=1, process=running)),
        )
        copy.parent.mkdir()
        copy.write_bytes(path.read_bytes())

        copied = read(copy)

        assert copied.postgres.process is None
        assert copied.postgres.port == 0
        assert copied.postgres.password == state.postgres.password

    @pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"identity": 1}'])
    def test_refuses_a_damaged_file_and_leaves_it_alone(
        self, tmp_path: Path, text: str
    ) -> None:
        path = tmp_path / "servers.json"
        path.write_text(text)

        with pytest.raises(StateLost, match="damaged"):
            read(path)

        assert path.read_text() == text
