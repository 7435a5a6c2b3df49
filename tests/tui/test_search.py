"""The search screen: what is stored here, and what the service would recall."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any, Self

import pytest
from textual import events
from textual.screen import Screen

from memos_admin.backend import roster
from memos_admin.backend.errors import Unreachable
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.search import search as find
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.upkeep import indexing
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Memory
from memos_admin.cloud.client import CloudClient
from memos_admin.cloud.key import ApiKey
from memos_admin.emulator.thread import EmulatorThread
from memos_admin.tui.desk.place import Place
from memos_admin.tui.jobs import searching
from memos_admin.tui.jobs.searching import SearchState
from memos_admin.tui.screens.search import SearchScreen
from memos_admin.tui.session import Session
from memos_admin.tui.widgets.results import Results
from tests.backend.service import Service, a_memory
from tests.hostile import HOSTILE
from tests.tui.hosting import Host, Make, hosted, paste, retype, told
from tests.tui.looking import Look, at_both_sizes, misses, press, rest, rows, seen, sees, until
from tests.tui.story import AGENT, LI, TRIP
from tests.tui.strangers import fill as fill_with
from tests.tui.test_hostile import assert_safe

Size = tuple[int, int]
FACT = "0a89db3a-2061-4c97-a1b8-45700f8745bc"


def screen(subject: SubjectRef | None = TRIP, state: SearchState | None = None) -> Make:
    def make(session: Session) -> Screen[Place | None]:
        return SearchScreen(session, subject=subject, state=state)

    return make


def line_with(look: Look, text: str) -> str:
    return next(line for line in rows(look) if text in line)


def chosen(look: Look) -> str:
    """Return the line under the cursor."""
    return next(line for line in rows(look) if line.startswith("┃>"))


async def returned(look: Look, host: Host) -> Place | None:
    await until(look, lambda: host.returned, "the screen closed")
    return host.returned[-1]


# -- what is stored here -------------------------------------------------------------------------


@at_both_sizes
async def test_words_are_found_in_messages_and_memories_of_everyone(
    story: Workspace, size: Size
) -> None:
    async with hosted(story, size, screen()) as (look, _):
        await press(look, *"report")
        await told(look, "1 of 1 found in", "of everyone, as of just now")
        await sees(look, "li.wei@acme.cn · weekly", "Report day")
        await retype(look, "family")
        await sees(look, "memos_user_123 · 0610", "Fact", "user", "assistant", "Sep ’25", "Jun ’25")


@at_both_sizes
async def test_the_words_are_marked_and_in_sight(story: Workspace, size: Size) -> None:
    async with hosted(story, size, screen()) as (look, _):
        await press(look, *"ALWAYS")
        line = line_with(look, "always travels")
        y, x = rows(look).index(line), line.index("always")
        strip = look.app.screen._compositor.render_strips()[y].crop(x, x + 6)
        assert "".join(segment.text for segment in strip) == "always"
        assert all(segment.style and segment.style.underline for segment in strip)


async def test_a_message_opens_in_its_transcript(story: Workspace, size: Size) -> None:
    async with hosted(story, size, screen()) as (look, host):
        await press(look, *"always travels", "enter")
        conversation = story.reads.conversation(TRIP, "0610")
        assert conversation is not None
        third = story.reads.message_pks(conversation.pk)[2]
        assert await returned(look, host) == Place(TRIP, "0610", message=third, pane="transcript")


async def test_a_memory_opens_among_the_memories(story: Workspace, size: Size) -> None:
    async with hosted(story, size, screen()) as (look, host):
        await press(look, *"Summer Family", "enter")
        assert await returned(look, host) == Place(TRIP, memory_id=FACT, pane="memories")


async def test_the_cursor_passes_over_headings(story: Workspace, size: Size) -> None:
    async with hosted(story, size, screen()) as (look, _):
        await press(look, *"note")
        await told(look, "50 of 50 found in")
        found = look.app.screen.query_one(Results)
        for _ in range(60):
            await look.press("down")
            assert found.row is not None
            assert found.row.key is not None
        last = chosen(look)
        await press(look, "ctrl+n")
        assert chosen(look) == last
        await press(look, *["pageup"] * 5)
        assert found.cursor == 1
        assert "·" in rows(look)[rows(look).index(chosen(look)) - 1]


async def test_one_users_or_everyones(story: Workspace, size: Size) -> None:
    async with hosted(story, size, screen()) as (look, _):
        await press(look, "t", "e")
        await sees(look, "everyone", "li.wei@acme.cn ·")
        await press(look, "ctrl+t")
        await told(look, "this user", "of memos_user_123, as of just now")
        assert "li.wei@acme.cn ·" not in seen(look)
        await press(look, "ctrl+t")
        await sees(look, "li.wei@acme.cn ·")


async def test_messages_or_memories_or_both(story: Workspace, size: Size) -> None:
    async with hosted(story, size, screen()) as (look, _):
        await press(look, *"family")
        await sees(look, "both", "Fact", "assistant ")
        await press(look, "ctrl+o")
        await misses(look, "Fact")
        await sees(look, "assistant ", "user ")
        await press(look, "ctrl+o")
        await misses(look, "  assistant ")
        await sees(look, "Fact")
        await press(look, "ctrl+o")
        await sees(look, "Fact", "assistant ")


async def test_best_first_if_asked_for(story: Workspace, size: Size) -> None:
    async with hosted(story, size, screen()) as (look, _):
        await press(look, *"family")
        await sees(look, "what arrived here last first")
        await press(look, "ctrl+r")
        await sees(look, "ctrl+r best first", "best of the latest 5,000 first", "Fact")
        await press(look, "ctrl+r")
        await sees(look, "ctrl+r latest first")


async def test_without_a_user_everyone_is_searched(story: Workspace) -> None:
    async with hosted(story, (80, 24), screen(None)) as (look, _):
        await press(look, *"report", "ctrl+t")
        await told(look, "Everyone is searched")
        await sees(look, "Report day")


async def test_before_a_word_is_typed_it_says_what_is_searched(story: Workspace) -> None:
    async with hosted(story, (120, 40), screen()) as (look, host):
        await told(look, "Finds words in", "messages and 8 memories of everyone, as of just now")
        await press(look, "enter")
        assert host.returned == []


async def test_an_empty_store_says_that_it_was_never_synced(workspace: Workspace) -> None:
    async with hosted(workspace, (80, 24), screen(None)) as (look, _):
        await press(look, "x")
        await told(look, "Nothing found in 0 messages and 0 memories of everyone, never synced")
    workspace.abandon()


async def test_gone_memories_say_so(story: Workspace) -> None:
    async with hosted(story, (80, 24), screen()) as (look, _):
        await press(look, *"Shanghai")
        assert line_with(look, "Old office").rstrip(" ┃").endswith("gone")


async def test_a_cut_is_told(
    workspace: Workspace, service: Service, monkeypatch: pytest.MonkeyPatch, size: Size
) -> None:
    monkeypatch.setattr(searching, "MOST_SHOWN", 60)
    monkeypatch.setattr("memos_admin.tui.rows.search.MOST_SHOWN", 60)
    service.put("ann", *(a_memory(f"m{n}", "likes tea") for n in range(70)))
    await roster.add_subjects(workspace, [SubjectRef("user", "ann")])
    await sync(workspace, SyncScope())
    async with hosted(workspace, size, screen(None)) as (look, _):
        await press(look, *"tea")
        await told(look, "60 of ≥ 61 found", "Another word narrows it")
        found = [row for row in look.app.screen.query_one(Results).rows if row.key is not None]
        assert len(found) == 60
    workspace.abandon()


# -- not waiting, not going back -----------------------------------------------------------------


async def test_keys_are_taken_while_the_store_is_read_and_old_answers_dropped(
    story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, search = threading.Event(), find

    def slow(reads: Any, text: str, **more: Any) -> Iterator[Any]:
        if text == "family":
            go.wait(60)
        return search(reads, text, **more)

    monkeypatch.setattr(searching, "search", slow)
    async with hosted(story, (120, 40), screen()) as (look, _):
        field: Any = look.app.focused
        field.value = "family"
        await sees(look, "Searching …")
        await look.press(*["backspace"] * 6, *"report")
        await sees(look, "report")
        go.set()
        await rest(look)
        await sees(look, "Report day")
        assert "0610" not in seen(look)


async def test_a_search_that_runs_is_interrupted_by_the_next_letter(
    story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs, ended = threading.Event(), threading.Event()
    search = find

    def endless(reads: Any, text: str, **more: Any) -> Iterator[Any]:
        if text != "f":
            return search(reads, text, **more)
        runs.set()
        try:
            sql = "WITH RECURSIVE n(x) AS (VALUES(1) UNION ALL SELECT x+1 FROM n) SELECT max(x) FROM n"
            return iter(reads.query.rows(sql))
        finally:
            ended.set()

    monkeypatch.setattr(searching, "search", endless)
    async with hosted(story, (120, 40), screen()) as (look, _):
        await look.press("f")
        await until(look, runs.is_set)
        await look.press(*"amily")
        await sees(look, "memos_user_123 · 0610")
        assert ended.is_set()


class Unhurried:
    """Hits of a search that finds nothing until it is let go."""

    looked, ranked = 0.039, None

    def __init__(self, go: threading.Event) -> None:
        self._go = go

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        self._go.wait(60)
        raise StopIteration


async def test_a_search_that_takes_long_says_why_and_how_far_it_is(
    story: Workspace, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    async with hosted(story, size, screen()) as (look, host):
        await press(look, *"report")
        await sees(look, "Report day")
        monkeypatch.setattr(searching, "search", lambda *_, **_more: Unhurried(go))
        monkeypatch.setattr(indexing, "share", lambda _store: 0.125)
        field: Any = look.app.focused
        field.value = "family"
        await told(look, "Searching …", "The index is being made, 12 %", "3 % so far", "escape")
        await until(look, lambda: "Report day" not in seen(look), "hits of other words are gone")
        monkeypatch.setattr(indexing, "share", lambda _store: None)
        await told(look, "3 % of what is not in the index is looked through")
        await look.press("enter")
        assert host.returned == []
        go.set()
        await told(look, "Nothing found")


async def test_a_hit_of_other_words_is_not_opened(
    story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    monkeypatch.setattr("memos_admin.tui.screens.search.STALE_AFTER", 60)
    async with hosted(story, (120, 40), screen()) as (look, host):
        await press(look, *"report")
        await sees(look, "Report day")
        monkeypatch.setattr(searching, "search", lambda *_, **_more: Unhurried(go))
        field: Any = look.app.focused
        field.value = "family"
        await told(look, "Searching …")
        look.app.screen.query_one(Results).enter()
        await look.press("down", "enter")
        assert host.returned == []
        go.set()
        await told(look, "Nothing found")
        assert host.returned == []


async def test_signs_alone_are_no_words(story: Workspace) -> None:
    async with hosted(story, (120, 40), screen()) as (look, _):
        await press(look, "!", "!")
        await told(look, "Signs alone are no words")
        await press(look, "a")
        await told(look, "found in")


async def test_a_slip_in_a_field_is_said_where_nothing_is_found(story: Workspace) -> None:
    async with hosted(story, (80, 24), screen()) as (look, _):
        await press(look, *"trip")
        await told(look, "found in")
        await press(look, *" sttus:activated")
        await told(look, "Nothing found", "There is no field sttus. Did you mean status?")


async def test_enter_waits_for_what_was_typed_last(
    story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, search = threading.Event(), find

    def slow(reads: Any, text: str, **more: Any) -> Iterator[Any]:
        go.wait(60)
        return search(reads, text, **more)

    async with hosted(story, (120, 40), screen()) as (look, host):
        await press(look, *"report")
        monkeypatch.setattr(searching, "search", slow)
        field: Any = look.app.focused
        field.value = "Summer Family"
        await look.press("enter")
        assert host.returned == []
        go.set()
        assert await returned(look, host) == Place(TRIP, memory_id=FACT, pane="memories")


async def test_searching_again_goes_on_where_one_was(story: Workspace, size: Size) -> None:
    async with hosted(story, size, screen(LI)) as (look, host):
        left: Any = look.app.screen
        await press(look, *"family", "ctrl+o", "down", "down")
        at = chosen(look)
        await press(look, "enter")
        first = await returned(look, host)
        host.open(screen(LI, left.state))
        await rest(look)
        await sees(look, "family")
        assert chosen(look) == at
        await press(look, "enter")
        assert host.returned == [first, first]
        host.open(screen(LI, left.state))
        await rest(look)
        await press(look, "end", "s")
        await told(look, "Nothing found")
        await press(look, "backspace")  # another search begins on top
        await told(look, "found in 111")
        assert chosen(look) != at


async def test_escape_leaves(story: Workspace) -> None:
    async with hosted(story, (80, 24), screen()) as (look, host):
        await press(look, "q", "escape")
        assert await returned(look, host) is None


async def test_the_program_can_end_while_it_is_open(story: Workspace) -> None:
    async with hosted(story, (80, 24), screen()) as (look, host):
        await look.press(*"family")
        host.exit()
        await until(look, lambda: not host.is_running)


# -- what the service would recall ---------------------------------------------------------------


async def test_recall_is_asked_for_by_enter_only(
    story: Workspace, service: Service, size: Size
) -> None:
    async with hosted(story, size, screen()) as (look, host):
        await press(look, "tab", *"family trip")
        await told(look, "Press enter to ask MemOS", "memos_user_123")
        assert service.requests["/search/memory"] == 0
        await press(look, "enter")
        await told(look, "1 memory of memos_user_123 recalled by MemOS just now", "Threshold off")
        await sees(look, "0.500", "Summer Family")
        assert "  1 Fact" in chosen(look)
        assert service.requests["/search/memory"] == 1
        await press(look, "enter")
        assert await returned(look, host) == Place(TRIP, memory_id=FACT, pane="memories")


async def test_what_was_recalled_stays_beside_what_is_here(
    story: Workspace, service: Service, size: Size
) -> None:
    async with hosted(story, size, screen()) as (look, _):
        await press(look, *"family", "tab", "enter")
        await sees(look, "● MemOS recall", "0.500")
        await press(look, "tab")
        await sees(look, "● here", "memos_user_123 · 0610")
        assert "0.500" not in seen(look)
        await press(look, "shift+tab")
        await sees(look, "0.500")
        await press(look, "s")
        await misses(look, "0.500")
        await told(look, "Press enter to ask MemOS")
        await press(look, "backspace")
        await sees(look, "0.500")
        assert service.requests["/search/memory"] == 1


@pytest.mark.parametrize(
    ("subject", "words"),
    [(None, "choose a user, and search again"), (AGENT, "ops-agent is an agent")],
)
async def test_recall_needs_a_user(
    story: Workspace, service: Service, subject: SubjectRef | None, words: str
) -> None:
    async with hosted(story, (80, 24), screen(subject)) as (look, _):
        await press(look, *"tea", "tab")
        await told(look, words)
        await press(look, "enter")
        await told(look, words)
        assert service.requests["/search/memory"] == 0


async def test_nothing_recalled_is_told(story: Workspace) -> None:
    async with hosted(story, (80, 24), screen()) as (look, _):
        await press(look, *"zzz", "tab", "enter")
        await told(look, "MemOS recalled nothing for memos_user_123, just now, threshold off.")


async def test_no_answer_is_told_and_can_be_asked_for_again(
    story: Workspace, service: Service, size: Size
) -> None:
    def down(route: str, name: str) -> None:
        raise Unreachable("Searching failed: MemOS did not answer in 10 s. Try again.")

    async with hosted(story, size, screen()) as (look, _):
        working, service.trouble = service.trouble, down
        await press(look, *"family", "tab", "enter")
        await told(look, "MemOS did not answer in 10 s. Try again.")
        service.trouble = working
        await press(look, "enter")
        await sees(look, "0.500")
        assert "did not answer" not in seen(look)


class Slow(Service):
    """A service that waits before it recalls."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    async def search(self, *args: Any, **more: Any) -> tuple[Memory, ...]:
        self.requests["/search/memory"] += 1
        await self.go.wait()
        return (a_memory("m-late", "too late"),)


