"""The evidence of a user as a screen: lists and counts, the reason, filters, going there, stopping."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from rich.cells import cell_len
from textual.app import App

from memos_admin.backend import roster
from memos_admin.backend.evidence import review as reviewed
from memos_admin.backend.home import Home
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Source
from memos_admin.tui.desk.place import Place
from memos_admin.tui.jobs import reviewing
from memos_admin.tui.jobs.evidence import found_elsewhere, memory_evidence
from memos_admin.tui.rows import evidence as evidence_rows
from memos_admin.tui.screens.evidence import EvidenceScreen, EvidenceState
from memos_admin.tui.session import Session
from memos_admin.tui.widgets.columns import fitting
from memos_admin.tui.words.evidence_explained import EXPLAINED
from tests.backend.service import Service, a_memory, a_message
from tests.hostile import HOSTILE, unsafe
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
)
from tests.tui.story import LI, NEVER, TRIP, Stories, tell_story

PEANUTS = "I'm allergic to peanuts, sadly."
GAS = "I don't want gas in the kitchen."


def tell_of_kitchen(service: Service) -> None:
    """A user of whom one thing is remembered wrongly, one without a source, one inferred."""
    tell_story(service)
    service.say(
        TRIP.external_id,
        "kitchen",
        a_message(GAS, at="2026-03-01 10:00:00"),
        a_message("Noted, induction then.", "assistant", at="2026-03-01 10:00:00"),
        a_message("Thanks!", at="2026-03-01 10:01:00"),
    )
    quoted = (Source("chat", excerpt=GAS, role="user"),)

    def said(memory_id: str, text: str, title: str, sources: tuple[Source, ...]) -> None:
        memory = a_memory(memory_id, text, title=title, conversation_id="kitchen", sources=sources)
        service.put(TRIP.external_id, memory)

    said("m-gas", "[user perspective] The user wants gas in the kitchen.", "Gas", quoted)
    said("m-cook", "[assistant perspective] The user likes gas-free kitchens.", "Cook", quoted)
    said(
        "m-lost", "[user perspective] The user has a cat.", "Cat", (Source("doc", excerpt="Cats."),)
    )


@pytest.fixture
async def kitchen(home: Home, service: Service, stories: Stories) -> AsyncIterator[Workspace]:
    workspace = await stories.copied(home, service, tell_of_kitchen)
    yield workspace
    workspace.abandon()


@at_both_sizes
async def test_a_memory_says_itself_what_does_not_agree(
    kitchen: Workspace, size: tuple[int, int]
) -> None:
    async with opened(kitchen, size) as look:
        await press(look, "ctrl+g", *"m", "minus", *"gas", "enter")
        await sees(look, "Gas")
        if size[0] == 80:
            await press(look, "enter")
        await told(look, "● check", "its source (message 1) seems to deny it", "p shows it beside")


@at_both_sizes
async def test_the_list_marks_what_does_not_agree(
    kitchen: Workspace, size: tuple[int, int]
) -> None:
    async with opened(kitchen, size) as look:
        await go_to_user(look, "memos_user")
        await press(look, *["tab"] * 2)
        await sees(look, "check · Gas")
        assert sum("check · " in line for line in rows(look)) == 1
        await press(look, "at")
        await press(look, "down", "enter")
        await misses(look, "check · Gas")  # what is compared is the text of now


class Host(App[None]):
    """Opens the screen and keeps what it returned."""

    def __init__(self, workspace: Workspace, ref: SubjectRef) -> None:
        super().__init__()
        self.session, self.ref, self.state = Session(workspace), ref, EvidenceState()
        self.returned: list[Place | None] = []

    def on_mount(self) -> None:
        screen = EvidenceScreen(self.session, self.ref, None, self.state)
        self.push_screen(screen, self.returned.append)


@asynccontextmanager
async def hosted(
    workspace: Workspace, size: tuple[int, int], ref: SubjectRef = TRIP
) -> AsyncIterator[tuple[Look, Host]]:
    host = Host(workspace, ref)
    async with host.run_test(size=size) as look:
        await rest(look)
        yield look, host


@at_both_sizes
async def test_what_does_not_agree_is_told_with_both_texts(
    kitchen: Workspace, size: tuple[int, int]
) -> None:
    async with hosted(kitchen, size) as (look, _):
        await sees(look, "check this 1", "missing 2", "silent", "links 3 of 5", "uncompared 0")
        await sees(look, "negation", "Gas")
        await told(look, "The memory says “The user wants gas in the kitchen”")
        await told(
            look, "its source (message 1) seems to deny it: “I don't want gas in the kitchen”."
        )
        await press(look, "space")
        await sees(look, "kitchen · message 1 · user · by quoted text")


@at_both_sizes
async def test_a_key_reads_on_where_the_source_stands_below_the_end(
    kitchen: Workspace, service: Service, size: tuple[int, int]
) -> None:
    long = "[user perspective] The user wants gas in the kitchen." + " And more of it." * 300
    sources = (Source("chat", excerpt=GAS, role="user"),)
    gas = a_memory("m-gas", long, title="Gas", conversation_id="kitchen", sources=sources)
    service.put(TRIP.external_id, gas)
    await sync(kitchen, SyncScope((TRIP,), full=True))
    async with hosted(kitchen, size) as (look, _):
        await sees(look, "negation", "Gas")
        await sees(look, "enter open  space read on")
        await misses(look, GAS)
        await press(look, "question_mark")
        await sees(look, "read on")
        await press(look, "escape", *["space"] * 9)
        await sees(look, "kitchen · message 1 · user · by quoted text", GAS)
        await press(look, "right", "right")
        await sees(look, "Noted, induction then.")
        await misses(look, "read on")


async def test_its_help_says_what_its_lists_and_checks_are(kitchen: Workspace) -> None:
    async with hosted(kitchen, (120, 40)) as (look, _):
        await press(look, "question_mark", "slash", *"denies")
        await sees(look, "negation", "Check: of a memory and its source, one denies")
        await misses(look, "Check: a number")
        await press(look, "ctrl+u", *"reason")
        await sees(look, "source missing", "Memories whose source is in no message")
    words = dict(EXPLAINED)
    assert "no word" in words["nothing shared"]
    assert "somebody else" in words["person"]
    assert "assistant's" in words["speaker"]


async def test_the_words_of_both_texts_are_marked(kitchen: Workspace) -> None:
    async with hosted(kitchen, (120, 40)) as (look, _):
        strips = look.app.screen._compositor.render_strips()
        marked = {
            segment.text.strip()
            for strip in strips
            for segment in strip
            if segment.style is not None and segment.style.underline
        }
        assert {"gas", "kitchen", "don't"} <= marked  # what denies it, too
        assert "user" not in marked


async def test_every_list_and_its_filters(kitchen: Workspace, size: tuple[int, int]) -> None:
    async with hosted(kitchen, size) as (look, _):
        await press(look, "right")
        await sees(look, "knowledge base", "Cat")
        await sees(look, "none given", "Family Trip Requirements")
        await press(look, "v")
        await sees(look, "another conversation")
        await press(look, "G", "enter")
        await sees(look, "only knowledge base", "Cat")
        await misses(look, "Family Trip Requirements")
        await press(look, "escape", "right")
        await sees(look, "Thanks!", "assistant")
        await press(look, "slash", *"thanks")
        await misses(look, "Noted, induction")
        await press(look, "escape", "right")
        await sees(look, "quoted text", "Summer Family")


async def test_who_tells_is_asked_of_memories_alone(kitchen: Workspace) -> None:
    async with opened(kitchen, (140, 40)) as look:
        await go_to_user(look, "memos_user")
        await press(look, "p", "s")
        await sees(look, "s told by")
        await press(look, "right", "right")
        await sees(look, "Thanks!")
        await misses(look, "s told by")
        await press(look, "s")
        await told(look, "That is of memories. v shows the messages of one role only.")
        await press(look, "right")
        await sees(look, "s told by")
        state = look.app.screen.state if isinstance(look.app.screen, EvidenceScreen) else None
        assert state is not None
        assert state.teller == "user"  # of the other lists it still holds
        await press(look, "left", "escape")
        await rest(look)
        assert not isinstance(look.app.screen, EvidenceScreen)


async def test_each_list_begins_at_its_first_row(kitchen: Workspace, size: tuple[int, int]) -> None:
    async with hosted(kitchen, size) as (look, _):
        for _list in range(3):
            await press(look, "G", "right")
            await sees(look, " 1 of ")


async def test_a_narrow_screen_tells_the_keys_that_matter_and_all_by_another(
    kitchen: Workspace,
) -> None:
    async with opened(kitchen, (80, 24)) as look:
        await go_to_user(look, "memos_user")
        await press(look, "enter", "p")
        told = (
            "enter open",
            "←→ list",
            "/ filter",
            "v kind",
            "escape back",
        )
        await sees(look, *told)
        await press(look, "question_mark")
        await sees(look, "told by", "whose", "conversation")


async def test_a_memory_names_its_conversation_beside_its_text(kitchen: Workspace) -> None:
    async with hosted(kitchen, (80, 24)) as (look, _):
        await press(look, "right")
        await sees(look, "memory · Fact · marked as the user's words · of conversation kitchen")


async def test_what_agrees_word_by_word_is_said_and_not_marked(
    workspace: Workspace, service: Service
) -> None:
    text = "Quarterly report deadline moved towards Tuesday morning."
    service.say("ann", "c1", a_message(text, at="2026-03-01 10:00:00"))
    quoted = (Source("chat", excerpt=text, role="user"),)
    service.put("ann", a_memory("m1", text, conversation_id="c1", sources=quoted))
    await sync(workspace, SyncScope((SubjectRef("user", "ann"),)))
    async with hosted(workspace, (120, 40), SubjectRef("user", "ann")) as (look, _):
        await press(look, "left", "left")
        await told(look, "most words are the same in both, so none is marked", text)
        strips = look.app.screen._compositor.render_strips()
        assert not any(one.style and one.style.underline for strip in strips for one in strip)
    workspace.abandon()


async def test_what_was_inferred_stands_behind_what_was_said(kitchen: Workspace) -> None:
    async with hosted(kitchen, (120, 40)) as (look, _):
        await press(look, "left", "left")
        await sees(look, "inferred · Cook")
        lines = rows(look)
        first = next(n for n, line in enumerate(lines) if "inferred" in line)
        last = max(n for n, line in enumerate(lines) if "Gas" in line and "quoted" in line)
        assert last < first
        await press(look, "s", "s", "s")
        await sees(look, "inferred by the assistant", "Cook")
        await misses(look, "Summer Family")


async def test_enter_returns_the_memory_or_the_message(kitchen: Workspace) -> None:
    async with hosted(kitchen, (120, 40)) as (look, host):
        await press(look, "enter")
        assert host.returned == [Place(TRIP, "kitchen", "m-gas", pane="memories")]
    async with hosted(kitchen, (120, 40)) as (look, host):
        await press(look, "right", "right", "G", "enter")
        (place,) = host.returned
        assert place is not None
        assert (place.conversation_id, place.pane) == ("kitchen", "transcript")
        assert place.message is not None


async def test_nothing_to_show_says_why(story: Workspace, size: tuple[int, int]) -> None:
    async with hosted(story, size, NEVER) as (look, _):
        await told(look, "No memory is here. A sync fetches them.")
        await press(look, "right", "right")
        await told(look, "No message is here. A sync fetches them.")
    async with hosted(story, size) as (look, _):
        await told(look, "Nothing that does not agree was found in")


async def test_the_key_of_the_main_screen_opens_it_and_enter_goes_there(kitchen: Workspace) -> None:
    async with opened(kitchen, (140, 40)) as look:
        await go_to_user(look, "memos_user")
        await press(look, "p")
        await sees(look, "check this 1")
        await press(look, "enter")
        await sees(look, "message 1, by quoted text", "source", GAS)
        await press(look, "p")
        await sees(look, "check this 1", "negation")


async def test_nothing_is_drawn_on_the_way_to_a_memory(
    kitchen: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(kitchen, (80, 24)) as look:
        await go_to_user(look, "memos_user")
        await press(look, "shift+tab", "p")
        await sees(look, "negation", "Gas")
        drawn: list[tuple[str, str]] = []
        display = look.app._display

        def displays(screen: Any, renderable: Any) -> None:
            if not look.app._batch_count:
                drawn.append((type(screen).__name__, main(look).pane))
            display(screen, renderable)

        monkeypatch.setattr(look.app, "_display", displays)
        await press(look, "enter")
        await sees(look, "› kitchen ›", "check · Gas")
        assert ("MainScreen", "memories") in drawn
        assert ("MainScreen", "users") not in drawn


async def test_the_filters_of_the_memories_are_taken_along_and_told(kitchen: Workspace) -> None:
    async with opened(kitchen, (140, 40)) as look:
        await go_to_user(look, "memos_user")
        await press(look, "tab", "tab", "slash", *"cat", "enter", "p", "left", "left")
        await sees(look, "as the memories are filtered: with “cat”", "Cat")
        await misses(look, "Gas")
        await press(look, *["right"] * 4)
        await sees(look, "silent messages 1", "as the memories are filtered: ", "vacation")
        await misses(look, "Thanks!")
        await press(look, "right", "escape")
        await sees(look, "Gas", "inferred · Cook")
        await misses(look, "as the memories are filtered")


async def test_its_filter_is_that_of_the_memories(
    kitchen: Workspace, size: tuple[int, int]
) -> None:
    async with hosted(kitchen, size) as (look, _):
        await sees(look, "check this 1", "missing 2", "links 3 of 5")
        await press(look, "slash", *"view:fac", "tab", *" -cook cat", "enter")
        screen = look.app.screen
        assert isinstance(screen, EvidenceScreen)
        assert screen.chosen == Filter(
            views=frozenset({"detail_factual"}), not_texts=frozenset({"cook"}), text="cat"
        )
        await sees(look, "check this 0", "missing 1")
        found = screen.command()
        assert {"--view=detail_factual", "--text=cat", "--filter=-cook"} < {*found.words}

        await press(look, "slash", *"viw:fact", "enter")
        await told(look, "Column 21: There is no field viw. Did you mean view?")
        await press(look, "escape", "escape", "escape", "escape")
        await sees(look, "check this 1", "missing 2", "links 3 of 5")

        # Messages have no views: their list says so, and is narrowed by all else.
        await press(look, "right", "right", "slash", *"view:fact noted", "enter")
        await sees(look, "messages have no view", "Noted, induction")
        await misses(look, "Thanks!")
        assert "--text=noted" in screen.command().words


async def test_messages_are_narrowed_by_when_they_were_said_and_where(
    kitchen: Workspace, size: tuple[int, int]
) -> None:
    async with hosted(kitchen, size) as (look, _):
        await press(look, "right", "right")
        await sees(look, "Thanks!", "vacation")
        await press(look, "slash", *"conversation:kitchen created:>2026-02-01", "enter")
        await sees(look, "silent messages 2", "Noted, induction", "Thanks!")
        await misses(look, "vacation")
        await press(look, "v")
        await sees(look, "only thanks")
        await press(look, "G", "enter")
        await misses(look, "Noted, induction")
        screen = look.app.screen
        assert isinstance(screen, EvidenceScreen)
        assert {"--role=thanks", "--conversation=kitchen"} < {*screen.command().words}


def tell_of_quotes(service: Service) -> None:
    """Of two memories MemOS quotes what is in no message; of a third it names no source: all are similar to one."""
    tell_of_kitchen(service)
    text = "[assistant perspective] Induction is noted."
    for memory_id, kind in (("m-doc", "doc"), ("m-chat", "chat")):
        quoted = (Source(kind, excerpt="Catalogue: plates from 49 euros."),)
        memory = a_memory(
            memory_id, text, title="Plates", conversation_id="kitchen", sources=quoted
        )
        service.put(TRIP.external_id, memory)
    service.put(
        TRIP.external_id, a_memory("m-none", text, title="Plates", conversation_id="kitchen")
    )


@at_both_sizes
async def test_a_similar_message_is_told_where_memos_quotes_no_other_one(
    home: Home, service: Service, stories: Stories, size: tuple[int, int]
) -> None:
    workspace = await stories.copied(home, service, tell_of_quotes)
    async with opened(workspace, size) as look:
        for memory_id, said in (
            ("m-doc", "knowledge base: a document, not a message"),
            ("m-chat", "source not in this transcript"),
        ):
            await press(look, "ctrl+g", *memory_id, "enter", "enter")
            await told(
                look,
                f"{said} MemOS quotes: “Catalogue: plates from 49 euros.”",
            )
            await misses(look, "similar, no")
        await press(look, "ctrl+g", *"m-none", "enter", "enter")
        await told(look, "similar, no known source: ", "message 2, “Noted,")
    workspace.abandon()


async def change_messages(service: Service, workspace: Workspace, *texts: str) -> None:
    """Have the first messages of the kitchen say something else, and read that."""
    said = service.messages[TRIP.external_id, "kitchen"]
    for index, text in enumerate(texts):
        later = "2026-03-02 10:00:00"
        raw = {**said[index].raw, "content": text, "update_time": later}
        said[index] = replace(said[index], content=text, update_time=later, raw=raw)
    await sync(workspace, SyncScope(full=True))


@at_both_sizes
async def test_a_source_that_has_changed_since_is_linked_and_told(
    home: Home, service: Service, stories: Stories, size: tuple[int, int]
) -> None:
    workspace = await stories.copied(home, service, tell_of_quotes)
    await change_messages(
        service, workspace, "I love music.", "Noted, induction it is, with plates."
    )
    async with opened(workspace, size) as look:
        await press(look, "ctrl+g", *"m-gas", "enter", "enter")
        await told(look, "message 1, by quoted", "earlier version, until")
        await told(look, "changed since: it said “I")
        await press(look, "ctrl+g", *"m-none", "enter")
        if size[0] > 80:  # there the transcript is beside it
            await sees(look, "edited", "similar")
        await press(look, "p")
        await sees(look, "changed since")
    workspace.abandon()


def tell_of_one_elsewhere(service: Service) -> None:
    """Of a message of the kitchen a memory of another conversation came too."""
    tell_of_kitchen(service)
    noted = (Source("chat", excerpt="Noted, induction then.", role="assistant"),)
    text = "[assistant perspective] Induction it is."
    memory = a_memory("m-far", text, title="Far", conversation_id="0610", sources=noted)
    service.put(TRIP.external_id, memory)


@at_both_sizes
async def test_a_source_in_another_conversation_is_linked_from_both_sides(
    home: Home, service: Service, stories: Stories, size: tuple[int, int]
) -> None:
    workspace = await stories.copied(home, service, tell_of_one_elsewhere)
    async with opened(workspace, size) as look:
        await press(look, "ctrl+g", *"m-far", "enter", "enter")
        await told(look, "message 2 of kitchen,", "not compared here: p does")
        await misses(look, "source not in this transcript")
        await press(look, "enter")
        await rest(look)
        where = main(look).desk.place
        assert where is not None
        assert (where.conversation_id, where.message is not None) == ("kitchen", True)
        shown = main(look).desk.panes.transcript
        assert shown.message is not None
        assert shown.message.content == "Noted, induction then."
        assert main(look).pane == "transcript"
        await press(look, "tab", "tab")
        await told(look, "1 memory made from it", "Far · by quoted", "of conversation 0610")
        await press(look, "enter")
        await rest(look)
        where = main(look).desk.place
        assert where is not None
        assert (where.conversation_id, where.memory_id) == ("0610", "m-far")
    workspace.abandon()


@at_both_sizes
async def test_as_of_then_a_source_in_another_conversation_is_found_too(
    home: Home, service: Service, stories: Stories, size: tuple[int, int]
) -> None:
    workspace = await stories.copied(home, service, tell_of_one_elsewhere)
    async with opened(workspace, size) as look:
        await press(look, "ctrl+g", *"m-far", "enter", "at")
        await press(look, "down", "enter")
        await sees(look, "as of")
        await press(look, "enter")
        await told(look, "As this store knew", "message 2 of kitchen,")
        await misses(look, "not read here until later")
    (memory,) = workspace.reads.memory("m-far")
    assert {*found_elsewhere(workspace.reads, memory, memory.first_seen - 60_000).leads} == {
        "message 2 of kitchen, by quoted text; not read here until later"
    }
    workspace.abandon()


def test_as_of_then_it_is_said_which_source_of_its_own_conversation_was_read_later(
    kitchen: Workspace,
) -> None:
    (memory,) = kitchen.reads.memory("m-gas")
    with closing(sqlite3.connect(kitchen.store_path)) as connection, connection:
        connection.execute("UPDATE message SET first_seen = first_seen + 60000")
    then = memory_evidence(kitchen.reads, memory.listing_pk, memory.last_seen)
    assert then is not None
    assert then.notes == ("message 1, by quoted text; not read here until later",)
    now = memory_evidence(kitchen.reads, memory.listing_pk)
    assert now is not None
    assert now.notes == ("message 1, by quoted text",)


async def test_the_transcript_counts_what_came_from_a_message_though_it_names_another_one(
    home: Home, service: Service, stories: Stories
) -> None:
    workspace = await stories.copied(home, service, tell_of_one_elsewhere)
    async with opened(workspace, (140, 40)) as look:
        await press(look, "ctrl+g", *"kitchen", "enter", "tab", "down")
        await sees(look, "assistant", "1 memory")
        line = next(line for line in rows(look) if "1 memory" in line)
        assert "assistant" in line
    workspace.abandon()


async def test_the_row_of_a_source_elsewhere_opens_it(
    home: Home, service: Service, stories: Stories, size: tuple[int, int]
) -> None:
    workspace = await stories.copied(home, service, tell_of_one_elsewhere)
    async with opened(workspace, size) as look:
        await go_to_user(look, "memos_user")
        await press(look, "p", "left", "left")
        await sees(look, "links", "Far")
        await press(look, "slash", *"induction", "enter")
        await misses(look, "Summer Family")
        line = next(line for line in rows(look) if "Far" in line)
        assert "kitchen" in line
        assert "0610" not in line
        assert " 2 " in line
        await press(look, "enter", "tab", "tab")
        await told(look, "1 memory made from it", "Far · by quoted")
        shown = main(look).desk.panes.transcript.message
        assert shown is not None
        assert shown.content == "Noted, induction then."
    workspace.abandon()


def tell_of_a_group(service: Service) -> None:
    """Two people of a conversation, of whom what one says of himself is remembered of the other."""
    tell_story(service)
    said = a_message(PEANUTS, at="2026-03-01 10:00:00")
    hers = replace(said, role_id="bea-7", role_name="Bea")
    service.say(TRIP.external_id, "flat", hers, a_message("Fine.", at="2026-03-01 10:01:00"))
    quoted = (Source("chat", excerpt=PEANUTS, role="user"),)
    about = {"conversation_id": "flat", "title": "Peanuts", "sources": quoted}
    memory = a_memory("m-bea", "[user perspective] The user is allergic to peanuts.", **about)
    service.put(TRIP.external_id, memory)


async def test_what_another_person_said_is_named_as_theirs(
    home: Home, service: Service, stories: Stories
) -> None:
    workspace = await stories.copied(home, service, tell_of_a_group)
    async with opened(workspace, (140, 40)) as look:
        await press(look, "ctrl+g", *"flat", "enter")
        await sees(look, "Bea, another person", PEANUTS)
        await press(look, "p")
        await sees(look, "another person", "Peanuts")
        await told(
            look, "was said by Bea, not by this user", "Bea, another person · by quoted text"
        )
        await press(look, "enter", "tab")
        await told(look, "message 1, by quoted text; said", "by Bea, not by this user")
        await press(look, "p", "left", "left")
        await sees(look, "another person · Peanuts")
    workspace.abandon()


async def test_one_conversation_is_told_of_by_what_all_of_them_tell(
    home: Home, service: Service, stories: Stories, size: tuple[int, int]
) -> None:
    workspace = await stories.copied(home, service, tell_of_one_elsewhere)
    async with opened(workspace, size) as look:
        await press(look, "ctrl+g", *"kitchen", "enter", "p", "right", "right")
        await sees(look, "vacation", "Thanks!")
        await misses(look, "Noted, induction")
        await press(look, "o")
        await sees(look, "Evidence · kitchen", "Thanks!", "o shows all")
        await misses(look, "Noted, induction")
        await misses(look, "vacation")
        await press(look, *["right"] * 3)
        await sees(look, "check this 1", "Gas")
        await press(look, "slash", *"cat", "enter")
        await told(look, "Nothing here passes the filter.")
        await press(look, "escape", "o")
        await sees(look, "Evidence · memos_user_123")
    workspace.abandon()


async def test_it_says_that_the_present_is_compared_where_memories_are_shown_as_of_then(
    kitchen: Workspace,
) -> None:
    async with opened(kitchen, (140, 40)) as look:
        await go_to_user(look, "memos_user")
        await press(look, "at")
        await press(look, "down", "enter", "p")
        await sees(look, "memories as of", "compared as known now, not as of then", "check this 1")
        await look.resize_terminal(80, 24)
        await sees(look, "compared as known now, not as of then", "5 of 5 memories compared ")


async def test_thanks_stand_behind_everything_and_are_said_to_be_no_more(
    kitchen: Workspace,
) -> None:
    async with hosted(kitchen, (120, 40)) as (look, _):
        await press(look, "right", "right")
        await sees(look, "only thanks: Thanks!", "Noted, induction then.")
        lines = rows(look)
        last = next(n for n, line in enumerate(lines) if "Thanks!" in line)
        assert last > next(n for n, line in enumerate(lines) if "Noted, induction" in line)


async def test_a_memory_that_names_no_conversation_was_compared_with_nothing(
    workspace: Workspace, service: Service
) -> None:
    service.put(
        "lone", a_memory("m-lone", "The user has a boat.", title="Boat", conversation_id=None)
    )
    await roster.add_subjects(workspace, [SubjectRef("user", "lone")])
    await sync(workspace, SyncScope())
    async with hosted(workspace, (120, 40), SubjectRef("user", "lone")) as (look, _):
        await press(look, "left", "left")
        await told(look, "It names no conversation, so no message was compared with it.")
    workspace.abandon()


@at_both_sizes
async def test_what_was_not_compared_is_listed_with_the_reason(
    kitchen: Workspace, service: Service, size: tuple[int, int]
) -> None:
    gone = (Source("chat", None, "user", "gone-1", "2020-01-01 08:00:00"),)
    texts = {"skill": "Way of roasting", "event": "Moved to Lyon"}
    for view, title in texts.items():
        memory = a_memory(f"m-{view}", title, title=title, view=view, conversation_id=None)
        service.put(TRIP.external_id, replace(memory, sources=gone if view == "event" else ()))
    await sync(kitchen, SyncScope((TRIP,), full=True))
    async with hosted(kitchen, size) as (look, host):
        await sees(look, "compared")
        await press(look, "left")
        await sees(look, "uncompared 2", "not fetched 1 · other view 1")
        await sees(look, "not fetched", "Moved to Lyon", "other view", "Way of roasting")
        await misses(look, "Gas")
        await told(look, "was never fetched", "MemOS quotes nothing of it.")
        await press(look, "down")
        await told(look, "a tool memory or a skill is a lesson")
        await press(look, "v", "G", "enter")
        await sees(look, "only other view", "Way of roasting")
        await misses(look, "Moved to Lyon")
        await press(look, "enter")
        (place,) = host.returned
        assert place is not None
        assert place.memory_id == "m-skill"


async def test_a_message_names_how_memories_came_from_it(kitchen: Workspace) -> None:
    async with opened(kitchen, (140, 40)) as look:
        await go_to_user(look, "memos_user")
        await press(look, "p", "enter", "enter", "n", "enter", "down", "up")
        await told(look, "2 memories made from it", "Gas · by quoted text")


async def test_a_message_that_has_changed_names_what_came_from_what_it_said_before(
    kitchen: Workspace, service: Service
) -> None:
    await change_messages(service, kitchen, "I love music, and want gas.")
    async with opened(kitchen, (140, 60)) as look:
        await go_to_user(look, "memos_user")
        await press(look, "p", "enter", "enter", "n", "enter", "down", "up")
        await told(look, "2 memories made from it", "Gas · by quoted text in an earlier")


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Let a review wait behind its first part until the event is set."""
    go, review = threading.Event(), reviewed.review

    def waiting(*arguments: Any) -> Iterator[reviewed.Part]:
        for number, part in enumerate(review(*arguments)):
            yield part
            if number == 2:
                go.wait(60)

    monkeypatch.setattr(reviewing, "review", waiting)
    monkeypatch.setattr(reviewing, "TOLD_AFTER", -1.0)
    return go


