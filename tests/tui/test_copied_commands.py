"""Every screen copies its command; run, that writes the rows of the screen."""

from __future__ import annotations

import io
import json
import shlex
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import pytest

from memos_admin.backend.workspace import Workspace
from memos_admin.cli.main import main as run
from memos_admin.tui.screens.changes import ChangesScreen
from memos_admin.tui.screens.evidence import EvidenceScreen
from memos_admin.tui.screens.syncs import SyncsScreen
from tests.tui.looking import Look, go_to_user, main, opened, press, sees, told, until


def copied(look: Look) -> list[str]:
    program, *words = shlex.split(look.app.clipboard)
    assert program == "memos-admin"
    return words


def written(look: Look) -> Any:
    """Return what the copied command writes."""
    words = copied(look)
    split = words.index("--") if "--" in words else len(words)
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()):
        assert run([*words[:split], "--json", *words[split:]]) == 0
    return json.loads(out.getvalue())


@pytest.fixture(autouse=True)
def _here(story: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(story.home.path))


async def test_lists_of_changes_syncs_and_evidence(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await go_to_user(look, "li.wei")
        await press(look, "c", "C")
        await sees(look, "Copied")
        changes = look.app.screen
        assert isinstance(changes, ChangesScreen)
        rows = written(look)
        assert len(rows) == len(changes._list) > 0
        assert {row["user_id"] for row in rows} == {"li.wei@acme.cn"}
        await press(look, "u", "right", "v", "down", "enter", "C")
        rows = written(look)
        assert len(rows) == len(changes._list)
        assert {row["kind"] for row in rows} == {"added"}

        await press(look, "l", "C")
        syncs = look.app.screen
        assert isinstance(syncs, SyncsScreen)
        assert len(written(look)) == len(syncs._list) > 0
        await press(look, "escape", "escape", "escape")

        await press(look, "p")
        evidence = look.app.screen
        assert isinstance(evidence, EvidenceScreen)
        reviewing = evidence.state
        await until(look, lambda: reviewing.reviewing and reviewing.reviewing.state == "done")
        for _list in range(4):
            await press(look, "right", "C")
            rows = written(look)
            keys = {row.get("memory_id") or (row["conversation_id"], row["seq"]) for row in rows}
            assert len(keys) == len(evidence._list), evidence.state.list


async def test_searches_and_single_things(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        await press(look, "f", *"view:preference tea", "ctrl+y")
        assert copied(look)[2:] == [
            "search", "--filter=view:preference", "--in=all", "--sort=arrival", "--limit=500",
            "tea",
        ]  # fmt: skip
        assert [row["memory_id"] for row in written(look)] == ["m-tea"]
        await press(look, "escape")
        await go_to_user(look, "li.wei")
        for key, words in (
            ("H", ["timeline", "--user=li.wei@acme.cn", "--limit=0"]),
            ("i", ["completeness", "show", "--user=li.wei@acme.cn"]),
            ("ctrl+o", ["overview"]),
            ("P", ["projects", "list", "--limit=0"]),
        ):
            await press(look, key, "C")
            await sees(look, "Copied")
            assert copied(look)[2:] == words
            assert written(look)
            await press(look, "escape")
        await press(look, "home", "enter", "V", "C")
        assert copied(look)[2:4] == ["memories", "history"]
        assert [row["version"] for row in written(look)] == [1, 2]
        await press(look, "escape", "e", "C")
        assert copied(look)[2] == "export"


async def test_masked_ids_are_in_no_command(story: Workspace) -> None:
    async with opened(story, (120, 40)) as look:
        await go_to_user(look, "li.wei")
        await press(look, "m", "c", "C")
        await sees(look, "what is masked")
        assert not look.app.clipboard


async def test_texts_and_reviews(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        await go_to_user(look, "memos")
        await press(look, "enter", "enter", "C")
        await told(look, "It is message 1 there.")
        assert [one["seq"] for one in written(look)] == [1, 2, 3, 4]
        await press(look, "R", "C")
        assert copied(look)[2:4] == ["export", "conversation"]
        await press(look, "escape", "escape")
        main(look).go_to("memories")
        await press(look, "R", "C")
        assert copied(look)[2] == "sql"
        (row,) = written(look)
        assert json.loads(row["json"])
        await press(look, "escape")

        await press(look, "Q", "down", "down", "enter", "enter")
        await press(look, "end", "backspace", "backspace", *"4 7", "enter")
        await press(look, "C")
        await told(look, "what would be in such a queue now")
        assert copied(look)[2:] == [
            "verdicts", "queue", "sample", "--number=4", "--seed=7", "--limit=0",
        ]  # fmt: skip
        assert len(written(look)) == 4


async def test_a_text_of_nobody_has_no_command(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        main(look).view("Trouble", "what happened")
        await press(look, "C")
        await told(look, "No command writes this text.")
        assert not look.app.clipboard
