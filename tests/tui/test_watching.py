"""The live mode: it marks what is new without moving the cursor, and ends by itself where a person is needed."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from memos_admin.backend import journal
from memos_admin.backend.config import ConfigError, parse
from memos_admin.backend.errors import StoreError
from memos_admin.backend.history.changes import Change, ChangeKind
from memos_admin.backend.model import Filter
from memos_admin.backend.watching import settings
from memos_admin.backend.watching.calm import Calm
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Task
from memos_admin.cloud.errors import NotFound, Refused, Unreachable
from memos_admin.store import runs
from memos_admin.tui.app import MemosAdmin
from memos_admin.tui.rows.live import FoundChanges, TaskRow
from memos_admin.tui.rows.main import title_of
from memos_admin.tui.widgets.row_list import RowList
from tests.backend.journals import entries
from tests.backend.service import Service, a_memory
from tests.tui.looking import (
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
from tests.tui.story import LI, TRIP
from tests.tui.test_copied_commands import copied, written

Size = tuple[int, int]


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let polls follow each other, with a moment between them in which the screen comes to rest."""
    monkeypatch.setattr(Calm, "after", lambda _self, _outcome: 0.2)


def _cursor_of(look: Any) -> str:
    """Return which task is under the cursor."""
    row = look.app.screen.query_one("#changes", RowList).row
    return row.of.task_id if isinstance(row, TaskRow) else ""


def _has_found(look: Any, number: int) -> bool:
    return main(look).watching.mark.text.startswith(f"live · {number} found")


async def begin(look: Any) -> None:
    await go_to_user(look, "memos")
    await press(look, "ctrl+w")
    await told(look, "Your account shares its limit")
    await look.press("enter")  # not `press`: it waits until nothing runs, and a watch does


