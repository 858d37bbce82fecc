"""
Letters for a printer: each is spooled under its key, and a batch is a folder.

``spool/`` takes letters, a file each. When a batch is closed the spool is moved away in
one step, to a folder whose name ends in ``.part``; its PDF and its manifest are written
there; then the folder loses the ending. What was killed in between is taken up by the
next who closes a batch. ``keys/`` remembers what was ever taken, so that a letter that
is handed over twice is printed once.
"""

import fcntl
import json
import logging
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Final

from jobs.channels.base import (
    Answer,
    Channel,
    PermanentFailure,
    Receipt,
    Sender,
    TemporaryFailure,
)
from jobs.channels.letter.printing import SpooledLetter, write_batch
from loyalty.core.clock import utc_now
from loyalty.delivery.values import OutgoingMessage

LONGEST: Final = 12_000
LEAST_LINES: Final = 2
MOST_LINES: Final = 6
_LONGEST_LINE: Final = 60
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u2028\u2029]")

_log = logging.getLogger(__name__)


class LetterChannel(Channel):
    """Batches of letters in a folder, from which somebody prints."""

    provider: ClassVar[str] = "letter"

    def __init__(self, folder: Path, sender: str, *, cost: int) -> None:
        self._folder = folder
        self._sender = sender
        self._cost = cost

    @contextmanager
    def open(self) -> Iterator[Sender]:
        """Take letters, and make a batch of them in the end."""
        try:
            for name in ("spool", "keys"):
                (self._folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as problem:
            raise TemporaryFailure(_trouble(problem)) from problem
        yield _LetterSender(self._folder, self._cost)
        try:
            self._close_batch()
        except OSError:
            # Nothing is lost: the next batch takes these letters along.
            _log.exception("A batch of letters could not be written")

    def ask(self, handover_key: str) -> Answer | None:
        """Look whether the letter was taken."""
        if _KEY.fullmatch(handover_key) and _is_known(self._folder, handover_key):
            return Answer(accepted=True, receipt=Receipt(cost=self._cost))
        return Answer(accepted=False)

    def _close_batch(self) -> None:
        with _locked(self._folder / "lock"):
            spool = self._folder / "spool"
            if any(spool.glob("*.json")):
                name = f"{utc_now():%Y-%m-%dT%H%M%S}-{secrets.token_hex(3)}.part"
                spool.rename(self._folder / name)
                spool.mkdir(mode=0o700)
            for part in sorted(self._folder.glob("*.part")):
                letters = [_read(path) for path in sorted(part.glob("*.json"))]
                for letter in letters:
                    (self._folder / "keys" / letter.key).touch()
                write_batch(part, letters, sender=self._sender)
                for path in part.glob("*.json*"):
                    path.unlink()
                part.rename(part.with_suffix(""))


class _LetterSender(Sender):
    def __init__(self, folder: Path, cost: int) -> None:
        self._folder = folder
        self._cost = cost

    def send(self, message: OutgoingMessage) -> Receipt:
        """Spool one letter, durably; one that was taken before is not taken again."""
        letter = _letter(message)
        receipt = Receipt(cost=self._cost)
        try:
            with _locked(self._folder / "lock"):
                if not _is_known(self._folder, letter.key):
                    _write(self._folder / "spool" / f"{letter.key}.json", letter)
        except OSError as problem:
            raise TemporaryFailure(_trouble(problem)) from problem
        return receipt


def _letter(message: OutgoingMessage) -> SpooledLetter:
    lines = tuple((message.address or "").split("\n"))
    bad = [line for line in lines if not line.strip() or len(line) > _LONGEST_LINE]
    if bad or not LEAST_LINES <= len(lines) <= MOST_LINES:
        answer = f"no postal address of {LEAST_LINES} to {MOST_LINES} lines"
        raise PermanentFailure(answer, bad_address=bool(message.address))
    if any(_CONTROL.search(text) for text in (*lines, message.subject, message.text)):
        answer = "a control character in the letter"
        raise PermanentFailure(answer)
    if "\n" in message.subject or not _KEY.fullmatch(message.handover_key):
        answer = "a line break in the subject or an odd key"
        raise PermanentFailure(answer)
    if len(message.text) > LONGEST:
        answer = f"a letter of {len(message.text)} letters: at most {LONGEST} fit"
        raise PermanentFailure(answer)
    return SpooledLetter(
        key=message.handover_key,
        address=lines,
        language=message.language,
        subject=message.subject,
        text=message.text,
        url=message.url,
        day=f"{utc_now():%Y-%m-%d}",
    )


def _is_known(folder: Path, key: str) -> bool:
    parts = folder.glob(f"*.part/{key}.json")
    spooled = (folder / "spool" / f"{key}.json").exists()
    return spooled or (folder / "keys" / key).exists() or any(parts)


def _write(path: Path, letter: SpooledLetter) -> None:
    draft = path.with_suffix(".json-draft")
    with draft.open("w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        json.dump(letter.as_document(), file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(path: Path) -> SpooledLetter:
    return SpooledLetter.from_document(json.loads(path.read_text(encoding="utf-8")))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _trouble(problem: OSError) -> str:
    return f"the letters' folder can't be written: {problem.strerror}"
