"""``key_command``: a program of the person's choice, mostly a password manager, prints the key.

``store_key_command`` is the same for the passphrase or recovery key of an encrypted store. It runs without a shell, in a session of its own: it cannot read the terminal, which belongs to our
screens, and is ended together with what it started if it takes too long.
"""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from memos_admin.backend.environment import without_secrets
from memos_admin.backend.keys import BadKey, KeyCommandFailed, check_key
from memos_admin.cloud.key import ApiKey
from memos_admin.language import gettext as _
from memos_admin.language import sentences

SECONDS = 30.0
"""How long the program may take: a person may have to touch a token."""

_MOST = 65_536
"""Bytes of output; a program that prints more does not print a key."""

_POLL_SECONDS = 0.05
_SECRET = re.compile(r"mpg-[!-~]+")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Setting(Generic[T]):
    """What a program is to print.

    Attributes:
        name: of the setting that names the program.
        variable: of the environment that could give it instead.
        made: makes it of the first line; raises BadKey.
    """

    name: str
    variable: str
    made: Callable[[str], T]


_API_KEY = _Setting("key_command", "MEMOS_API_KEY", lambda line: check_key(line, "key_command"))
_STORE_KEY = _Setting("store_key_command", "MEMOS_ADMIN_STORE_KEY", lambda line: line.rstrip("\r"))


def run_key_command(
    arguments: Sequence[str], env: Mapping[str, str], *, seconds: float = SECONDS
) -> ApiKey:
    """Return the key that a program prints on the first line of its standard output.

    Raises:
        KeyCommandFailed: it cannot be started, fails, prints no key or takes longer than
            `seconds`; with the last line that it wrote to its standard error.
    """
    outcome = _run(_API_KEY, arguments, env, seconds)
    return _raised(outcome)


def run_store_key_command(
    arguments: Sequence[str], env: Mapping[str, str], *, seconds: float = SECONDS
) -> str:
    """Return the passphrase or recovery key that a program prints; raises as `run_key_command`."""
    outcome = _run(_STORE_KEY, arguments, env, seconds)
    return _raised(outcome)


def _raised(outcome: T | KeyCommandFailed) -> T:
    if isinstance(outcome, KeyCommandFailed):
        # Raised here: the frames that hold what the program printed are not in its traceback.
        raise outcome
    return outcome


def _run(
    setting: _Setting[T], arguments: Sequence[str], env: Mapping[str, str], seconds: float
) -> T | KeyCommandFailed:
    name = Path(arguments[0]).name  # arguments may hold a secret: only this is ever shown
    try:
        process = subprocess.Popen(  # noqa: S603 - the person's own configuration
            arguments,
            env=without_secrets(env),  # keys of other projects, or what it shall print
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else _("not a program's name")
        return KeyCommandFailed(
            _("{setting} could not start {name}: {reason}. Correct it in config.toml.").format(
                setting=setting.name, name=f"{name!r}", reason=reason
            )
        )
    with contextlib.ExitStack() as cleanup:
        cleanup.callback(_end, process)
        problem, output, errors = _collect(process, seconds)
    return _key(setting, name, process.returncode, problem=problem, output=output, errors=errors)


def _collect(process: subprocess.Popen[bytes], seconds: float) -> tuple[str, bytes, bytes]:
    """Return why the program has to be ended (empty: it ended), its output and its errors."""
    deadline = time.monotonic() + seconds
    taken = {process.stdout: bytearray(), process.stderr: bytearray()}
    problem = ""
    with selectors.DefaultSelector() as selector:
        for stream in taken:
            if stream is not None:
                os.set_blocking(stream.fileno(), False)
                selector.register(stream, selectors.EVENT_READ)
        while not problem:
            # What it leaves running (an agent) may hold the pipes open: its own end is enough,
            # looked at before reading, so that what it wrote last is read.
            ended = process.poll() is not None
            ready = selector.select(0 if ended else _POLL_SECONDS)
            for key, _mask in ready:
                part = os.read(key.fd, _MOST)
                if not part:
                    selector.unregister(key.fileobj)
                elif len(buffer := taken[key.fileobj]) <= _MOST:  # type: ignore[index]  # only pipes are registered
                    buffer += part
            if ended and not any(key.fileobj in selector.get_map() for key, _mask in ready):
                break
            if len(taken[process.stdout]) > _MOST:
                problem = _("printed far more than a key")
            elif time.monotonic() >= deadline:
                problem = _("took longer than {seconds} s").format(seconds=f"{seconds:g}")
    return problem, bytes(taken[process.stdout]), bytes(taken[process.stderr])


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program if it still runs, with everything that it started, and close its pipes."""
    if process.poll() is None:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def _key(
    setting: _Setting[T],
    name: str,
    status: int | None,
    *,
    problem: str,
    output: bytes,
    errors: bytes,
) -> T | KeyCommandFailed:
    """Return the key in the output of a program that ended, or what went wrong."""
    first = output.decode("utf-8", "replace").partition("\n")[0]
    if not problem and status:
        problem = (
            _("ended with status {status}").format(status=status)
            if status > 0
            else _("was ended by signal {signal}").format(signal=-status)
        )
    if not problem and not first.strip():
        problem = _("printed no key on its first line")
    if not problem:
        with contextlib.suppress(BadKey):
            return setting.made(first)
        problem = _("printed a first line that is no key")
    said = _safe(errors, output)
    told = _("{setting} ({name}) {problem}.").format(
        setting=setting.name, name=name, problem=problem
    )
    advice = _(
        "Run it in a terminal to see why, and correct it in config.toml, or give the key with: "
        "{variable}=… memos-admin --project NAME"
    ).format(variable=setting.variable)
    quoted = _("It said: {text}").format(text=said) if said else ""
    return KeyCommandFailed(sentences(told, quoted, advice))


def _safe(errors: bytes, output: bytes) -> str:
    """Return the last line of a program's errors, without a key and safe for a terminal."""
    from memos_admin.backend.display import one_line

    text = errors.decode("utf-8", "replace").rstrip()
    for line in output.decode("utf-8", "replace").split():
        if len(line) > 3:
            text = text.replace(line, "…")
    return one_line(_SECRET.sub("mpg-…", text).rpartition("\n")[2], 200)
