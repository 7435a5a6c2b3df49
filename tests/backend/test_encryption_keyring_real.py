"""The key of an encrypted store in a real Secret Service."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.backend.test_keyring_real import in_session

pytestmark = [
    pytest.mark.needs("gnome-keyring-daemon", "dbus-run-session"),
    pytest.mark.skipif(sys.platform != "linux", reason="Secret Service is Linux's"),
]

STORE = """
import asyncio
from memos_admin.backend import encryption
from memos_admin.backend.credentials import OsKeyring
from memos_admin.backend.encryption import converting
from memos_admin.backend.workspace import Workspace
from memos_admin.store import cipher
from memos_admin.store.errors import StoreLocked

project = projects.add("acme")
def fresh():
    cipher.forget(project.store_dir)
    return Workspace(project, projects.home)
def totals(workspace):
    try:
        return workspace.reads.totals()
    finally:
        asyncio.run(workspace.close())
totals(Workspace(project, projects.home))
silently = lambda _: None
asyncio.run(converting.encrypt(fresh(), None, silently))
"""


def with_store(tmp_path: Path, body: str) -> str:
    return in_session(tmp_path, STORE + body)


def test_a_key_is_kept_beside_the_api_key_and_outlives_the_project(tmp_path: Path) -> None:
    with_store(
        tmp_path,
        """
set_key(projects, project, KEY)
assert totals(fresh()).users == 0
with closing(secretstorage.dbus_init()) as bus:
    found = {item.get_attributes()["username"]: item.get_secret()
             for item in secretstorage.search_items(bus, {"service": "memos-admin"})}
assert found.keys() >= {str(project.uuid), f"{project.uuid} store"}, found.keys()
raw = bytes.fromhex(found[f"{project.uuid} store"].decode())
assert len(raw) == 32 and raw not in (project.store_dir / "store.db").read_bytes()
opened = fresh()
opened.unlock()
assert asyncio.run(converting.decrypt(opened, silently)).key_stays
assert keyring.get_password("memos-admin", f"{project.uuid} store") == raw.hex()
assert keyring.get_password("memos-admin", str(project.uuid)) is not None
asyncio.run(converting.encrypt(fresh(), None, silently))
assert remove_project(projects, "acme").store_key
assert keyring.get_password("memos-admin", f"{project.uuid} store") == raw.hex()
assert keyring.get_password("memos-admin", str(project.uuid)) is None
""",
    )


def test_a_locked_keyring_and_one_that_stopped_answering_leave_it_locked(tmp_path: Path) -> None:
    with_store(
        tmp_path,
        """
before = (project.store_dir / "store.db").read_bytes()
lock()
opened = fresh()
short = OsKeyring(5)
error = raised(StoreLocked, lambda: encryption.unlock(project, {}, keyring=short))
assert "its key is not here" in str(error) and "keyring" in str(error), error
daemon.send_signal(signal.SIGSTOP)
error = raised(StoreLocked, lambda: encryption.unlock(project, {}, keyring=OsKeyring(0.5)))
assert "did not answer" in str(error), error
assert opened.is_locked
assert (project.store_dir / "store.db").read_bytes() == before
""",
    )
