"""The journal's key in a real Secret Service: made once, read back, asked for with a time limit."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.backend.test_keyring_real import in_session

pytestmark = [
    pytest.mark.needs("gnome-keyring-daemon", "dbus-run-session"),
    pytest.mark.skipif(sys.platform != "linux", reason="Secret Service is Linux's"),
]

JOURNAL = """
from memos_admin.backend.journal import Event, Journal, sealing
from memos_admin.backend.journal.verifying import verify

home = projects.home
def write(number):
    journal = Journal(home)
    for _ in range(number):
        journal.record(Event("view"))
    assert journal.flush() and not journal.problem

def cut(last):
    import sqlite3
    with closing(sqlite3.connect(home.journal_path)) as file:
        file.execute("DROP TRIGGER entry_stays")
        file.execute("DELETE FROM entry WHERE seq > ?", (last,))
        file.commit()
"""


def with_journal(tmp_path: Path, body: str) -> str:
    return in_session(tmp_path, JOURNAL + body)


def test_a_journal_is_sealed_and_a_cut_is_found(tmp_path: Path) -> None:
    with_journal(
        tmp_path,
        """
write(2)
sealing.keep(home)
write(3)
sealing.keep(home)
found = verify(home)
assert (found.entries, found.sealed_from, found.problems, found.unchecked) == (5, 3, (), "")
with closing(secretstorage.dbus_init()) as bus:
    labels = [item.get_attributes()["username"]
              for item in secretstorage.search_items(bus, {"service": "memos-admin"})]
assert sorted(labels) == sorted([f"journal {found.journal}", f"journal of {home.path}"])
kept = json.loads(keyring.get_password("memos-admin", f"journal {found.journal}"))
assert kept["places"][str(home.path)]["last"] == {"seq": 5, "hash": found.last[1]}
assert kept["key"] not in home.journal_path.read_bytes().hex()
cut(3)
problems = [problem.text for problem in verify(home).problems]
assert problems[0] == "Entries 4-5 are missing at the end.", problems
home.journal_path.unlink()
assert "is missing" in verify(home).problems[0].text
""",
    )


def test_a_locked_keyring_keeps_nobody_from_journaling(tmp_path: Path) -> None:
    with_journal(
        tmp_path,
        """
write(1)
sealing.keep(home)
lock()
write(1)
raised((keys.KeyringLocked, keys.KeyringTimeout), lambda: sealing.keep(home, seconds=5))
found = verify(home, seconds=5)
assert (found.entries, found.sealed_from, found.problems) == (2, 2, ())
assert found.unchecked and "API" not in found.unchecked
""",
    )


def test_a_keyring_that_stopped_answering_is_given_up(tmp_path: Path) -> None:
    with_journal(
        tmp_path,
        """
write(1)
daemon.send_signal(signal.SIGSTOP)
raised(keys.KeyringTimeout, lambda: sealing.keep(home, seconds=0.5))
write(1)
assert verify(home, seconds=0.5).entries == 2
""",
    )
