"""A person's request answered from the screen, by keys: the ticket, the plan, what was written, erased."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest
from textual.widgets import Input

from memos_admin.backend import display, journal, occasion
from memos_admin.backend.changing import reading_back, subject, subject_asking
from memos_admin.backend.changing.subject_asking import Asked, OnAsked
from memos_admin.backend.home import Home
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.subject_access import bundle, freshness, verifying
from memos_admin.backend.times import now_ms
from memos_admin.emulator.thread import EmulatorThread
from memos_admin.tui.preferences import Preferences
from memos_admin.tui.screens.changing import ChangeDialog
from memos_admin.tui.screens.dialogs import Ask
from memos_admin.tui.words import phrases
from tests.backend.changed import USER, project_on
from tests.backend.journals import entries
from tests.cli.conftest import asked
from tests.tui.looking import (
    at_both_sizes,
    main,
    misses,
    opened,
    press,
    rows,
    seen,
    sees,
    told,
    until,
)
from tests.tui.test_changing import Emulate, acme

DSR = ["D", "S", "R", "minus", "1", "7"]


@pytest.fixture
def out(home: Home, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that is proposed; the program was started there too."""
    folder = home.create_exports_dir()
    monkeypatch.chdir(folder)
    for module in (reading_back, subject_asking):
        monkeypatch.setattr(module, "PAUSES", (0.0, 0.0))
    return folder


@pytest.fixture(autouse=True)
def _no_ticket() -> Iterator[None]:
    yield
    occasion.end()
    display.draw(None)


def named(folder: Path, ending: str) -> list[Path]:
    return sorted(folder.glob(f"*.{ending}"))


@at_both_sizes
async def test_a_request_is_answered_and_the_screen_says_where_the_file_went(
    emulate: Emulate, home: Home, size: tuple[int, int], out: Path
) -> None:
    async with acme(emulate(), home, size) as look:
        await sees(look, USER.external_id)
        await press(look, "b")
        await told(look, f"Answer the request of {USER.external_id}", "For which request?")
        await told(look, "for example DSR-17")
        await press(look, "enter")  # nothing is done without a ticket
        await told(look, "Nothing is typed yet.")
        assert isinstance(look.app.screen, Ask)
        await press(look, *DSR, "enter")
        await until(look, lambda: isinstance(look.app.screen, ChangeDialog))
        await told(
            look,
            f"Write all that is stored of {USER.external_id} as one archive",
            "For the request DSR-17",
            "1 conversation, 4 messages, 2 memories",
            "The document names nobody who answers, and nobody whom the person may ask: set organisation",
            "enter does it",
        )
        assert not named(out, "zip")
        await press(look, "enter")
        await told(look, "Wrote the archive to", "Read it before you send it")
        await press(look, *["pagedown"] * 3)
        await told(look, "To check it later: memos-admin subject verify")
        await press(look, "enter")
        await until(look, lambda: look.app.screen is main(look))
    (path,) = named(out, "zip")
    found = verifying.verify(path)
    assert (found.is_whole, found.manifest["request"]) == (True, "DSR-17")
    journal.of(home).flush()
    done = [one for one in entries(home) if one.details.get("sha256") == found.sha256]
    assert [(one.ticket, one.via) for one in done] == [("DSR-17", "python")]


async def test_an_archive_of_the_demo_leads_to_nothing_that_is_gone_with_it(
    emulate: Emulate, home: Home, out: Path
) -> None:
    async with acme(emulate(), Home(home.path, throwaway=True), (120, 40)) as look:
        await sees(look, USER.external_id)
        await press(look, "b", *DSR, "enter")
        await told(look, "For the request DSR-17", "enter does it")
        await misses(look, "config.toml")
        await press(look, "enter")
        await told(
            look, "Wrote the archive to", "journal of the demo is gone when the program ends"
        )
        await misses(look, "config.toml")
        await misses(look, "also in the journal")


async def test_an_export_of_all_points_to_the_answer_of_a_request(
    emulate: Emulate, home: Home, size: tuple[int, int]
) -> None:
    async with acme(emulate(), home, size) as look:
        await sees(look, USER.external_id)
        await press(look, "e")
        await told(look, "Does the person ask for their data? escape, then b writes one archive")


