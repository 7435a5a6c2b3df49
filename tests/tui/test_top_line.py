"""The top line where there is little room: which project this is and what holds stay, cuts are marked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult

from memos_admin import language
from memos_admin.backend import display
from memos_admin.backend.home import Home
from memos_admin.backend.model import Subject, SubjectRef
from memos_admin.backend.privacy import Privacy
from memos_admin.backend.projects.project import unnamed_title
from memos_admin.tui.layout.fitting import Part
from memos_admin.tui.screen_safe import ScreenSafe
from memos_admin.tui.standing import Marks, Progress, Standing
from memos_admin.tui.widgets.status_line import StatusLine
from memos_admin.tui.words.notes import subject_state

LONG = "tenant-0001-customer-support-eu-west-1-user-00000000000004711"
PROJECT = "acme-production-europe-customer-support"
SAID = "2 months ago"
LIVE = Part(
    "live · 3 found: ctrl+w · next in 27 s",
    ("live · 3 found: ctrl+w · 27 s", "live · 3 found · 27 s", "live · 27 s", ""),
)
"""As a watch says it."""
HELD = Marks("changes allowed", "not journaled", ("masked",), (Part("ticket SUP-4711"), LIVE))


class Host(App[None]):
    """Has a top line."""

    def __init__(self) -> None:
        super().__init__()
        self.standing = Standing()
        self.line = StatusLine(id="status", standing=self.standing)

    def compose(self) -> ComposeResult:
        yield self.line


@pytest.fixture(autouse=True)
def _lifted() -> Iterator[None]:
    yield
    display.draw(None)


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    host = Host()
    async with host.run_test(size=(80, 24)):
        host.line.set_project("acme", "memos.example")
        yield host


def test_what_is_waited_for_is_said_before_progress_and_errors_as_long_as_there_is_room(
    host: Host,
) -> None:
    host.line.set_error("MemOS did not answer.")
    host.standing.set(Progress(1, 2, "3 of 4"))
    host.standing.set_waits(f"waiting: {'p' * 60} has the store locked", "waiting: it is locked")
    line = shown(host)
    assert line.startswith(" waiting: it is locked ")
    assert line.endswith(" x stop  ")
    host.standing.set_waits()
    assert "3 of 4" in shown(host)


def said(problem: str | None = None) -> tuple[str, ...]:
    subject = Subject(
        pk=1, ref=SubjectRef("user", LONG), known_from="hand", conversations=1, messages=1,
        memories=1, last_activity=1, listed_at=1, synced_at=1, opened_at=None, problem=problem,
    )  # fmt: skip
    return subject_state(subject, 1 + 61 * 86_400_000, "!")


def shown(host: Host) -> str:
    text = host.line.render().plain
    assert len(text) == 80
    return text


@pytest.mark.parametrize(
    "marks", [Marks(), Marks(others=(Part("ticket SUP-4711"),)), Marks("changes allowed")]
)
@pytest.mark.parametrize("problem", [None, "odd"])
async def test_of_a_subject_with_a_long_name_its_state_stays(
    host: Host, marks: Marks, problem: str | None
) -> None:
    host.standing.marks = marks
    host.line.set_state(*said(problem))
    text = shown(host)
    assert " acme " in text[:20]
    assert f"synced {SAID} " in text
    assert ("in part (! why)" in text) is (problem is not None)
    assert "tena" in text
    assert "711 · " in text


async def test_what_holds_and_the_project_stay_whatever_else_there_is_to_say(host: Host) -> None:
    host.line.set_project(PROJECT, "memos.example")
    host.standing.marks = HELD
    host.line.set_state(*said("odd"))
    text = shown(host)
    assert text.startswith(
        " acme-production-europe-…  changes allowed  not journaled  masked · tick"
    )
    assert text.count("…") == 2, "the project and what is known are cut, the watch is left out"
    host.line.set_project("acme", "memos.example")
    assert " acme  changes allowed  not journaled  masked · ticket SUP-4711 " in shown(host)


@pytest.mark.parametrize(
    ("width", "before", "spoken", "said_of_it"),
    [
        (80, "", "en", "masked, ids shown"),
        (60, "", "en", "masked, ids shown"),
        (80, "changes allowed", "en", "masked, ids shown"),
        (60, "changes allowed", "en", "masked"),
        (80, "", "zh", "已遮盖，id 未遮盖"),
        (60, "", "zh", "已遮盖，id 未遮盖"),
        (60, "可更改", "zh", "已遮盖"),
    ],
)
async def test_that_ids_are_shown_while_texts_are_masked_is_said_where_there_is_room(
    width: int, before: str, spoken: str, said_of_it: str, tmp_path: Path
) -> None:
    language.activate(spoken)
    safe = ScreenSafe(Home(tmp_path))
    safe.set(Privacy(mask=True))
    veil = display.veil()
    assert veil is not None
    veil.meet([("user", "li"), ("user", "张伟")])
    host = Host()
    async with host.run_test(size=(width, 24)):
        host.line.set_project("demo", "on this machine")
        host.standing.marks = Marks(before, masked=safe.mark)
        host.line.set_state("15 users · synced 2 min ago", "synced 2 min ago")
        text = host.line.render().plain
        assert f"  {said_of_it}  " in text
        assert "synced 2 min ago" in text
        assert cell_len(text) == width


def test_that_ids_are_shown_is_said_as_far_as_they_are(tmp_path: Path) -> None:
    safe = ScreenSafe(Home(tmp_path))
    for ids, said in (
        ([], "masked, ids shown"),
        (["li"], "masked, ids shown"),
        (["li", "li@acme.cn"], "masked, some ids shown"),
        (["li@acme.cn"], "masked"),
    ):
        safe.set(Privacy(mask=True), [SubjectRef("user", one) for one in ids])
        assert safe.mark[0] == said


async def test_a_ticket_as_long_as_it_can_be_is_cut_and_the_project_is_not(host: Host) -> None:
    host.standing.marks = Marks(others=(Part("ticket " + "T" * 60),))
    host.line.set_state(*said())
    text = shown(host)
    assert text.startswith(" acme  ticket TTTTTT")
    assert "TT… " in text
    assert f"synced {SAID}" in text


@pytest.mark.parametrize(
    ("width", "others", "said_of_it"),
    [
        (60, (), "live · 27 s"),
        (80, (), "live · 3 found · 27 s"),
        (120, (), "live · 3 found: ctrl+w · next in 27 s"),
        (200, (), "live · 3 found: ctrl+w · next in 27 s"),
        (120, (Part("ticket SUP-4711"),), "ticket SUP-4711 · live · 3 found · 27 s"),
    ],
)
async def test_when_a_watch_asks_next_is_said_and_nothing_of_it_is_cut(
    width: int, others: tuple[Part, ...], said_of_it: str
) -> None:
    host = Host()
    async with host.run_test(size=(width, 24)):
        host.line.set_project("demo", "on this machine")
        host.standing.marks = Marks("changes allowed", others=(*others, LIVE))
        host.line.set_state("15 users · synced 2 min ago", "synced 2 min ago")
        text = host.line.render().plain
        assert f"  changes allowed  {said_of_it}  " in text
        assert "…" not in text


async def test_the_project_of_the_environment_is_named_whole(host: Host) -> None:
    host.line.set_project(unnamed_title("9115c596" * 4), "memos.example")
    host.standing.marks = HELD
    host.line.set_state(*said())
    assert " environment key 9115c596 " in shown(host)


async def test_that_the_present_is_not_shown_is_said_shorter_before_the_project_goes(
    host: Host,
) -> None:
    host.standing.set_then("memories as of 17 Sep 2025 09:58, not now", "as of 17 Sep 2025 09:58")
    assert "memories as of 17 Sep 2025 09:58, not now  memos-admin  acme " in shown(host)
    host.standing.marks = HELD
    assert shown(host).startswith(" as of 17 Sep 2025 09:58  acme  changes allowed  not journaled")


async def test_what_nobody_asked_for_is_told_where_no_sync_is_and_cannot_be_stopped(
    host: Host,
) -> None:
    host.standing.marks = Marks("changes allowed")
    host.standing.set_behind(Progress(1, 2, "Looking: 1 of 2"))
    assert "changes allowed" in shown(host)
    assert "━─" in shown(host)
    assert "Looking: 1 of 2" in shown(host)
    assert "stop" not in shown(host)
    host.line.set_error("It is broken.")
    assert shown(host).endswith("! read ")
    host.standing.set(Progress(1, 2, "syncing"))
    assert "syncing" in shown(host)
    assert shown(host).endswith("x stop ")
    host.standing.set(None)
    host.standing.set_behind(None)
    assert "It is broken." in shown(host)
