"""Verdicts by keys: on the main screen, and through a queue to its end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from memos_admin.backend import occasion
from memos_admin.backend.home import Home
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.verdicts import queues
from memos_admin.backend.verdicts.choosing import chosen, chosen_pairs
from memos_admin.backend.verdicts.correcting import Batch
from memos_admin.backend.verdicts.giving import Judgement, give
from memos_admin.backend.verdicts.queues import Asked
from memos_admin.backend.verdicts.verdict_filter import VerdictFilter
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Source
from memos_admin.emulator.thread import EmulatorThread
from memos_admin.language import full_stop
from memos_admin.tui.jobs.correcting import BatchCorrection
from memos_admin.tui.screens.changing import EditMemory
from memos_admin.tui.screens.queue import QueueScreen
from tests.backend.changed import USER, project_on
from tests.backend.service import Service, a_memory, a_message
from tests.backend.test_verdicts import ANN, act_as, change, judge, read
from tests.cli.conftest import asked
from tests.tui.looking import (
    Look,
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
from tests.tui.story import TRIP
from tests.tui.strangers import fill as fill_hostile
from tests.tui.test_hostile import WORST, assert_safe


def kept(workspace: Workspace, *, ended: bool = False) -> list[tuple[str, str | None]]:
    """Return what is kept, the last one first."""
    with workspace.open_reads() as reads:
        return [(one.verdict, one.note) for one, _ in chosen(reads, VerdictFilter(ended=ended))]


async def go_to_memories(look: Look) -> None:
    await press(look, "slash", *TRIP.external_id[:6].replace("_", "")[:5], "enter", "enter")
    main(look).go_to("memories")
    await press(look)


async def test_a_key_judges_another_replaces_and_one_takes_back(
    story: Workspace, size: tuple[int, int]
) -> None:
    async with opened(story, size) as look:
        await go_to_memories(look)
        await press(look, "2")
        await sees(look, "wrong ·")
        await press(look, "1")
        await sees(look, "correct ·")
        await misses(look, "wrong ·")
        assert kept(story) == [("correct", None)]
        assert kept(story, ended=True) == [("correct", None), ("wrong", None)]
        await press(look, "0")
        await misses(look, "correct ·")
        assert kept(story) == []
        await press(look, "0")
        await told(look, "There is no verdict of yours on what it says now.")


async def test_undoing_lets_the_earlier_verdict_stand_again_with_its_note(
    story: Workspace, size: tuple[int, int]
) -> None:
    async with opened(story, size) as look:
        await go_to_memories(look)
        await press(look, "2", "comma", *"why", "enter")
        await told(look, "The note is kept.")
        await press(look, "1", "3")
        await sees(look, "outdated ·")
        await press(look, "backspace")
        await told(look, "Taken back: outdated. Your verdict is correct again, as before: ")
        await sees(look, "correct ·")
        await press(look, "backspace")
        await told(look, "Your verdict is wrong again")
        await sees(look, "wrong ·")
        assert kept(story) == [("wrong", "why")]
        await press(look, "backspace")
        await told(look, "Taken back: wrong, of ", "You have no verdict on it now.")
        await misses(look, "wrong ·")
        assert kept(story) == []
        await press(look, "backspace")
        await told(look, "No verdict was given in this run")


async def test_the_palette_says_which_verdict_an_entry_gives(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await go_to_memories(look)
        await press(look, "ctrl+p", *"verdict: ")
        await sees(look, "Verdict: correct", "Verdict: wrong", "Verdict: unsure")
        await press(look, *"correct")
        await misses(look, "Verdict: wrong")
        await press(look, "enter")
        await sees(look, "correct ·")
    assert kept(story) == [("correct", None)]


async def test_the_detail_says_who_when_and_why(story: Workspace, size: tuple[int, int]) -> None:
    act_as(story, "eve")
    async with opened(story, size) as look:
        await go_to_memories(look)
        await press(look, "comma")
        await told(look, "Give a verdict first: 1…7.")
        await press(look, "5", "comma")
        await press(look, *"no need", "enter")
        await told(look, "The note is kept.")
        main(look).go_to("detail")
        await press(look)
        await sees(look, "too sensitive, eve,", "“no need”", "· sensitive")
        await press(look, "backspace")
        await misses(look, "too sensitive")
        await press(look, "backspace")
        await told(look, "No verdict was given in this run")
    assert kept(story, ended=True) == [("too_sensitive", "no need"), ("too_sensitive", None)]


async def test_where_no_memory_is_nothing_is_judged(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        await press(look, "2")
        await press(look, "enter", "enter", "4")
        assert kept(story) == []


async def queue_of(workspace: Workspace, *, blind: bool = False, operator: str) -> queues.Queue:
    asked = Asked("unreviewed" if blind else "sample", Filter(), blind=blind, number=4, seed=1)
    return await queues.make(workspace, asked, operator)


async def test_a_queue_is_gone_through_by_keys_and_gone_on_with(
    story: Workspace, size: tuple[int, int]
) -> None:
    act_as(story, "eve")
    async with opened(story, size) as look:
        await press(look, "Q")
        await sees(look, "unreviewed memories", "a random sample")
        await press(look, "down", "down", "enter", "enter")
        await told(
            look, "leave here and filter them first, such as / updated:2026-01-01..2026-01-31"
        )
        await press(look, "end", "backspace", "backspace", *"x", "enter")
        await told(look, "Write how many")
        await press(look, "backspace", *"4 1", "enter")
        await sees(look, "1 of 4 · 0 judged by you", "seed 1")
        await press(look, "comma")
        await told(look, "Give this memory a verdict first: a note says why.")
        await press(look, "1")
        await sees(look, "2 of 4 · 1 judged by you")
        await press(look, "2", "comma")
        await told(look, "Note: wrong, ", "the one that you judged last")
        await press(look, *"why", "enter")
        await sees(look, "3 of 4 · 2 judged by you")
        assert "“why”" not in seen(look)
        await press(look, "p")
        await sees(look, "2 of 4 · 2 judged by you", "“why”")
        await press(look, "comma")
        await told(look, "Note: wrong, ")
        assert "the one that you judged last" not in seen(look)
        await press(look, "escape")
        await press(look, "backspace")
        await sees(look, "2 of 4 · 1 judged by you")
        await press(look, "3", "n")
        await sees(look, "4 of 4 · 2 judged by you")
        await press(look, "n")
        await told(look, "That was the last one.")
        await press(look, "u")
        await sees(look, "3 of 4 · 2 judged by you")
        await press(look, "escape")
        assert not isinstance(look.app.screen, QueueScreen)
    assert kept(story) == [("outdated", None), ("correct", None)]
    assert kept(story, ended=True)[1] == ("wrong", "why")
    async with opened(story, size, again=True) as look:
        await press(look, "Q")
        await sees(look, "go on: a sample · seed 1, 3 of 4")
        shown = rows(look)
        places = [
            next(number for number, row in enumerate(shown) if text in row)
            for text in ("unreviewed memories", "a random sample", "go on: a sample")
        ]
        assert places == sorted(places)
        await press(look, "end", "enter")
        await sees(look, "3 of 4 · 2 judged by you")
        await press(look, "enter")
        await until(look, lambda: main(look).pane == "memories")


async def test_the_end_of_a_queue_is_said_with_what_is_left(story: Workspace) -> None:
    act_as(story, "eve")
    await queue_of(story, operator="eve")
    async with opened(story, (80, 24)) as look:
        await press(look, "Q", "end", "enter")
        await sees(look, "1 of 4 · 0 judged by you")
        await press(look, "n", "n", "n", "1")
        await told(look, "That was the last one. You have judged 1 of 4: u goes to the next")
        await press(look, "comma", *"seen", "enter")
        await told(look, "The note is kept.")
        await press(look, "u", "1", "1", "1")
        await press(look, "n", "1")
        await told(look, "That was the last one: you have judged all of them.")


async def test_what_others_change_meanwhile_is_to_be_judged_anew(
    workspace: Workspace, service: Service, size: tuple[int, int]
) -> None:
    act_as(workspace, "eve")
    await read(workspace, service, ann=2, bob=0)
    await judge(workspace, "ann-0", "wrong")
    await judge(workspace, "ann-1", "outdated")
    async with opened(workspace, size) as look:
        await press(look, "Q", "down", "down", "down", "enter", "enter")
        await sees(look, "1 of 2 · 2 judged by you")
        await press(look, "u")
        await told(look, "You have judged all the others.")
        queue = look.app.screen
        assert isinstance(queue, QueueScreen)
        assert queue._found is not None
        first = queue._found.memory.memory_id
        second = "ann-0" if first == "ann-1" else "ann-1"
        await change(workspace, service, second)
        await press(look, "u")
        await sees(look, "2 of 2 · 1 judged by you", "changed since", "now it says something else")
        await change(workspace, service, first)
        await press(look, "p")
        await sees(look, "1 of 2 · 0 judged by you", "changed since")
        await press(look, "1")
        await sees(look, "2 of 2 · 1 judged by you")
        service.put(ANN.external_id, a_memory(first, "and once more"))
        await sync(workspace, SyncScope((ANN,), full=True))
        await press(look, "1")
        await told(look, "That was the last one. You have judged 1 of 2: u goes to the next")
        await press(look, "u")
        await sees(look, "1 of 2 · 1 judged by you", "and once more")


def test_a_text_that_ends_with_a_full_stop_gets_no_other() -> None:
    assert full_stop("correct: likes tea.") == "correct: likes tea."
    assert full_stop("correct: tea") == "correct: tea."


@at_both_sizes
async def test_what_is_said_of_a_memory_leaves_room_for_its_title(
    workspace: Workspace, service: Service, size: tuple[int, int]
) -> None:
    await read(workspace, service, ann=1, bob=1)
    await judge(workspace, "ann-0", "too_sensitive")
    service.put("ann", a_memory("ann-0", title="The user is vegan", status="archived"))
    await sync(workspace, SyncScope((ANN,), full=True))
    async with opened(workspace, size) as look:
        await press(look, "slash", *"ann", "enter", "enter")
        main(look).go_to("memories")
        said = "was sensitive · The user is vegan" if size == (80, 24) else "was sens… · The us"
        await sees(look, said)


@at_both_sizes
async def test_the_second_reviewer_sees_the_first_ones_verdict_behind_the_own_one(
    story: Workspace, size: tuple[int, int]
) -> None:
    act_as(story, "eve")
    with story.open_reads() as reads:
        memory = reads.memory("0a89db3a-2061-4c97-a1b8-45700f8745bc")[0]
    await give(story, Judgement(memory.memory_id, memory.version, "outdated", ref=memory.ref))
    act_as(story, "zoe")
    async with opened(story, size) as look:
        await press(look, "Q", *["down"] * 5, "enter", "enter")
        await sees(look, "1 of 1 · 0 judged by you", "none of yours yet")
        assert "eve" not in seen(look)
        assert "outdated" not in rows(look)[1]
        await press(look, "2")
        await sees(look, "wrong, zoe", "outdated, eve", "wrong/outdated")


async def test_a_second_reviewer_goes_on_at_once_and_a_slip_does_not_count(
    workspace: Workspace, service: Service, size: tuple[int, int]
) -> None:
    await read(workspace, service, ann=2, bob=1)
    act_as(workspace, "eve")
    for name in ("ann-0", "ann-1", "bob-0"):
        await judge(workspace, name, "outdated")
    act_as(workspace, "zoe")

    def counted() -> list[str]:
        with workspace.open_reads() as reads:
            return [other.verdict for _eve, other in chosen_pairs(reads, VerdictFilter())]

    async with opened(workspace, size) as look:
        await press(look, "Q", *["down"] * 5, "enter", "enter")
        await sees(look, "1 of 3 · 0 judged by you", "none of yours yet")
        await press(look, "2")
        await sees(look, "2 of 3 · 1 judged by you · last: wrong", "none of yours yet")
        assert "eve" not in seen(look)
        await press(look, "backspace")
        await told(look, "Taken back: wrong", "You have no verdict on it now.")
        await sees(look, "1 of 3 · 0 judged by you", "none of yours yet")
        assert counted() == []
        await press(look, "2")
        assert counted() == ["wrong"]
        await press(look, "backspace")
        await told(look, "Taken back: wrong", "You have no verdict on it now.")
        assert counted() == []
        await press(look, "1", "p")
        await sees(look, "1 of 3 · 1 judged by you", "correct, zoe", "outdated, eve")
        await press(look, "3", "p")
        await sees(look, "outdated, zoe", "outdated, eve")
        assert counted() == ["correct"]
        await press(look, "backspace")
        await told(look, "Taken back: outdated. Your verdict is correct again, as before")
        await sees(look, "1 of 3 · 1 judged by you", "correct, zoe")
    assert kept(workspace)[0] == ("correct", None)
    assert counted() == ["correct"]


async def test_a_ticket_set_in_a_review_is_that_of_the_verdicts_that_follow(
    story: Workspace, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(occasion, "_present", occasion.Occasion("tui"))
    async with opened(story, size) as look:
        await press(look, "Q", "enter", "enter")
        await press(look, "1")
        await sees(look, "1 judged by you")
        await press(look, "T", *"SUP-7", "enter")
        await told(look, "From now on for ticket SUP-7.")
        await until(look, lambda: "ticket SUP-7" in rows(look)[0])
        await press(look, "2")
        await sees(look, "2 judged by you")
        await press(look, "p")
        await sees(look, "ticket SUP-7", "2 judged by you")
        await press(look, "escape")
        await until(look, lambda: "ticket SUP-7" in rows(look)[0])
    with story.open_reads() as reads:
        given = [(one.verdict, one.ticket) for one, _ in chosen(reads, VerdictFilter())]
    assert given == [("wrong", "SUP-7"), ("correct", None)]


async def test_a_review_copies_the_id_and_says_where_keys_work_that_it_does_not_have(
    story: Workspace,
) -> None:
    async with opened(story, (120, 40)) as look:
        await press(look, "Q", "enter", "enter")
        queue = look.app.screen
        assert isinstance(queue, QueueScreen)
        await until(look, lambda: queue._found)
        assert queue._found is not None
        await press(look, "y")
        await told(look, f"Copied {queue._found.memory.memory_id}")
        assert look.app.clipboard == queue._found.memory.memory_id
        await press(look, "slash")
        await told(look, "/ works in: Users, Conversations, Messages, Memories, Detail. escape")
        await press(look, "w")
        await told(look, "w works in: Messages, Memories, Detail. escape goes there.")
        await press(look, "j", "m")
        await misses(look, "m works in")
        await misses(look, "j works in")
        assert look.app.screen is queue


async def test_a_review_says_what_does_not_agree_with_the_source_and_masks_it(
    workspace: Workspace, service: Service, size: tuple[int, int]
) -> None:
    ann = SubjectRef("user", "ann")
    said = "Your appointment is booked, the login code is 50817222."
    service.say("ann", "c1", a_message("Please book it."), a_message(said, "assistant"))
    source = Source("chat", excerpt=said, role="assistant")
    for name, text in (
        ("m1", "[assistant perspective] The login code of the appointment is 50817222."),
        ("m2", "[assistant perspective] The login code of the appointment is 50871222."),
    ):
        service.put("ann", a_memory(name, text, conversation_id="c1", sources=(source,)))
    assert (await sync(workspace, SyncScope((ann,), full=True))).complete
    async with opened(workspace, size) as look:
        await press(look, "Q", "enter", "enter")
        await sees(look, "1 of 2", "is 508")
        if "50871222" in seen(look):
            await sees(look, "● check")
            await press(look, "n")
            await sees(look, "2 of 2", "50817222.")
            await misses(look, "● check")
            await press(look, "p")
        else:
            await press(look, "n")
        await told(look, "● check", "The memory says “50871222”", "says “50817222”.")
        await press(look, "m")
        await told(look, "● check", "The memory says “[secret *]”")
        assert "“508" not in seen(look)
        await press(look, "m")
        await told(look, "The memory says “50871222”")


async def test_what_changed_is_masked_whole_where_masking_begins_later(
    workspace: Workspace, service: Service
) -> None:
    ann = SubjectRef("user", "ann")
    act_as(workspace, "eve")
    for domain in ("example.com", "sample.org"):
        service.put("ann", a_memory("m1", f"Write to ann.lee@{domain} now."))
        assert (await sync(workspace, SyncScope((ann,), full=True))).complete
        if domain == "example.com":
            await give(workspace, Judgement("m1", 1, "wrong", ref=ann))
    async with opened(workspace, (120, 40)) as look:
        await press(look, "Q", "down", "enter", "enter")
        await told(look, "ann.lee@[-example-]{+sample+}")
        await press(look, "m")
        await told(look, "[-[e-mail ***]-]{+[e-mail ***]+}")
        assert "ann.lee" not in seen(look)


@at_both_sizes
async def test_whose_a_memory_is_and_what_changed_stand_above_all_else(
    workspace: Workspace, service: Service, size: tuple[int, int]
) -> None:
    ann = SubjectRef("user", "ann")
    long = " ".join(f"word{number}" for number in range(200))
    for end in ("tea", "coffee"):
        service.put("ann", a_memory("m1", f"{long}, and likes {end}.", tags=tuple("abcdefgh")))
        assert (await sync(workspace, SyncScope((ann,), full=True))).complete
        if end == "tea":
            await give(workspace, Judgement("m1", 1, "correct", ref=ann))
    async with opened(workspace, size) as look:
        await press(look, "Q", "down", "enter", "enter")
        await sees(look, "What changed since it was judged", "text", "[-tea-]{+coffee+}.")
        assert not any(line.strip(" │┃").startswith("content") for line in rows(look))
        at = next(at for at, row in enumerate(rows(look)) if "[-tea-]" in row)
        assert "Review · ann · Fact" in rows(look)[1]
        assert at < 10
        await press(look, "down", "down", "down", "down")
        await sees(look, "It says now")


async def test_nothing_to_review_is_said(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        await press(look, "Q", "down", "enter", "enter")
        await told(look, "There is nothing to review")


@pytest.mark.parametrize("text", WORST.values(), ids=WORST)
async def test_a_queue_shows_any_text_safely(
    workspace: Workspace, service: Service, text: str, isolated: Path
) -> None:
    await fill_hostile(workspace, service, text)
    async with opened(workspace, (80, 24)) as look:
        await press(look, "Q", "enter", "enter")
        await until(look, lambda: isinstance(look.app.screen, QueueScreen))
        assert_safe(look)
        await press(look, "2", "p", "comma")
        assert_safe(look)
        await press(look, "escape", "question_mark")
        assert_safe(look)
    workspace.abandon()


async def test_what_is_flagged_is_archived_in_memos_when_its_id_is_typed(
    emulate: Callable[..., EmulatorThread], home: Home, size: tuple[int, int]
) -> None:
    emulator = emulate()
    async with project_on(emulator, home, USER) as workspace, opened(workspace, size) as look:
        await press(look, "Q", "enter", "enter")
        await sees(look, "1 of 2 · 0 judged by you", "2 wrong", "7 unsure")
        await press(look, "c")
        await told(look, "Nothing in this queue is flagged that could be sent")
        await press(look, "p", "1")
        await sees(look, "2 of 2 · 1 judged by you · last: correct")
        await press(look, "4", "c")
        await told(look, "say in words what is wrong", "archive them")
        await press(look, "down", "enter")
        await told(look, "Archive memory", "status: [-activated-]{+archived+}")
        with workspace.open_reads() as reads:
            ((verdict, listing),) = chosen(reads, VerdictFilter(verdicts=frozenset({"duplicate"})))
            memory_id = reads.memories([listing])[0].memory_id
        await press(look, *memory_id, "enter")
        await told(look, "done; verified")
        assert asked(emulator, f"/get/memory/{memory_id}")["data"]["status"] == "archived"
        assert verdict.verdict == "duplicate"
        await press(look, "escape", "8")
        await sees(look, "sent, changed", "1 archived or gone")


async def test_what_was_sent_is_shown_and_not_offered_again_unless_that_is_chosen(
    emulate: Callable[..., EmulatorThread], home: Home, size: tuple[int, int]
) -> None:
    emulator = emulate()
    async with project_on(emulator, home, USER) as workspace, opened(workspace, size) as look:
        await press(look, "Q", "enter", "enter", "2", "2", "c")
        await told(look, "your notes: 2 memories", "archive them: 2 memories")
        await press(look, "enter")
        await told(look, f"2 memories of {USER.external_id}:", "Say of memory")
        await told(look, f"Type {USER.external_id} and press enter to do it to 2 memories.")
        await press(look, *"2 memories", "enter")
        await told(look, f"That is not {USER.external_id}. Nothing was changed.")
        await press(look, *["backspace"] * 10, *USER.external_id, "enter")
        await told(look, "done; worked in · Summer Family Trip Plan", "Done: 2 of 2 memories.")
        await press(look, "escape")
        await until(look, lambda: "wrong · sent" in rows(look)[1])
        await press(look, *["down"] * 6)
        await told(look, "corrected", "Sent as feedback on ")
        await press(look, "c")
        await told(look, "say it once more of what was sent before: 2 memories", "archive them")
        assert "with your notes" not in seen(look)
        await press(look, "enter")
        await told(look, "Say of memory")
        await press(look, "escape", "8")
        await sees(look, "1 of 2")
        assert sum("sent" in row and "wrong" in row for row in rows(look)) == 2
    assert asked(emulator, "/_emulator/requests")["/add/feedback"] == 2


async def test_a_queue_of_a_project_that_is_only_read_shows_what_would_be_sent(
    emulate: Callable[..., EmulatorThread], home: Home
) -> None:
    emulator = emulate()
    async with (
        project_on(emulator, home, USER, allowed=False) as workspace,
        opened(workspace, (80, 24)) as look,
    ):
        await press(look, "Q", "enter", "enter", "2", "E")
        await told(look, "memos-admin projects allow-writes acme")
        await press(look, "c")
        await told(look, "what would be sent is shown, and nothing is sent")
        await press(look, "enter")
        await told(look, "Say of memory", "This memory is wrong")
        await told(look, "memos-admin projects allow-writes acme Nothing was sent; escape leaves.")
        await press(look, "enter")
        await until(look, lambda: isinstance(look.app.screen, QueueScreen))
        await press(look, "r")
        await sees(look, "similar, no known source · message 1")
    assert "/add/feedback" not in asked(emulator, "/_emulator/requests")


async def test_what_will_be_sent_stands_before_what_is_left_out(story: Workspace) -> None:
    left_out = tuple((f"m{number}", "Operators disagree.") for number in range(20))
    async with opened(story, (80, 24)) as look:
        correction = BatchCorrection(main(look).session, Batch((), left_out), "feedback")
        lines = await correction.look(lambda _text: None)
    texts = ["".join(part.text for part in line) for line in lines]
    assert ["left out" in text for text in texts[-20:]] == [True] * 20
    assert not any("left out" in text for text in texts[:-20])
    assert texts[:-20]


async def test_the_memory_at_hand_is_edited_in_memos_and_asks_to_be_judged_again(
    emulate: Callable[..., EmulatorThread], home: Home, size: tuple[int, int]
) -> None:
    emulator = emulate()
    async with project_on(emulator, home, USER) as workspace, opened(workspace, size) as look:
        await press(look, "Q", "enter", "enter", "3", "p")
        queue = look.app.screen
        assert isinstance(queue, QueueScreen)
        await until(look, lambda: queue._found)
        assert queue._found is not None
        memory_id = queue._found.memory.memory_id
        await sees(look, "1 of 2 · 1 judged by you")
        await press(look, "E")
        await until(look, lambda: isinstance(look.app.screen, EditMemory))
        await press(look, *"Really", "escape")
        await told(look, "What you typed is kept", "E on the memory offers it again")
        await press(look, "E")
        await told(look, "This is what you typed before.")
        await press(look, "ctrl+s")
        await told(look, "{+Really", "Sent: POST /update/memory")
        assert "Really" not in asked(emulator, f"/get/memory/{memory_id}")["data"]["content"]
        await press(look, *(char if char != "-" else "minus" for char in memory_id), "enter")
        await told(look, "done; verified")
        await press(look, "escape")
        await sees(look, "1 of 2 · 0 judged by you", "Really", "changed since")
    assert "Really" in asked(emulator, f"/get/memory/{memory_id}")["data"]["content"]


async def test_nothing_is_edited_where_a_project_is_only_read(
    emulate: Callable[..., EmulatorThread], home: Home
) -> None:
    async with (
        project_on(emulate(), home, USER, allowed=False) as workspace,
        opened(workspace, (80, 24)) as look,
    ):
        await press(look, "Q", "enter", "enter", "E")
        await told(look, "memos-admin projects allow-writes acme")
        assert isinstance(look.app.screen, QueueScreen)
