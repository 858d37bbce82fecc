"""Which versions there are, which one is current, and the way back."""

import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from recommender.evaluation import Report
from recommender.registry.contents import (
    FORMAT,
    Stored,
    canonical,
    make_manifest,
    pack,
    unpack,
)
from recommender.registry.errors import (
    DamagedModel,
    ForeignModel,
    ModelNotFound,
    NothingToRollBackTo,
)
from recommender.training import Trained

MANIFEST = "manifest.json"
CURRENT = "current.json"
LOCK = ".lock"
_LEFT_SECONDS = 24 * 3600
_VERSION = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Registry:
    """The folder that holds all versions; made when the first is saved."""

    root: Path

    def save(
        self, trained: Trained, *, now: datetime, report: Report | None = None
    ) -> Stored:
        """
        Store a model; it does not become current by it.

        :param now: when it was trained, aware
        :param report: its evaluation, kept as the manifest's ``metrics``
        """
        files = pack(trained)
        manifest = make_manifest(trained, files, now=now, report=report)
        text = canonical(manifest)
        digest = hashlib.sha256(text).hexdigest()[:12]
        version = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{digest}"
        self.root.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".saving-", dir=self.root))
        try:
            folder.chmod(0o755)
            for name, data in {**files, MANIFEST: text}.items():
                _write(folder / name, data)
            if not (self.root / version).exists():
                folder.rename(self.root / version)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return Stored(version=version, manifest=manifest)

    def load(self, version: str | None = None) -> Trained:
        """
        Return a version, or the current one.

        :raises ModelNotFound: if there is none
        :raises ForeignModel: if the folder is none of ours
        :raises DamagedModel: if a hash does not agree
        """
        stored = self.read(version if version is not None else self.current())
        return unpack(self._files(stored), stored)

    def _files(self, stored: Stored) -> dict[str, bytes]:
        """Return the files of a version, each of them as it was stored."""
        folder, hashes = self.root / stored.version, stored.manifest["files"]
        strange = {path.name for path in folder.iterdir()} - {MANIFEST, *hashes}
        if strange:
            text = f"{stored.version}: {min(strange)} was not stored with it."
            raise DamagedModel(text)
        files: dict[str, bytes] = {}
        for name, expected in hashes.items():
            try:
                files[name] = (folder / name).read_bytes()
            except FileNotFoundError:
                text = f"{stored.version}: {name} is missing."
                raise DamagedModel(text) from None
            if hashlib.sha256(files[name]).hexdigest() != expected:
                text = f"{stored.version}: {name} is not what was stored."
                raise DamagedModel(text)
        return files

    def read(self, version: str) -> Stored:
        """Return a version's manifest; raises as :meth:`load`."""
        folder = self.root / version
        if not _VERSION.fullmatch(version) or not folder.is_dir():
            text = f"No model {version!r} in {self.root}."
            raise ModelNotFound(text)
        try:
            text_found = (folder / MANIFEST).read_bytes()
            manifest = json.loads(text_found)
        except (FileNotFoundError, ValueError):
            text = f"{version}: {MANIFEST} is missing or not JSON."
            raise ForeignModel(text) from None
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            text = f"{version}: the format is not {FORMAT}."
            raise ForeignModel(text)
        if hashlib.sha256(text_found).hexdigest()[:12] != version[-12:]:
            text = f"{version}: {MANIFEST} is not what was stored."
            raise DamagedModel(text)
        return Stored(version=version, manifest=manifest)

    def versions(self) -> tuple[str, ...]:
        """Return all versions, the oldest first."""
        if not self.root.is_dir():
            return ()
        names = (entry.name for entry in self.root.iterdir() if entry.is_dir())
        return tuple(sorted(name for name in names if _VERSION.fullmatch(name)))

    def current(self) -> str:
        """
        Return the current version.

        :raises ModelNotFound: if none was promoted
        """
        promoted = self._promoted()
        if not promoted:
            text = f"No model in {self.root} is current."
            raise ModelNotFound(text)
        return promoted[-1]

    def promote(self, version: str) -> None:
        """Make a version current, once it loads; raises as :meth:`load`."""
        self.load(version)
        with self._alone():
            try:
                promoted = self._promoted()
            except DamagedModel:
                promoted = []
            if promoted[-1:] != [version]:
                self._write_promoted([*promoted, version])

    def roll_back(self) -> str:
        """
        Make the version current that was so before, and return it.

        One that cannot be loaded any more is passed over.

        :raises NothingToRollBackTo: if there was none
        """
        with self._alone():
            earlier = self._promoted()[:-1]
            while earlier and not self._loads(earlier[-1]):
                earlier.pop()
            if not earlier:
                text = f"No earlier model in {self.root} can be gone back to."
                raise NothingToRollBackTo(text)
            self._write_promoted(earlier)
            return earlier[-1]

    def promoted(self) -> tuple[str, ...]:
        """
        Return what was promoted and not rolled back, the current one last.

        :raises DamagedModel: if the list cannot be read
        """
        return tuple(self._promoted())

    def prune(self, *, keep: int, now: datetime) -> tuple[str, ...]:
        """
        Remove old versions, and what killed processes left; return the versions.

        Kept are the current one and those that were current before it, the last
        ``keep`` of them, and the last ``keep`` that were trained at all.

        :raises DamagedModel: if it cannot be read which ones were current
        """
        with self._alone():
            chain = self._promoted()[-keep:]
            known = self.versions()
            kept = {*chain, *known[-keep:]}
            gone = tuple(version for version in known if version not in kept)
            if chain and gone:
                self._write_promoted(chain)
            for version in gone:
                shutil.rmtree(self.root / version)
        for left in self.root.glob(".saving-*"):
            if now.timestamp() - left.stat().st_mtime > _LEFT_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
        return gone

    def _loads(self, version: str) -> bool:
        try:
            self.load(version)
        except (DamagedModel, ForeignModel, ModelNotFound):
            return False
        return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Wait until no other process changes which versions are current."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / LOCK).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _promoted(self) -> list[str]:
        """Return what was promoted and not rolled back, the latest last."""
        try:
            found = json.loads((self.root / CURRENT).read_bytes())
        except FileNotFoundError:
            return []
        except ValueError:
            found = None
        if not isinstance(found, list) or not all(isinstance(v, str) for v in found):
            text = f"{self.root / CURRENT} is damaged; promote a version again."
            raise DamagedModel(text)
        return found

    def _write_promoted(self, versions: list[str]) -> None:
        """Replace the list at once, so that a reader sees the old or the new one."""
        handle, name = tempfile.mkstemp(prefix=".current-", dir=self.root)
        os.close(handle)
        path = Path(name)
        path.chmod(0o644)
        _write(path, canonical(versions))
        path.replace(self.root / CURRENT)


def _write(path: Path, data: bytes) -> None:
    """Write a file and wait until it is on the disk."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
