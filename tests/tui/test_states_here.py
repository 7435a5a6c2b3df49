"""States of this machine, as they are seen: slow answers, no key, a store that says no, no room."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator

import pytest

from memos_admin.backend import roster
from memos_admin.backend.credentials import FoundKey
from memos_admin.backend.home import Home
from memos_admin.backend.keys import CredentialsError, ForeignKey, KeyringLocked, NoKeyring
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.projects import Projects
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import MemoryPage
from memos_admin.cloud.errors import Unreachable
from memos_admin.emulator.thread import EmulatorThread
from memos_admin.tui.desk import reloading
from memos_admin.tui.desk.panes import Desk
from memos_admin.tui.desk.place import Place
from memos_admin.tui.jobs import fetching
from tests.backend.service import Service, a_memory
from tests.tui.looking import (
    Look,
    at_both_sizes,
    go_to_user,
    main,
    misses,
    opened,
    press,
    rest,
    rows,
    seen,
    sees,
    told,
    until,
)
from tests.tui.projecting import Emulate
from tests.tui.story import NEVER, TRIP

Size = tuple[int, int]


# -- a service that takes its time -------------------------------------------------------------------


class Silent(Service):
    """Tells what it waits for, and answers when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    def say_that(self, text: str) -> None:
        """Tell what a request waits for, as the client does."""
        assert self.on_wait is not None
        self.on_wait(text)

    async def get_memories(self, *args: object, **kwargs: object) -> MemoryPage:
        await self.go.wait()
        return await super().get_memories(*args, **kwargs)  # type: ignore[arg-type]


@pytest.fixture
def silent(workspace: Workspace) -> Iterator[Silent]:
    service = Silent()
    workspace.use_remote(service)
    yield service
    workspace.abandon()


@at_both_sizes
async def test_opening_a_user_says_what_is_waited_for(
    workspace: Workspace, silent: Silent, size: Size
) -> None:
    await roster.add_subjects(workspace, [SubjectRef("user", "bob")])
    async with opened(workspace, size) as look:
        await look.press("enter")
        await sees(look, "asking MemOS …")
        await until(look, lambda: silent.on_wait is not None)
        silent.say_that("MemOS has not answered for 12 s; trying again (2 of 5)")
        await sees(look, "MemOS has not answered for 12 s; trying again (2 of 5)")
        silent.say_that("")
        await sees(look, "asking MemOS …")
        silent.go.set()
        await rest(look)
        assert "asking" not in seen(look)


@at_both_sizes
async def test_a_sync_says_it_where_a_narrow_screen_has_room_for_it(
    workspace: Workspace, silent: Silent, size: Size
) -> None:
    await roster.add_subjects(workspace, [SubjectRef("user", f"u{n}") for n in range(5)])
    async with opened(workspace, size) as look:
        await look.press("S")
        await until(look, lambda: silent.on_wait is not None)
        silent.say_that("MemOS limits the rate; going on in 9 s")
        await sees(look, "0 of 5 · MemOS limits the rate; going on in 9 s", "x stop")
        silent.go.set()
        await rest(look)
        await misses(look, "limits the rate")


async def test_what_is_here_is_shown_while_the_service_is_slow(
    story: Workspace, size: Size
) -> None:
    slow = Silent()
    story.use_remote(slow)
    async with opened(story, size) as look:
        await go_to_user(look, "memos")
        await look.press("r")
        await sees(look, "asking MemOS …", "0610")
        await look.press("enter")
        await sees(look, "I want to travel")
        slow.go.set()
        await rest(look)


# -- the key -----------------------------------------------------------------------------------------

LOCKED = KeyringLocked(
    "The keyring is locked, and was not unlocked (KeyringLocked). Unlock it on the desktop and try "
    "again. Or give the key another way: MEMOS_API_KEY, or key_command in config.toml."
)


class Key:
    """Finds a project's key, or raises."""

    def __init__(self, error: CredentialsError | None) -> None:
        self.error = error
        self.go = asyncio.Event()
        self.go.set()
        self.asked = 0

    async def __call__(self) -> FoundKey:
        self.asked += 1
        await self.go.wait()
        if self.error is not None:
            raise self.error
        raise Unreachable("MemOS cannot be reached.")


