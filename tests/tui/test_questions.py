"""Saved questions as a screen: what came of each and since when, what is expected, the way to the lab."""

from __future__ import annotations

import asyncio
import shlex
from pathlib import Path
from typing import Any

from textual.widgets import Input

from memos_admin.backend import journal
from memos_admin.backend.errors import Unreachable
from memos_admin.backend.recall import questions
from memos_admin.backend.recall.checking import last_checks
from memos_admin.backend.recall.questions import Expectation
from memos_admin.backend.workspace import Workspace
from memos_admin.cli.main import noun_parser
from memos_admin.cloud.answers import Recalled
from memos_admin.tui.reader import in_thread
from memos_admin.tui.rows.questions import QuestionsState
from memos_admin.tui.rows.recall import RecallState
from memos_admin.tui.screens.questions import QuestionsScreen
from memos_admin.tui.screens.recall import RecallScreen
from tests.backend.journals import entries
from tests.backend.service import Service
from tests.hostile import HOSTILE
from tests.tui.hosting import Make, hosted, retype
from tests.tui.looking import (
    at_both_sizes,
    go_to_user,
    misses,
    opened,
    press,
    rest,
    sees,
    told,
    until,
)
from tests.tui.story import LI, TRIP
from tests.tui.test_hostile import assert_safe
from tests.tui.test_recall import FACT, SECOND

Size = tuple[int, int]
FILE = f"""\
# ours
[[question]]
name = "the trip"
user = "{TRIP.external_id}"
ask = "summer"
must_contain = [{{ memory = "{FACT}", within = 2 }}]  # the plan
must_not_contain = [{{ words = "pizza" }}]

[[question]]
user = "{LI.external_id}"
ask = "tea"
must_contain = [{{ words = ["drinks", "coffee"], view = "preference" }}]
"""


def written(folder: Path, text: str = FILE) -> str:
    path = folder / "recall.toml"
    path.write_text(text)
    return str(path)


def screen(state: QuestionsState) -> Make:
    return lambda session: QuestionsScreen(session, state)


@at_both_sizes
async def test_all_are_checked_and_compared_with_the_last_time(
    story: Workspace, service: Service, tmp_path: Path, size: Size
) -> None:
    state = QuestionsState(written(tmp_path))
    async with hosted(story, size, screen(state)) as (look, _):
        await sees(look, "the trip", "tea", "1 of 2", "c check", "a check all", "? help")
        await told(look, f"must contain {FACT} · within the first 2", "must not contain “pizza”")
        await told(look, "It was never checked as it is now.")
        await press(look, "a")
        await sees(look, "passed", "failed", "new", "1 passed", "1 failed")
        await told(look, "as expected", "It is number 1 of its view.")
        await press(look, "j")
        await told(
            look,
            "not so must contain “drinks”, “coffee” · as Preference",
            "It is not among what the application gets. Nothing that MemOS returns",
        )
        service.memories["user", TRIP.external_id].pop(FACT)
        await press(look, "k", "c")
        await sees(look, "newly fails", "1 newly fails", "0 passed", "2 failed")
        await told(look, "At the last check it was so, at number 1.")
    assert len(last_checks(story.reads)) == 2
    state = QuestionsState(state.file)
    async with hosted(story, size, screen(state)) as (look, _):
        await sees(look, "(failed)")
        await told(look, "In brackets: how it ended at the last check.")
        await press(look, "c")
        await sees(look, "same")


async def test_one_is_opened_in_the_lab_of_its_user(
    story: Workspace, tmp_path: Path, size: Size
) -> None:
    state = RecallState(LI)
    state.questions.file = written(tmp_path)
    async with hosted(story, size, lambda session: RecallScreen(session, state)) as (look, _):
        await press(look, "tab", "apostrophe")
        await sees(look, "the trip")
        await press(look, "enter")
        await until(look, lambda: isinstance(look.app.screen, RecallScreen))
        await rest(look)
        await sees(look, f"Recall lab · {TRIP.external_id}", "+ in", "1 marked: w saves")
        await press(look, "j", "minus", "k", "w")
        await told(
            look, "What is expected of it stands in", "into “the trip”", "as another question"
        )
        await press(look, "enter")
        await told(look, "What “the trip” expects is written.")
        await press(look, "plus", "w", "enter")
        await press(look, "a", *"ski", "enter", "w")
        await told(look, "Mark what is expected first")
    first, _second = questions.read(Path(state.questions.file))
    assert first.expected == (
        Expectation(must=False, words=("pizza",)),
        Expectation(must=False, memory_id=SECOND),
    )
    assert journal.of(story.home).flush()
    taken = [entry for entry in entries(story.home) if entry.action == "export"]
    assert [(e.result, e.file) for e in taken][-1] == ("done", state.questions.file)


async def test_what_is_expected_is_changed_taken_out_and_added(
    story: Workspace, tmp_path: Path, size: Size
) -> None:
    state = QuestionsState(written(tmp_path))
    async with hosted(story, size, screen(state)) as (look, _):
        await press(look, "a", "e")
        await sees(look, "must not contain “pizza”", "more: what must be in")
        await press(look, "enter")
        await sees(look, "Must be in")
        await retype(look, f'memory = "{FACT}", within = 99')
        await press(look, "enter")
        await told(look, "within: must be a number from 1 to 25.")
        await retype(look, f'memory = "{FACT}", within = 1')
        await press(look, "enter")
        await told(look, "within the first 1")
        await misses(look, "1 passed")  # it is another question now
        await press(look, "e", "j", "enter", "ctrl+u", "-", "enter")
        await misses(look, "pizza")
        await press(look, "e", "j", "j", "enter", *'words = "ski"', "enter")
        await told(look, "must not contain “ski”")
        await press(look, "j", "e", "enter", "ctrl+u", "-", "enter")
        await told(look, "expects nothing: say must_contain or must_not_contain")
        await press(look, "escape")
        written(tmp_path)
        await press(look, "k", "e", "enter", "enter")
        await told(look, "Read the file again.")
        await press(look, "escape", "r")
        await sees(look, "pizza")
    assert (await in_thread((tmp_path / "recall.toml").read_text)).count("# the plan") == 1