async def test_it_is_shown_while_it_runs_and_can_be_stopped(
    kitchen: Workspace, slowly: threading.Event
) -> None:
    host = Host(kitchen, TRIP)
    async with host.run_test(size=(80, 24)) as look:
        await sees(look, "comparing", "x stops")
        await press_now(look, "x")
        slowly.set()
        await rest(look)
        await sees(look, "stopped at", "r again")
        await press(look, "r")
        await sees(look, "check this 1", "5 of 5 memories compared")


async def press_now(look: Look, key: str) -> None:
    """Press a key while something runs."""
    await look.press(key)


async def test_hostile_texts_reach_the_screen_gated(workspace: Workspace, service: Service) -> None:
    texts = [text for name, text in HOSTILE.items() if text.strip() and "surrogate" not in name]
    service.say("h", "c", *(a_message(f"{text} horse") for text in texts))
    for number, text in enumerate(texts):
        memory = a_memory(
            f"m{number}", f"{text} no horse 17", title=text, conversation_id="c",
            sources=(Source("chat", excerpt=f"{text} horse"),),
        )  # fmt: skip
        service.put("h", memory)
    await roster.add_subjects(workspace, [SubjectRef("user", "h")])
    await sync(workspace, SyncScope())
    async with hosted(workspace, (120, 40), SubjectRef("user", "h")) as (look, _):
        for _list in range(5):
            for key in ("home", "pagedown", "end"):
                await press(look, key)
                assert unsafe(seen(look), newlines=True) == []
            await press(look, "right")
    workspace.abandon()


