"""
Which user of the operating system the servers run as, and where it may go.

PostgreSQL refuses to run as root. Started by root, the servers run as ``nobody``
(or as whoever already owns their data), and that user must be able to reach both
the programs and the data: below a private home such as ``/root`` it cannot.
"""

import hashlib
import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from loyalty.embedded.binaries import Program

OUTSIDE = Path("/var/lib/loyalty")
"""Where root's servers live when their own user cannot reach our folder."""


class Arguments(TypedDict, total=False):
    """The part of ``subprocess.Popen``'s arguments that an account decides."""

    env: dict[str, str]
    umask: int
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """A user of the operating system; no number means: whoever we are."""

    user: int | None = None
    group: int | None = None

    @property
    def arguments(self) -> Arguments:
        """How to start a process as this user, with nothing of our environment."""
        environ = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        if self.user is None or self.group is None:
            return {"env": environ, "umask": 0o077}
        return {
            "env": environ,
            "umask": 0o077,
            "user": self.user,
            "group": self.group,
            "extra_groups": [],
        }

    def own(self, path: Path) -> None:
        """Hand a file or folder over to this user."""
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group)

    def can_reach(self, path: Path) -> bool:
        """Whether this user may enter every folder above a path."""
        if self.user is None:
            return True
        parents = [folder.stat() for folder in path.resolve().parents]
        return all(
            folder.st_mode & 0o001
            or (folder.st_uid == self.user and folder.st_mode & 0o100)
            for folder in parents
        )


def account_for(data: Path) -> Account:
    """Choose the user for servers whose data is, or will be, in a folder."""
    if os.geteuid() != 0:
        return Account()
    if data.exists() and data.stat().st_uid != 0:
        owner = data.stat()
        return Account(user=owner.st_uid, group=owner.st_gid)
    nobody = pwd.getpwnam("nobody")
    return Account(user=nobody.pw_uid, group=nobody.pw_gid)


def data_folder(root: Path, identity: str) -> Path:
    """
    Return where the servers of a root keep their data, within reach of them.

    :param identity: the root's own random name, so that a folder outside of it is
        never taken for that of another root that once stood in the same place
    """
    folder = root / "servers"
    if account_for(folder).can_reach(folder):
        return folder
    words = f"{root.resolve()} {identity}".encode()
    return OUTSIDE / hashlib.sha256(words).hexdigest()[:16]


def reachable(program: Program, account: Account) -> Path:
    """Return a program that the account can run: this one, or a copy elsewhere."""
    if account.can_reach(program.path) or not program.parts:
        return program.path
    stamp = program.path.stat()
    copy = OUTSIDE / f"{program.parts[0]}-{stamp.st_size:x}-{stamp.st_mtime_ns:x}"
    if not copy.exists():
        unfinished = copy.with_suffix(f".{os.getpid()}")
        for part in program.parts:
            if (program.base / part).exists():
                shutil.copytree(program.base / part, unfinished / part, symlinks=True)
        for path in (OUTSIDE, unfinished, *unfinished.rglob("*")):
            if not path.is_symlink():
                _make_public(path)
        unfinished.replace(copy)
    return program.moved(copy).path


def _make_public(path: Path) -> None:
    """Let every user read a file, or enter a folder, whatever our umask was."""
    mode = path.stat().st_mode
    enter = 0o111 if path.is_dir() or mode & 0o100 else 0
    path.chmod(mode | 0o444 | enter)