async def keyless(home: Home, base_url: str, find_key: Key) -> Workspace:
    """A project with one user, whose key is found by `find_key`."""
    project = Projects(home).add("acme-prod", base_url=base_url)
    workspace = Workspace(project, home, find_key=find_key)
    await roster.add_subjects(workspace, [SubjectRef("user", "memos_user_123")])
    return workspace


NOWHERE = "http://127.0.0.1:9/api/openmem/v1"


@at_both_sizes
async def test_a_locked_keyring_names_every_other_way(home: Home, size: Size) -> None:
    workspace = await keyless(home, NOWHERE, Key(LOCKED))
    async with opened(workspace, size) as look:
        await press(look, "enter")
        await sees(look, "The keyring", "is locked", "ctrl+k")
        assert "…" not in rows(look)[0]
        await press(look, "exclamation_mark")
        await told(look, "Unlock it on the desktop", "MEMOS_API_KEY", "key_command")
        await told(look, "Press ctrl+k to type the key for this run, or r to look for it again.")
        await press(look, "escape", "s")  # it is looked for again, and said again
        await sees(look, "is locked", "s")
    workspace.abandon()


@at_both_sizes
async def test_a_keyring_that_does_not_answer_is_what_is_waited_for(
    home: Home, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "KEY_LATE", 0.05)
    key = Key(LOCKED)
    key.go.clear()
    workspace = await keyless(home, NOWHERE, key)
    async with opened(workspace, size) as look:
        await look.press("enter")
        await sees(look, "no API key yet: the keyring may wait to be unlocked")
        assert "asking MemOS" not in seen(look)
        key.go.set()
        await sees(look, "is locked")
    workspace.abandon()


async def test_a_key_that_is_typed_is_used_at_once_and_shown_nowhere(
    home: Home, size: Size, emulate: Emulate
) -> None:
    emulator: EmulatorThread = emulate()
    workspace = await keyless(home, emulator.base_url, Key(NoKeyring("There is no keyring here.")))
    async with opened(workspace, size) as look:
        await press(look, "enter")
        await sees(look, "no keyring here", "ctrl+k")
        await press(look, "ctrl+k")
        await told(look, "API key of acme-prod", f"For {emulator.root_url}", "kept nowhere")
        await press(look, *emulator.api_key)
        assert emulator.api_key not in seen(look)
        await press(look, "enter")
        await sees(look, "0610", "memos_user_123 · synced just now")  # what failed was asked again
        assert emulator.api_key not in seen(look)
    assert emulator.api_key not in (home.path / "config.toml").read_text()
    await workspace.close()


@pytest.mark.parametrize(
    ("typed", "why"),
    [("not a key", "What was typed"), ("mpg-another-0123456789", "is none of those that filled")],
    ids=["no key", "another project's"],
)
async def test_what_cannot_be_the_key_is_not_sent(
    home: Home, size: Size, typed: str, why: str
) -> None:
    workspace = await keyless(home, NOWHERE, Key(LOCKED))
    fingerprint = "9f86d081884c7d65"
    workspace.project = Projects(home).remember_key(workspace.project, fingerprint)
    async with opened(workspace, size) as look:
        await press(look, "ctrl+k", *typed, "enter")
        await told(look, why)
        assert typed not in seen(look)
        await press(look, "escape")
        assert not workspace.is_connected
    workspace.abandon()


@at_both_sizes
async def test_a_key_of_another_project_says_so(home: Home, size: Size) -> None:
    foreign = ForeignKey("MEMOS_API_KEY has a key that is none of those that filled acme-prod.")
    workspace = await keyless(home, NOWHERE, Key(foreign))
    async with opened(workspace, size) as look:
        await press(look, "S")
        await sees(look, "The API key is not one of this project's.", "ctrl+k")
    workspace.abandon()


# -- the store ---------------------------------------------------------------------------------------