async def test_another_language_and_a_fresh_reading_can_be_chosen(
    emulate: Emulate, home: Home, size: tuple[int, int], out: Path
) -> None:
    emulator = emulate()
    async with acme(emulator, home, size) as look:
        await sees(look, USER.external_id)
        await press(look, "b", *DSR, "enter")
        await told(look, "A document for the person (English)", "l other language · r reads MemOS")
        before = asked(emulator, "/_emulator/requests")["/get/memory"]
        await press(look, "l")
        await told(look, "A document for the person (中文)")
        await press(look, "r")
        await told(look, "It is read from MemOS once more first.", "r as it is stored")
        await press(look, "enter")
        await told(look, "Wrote the archive to")
    assert asked(emulator, "/_emulator/requests")["/get/memory"] > before
    with zipfile.ZipFile(named(out, "zip")[0]) as archive:
        assert "MemOS 中关于您的数据" in archive.read("your-data.html").decode()


async def test_the_dialog_says_how_long_ago_it_was_for_as_long_as_it_is_shown(
    emulate: Emulate, home: Home, size: tuple[int, int], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phrases, "TOLD_ANEW", 0.05)
    async with acme(emulate(), home, size) as look:
        await sees(look, USER.external_id)
        await press(look, "b", *DSR, "enter")
        await told(look, "UTC, just now.", "r reads MemOS first")
        monkeypatch.setattr(freshness, "now_ms", lambda: now_ms() + 3 * phrases.MINUTE)
        await told(look, "UTC, 3 min ago.")
        monkeypatch.setattr(freshness, "now_ms", lambda: now_ms() + 3 * phrases.DAY)
        await told(look, "UTC, 3 days ago.", "So it is read from MemOS first.")
        await misses(look, "r reads MemOS first")


async def test_what_was_read_for_a_dialog_is_as_new_behind_it(
    emulate: Emulate, home: Home, out: Path
) -> None:
    async with acme(emulate(), home, (120, 40)) as look:
        await sees(look, USER.external_id)
        store = main(look).session.workspace.store_path
        with closing(sqlite3.connect(store)) as connection, connection:
            connection.execute(
                "UPDATE subject SET synced_at = synced_at - 7200000, listed_at = listed_at - 7200000"
            )
        main(look).reload()
        await until(look, lambda: "synced 2 h ago" in rows(look)[0])
        await press(look, "b", *DSR, "enter")
        await told(look, "UTC, 2 h ago.", "So it is read from MemOS first.")
        await press(look, "enter")
        await told(look, "Wrote the archive to", "UTC, just now.")
        behind = main(look).status
        await until(look, lambda: "synced just now" in behind.render().plain)
        assert isinstance(look.app.screen, ChangeDialog)


