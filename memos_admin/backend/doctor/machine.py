"""What the machine under us is like: Python, terminal, home, disk. Each check says what to do."""

from __future__ import annotations

import locale
import os
import platform
import shutil
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from memos_admin.backend.doctor.checked import Check
from memos_admin.backend.home import Home, HomeError
from memos_admin.backend.screen_state import interface_state_path, screen_state_path
from memos_admin.backend.upkeep import backups
from memos_admin.store import cipher
from memos_admin.store.room import is_full

OLDEST_PYTHON = (3, 11)
SMALLEST_TERMINAL = (80, 24)
_LITTLE_SPACE = 200 * 1024 * 1024
"""Bytes free below which a sync of a large project may fill the disk."""
_TRIED = 64 * 1024
"""Bytes that are tried to be written: what is free says nothing of a quota."""


def machine_checks(home: Home, env: Mapping[str, str]) -> Iterator[Check]:
    """Yield the checks that need no project."""
    yield python()
    yield terminal(env)
    yield encoding()
    yield home_folder(home)
    yield disk(home)


def python() -> Check:
    """Check the version of Python; SQLite's is told with it."""
    import sqlite3

    detail = f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    if sys.version_info[:2] < OLDEST_PYTHON:
        return Check("Python", False, detail, "Install memos-admin with Python 3.11 or newer.")
    return Check("Python", True, detail)


def terminal(env: Mapping[str, str]) -> Check:
    """Check kind, size and colours of the terminal, and what lies between it and us."""
    size = _size()
    if size is None:
        return Check("Terminal", None, "none: output goes to a file or another program")
    kind = env.get("TERM", "")
    between = [
        name for name, sign in (("tmux", "TMUX"), ("ssh", "SSH_CONNECTION")) if env.get(sign)
    ]
    detail = ", ".join([kind or "unknown", f"{size[0]}×{size[1]}", _colours(env), *between])
    if kind in {"", "dumb", "unknown"}:
        return Check(
            "Terminal", False, detail, "Set TERM to what the terminal is, such as xterm-256color."
        )
    if size[0] < SMALLEST_TERMINAL[0] or size[1] < SMALLEST_TERMINAL[1]:
        return Check("Terminal", False, detail, "Make the window at least 80 columns by 24 lines.")
    if "tmux" in between and kind.startswith("xterm"):
        return Check(
            "Terminal",
            True,
            detail,
            "Inside tmux, TERM is better tmux-256color (default-terminal).",
        )
    return Check("Terminal", True, detail)


def _size() -> tuple[int, int] | None:
    """Return columns and lines of the terminal that any of our streams is; None for none."""
    for descriptor in (1, 2, 0):
        try:
            columns, lines = os.get_terminal_size(descriptor)
        except OSError:
            continue
        return columns, lines
    return None


def _colours(env: Mapping[str, str]) -> str:
    """Return how many colours the terminal says it has."""
    if env.get("NO_COLOR"):
        return "no colours, as NO_COLOR asks"
    if env.get("COLORTERM", "").lower() in {"truecolor", "24bit"}:
        return "16 million colours"
    return "256 colours" if "256color" in env.get("TERM", "") else "16 colours"


def encoding() -> Check:
    """Check that texts of every script can be printed."""
    name = (getattr(sys.stdout, "encoding", None) or locale.getpreferredencoding(False)).lower()
    if name.replace("-", "").replace("_", "") == "utf8":
        return Check("Encoding", True, "UTF-8")
    return Check(
        "Encoding",
        False,
        f"{name}: Chinese and other texts cannot be shown",
        "Set LANG to a UTF-8 locale, such as C.UTF-8, or PYTHONUTF8 to 1.",
    )


def _cannot_be_made(path: Path) -> str:
    """Return why a folder cannot be made, ``""`` where it can: tried, since rights do not tell all."""
    first = path
    while not first.parent.exists() and first.parent != first:
        first = first.parent
    try:
        first.mkdir(mode=0o700)
        first.rmdir()
    except FileExistsError:
        return ""  # by somebody else, in this moment
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _home_to_be(home: Home) -> Check:
    if problem := _cannot_be_made(home.path):
        detail = f"{home.path} does not exist and cannot be made: {problem}"
        return Check("Home", False, detail, "Set MEMOS_ADMIN_HOME to a folder of your own.")
    return Check("Home", None, f"{home.path} does not exist yet", "It is made when needed.")


def home_folder(home: Home) -> Check:
    """Check that our folder and files are ours and private; the folder is made so where it can be."""
    if not home.path.exists() and not home.path.is_symlink():
        return _home_to_be(home)
    try:
        before = stat.S_IMODE(home.path.stat().st_mode)
        home.create()
    except OSError as error:
        return Check("Home", False, f"{home.path}: {error.strerror}", "Remove it or restore it.")
    except HomeError as error:
        return Check("Home", False, str(home.path), str(error))
    open_file = next((path for path in _files(home) if _mode(path) & 0o077), None)
    if open_file is not None:
        detail = f"{open_file} is open to others (mode {_mode(open_file):04o})"
        return Check("Home", False, detail, f"Run: chmod -R go= {home.path}")
    if before & 0o077:
        return Check("Home", True, f"{home.path} was open to others (mode {before:04o}); no longer")
    return Check("Home", True, str(home.path))


def _files(home: Home) -> Iterator[Path]:
    """Yield what holds data of ours: configuration, journal, states, folders and stores."""
    yield home.config_path
    yield home.journal_path
    yield interface_state_path(home)
    yield home.projects_dir
    if home.projects_dir.is_dir():
        for folder in home.projects_dir.iterdir():
            yield folder
            yield folder / "store.db"
            yield folder / "search.db"
            yield folder / backups.FILE_NAME
            yield folder / cipher.FILE_NAME
            yield screen_state_path(folder)


def _mode(path: Path) -> int:
    """Return the permissions of a file; 0 where there is none."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0


def disk(home: Home) -> Check:
    """Check that there is room, and that it can be written."""
    place = next(path for path in (home.path, *home.path.parents) if path.is_dir())
    try:
        free = shutil.disk_usage(place).free
    except OSError as error:
        return Check("Disk", None, f"{place}: {error.strerror}")
    detail = f"{_bytes(free)} free at {place}"
    if not os.access(place, os.W_OK):
        return Check(
            "Disk", False, f"{detail}, not writable", "Set MEMOS_ADMIN_HOME to a folder of yours."
        )
    if free >= _LITTLE_SPACE and is_full(place, _TRIED):
        return Check(
            "Disk",
            False,
            f"{detail}, but no more of it may be written: a quota is used up",
            "Free some of what is yours there, or set MEMOS_ADMIN_HOME elsewhere.",
        )
    if free < _LITTLE_SPACE:
        return Check("Disk", False, detail, "Free some space, or set MEMOS_ADMIN_HOME elsewhere.")
    return Check("Disk", True, detail)


def _bytes(count: float) -> str:
    """Return a number of bytes for a person."""
    for unit in ("bytes", "KB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