async def test_an_answer_to_what_is_no_longer_asked_is_dropped(story: Workspace) -> None:
    slow = Slow()
    story.use_remote(slow)
    async with hosted(story, (80, 24), screen()) as (look, _):
        await press(look, *"family", "tab")
        await look.press("enter")
        await sees(look, "Asking MemOS …")
        await look.press("enter")  # once is enough
        await press(look, "s")
        slow.go.set()
        await rest(look)
        await told(look, "Press enter to ask MemOS")
        assert "too late" not in seen(look)
        assert slow.requests["/search/memory"] == 1


async def instantly(_seconds: float) -> None:
    """Wait for nothing."""


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("error:status=502", "502"),
        ("expired-key", "refused the API key"),
        ("reset", "the connection broke off"),
        ("html:status=200", "text/html instead of JSON"),
    ],
)
async def test_a_service_that_fails_is_told_in_words(
    workspace: Workspace, fault: str, words: str
) -> None:
    with EmulatorThread() as emulator:
        key = ApiKey(emulator.api_key)
        async with CloudClient(emulator.base_url, key, rate=10_000, wait=instantly) as client:
            workspace.use_remote(client)
            async with hosted(workspace, (80, 24), screen()) as (look, _):
                await press(look, *"trip", "tab")
                emulator.emulator.faults.replace([fault])
                await press(look, "enter")
                await told(look, words)
                emulator.emulator.faults.replace([])
                await press(look, "enter")
                await told(look, "recalled by MemOS just now", "Summer Family Trip Plan")
                await misses(look, "incomplete")
                await press(look, "!")
                emulator.emulator.faults.replace(["missing-fields"])
                await press(look, "enter")
                await told(
                    look, "incomplete: of 2 memories MemOS gave 2 without relativity, 2 without"
                )
    workspace.abandon()