async def test_everyones_evidence_and_back(kitchen: Workspace, size: tuple[int, int]) -> None:
    async with hosted(kitchen, size) as (look, host):
        await sees(look, "Evidence · memos_user_123", "check this 1", "links 3 of 5")
        await press(look, "u")
        await sees(look, "Evidence · everyone", "Gas")
        await press(look, "left", "left")
        await sees(look, "li.wei", "Report day")
        await press(look, "slash", *"report day", "enter")
        await sees(look, "links 0 of 1")
        await press(look, "enter")
        (place,) = host.returned
        assert place is not None
        assert place.subject == LI


async def test_the_numbers_count_what_passes_the_filters(kitchen: Workspace) -> None:
    async with hosted(kitchen, (120, 40)) as (look, _):
        await sees(look, "check this 1", "missing 2", "links 3 of 5")
        await press(look, "slash", *"cat", "enter")
        await sees(look, "check this 0", "missing 1", "silent messages 1", "links 1 of 2")
        await press(look, "escape")
        await sees(look, "check this 1", "missing 2", "links 3 of 5")
        await press(look, "s", "s", "s")
        await sees(look, "check this 0", "missing 1", "links 1 of 2")


async def test_of_a_message_that_is_quoted_whole_the_words_of_the_memory_are_marked(
    kitchen: Workspace,
) -> None:
    with kitchen.open_reads() as reads:
        (memory,) = reads.memory("m-gas")
        found = memory_evidence(reads, memory.listing_pk)
    assert found is not None
    ((_pk, spans),) = found.spans.items()
    assert [GAS[start:end] for start, end in spans] == ["gas", "kitchen"]


