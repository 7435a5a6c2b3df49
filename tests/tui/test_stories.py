"""What people come for, at both sizes: press keys, read the screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
from memos_admin.backend.workspace import Workspace
from memos_admin.language import written_in
from memos_admin.tui.commands.command import EVERYWHERE, PANES
from memos_admin.tui.commands.table import COMMANDS
from memos_admin.tui.screens.help import help_text
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
)
from tests.tui.story import KID

Size = tuple[int, int]


@at_both_sizes
async def test_lists_users_with_memories_and_says_who_was_never_read(
    story: Workspace, size: Size
) -> None:
    async with opened(story, size) as look:
        await sees(look, "li.wei@acme.cn", "memos_user_123", "ent (agent)", "u-88120")
        line = next(row for row in rows(look) if "u-88120" in row)
        assert "?" in line


@at_both_sizes
async def test_why_does_it_believe_this(story: Workspace, size: Size) -> None:
    """From a user to a memory to the message that it came from, and how that is known."""
    async with opened(story, size) as look:
        await go_to_user(look, "memos")
        await press(look, "enter")  # into the conversation
        await sees(look, "0610", "4 messages · from the start")
        await press(look, "tab")  # to its memories
        await sees(look, "Summer Family Trip", "Family", "Updated↓")
        await press(look, "down")
        await press(look, "enter")  # into the detail
        await sees(look, "user perspective", "message 3, by quoted text")
        await press(look, "G")
        await sees(look, "0a89db3a-2061", "1 source given")
        await press(look, "escape", "shift+tab")  # to the transcript
        await sees(look, "source")
        marked = [row for row in rows(look) if "▌" in row]
        assert any("bringing my kid" in row for row in marked)
        assert not any("recommend something" in row for row in marked)


@at_both_sizes
async def test_a_message_marks_the_memories_made_from_it(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "memos")
        await press(look, "enter")
        await press(look, "G", "k")  # the third message
        chosen = main(look).desk.detail.message
        assert chosen is not None
        assert chosen.content == KID
        await press(look, "tab")
        await sees(look, "Summer Family Trip")
        row = next(row for row in rows(look) if "Summer Family" in row)
        other = next(row for row in rows(look) if "inferred" in row and "Family" in row)
        assert "▌" in row
        assert "▌" not in other


@at_both_sizes
async def test_inferred_gone_and_changed_are_words(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "g")  # all memories
        await press(look, "enter")
        await sees(look, "Old office", "gone", "Report day")
        assert main(look).desk.panes.memories.move_to_key(2)
        await rest(look)
        await press(look, "enter")
        await sees(look, "No longer listed by MemOS since")
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "g", "enter", "slash", *"Fridays", "enter")
        await press(look, "enter", "G")
        await sees(look, "1 earlier version", "Wants the quarterly report on Thursdays")


@at_both_sizes
async def test_gaps_days_and_windows_are_told(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "slash", *"weekly", "enter")
        await press(look, "enter")
        await sees(look, "earlier messages are not", "1 gap", "Mon 1 Sep 2025")
        main(look).desk.panes.transcript.move_to(50)
        await rest(look)
        await sees(look, "── messages between")


@at_both_sizes
async def test_tool_calls_and_pictures_are_one_line(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "slash", *"tools", "enter")
        await press(look, "enter")
        await sees(look, "tool call  get_weather", "image  https://example.com/sky", "tool result")
        assert "[image:" not in seen(look)
        await press(look, "j")
        await press(look, "enter")
        await sees(look, '"arguments"')
        await press(look, "escape")
        await misses(look, '"arguments"')


async def test_a_tool_result_that_is_cut_says_so(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await go_to_user(look, "li.wei")
        await press(look, "slash", *"tools", "enter")
        await press(look, "enter")
        transcript = main(look).desk.panes.transcript
        called = transcript.messages[2]._replace(tool_call_id="call_of_the_weather")
        transcript.replace(called)
        await sees(look, "tool result  call_of_the_weather  16 c…")


@at_both_sizes
async def test_long_messages_fold_and_unfold(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "slash", *"long", "enter")
        await press(look, "enter")
        await press(look, "j")
        await sees(look, "line 5 of a long answer", "… 48 more lines")
        await press(look, "space")
        await misses(look, "more lines")
        await press(look, "J")
        await sees(look, "22 hours later", "Thanks") if "22 hours later" in seen(look) else None
        await sees(look, "Thanks")


async def test_filters_of_memories_are_chips_that_escape_drops(
    story: Workspace, size: Size
) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "g", "enter")
        await press(look, "v", "down", "down", "enter")
        await sees(look, "view Preference", "drinks tea")
        assert "Report day" not in seen(look)
        await press(look, "escape")
        await sees(look, "Report day")


async def test_conversation_never_fetched_and_user_never_read_have_a_face(
    story: Workspace, size: Size
) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "slash", *"unread", "enter")
        await press(look, "tab")
        await sees(look, "Messages not fetched yet", "Press r")
        await press(look, "r")
        await sees(look, "MemOS returned no messages")
    async with opened(story, size) as look:
        await press(look, "slash", *"u-88", "enter", "tab")
        await sees(look, "Not fetched yet")


async def test_empty_roster_says_how_to_add_users_and_adding_works(
    workspace: Workspace, size: Size
) -> None:
    async with opened(workspace, size) as look:
        await sees(look, "No users.", "press a")
        await press(look, "a")
        await press(look, *"bob", "space", *"agent", "colon", *"bot", "enter")
        await sees(look, "bob", "bot (agent)", "Added 2 ids")


async def test_the_project_of_the_environment_says_whose_key_it_has(isolated: Path) -> None:
    home = Home(isolated)
    project = Projects(home).of_environment({"MEMOS_API_KEY": "mpg-somebodys-key-0123456789"})
    assert project is not None
    async with opened(Workspace(project, home), (80, 24)) as look:
        await sees(
            look,
            "No users.",
            "the project of MEMOS_API_KEY: environment key",
            "memos.memtensor.cn",
        )


@pytest.mark.parametrize("pane", PANES)
def test_help_lists_every_command_once(pane: str) -> None:
    text = " ".join(help_text(pane, "this", COMMANDS).plain.split())
    told = [command for command in COMMANDS if command.help]
    assert all(text.count(f"{c.shown} {c.help}") == 1 for c in told)
    here, _, rest = text.partition("Moving ")
    own = [c for c in told if pane in c.panes and c.panes != EVERYWHERE]
    assert here.startswith("Here: this ")
    assert all(c.help in here for c in own)
    assert all(c.help in rest for c in told if pane not in c.panes)


async def test_help_begins_with_the_keys_of_where_one_is(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await press(look, "question_mark")
        await sees(look, "Keys", "Here: Users", "Add users")
        await press(look, "escape")
        await misses(look, "Here: Users")
        await press(look, "tab", "tab", "tab", "question_mark")
        await sees(look, "Here: Memories", "verdict")


def test_help_is_wrapped_for_the_room_that_there_is() -> None:
    lines = help_text("users", "Users", COMMANDS, width=44).plain.splitlines()
    assert max(map(cell_len, lines)) <= 44
    assert all(line[:14].strip() for line in lines if line[:2] == "  " and line[2:3] != " ")


async def test_help_is_narrowed_by_words(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await press(look, "question_mark", "slash", *"RAW json")
        await sees(look, "Show what the service sent, as JSON.")
        await misses(look, "Add users")
        await press(look, *"zz")
        await sees(look, "Nothing fits.")
        await press(look, "escape", "G")
        await sees(look, "Quit at once.")
        await press(look, "escape")
        await misses(look, "Quit at once.")


@pytest.mark.parametrize(
    ("word", "others", "keys"),
    [
        ("history", "历史", {"c", "H", "@", "V"}),
        ("timeline", "时间线", {"H"}),
        ("gap", "缺口", {"i", "p"}),
        ("vanish", "消失", {"c", "H", "u", "F"}),
        ("subject", "主体", {"b", "W"}),
        ("zip", "压缩包", {"b", "W"}),
        ("bundle", "打包", {"b", "W"}),
    ],
)
def test_help_is_found_by_the_words_that_other_people_use(
    word: str, others: str, keys: set[str]
) -> None:
    for spoken, sought in (("en", word), ("zh", word), ("zh", others)):
        with written_in(spoken):
            text = help_text("users", "this", COMMANDS, words=sought).plain
        found = {line.split()[0] for line in text.splitlines() if line[:2] == "  " != line[1:3]}
        assert keys <= found, (spoken, sought)
        assert len(found) < 8


async def test_the_detail_never_shows_what_belongs_to_somebody_else(
    story: Workspace, size: Size
) -> None:
    async with opened(story, size) as look:
        await go_to_user(look, "li.wei")
        await press(look, "slash", *"tools", "enter")
        await press(look, "enter")
        await press(look, "j")
        desk = main(look).desk
        assert (desk.detail.about, desk.detail.message is not None) == ("message", True)
        await press(look, "escape", "escape", "escape", "escape")
        main(look).desk.panes.users.focus()
        await press(look, "escape")
        await go_to_user(look, "memos")
        assert desk.detail.about == "memory"
        assert desk.detail.message is None or desk.detail.message.pk in {
            m.pk for m in desk.panes.transcript.messages
        }