async def test_a_file_is_asked_for_and_another_one(
    story: Workspace, tmp_path: Path, size: Size
) -> None:
    state = QuestionsState()
    other = tmp_path / "other.toml"
    other.write_text(FILE.replace("the trip", "somewhere"))
    async with hosted(story, size, screen(state)) as (look, host):
        await told(look, "Which file? One that the recall lab saves questions into with w")
        await retype(look, str(tmp_path / "none.toml"))
        await press(look, "enter")
        await told(look, "There is no file")
        await retype(look, written(tmp_path))
        await press(look, "enter")
        await sees(look, "the trip")
        await press(look, "o")
        await retype(look, str(other))
        await press(look, "enter")
        await sees(look, "somewhere", "other.toml")
        other.write_text("[[question]]\nask = 3\n")
        await press(look, "r")
        await told(
            look, "The questions cannot be read:", "line 2: question.1.ask: must be a string."
        )
        await press(look, "e", "c", "enter")
        await press(look, "escape")
        assert host.returned == [None]
        host.open(screen(QuestionsState()))
        await sees(look, "Which file?")
        await press(look, "escape")
        await until(look, lambda: host.returned == [None, None])


async def test_what_cannot_be_asked_is_told_and_stopping_keeps_what_came(
    story: Workspace, service: Service, tmp_path: Path, size: Size
) -> None:
    state = QuestionsState(written(tmp_path))
    recall, calm = service.recall, service.trouble

    async def never(user_id: str, *_args: object) -> Recalled:
        if user_id == LI.external_id:
            await asyncio.Event().wait()
        return await recall(user_id, "summer")

    async with hosted(story, size, screen(state)) as (look, _):

        def trouble(route: str, _name: str) -> None:
            raise Unreachable(f"{route} did not answer")

        service.trouble = trouble
        await press(look, "c")
        await sees(look, "not asked", "1 not asked", "/search/memory did not answer")
        service.trouble = calm
        service.recall = never  # type: ignore[assignment]
        await look.press("a")
        await sees(look, "asking · 1 of 2 · x stops", "asking …", "x stop")
        await press(look, "c", "x")
        await misses(look, "asking")
        await sees(look, "passed")
    assert len(last_checks(story.reads)) == 1


async def test_what_comes_of_a_question_is_not_shown_for_another_of_its_name(
    story: Workspace, service: Service, tmp_path: Path, size: Size
) -> None:
    state = QuestionsState(written(tmp_path))
    other = tmp_path / "other.toml"
    other.write_text(FILE.replace("pizza", "sushi"))
    recall, goes_on = service.recall, asyncio.Event()

    async def late(user_id: str, *args: Any) -> Recalled:
        await goes_on.wait()
        return await recall(user_id, *args)

    async with hosted(story, size, screen(state)) as (look, _):
        service.recall = late  # type: ignore[method-assign,assignment]
        await look.press("a")
        await sees(look, "asking · 0 of 2")
        await look.press("o")
        await until(look, lambda: isinstance(look.app.focused, Input))
        assert isinstance(look.app.focused, Input)
        look.app.focused.value = str(other)
        await look.press("enter")
        await sees(look, "other.toml")
        goes_on.set()
        await misses(look, "asking")
        await rest(look)
        assert {*state.checked} == {"tea"}  # which is the same in both


async def test_the_command_of_a_question_is_copied_and_checks_it(
    story: Workspace, tmp_path: Path
) -> None:
    async with opened(story, (120, 40)) as look:
        await press(look, "slash", *"memos_user", "enter", "ctrl+r", "tab", "apostrophe")
        await retype(look, written(tmp_path))
        await press(look, "enter", "C")
        await told(look, "Without --question it checks all of the file.")
        words = shlex.split(look.app.clipboard)
        args = noun_parser("recall").parse_args(words[words.index("recall") + 1 :])
        assert (args.question, args.file) == (["the trip"], str(tmp_path / "recall.toml"))


async def test_hostile_questions(story: Workspace, tmp_path: Path, size: Size) -> None:
    path = tmp_path / "recall.toml"
    some = [text for text in HOSTILE if text.strip() and len(text) < 3_000 and "\x00" not in text]
    import tomlkit

    tables = [
        {"user": TRIP.external_id, "ask": text, "must_contain": [{"words": text[:500]}]}
        for text in some
    ]
    path.write_bytes(tomlkit.dumps({"question": tables}).encode(errors="replace"))
    async with hosted(story, size, screen(QuestionsState(str(path)))) as (look, _):
        await press(look, "a")
        for _number in some:
            await press(look, "j")
            assert_safe(look)
        await press(look, "e")
        assert_safe(look)


async def test_the_file_is_known_at_the_next_start(
    story: Workspace, tmp_path: Path, size: Size
) -> None:
    path = written(tmp_path)
    async with opened(story, size) as look:
        await go_to_user(look, LI.external_id)
        await press(look, "ctrl+r", "tab", "apostrophe")
        await told(look, "Which file?")
        await retype(look, path)
        await press(look, "enter")
        await sees(look, "the trip")
        await press(look, "escape", "escape", "escape")
    async with opened(story, size, again=True) as look:
        await go_to_user(look, LI.external_id)
        await press(look, "ctrl+r", "tab", "apostrophe")
        await sees(look, "recall.toml", "the trip")
