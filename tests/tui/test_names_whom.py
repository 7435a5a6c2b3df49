"""A screen over the main one shows nothing but what is of whom its title names, whatever cannot be read, or is slow."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from memos_admin.backend.errors import StoreBroken
from memos_admin.backend.projects import Projects
from memos_admin.backend.search import Hit
from memos_admin.backend.workspace import Workspace
from memos_admin.tui.app import MemosAdmin
from memos_admin.tui.jobs import exporting
from memos_admin.tui.jobs.searching import LocalSearch
from memos_admin.tui.reader import Reader
from memos_admin.tui.screens.names_whom import NamesWhom
from memos_admin.tui.widgets.line_view import LineView
from tests.tui.looking import Look, main, misses, opened, press, rest, seen, sees, send, told, until
from tests.tui.persons import NAMES, under, whose

FILTERED = {
    "p": "Evidence",
    "c": "Changes found",
    "H": "Day by day",
    "8": "Verdicts",
    "Z": "Hygiene",
    "ctrl+o": "Overview",
}
"""Keys of screens whose filter may name another user, with their titles."""

WITH_WHOSE = {**FILTERED, "i": "Completeness"}

ACT = {"Z": "Q", "c": "C"}
"""Keys that do something with what is shown, by that of the screen."""

at_both = pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=["80x24", "200x50"])
each_way = pytest.mark.parametrize("slow", [False, True], ids=["fails", "slow"])


@asynccontextmanager
async def reading(*, slow: bool) -> AsyncIterator[None]:
    """Let reading fail, or wait until this is left; who is on the roster is known all the same."""
    go, read, aside = asyncio.Event(), Reader.__call__, Reader.aside

    def broken(how: Any) -> Any:
        async def read_or_not(reader: Reader, fn: Any, *args: Any, **options: Any) -> Any:
            if getattr(fn, "__name__", "") != "is_there":
                if not slow:
                    raise StoreBroken("The store is damaged.")
                await go.wait()
            return await how(reader, fn, *args, **options)

        return read_or_not

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reader, "__call__", broken(read))
        patch.setattr(Reader, "aside", broken(aside))
        try:
            yield
        finally:
            go.set()


def lines(look: Look) -> int:
    """Return how many lines there are to scroll over, the headings of lists aside."""
    views = look.app.screen.query(LineView)
    return sum(max(0, view.virtual_size.height - 1) for view in views)


async def nothing_is_shown(look: Look, title: str, *, slow: bool) -> None:
    """Return when a screen says, under the title that names somebody, why nothing is shown."""
    screen = look.app.screen
    assert isinstance(screen, NamesWhom)
    if slow:
        await sees(look, title, screen.reading.removesuffix(" …"))
    else:
        await rest(look)
        await told(look, title, "The store is damaged.", "r tries again.")
    assert lines(look) == 0
    assert whose(look) == set()
    if not slow:  # else keys wait
        await press(look, "enter", "j", "space")
        assert look.app.screen is screen


async def all_is_shown(look: Look, *, slow: bool) -> None:
    if slow:
        await rest(look)
    else:
        await press(look, "r")
    await misses(look, "The store is damaged")
    await misses(look, "Reading")
    assert lines(look) > 0


@each_way
@at_both
async def test_nothing_of_the_former_user_stands_below_the_title_that_names_another(
    three: Workspace, size: tuple[int, int], slow: bool
) -> None:
    async with opened(three, size) as look:
        name = under(look)
        other = "bea" if name != "bea" else "cid"
        await press(look, "enter", "tab", "tab", "1")
        for key, title in WITH_WHOSE.items():
            await press(look, key)
            if key in {"8", "ctrl+o"}:  # which begin with everyone
                await press(look, "u")
            await sees(look, title)
            assert lines(look) > 0
            assert whose(look) <= {name}
            async with reading(slow=slow):
                send(look, "u")
                await nothing_is_shown(look, "everyone", slow=slow)
                if key in ACT and not slow:
                    await press(look, ACT[key])
                    await sees(look, "Nothing was read yet.")
            await all_is_shown(look, slow=slow)
            if key in FILTERED:
                await press(look, "slash", *f"user:{other[:-1]}")  # it is nobody's
                async with reading(slow=slow):
                    send(look, other[-1], "enter")
                    await nothing_is_shown(look, other, slow=slow)
                if key == "8":
                    await press(look, "escape")
                else:
                    await all_is_shown(look, slow=slow)
                    assert whose(look) <= {other}
            while look.app.screen is not main(look):
                await press(look, "escape")


@each_way
async def test_nothing_of_one_is_found_where_everyone_is_searched(
    three: Workspace, slow: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, hits = asyncio.Event(), LocalSearch.hits

    async def broken(search: LocalSearch, *args: Any) -> AsyncIterator[list[Hit]]:
        if not slow and not go.is_set():
            raise StoreBroken("The store is damaged.")
        await go.wait()
        async for chunk in hits(search, *args):
            yield chunk

    async with opened(three, (80, 24)) as look:
        name = under(look)
        await press(look, "f", *"said")
        await sees(look, "everyone")
        assert len(whose(look)) == 3
        monkeypatch.setattr(LocalSearch, "hits", broken)
        send(look, "ctrl+t")
        await sees(look, "this user", "Searching" if slow else "The store is damaged.")
        assert whose(look) == set()
        go.set()
        await press(look, *(() if slow else ("ctrl+t", "ctrl+t")))
        assert whose(look) == {name}


@each_way
async def test_no_rows_of_one_stand_below_an_export_of_everyone(
    three: Workspace, slow: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, look_at = threading.Event(), exporting.look

    def broken(*args: Any) -> Any:
        if not slow:
            raise StoreBroken("The store is damaged.")
        assert go.wait(60)
        return look_at(*args)

    async with opened(three, (120, 40)) as look:
        name = under(look)
        await press(look, "e")
        assert whose(look) == {name}
        with monkeypatch.context() as patch:
            patch.setattr(exporting, "look", broken)
            try:
                await look.press(*["right"] * 2)
                await sees(look, "export from everyone")
                await sees(look, "Reading …" if slow else "These rows could not be read.")
                assert whose(look) == set()
            finally:
                go.set()
        if slow:
            await sees(look, "one-of-ann", "one-of-bea", "one-of-cid")


async def test_nothing_of_the_project_before_is_shown_where_the_next_one_cannot_be_read(
    three: Workspace,
) -> None:
    project = Projects(three.home).add("other", base_url=three.project.base_url)
    async with opened(three, (200, 50)) as look:
        await press(look, "c")
        assert whose(look)
        async with reading(slow=False):
            cast("MemosAdmin", look.app).show_workspace(Workspace(project, three.home))
            await until(look, lambda: len(look.app.screen_stack) == 2)
            await told(look, "The store is damaged.", "memos-admin doctor")
            assert not any(name in seen(look) for name in NAMES)
