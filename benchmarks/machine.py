"""What the figures were taken on."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGES = ("memos-admin", "textual", "httpx", "sqlalchemy", "sqlmodel", "pydantic")


def description() -> Iterator[str]:
    """Yield lines that say which machine and versions these are, and how busy it is."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    yield f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.platform()}"
    yield f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    yield ", ".join(f"{name} {_version(name)}" for name in _PACKAGES)
    yield "load at the start: " + " ".join(f"{load:.2f}" for load in os.getloadavg())


def is_busy() -> bool:
    """Return whether others use the machine, so that figures mean little."""
    return os.getloadavg()[0] > 0.5


def largest_memory(pid: int) -> float:
    """Return the most that a process has held in memory so far, in MiB; 0 where nobody says."""
    file = Path(f"/proc/{pid}/status")
    for line in file.read_text().splitlines() if file.exists() else ():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(none)"


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    for line in file.read_text().splitlines() if file.exists() else ():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