async def test_a_store_that_cannot_be_read_is_told(
    story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise OSError("The store is damaged.")

    monkeypatch.setattr(searching, "search", broken)
    async with hosted(story, (80, 24), screen()) as (look, host):
        await press(look, "x")
        await told(look, "The store is damaged.")
        assert host.is_running


# -- mouse ---------------------------------------------------------------------------------------


async def test_the_mouse_chooses_opens_and_switches(story: Workspace) -> None:
    async with hosted(story, (120, 40), screen()) as (look, host):
        await press(look, *"family")
        y = rows(look).index(line_with(look, "Summer Family"))
        await look.click(offset=(30, y))
        await rest(look)
        assert "Summer Family" in chosen(look)
        await look.click(offset=(20, 3))
        await sees(look, "● MemOS recall")
        await look.click(offset=(20, 3))
        await sees(look, "● here", "Summer Family")
        y = rows(look).index(line_with(look, "Summer Family"))
        await look.click(offset=(30, y), times=2)
        assert await returned(look, host) == Place(TRIP, memory_id=FACT, pane="memories")


async def test_a_smaller_window_keeps_the_cursor_in_sight(story: Workspace) -> None:
    async with hosted(story, (120, 40), screen()) as (look, _):
        await press(look, *"note", *["pagedown"] * 3)
        last = chosen(look).split()[1:3]
        await look.resize_terminal(80, 16)
        await rest(look)
        assert chosen(look).split()[1:3] == last


# -- hostile texts -------------------------------------------------------------------------------


@pytest.mark.timeout(300)
async def test_hostile_texts_can_be_searched_for(story: Workspace, size: Size) -> None:
    async with hosted(story, size, screen()) as (look, host):
        for name, text in sorted(HOSTILE.items()):
            await retype(look, "")
            await paste(look, text)
            assert_safe(look)
            assert host.is_running, name
        assert host.returned == []


@pytest.mark.timeout(300)
async def test_hostile_texts_are_found_and_shown_safely(
    workspace: Workspace, service: Service, size: Size
) -> None:
    texts = [text for name, text in sorted(HOSTILE.items()) if name not in {"empty", "blank"}]
    await fill_with(workspace, service, *texts)
    subject = workspace.reads.subjects(workspace.reads.subject_pks())[0].ref
    async with hosted(workspace, size, screen(subject)) as (look, host):
        for typed in ("re", "one", "look", "a", "长", "x", "🚀"):
            await retype(look, typed)
            for _ in range(6):
                assert_safe(look)
                await press(look, "pagedown")
        await retype(look, "")
        await press(look, "tab")
        service.memories["user", subject.external_id] |= {
            f"h{n}": a_memory(f"h{n}", f"x {text}", title=text) for n, text in enumerate(texts)
        }
        await press(look, "x", "enter")
        await sees(look, "0.500")
        for _ in range(6):
            assert_safe(look)
            await press(look, "pagedown")
        assert host.is_running
    workspace.abandon()


async def test_a_megabyte_pasted_is_cut(story: Workspace) -> None:
    async with hosted(story, (80, 24), screen()) as (look, _):
        field: Any = look.app.focused
        field.post_message(events.Paste("word " * 200_000))
        await rest(look)
        assert 0 < len(field.value) <= 2_000
