"""Projects connected, tested, given a new key, removed."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest

from memos_admin.backend import config, display
from memos_admin.backend.credentials import FoundKey, set_key
from memos_admin.backend.display import printable
from memos_admin.backend.encryption import declaration
from memos_admin.backend.home import Home, HomeError
from memos_admin.backend.keys import check_key
from memos_admin.backend.privacy import Privacy
from memos_admin.backend.projects import Project, Projects
from memos_admin.backend.saved_filters import SavedFilters
from memos_admin.backend.workspace import Workspace
from memos_admin.language import gettext
from memos_admin.store.cipher import SALT_BYTES
from memos_admin.store.cipher_key import Key
from memos_admin.tui.app import MemosAdmin
from memos_admin.tui.jobs import trying
from memos_admin.tui.jobs.trying import Renewed
from memos_admin.tui.preferences import Preferences
from memos_admin.tui.screens.first_run import FirstRun
from memos_admin.tui.screens.projects import ProjectsScreen
from memos_admin.tui.widgets.dialog import Dialog, Told
from tests.backend import keyrings
from tests.tui.looking import at_both_sizes, press, rest, rows, seen, sees, told, until
from tests.tui.projecting import (
    OLD,
    Emulate,
    Size,
    add,
    fill,
    footer,
    hosted,
    names,
    opened,
    row,
    says,
    shows,
    type_in,
)

LOW = (60, 15)
"""The smallest terminal that it is made for."""

in_each_language = pytest.mark.parametrize("language", ["en", "zh"])


# Connecting


async def test_a_is_the_form_and_what_it_connects_is_opened(
    home: Home, size: Size, emulate: Emulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyrings.use(monkeypatch, keyrings.Memory())
    emulator = emulate()
    acme = add(home, "acme")
    async with opened(home, acme, size) as look:
        await press(look, "a")
        await sees(look, "Name, as you want to see it here", "escape back")
        await type_in(look, "beta")
        await press(look, "up", "enter")
        await type_in(look, emulator.base_url)
        await sees(look, "It is kept in the keyring (keyrings Memory)")
        await type_in(look, emulator.api_key)
        await shows(look, "beta")
        assert len(look.app.screen_stack) == 2
        assert emulator.api_key not in seen(look)
    assert names(home) == ["acme", "beta"]


async def test_escape_leaves_the_form_for_the_list(home: Home, size: Size) -> None:
    acme = add(home, "acme")
    async with opened(home, acme, size) as look:
        await press(look, "a")
        await sees(look, "Name, as you want")
        await press(look, "q", "escape")
        assert isinstance(look.app.screen, ProjectsScreen)


async def test_a_key_for_this_run_is_known_when_one_comes_back(
    home: Home, size: Size, emulate: Emulate
) -> None:
    emulator = emulate()
    acme = add(home, "acme")

    async def given() -> FoundKey:
        return FoundKey(check_key(emulator.api_key, "a test"), "prompt")

    beta = add(home, "beta", emulator.base_url)
    async with hosted(MemosAdmin(home, Workspace(beta, home, find_key=given)), size) as look:
        assert "this run" in row(look, "beta")
        await press(look, "up", "enter")
        await shows(look, "acme")
        assert isinstance(look.app, MemosAdmin)
        look.app.push_screen(ProjectsScreen(home, look.app.session))
        await rest(look)
        assert "this run" in row(look, "beta")
        await press(look, "down", "t")
        await says(look, f"beta: {emulator.root_url} answers in", "and accepts the key")
    assert acme.title == "acme"


# Testing


async def test_t_says_that_address_and_key_work(
    home: Home, size: Size, emulate: Emulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyrings.use(monkeypatch, keyrings.Memory())
    emulator = emulate()
    acme = add(home, "acme", emulator.base_url)
    set_key(Projects(home), acme, check_key(emulator.api_key, "a test"))
    async with opened(home, acme, size) as look:
        await says(look, "not tested; t tests it")
        await press(look, "t")
        await says(look, f"acme: {emulator.root_url} answers in", "ms and accepts the key")
        await says(look, "and accepts the key (just now)")
        assert emulator.api_key not in seen(look)


async def test_t_says_what_is_wrong_with_the_key(
    home: Home, size: Size, emulate: Emulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyrings.use(monkeypatch, keyrings.Memory())
    acme = add(home, "acme", emulate().base_url)
    set_key(Projects(home), acme, OLD)
    beta = add(home, "beta", emulate().base_url)
    async with opened(home, beta, size) as look:
        await press(look, "up", "t")
        await says(look, "answers, but does not accept the key")
        await press(look, "down", "t")
        await says(look, "There is no key for beta")
        assert OLD.reveal() not in seen(look)


async def test_t_says_what_is_waited_for(
    home: Home, emulate: Emulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyrings.use(monkeypatch, keyrings.Memory())
    emulator = emulate("timeout")
    acme = add(home, "acme", emulator.base_url)
    set_key(Projects(home), acme, OLD)
    async with opened(home, acme, (80, 24)) as look:
        await look.press("t")
        await says(look, "Testing acme …", "MemOS has not answered for")
        await press(look, "escape")
        await shows(look, "acme")


# A new key


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> keyrings.Memory:
    """A keyring that works."""
    keyring = keyrings.Memory()
    keyrings.use(monkeypatch, keyring)
    return keyring


def secrets(kept: keyrings.Memory) -> str:
    return " ".join(kept.kept.values())


async def test_the_first_key_is_tried_and_kept(
    home: Home, size: Size, emulate: Emulate, kept: keyrings.Memory
) -> None:
    emulator = emulate()
    acme = add(home, "acme", emulator.base_url)
    async with opened(home, acme, size) as look:
        assert "none known" in row(look, "acme")
        await press(look, "K")
        await says(look, "New key for acme", emulator.root_url)
        await says(look, "It is kept in the keyring (keyrings Memory)")
        await type_in(look, emulator.api_key)
        await says(look, "The new key of acme works. It is in the keyring, and nowhere else.")
        await rest(look)
        assert " keyring " in row(look, "acme")
        assert emulator.api_key not in seen(look)
        await press(look, "t")
        await says(look, "and accepts the key")
    assert emulator.api_key in secrets(kept)
    assert len(Projects(home).get("acme").fingerprints) == 1


@at_both_sizes
async def test_another_key_is_asked_about_before_it_is_kept(
    home: Home, size: Size, emulate: Emulate, kept: keyrings.Memory
) -> None:
    emulator = emulate()
    acme = set_key(Projects(home), add(home, "acme", emulator.base_url), OLD)
    async with opened(home, acme, size) as look:
        await press(look, "K")
        await type_in(look, emulator.api_key)
        await told(look, "it is none of those that filled acme", OLD.fingerprint)
        await says(look, "press enter again")
        assert Projects(home).get("acme").fingerprints == (OLD.fingerprint,)
        assert emulator.api_key not in secrets(kept)
        await look.press("enter")
        await says(look, "The new key of acme works.")
    assert emulator.api_key in secrets(kept)
    assert len(Projects(home).get("acme").fingerprints) == 2


async def test_a_key_of_another_project_is_told_and_escape_leaves_all_as_it_was(
    home: Home, size: Size, emulate: Emulate, kept: keyrings.Memory
) -> None:
    emulator = emulate()
    key = check_key(emulator.api_key, "a test")
    set_key(Projects(home), add(home, "beta", emulator.base_url), key)
    acme = set_key(Projects(home), add(home, "acme", emulator.base_url), OLD)
    before = dict(kept.kept), home.config_path.read_text()
    async with opened(home, acme, size) as look:
        await press(look, "K")
        await type_in(look, emulator.api_key)
        await says(look, "but it is the key of beta here")
        await press(look, "escape")
        assert isinstance(look.app.screen, ProjectsScreen)
    assert (dict(kept.kept), home.config_path.read_text()) == before


@in_each_language
async def test_on_a_low_terminal_all_is_read_before_another_key_is_kept(
    home: Home, emulate: Emulate, kept: keyrings.Memory, language: str
) -> None:
    emulator = emulate()
    key = check_key(emulator.api_key, "a test")
    acme = add(home, "acme", emulator.base_url)
    for number in range(5):
        acme = set_key(Projects(home), acme, check_key(f"mpg-of-before-{number}", "a test"))
    async with opened(home, acme, LOW, preferences=Preferences(language=language)) as look:
        assert footer(look).split()[0] == "enter"
        await press(look, "K")
        await type_in(look, emulator.api_key)
        await until(look, lambda: key.fingerprint in seen(look))
        await rest(look)
        told = look.app.screen.query(Told).last()
        assert told.size.height > 4
        assert not told.max_scroll_y
        assert look.app.screen.query_one(Dialog).region.bottom >= told.region.bottom


async def test_a_refused_key_replaces_nothing(
    home: Home, size: Size, emulate: Emulate, kept: keyrings.Memory
) -> None:
    acme = set_key(Projects(home), add(home, "acme", emulate().base_url), OLD)
    before = dict(kept.kept), home.config_path.read_text()
    async with opened(home, acme, size) as look:
        await press(look, "K")
        await type_in(look, "mpg-wrong")
        await says(look, "MemOS refused this key (code 40132)")
        await says(look, "The key that acme had is as it was.")
        assert "mpg-wrong" not in seen(look)
        await type_in(look, "two words")
        await says(look, "contains a space")
        assert "two words" not in seen(look)
    assert (dict(kept.kept), home.config_path.read_text()) == before


async def test_escape_cancels_the_try_of_a_key(
    home: Home, size: Size, emulate: Emulate, kept: keyrings.Memory
) -> None:
    emulator = emulate("timeout")
    acme = add(home, "acme", emulator.base_url)
    async with opened(home, acme, size) as look:
        await press(look, "K")
        await type_in(look, emulator.api_key)
        await until(look, lambda: emulator.emulator.requests, "a request")
        await press(look, "escape")
        await says(look, "Cancelled. Nothing was changed.")
        await press(look, "escape")
        assert isinstance(look.app.screen, ProjectsScreen)
    assert kept.kept == {}
    assert Projects(home).get("acme").fingerprints == ()


async def test_without_a_keyring_a_new_key_is_for_this_run(
    home: Home, size: Size, emulate: Emulate
) -> None:
    emulator = emulate()
    acme = set_fingerprint(home, add(home, "acme", emulator.base_url))
    async with opened(home, acme, size) as look:
        await press(look, "K")
        await says(look, "There is no keyring here: it is kept for this run only")
        await type_in(look, emulator.api_key)
        await says(look, "press enter again")
        await look.press("enter")
        await says(look, "The new key of acme works, but is for this run only")
        await rest(look)
        assert "this run" in row(look, "acme")
        assert isinstance(look.app, MemosAdmin)
        assert look.app.session is not None
        remote = await look.app.session.workspace.remote()  # the open project uses it at once
        assert (await remote.get_memories("user", "nobody")).memories == ()
        await remote.close()
    assert emulator.api_key not in home.config_path.read_text()


def set_fingerprint(home: Home, project: Project) -> Project:
    return Projects(home).remember_key(project, OLD.fingerprint)


async def test_a_keyring_that_is_locked_while_a_key_is_kept_is_told(
    home: Home, size: Size, emulate: Emulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KeyringLocked(Exception):
        pass

    keyrings.use(monkeypatch, keyrings.Raising(KeyringLocked))
    emulator = emulate()
    acme = add(home, "acme", emulator.base_url)
    async with opened(home, acme, size) as look:
        await press(look, "K")
        await type_in(look, emulator.api_key)
        await says(look, "works, but is for this run only: The keyring is locked")
        assert emulator.api_key not in seen(look)


def test_a_key_is_in_no_repr(home: Home) -> None:
    acme = add(home, "acme")
    renewed = trying.keep_key(home, acme, OLD.reveal())
    assert isinstance(renewed, Renewed)
    assert renewed.find_key is not None
    assert OLD.reveal() not in repr(renewed)
    assert OLD.reveal() not in repr(asyncio.run(renewed.find_key()))  # type: ignore[arg-type]


# Removing


@at_both_sizes
async def test_removing_says_what_is_deleted_and_wants_the_name(
    home: Home, size: Size, kept: keyrings.Memory
) -> None:
    acme, beta = add(home, "acme"), add(home, "beta", key_command=["pass"])
    await fill(home, beta, "bob")
    set_key(Projects(home), beta, OLD)
    SavedFilters(home, beta).save("tea", "view:fact")
    async with opened(home, acme, size) as look:
        await press(look, "down", "d")
        await says(look, "This is deleted from this machine, for ever:")
        await says(look, "its store: 1 user, 1 conversation, 1 message and 2 memories")
        await says(look, "its API key, if it is in the keyring", "lose it too")
        await says(look, "its saved filter tea", "so are verdicts")
        await says(look, "MemOS keeps all that it has.")
        await says(look, "What its key_command prints is kept elsewhere", "Type beta to remove it.")
        await type_in(look, "acme")
        await says(look, "That is not its name. Nothing was removed.")
        assert beta.store_dir.exists()
        await type_in(look, "beta")
        await says(look, "Removed beta and its store.")
        await rest(look)
        assert "beta " not in "\n".join(rows(look)[2:8])
        await press(look, "escape")
        await shows(look, "acme")
    assert names(home) == ["acme"]
    assert not beta.store_dir.exists()
    assert kept.kept == {}


@in_each_language
async def test_on_a_low_terminal_what_is_removed_is_read_and_its_name_is_seen_as_it_is_typed(
    home: Home, language: str
) -> None:
    acme = add(home, "acme", key_command=["pass"])
    await fill(home, acme, "bob")
    async with opened(home, acme, LOW, preferences=Preferences(language=language)) as look:
        open_here = gettext("It is open here: it is closed first.")
        await press(look, "d")
        await says(look, "pagedown", gettext("enter removes it · escape leaves"))
        assert open_here not in seen(look)
        await press(look, "pagedown", "pagedown")
        await says(look, open_here, gettext("Type {project} to remove it.").format(project="acme"))
        assert "pagedown" not in seen(look)
        await press(look, "pageup", "pageup")
        await says(look, gettext("This is deleted from this machine, for ever:"), "pagedown")
        await press(look, *"ac b")  # letters and spaces are typed
        await sees(look, "ac b")
        await press(look, "enter")
        await says(look, gettext("That is not its name. Nothing was removed."), "ac b")
        await press(look, "pagedown", "pagedown", "backspace")
        await says(look, open_here)
        await press(look, "enter")  # what is told gives room to why not
        await says(look, gettext("That is not its name. Nothing was removed."), "pagedown")


async def test_a_name_that_is_masked_is_typed_as_it_is_seen(
    home: Home, request: pytest.FixtureRequest
) -> None:
    request.addfinalizer(partial(display.draw, None))
    acme, mail = add(home, "acme"), add(home, "ann@example.com")
    preferences = Preferences(privacy=Privacy(True, False))
    async with opened(home, acme, (120, 40), preferences=preferences) as look:
        await press(look, "down", "d")
        seen = printable(mail.title)
        assert seen != mail.title
        await says(look, f"Type {seen} to remove it.")
        await type_in(look, "ann")
        await says(look, "That is not its name. Nothing was removed.")
        await type_in(look, seen)
        await says(look, "Removed ")
        await rest(look)
    assert names(home) == ["acme"]


async def test_that_the_key_of_an_encrypted_store_stays_is_told(home: Home, size: Size) -> None:
    acme = add(home, "acme")
    await fill(home, acme, "bob")
    key = Key.of_passphrase("correct horse battery", bytes(SALT_BYTES))
    declaration.write(acme.store_dir, declaration.Declaration.of(key, "keyring"))
    async with opened(home, None, size) as look:
        await press(look, "d")
        await says(look, "The key of its encrypted store stays, since copies and backups")


async def test_escape_removes_nothing(home: Home, size: Size) -> None:
    acme = add(home, "acme")
    async with opened(home, acme, size) as look:
        await press(look, "delete")
        await says(look, "Type acme to remove it.")
        await press(look, "escape")
        assert isinstance(look.app.screen, ProjectsScreen)
    assert names(home) == ["acme"]


async def test_the_open_project_is_closed_removed_and_followed_by_another(
    home: Home, size: Size
) -> None:
    acme, beta = add(home, "acme"), add(home, "beta")
    await fill(home, acme, "ann")
    await fill(home, beta, "bob")
    async with opened(home, acme, size) as look:
        await press(look, "d")
        await says(look, "It is open here: it is closed first.")
        await type_in(look, "acme")
        await shows(look, "beta")
        await says(look, "Removed acme and its store.", "no key was deleted", "bob")
        assert len(look.app.screen_stack) == 2
    assert names(home) == ["beta"]
    assert not acme.store_dir.exists()


async def test_after_the_last_project_comes_the_first_run(home: Home, size: Size) -> None:
    acme = add(home, "acme")
    async with opened(home, acme, size) as look:
        await press(look, "d")
        await type_in(look, "acme")
        await until(look, lambda: isinstance(look.app.screen, FirstRun), "the first run")
        await says(look, "Removed acme and its store.", "Connect a project")
        assert isinstance(look.app, MemosAdmin)
        assert look.app.session is None
    assert names(home) == []


async def test_a_keyring_that_keeps_the_key_of_a_removed_project_is_told(
    home: Home, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyrings.use(monkeypatch, keyrings.Raising(lambda _: RuntimeError("out of order")))
    acme, beta = add(home, "acme"), add(home, "beta")
    async with opened(home, acme, size) as look:
        await press(look, "down", "d")
        await type_in(look, "beta")
        await says(look, "The keyring did not delete its key.", str(beta.uuid)[-12:])


async def test_what_cannot_be_removed_can_be_left(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = add(home, "acme")

    def refuse(path: Path, content: bytes) -> None:
        raise HomeError(f"{path} cannot be written: Read-only file system.")

    monkeypatch.setattr(config, "replace_private", refuse)
    async with opened(home, acme, (120, 40)) as look:
        await press(look, "d")
        await type_in(look, "acme")
        await says(look, "Read-only file system")
        await rest(look)
        await press(look, "escape")
        await until(look, lambda: isinstance(look.app.screen, FirstRun), "the first run")
    assert names(home) == ["acme"]
