"""What frames, notes and lists say where the room is short: ids keep both ends, ages stay whole."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest
from rich.cells import cell_len
from textual.widget import Widget

from memos_admin import tui
from memos_admin.backend import roster
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.tui.layout.fitting import Part, fit_parts, share
from memos_admin.tui.layout.transcript import Line, lay_out
from memos_admin.tui.widgets.transcript import Transcript
from tests.backend.service import Service, a_memory, a_message
from tests.backend.stored import stored_message
from tests.tui.looking import at_both_sizes, go_to_user, main, opened, press, rows, seen, sees

Size = tuple[int, int]

ONE = "3f2a8c90-7d41-4e0b-9a55-0c1d2e3f91bc"
OTHER = "3f2a8c90-7d41-4e0b-9a55-0c1d2e3f47de"
LONG_USER = "用户-7d41c0de-4e0b-9a55-0c1d-2e3f5a6b7c8d-上海分公司"

NOTE = [
    Part("12 messages", ("12 msg", ""), 3),
    Part("from the start", ("",), 2),
    Part("as of 22 min ago", ("22 min ago",), 1),
]


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        (60, "12 messages · from the start · as of 22 min ago"),
        (42, "12 messages · from the start · 22 min ago"),
        (40, "12 messages · 22 min ago"),
        (20, "12 msg · 22 min ago"),
        (12, "22 min ago"),
    ],
)
def test_parts_give_way_in_their_order(cells: int, text: str) -> None:
    assert fit_parts(NOTE, cells) == text


def test_room_is_shared_between_ids() -> None:
    assert share(["0610", ONE], 20) == ["0610", "3f2a8c90…e3f91bc"]
    assert share([ONE, OTHER], 18) == ["3f2a…91bc", "3f2a…47de"]
    assert share(["a", "b"], 18) == ["a", "b"]
    assert all(cell_len(text) <= 9 for text in share([LONG_USER, ONE], 18))
    assert share([ONE, ONE], 18) == ["3f2a…91bc", "3f2a…91bc"]


@pytest.fixture
async def alike(workspace: Workspace, service: Service) -> Workspace:
    """A user with a long name, and two conversations whose ids begin alike."""
    ref = SubjectRef("user", LONG_USER)
    for name in (ONE, OTHER):
        service.say(ref.external_id, name, *(a_message(f"note {n}") for n in range(12)))
        service.put(ref.external_id, a_memory(f"m-{name}", conversation_id=name))
    await roster.add_subjects(workspace, [ref])
    await sync(workspace, SyncScope())
    return workspace


@at_both_sizes
async def test_ids_that_begin_alike_can_be_told_apart(alike: Workspace, size: Size) -> None:
    async with opened(alike, size) as look:
        assert any("用户-7d41" in row and "上海分公司" in row for row in rows(look))
        await press(look, "enter")
        listed = [row for row in rows(look) if "3f2a" in row]
        assert any("91bc" in row for row in listed)
        assert any("47de" in row for row in listed)
        await press(look, "slash", *"91bc", "enter", "enter")
        frame = next(row for row in rows(look) if "3f2a" in row and ("┏" in row or "╭" in row))
        assert "91bc · 用户" in frame
        assert "公司 ━" in frame
        if size == (80, 24):
            crumbs = rows(look)[1]
            assert "91bc › Messages · Memories" in crumbs
            assert cell_len(crumbs.rstrip()) <= 80
    alike.abandon()


@at_both_sizes
async def test_the_age_of_a_transcript_is_whole(alike: Workspace, size: Size) -> None:
    async with opened(alike, size) as look:
        await press(look, "enter", "enter")
        note = main(look).desk.panes.frames["transcript"]
        await sees(look, "12 messages · from the start · as of now")
        assert note.display
    alike.abandon()


@at_both_sizes
async def test_a_kind_stands_whole_behind_a_cut_id(
    workspace: Workspace, service: Service, size: Size
) -> None:
    await roster.add_subjects(workspace, [SubjectRef("agent", "bot-" + "x" * 90 + "-end")])
    async with opened(workspace, size) as look:
        assert re.search(r"bot\S*…\S*d \(agent\)", seen(look))
    workspace.abandon()


async def test_a_gap_outlasts_the_number(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await go_to_user(look, "li.wei")
        await press(look, "slash", *"weekly", "enter")
        await sees(look, "1 gap · as of now")


async def test_a_transcript_filled_while_it_is_hidden_has_the_width_of_its_pane(
    story: Workspace,
) -> None:
    async with opened(story, (80, 24)) as look:
        await go_to_user(look, "li.wei")
        await press(look, "j", "enter", "escape", "j", "enter")
        await sees(look, "line 1 of a long answer")
        await press(look, "escape", "k", "enter")
        await sees(look, "What is the weather? See the picture.")


async def test_zoom_and_back_wraps_for_the_pane(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await go_to_user(look, "li.wei")
        await press(look, "z", "j", "j", "z")
        await sees(look, "line 1 of a long answer")


async def test_the_message_under_the_cursor_is_visible_at_any_size(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await go_to_user(look, "li.wei")
        await press(look, "enter")
        await press(look, *"jjjjjjjjjjjj")
        for size in ((60, 15), (80, 24), (200, 50), (100, 16)):
            await look.resize_terminal(*size)
            await sees(look, "note 12")


@pytest.mark.parametrize(("cells", "note"), [(60, "1 memory  source"), (32, "1 mem  source")])
def test_heads_keep_who_and_when_whole(cells: int, note: str) -> None:
    transcript = Transcript(id="transcript")
    message = stored_message(1, "hello")
    transcript.count_derived({1: 1})
    line = Line("head", "user       00:01")
    shown = "".join(text for text, _ in transcript._line(line, message, [(0, 5)], cells))
    assert shown.startswith("user       00:01 ")
    assert shown.endswith(f" {note}")
    assert cell_len(shown) == cells - 1


@pytest.mark.parametrize(
    ("head", "role"), [("user       00:01", "user 00:01"), ("assistant  00:01", "assistant 00:01")]
)
def test_the_head_of_an_edited_source_says_all_of_it_in_a_third_of_120_cells(
    head: str, role: str
) -> None:
    transcript = Transcript(id="transcript")
    transcript.count_derived({1: 4})
    line = Line("head", head, right="edited")
    message = stored_message(1, "hello")
    shown = "".join(text for text, _ in transcript._line(line, message, [(0, 5)], 39))
    assert shown.startswith(f"{role} ")
    assert shown.split()[-4:] in (
        ["edited", "4", "memories", "source"],
        ["edited", "4", "mem", "source"],
    )
    assert cell_len(shown) == 38


def test_no_class_loses_the_style_of_one_it_is_made_of() -> None:
    """Textual takes styles from the first base class only."""
    for module in pkgutil.walk_packages(tui.__path__, f"{tui.__name__}."):
        importlib.import_module(module.name)
    classes = [Widget]
    for one in classes:
        classes += one.__subclasses__()
    ours = [one for one in classes if one.__module__.startswith(tui.__name__)]
    assert len(ours) > 50
    for one in ours:
        styled = {base for base in one.__mro__ if base.__dict__.get("DEFAULT_CSS")}
        own = {base for base in styled if base.__module__.startswith(tui.__name__)}
        assert own <= {*one._css_bases(one)}, one


def test_a_gap_within_a_minute_is_told_with_its_seconds() -> None:
    first = stored_message(1, "a")._replace(created_at=1_757_000_045_000)
    second = stored_message(2, "b")._replace(created_at=1_757_000_052_000, seam="gap")
    later = second._replace(created_at=1_757_000_112_000)
    for message, times in ((second, "15:34:05 and 15:34:12"), (later, "15:34 and 15:35")):
        block = lay_out(message, first, 80, unfolded=False, missing="")
        assert f"messages between {times} are not" in " ".join(line.text for line in block.lines)