@pytest.mark.usefixtures("soon")
async def test_new_memories_are_marked_and_the_cursor_stays(
    story: Workspace, service: Service, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[bool] = []
    monkeypatch.setattr(MemosAdmin, "bell", lambda _self: rung.append(True))
    config = story.home.path / "config.toml"
    config.write_text(config.read_text() + "\n[watch]\nbell = true\n")
    async with opened(story, size) as look:
        await begin(look)
        await told(look, "Watching memos_user_123: about every 30 s")
        await until(
            look, lambda: main(look).watching.mark.text.startswith("live · 0 found: ctrl+w")
        )
        desk = main(look).desk
        main(look).go_to("memories")
        await look.press("j")
        await until(look, lambda: desk.panes.memories.row is not None)
        before = desk.panes.memories.row
        new = a_memory(
            "m-new",
            "likes rye",
            title="Rye bread",
            conversation_id="0610",
            update_time="2031-01-01",
        )
        service.put(TRIP.external_id, new)
        await sees(look, "new · Rye bread")
        await told(look, "Found: 1 change of memos_user_123.")
        assert desk.panes.memories.row == before
        assert rung == [True]
        await look.press("ctrl+w", "x")
        await told(look, "No longer watching.")
        assert not main(look).watching.on
        assert main(look).watching.mark.text == ""


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(
    ("known", "said"),
    [("honoured", "at most 2 requests a minute"), ("", "2 requests a minute or more")],
)
async def test_it_says_how_many_requests_it_takes(
    story: Workspace, service: Service, known: str, said: str
) -> None:
    writer = await story.open_writer()
    await writer.run(lambda c: runs.set_setting(c, runs.UPDATE_FILTER, known))
    async with opened(story, (120, 40)) as look:
        await begin(look)
        await told(look, "2 requests a minute at most then" if known else said)
        await look.press("ctrl+w")
        await sees(look, said)
        await look.press("x")


@pytest.mark.usefixtures("soon")
async def test_what_it_found_is_listed_while_it_goes_on_and_leads_there(
    story: Workspace, service: Service, size: Size
) -> None:
    async with opened(story, size) as look:
        await begin(look)
        await until(look, lambda: main(look).watching.mark.text.startswith("live · 0 found"))
        await look.press("ctrl+w")
        await sees(look, "Changes found · since", "watching 1 user", "x end the watch")
        assert re.search(r"next in \d+ s · watching 1 user", seen(look))
        await sees(look, "Nothing was found to have changed yet.")
        for number in (1, 2):
            name = f"m-{number}"
            memory = a_memory(name, "x", title=f"Loaf {number}", update_time=f"203{number}-01-01")
            service.put(TRIP.external_id, memory)
            await sees(look, f"Loaf {number}")
        await sees(look, "added", "2 changes")
        await look.press("C")
        assert "changes --user=memos_user_123 --since=" in look.app.clipboard
        await look.press("slash", *"Loaf 1", "enter")
        await misses(look, "Loaf 2")
        await look.press("enter")
        desk = main(look).desk
        await until(
            look, lambda: desk.detail.memory is not None and desk.detail.memory.memory_id == "m-1"
        )
        assert main(look).watching.mark.text.startswith("live · 2 found")
        await look.press("ctrl+w", "x")
        await sees(look, "nothing is watched now", "Loaf 2")
        await look.press("escape", "ctrl+w")
        await sees(look, "what was found since", "a task of MemOS")
        await look.press("end", "enter")
        await sees(look, "Loaf 1", "Loaf 2")


@pytest.mark.usefixtures("soon")
async def test_below_what_it_found_stand_the_words_of_the_change(
    story: Workspace, service: Service, size: Size
) -> None:
    def put(text: str, year: int) -> None:
        memory = a_memory("m-loaf", text, title="A loaf", update_time=f"{year}-01-01")
        service.put(TRIP.external_id, memory)

    async with opened(story, size) as look:
        await begin(look)
        await until(look, lambda: main(look).watching.mark.text.startswith("live · 0 found"))
        await look.press("ctrl+w")
        put("likes rye", 2031)
        await sees(look, "added", "A loaf", "likes rye")
        put("likes spelt", 2032)
        await sees(look, "changed", "2 changes", "x end the watch", "it goes on")
        await sees(
            look, "changed since · A loaf"
        )  # the memory was added; the row above says what then
        assert len(re.findall("(?<!since · )A loaf", seen(look))) == 1
        await look.press("home")
        await sees(look, "likes [-rye-]{+spelt+}")
        await look.press("C")
        await told(look, "It lists what was found since then;")
        await look.press("x")
        await sees(look, "nothing is watched now", "escape back")
        await misses(look, "end the watch")
        await misses(look, "it goes on")


@pytest.mark.parametrize(
    ("kind", "since"),
    [
        ("changed", "changed since"),
        ("status", "changed since"),
        ("vanished", "gone since"),
        ("returned", "back since"),
    ],
)
async def test_all_but_the_latest_change_of_a_memory_say_what_was_found_since(
    story: Workspace, kind: ChangeKind, since: str
) -> None:
    with story.open_reads() as reads:
        one, other = reads.memories(reads.memory_pks(Filter(subject=TRIP)))[:2]
        found = (
            Change("added", 1, one.listing_pk),
            Change("returned", 2, other.listing_pk),
            Change("changed", 2, other.listing_pk, version=2),
            Change(kind, 3, one.listing_pk),
        )
        source = FoundChanges(None, None, found=[(TRIP, change) for change in found])
        shown = source.rows(reads, source.keys(reads))
        titles = [title_of(memory) for memory in (one, other, other, one)]
        told = [row.what(()) for row in shown]
        assert told == [*titles[:3], f"{since} · {titles[3]}"]


@pytest.mark.usefixtures("soon")
async def test_that_the_words_of_a_change_cannot_be_read_is_said(
    story: Workspace, service: Service, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> str:
        raise StoreError("The store is broken.")

    async with opened(story, size) as look:
        await begin(look)
        await until(look, partial(_has_found, look, 0))
        await look.press("ctrl+w")
        monkeypatch.setattr("memos_admin.tui.screens.live.words_of", broken)
        service.put(TRIP.external_id, a_memory("m-1", "x", title="Loaf", update_time="2031-01-01"))
        await sees(look, "Loaf", "The words cannot be read: The store is broken.")


@pytest.mark.usefixtures("soon")
async def test_the_command_that_is_copied_lists_what_it_found(
    story: Workspace, service: Service, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(story.home.path))
    async with opened(story, size) as look:
        await begin(look)
        await until(look, partial(_has_found, look, 0))
        await look.press("ctrl+w")
        for name, year in (("Rye", 2031), ("Spelt", 2032)):
            memory = a_memory("m-1", f"likes {name}", title=name, update_time=f"{year}-01-01")
            service.put(TRIP.external_id, memory)
            await sees(look, name)
        await sees(look, "2 changes")
        await look.press("C")
        await told(look, "It lists what was found since then;", "what is found from now on.")
        assert [row["title"] for row in written(look)] == ["Spelt", "Rye"]
        await look.press("v", "down", "enter")
        await sees(look, "1 change")
        await look.press("C")
        assert "--kind=added" in copied(look)
        assert [row["title"] for row in written(look)] == ["Rye"]
        await look.press("escape", "slash", *"spelt", "enter")
        await sees(look, "2 changes")
        await look.press("C")
        assert "--filter=spelt" in copied(look)
        assert len(written(look)) == 2


@pytest.mark.usefixtures("soon")
async def test_where_several_are_watched_the_command_that_is_copied_says_that_it_lists_everyone(
    story: Workspace, service: Service, size: Size
) -> None:
    async with opened(story, size) as look:
        await press(look, "ctrl+w", "down")
        await look.press("enter")
        await until(look, partial(_has_found, look, 0))
        await look.press("ctrl+w", "C")
        await told(look, "It lists everyone's, also of whom is not watched.")
        assert not [word for word in copied(look) if word.startswith("--user")]


@pytest.mark.usefixtures("soon")
async def test_what_it_found_of_several_is_filtered_by_whose_it_is(
    story: Workspace, service: Service, size: Size
) -> None:
    async with opened(story, size) as look:
        await press(look, "ctrl+w", "down")
        await look.press("enter")
        await until(look, lambda: main(look).watching.mark.text.startswith("live · 0 found"))
        await look.press("ctrl+w")
        for ref, title in ((TRIP, "Rye bread"), (LI, "Green tea")):
            new = a_memory(f"m-{title}", "x", title=title, update_time="2031-01-01")
            service.put(ref.external_id, new)
        await sees(look, "Rye bread", "Green tea", "2 changes")
        await look.press("slash", *"user:memos_user_123", "enter")
        await misses(look, "Green tea")
        await sees(look, "Rye bread", "1 change", "memos_user_123")


@pytest.mark.usefixtures("soon")
async def test_that_not_all_of_what_it_found_is_kept_is_said(
    story: Workspace, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memos_admin.tui.jobs.watching.MOST_KEPT", 2)
    async with opened(story, (120, 40)) as look:
        await begin(look)
        await until(look, lambda: main(look).watching.mark.text.startswith("live · 0 found"))
        for number in range(1, 4):
            new = a_memory(
                f"m-{number}", "x", title=f"Loaf {number}", update_time=f"203{number}-01-01"
            )
            service.put(TRIP.external_id, new)
            await until(look, partial(_has_found, look, number))
        await look.press("ctrl+w")
        await sees(look, "Loaf 3", "Loaf 2", "the latest 2 of 3")
        await misses(look, "Loaf 1")
        await look.press("slash", *"Loaf 3", "enter")
        await sees(look, "1 in the latest 2 of 3")


@pytest.mark.usefixtures("soon")
async def test_a_task_is_followed_to_the_memories_that_came_of_it(
    story: Workspace, service: Service, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = iter(["running", "completed"])
    named = (("detail_factual", ("m-new",)), ("preference", ("m-tea",)))

    async def status(task_id: str) -> Task:
        if task_id != "task-1":
            raise NotFound("no such task")
        return Task(task_id, next(states), 1, 1, 0, named)

    monkeypatch.setattr(service, "get_status", status)
    service.put(TRIP.external_id, a_memory("m-new", "likes rye", title="Rye bread"))
    async with opened(story, size) as look:
        await go_to_user(look, "memos")
        await press(look, "ctrl+w", "end", "enter")
        await told(look, "answer with the id of a task")
        await press(look, *"task-1", "enter")
        await told(look, "Task task-1: completed.", "ctrl+w shows what came of it.")
        await press(look, "ctrl+w", "end", "enter")
        await sees(look, "completed · 1 added · 1 updated", "Rye bread")
        await sees(look, "added?")
        await press(look, "t", *"none", "enter")
        await sees(look, "MemOS has no such task")


@at_both_sizes
@pytest.mark.usefixtures("soon")
async def test_a_task_that_does_not_end_keeps_nobody_from_watching_and_can_be_left(
    story: Workspace, service: Service, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def status(task_id: str) -> Task:
        return Task(task_id, "waiting" if task_id == "task-1" else "running", None, None, None, ())

    monkeypatch.setattr(service, "get_status", status)
    async with opened(story, size) as look:
        await go_to_user(look, "memos")
        await press(look, "ctrl+w", "end", "enter")
        await told(look, "answer with the id of a task")
        await look.press(*"task-1", "enter")
        await until(look, lambda: "a task runs" in main(look).watching.mark.text)
        await look.press("ctrl+w")
        await told(look, "Asks MemOS every so often", "memos_user_123", "the task that runs")
        await look.press("home", "enter")
        await until(look, lambda: main(look).watching.mark.text.startswith("live · 0 found"))
        await look.press("ctrl+w")
        await sees(look, "waiting · task-1", "x end the task")
        if size[0] < 100:  # there the column of the conversation gives way
            await sees(look, "this row: task task-1")
        await look.press("t", *"task-2", "enter")
        await sees(look, "running · task-2")
        # Rows keep their keys: the cursor stays on the first task.
        await until(look, lambda: "task-1" in _cursor_of(look))
        await look.press("x")
        await told(look, "Task task-1 is no longer followed.")
        await sees(look, "no longer followed · tas", "x end the watch")
        watching = main(look).watching
        assert [(one.task_id, one.runs) for one in watching.tasks] == [
            ("task-2", True),
            ("task-1", False),
        ]
        assert watching.on
        await look.press("x")
        await told(look, "No longer watching.")
        assert watching.mark.text.startswith("live · a task runs")
        watching.start((TRIP,))  # what has ended was of the one before
        assert [one.task_id for one in watching.tasks] == ["task-2"]
        watching.stop()


@pytest.mark.usefixtures("soon")
async def test_a_trouble_is_told_and_a_refused_key_ends_it(
    story: Workspace, service: Service
) -> None:
    def away(route: str, name: str) -> None:
        raise Unreachable("MemOS does not answer.")

    def refuse(route: str, name: str) -> None:
        raise Refused("MemOS refused the API key.")

    async with opened(story, (120, 40)) as look:
        await begin(look)
        await told(look, "Watching memos_user_123")
        service.trouble = away
        await told(look, "The watch goes on, more slowly: MemOS does not answer.")
        await until(look, lambda: "no usable answer since" in rows(look)[0])
        assert "live" not in rows(look)[0]
        await look.press("ctrl+w")
        await sees(look, "watching 1 user")
        assert re.search(r"no usable answer since \d\d:\d\d · next in \d+ s", seen(look))
        await look.resize_terminal(60, 15)
        await until(look, lambda: "no usable answer since" in rows(look)[0])
        assert main(look).watching.mark.shorter[-2:] == ("no answer", "")
        await look.press("escape")
        service.trouble = lambda route, name: None
        await told(look, "MemOS is read again, for the first time since")
        await until(look, lambda: main(look).watching.mark.text.startswith("live · 0 found"))
        service.trouble = refuse
        await until(look, lambda: not main(look).watching.on)
        assert "The watch has ended: it needs you." in main(look).fetching.error
        assert "refused" in main(look).fetching.error


@pytest.mark.parametrize(
    "text", ["interval = 1", "interval = true", "bell = 1", "interval = 'x'", "often = 1"]
)
def test_what_cannot_be_in_the_configuration_is_told(text: str) -> None:
    with pytest.raises(ConfigError):
        settings.of_table(parse(Path("config.toml"), f"[watch]\n{text}\n".encode()))


def test_the_configuration_says_how_often() -> None:
    said = settings.of_table(parse(Path("config.toml"), b"[watch]\ninterval = 60\nbell = true\n"))
    assert said == settings.WatchSettings(60.0, bell=True)


@pytest.mark.usefixtures("soon")
async def test_the_journal_has_whom_it_was_about_and_what_it_showed(
    story: Workspace, service: Service
) -> None:
    async with opened(story, (80, 24)) as look:
        await begin(look)
        await until(look, lambda: main(look).watching.mark.text.startswith("live · 0 found"))
        service.put(TRIP.external_id, a_memory("m-new", "x", update_time="2031-01-01"))
        await told(look, "Found: 1 change of memos_user_123.")
        await look.press("ctrl+w", "x")
        await told(look, "No longer watching.")
        await rest(look)
    journal.of(story.home).flush()
    begun, done = [one for one in entries(story.home) if one.details.get("watch")]
    assert (begun.action, begun.user_id) == ("view", TRIP.external_id)
    assert (begun.details["what"], begun.details["watched"]) == ("changes", 1)
    assert (done.user_id, done.counts) == (TRIP.external_id, {"changes": 1})
    assert done.details["polls"] > 1
