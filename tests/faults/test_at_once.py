"""Several programs at one store: each does what it is asked, and the store is that of one after the other."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest

from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
from memos_admin.backend.workspace import Workspace
from memos_admin.emulator.thread import EmulatorThread
from tests.effort import LONG
from tests.faults.programs import known, loaded, run, sound
from tests.faults.world import REFS, change, copied, store_of
from tests.processes import ended, go
from tests.tui.looking import go_to_user, misses, opened, press, sees

ANN, BOB, EVE = (ref.external_id for ref in REFS)
DEEDS = {
    "sync": ("sync", "--full", "--rate", "50"),
    "sync one": ("sync", "--user", ANN, BOB),
    "forget": ("store", "forget", "--user", EVE, "--yes"),
    "tidy": ("store", "tidy"),
    "export": ("export", "memories", "--format", "jsonl", "--output", "all.jsonl"),
    "backup": ("store", "backup", "copy.db"),
}
TOGETHER: list[tuple[str, ...]] = [("sync", "sync one", "forget", "export")]
if LONG:
    TOGETHER += [pair for number in (2, 4) for pair in itertools.combinations(DEEDS, number)]


@pytest.mark.parametrize("names", TOGETHER, ids=" and ".join)
def test_all_do_what_they_are_asked(
    names: tuple[str, ...],
    home: Home,
    made: Path,
    service: EmulatorThread,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(home.path.parent)
    change(service.emulator.state)
    programs = [loaded(*DEEDS[name]) for name in names]
    go(*programs)
    for program, name in zip(programs, names, strict=True):
        said = ended(program)
        assert program.returncode == 0, (name, said.err)
    sound(home)
    run(*DEEDS["sync"])
    with copied(made, home.path.with_name("alone"), service) as alone:
        monkeypatch.setenv("MEMOS_ADMIN_HOME", str(alone.path))
        run(*DEEDS["sync"])
        wanted = known(store_of(alone))
    if "forget" in names:
        wanted = {what: [row for row in rows if row[0] != EVE] for what, rows in wanted.items()}
    assert known(store_of(home)) == wanted


async def test_a_screen_stays_usable_meanwhile(
    home: Home, service: EmulatorThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    change(service.emulator.state)
    (project,) = Projects(home).list()
    workspace = Workspace(project, home)
    names = ("sync", "forget", "export")
    async with opened(workspace, (120, 40)) as look:
        await sees(look, EVE)
        programs = [await asyncio.to_thread(loaded, *DEEDS[name]) for name in names]
        go(*programs)
        for key in itertools.cycle(("j", "enter", "tab", "k", "escape")):
            await look.press(key)
            if all(program.poll() is not None for program in programs):
                break
        for program, name in zip(programs, names, strict=True):
            said = ended(program)
            assert program.returncode == 0, (name, said.err)
        await press(look, "escape", "escape", "escape")
        await go_to_user(look, ANN)
        await press(look, "r")
        await sees(look, ANN, "c-0001")
        await misses(look, EVE)
    workspace.abandon()
    sound(home)
