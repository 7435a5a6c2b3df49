"""The operator journal: written behind and before, sealed, and verified."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from memos_admin.backend import journal, occasion
from memos_admin.backend.home import Home
from memos_admin.backend.journal import Event, Journal, NotJournaled, reading
from memos_admin.backend.journal.showing import show
from memos_admin.backend.journal.verifying import missed, verify
from memos_admin.backend.keys import KeyringError
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.projects import Projects
from memos_admin.cloud.key import ApiKey, fingerprint_of
from memos_admin.store import journal as store
from memos_admin.store.errors import StoreBroken
from memos_admin.store.journal_reads import JournalReads, Wanted
from tests.backend import keyrings
from tests.backend.journals import entries, rewrite, sealed, tampered, with_keyring, written


@pytest.fixture
def home(isolated: Path) -> Home:
    return Home(isolated)


def configured(home: Home, text: str) -> None:
    home.create()
    home.config_path.write_text(text)
    home.config_path.chmod(0o600)


def texts(home: Home) -> list[str]:
    return [problem.text for problem in verify(home).problems]


# -- writing -----------------------------------------------------------------------------------


def test_an_entry_says_who_did_what_to_whom(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Projects(home).plan("acme", "https://acme.example/v1", ApiKey("mpg-0123456789"))
    env = {"MEMOS_ADMIN_REASON": "audit", "MEMOS_ADMIN_TICKET": "T-1"}
    monkeypatch.setattr(occasion, "_present", occasion.present())
    occasion.begin("cli", env, reason=None, ticket="T-2", seals=False)
    configured(home, 'operator = "Ann Auditor"\n')
    opened = Journal(home)
    user = SubjectRef("user", "u\udc80")
    opened.record(
        Event("search", project, subject=user, query="mpg-abcdef tea", counts={"messages": 2}, at=1)
    )
    assert opened.flush()
    (entry,) = entries(home)
    values = entry.values()
    assert len(values.pop("hash")) == 64
    assert values == {
        "seq": 1,
        "at": "1970-01-01T00:00:00.001Z",
        "operator": "Ann Auditor",
        "os_user": entry.os_user,
        "via": "cli",
        "action": "search",
        "result": None,
        "project_uuid": str(project.uuid),
        "project": "acme",
        "subject_kind": "user",
        "user_id": "u\ufffd",
        "conversation_id": None,
        "memory_id": None,
        "file": None,
        "query": "[API key] tea",
        "counts": {"messages": 2},
        "details": {},
        "reason": "audit",
        "ticket": "T-2",
        "seal": None,
    }
    assert entry.os_user


def test_words_that_were_searched_for_are_left_out_on_request(home: Home) -> None:
    configured(home, "[journal]\nsearches = false\n")
    opened = Journal(home)
    opened.record(Event("search", query="what they said"))
    assert opened.flush()
    (entry,) = entries(home)
    assert (entry.query, entry.details) == (None, {"query": "not kept"})
    assert b"what they said" not in home.journal_path.read_bytes()


def test_one_entry_an_hour_and_ticket(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    opened, hour = Journal(home), 3_600_000
    user = SubjectRef("user", "u")
    for at in (0, 1, hour - 1, hour, hour + 1):
        opened.record_once(Event("view", subject=user, at=at))
    opened.record_once(Event("view", subject=SubjectRef("agent", "u"), at=1))
    monkeypatch.setattr(occasion, "_present", occasion.present())
    occasion.change(ticket="T-1")
    opened.record_once(Event("view", subject=user, at=hour + 2))
    assert opened.flush()
    found = [(entry.subject_kind, entry.at, entry.ticket) for entry in entries(home)]
    assert found == [
        ("user", 0, None),
        ("user", hour, None),
        ("agent", 1, None),
        ("user", hour + 2, "T-1"),
    ]


def test_switched_off_nothing_is_made_and_it_is_said(home: Home) -> None:
    configured(home, "[journal]\nenabled = false\n")
    opened = Journal(home)
    opened.record(Event("view"))
    opened.write(Event("export"), "Nothing was exported")
    assert opened.flush()
    assert not home.journal_path.exists()
    assert "switched off in config.toml ([journal] enabled = false)" in opened.said()
    assert opened.close(1, sealing=0) == opened.said()


def test_switched_off_and_on_again_it_says_so_by_whom_and_when(home: Home) -> None:
    Journal(home).write(Event("backup"), "Nothing was copied")
    configured(home, 'operator = "eve"\n[journal]\nenabled = false\n')
    for _ in range(2):  # once, however many look meanwhile
        off = Journal(home)
        off.record(Event("view"), Event("view"))
        assert off.write(Event("export"), "Nothing was exported") is None
        assert off.flush()
        assert off.skipped == 3
        assert "switched off" in off.said()
    configured(home, 'operator = "ann"\n[journal]\nenabled = true\n')
    Journal(home).write(Event("sync"), "Nothing was fetched")
    Journal(home).write(Event("sync"), "Nothing was fetched")
    assert [(entry.action, entry.operator) for entry in entries(home)][1:] == [
        ("journal.off", "eve"),
        ("journal.on", "ann"),
        ("sync", "ann"),
        ("sync", "ann"),
    ]
    assert verify(home).problems == ()


def test_one_program_that_goes_on_says_what_was_switched_meanwhile(home: Home) -> None:
    opened = Journal(home)
    for enabled in ("true", "false", "true", "true", "false", "false"):
        configured(home, f"[journal]\nenabled = {enabled}\n")
        opened.write(Event("backup"), "Nothing was copied")
    assert [entry.action.removeprefix("journal.") for entry in entries(home)] == [
        *("backup", "off", "on", "backup", "backup", "off"),
    ]


def test_switched_off_nothing_waits_for_a_journal_that_cannot_be_written(home: Home) -> None:
    home.create()
    home.journal_path.write_bytes(b"junk" * 1000)
    home.journal_path.chmod(0o600)
    configured(home, "[journal]\nenabled = false\n")
    opened = Journal(home)
    assert opened.write(Event("export"), "Nothing was exported") is None
    assert opened.problem == ""
    assert home.journal_path.read_bytes() == b"junk" * 1000


@pytest.mark.parametrize(
    "text", ["[journal]\nenabled = 1\n", "[journal]\nenable = false\n", 'operator = " "\n']
)
def test_a_faulty_configuration_is_no_way_round_it(home: Home, text: str) -> None:
    configured(home, text)
    opened = Journal(home)
    with pytest.raises(NotJournaled, match=r"^Nothing was done, since .*config\.toml, line"):
        opened.write(Event("export"), "Nothing was done")
    opened.record(Event("view"))
    assert not opened.flush()
    assert "config.toml, line" in opened.close(1, sealing=0)


@pytest.mark.parametrize("key", ["mpg-0123456789abcdefghijklmnop", "canary/0123456789"])
def test_a_key_that_was_pasted_as_who_acts_is_refused(home: Home, key: str) -> None:
    projects = Projects(home)
    projects.remember_key(projects.add("acme"), fingerprint_of("canary/0123456789"))
    configured(home, f'operator = " {key} "\n' + home.config_path.read_text())
    opened = Journal(home)
    with pytest.raises(
        NotJournaled, match=r"config\.toml, line 1: operator: is an API key"
    ) as told:
        opened.write(Event("export"), "Nothing was done")
    assert key not in str(told.value)
    opened.record(Event("view"))
    assert not opened.flush()
    assert key not in opened.close(1, sealing=0)
    assert all(key.encode() not in path.read_bytes() for path in home.path.glob("journal*"))


def test_what_cannot_be_written_is_kept_told_and_written_later(home: Home) -> None:
    written(home, 1)
    opened, told = Journal(home), threading.Event()
    opened.on_change = told.set
    with closing(sqlite3.connect(home.journal_path, isolation_level=None)) as other:
        other.execute("PRAGMA user_version = 99")
    opened.record(Event("view", at=1))
    assert not opened.flush()
    assert told.is_set()
    assert "newer memos-admin" in opened.problem
    with pytest.raises(NotJournaled, match=r"newer memos-admin.*\[journal\] enabled = false"):
        opened.write(Event("export", at=2), "Nothing was exported")
    with closing(sqlite3.connect(home.journal_path, isolation_level=None)) as other:
        other.execute("PRAGMA user_version = 1")
    opened.record(Event("view", at=3))
    assert opened.flush()
    assert opened.problem == ""
    assert [entry.at for entry in entries(home)] == [1000, 1, 3]  # what was refused is not in it


def test_before_and_after(home: Home) -> None:
    event = Event("export", file="x.csv")
    with journal.journaled(home, event, "Nothing was exported") as counts:
        counts["messages"] = 3
    with (
        pytest.raises(RuntimeError),
        journal.journaled(home, event, "Nothing was exported"),
    ):
        raise RuntimeError("texts of somebody")
    assert journal.of(home).flush()
    found = [(entry.result, entry.counts, entry.details) for entry in entries(home)]
    assert found == [
        ("begun", {}, {}),
        ("done", {"messages": 3}, {}),
        ("begun", {}, {}),
        ("failed", {}, {"error": "RuntimeError"}),
    ]


def test_a_journal_that_cannot_be_written_refuses_before_anything_is_done(home: Home) -> None:
    home.create()
    home.journal_path.write_bytes(b"junk" * 1000)
    home.journal_path.chmod(0o600)
    with (
        pytest.raises(NotJournaled, match="Nothing was exported, since it could not be journaled"),
        journal.journaled(home, Event("export"), "Nothing was exported"),
    ):
        pytest.fail("it was done")
    assert home.journal_path.read_bytes() == b"junk" * 1000


# -- chained only --------------------------------------------------------------------------------


def test_without_a_keyring_it_is_chained_only_and_says_so(home: Home) -> None:
    opened = written(home, 3)
    assert "only chained, not sealed" in opened.said()
    with pytest.raises(KeyringError):
        sealed(home)
    found = verify(home)
    assert (found.entries, found.sealed_from, found.problems) == (3, None, ())
    assert found.last == (3, entries(home)[-1].hash)


def test_the_chain_finds_what_is_changed_by_hand(home: Home) -> None:
    written(home, 4)
    with tampered(home.journal_path) as connection:
        connection.execute("UPDATE entry SET user_id = 'another' WHERE seq = 2")
    assert texts(home) == ["Entry 2 was changed, or what came before it."]
    with tampered(home.journal_path) as connection:
        connection.execute("DELETE FROM entry WHERE seq = 2")
    assert texts(home)[0] == "Entry 2 is missing."


def test_a_journal_that_another_program_opened_up_is_told(home: Home) -> None:
    written(home, 3)
    with closing(sqlite3.connect(home.journal_path)) as file:
        file.execute("DROP TRIGGER entry_stays")
        file.execute("DELETE FROM entry")
        file.commit()
    (told,) = texts(home)
    assert "another program took it out" in told


def test_a_hash_that_somebody_kept_finds_what_the_chain_alone_cannot(home: Home) -> None:
    opened = written(home, 4)
    assert opened.stamp is not None
    assert verify(home, expected=opened.stamp.hash).problems == ()
    assert verify(home, expected=opened.stamp.hash[:12]).problems == ()
    rewrite(home, lambda all_: all_[:3])
    assert texts(home) == []
    (problem,) = verify(home, expected=opened.stamp.hash).problems
    assert "was changed or removed" in problem.text


# -- sealed --------------------------------------------------------------------------------------


def test_the_first_key_is_in_the_keyring_and_nowhere_else(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = with_keyring(monkeypatch)
    written(home, 2)
    sealed(home)
    written(home, 2, first=3)
    found = verify(home)
    assert (found.entries, found.sealed_from, found.problems, found.unchecked) == (4, 3, (), "")
    assert [entry.seal is None for entry in entries(home)] == [True, True, False, False]
    names = {name for _, name in memory.kept}
    assert names == {f"journal {found.journal}", f"journal of {home.path}"}
    first = json.loads(memory.kept["memos-admin", f"journal {found.journal}"])["key"]
    assert bytes.fromhex(first) not in home.journal_path.read_bytes()
    assert first.encode() not in home.journal_path.read_bytes()


def test_who_has_the_file_alone_cannot_rewrite_it(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_keyring(monkeypatch)
    written(home, 1)
    sealed(home)
    written(home, 5, first=2)
    rewrite(home, lambda all_: [*all_[:3], *all_[4:]], seal=True)
    forged = "Entries 2-5 have seals that are not ours: they were changed or put in."
    assert texts(home)[0] == forged
    rewrite(home, lambda all_: [entry for entry in all_ if entry.seq != 2])
    assert texts(home)


def test_a_cut_tail_is_found_before_the_keyring_knows_of_it(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_keyring(monkeypatch)
    written(home, 1)
    sealed(home)
    written(home, 5, first=2)
    with tampered(home.journal_path) as connection:
        connection.execute("DELETE FROM entry WHERE seq > 4")
    assert texts(home) == ["Entries 5-6 are missing at the end."]
    written(home, 1, first=9)
    assert texts(home) == [
        "Entry 5 has a seal that is not ours: it was changed or put in.",
        "Entries 6-7 are missing at the end.",
    ]


def test_what_is_missing_at_the_end_is_told_once_and_the_same_of_many_in_one_line(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_keyring(monkeypatch)
    written(home, 1)
    sealed(home)
    written(home, 8, first=2)
    sealed(home)
    written(home, 2, first=10)
    with closing(sqlite3.connect(home.journal_path)) as file:
        file.execute("DROP TRIGGER entry_stays")
        file.execute("DELETE FROM entry WHERE seq > 7")
        file.commit()
    missing, loosened = texts(home)
    # The keyring knows of 9, the file's own key of 11.
    assert missing == "Entries 8-11 are missing at the end."
    assert "another program took it out" in loosened
    assert "cannot be seen" not in loosened
    with tampered(home.journal_path) as connection:
        connection.execute("UPDATE entry SET seal = 'ours' WHERE seq IN (3, 4, 5, 7)")
    assert texts(home)[:2] == [
        "Entries 3-5 have seals that are not ours: they were changed or put in.",
        "Entry 7 has a seal that is not ours: it was changed or put in.",
    ]


def test_an_older_copy_is_found_by_what_the_keyring_knows(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_keyring(monkeypatch)
    written(home, 1)
    sealed(home)
    written(home, 1, first=2)
    older = home.journal_path.read_bytes()
    written(home, 3, first=3)
    sealed(home)
    home.journal_path.write_bytes(older)
    assert texts(home) == ["Entries 3-5 are missing at the end."]
    # What follows it does not wash the evidence away.
    written(home, 9, first=30)
    sealed(home)
    assert texts(home) == ["Entry 5 is not the one that the keyring knows."]


@pytest.mark.parametrize("sealed_before", [True, False])
def test_a_copy_of_the_folder_that_is_worked_in_says_nothing_against_the_original(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sealed_before: bool
) -> None:
    with_keyring(monkeypatch)
    written(home, 4)
    if sealed_before:
        sealed(home)
    copy = Home(tmp_path / "copy")
    shutil.copytree(home.path, copy.path)
    assert (texts(home), texts(copy)) == ([], [])
    written(copy, 4, first=5)
    sealed(copy)
    found = verify(home)
    assert found.problems == ()
    (known,) = found.copies
    assert (known.folder, known.last.seq, known.there) == (str(copy.path), 8, True)
    found = verify(copy)
    assert (found.problems, found.copies) == ((), ())
    # Both go on, and what is missing of either is found.
    for one, other in ((home, copy), (copy, home)):
        written(one, 2, first=20)
        sealed(one)
        found = verify(one)
        assert (found.problems, [each.folder for each in found.copies]) == ((), [str(other.path)])
    older = home.journal_path.read_bytes()
    written(home, 2, first=30)
    sealed(home)
    home.journal_path.write_bytes(older)
    assert texts(home) == ["Entries 7-8 are missing at the end."]
    copy.journal_path.unlink()
    assert [each.there for each in verify(home).copies] == [False]
    assert "is missing: the keyring knows journal" in texts(copy)[0]


def test_what_is_cut_off_a_copy_that_the_keyring_does_not_know_is_found(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_keyring(monkeypatch)
    written(home, 2)
    sealed(home)
    written(home, 4, first=3)
    copy = Home(tmp_path / "copy")
    shutil.copytree(home.path, copy.path)
    with tampered(copy.journal_path) as connection:
        connection.execute("DELETE FROM entry WHERE seq > 4")
    assert texts(copy) == ["Entries 5-6 are missing at the end."]
    sealed(copy)  # the keyring gets to know the folder
    assert texts(copy) == ["Entries 5-6 are missing at the end."]
    assert texts(home) == []


def test_a_copy_that_is_gone_says_nothing_against_later_copies(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_keyring(monkeypatch)
    written(home, 4)
    sealed(home)
    gone, later = Home(tmp_path / "gone"), Home(tmp_path / "later")
    shutil.copytree(home.path, gone.path)
    written(gone, 2, first=5)
    sealed(gone)
    shutil.rmtree(gone.path)
    written(home, 4, first=20)
    sealed(home)
    shutil.copytree(home.path, later.path)
    assert (texts(home), texts(later)) == ([], [])
    written(later, 2, first=30)
    sealed(later)
    assert (texts(home), texts(later)) == ([], [])
    # What was moved from where nothing is any more ends where it ended there.
    moved = Home(home.path.rename(tmp_path / "moved"))
    shutil.rmtree(later.path)
    assert texts(moved) == []
    with tampered(moved.journal_path) as file:
        file.execute("DELETE FROM entry WHERE seq > 7")
    assert texts(moved) != []


def test_what_is_missing_of_a_journal_that_was_moved_to_another_folder_is_found(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_keyring(monkeypatch)
    written(home, 2)
    sealed(home)
    older = home.journal_path.read_bytes()
    written(home, 2, first=3)
    sealed(home)
    moved = Home(home.path.rename(tmp_path / "moved"))
    assert texts(moved) == []
    whole = moved.journal_path.read_bytes()
    moved.journal_path.write_bytes(older)
    assert texts(moved) == ["Entries 3-4 are missing at the end."]
    sealed(moved)
    assert texts(moved) == ["Entries 3-4 are missing at the end."]
    moved.journal_path.write_bytes(whole)
    sealed(moved)
    found = verify(moved)
    assert (found.problems, found.copies) == ((), ())


def test_a_journal_that_is_deleted_is_missed_where_its_folder_is_moved(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_keyring(monkeypatch)
    written(home, 2)
    sealed(home)
    found = verify(home)
    assert found.last is not None
    held = f"{found.journal} with at least 2 entries, hash {found.last[1]}."
    home.journal_path.unlink()
    moved = Home(home.path.rename(tmp_path / "moved"))
    assert texts(moved) == [f"{moved.journal_path} is missing: the keyring knows journal {held}"]
    for write in (written, lambda home, number: sealed(home), written):
        write(moved, 1)
        assert texts(moved) == [f"Another journal was in this folder before: {held}"]
        assert missed(moved).problems == verify(moved).problems
    first = next(iter(entries(moved)))
    assert (first.action, first.details) == ("journal.missing", {"journal": found.journal})
    # Nor does one that is deleted after it hide it, here or where the folder is moved to next.
    moved.journal_path.unlink()
    further = Home(moved.path.rename(tmp_path / "further"))
    assert f"Another journal was in this folder before: {held}" in texts(further)


def test_a_journal_that_an_older_one_took_the_place_of_is_missed_where_the_folder_is_moved(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_keyring(monkeypatch)
    written(home, 2)
    sealed(home)
    older = home.path / "older.db"
    home.journal_path.rename(older)
    written(home, 3)
    sealed(home)
    newer = verify(home)
    assert newer.last is not None
    shown = tmp_path / "newer.db"
    home.journal_path.rename(shown)
    older.rename(home.journal_path)
    assert newer.journal is not None
    held = f"{newer.journal} with at least {newer.last[0]} entries, hash {newer.last[1]}."
    told = [f"Another journal was in this folder before: {held}"]
    assert texts(home) == told
    moved = Home(home.path.rename(tmp_path / "moved"))
    assert texts(moved) == told
    written(moved, 1, first=3)
    sealed(moved)
    assert texts(moved) == told
    show(moved, shown, seconds=5)
    assert texts(moved) == []


def test_without_a_keyring_a_missing_journal_is_told_by_the_note_beside_it(home: Home) -> None:
    written(home, 2)
    journal = verify(home).journal
    home.journal_path.unlink()
    note = home.journal_path.with_name("journal.db.written")
    beginning = f"{home.journal_path} is missing: by journal.db.written beside it, "
    assert texts(home) == [f"{beginning}journal {journal} was there."]
    for junk in (b"", b"\xff" * 40, b"x" * 36):  # empty: of an earlier version
        note.write_bytes(junk)
        assert texts(home) == [f"{beginning}a journal was there."]
    written(home, 1)
    assert texts(home) == []
    assert [entry.action for entry in entries(home)] == ["journal.missing", "view"]


def test_what_the_keyring_knew_before_it_knew_it_for_each_folder_is_known(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = with_keyring(monkeypatch)
    written(home, 2)
    sealed(home)
    (name,) = (name for _service, name in ring.kept if name != f"journal of {home.path}")
    values = json.loads(ring.kept["memos-admin", name])
    place = values.pop("places")[str(home.path)]
    ring.kept["memos-admin", name] = json.dumps(values | place | {"last": {"seq": 3, "hash": "x"}})
    assert texts(home) == ["Entry 3 is missing at the end."]
    ring.kept["memos-admin", name] = json.dumps(values | place)
    sealed(home)
    found = verify(home)
    assert (found.problems, found.copies) == ((), ())


def test_a_deleted_journal_is_missed_and_its_successor_says_so(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_keyring(monkeypatch)
    written(home, 2)
    sealed(home)
    uuid = verify(home).journal
    moved = home.path / "kept.db"
    home.journal_path.rename(moved)
    last = verify(home, path=moved).last
    assert last is not None
    held = f"{uuid} with at least 2 entries, hash {last[1]}."
    assert texts(home) == [f"{home.journal_path} is missing: the keyring knows journal {held}"]
    written(home, 1)
    told = [f"Another journal was in this folder before: {held}"]
    assert texts(home) == told
    sealed(home)
    assert texts(home) == told
    assert verify(home, path=moved).problems == ()


def test_whoever_deletes_a_second_journal_does_not_hide_the_first(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_keyring(monkeypatch)
    held: list[str] = []
    for number in (1, 4, 3):
        # The later ones say first that one is missing.
        written(home, 1 if number == 1 else number - 1)
        sealed(home)
        found = verify(home)
        assert found.last is not None
        entries = "entry" if number == 1 else "entries"
        held.insert(0, f"{found.journal} with at least {number} {entries}, hash {found.last[1]}.")
        home.journal_path.unlink()
    before = [f"Another journal was in this folder before: {each}" for each in held]
    missing = f"{home.journal_path} is missing: the keyring knows journal {held[0]}"
    assert texts(home) == [missing, *before[1:]]
    written(home, 1)  # not sealed yet
    assert texts(home) == before
    sealed(home)
    assert texts(home) == before
    assert [problem.text for problem in missed(home).problems] == before


def test_a_journal_of_a_copy_that_the_keyring_does_not_know_is_missed_however_often_others_are_deleted(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_keyring(monkeypatch)
    written(home, 3)
    copy = Home(tmp_path / "copy")
    shutil.copytree(home.path, copy.path)
    written(home, 1, first=4)
    sealed(home)  # the original has more than the copy ever had
    journal, aside = verify(home).journal, tmp_path / "aside.db"
    copy.journal_path.rename(aside)
    assert texts(copy) == [f"{copy.journal_path} is missing: the keyring knows journal {journal}."]
    told = f"Another journal was in this folder before: {journal}."
    written(copy, 1)
    assert texts(copy) == [told]
    # Put back over one that nobody sealed, it hides that one until the next entry, which names it.
    second = verify(copy).journal
    shutil.copyfile(aside, copy.journal_path)
    by_note = f"by journal.db.written beside it, {second}. The next entry names it."
    assert texts(copy) == [f"Another journal was in this folder before: {by_note}"]
    assert missed(copy).problems == verify(copy).problems
    copy.journal_path.unlink()
    assert any(str(journal) in text for text in texts(copy))
    written(copy, 1)
    assert texts(copy) == [told]
    named = [each.details["journal"] for each in entries(copy) if each.action == "journal.missing"]
    assert named == [second]
    copy.journal_path.unlink()
    written(copy, 1)
    sealed(copy)
    assert told in texts(copy)
    # Shown where it is, it is missed no more, whatever the original has since.
    show(copy, aside, seconds=5)
    assert told not in texts(copy)
    assert texts(home) == []


def test_one_that_is_put_back_over_another_says_so_in_its_next_entry(home: Home) -> None:
    written(home, 2)
    aside = home.path / "aside.db"
    home.journal_path.rename(aside)
    written(home, 1)
    second = verify(home).journal
    aside.rename(home.journal_path)
    (told,) = texts(home)
    assert f"by journal.db.written beside it, {second}." in told
    written(home, 1, first=3)
    assert texts(home) == []
    (missing,) = (each for each in entries(home) if each.action == "journal.missing")
    assert missing.details == {"journal": second}


@pytest.mark.parametrize("emptied", ["no byte", "no table"])
def test_a_journal_that_was_emptied_is_no_new_one(home: Home, emptied: str) -> None:
    """Without a keyring nothing else would tell."""
    written(home, 2)
    path = home.journal_path
    path.write_bytes(b"")
    if emptied == "no table":
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("VACUUM")
    before = path.read_bytes()
    told = "it is empty, and something was written to it before"
    with pytest.raises(NotJournaled, match=told):
        Journal(home).write(Event("forget"), "Nothing was erased")
    looks: list[Callable[[], object]] = [JournalReads(path).head, lambda: verify(home)]
    for look in looks:
        with pytest.raises(StoreBroken, match="not a journal" if before else "it is empty"):
            look()
    assert path.read_bytes() == before
    path.unlink()
    begun = Journal(home).write(Event("forget"), "Nothing was erased")
    assert begun is not None
    assert [entry.action for entry in entries(home)] == ["journal.missing", "forget"]
    assert verify(home).problems == ()


def test_seals_that_are_taken_away_are_missed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with_keyring(monkeypatch)
    written(home, 1)
    sealed(home)
    written(home, 2, first=2)
    with tampered(home.journal_path) as connection:
        connection.execute("UPDATE entry SET seal = NULL")
        connection.execute("UPDATE journal SET sealed_from = NULL, seal_key = NULL")
    assert texts(home)[0] == "Entries 2-3 have no seal, though all from 2 on have one."
    sealed(home)
    assert texts(home)[0] == "Entries 2-3 have no seal, though all from 2 on have one."


def test_without_its_key_the_seals_are_said_to_be_unchecked(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = with_keyring(monkeypatch)
    written(home, 1)
    sealed(home)
    written(home, 1, first=2)
    memory.kept.clear()
    found = verify(home)
    assert (found.problems, found.unchecked) == ((), "The keyring here has no key of this journal.")
    keyrings.use(monkeypatch, keyrings.FAIL)
    found = verify(home)
    assert found.unchecked.startswith("There is no keyring on this machine")
    assert "MEMOS_API_KEY" not in found.unchecked


@pytest.mark.parametrize("backend", [keyrings.Forgetful(), keyrings.Garbling(lambda _: "{}")])
def test_a_keyring_that_does_not_keep_it_seals_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch, backend: keyrings.Memory
) -> None:
    keyrings.use(monkeypatch, backend)
    written(home, 1)
    with pytest.raises(KeyringError, match="does not give it back"):
        sealed(home)
    assert verify(home).sealed_from is None


def test_a_key_that_was_kept_before_a_crash_is_used(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = with_keyring(monkeypatch)
    written(home, 1)
    with pytest.MonkeyPatch.context() as crash:
        crash.setattr(store, "begin_sealing", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sealed(home)
    before = dict(memory.kept)
    written(home, 1, first=2)
    sealed(home)
    written(home, 1, first=3)
    found = verify(home)
    assert (found.sealed_from, found.problems) == (3, ())
    name = ("memos-admin", f"journal {found.journal}")
    assert json.loads(memory.kept[name])["key"] == json.loads(before[name])["key"]


def test_a_hanging_keyring_holds_nobody(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = keyrings.Hanging()
    keyrings.use(monkeypatch, hanging)
    monkeypatch.setattr(occasion, "_present", occasion.Occasion("tui", seals=True))
    try:
        opened = written(home, 1)
        assert opened.close(5, sealing=0.05) == ""
    finally:
        hanging.release.set()


def test_the_interface_seals_behind(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with_keyring(monkeypatch)
    monkeypatch.setattr(occasion, "_present", occasion.Occasion("tui", seals=True))
    opened = written(home, 2)
    assert opened.close(5, sealing=5) == ""
    assert verify(home).sealed_from == 3


def test_what_is_thrown_away_leaves_nothing_in_the_keyring(
    isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = with_keyring(monkeypatch)
    monkeypatch.setattr(occasion, "_present", occasion.Occasion("tui", seals=True))
    opened = written(Home(isolated, throwaway=True), 2)
    assert opened.close(5, sealing=5) == ""
    assert memory.kept == {}


# -- reading -------------------------------------------------------------------------------------


def test_a_file_of_lines_is_checked_with_what_the_docs_say(
    home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_keyring(monkeypatch)
    written(home, 2)
    sealed(home)
    written(home, 2, first=3)
    target = tmp_path / "journal.jsonl"
    done = reading.write(home, format="jsonl", output=target)
    assert (done.entries, done.head.hash) == (4, entries(home)[-1].hash)
    previous = ""
    for line in target.read_text().splitlines():
        entry = json.loads(line)
        told = entry.pop("hash"), entry.pop("seal")
        text = json.dumps(entry, sort_keys=True, separators=(",", ":"))
        assert hashlib.sha256(text.encode()).hexdigest() == told[0]
        assert entry["previous"] == previous
        previous = told[0]


def test_cells_of_the_csv_are_guarded(home: Home, tmp_path: Path) -> None:
    opened = Journal(home)
    opened.record(Event("search", query="=1+1", details={"in": "all"}, counts={"hits": 2}))
    assert opened.flush()
    target = tmp_path / "journal.csv"
    assert reading.write(home, format="csv", output=target).guarded == 1
    header, line = target.read_bytes().decode().split("\r\n")[:2]
    cells = dict(zip(header.split(","), line.split(","), strict=True))
    assert (cells["query"], cells["counts"], cells["details"]) == ("'=1+1", "hits=2", "in=all")
    assert oct(target.stat().st_mode)[-3:] == "600"


def test_an_unreadable_entry_is_named(home: Home) -> None:
    written(home, 2)
    with tampered(home.journal_path) as connection:
        connection.execute("UPDATE entry SET counts = 'x' WHERE seq = 1")
    with pytest.raises(StoreBroken, match=r"Entry 1 of the journal .* journal verify"):
        list(reading.listing(home, Wanted()).entries)
    assert texts(home)[0] == "Entry 1 was changed: it is not written as entries are."


def test_a_list_of_none_makes_no_home(home: Home) -> None:
    found = reading.listing(home, Wanted())
    assert (list(found.entries), found.total, found.head) == ([], 0, None)
    assert verify(home).journal is None
    assert not home.path.exists()


def test_somebody_else_s_link_is_not_followed(home: Home, tmp_path: Path) -> None:
    home.create()
    (tmp_path / "elsewhere").touch()
    home.journal_path.symlink_to(tmp_path / "elsewhere")
    opened = Journal(home)
    opened.record(Event("view"))
    assert not opened.flush()
    assert "symbolic link" in opened.problem
