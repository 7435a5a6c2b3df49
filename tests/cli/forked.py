"""The program in processes of its own that need not begin: one that has imported it forks for each.

To begin Python and to import is more work than most commands are. What is different is the beginning
alone; where that is looked at, the program begins anew (`tests.cli.conftest.terminal`).
"""

from __future__ import annotations

import gc
import locale
import multiprocessing
import os
import pkgutil
import sys
import time
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from multiprocessing.reduction import DupFd
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


class _Stream:
    """A file descriptor that a process is given when it is begun."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def __getstate__(self) -> object:
        return DupFd(self.descriptor)

    def __setstate__(self, given: Any) -> None:
        self.descriptor = given.detach()


def begin(
    arguments: Sequence[str],
    *,
    stdin: int,
    stdout: int,
    stderr: int,
    env: Mapping[str, str],
    cwd: Path,
) -> ForkServerProcess:
    """Run the program in a session of its own, its stdio wherever it is wanted; return at once."""
    streams = [_Stream(stdin), _Stream(stdout), _Stream(stderr)]
    running = _CONTEXT.Process(target=_run, args=([*arguments], streams, {**env}, cwd))
    running.start()
    return running


def _run(arguments: list[str], streams: list[_Stream], env: dict[str, str], cwd: Path) -> None:
    """What Python does when it begins, then the program."""
    gc.freeze()  # what is shared is left alone: to look through it would copy it
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream.descriptor, number)
        os.close(stream.descriptor)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    time.tzset()
    locale.setlocale(locale.LC_CTYPE, "")
    sys.argv[:] = [program.__file__, *arguments]
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
    sys.exit(program.main())
