"""What looking, searching, copying and exporting on the screen leave in the operator journal."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from memos_admin.backend import display, journal, occasion
from memos_admin.backend.home import Home
from memos_admin.backend.journal import Entry
from memos_admin.backend.journal.verifying import verify
from memos_admin.backend.masking.veil import Veil
from memos_admin.backend.privacy import Privacy
from memos_admin.backend.workspace import Workspace
from memos_admin.tui import permitting
from memos_admin.tui.screens import jump, search
from memos_admin.tui.session import Session
from tests.backend.changed import TRIP
from tests.backend.journals import entries
from tests.tui.looking import PATIENCE, go_to_user, misses, opened, press, rows, sees, told, until
from tests.tui.story import TRIP as TRIP_USER

NARROW = (80, 24)


@pytest.fixture(autouse=True)
def in_the_interface(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(occasion, "_present", occasion.Occasion("tui"))


async def left(home: Home) -> list[Entry]:
    """Return what was journaled."""
    assert await asyncio.to_thread(journal.of(home).flush)
    return entries(home)


async def of(home: Home, *actions: str) -> list[Entry]:
    return [entry for entry in await left(home) if entry.action in actions]


def faulty(home: Home) -> bytes:
    """Break the journal; return what it holds then."""
    home.journal_path.write_bytes(b"junk" * 2000)
    return home.journal_path.read_bytes()


async def test_a_user_that_is_shown_is_journaled_once_whatever_the_cursor_does(
    story: Workspace,
) -> None:
    async with opened(story, NARROW) as look:
        await go_to_user(look, "memos")
        await press(look, "enter", "j", "k", "G", "g", "tab", "j", "enter", "R", "escape")
        views = await of(story.home, "view")
        users = [entry.user_id for entry in views if entry.details == {"what": "user"}]
        assert users.count("memos_user_123") == 1
        assert len(users) == len(set(users))
        assert [entry.details for entry in views].count({"what": "users"}) == 1
        assert {entry.via for entry in views} == {"tui"}
        assert {entry.project for entry in views} == {"acme-prod"}
    assert verify(story.home).problems == ()


async def test_t_sets_the_ticket_for_what_follows(story: Workspace) -> None:
    async with opened(story, NARROW) as look:
        await go_to_user(look, "memos")
        await press(look, "T")
        await sees(look, "is journaled with it")
        await press(look, *"SUP-7", "enter")
        await sees(look, "From now on for ticket SUP-7.")
        await sees(look, "  ticket SUP-7  ")
        await press(look, "T", "ctrl+u", *"SUP-7-rollout-of-june", "enter")
        await sees(look, " acme-prod  ticket SUP-7-rollout-of-june ")
        assert rows(look)[0].endswith(" memos_user_123 · synced just now ")
        await press(look, "T", "ctrl+u", "enter")
        await sees(look, "From now on for no ticket.")
        await misses(look, "  ticket SUP-7  ")
        views = [e.ticket for e in await of(story.home, "view") if e.user_id == "memos_user_123"]
        assert views == [None, "SUP-7", "SUP-7-rollout-of-june"]


async def test_words_are_journaled_when_they_are_typed_to_the_end(
    story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "SETTLED", 60.0)
    async with opened(story, NARROW) as look:
        await press(look, "f", *"trip")
        assert await of(story.home, "search") == []
        await press(look, "escape")
        (entry,) = await of(story.home, "search")
        assert (entry.query, entry.user_id, entry.details) == ("trip", None, {"in": "all"})
        assert entry.counts["hits"] > 0


async def test_words_that_stand_for_a_while_are_journaled_once(
    story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "SETTLED", 0.01)
    async with opened(story, NARROW) as look:
        await press(look, "f")
        for letter in ("t", "trip"):
            await press(look, "ctrl+u", *letter)
            await until(look, lambda: journal.of(story.home).flush(0), "written")
        await press(look, "escape")
        queries = [entry.query for entry in await of(story.home, "search")]
        assert queries[-1] == "trip"
        assert len(queries) == len(set(queries))


async def test_ids_that_are_looked_for_are_journaled(story: Workspace) -> None:
    async with opened(story, NARROW) as look:
        await press(look, "ctrl+g", *"memos_u", "escape")
        (entry,) = await of(story.home, "search")
        assert (entry.query, entry.details) == ("memos_u", {"in": "ids"})


async def test_ids_that_stand_for_a_while_are_journaled_though_others_follow(
    story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jump, "SETTLED", 0.02)
    async with opened(story, NARROW) as look:
        await press(look, "ctrl+g", *"li.wei")

        async def said(query: str) -> bool:
            return query in [entry.query for entry in await of(story.home, "search")]

        deadline = time.monotonic() + PATIENCE
        while not await said("li.wei"):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)
        monkeypatch.setattr(jump, "SETTLED", 60.0)
        await press(look, "ctrl+u", *"memos_u", "ctrl+u", "escape")
        assert not await said("memos_u")  # it was only passed


@pytest.mark.parametrize(
    ("masks", "without", "with_ids"),
    [
        (Privacy(), {}, {}),
        (Privacy(mask=True), {"unmasked": True}, {}),
        (Privacy(mask=True, pseudonyms=True), {"unmasked": True}, {"unmasked": "names"}),
    ],
)
async def test_what_is_seen_without_the_masks_that_are_configured_is_journaled_so(
    story: Workspace, masks: Privacy, without: dict[str, object], with_ids: dict[str, object]
) -> None:
    session = Session(story)
    session.journaling.masks = masks
    session.journaling.shown("user", TRIP_USER)
    try:
        display.draw(Veil(b"k" * 32))
        session.journaling.shown("users", None)
        display.draw(Veil(b"k" * 32, names=True))
        session.journaling.shown("overview", None)
    finally:
        display.draw(None)
    assert [entry.details for entry in await of(story.home, "view")] == [
        {"what": "user", **without},
        {"what": "users", **with_ids},
        {"what": "overview"},
    ]


async def test_an_id_that_memos_is_asked_for_is_journaled(story: Workspace) -> None:
    async with opened(story, NARROW) as look:
        await press(look, "ctrl+g", *TRIP, "tab")
        await sees(look, "MemOS has this memory, but does not say whose it is.")
        asked = [
            entry for entry in await of(story.home, "search") if entry.details["in"] == "memos"
        ]
        assert [(entry.query, entry.user_id, entry.counts) for entry in asked] == [
            (TRIP, None, {"hits": 1})
        ]


async def test_first_rows_of_an_export_are_a_view_of_whose_they_are(story: Workspace) -> None:
    async with opened(story, NARROW) as look:
        await go_to_user(look, "memos")
        await press(look, "e")
        await sees(look, "First rows")
        (entry,) = [
            entry
            for entry in await of(story.home, "view")
            if entry.details["what"].startswith("export.")
        ]
        assert entry.user_id == "memos_user_123"


async def test_changes_of_everybody_are_a_view(story: Workspace) -> None:
    async with opened(story, NARROW) as look:
        await press(look, "c")
        await sees(look, "Changes found")
        assert {"what": "changes"} in [entry.details for entry in await of(story.home, "view")]


async def test_texts_that_are_taken_along_are_journaled_without_being_kept(
    story: Workspace, tmp_path: Path
) -> None:
    async with opened(story, NARROW) as look:
        await go_to_user(look, "memos")
        await press(look, "enter", "Y")
        text = look.app.clipboard
        await press(look, "y")  # an id is no text
        await press(look, "R", "y", "escape")
        await press(look, "w")
        await press(look, "ctrl+u", *str(tmp_path / "text.txt"), "enter")
        await sees(look, "Wrote")
        whole, raw = await of(story.home, "copy")
        assert (whole.user_id, whole.conversation_id) == ("memos_user_123", "0610")
        assert (whole.counts, whole.details["what"]) == ({"characters": len(text)}, "text")
        assert raw.details == whole.details
        begun, done = await of(story.home, "export")
        assert (begun.file, done.result) == (str(tmp_path / "text.txt"), "done")
        assert text.encode() not in story.home.journal_path.read_bytes()


async def test_a_text_that_is_written_names_its_last_hash(story: Workspace, tmp_path: Path) -> None:
    async with opened(story, NARROW) as look:
        await go_to_user(look, "memos")
        await press(look, "enter", "w")
        await press(look, "ctrl+u", *str(tmp_path / "text.txt"), "enter")
        await sees(look, "Journal: entry")
        last = [entry for entry in await of(story.home, "export") if entry.result == "done"][-1]
        await told(look, f"Journal: entry {last.seq}, hash {last.hash}")


async def test_an_export_names_its_last_hash(story: Workspace, tmp_path: Path) -> None:
    async with opened(story, (120, 40)) as look:
        await go_to_user(look, "memos")
        await press(look, "e")
        await sees(look, "First rows")
        await press(look, "shift+tab")
        await press(look, "tab")
        field = look.app.screen.query_one("Input")
        field.value = str(tmp_path / "out.csv")  # type: ignore[attr-defined]
        field.focus()
        await press(look, "enter")
        await sees(look, "Wrote")
        begun, done = await of(story.home, "export")
        assert (begun.result, done.result) == ("begun", "done")
        await told(look, f"Journal: entry {done.seq}, hash {done.hash}")


async def test_a_journal_that_cannot_be_written_is_said_and_looking_goes_on(
    story: Workspace, tmp_path: Path
) -> None:
    journal.of(story.home).flush()
    before = faulty(story.home)
    async with opened(story, (120, 40)) as look:
        await sees(look, "What you do is not journaled.")
        await press(look, "exclamation_mark")
        await told(look, "is damaged or not a journal")
        await press(look, "escape")
        await sees(look, "acme-prod", "not journaled")
        await go_to_user(look, "memos")
        await sees(look, "0610")
        await press(look, "enter", "w", "ctrl+u", *str(tmp_path / "text.txt"), "enter")
        await told(look, "Nothing was written, since it could not be journaled")
        assert not (tmp_path / "text.txt").exists()
        await press(look, "escape")
        story.home.journal_path.unlink()
        look.app.screen.session.journaling.try_again()  # type: ignore[attr-defined]
        await misses(look, "not journaled")
        assert "memos_user_123" in [entry.user_id for entry in await left(story.home)]
    assert before == b"junk" * 2000


async def test_switched_on_or_off_by_another_program_it_is_said_in_the_top_line(
    story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permitting, "SECONDS", 0.05)
    path = story.home.config_path
    on = path.read_text()
    async with opened(story, NARROW) as look:
        await sees(look, "acme-prod")
        assert "not journaled" not in rows(look)[0]
        path.write_text(f"{on}\n[journal]\nenabled = false\n")
        await until(look, lambda: "not journaled: switched off" in rows(look)[0])
        await press(look, "e")  # wherever one is
        await told(look, "Who exported this is not journaled")
        path.write_text(on)
        await until(look, lambda: "not journaled" not in rows(look)[0])


async def test_switched_off_it_is_said_in_the_top_line(story: Workspace) -> None:
    path = story.home.config_path
    path.write_text(f"{path.read_text()}\n[journal]\nenabled = false\n")
    async with opened(story, NARROW) as look:
        await sees(look, "not journaled: switched off")
        await press(look, "e")
        await told(look, "Who exported this is not journaled")
