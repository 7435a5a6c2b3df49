"""The recall lab as a screen: asking, what is sent, why in or out, going there, stopping, errors."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.screen import Screen

from memos_admin.backend import display, journal
from memos_admin.backend.errors import Unreachable
from memos_admin.backend.masking.veil import Veil
from memos_admin.backend.recall import questions
from memos_admin.backend.recall.checking import at_once, check
from memos_admin.backend.recall.lab import Question
from memos_admin.backend.recall.parameters import Parameters
from memos_admin.backend.workspace import Workspace
from memos_admin.cli.main import noun_parser
from memos_admin.cli.recall import sent_by
from memos_admin.cloud.answers import Recalled
from memos_admin.language import written_in
from memos_admin.tui.desk.place import Place
from memos_admin.tui.rows.recall import RecallState, command_of, recent_words
from memos_admin.tui.screens.recall import RecallScreen
from memos_admin.tui.screens.recall_sent import _read_limits, _read_threshold
from memos_admin.tui.session import Session
from memos_admin.tui.widgets.field import Field
from memos_admin.tui.widgets.row_list import RowList
from tests.backend.journals import entries
from tests.backend.service import Service
from tests.hostile import HOSTILE
from tests.tui.hosting import Make, hosted, paste
from tests.tui.looking import (
    Look,
    at_both_sizes,
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
from tests.tui.story import TRIP
from tests.tui.test_hostile import assert_safe

Size = tuple[int, int]
FACT = "0a89db3a-2061-4c97-a1b8-45700f8745bc"
SECOND = "c8b41a89-83b3-4512-b4f7-1dfca3570107"


def screen(state: RecallState | None = None) -> Make:
    def make(session: Session) -> Screen[Place | None]:
        return RecallScreen(session, state or RecallState(TRIP))

    return make


async def ask(look: Look, text: str) -> None:
    """Type a question, and ask it."""
    await press(look, *text, "enter")


@at_both_sizes
async def test_a_question_and_why(story: Workspace, size: Size) -> None:
    async with hosted(story, size, screen()) as (look, host):
        await sees(look, "threshold (0.45)", "at most (9)", "no filter")
        await told(look, "press enter: MemOS is asked in two requests")
        await ask(look, "summer")
        await sees(look, "t threshold (0.45)", "n at most (9)", "f no filter")
        await sees(look, "1 in", "0.500", "out", "below the threshold")
        await told(look, "The application gets it: number 1 of 1 of its view.")
        await press(look, "j")
        await told(look, "Its relativity 0.100 is below the threshold of 0.45 (none is sent")
        await press(look, "g", "enter")
        await until(look, lambda: host.returned)
        place = host.returned[-1]
        assert place == Place(TRIP, memory_id=FACT, pane="memories")


@pytest.mark.parametrize("size", [(60, 15), (80, 18)], ids=["60x15", "80x18"])
async def test_a_low_terminal_has_rows_of_the_table_and_the_reason(
    story: Workspace, size: Size
) -> None:
    async with hosted(story, size, screen()) as (look, _):
        await ask(look, "summer")
        await sees(look, "Memory", "Why out", "below the thresh", "The application gets it")
        assert look.app.screen.query_one(RowList).size.height >= 4


async def test_what_is_sent_is_changed_by_keys(
    story: Workspace, service: Service, size: Size
) -> None:
    state = RecallState(TRIP)
    async with hosted(story, size, screen(state)) as (look, _):
        await ask(look, "summer")
        await press(look, "t", "ctrl+u", *"0.05", "enter")
        await sees(look, "t threshold 0.05")
        await misses(look, "below the threshold")
        await press(look, "n", "ctrl+u", *"1", "enter")
        await sees(look, "n at most 1", "beyond the limit")
        await press(look, "f", "ctrl+u", *"[]", "enter")
        await told(look, "must be an object such as")
        await press(look, "escape", "o", "ctrl+u", *"0610", "enter")
        await sees(look, "o 0610")
        await press(look, "v", "j", "enter")
        await sees(look, "all views")
        assert state.table is not None
        sent = state.table.answers.question
        assert (sent.conversation_id, sent.parameters.relativity) == ("0610", 0.05)
        assert sent.parameters.memory_limit_number == 1
        await press(look, "d")
        await sees(look, "t threshold (0.45)")
        before = service.requests["/search/memory"]
        await press(look, "c", "j", "enter")
        await sees(look, "v all views")
        assert service.requests["/search/memory"] == before + 2


async def test_in_out_or_both(story: Workspace) -> None:
    async with hosted(story, (80, 24), screen()) as (look, _):
        await ask(look, "summer")
        await press(look, "u")
        await misses(look, "below the threshold")
        await sees(look, "only what is in")
        await press(look, "u")
        await sees(look, "only what is out", "below the threshold")


async def test_the_rows_are_narrowed_by_the_language_of_filters(
    story: Workspace, service: Service, size: Size
) -> None:
    state = RecallState(TRIP)
    async with hosted(story, size, screen(state)) as (look, _):
        await ask(look, "summer")
        await sees(look, "below the threshold")
        asked, before = service.requests["/search/memory"], len(look.app.screen.query_one(RowList))
        await press(look, "slash", *"vacation -tag:work", "enter")
        await sees(look, "Fact")
        await until(look, lambda: 0 < len(look.app.screen.query_one(RowList)) < before)
        assert look.app.screen.query_one(Field).value == "summer"
        command, _whole = command_of(state, state.recent[0])
        assert "--filter=-tag:work vacation" in command
        await press(look, "slash", "ctrl+u", *"sort:title")
        await told(look, "Column 1: The rows have an order of their own")
        await press(look, "escape", "slash", "ctrl+u", *"zzz", "enter")
        await told(look, "Nothing of the table passes what is asked for")
        await press(look, "escape")
        await until(look, lambda: len(look.app.screen.query_one(RowList)) == before)
        assert service.requests["/search/memory"] == asked  # they are narrowed here


async def test_the_help_has_the_keys_that_do_not_stand_at_the_bottom(story: Workspace) -> None:
    async with hosted(story, (120, 40), screen()) as (look, _):
        await ask(look, "summer")
        await sees(look, "below the threshold")
        await press(look, "question_mark")
        lines = seen(look).splitlines()
        for key, title in (
            ("t", "threshold (0.45)"),
            ("n", "at most (9)"),
            ("v", "views"),
            ("o", "no conversation"),
            ("f", "no filter"),
            ("x", "stop"),
            ("space", "read on"),
            ("b", "read back"),
            ("/", "filter"),
        ):
            assert any(
                re.search(rf"\s{re.escape(key)}\s+{re.escape(title)}", line) for line in lines
            ), key


async def test_while_the_question_is_typed_only_keys_are_offered_that_work_there(
    story: Workspace,
) -> None:
    async with hosted(story, (120, 40), screen()) as (look, _):
        await until(look, lambda: rows(look)[-1].split()[:3] == ["enter", "ask", "MemOS"])
        assert rows(look)[-1].split() == [
            "enter",
            "ask",
            "MemOS",
            "tab",
            "table",
            "and",
            "keys",
            "escape",
            "back",
        ]
        await sees(look, "   threshold (0.45)    at most (9) ")
        await ask(look, "summer")
        await sees(look, "1 in", "r ask again", "u in, out, all", " t threshold (0.45)  n at most")
        await press(look, "slash")
        assert rows(look)[-1].split() == ["enter", "keep", "escape", "drop"]
        await sees(look, "   threshold (0.45)    at most (9) ")
        await press(look, *"view:fact", "enter")
        await sees(look, "r ask again", " t threshold (0.45)")
        await press(look, "slash", "escape")
        await sees(look, "r ask again", " t threshold (0.45)")
        await press(look, "tab", *"r?")
        await told(
            look, "The question is another now: enter asks it, ctrl+r goes back to one before."
        )
        said = "enter ask MemOS tab table and keys ctrl+r recent escape back"
        assert rows(look)[-1].split() == said.split()
        assert not any(word in seen(look) for word in ("1 in", "1 of", "Summer Family Trip"))
        await press(look, "ctrl+r", "enter", *"Z")
        assert look.app.screen.query_one(Field).value == "summerZ"
        await press(look, "backspace")
        await press(look, "tab")
        await sees(look, "r ask again", "1 in", "1 of", "Summer Family Trip")
        # What is not seen is not opened: enter asks, from the table too.
        await press(look, "tab", "x", "tab", "enter")
        await sees(look, "0 in")


async def test_an_error_is_told_and_asking_again_recovers(
    story: Workspace, service: Service, size: Size
) -> None:
    def broken(route: str, name: str) -> None:
        raise Unreachable("MemOS did not answer in 10 s.", route=route)

    async with hosted(story, size, screen()) as (look, _):
        service.trouble = broken
        await ask(look, "summer")
        await told(look, "MemOS did not answer in 10 s.")
        service.trouble = lambda route, name: None
        await press(look, "r")
        await sees(look, "1 in")


async def test_asking_is_stopped(
    story: Workspace, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: Any) -> Recalled:
        await asyncio.Event().wait()
        raise AssertionError

    async with hosted(story, (80, 24), screen()) as (look, _):
        with monkeypatch.context() as patch:
            patch.setattr(service, "recall", never)
            for key in (*"summer", "enter"):
                await look.press(key)
            await told(look, "Asking MemOS, as the application does")
            await sees(look, "x stop")
            await look.press("x")
            await told(look, "Stopped. Nothing of the answer was kept")
        await press(look, "r")
        await sees(look, "1 in")


async def test_what_the_configuration_says_is_sent(story: Workspace) -> None:
    with story.home.config_path.open("a") as file:
        file.write("\n[recall]\nrelativity = 0.05\nmemory_limit_number = 1\n")
    async with hosted(story, (80, 24), screen()) as (look, _):
        await sees(look, "threshold 0.05", "at most 1–9")
        await ask(look, "summer")
        await sees(look, "beyond the limit")


async def test_a_faulty_configuration_is_told(story: Workspace) -> None:
    with story.home.config_path.open("a") as file:
        file.write("\n[recall]\nrelativity = 7\n")
    async with hosted(story, (80, 24), screen()) as (look, _):
        await told(look, "recall.relativity: must be a number from 0 (off) to 1.")


async def test_it_goes_on_where_it_was_left(story: Workspace) -> None:
    state = RecallState(TRIP)
    async with hosted(story, (80, 24), screen(state)) as (look, host):
        await ask(look, "summer")
        await press(look, "j", "escape")
        await until(look, lambda: host.returned)
        host.open(screen(state))
        await rest(look)
        await sees(look, "1 in", "2 of")
        await press(look, "a", *"x")
        await told(look, "The question is another now: enter asks it")
        await press(look, "enter")
        await sees(look, "0 in")


async def test_would_this_memory_be_recalled(story: Workspace, size: Size) -> None:
    async with opened(story, size) as look:
        await press(look, "slash", *"memos_user", "enter", "enter")
        while not look.app.screen.query_one("#memories").has_focus:
            await press(look, "tab")
        await press(look, "ctrl+r")
        await told(look, "Would “")
        await ask(look, "nothing of that")
        await told(look, "Its relativity 0.100 is below")
        name = next(line for line in rows(look) if line.startswith("┃>"))
        await press(look, "enter")
        await sees(look, "Memories")
        assert name.split()[4] in seen(look)


async def test_a_question_is_saved_with_what_is_marked(
    story: Workspace, tmp_path: Path, size: Size
) -> None:
    path = tmp_path / "recall.toml"
    state = RecallState(TRIP)
    async with hosted(story, size, screen(state)) as (look, _):
        await ask(look, "summer")
        await press(look, "w")
        await told(look, "Mark what is expected first")
        await press(look, "plus", "j", "minus", "minus", "minus")
        await sees(look, "+ in", "- out", "2 marked: w saves")
        await press(look, "w", "ctrl+u", *str(path), "enter")
        await told(look, "Saved as “summer”, number 1 of")
        await misses(look, "marked")
        await press(look, "minus", "w", "enter")
        await told(look, "Saved as “summer (2)”, number 2 of")
        await press(look, "plus", "w", "ctrl+u", *str(tmp_path), "enter")
        await told(look, "is no file with questions.")
        named = tmp_path / "mpg-0123456789abcdefghijklmnop.toml"
        await press(look, "ctrl+u", *str(named), "enter")
        await sees(look, "That is the API key")
        await press(look, "escape")
    assert not named.exists()
    first, second = questions.read(path)
    expected = [(one.must, one.memory_id) for one in first.expected]
    assert expected == [(True, FACT), (False, SECOND)]
    assert (second.name, second.user_id) == ("summer (2)", TRIP.external_id)
    found = await check(story, [first], Parameters(), at_once(story.reads))
    assert [one.outcome for one in found] == ["passed"]
    assert journal.of(story.home).flush()
    taken = [entry for entry in entries(story.home) if entry.action == "export"]
    assert [(e.result, e.file) for e in taken][:2] == [("begun", str(path)), ("done", str(path))]


async def test_an_agent_is_not_asked_for(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await press(look, "slash", *"ops-agent", "enter", "ctrl+r")
        await told(look, "MemOS recalls for one user at a time.")


async def test_hostile_questions(story: Workspace) -> None:
    # What is drawn of them, the walk through all screens of test_hostile_terminal.py looks at.
    async with hosted(story, (80, 24), screen()) as (look, _):
        await paste(look, " ".join(HOSTILE.values()))
        await press(look, "enter", "c")
        assert_safe(look)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("-", dict.fromkeys(("memory", "preference", "tool_memory", "skill"))),
        ("3", dict.fromkeys(("memory", "preference", "tool_memory", "skill"), 3)),
        ("3 skill=1", {"memory": 3, "preference": 3, "tool_memory": 3, "skill": 1}),
        ("skill=0", {"memory": None, "preference": None, "tool_memory": None, "skill": 0}),
        (
            "Fact=2 工具=1 tool_memory=3",
            {"memory": 2, "preference": None, "tool_memory": 3, "skill": None},
        ),
    ],
)
def test_limits_as_they_are_typed(typed: str, found: Mapping[str, int | None]) -> None:
    assert _read_limits(typed) == {f"{name}_limit_number": n for name, n in found.items()}


@pytest.mark.parametrize("typed", ["x", "26", "-1", "event=3", "skill=", "=", "３", "9" * 999])
def test_limits_that_are_none(typed: str) -> None:
    with pytest.raises(ValueError, match=r"limit|number"):
        _read_limits(typed)


def test_what_is_no_limit_is_told_in_the_words_of_the_screen() -> None:
    with pytest.raises(ValueError, match="one for a view: fact, preference, tool, skill"):
        _read_limits("abc")
    with written_in("zh"), pytest.raises(ValueError, match="事实、偏好、工具、技能"):
        _read_limits("abc")


@pytest.mark.parametrize("typed", ["x", "2", "nan", "-0.1", "1e9"])
def test_thresholds_that_are_none(typed: str) -> None:
    with pytest.raises(ValueError, match="must be a number"):
        _read_threshold(typed)


@given(
    st.builds(
        Parameters,
        relativity=st.none() | st.sampled_from([0.0, 0.25, 1.0]),
        memory_limit_number=st.none() | st.integers(0, 25),
        skill_limit_number=st.none() | st.integers(0, 25),
        include_memory_view=st.none() | st.just(("skill", "event")),
        filter=st.none() | st.just({"and": [{"tags": {"contains": "旅行"}}]}),
    ),
    st.text(min_size=1),
)
def test_the_command_that_is_copied_sends_the_same(sent: Parameters, text: str) -> None:
    state = RecallState(TRIP, parameters=sent)
    words, whole = command_of(state, Question("-u", text, "c 1", sent))
    args = noun_parser("recall").parse_args(words[1:])
    assert whole
    assert (args.user, args.conversation, args.text) == ("-u", "c 1", text)
    assert sent_by(Mock(), args) == sent


async def test_the_command_is_copied(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await press(look, "slash", *"memos_user", "enter", "ctrl+r")
        await ask(look, "summer")
        await press(look, "C")
        assert look.app.clipboard.endswith(f"recall ask --user={TRIP.external_id} --limit=0 summer")


def test_recent_questions_on_a_line() -> None:
    assert recent_words(Question("u", "Where?")) == "Where?"
    sent = Parameters(relativity=0.2, include_memory_view=("skill",))
    assert recent_words(Question("u", "Where?", "c", sent)) == (
        "Where? · threshold 0.2 · c · Skill"
    )


async def test_a_dialog_does_not_show_what_is_masked(story: Workspace) -> None:
    address = "li.wei@acme.cn"
    state = RecallState(TRIP, conversation_id=f"talk {address}")
    display.draw(Veil(b"k" * 32))
    try:
        async with hosted(story, (80, 24), screen(state)) as (look, _):
            await ask(look, "summer")
            await press(look, "o")
            await told(look, "Something in it is masked")
            assert address not in seen(look)
            display.draw(None)
            await press(look, "o")
            await sees(look, address)
    finally:
        display.draw(None)