def protect(workspace: Workspace, *, full: bool = False) -> None:
    """Let SQLite refuse every write, in its own words; a file's mode would not hold for root."""
    raw: sqlite3.Connection = workspace.writer._raw
    if full:
        pages = raw.execute("PRAGMA page_count").fetchone()[0]
        raw.execute(f"PRAGMA max_page_count = {pages}")
    else:
        raw.execute("PRAGMA query_only = ON")


def release(workspace: Workspace) -> None:
    raw: sqlite3.Connection = workspace.writer._raw
    raw.execute("PRAGMA query_only = OFF")
    raw.execute("PRAGMA max_page_count = 1000000")


@at_both_sizes
async def test_a_store_that_cannot_be_written_stays_readable_and_says_so(
    story: Workspace, size: Size
) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "memos")
        protect(story)
        await press(look, "r")
        await sees(look, "The store cannot be written. What it held stays. Press r", "0610")
        assert "…" not in rows(look)[0]
        await press(look, "exclamation_mark")
        await told(look, "store.db", "readonly database", "Nothing that it held was lost.")
        await told(look, "Check free disk space, your quota of it and the permissions")
        await press(look, "escape", "enter")
        await sees(look, "I want to travel")
        release(story)
        await press(look, "r")
        await misses(look, "cannot be written")