async def test_what_is_old_is_read_first_and_what_cannot_be_is_said(
    emulate: Emulate, home: Home, size: tuple[int, int], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator = emulate()
    async with acme(emulator, home, size) as look:
        await sees(look, USER.external_id)
        later = now_ms() + 3 * 86_400_000
        monkeypatch.setattr(freshness, "now_ms", lambda: later)
        asked(emulator, "/_emulator/faults", {"faults": ["code:code=40002,route=/get/memory"]})
        await press(look, "b", *DSR, "enter")
        await told(look, "3 days ago", "So it is read from MemOS first.")
        await press(look, "enter")
        await told(look, "Wrote the archive to", "It could not be read from MemOS first:")
    with zipfile.ZipFile(named(out, "zip")[0]) as archive:
        about = json.loads(archive.read("manifest.json"))
    assert about["completeness"]["last_problem"]


@pytest.mark.parametrize("key", ["b", "W"])
async def test_who_leaves_before_anything_is_done_works_on_for_the_ticket_of_before(
    emulate: Emulate, home: Home, out: Path, key: str
) -> None:
    async with acme(emulate(), home, (120, 40)) as look:
        await sees(look, USER.external_id)
        for before in ("", "SUP-4"):
            main(look).session.journaling.set_ticket(before)
            await press(look, key, "ctrl+u", *DSR, "enter")
            await until(look, lambda: isinstance(look.app.screen, ChangeDialog))
            assert occasion.present().ticket == "DSR-17"
            await press(look, "escape")
            await until(look, lambda: look.app.screen is main(look))
            assert occasion.present().ticket == (before or None)
            await until(look, lambda: "DSR-17" not in rows(look)[0])
        await until(look, lambda: "SUP-4" in rows(look)[0])


@pytest.mark.parametrize("key", ["b", "W"])
async def test_the_ticket_of_a_request_is_offered_to_nobody_else(
    emulate: Emulate, home: Home, out: Path, key: str
) -> None:
    async with acme(emulate(), home, (80, 24)) as look:
        await sees(look, USER.external_id)
        journaling = main(look).session.journaling
        for whose, ticket, offered in (
            (SubjectRef("user", "another"), "DSR-31", ""),
            (USER, "DSR-31", "DSR-31"),
        ):
            journaling.set_request(whose, ticket)
            journaling.set_ticket("")
            await press(look, key)
            await until(look, lambda: isinstance(look.app.screen, Ask))
            assert look.app.screen.query_one(Input).value == offered
            await press(look, "escape")
            await until(look, lambda: look.app.screen is main(look))


async def test_a_request_that_is_answered_leaves_its_ticket_to_nothing_that_follows(
    emulate: Emulate, home: Home, out: Path, size: tuple[int, int]
) -> None:
    async with acme(emulate(), home, size) as look:
        await sees(look, USER.external_id)
        await press(look, "b", *DSR, "enter")
        await told(look, "enter does it")
        await press(look, "enter")
        await told(look, "Wrote the archive to")
        await press(look, "enter")
        await until(look, lambda: look.app.screen is main(look))
        assert "DSR-17" not in rows(look)[0]
        await press(look, "e")
        await told(look, "Nothing is known to be missing.")
        assert "DSR-17" not in seen(look)
        await press(look, "escape", "T", *"SUP", "enter")
        await until(look, lambda: "SUP" in rows(look)[0])
        await press(look, "e")
        await told(look, "For ticket SUP.")
        await press(look, "w")
        await told(look, "Wrote ")
    journal.of(home).flush()
    written = [one.ticket for one in entries(home) if one.action == "export"]
    assert written == ["DSR-17", "DSR-17", "SUP", "SUP"]  # before and after each


async def test_masks_are_on_the_screen_only_and_that_is_said(
    emulate: Emulate, home: Home, out: Path
) -> None:
    async with acme(emulate(), home, (80, 24)) as look:
        await sees(look, USER.external_id)
        await press(look, "U", "b", *DSR, "enter")
        await told(look, "Write all that is stored of", "Masks are seen here only")
        assert USER.external_id not in seen(look)
        await press(look, "enter")
        await told(look, "Wrote the archive to")
        assert USER.external_id not in seen(look)
    with zipfile.ZipFile(named(out, "zip")[0]) as archive:
        assert USER.external_id in archive.read("your-data.html").decode()


async def test_leaving_stops_it_with_nothing_left(
    emulate: Emulate, home: Home, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended, turn = threading.Event(), threading.Event()

    def slowly(*arguments: object) -> None:
        tell = arguments[-1]
        assert callable(tell)
        try:
            while True:
                tell(1, 2)  # raises when it is stopped
                turn.wait(0.01)
        finally:
            ended.set()

    monkeypatch.setattr(bundle, "export", slowly)
    async with acme(emulate(), home, (80, 24)) as look:
        await sees(look, USER.external_id)
        await press(look, "b", *DSR, "enter")
        await told(look, "enter does it")
        await look.press("enter")
        await told(look, "writing: 50 %")
        await look.press("escape")
        await until(look, lambda: look.app.screen is main(look))
        await until(look, ended.is_set)


async def test_erased_everywhere_by_the_typed_id_with_a_receipt(
    emulate: Emulate, home: Home, size: tuple[int, int], out: Path
) -> None:
    emulator = emulate()
    async with acme(emulator, home, size) as look:
        await sees(look, USER.external_id)
        await press(look, "slash", *"memos", "enter", "W")
        await told(look, f"Erase {USER.external_id} everywhere", "For which request?")
        await press(look, *DSR, "enter")
        await until(look, lambda: isinstance(look.app.screen, ChangeDialog))
        await told(
            look,
            "Everything is archived, deleted in MemOS, read back, then erased here.",
            "For the request DSR-17",
            f"Delete everything that MemOS holds of user {USER.external_id}",
            f"Type {USER.external_id} and press enter",
        )
        await press(look, "x", "enter")
        await told(look, f"That is not {USER.external_id}. Nothing was changed.")
        await press(look, "backspace")
        await told(look, f"Type {USER.external_id} and press enter")
        await misses(look, "That is not")
        await press(look, *USER.external_id, "enter")
        await told(look, "Erased, in MemOS and here.", f"{USER.external_id}: done")
        await told(look, "MemOS shows nothing of it any more.", "enter or escape closes")
        await press(look, *["pagedown"] * 3)
        await told(look, "Receipt:", ".html")
        await press(look, "enter")
        await until(look, lambda: look.app.screen is main(look))
        await until(look, lambda: not any(USER.external_id in row for row in rows(look)))
        await told(look, "No users.")  # and not: none contains memos, add one
    assert USER.external_id not in asked(emulator, "/_emulator/users")
    assert len(named(out, "zip")) == 1
    (receipt,) = named(out, "json")
    assert json.loads(receipt.read_text())["ended"] == "complete"


async def test_a_plan_that_does_not_fit_says_that_there_is_more(
    emulate: Emulate, home: Home, out: Path
) -> None:
    async with acme(emulate(), home, (80, 24)) as look:
        await sees(look, USER.external_id)
        await press(look, "W", *DSR, "enter")
        await told(look, "Everything is archived", "↓ or pagedown: there is more below")
        await press(look, *["pagedown"] * 3)
        await told(look, "Write a receipt")
        await misses(look, "more below")


async def test_chinese_fills_the_lines_of_a_plan(emulate: Emulate, home: Home, out: Path) -> None:
    """It has spaces beside Latin words alone, where a line would break long before it is full."""
    async with (
        project_on(emulate(), home, USER) as workspace,
        opened(workspace, (80, 24), preferences=Preferences(language="zh")) as look,
    ):
        await sees(look, USER.external_id)
        await press(look, "W", *DSR, "enter")
        await until(look, lambda: any("先存档全部内容" in row for row in rows(look)))
        (line,) = [row for row in rows(look) if "先存档全部内容" in row]
        assert "在 MemOS 中删除" in line


async def test_in_a_project_that_is_only_read_an_erasure_is_planned_and_not_done(
    emulate: Emulate, home: Home, size: tuple[int, int], out: Path
) -> None:
    emulator: EmulatorThread = emulate()
    async with acme(emulator, home, size, allowed=False) as look:
        await sees(look, USER.external_id)
        await press(look, "W", *DSR, "enter")
        await until(look, lambda: isinstance(look.app.screen, ChangeDialog))
        await told(
            look,
            "This is only what would be done",
            "memos-admin projects allow-writes acme",
            f"Delete everything that MemOS holds of user {USER.external_id}",
            "escape leaves",
        )
        await press(look, *USER.external_id, "enter")
        await until(look, lambda: look.app.screen is main(look))
        assert USER.external_id in asked(emulator, "/_emulator/users")
        await sees(look, USER.external_id)
        await press(look, "b", *DSR, "enter")
        await told(look, "enter does it")
        await press(look, "escape")
    assert not named(out, "*")


async def test_what_cannot_be_read_whole_is_erased_only_by_who_chooses_that(
    emulate: Emulate, home: Home, size: tuple[int, int], out: Path
) -> None:
    emulator: EmulatorThread = emulate()
    async with acme(emulator, home, size) as look:
        await sees(look, USER.external_id)
        asked(emulator, "/_emulator/faults", {"faults": ["code:code=40002,route=/get/message"]})
        await press(look, "W", *DSR, "enter")
        await told(
            look,
            "could not be read whole, so that nobody knows what would be deleted",
            "Where it cannot wait, and must go although what was not read is lost: u shows what",
        )
        assert " ".join(rows(look)).count("Nothing was changed.") == 1
        assert not named(out, "*")
        await press(look, "u")
        await told(look, f"Type {USER.external_id} and press enter")
        await told(look, "Not all could be read, and what was not is kept nowhere: ")
        assert USER.external_id in asked(emulator, "/_emulator/users")
        await press(look, *USER.external_id, "enter")
        await until(look, lambda: bool(named(out, "json")))
        await told(look, "enter or escape closes")
    assert USER.external_id not in asked(emulator, "/_emulator/users")
    (archive,) = named(out, "zip")
    with zipfile.ZipFile(archive) as opened_zip:
        about = json.loads(opened_zip.read("manifest.json"))["completeness"]
    assert "was not read whole by the last sync" in " ".join(about["said"])
    done = [one.action for one in entries(home) if one.ticket == "DSR-17"]
    assert [action for action in done if action != "view"][2:] == [
        *("sync", "export", "export", "subject.delete", "subject.delete", "sync"),
        "subject.receipt",
    ]


async def test_an_erasure_that_is_left_in_the_middle_leaves_a_mark(
    emulate: Emulate, home: Home, size: tuple[int, int], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = asyncio.Event()

    async def never_ends(*given: object) -> None:
        on_asked = cast("OnAsked", given[-1])
        on_asked(Asked(20, 1_200, 118.0))
        reading.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(subject, "read_back", never_ends)
    async with acme(emulate(), home, size) as look:
        await sees(look, USER.external_id)
        await press(look, "W", *DSR, "enter")
        await until(look, lambda: isinstance(look.app.screen, ChangeDialog))
        await told(look, f"Type {USER.external_id} and press enter")
        await look.press(*USER.external_id, "enter")  # it does not come to rest
        await until(look, reading.is_set)
        await told(look, "reading MemOS back: 20 of 1,200 · about 2 min more")
        await press(look, "escape", "escape")
        await until(look, lambda: look.app.screen is main(look))
        await told(look, "An erasure for DSR-17, begun", "W on the user goes on.")
        await sees(look, "erasure unfinished")