async def test_of_a_number_that_a_near_message_does_not_say_no_part_is_marked(
    workspace: Workspace, service: Service
) -> None:
    said = "The cellar takes twenty-eight crates of apples, 9 rows"
    service.say("h", "c", a_message(said))
    service.put("h", a_memory("m", "Twenty-five crates of apples, 9 rows", conversation_id="c"))
    await roster.add_subjects(workspace, [SubjectRef("user", "h")])
    await sync(workspace, SyncScope())
    with workspace.open_reads() as reads:
        (memory,) = reads.memory("m")
        found = memory_evidence(reads, memory.listing_pk)
    workspace.abandon()
    assert found is not None
    assert not found.certain
    assert [said[start:end] for spans in found.spans.values() for start, end in spans] == [
        "crates",
        "apples",
        "9",
        "rows",
    ]


def test_a_second_kind_of_doubt_is_seen_where_there_is_room() -> None:
    row = cast(
        "evidence_rows.EvidenceRow", SimpleNamespace(kinds="毫无相同之处 · 另有数字", ref=LI)
    )
    kinds = evidence_rows.columns("check")[0].holding([row], 0)
    shown = fitting([kinds, *evidence_rows.columns("check")[1:]], 74, 14)
    assert cell_len(row.kinds) <= shown[0][1] < 74 // 2
    narrow = fitting([kinds, *evidence_rows.columns("check")[1:]], 34, 14)
    assert narrow[1][1] > 0