async def test_one_that_was_opened_on_a_full_disk_goes_on_when_there_is_room(
    story: Workspace, service: Service, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    await story.close()
    full = [True]
    monkeypatch.setattr("memos_admin.store.connection.is_full", lambda *_: full[0])
    workspace = Workspace(story.project, story.home)
    workspace.use_remote(service)
    async with opened(workspace, size) as look:
        await go_to_user(look, "memos")
        assert workspace.fixed_since is not None
        await until(look, lambda: "unwritable: as of " in rows(look)[0])
        first = workspace.reads
        full[0] = False
        await press(look, "r")
        await misses(look, "unwritable")
        assert workspace.reads is not first
        assert first.totals().users  # who still goes through what it gave
        await sees(look, "synced just now")


async def test_a_full_disk_stops_a_sync_with_what_to_do(
    workspace: Workspace, service: Service, size: Size
) -> None:
    for number in range(20):
        service.put("bob", a_memory(f"m{number}", "x" * 100_000))
    await roster.add_subjects(workspace, [SubjectRef("user", "bob")])
    async with opened(workspace, size) as look:
        protect(workspace, full=True)
        await press(look, "S")
        await sees(look, "The store cannot be written.", "S to try again.")
        assert not main(look).fetching.syncing
        await press(look, "exclamation_mark")
        await told(look, "disk is full", "Check free disk space")
        release(workspace)
        await press(look, "escape", "S")
        await sees(look, "20 memories added")
    workspace.abandon()


async def test_ids_that_cannot_be_added_stay_in_the_dialog(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        protect(story)
        await press(look, "a", *"zoe", "enter")
        await told(look, "cannot be written", "Nothing was added.", "zoe")
        release(story)
        await press(look, "enter")
        await sees(look, "Added 1 id.")
        await sees(look, "zoe")


async def test_a_text_that_is_no_id_is_told_where_it_was_typed(
    story: Workspace, size: Size
) -> None:
    async with opened(story, size) as look:
        await press(look, "a")
        look.app.focused.value = "x" * 5_000  # type: ignore[union-attr]
        await press(look, "enter")
        await told(look, "5000 characters; MemOS allows", "Nothing was added.")


def spoil(workspace: Workspace, how: str) -> None:
    """Make a store that cannot be opened."""
    if how == "damaged":
        workspace.store_path.write_bytes(b"no database at all " * 1000)
    elif how == "no file":
        workspace.store_path.unlink()
        workspace.store_path.mkdir()
    else:
        raw = sqlite3.connect(workspace.store_path)
        raw.execute("PRAGMA user_version = 9999")
        raw.close()


@pytest.mark.parametrize(
    ("how", "words"),
    [("damaged", "damaged"), ("no file", "cannot be written"), ("newer", "newer")],
    ids=["damaged", "no file", "newer"],
)
async def test_a_store_that_cannot_be_opened_is_said_where_users_would_be(
    workspace: Workspace, size: Size, how: str, words: str
) -> None:
    await roster.add_subjects(workspace, [SubjectRef("user", "bob")])
    await workspace.close()
    spoil(workspace, how)
    spoilt = Workspace(workspace.project, workspace.home)
    async with opened(spoilt, size) as look:
        await told(look, words, "store.db")
        assert rows(look)[0].strip()
        assert "No users." not in seen(look)
    spoilt.abandon()


# -- other ends --------------------------------------------------------------------------------------


async def test_somebody_who_is_not_on_the_roster_is_said_to_be_missing(
    story: Workspace, size: Size
) -> None:
    async with opened(story, size) as look:
        main(look).open(Place(SubjectRef("user", "nobody")))
        await told(look, "nobody is not on the roster of this project.")


async def test_a_mistake_of_ours_is_called_that_and_ends_nothing(
    story: Workspace, size: Size
) -> None:
    async def mistake() -> None:
        raise KeyError("subject")

    async with opened(story, size) as look:
        main(look).work(mistake, "mistake")
        await sees(look, "in memos-admin", "You can go on.")
        await press(look, "exclamation_mark")
        await told(look, "This is a mistake in memos-admin (KeyError: 'subject').", "report it")
        await press(look, "escape")
        await go_to_user(look, "memos")
        await sees(look, "0610")


async def test_too_small_says_how_large_it_must_be_and_comes_back(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        await go_to_user(look, "memos")
        await look.resize_terminal(50, 12)
        await told(look, "50×12 is too small. memos-admin needs 60×15.", "Make it larger")
        await press(look, "j", "tab")
        await look.resize_terminal(60, 15)
        await misses(look, "too small")
        await sees(look, TRIP.external_id)


@pytest.mark.parametrize("tiny", [(59, 14), (20, 4), (6, 2), (1, 1)], ids=str)
async def test_no_size_is_too_small_to_go_on(story: Workspace, tiny: Size) -> None:
    async with opened(story, tiny) as look:
        for key in ("j", "tab", "question_mark", "escape", "a", "escape", "P", "escape"):
            await press(look, key)
        assert look.app.is_running
        assert main(look).fetching.error == ""


async def test_an_error_read_is_there_to_be_read_again(story: Workspace, service: Service) -> None:
    async with opened(story, (80, 24)) as look:
        await press(look, "exclamation_mark")
        await sees(look, "There was no error.")
        main(look).fetching.failed("The first one.")
        main(look).fetching.failed("The second one.")
        await press(look, "exclamation_mark")
        await sees(look, "The second one.")
        await press(look, "escape")
        await misses(look, "! read")
        await press(look, "exclamation_mark")
        await sees(look, "The second one.")


async def said_of(look: Look, name: str) -> str:
    """Return the top line once it speaks of a user."""
    await until(look, lambda: name in rows(look)[0], name)
    return rows(look)[0]


async def test_who_was_never_synced_is_said_to_be(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        await press(look, "slash", *"u-88", "enter")
        assert "was never synced" in await said_of(look, NEVER.external_id)


async def test_a_sync_lets_what_is_read_again_come_to_an_end(
    workspace: Workspace, silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    let, begun, ended = asyncio.Event(), list[str](), list[str]()

    async def slowly(_desk: Desk) -> None:  # as a list of a million rows is
        begun.append("reload")
        await let.wait()
        ended.append("reload")

    await roster.add_subjects(workspace, [SubjectRef("user", f"u{n}") for n in range(5)])
    monkeypatch.setattr(fetching, "TELL_EVERY", 0)
    async with opened(workspace, (120, 40)) as look:
        monkeypatch.setattr(reloading, "reload", slowly)
        await look.press("S")
        await until(look, lambda: silent.on_wait is not None)
        for text in ("one thing", "another thing", "a third one"):
            silent.say_that(text)
            await sees(look, text)
        assert len(begun) == 1
        let.set()
        await until(look, lambda: ended)
        silent.say_that("a last thing")
        await until(look, lambda: len(begun) == 2)
        silent.go.set()
        await rest(look)
