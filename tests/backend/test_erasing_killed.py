"""An erasure that is killed at each of its steps: what is left is named until it is repeated, which finishes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from memos_admin.backend import screen_state
from memos_admin.backend.erasing import erased_before, forgetting
from memos_admin.backend.home import Home
from memos_admin.backend.journal import Entry, reading
from memos_admin.backend.screen_state import ScreenState
from memos_admin.backend.upkeep import maintenance, tidying
from memos_admin.backend.upkeep.turns import silently
from memos_admin.backend.workspace import Workspace
from tests.backend.service import Service
from tests.backend.test_erasing import ANN, SCRIPT, fill, traces
from tests.processes import begin, ended

DIES_IN = """
import os, sys
from memos_admin.backend import journal, screen_state
from memos_admin.backend.erasing import forgetting
where, name = sys.argv[2].rsplit(".", 1)
place = {"forgetting": forgetting, "journal": journal, "screen_state": screen_state}[where]
setattr(place, name, lambda *given, **named: os._exit(9))
"""

STEPS = {
    "forgetting._erase": (
        {"store.db", "copy.db", "state.json"},
        {"store.db", "copy.db", "state.json"},
    ),
    "forgetting.erase_in_backup": (
        {"store.db", "copy.db", "state.json"},
        {"store.db", "copy.db", "state.json"},
    ),
    "forgetting.rewrite_store": ({"store.db", "state.json"}, {"state.json"}),
    "screen_state.forget": ({"state.json"}, {"state.json"}),
    "journal.settled": (set(), set()),
}
"""In what it dies, and which files are named then, and once the store was tidied."""


def entries(home: Home) -> list[Entry]:
    """Return what the journal has of erasures, the first one first."""
    return [*reading.listing(home, reading.Wanted(action="forget")).entries][::-1]


def unfinished(home: Home) -> list[int]:
    """Return the entries of erasures without an end."""
    return [one.seq for one in reading.unfinished(home, reading.Wanted(action="forget")).entries]


def named(workspace: Workspace) -> set[str]:
    """Return the files that are named as what an erasure has left."""
    return {one.path.name for one in maintenance.unerased(workspace)}


@pytest.mark.parametrize("step", STEPS)
async def test_what_a_killed_erasure_has_left_is_named_until_it_is_finished(
    workspace: Workspace, service: Service, isolated: Path, step: str
) -> None:
    await fill(workspace, service)
    folder, home = workspace.project.store_dir, workspace.home
    await maintenance.backup(workspace, folder / "copy.db")
    screen_state.save(folder / "state.json", ScreenState(ANN))
    await workspace.close()
    at_once, tidied = STEPS[step]

    running = begin(DIES_IN + SCRIPT, str(isolated), step)
    ended(running)
    assert running.returncode == 9

    workspace = Workspace(workspace.project, home)
    (begun,) = unfinished(home)
    assert named(workspace) == at_once
    holding = {name.split(":")[0].removesuffix("-wal") for name in traces(isolated)}
    assert holding - {"search.db"} <= at_once
    assert str(begun) in erased_before.of_nobody(home, workspace.project, ANN)
    await tidying.tidy(workspace, silently)
    assert named(workspace) == tidied
    assert unfinished(home) == [begun]

    assert (await forgetting.forget(workspace, ANN, silently)).remains == []
    assert (named(workspace), unfinished(home), traces(isolated)) == (set(), [], [])
    last = entries(home)[-1]
    assert (last.result, last.details) == ("done", {"finishes": [str(begun)]})
    assert "has no end" not in erased_before.of_nobody(home, workspace.project, ANN)
    assert forgetting.look(home, workspace.project, ANN).is_empty
    await workspace.close()


async def test_what_cannot_be_journaled_leaves_no_note(
    workspace: Workspace, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    from memos_admin.backend import journal

    await fill(workspace, service)

    def refuse(*_given: object) -> None:
        raise journal.NotJournaled("The disk is full.")

    monkeypatch.setattr(journal, "begin", refuse)
    with pytest.raises(journal.NotJournaled):
        await forgetting.forget(workspace, ANN, silently)
    assert named(workspace) == set()
    assert workspace.reads.subject(ANN) is not None
