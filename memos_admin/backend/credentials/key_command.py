"""``key_command``: a program of the person's choice, mostly a password manager, prints the key.

It runs without a shell, in a session of its own: it cannot read the terminal, which belongs to our
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
from collections.abc import Mapping, Sequence
from pathlib import Path

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


def run_key_command(
    arguments: Sequence[str], env: Mapping[str, str], *, seconds: float = SECONDS
) -> ApiKey:
    """Return the key that a program prints on the first line of its standard output.

    Raises:
        KeyCommandFailed: it cannot be started, fails, prints no key or takes longer than
            `seconds`; with the last line that it wrote to its standard error.
    """
    outcome = _run(arguments, env, seconds)
    if isinstance(outcome, KeyCommandFailed):
        # Raised here: the frames that hold what the program printed are not in its traceback.
        raise outcome
    return outcome


def _run(
    arguments: Sequence[str], env: Mapping[str, str], seconds: float
) -> ApiKey | KeyCommandFailed:
    name = Path(arguments[0]).name  # arguments may hold a secret: only this is ever shown
    try:
        process = subprocess.Popen(  # noqa: S603  (the person's own configuration)
            arguments,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else _("not a program's name")
        return KeyCommandFailed(
            _("key_command could not start {name}: {reason}. Correct it in config.toml.").format(
                name=f"{name!r}", reason=reason
            )
        )
    with contextlib.ExitStack() as cleanup:
        cleanup.callback(_end, process)
        problem, output, errors = _collect(process, seconds)
    return _key(name, process.returncode, problem, output, errors)


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
    name: str, status: int | None, problem: str, output: bytes, errors: bytes
) -> ApiKey | KeyCommandFailed:
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
            return check_key(first, "key_command")
        problem = _("printed a first line that is no key")
    said = _safe(errors, output)
    told = _("key_command ({name}) {problem}.").format(name=name, problem=problem)
    advice = _(
        "Run it in a terminal to see why, and correct it in config.toml, or give the key with: "
        "MEMOS_API_KEY=… memos-admin --project NAME"
    )
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
