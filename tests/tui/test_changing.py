"""Changing what MemOS holds from the screen, by keys: refused, shown, typed, done, told."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.containers import VerticalScroll
from textual.widgets import Static

from memos_admin.backend import display, journal
from memos_admin.backend.changing import reading_back, subject_asking
from memos_admin.backend.changing.lines import Line, Part
from memos_admin.backend.display import called
from memos_admin.backend.home import Home
from memos_admin.backend.model import Filter
from memos_admin.backend.privacy import Privacy
from memos_admin.backend.projects import Projects
from memos_admin.backend.workspace import Workspace
from memos_admin.emulator.thread import EmulatorThread
from memos_admin.tui import permitting
from memos_admin.tui.preferences import Preferences
from memos_admin.tui.screens.changing import MOST_SHOWN, ChangeDialog, EditMemory
from memos_admin.tui.standing import Progress
from tests.backend.changed import TRIP, USER, project_on
from tests.backend.journals import entries
from tests.cli.conftest import asked
from tests.hostile import HOSTILE, unsafe
from tests.tui.looking import (
    Look,
    at_both_sizes,
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


@pytest.fixture(autouse=True)
def _lifted() -> Iterator[None]:
    yield
    display.draw(None)


Emulate = Callable[..., EmulatorThread]


@asynccontextmanager
async def acme(
    emulator: EmulatorThread, home: Home, size: tuple[int, int], *, allowed: bool = True
) -> AsyncIterator[Look]:
    """Open a project on an emulator, with its memory of the trip under the cursor."""
    async with (
        project_on(emulator, home, USER, allowed=allowed) as workspace,
        opened(workspace, size) as look,
    ):
        yield look


async def go_to_trip(look: Look) -> None:
    await press(look, "ctrl+g", *TRIP, "enter")
    await sees(look, "Summer Family")


def status(emulator: EmulatorThread) -> str:
    return str(asked(emulator, f"/get/memory/{TRIP}")["data"]["status"])


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.mark.parametrize("key", ["E", "A", "X"])
async def test_a_project_that_is_only_read_says_how_to_allow_more(
    emulate: Emulate, home: Home, size: tuple[int, int], key: str
) -> None:
    emulator = emulate()
    async with acme(emulator, home, size, allowed=False) as look:
        await go_to_trip(look)
        assert "changes allowed" not in rows(look)[0]
        await press(look, key)
        await told(look, "memos-admin projects allow-writes acme")
        assert not isinstance(look.app.screen, ChangeDialog | EditMemory)
        Projects(home).allow_writes("acme", allowed=True)
        await press(look, "A")
        await until(look, lambda: isinstance(look.app.screen, ChangeDialog))
        await press(look, "escape")
        await until(look, lambda: "changes allowed" in rows(look)[0])
    assert status(emulator) == "activated"


async def test_permission_that_another_program_takes_back(
    emulate: Emulate, home: Home, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permitting, "SECONDS", 0.05)
    emulator = emulate()
    async with acme(emulator, home, size) as look:
        await sees(look, "changes allowed")
        await go_to_trip(look)
        await press(look, "A")
        await told(look, "Archive memory", "enter does it")
        Projects(home).allow_writes("acme", allowed=False)
        await press(look, "enter")
        await told(look, "memos-admin projects allow-writes acme")
        await press(look, "escape")
        await until(look, lambda: "changes allowed" not in rows(look)[0])
        Projects(home).allow_writes("acme", allowed=True)
        await until(look, lambda: "changes allowed" in rows(look)[0])
    assert status(emulator) == "activated"


@at_both_sizes
async def test_archived_by_enter_and_restored(
    emulate: Emulate, home: Home, size: tuple[int, int]
) -> None:
    emulator = emulate()
    async with acme(emulator, home, size) as look:
        await sees(look, "changes allowed")
        await go_to_trip(look)
        await press(look, "A")
        await told(look, "Archive memory", "status: [-activated-]{+archived+}", "enter does it")
        await press(look, "enter")
        await told(look, f"{TRIP}: done; verified", "enter or escape closes")
        await press(look, "escape")
        await rest(look)
        await sees(look, "archived")
        await misses(look, "gone")
        await press(look, "A")
        await told(look, "Restore memory")
        await press(look, "enter")
        await told(look, "done; verified")
        await press(look, "enter")
        assert not isinstance(look.app.screen, ChangeDialog)
    assert status(emulator) == "activated"


async def test_deleted_when_the_id_is_typed(
    emulate: Emulate, home: Home, size: tuple[int, int]
) -> None:
    emulator = emulate()
    async with acme(emulator, home, size) as look:
        await go_to_trip(look)
        await press(look, "X")
        await told(look, "Delete memory", "for good", "to do it")
        await press(look, "n", "o", "enter")
        await told(look, f"That is not {TRIP}. Nothing was changed.")
        assert status(emulator) == "activated"
        await press(look, "backspace", "backspace", *TRIP, "enter")
        await told(look, f"{TRIP}: done; verified")
        await press(look, "escape")
        await misses(look, "done; verified")
    assert asked(emulator, f"/get/memory/{TRIP}")["data"] is None


@at_both_sizes
async def test_edited_with_its_words_compared(
    emulate: Emulate, home: Home, size: tuple[int, int]
) -> None:
    emulator = emulate()
    async with acme(emulator, home, size) as look:
        await go_to_trip(look)
        await press(look, "E")
        await until(look, lambda: isinstance(look.app.screen, EditMemory))
        await sees(look, " Title ", " Text ")
        await press(look, *"Really", "ctrl+s")
        await told(look, "Edit memory", "{+Really+}", "Sent: POST /update/memory")
        await press(look, *TRIP, "enter")
        await told(look, "done; verified")
        await press(look, "escape")
        await rest(look)
    content = asked(emulator, f"/get/memory/{TRIP}")["data"]["content"]
    assert "Really" in content


async def test_what_is_typed_into_is_seen_in_a_low_terminal(emulate: Emulate, home: Home) -> None:
    async with acme(emulate(), home, (60, 15)) as look:
        await go_to_trip(look)
        await press(look, "X")
        await told(look, f"Type {TRIP} and press enter to do it.", "there is more below")
        await press(look, *"typed")
        await sees(look, "typed")
        await press(look, "escape", "E")
        await until(look, lambda: isinstance(look.app.screen, EditMemory))
        await press(look, "ctrl+end", "enter", *"the last word")
        await sees(look, "the last word")


async def test_an_edit_of_nothing_has_nothing_to_do(
    emulate: Emulate, home: Home, size: tuple[int, int]
) -> None:
    async with acme(emulate(), home, size) as look:
        await go_to_trip(look)
        await press(look, "E")
        await until(look, lambda: isinstance(look.app.screen, EditMemory))
        await press(look, "ctrl+s")
        await told(look, "It says that already.", "There is nothing to do.", "escape leaves")
        await press(look, "enter")
        assert not isinstance(look.app.screen, ChangeDialog)


async def test_what_changed_meanwhile_is_shown(
    emulate: Emulate, home: Home, size: tuple[int, int]
) -> None:
    emulator = emulate()
    async with acme(emulator, home, size) as look:
        await go_to_trip(look)
        await press(look, "A")
        await told(look, "enter does it")
        asked(emulator, "/update/memory", {"memory_id": TRIP, "title": "Meanwhile"})
        await press(look, "enter")
        await told(look, "Nothing was sent.", "{+Meanwhile+}")
    assert status(emulator) == "activated"


async def test_what_could_not_be_verified_is_told(
    emulate: Emulate, home: Home, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_back, "PAUSES", ())
    emulator = emulate("500:route=/update/memory")
    async with acme(emulator, home, size) as look:
        await go_to_trip(look)
        await press(look, "A", "enter")
        await told(look, "not known whether it was done; not verified", "Done: 0 of 1 memory.")
        await told(look, "read what MemOS holds now, fetch everything: F on the user. enter or esc")


async def test_a_service_that_cannot_be_asked_is_told_and_left(
    emulate: Emulate, home: Home, size: tuple[int, int]
) -> None:
    emulator = emulate()
    async with acme(emulator, home, size) as look:
        await go_to_trip(look)
        asked(emulator, "/_emulator/faults", {"faults": ["expired-key"]})
        await press(look, "A")
        await told(look, "the service refused the API key", "escape leaves")
        await press(look, "escape")
        assert not isinstance(look.app.screen, ChangeDialog)


async def test_leaving_while_it_is_sent_asks_twice(
    emulate: Emulate, home: Home, size: tuple[int, int]
) -> None:
    emulator = emulate("timeout:route=/update/memory")
    async with acme(emulator, home, size) as look:
        await go_to_trip(look)
        await press(look, "A")
        await told(look, "enter does it")
        await look.press("enter")
        await told(look, "reading it back")
        await look.press("escape")
        await told(look, "Press escape again")
        await look.press("escape")
        await until(look, lambda: not isinstance(look.app.screen, ChangeDialog))
    assert status(emulator) == "archived"


@at_both_sizes
async def test_a_user_is_exported_and_deleted(
    emulate: Emulate,
    home: Home,
    size: tuple[int, int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(subject_asking, "PAUSES", ())
    emulator = emulate()
    async with acme(emulator, home, size) as look:
        await press(look, "X")
        await told(look, "Delete everything that MemOS holds of user memos_user_123")
        await told(look, "2 memories are listed (Fact 2)", "Exported first to", "to do it")
        await told(look, str(home.exports_dir))
        await press(look, *USER.external_id, "enter")
        await told(look, "memos_user_123: done", "MemOS shows nothing of it any more.")
        await misses(look, "To read what MemOS holds now")
        await press(look, "escape")
        await rest(look)
    assert USER.external_id not in asked(emulator, "/_emulator/users")
    assert names(tmp_path / "here") == []
    name, manifest = sorted(names(home.exports_dir))
    assert "-before-deletion-" in name
    assert manifest == f"{name}.manifest.json"
    lines = [json.loads(line) for line in (home.exports_dir / name).read_text().splitlines()]
    assert Counter(line["type"] for line in lines) == {"conversation": 1, "memory": 2, "message": 4}


async def test_what_could_not_be_read_back_of_a_user_is_read_by_fetching_everything(
    emulate: Emulate, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(subject_asking, "PAUSES", ())
    emulator = emulate()
    async with acme(emulator, home, (120, 40)) as look:
        await press(look, "X")
        await told(look, "to do it")
        fault = "code:code=50004,route=/get/memory,after=1"  # it is read once more before it goes
        asked(emulator, "/_emulator/faults", {"faults": [fault]})
        await press(look, *USER.external_id, "enter")
        await told(look, "not verified", "fetch everything: F on the user. enter or escape closes")
        asked(emulator, "/_emulator/faults", {"faults": []})
        await press(look, "escape")
        await rest(look)
        for _time in range(2):  # what one listing lacks is gone when a second one does
            await press(look, "F", "enter")
            await rest(look)
        with main(look).session.workspace.open_reads() as reads:
            assert reads.memory_count(Filter(subject=USER, vanished=False)) == 0


async def test_who_cannot_be_read_whole_is_deleted_only_by_who_chooses_that(
    emulate: Emulate, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    emulator = emulate()
    async with acme(emulator, home, (120, 40)) as look:
        asked(emulator, "/_emulator/faults", {"faults": ["code:code=40002,route=/get/message"]})
        await press(look, "X")
        await told(look, "could not be read whole", "u shows what would be done.")
        await press(look, "u")
        await told(look, "Not all could be read, and what was not is kept nowhere", "to do it")
        await press(look, "escape")
    assert USER.external_id in asked(emulator, "/_emulator/users")


async def test_where_there_is_nothing_to_change(
    emulate: Emulate, home: Home, size: tuple[int, int]
) -> None:
    async with (
        project_on(emulate(), home) as workspace,
        opened(workspace, size) as look,
    ):
        await press(look, "X")
        await told(look, "There is no user here to delete.")


@at_both_sizes
async def test_the_top_line_says_it_beside_an_error_and_a_sync(
    emulate: Emulate, home: Home, size: tuple[int, int]
) -> None:
    async with acme(emulate(), home, size) as look:
        assert "acme" in rows(look)[0]
        main(look).fetching.failed("Something failed.")
        await sees(look, "Something failed.")
        assert "changes allowed" in rows(look)[0]
        main(look).session.standing.set(Progress(1, 2, "reading"))
        await sees(look, "reading")
        assert "changes allowed" in rows(look)[0]
        main(look).session.standing.set(None)


async def test_texts_of_strangers_are_gated(emulate: Emulate, home: Home) -> None:
    emulator = emulate()
    texts = [text for text in HOSTILE.values() if len(text) < 1_000]
    joined = "x".join(texts).encode("utf-8", "replace").decode()
    asked(emulator, "/update/memory", {"memory_id": TRIP, "content": joined})
    async with acme(emulator, home, (120, 40)) as look:
        await press(look, "ctrl+g", *TRIP, "enter")
        await press(look, "X")
        await told(look, "to do it")
        assert unsafe("".join(rows(look))) == []
        await press(look, "escape", "E")
        await told(look, "characters that a field cannot show")


async def test_a_title_of_several_lines_has_no_field(
    emulate: Emulate, home: Home, size: tuple[int, int]
) -> None:
    emulator = emulate()
    async with acme(emulator, home, size) as look:
        await go_to_trip(look)
        several = {"memory_id": TRIP, "title": "one\ntwo", "content": "a\nb"}
        asked(emulator, "/update/memory", several)
        await press(look, "E")
        await told(look, "characters that a field cannot show", "memories edit")
        asked(emulator, "/update/memory", {"memory_id": TRIP, "title": "one"})
        await press(look, "E")
        await told(look, "Edit the memory", "a", "b")


async def test_what_was_typed_is_offered_again(
    emulate: Emulate, home: Home, size: tuple[int, int]
) -> None:
    emulator = emulate()
    async with acme(emulator, home, size) as look:
        await go_to_trip(look)
        await press(look, "E", *"Really")
        await press(look, "escape")
        await told(look, "What you typed is kept", "E on the memory offers it again")
        await press(look, "E")
        await told(look, "Really", "This is what you typed before.")
        assert "MemOS says something else" not in seen(look)
        await press(look, "ctrl+s")
        await told(look, "{+Really")
        await press(look, "escape")
        asked(emulator, "/update/memory", {"memory_id": TRIP, "title": "Meanwhile"})
        await press(look, "E")
        await told(look, "Really", "MemOS says something else by now")
        await press(look, "ctrl+r")
        await told(look, "Meanwhile")
        await press(look, "escape", "E")
        await until(look, lambda: isinstance(look.app.screen, EditMemory))
        assert "Really" not in seen(look)
        assert "typed before" not in seen(look)


async def test_a_user_with_another_name_is_deleted_by_typing_that(
    emulate: Emulate,
    home: Home,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is to be typed is what is shown; the id is nowhere on the screen."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(subject_asking, "PAUSES", ())
    emulator = emulate()
    names = Preferences(privacy=Privacy(True, True))
    async with (
        project_on(emulator, home, USER) as workspace,
        opened(workspace, (120, 40), preferences=names) as look,
    ):
        name = called(USER)
        assert name != USER.external_id
        await press(look, "X")
        await told(look, f"of user {name}, for good", f"Type {name} and press enter")
        await told(look, "Sent: POST /delete/memory with user_id, which is masked")
        await told(look, "acme-…-before-deletion-", "(… stands for the id, which is masked)")
        assert USER.external_id not in seen(look)
        await press(look, "ctrl+l")
        await told(look, f"of user {USER.external_id}", f"Type {USER.external_id} and press enter")
        await press(look, "ctrl+l")
        await told(look, f"Type {name} and press enter")
        await press(look, *name, "enter")
        await told(look, f"{name}: done", "MemOS shows nothing of it any more.")
        await told(look, "Exported to", "(… stands for the id, which is masked)")
        assert USER.external_id not in seen(look)
    assert USER.external_id not in asked(emulator, "/_emulator/users")


class Asked:
    """A change of something whose id is itself masked."""

    title, words, is_empty, stops = "Delete it", ("+49 170 1234567",), False, False
    number, choices, why_not, although, ages = 1, "", "", "", False
    is_settled = True

    def choose(self, _key: str) -> bool:
        return False

    async def look(self, _tell: object) -> list[Line]:
        return [(Part("what +49 170 1234567 says"),)]

    async def do(self, _tell: object) -> list[Line]:
        return [(Part("it was done"),)]

    async def again(self) -> list[Line]:
        return await self.look(None)


async def test_an_id_that_is_masked_is_shown_before_it_is_to_be_typed(story: Workspace) -> None:
    async with opened(
        story, (80, 24), preferences=Preferences(privacy=Privacy(True, False))
    ) as look:
        look.app.push_screen(ChangeDialog(Asked(), "ctrl+l"))
        await told(look, "what [phone **] says", "The id to be typed is masked. ctrl+l shows it")
        await press(look, "ctrl+l")
        await told(look, "what +49 170 1234567 says", "Type +49 170 1234567 and press enter")
        assert journal.of(story.home).flush()
        assert [e.details for e in entries(story.home) if e.action == "reveal"] == [
            {"what": "everything"}
        ]
        await press(look, *"+49 170 1234567", "enter")
        await told(look, "it was done")


class Long(Asked):
    """A change whose text is cut where a number stands."""

    words = ("it",)

    async def look(self, _tell: object) -> list[Line]:
        return [(Part("x " * (MOST_SHOWN // 2 - 4)), Part("+49 170 1234567"), Part("never shown"))]


async def test_what_is_too_long_is_masked_before_it_is_cut_and_not_on_the_event_loop(
    story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = set()

    def noted(text: str, most: int) -> str:
        threads.add(threading.current_thread())
        return display.beginning(text, most)

    monkeypatch.setattr("memos_admin.tui.screens.changing.beginning", noted)
    async with opened(
        story, (80, 24), preferences=Preferences(privacy=Privacy(True, False))
    ) as look:
        dialog = ChangeDialog(Long(), "ctrl+l")
        look.app.push_screen(dialog)
        await told(look, "Type it and press enter")
        shown = str(dialog.query_one(VerticalScroll).query_one(Static).content)
        assert shown.endswith("x [phone *")
        assert len(shown) <= MOST_SHOWN
    assert threads.isdisjoint({threading.main_thread()})
    assert threads


@pytest.mark.parametrize("key", ["E", "A", "X"])
async def test_where_there_is_no_memory_it_is_said_where_the_key_works(
    story: Workspace, size: tuple[int, int], key: str
) -> None:
    title = {"E": "Edit in MemOS", "A": "Archive in MemOS", "X": "Delete in MemOS"}[key]
    async with opened(story, size) as look:
        for pane in ("conversations", "transcript", "users")[: 2 if key == "X" else 3]:
            look.app.clear_notifications()
            main(look).go_to(pane)
            await press(look, key)
            await told(look, f"{key} works in: ", "Memories, Detail.")
            look.app.clear_notifications()
            await press(look, "ctrl+p", *title, "enter")
            await told(look, f"{title.replace(title[0], title[0].lower(), 1)} works in: ")
