"""Keys in a real Secret Service: gnome-keyring on a D-Bus of its own."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.needs("gnome-keyring-daemon", "dbus-run-session"),
    pytest.mark.skipif(sys.platform != "linux", reason="Secret Service is Linux's"),
]

START = """
import json, os, signal, subprocess, sys, time
from contextlib import closing
from pathlib import Path
import keyring, secretstorage
from memos_admin.backend import keys
from memos_admin.backend.credentials import (
    OsKeyring, delete_key, find_key, remove_project, set_key, store_key)
from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
from memos_admin.cloud.key import ApiKey

KEY, OTHER = ApiKey("mpg-0123456789abcdef"), ApiKey("mpg-fedcba9876543210")
daemon = subprocess.Popen(
    ["gnome-keyring-daemon", "--unlock", "--components=secrets", "--foreground"],
    stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
daemon.stdin.write(b"the password")
daemon.stdin.close()

def is_there():
    with closing(secretstorage.dbus_init()) as bus:
        return "org.freedesktop.secrets" in bus.send_and_get_reply(names).body[0]

from jeepney import DBusAddress, new_method_call
names = new_method_call(DBusAddress(
    "/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus"), "ListNames")
while not is_there():
    assert daemon.poll() is None, "gnome-keyring-daemon did not start"
    time.sleep(0.01)

projects = Projects(Home(Path(sys.argv[1]) / "home"))
def lock():
    with closing(secretstorage.dbus_init()) as bus:
        collection = secretstorage.get_default_collection(bus)
        collection.lock()
        assert collection.is_locked()

def raised(kinds, act):
    try:
        act()
    except kinds as error:
        assert KEY.reveal() not in str(error)
        return error
    raise AssertionError("nothing was raised")

try:
{body}
finally:
    daemon.send_signal(signal.SIGCONT)
    daemon.terminate()
    daemon.wait()
"""


def in_session(tmp_path: Path, body: str, *, seconds: float = 100) -> str:
    """Run `body` beside an unlocked gnome-keyring; return what it printed."""
    for name in ("run", "data"):
        (tmp_path / name).mkdir(mode=0o700)
    program = tmp_path / "program.py"
    program.write_text(START.replace("{body}", textwrap.indent(textwrap.dedent(body), "    ")))
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY"}
    }
    env |= {
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path / "run"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.SecretService.Keyring",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    done = subprocess.run(
        ["dbus-run-session", "--", sys.executable, program, tmp_path],
        env=env,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "mpg-0123456789abcdef" not in done.stdout + done.stderr
    return done.stdout


def test_a_key_is_stored_found_and_removed_with_its_project(tmp_path: Path) -> None:
    in_session(
        tmp_path,
        """
        project = set_key(projects, projects.add("acme"), KEY)
        found = find_key(project, {})
        assert (found.key, found.source) == (KEY, "keyring")
        kept = json.loads(keyring.get_password("memos-admin", str(project.uuid)))
        assert kept == {"key": KEY.reveal(), "origin": "https://memos.memtensor.cn"}
        assert remove_project(projects, "acme").key_left is None
        assert keyring.get_password("memos-admin", str(project.uuid)) is None
        assert delete_key(project) is False
        """,
    )
    for path in (tmp_path / "home").rglob("*"):
        assert not path.is_file() or b"mpg-0123456789abcdef" not in path.read_bytes()


def test_a_rotation_replaces_the_entry(tmp_path: Path) -> None:
    in_session(
        tmp_path,
        """
        project = set_key(projects, projects.add("acme"), KEY)
        raised(keys.ForeignKey, lambda: store_key(project, OTHER))
        project = set_key(projects, project, OTHER)
        assert find_key(project, {}).key == OTHER
        with closing(secretstorage.dbus_init()) as bus:
            assert len(list(secretstorage.search_items(bus, {"service": "memos-admin"}))) == 1
        """,
    )


def test_two_homes_do_not_collide(tmp_path: Path) -> None:
    in_session(
        tmp_path,
        """
        others = Projects(Home(Path(sys.argv[1]) / "other home"))
        mine = set_key(projects, projects.add("acme"), KEY)
        theirs = set_key(others, others.add("acme"), OTHER)
        assert find_key(mine, {}).key == KEY
        assert find_key(theirs, {}).key == OTHER
        remove_project(others, "acme")
        assert find_key(mine, {}).key == KEY
        """,
    )


def test_an_edited_address_is_refused_until_it_is_confirmed(tmp_path: Path) -> None:
    in_session(
        tmp_path,
        """
        set_key(projects, projects.add("acme"), KEY)
        path = projects.home.config_path
        path.write_text(path.read_text().replace("memos.memtensor.cn", "ours.example"))
        raised(keys.KeyBoundElsewhere, lambda: find_key(projects.get("acme"), {}))
        set_key(projects, projects.get("acme"), KEY)
        assert find_key(projects.get("acme"), {}).key == KEY
        """,
    )


def test_a_locked_keyring_is_told_and_the_other_sources_work(tmp_path: Path) -> None:
    # Without a display nobody can be asked for the password: declined at once by some versions,
    # waited for by others.
    in_session(
        tmp_path,
        """
        project = set_key(projects, projects.add("acme"), KEY)
        lock()
        quick = OsKeyring(seconds=5)
        locked = (keys.KeyringLocked, keys.KeyringTimeout)
        told = raised(locked, lambda: find_key(project, {}, keyring=quick))
        assert "nlock it" in str(told) and "MEMOS_API_KEY" in str(told)
        raised(locked, lambda: store_key(project, KEY, keyring=quick))
        assert remove_project(projects, "acme", keyring=quick).key_left is not None
        found = find_key(project, {"MEMOS_API_KEY": KEY.reveal()}, keyring=quick)
        assert found.source == "environment"
        """,
    )


def test_a_keyring_that_stopped_answering_holds_neither_us_nor_the_exit(tmp_path: Path) -> None:
    out = in_session(
        tmp_path,
        """
        project = set_key(projects, projects.add("acme"), KEY)
        daemon.send_signal(signal.SIGSTOP)
        raised(keys.KeyringTimeout, lambda: find_key(project, {}, keyring=OsKeyring(seconds=0.5)))
        print("told")
        """,
    )
    assert out == "told\n"


def test_the_keyring_is_named(tmp_path: Path) -> None:
    out = in_session(tmp_path, "print(OsKeyring().name())")
    assert out == "SecretService Keyring\n"


def test_a_bus_without_a_keyring_is_told(tmp_path: Path) -> None:
    in_session(
        tmp_path,
        """
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={sys.argv[1]}/no bus"
        told = raised(keys.NoKeyring, lambda: OsKeyring(seconds=20).name())
        assert "MEMOS_API_KEY" in str(told)
        """,
    )
