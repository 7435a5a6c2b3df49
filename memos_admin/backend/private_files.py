"""Files and folders that only their owner can read: created, checked, locked, replaced.

Folders have mode 0700, files 0600, whatever the umask says. What is found too open is tightened
where it is safely ours, for others alone: what its owner made read-only stays that. What cannot be
trusted (another owner, a stranger's link) is refused with what to do. Every function raises `HomeError` for problems that a person can solve.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shlex
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from memos_admin.language import gettext as _
from memos_admin.language import sentences

FOLDER_MODE = 0o700
FILE_MODE = 0o600
_OTHERS = 0o077
_OTHERS_WRITE = 0o022
LOCK_SECONDS = 10.0
"""How long to wait for another process that edits the same file; an edit takes milliseconds."""


class HomeError(Exception):
    """A file or folder of ours cannot be used; the text names it and says what to do."""


def _owner(uid: int) -> str:
    """Return a name for a user id."""
    import pwd

    try:
        return f"{pwd.getpwuid(uid).pw_name} (uid {uid})"
    except KeyError:
        return f"uid {uid}"


def _refuse_strangers_link(path: Path) -> None:
    """Refuse a symbolic link that neither we nor root made; ours is followed.

    In a folder that others can write (``/tmp``) such a link would lead us wherever they like.
    """
    info = path.lstat()
    if stat.S_ISLNK(info.st_mode) and info.st_uid not in (os.geteuid(), 0):
        raise HomeError(
            _(
                "{path} is a symbolic link made by {owner}. Remove it, or set "
                "MEMOS_ADMIN_HOME to a folder of your own."
            ).format(path=path, owner=_owner(info.st_uid))
        )


def refuse_unwritten(path: Path, advice: str) -> None:
    """Refuse a path that is not UTF-8, links followed: SQLite, the journal and JSON could not name it.

    Args:
        path: of a file or folder; it need not exist.
        advice: what to do, a sentence.

    Raises:
        HomeError: it is not; nothing was done.
    """
    try:
        f"{path.absolute()}{os.path.realpath(path)}".encode()
    except UnicodeEncodeError:
        shown = os.fsencode(path.absolute()).decode("utf-8", "backslashreplace")
        told = _("{path}: its name, or that of a folder that it is in, is not UTF-8.")
        raise HomeError(sentences(told.format(path=shown), advice)) from None


def make_private_folder(path: Path, *, contents: frozenset[str] | None = None) -> None:
    """Make sure that `path` is a folder that belongs to us and is closed to others.

    One that is made has mode 0700; one that is there keeps what its owner may, so that it need not be
    writable. Two processes may do this at the same time. Missing parents are created as well.

    Args:
        path: the folder.
        contents: names that may be in it. A folder that others can read *and* that holds anything
            else is refused, not tightened: ``MEMOS_ADMIN_HOME=/tmp`` must not lock up ``/tmp``.

    Raises:
        HomeError: it cannot be made or opened, is a stranger's, or has something else in it.
    """
    try:
        _make_with_parents(path.parent)
        with contextlib.suppress(FileExistsError):
            _make_with_parents(path)
        _refuse_strangers_link(path)
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except NotADirectoryError:
        raise HomeError(
            _("{path} is not a folder. Move it away, or choose another place.").format(path=path)
        ) from None
    except OSError as error:
        raise HomeError(
            _(
                "{path} cannot be created or opened: {problem}. Set MEMOS_ADMIN_HOME to a "
                "folder that you can write."
            ).format(path=path, problem=error.strerror)
        ) from None
    try:
        _tighten_folder(path, descriptor, contents)
    finally:
        os.close(descriptor)


def _make_with_parents(folder: Path) -> None:
    """Make a folder and those above it where they are missing, each 0700.

    `Path.mkdir` gives those above it whatever the umask leaves of 0777. Raises FileExistsError where one of
    them is something else, and OSError.
    """
    if folder.is_dir():
        return
    _make_with_parents(folder.parent)
    try:
        folder.mkdir(mode=FOLDER_MODE)
        folder.chmod(FOLDER_MODE)
    except FileExistsError:
        if not folder.is_dir():
            raise


def _tighten_folder(path: Path, descriptor: int, contents: frozenset[str] | None) -> None:
    """Close an open folder to others, or say why that is not ours to do."""
    info = os.fstat(descriptor)
    if info.st_uid != os.geteuid():
        raise HomeError(
            _(
                "{path} belongs to {owner}, not to {user}. Run memos-admin as its owner, or "
                "set MEMOS_ADMIN_HOME to a folder of your own."
            ).format(path=path, owner=_owner(info.st_uid), user=_owner(os.geteuid()))
        )
    mode = stat.S_IMODE(info.st_mode)
    if mode & _OTHERS == 0:
        return
    if contents is not None:
        foreign = sorted(set(os.listdir(descriptor)) - contents)
        if foreign:
            raise HomeError(
                _(
                    "{path} is open to others (mode {mode}) and holds files that are not "
                    "memos-admin's, such as {name}. Set MEMOS_ADMIN_HOME to a folder of its own; "
                    "if this one is meant, run: chmod 700 {path}"
                ).format(path=path, mode=f"{mode:04o}", name=f"{foreign[0]!r}")
            )
    with contextlib.suppress(OSError):
        os.fchmod(descriptor, mode & FOLDER_MODE)
    if stat.S_IMODE(os.fstat(descriptor).st_mode) & _OTHERS:
        raise HomeError(
            _(
                "{path} is open to others and its file system keeps no permissions. Set "
                "MEMOS_ADMIN_HOME to a folder on a disk that does."
            ).format(path=path)
        )


def open_private(path: Path, flags: int) -> int:
    """Open a file of ours and return its descriptor; one that is created gets mode 0600.

    A symbolic link, another owner or a file that others can write is refused; a file that others
    can only read is tightened. Raises FileNotFoundError where there is none and `flags` do not
    create it.
    """
    try:
        descriptor = os.open(
            path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, mode=FILE_MODE
        )
    except FileNotFoundError:
        raise
    except OSError as error:
        if path.is_symlink():
            raise HomeError(
                _(
                    "{path} is a symbolic link, which the next change would replace by a file. "
                    "Put the file itself there, or set MEMOS_ADMIN_HOME to the folder that holds "
                    "it."
                ).format(path=path)
            ) from None
        told = (
            _("{path} cannot be opened: {problem}. Check its permissions.")
            if path.exists()
            else _("{path} cannot be created: {problem}. Check the permissions of its folder.")
        )
        raise HomeError(told.format(path=path, problem=error.strerror)) from None
    try:
        _check_file(path, descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _check_file(path: Path, descriptor: int) -> None:
    """Refuse an open file that cannot be trusted; tighten one that is merely readable."""
    info = os.fstat(descriptor)
    if not stat.S_ISREG(info.st_mode):
        raise HomeError(_("{path} is not a regular file. Move it away.").format(path=path))
    if info.st_uid != os.geteuid():
        raise HomeError(
            _(
                "{path} belongs to {owner}, not to {user}. Run memos-admin as its owner, or "
                "set MEMOS_ADMIN_HOME to a folder of your own."
            ).format(path=path, owner=_owner(info.st_uid), user=_owner(os.geteuid()))
        )
    mode = stat.S_IMODE(info.st_mode)
    if mode & _OTHERS_WRITE:
        raise HomeError(
            _(
                "{path} can be changed by others (mode {mode}). Look whether it is as you "
                "left it, then run: chmod 600 {path}"
            ).format(path=path, mode=f"{mode:04o}")
        )
    if mode & _OTHERS:
        with contextlib.suppress(OSError):
            os.fchmod(descriptor, mode & FILE_MODE)


def read_private(path: Path, limit: int) -> bytes:
    """Return the content of a file of ours. Raises FileNotFoundError, HomeError over `limit`."""
    with open(open_private(path, os.O_RDONLY), "rb") as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise HomeError(
            _("{path} is larger than {count} bytes; that cannot be right. Check it.").format(
                path=path, count=limit
            )
        )
    return content


def replace_private(path: Path, content: bytes) -> None:
    """Replace a file by `content` atomically, with mode 0600: readers see the old or the new.

    What was left half-way by programs that were killed is deleted.

    Raises:
        HomeError: it could not be written; the file is as it was.
    """
    from memos_admin.store.backup import abandoned

    if path.exists() and not os.access(path, os.W_OK):  # a rename would not mind
        told = _(
            "{path} may only be read. Nothing was changed. To let it be changed, run: {command}"
        )
        raise HomeError(told.format(path=path, command=f"chmod u+w {shlex.quote(str(path))}"))
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{time.monotonic_ns()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(temporary, flags, mode=FILE_MODE)
        with open(descriptor, "wb") as file:  # noqa: PTH123 - of a descriptor
            os.fchmod(descriptor, FILE_MODE)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        temporary.replace(path)
        for left in abandoned(path.parent.glob(f".{path.name}.*"), or_ours=False):
            left.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except OSError as error:
        raise HomeError(
            _(
                "{path} cannot be written: {problem}. Nothing was changed. Check free disk space and "
                "the permissions of its folder."
            ).format(path=path, problem=error.strerror)
        ) from None
    finally:
        temporary.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut, where the file system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def locked(path: Path, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """Hold the advisory lock `path` (a file of its own, since the file it guards is replaced).

    Holds against other processes and against other threads of this one.

    Raises:
        HomeError: it cannot be opened, or somebody has had it for so many seconds.
    """
    descriptor = open_private(path, os.O_RDWR | os.O_CREAT)
    try:
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise HomeError(
                        _(
                            "Another memos-admin has been changing {path} for {seconds} s. Let it finish "
                            "or end it, then try again."
                        ).format(path=path.parent, seconds=f"{seconds:.0f}")
                    ) from None
                time.sleep(0.01)
        yield
    finally:
        os.close(descriptor)
