"""Programs in processes of their own that need not begin: one that has imported all forks for each.

To begin Python and to import is more work than most programs of tests are. What is different is the
beginning alone; where that is looked at, a program begins anew.
"""

from __future__ import annotations

import gc
import locale
import multiprocessing
import os
import pkgutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from multiprocessing.reduction import DupFd
from multiprocessing.util import get_temp_dir
from pathlib import Path
from typing import Any

import memos_admin
from memos_admin import __main__ as program

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [
        module.name
        for module in pkgutil.walk_packages(memos_admin.__path__, "memos_admin.")
        if not module.name.endswith(".__main__")
    ]
)
get_temp_dir()  # where its socket is: a test's own folder for such files may have too long a path


class _Stream:
    """A file descriptor that a process is given when it is begun."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def __getstate__(self) -> object:
        return DupFd(self.descriptor)

    def __setstate__(self, given: Any) -> None:
        self.descriptor = given.detach()


@contextmanager
def _no_file_of_ours() -> Iterator[None]:
    """Hide what runs here, which would be run there, too, as a module."""
    ours = vars(sys.modules["__main__"])
    file = ours.pop("__file__", None)
    try:
        yield
    finally:
        if file is not None:
            ours["__file__"] = file


class Forked:
    """A process, as `subprocess.Popen` has it: its stdin, stdout and stderr are pipes unless given.

    Args:
        arguments: of the program.
        script: is run instead of ours.
        apart: in a session of its own.
        given: a descriptor for each of stdin, stdout and stderr; None: a pipe.
        cwd: where; here unless given.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        script: str = "",
        apart: bool = False,
        given: tuple[int | None, int | None, int | None] = (None, None, None),
        cwd: Path | None = None,
    ) -> None:
        ours: list[TextIOWrapper | None] = []
        theirs: list[_Stream] = []
        lent: list[int] = []
        for number, descriptor in enumerate(given):
            if descriptor is not None:
                ours.append(None)
                theirs.append(_Stream(descriptor))
                continue
            reads, writes = os.pipe()
            mine, its = (reads, writes) if number else (writes, reads)
            ours.append(os.fdopen(mine, "r" if number else "w", encoding="utf-8"))
            theirs.append(_Stream(its))
            lent.append(its)
        self.stdin, self.stdout, self.stderr = ours
        self._process = _CONTEXT.Process(
            target=_run,
            args=([*arguments], script),
            kwargs={
                "apart": apart,
                "streams": theirs,
                "env": {**os.environ},
                "cwd": cwd or Path.cwd(),
            },
        )
        with _no_file_of_ours():
            self._process.start()
        for descriptor in lent:
            os.close(descriptor)

    @property
    def pid(self) -> int:
        """Its number."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """How it ended; None: it has not."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """Return how it ended; None: it has not."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired("a forked program", timeout or 0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self._process.kill()

    def __enter__(self) -> Forked:
        return self

    def __exit__(self, *_: object) -> None:
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream is not None:
                stream.close()
        self.wait()


def _run(
    arguments: list[str],
    script: str,
    *,
    apart: bool,
    streams: list[_Stream],
    env: dict[str, str],
    cwd: Path,
) -> None:
    """What Python does when it begins, then the program."""
    gc.freeze()  # what is shared is left alone: to look through it would copy it
    if apart:
        os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream.descriptor, number)
        os.close(stream.descriptor)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    time.tzset()
    locale.setlocale(locale.LC_CTYPE, "")
    sys.argv[:] = ["-c" if script else program.__file__, *arguments]
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        text = os.fdopen(
            number,
            "w" if number else "r",
            -1 if number < 2 and not os.isatty(number) else 1,
            encoding="utf-8",
            errors="backslashreplace" if number == 2 else "surrogateescape",  # as in C.UTF-8
            closefd=False,
        )
        setattr(sys, name, text)
        setattr(sys, f"__{name}__", text)
    if script:
        exec(compile(script, "<string>", "exec"), {"__name__": "__main__"})
    else:
        sys.exit(program.main())
