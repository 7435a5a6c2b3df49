"""``key_command``: run without a shell, in time, and never quoted with what it printed."""

import os
import sys
import time
import traceback
from pathlib import Path

import pytest

from memos_admin.backend.credentials.key_command import run_key_command
from memos_admin.backend.keys import KeyCommandFailed

KEY = "mpg-0123456789abcdef"


def run(code: str, *, seconds: float = 60) -> str:
    return run_key_command([sys.executable, "-c", code], os.environ, seconds=seconds).reveal()


def fails(code: str, told: str, *, seconds: float = 60) -> KeyCommandFailed:
    with pytest.raises(KeyCommandFailed, match=told) as caught:
        run(code, seconds=seconds)
    assert KEY not in "".join(traceback.format_exception(caught.value))
    return caught.value


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\nsecond line\n", "\n" + "x" * 1000])
def test_the_first_line_of_its_output_is_the_key(end: str) -> None:
    assert run(f"import sys; sys.stdout.write({KEY + end!r})") == KEY


def test_arguments_are_passed_as_they_are(tmp_path: Path) -> None:
    script = tmp_path / "my program"
    script.write_text(f"#!/bin/sh\n[ \"$1\" = '$HOME; *' ] && echo {KEY}\n")
    script.chmod(0o700)
    assert run_key_command([str(script), "$HOME; *"], os.environ).reveal() == KEY


def test_it_gets_the_environment_and_no_terminal() -> None:
    code = "import os, sys; assert sys.stdin.read() == ''; print(os.environ['ASKED'])"
    found = run_key_command([sys.executable, "-c", code], {**os.environ, "ASKED": KEY})
    assert found.reveal() == KEY


def test_it_does_not_get_the_keys_of_the_environment() -> None:
    code = "import os; print('mpg-' + '-'.join(name for name in os.environ if 'KEY' in name))"
    plain = {name: value for name, value in os.environ.items() if "KEY" not in name}
    given = plain | {"MEMOS_API_KEY": KEY, "MY_KEY": "x"}
    given |= {"MEMOS_ADMIN_STORE_KEY": "secret", "MEMOS_ADMIN_BACKUP_KEY": "secret"}
    found = run_key_command([sys.executable, "-c", code], given)
    assert found.reveal() == "mpg-MY_KEY"


def test_a_failure_shows_the_last_line_of_its_errors_safely() -> None:
    error = fails(
        f"import sys; print({KEY!r}); "
        f"sys.exit('first\\nno \\x1b[31mstore for {KEY} or mpg-other!')",
        "ended with status 1",
    )
    assert "It said: no ␛[31mstore for" in str(error)
    assert "mpg-other" not in str(error)
    assert "MEMOS_API_KEY" in str(error)


def test_a_key_in_the_errors_alone_is_not_shown() -> None:
    fails(f"import sys; sys.exit('got {KEY} but it is expired')", "expired")


def test_arguments_are_not_shown() -> None:
    with pytest.raises(KeyCommandFailed) as caught:
        run_key_command([sys.executable, "-c", "raise SystemExit(3)", KEY], os.environ)
    assert "status 3" in str(caught.value)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("", "printed no key"),
        ("print()", "printed no key"),
        ("print('two words')", "no key"),
        ("print('k' * 513)", "no key"),
        (r"import sys; sys.stdout.buffer.write(b'\xff\xfe\n')", "no key"),
        ("import os; os.kill(os.getpid(), 15)", "signal 15"),
        ("while True: print('x' * 1000)", "far more than a key"),
    ],
)
def test_what_is_no_key(code: str, told: str) -> None:
    fails(code, told)


def test_errors_without_end_are_not_kept_but_the_key_is_found() -> None:
    assert run(f"import sys; sys.stderr.write('x' * 1_000_000); print({KEY!r})") == KEY


@pytest.mark.parametrize("name", ["/nonexistent/program", "no-such-program-anywhere", "/tmp"])
def test_a_program_that_cannot_be_started(name: str) -> None:
    with pytest.raises(KeyCommandFailed, match=r"could not start.*config\.toml"):
        run_key_command([name], os.environ)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_one_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    sleeper = ["sh", "-c", 'sleep 600 & echo $! > "$1"; wait', "sh", str(note)]
    with pytest.raises(KeyCommandFailed, match=r"took longer than 2 s"):
        run_key_command(sleeper, os.environ, seconds=2)
    while is_running(int(note.read_text())):
        time.sleep(0.01)


def test_what_it_leaves_running_is_not_waited_for(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    starter = ["sh", "-c", f'sleep 600 & echo $! > "$1"; echo {KEY}', "sh", str(note)]
    found = run_key_command(starter, os.environ, seconds=60)
    os.kill(int(note.read_text()), 9)  # it still ran, and held the pipes open
    assert found.reveal() == KEY
