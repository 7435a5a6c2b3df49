"""What the program starts, and what it is given: not the keys of the environment."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from memos_admin.backend.environment import SECRETS
from tests.forked import Forked

PROGRAM = """
import sys
sys.addaudithook(
    lambda event, given: event in {"subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"}
    and print("started", given[:2], file=sys.stderr)
)
from memos_admin.__main__ import main
sys.exit(main())
"""
BACKEND = """
import subprocess
from keyring.backends.null import Keyring as Nothing
class Keyring(Nothing):
    priority = 1
    def get_password(self, service, username):
        with open({seen!r}, "wb") as seen:
            subprocess.run(["env", "-0"], stdout=seen, check=True)
"""


def said(*arguments: str, script: str = "") -> tuple[str, str]:
    """Run the program in a process of its own; return what it wrote to stdout and stderr."""
    with Forked(arguments, script=script) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdin.close()
        return running.stdout.read(), running.stderr.read()


@pytest.mark.skipif(
    sys.platform == "darwin", reason="there its libraries are, and are not looked for"
)
def test_nothing_is_started_to_find_out_which_keyring_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:")
    out, err = said("journal", "verify", script=PROGRAM)
    assert "There is no keyring on this machine" in out + err  # it was looked for
    assert "started" not in err


def test_what_is_started_has_no_secret_and_the_program_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND")
    (tmp_path / "watching.py").write_text(BACKEND.format(seen=str(seen)))
    configuration = tmp_path / "xdg" / "python_keyring" / "keyringrc.cfg"
    configuration.parent.mkdir(parents=True)
    configuration.write_text(
        f"[backend]\ndefault-keyring=watching.Keyring\nkeyring-path={tmp_path}\n"
    )
    for name in SECRETS:
        monkeypatch.setenv(name, "mpg-0123456789-canary")
    monkeypatch.setenv("MEMOS_BASE_URL", "http://127.0.0.1:9")
    out, _ = said("doctor")
    assert "unnamed project of MEMOS_API_KEY" in out
    given = seen.read_text()
    assert "PATH=" in given
    assert "canary" not in given
