"""Erasing somebody: no file of the home has anything of them, whatever else is going on."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from memos_admin.backend import roster, screen_state
from memos_admin.backend.absent import NotInRoster
from memos_admin.backend.erasing import forgetting
from memos_admin.backend.home import Home
from memos_admin.backend.journal import reading
from memos_admin.backend.projects import Projects
from memos_admin.backend.screen_state import ScreenState
from memos_admin.backend.sync import SyncScope, open_conversation, open_subject, sync
from memos_admin.backend.upkeep import backups, indexing, maintenance, tidying, turns
from memos_admin.backend.upkeep.turns import silently
from memos_admin.backend.workspace import Workspace
from memos_admin.store.erasing import remove
from memos_admin.store.errors import StoreError
from memos_admin.store.records import SubjectRef
from memos_admin.store.search.filling import Filling
from tests.backend.service import Service, a_memory, a_message
from tests.damage import overwrite_page_of
from tests.effort import LONG
from tests.processes import begin, ended

ANN, BOB = SubjectRef("user", "ann-7f3a"), SubjectRef("user", "bob-11c2")
OPS = SubjectRef("agent", "ops")

HERS = ("quetzalcoatl likes xylophones", "我姐姐对花生过敏", "she moved to Reykjavík 冰岛首都")
HIS = ("bob drinks much tea", "他每天早上六点起床")


async def fill(workspace: Workspace, service: Service) -> None:
    """Read two users and an agent who shares a memory with each."""
    for ref, said in ((ANN, HERS), (BOB, HIS)):
        name = ref.external_id
        service.say(name, f"c-{name}", *map(a_message, said))
        texts = enumerate((f"{text} and more" for text in said), 1)
        service.put(
            name,
            *(
                a_memory(f"{name}-m{n}", text, tags=(f"tag {name}",), conversation_id=f"c-{name}")
                for n, text in texts
            ),
        )
    shared = a_memory("shared", "they went to the sea", conversation_id=None)
    service.put(ANN.external_id, shared)
    service.put(OPS.external_id, shared, kind="agent")
    await roster.add_subjects(workspace, [ANN, BOB, OPS])
    await sync(workspace, SyncScope((ANN, BOB)))
    changed = a_memory(f"{ANN.external_id}-m1", "and now 她换了工作", conversation_id=None)
    service.put(ANN.external_id, changed)
    await sync(workspace, SyncScope((ANN,), full=True))
    await sync(workspace, SyncScope((ANN, BOB, OPS), full=True))
    indexing.stop(workspace.store_path, wait=True)
    with Filling(workspace.store_path) as filling:
        while filling.step():
            pass


def traces(*folders: Path) -> list[str]:
    """Return where something of Ann stands in the bytes of any file: ids, texts, parts of them."""
    parts = {ANN.external_id, "xylophone", "quetzalcoatl", "reykjavik", "她换了工作"}
    parts |= {text[at : at + 4] for text in HERS for at in range(len(text) - 3)}
    parts -= {text[at : at + 4] for text in HIS for at in range(len(text) - 3)}
    parts -= {text for text in parts if text.isascii() and len(text) < 5}
    forms = [form for part in parts for form in (part.encode(), json.dumps(part)[1:-1].encode())]
    found = []
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and not file.name.startswith("journal."):  # it keeps ids
                content = file.read_bytes()
                found += [f"{file.name}: {form!r}" for form in forms if form in content]
    return found


def is_whole(path: Path) -> bool:
    """Return whether what is Bob's is in a store."""
    with closing(sqlite3.connect(path)) as connection:
        said = {text for (text,) in connection.execute("SELECT content FROM message")}
        known = {text for (text,) in connection.execute("SELECT external_id FROM subject")}
        memories = connection.execute("SELECT count(*) FROM memory").fetchone()[0]
    return said >= set(HIS) and known == {"bob-11c2", "ops"} and memories == len(HIS) + 1


async def test_no_file_has_anything_of_her(
    workspace: Workspace, service: Service, isolated: Path, tmp_path: Path
) -> None:
    await fill(workspace, service)
    folder, elsewhere = workspace.project.store_dir, tmp_path / "elsewhere"
    elsewhere.mkdir()
    await maintenance.backup(workspace, elsewhere / "copy.db")
    await maintenance.backup(workspace, folder / "copy two.db")
    state = ScreenState(ANN, f"c-{ANN.external_id}", "transcript", tags=frozenset({HERS[1]}))
    screen_state.save(folder / "state.json", state)
    shutil.copy(folder / "state.json", folder / ".state.json.4194305.17")
    shutil.copy(folder / "copy two.db", folder / "store.db.schema-1.bak")
    shutil.copy(folder / "copy two.db", elsewhere / ".copy.db.4194305.partial")
    names = {name.split(":")[0].removesuffix("-wal") for name in traces(isolated, elsewhere)}
    assert {"store.db", "search.db", "copy.db", "copy two.db", "state.json"} <= names

    done = await forgetting.forget(workspace, ANN, silently)

    assert done.remains == []
    assert traces(isolated, elsewhere) == []
    assert done.plan.held is not None
    assert (done.plan.held.messages, done.plan.held.memories) == (3, 3)
    assert (done.plan.held.memory_versions, done.plan.held.shared_memories) == (1, 1)
    assert done.plan.held.shared_with == (OPS,)
    for path in (workspace.store_path, elsewhere / "copy.db", folder / "copy two.db"):
        assert is_whole(path)
    assert maintenance.check(workspace) == []
    assert maintenance.check_index(workspace) == []
    assert not maintenance.is_unswept(workspace)
    left = {file.name for file in (*folder.iterdir(), *elsewhere.iterdir())}
    assert not {name for name in left if "bak" in name or "partial" in name or ".4194305." in name}
    assert screen_state.load(folder / "state.json").pane == "transcript"
    with pytest.raises(NotInRoster, match="There is nothing of user 'ann-7f3a'"):
        await forgetting.forget(workspace, ANN, silently)


async def test_a_removal_before_is_finished(
    workspace: Workspace, service: Service, isolated: Path, tmp_path: Path
) -> None:
    """Whose rows were removed already are still looked for in backups and in the files."""
    await fill(workspace, service)
    await maintenance.backup(workspace, tmp_path / "copy.db")
    await roster.remove_subject(workspace, ANN)
    assert maintenance.is_unswept(workspace)
    assert ANN.external_id.encode() in (tmp_path / "copy.db").read_bytes()
    done = await forgetting.forget(workspace, ANN, silently)
    assert done.backups == [tmp_path / "copy.db"]
    assert traces(isolated, tmp_path / "copy.db") == []
    assert not maintenance.is_unswept(workspace)


async def test_backups_out_of_reach_are_told_and_left_as_they_are(
    workspace: Workspace, service: Service, tmp_path: Path
) -> None:
    await fill(workspace, service)
    (tmp_path / "disk").mkdir()
    for name in (
        "disk/away.db",
        "gone.db",
        "another.db",
        "junk.db",
        "newer.db",
        "here.db",
        "page.db",
    ):
        await maintenance.backup(workspace, tmp_path / name)
    (tmp_path / "disk" / "away.db").unlink()
    (tmp_path / "disk").rmdir()
    (tmp_path / "gone.db").unlink()
    change(tmp_path / "another.db", "UPDATE setting SET value = 'x' WHERE name = 'copy_of'")
    change(tmp_path / "newer.db", "PRAGMA user_version = 9999")
    (tmp_path / "junk.db").write_bytes(b"not a database " * 100)
    overwrite_page_of(tmp_path / "page.db", "memory_raw")
    names = ("another.db", "junk.db", "newer.db", "page.db")
    before = {name: (tmp_path / name).read_bytes() for name in names}

    done = await forgetting.forget(workspace, ANN, silently)

    assert done.backups == [tmp_path / "here.db"]
    told = {Path(line.split(": ")[0]).name: line for line in done.remains}
    assert set(told) == {"away.db", "gone.db", *names}
    assert "Attach that disk" in told["away.db"]
    assert "no backup of this project" in told["another.db"]
    assert "newer memos-admin" in told["newer.db"]
    assert "left as it is: delete it, or look at it yourself." in told["page.db"]
    assert "store restore" not in told["page.db"]
    assert {name: (tmp_path / name).read_bytes() for name in names} == before
    gone = {tmp_path / "gone.db", tmp_path / "disk" / "away.db"}
    assert gone <= set(backups.noted(workspace.project.store_dir))
    assert set(await tidying.drop_missing(workspace, silently)) == gone
    assert not gone & set(backups.noted(workspace.project.store_dir))


def change(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(sql)


async def test_a_sync_is_waited_for_and_waits(workspace: Workspace, service: Service) -> None:
    await fill(workspace, service)
    asked, go_on = asyncio.Event(), asyncio.Event()
    get_messages = service.get_messages

    async def slowly(user_id: str, conversation_id: str) -> object:
        asked.set()
        await go_on.wait()
        return await get_messages(user_id, conversation_id)

    service.get_messages = slowly  # type: ignore[method-assign,assignment]
    syncing = asyncio.create_task(sync(workspace, SyncScope((ANN,), full=True)))
    await asked.wait()
    told: list[str] = []
    waits = asyncio.Event()

    def on_wait(what: str) -> None:
        told.append(what)
        waits.set()

    erased = asyncio.create_task(forgetting.forget(workspace, ANN, on_wait))
    await waits.wait()
    assert "no sync and no backup" in told[0]
    assert workspace.reads.subject(ANN) is not None
    go_on.set()
    assert (await syncing).complete
    assert (await erased).remains == []
    assert workspace.reads.subject(ANN) is None

    async with turns.turn(workspace, alone=True, on_wait=silently):
        waits.clear()
        syncing = asyncio.create_task(
            sync(workspace, SyncScope((BOB,)), on_progress=lambda told: waits.set())
        )
        await waits.wait()
        assert not syncing.done()
    assert (await syncing).complete


async def test_what_waited_does_not_bring_her_back(workspace: Workspace, service: Service) -> None:
    await fill(workspace, service)
    waits = asyncio.Event()
    writer = await workspace.open_writer()
    async with turns.turn(workspace, alone=True, on_wait=silently):
        syncing = asyncio.create_task(
            sync(workspace, SyncScope((ANN,)), on_progress=lambda told: waits.set())
        )
        await waits.wait()
        await writer.run(lambda c: remove(c, ANN))
    with pytest.raises(StoreError, match=r"another program has removed it.*Nothing was read"):
        await syncing
    for opening in (open_subject(workspace, ANN), open_conversation(workspace, ANN, "c1")):
        with pytest.raises(StoreError, match="no longer on this project's roster"):
            await opening
    assert workspace.reads.subject(ANN) is None


async def test_an_open_interface_does_not_bring_her_back(
    workspace: Workspace, service: Service, isolated: Path
) -> None:
    """Another connection looks at her all the time; it sees that she is gone, and nothing breaks."""
    await fill(workspace, service)
    with workspace.open_reads() as other:
        assert other.subject(ANN) is not None
        assert list(other.memory_pks(screen_state.ScreenState().filter))
        await forgetting.forget(workspace, ANN, silently)
        assert other.subject(ANN) is None
        assert other.subject(BOB) is not None
        assert traces(isolated) == []


# -- killed ---------------------------------------------------------------------------------------

SCRIPT = """
import asyncio, sys
from memos_admin.backend.erasing import forgetting
from memos_admin.backend.upkeep import maintenance
from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
from memos_admin.backend.absent import NotInRoster
from memos_admin.backend.upkeep.turns import silently
from memos_admin.backend.workspace import Workspace
from memos_admin.store.erasing import remove
from memos_admin.store.errors import StoreError
from memos_admin.store.records import SubjectRef

async def main():
    home = Home.from_environment({"MEMOS_ADMIN_HOME": sys.argv[1]})
    (project,) = Projects(home).list()
    workspace = Workspace(project, home)
    workspace.reads
    print("ready", flush=True)
    try:
        done = await forgetting.forget(workspace, SubjectRef("user", "ann-7f3a"), silently)
        print("done", len(done.remains), flush=True)
    except NotInRoster:
        print("done before", flush=True)
    await workspace.close()

asyncio.run(main())
"""


async def grown(workspace: Workspace, service: Service) -> None:
    """Have much to erase, and much that stays."""
    service.window = 5_000
    for ref, said in ((ANN, HERS), (BOB, HIS)):
        texts = (f"{said[n % len(said)]} {n} " * 12 for n in range(1_500))
        service.say(ref.external_id, f"c-{ref.external_id}", *map(a_message, texts))
    await fill(workspace, service)


@pytest.fixture
async def large(workspace: Workspace, service: Service, isolated: Path) -> Path:
    """A home with a project of which much is stored, a backup in it, and nothing open."""
    await grown(workspace, service)
    await maintenance.backup(workspace, workspace.project.store_dir / "copy.db")
    await workspace.close()
    return isolated


def left(path: Path) -> list[str]:
    """Return all that others said, and what is listed for them."""
    sql = """SELECT m.content FROM message m JOIN conversation c ON c.pk = m.conversation_pk
             JOIN subject s ON s.pk = c.subject_pk WHERE s.external_id <> 'ann-7f3a'
             UNION ALL SELECT m.content FROM memory m JOIN listing l ON l.memory_pk = m.pk
             JOIN subject s ON s.pk = l.subject_pk WHERE s.external_id <> 'ann-7f3a'"""
    with closing(sqlite3.connect(path)) as connection:
        return sorted(text for (text,) in connection.execute(sql))


def copies(large: Path, tmp_path: Path, count: int) -> Iterator[Path]:
    """Yield copies of a home, at a place where each thinks that its backup is its own."""
    kept = large.rename(tmp_path / "kept")
    for _ in range(count):
        shutil.rmtree(large, ignore_errors=True)
        shutil.copytree(kept, large)
        yield large


def named_where_it_stands(home: Path, workspace: Workspace) -> None:
    """Check that what a killed erasure has left is named, wherever it still stands."""
    if not reading.unfinished(Home(home), reading.Wanted(action="forget")).total:
        return  # nothing was begun
    holding = {found.split(": ")[0].removesuffix("-wal") for found in traces(home)}
    left_in = {one.path.name for one in maintenance.unerased(workspace)}
    # The index is rewritten with the store, and half of a file is deleted by whoever looks next.
    assert holding & {"store.db", "copy.db"} <= left_in


async def test_killed_at_any_moment_it_can_be_repeated(large: Path, tmp_path: Path) -> None:
    homes = copies(large, tmp_path, 200 if LONG else 5)
    running = begin(SCRIPT, str(next(homes)))
    started = time.monotonic()
    assert ended(running) == ("done 0\n", "")
    seconds = time.monotonic() - started
    assert traces(large) == []
    (project,) = Projects(Home(large)).list()
    his = left(project.store_dir / "store.db")
    assert his == left(project.store_dir / "copy.db")
    assert len(his) > 1_500

    killed = 0
    for number, home in enumerate(homes):
        running = begin(SCRIPT, str(home))
        # A random instant is what this is about; the first one is surely not too late.
        await asyncio.sleep(random.uniform(0, seconds) if number else 0)
        running.send_signal(signal.SIGKILL)
        ended(running)
        killed += running.returncode == -signal.SIGKILL
        (project,) = Projects(Home(home)).list()
        named_where_it_stands(home, Workspace(project, Home(home)))
        assert maintenance.check(Workspace(project, Home(home))) == []
        assert maintenance.check_index(Workspace(project, Home(home))) == []
        assert ended(begin(SCRIPT, str(home))) in (("done 0\n", ""), ("done before\n", ""))
        assert traces(home) == []
        assert maintenance.unerased(Workspace(project, Home(home))) == []
        assert not reading.unfinished(Home(home), reading.Wanted(action="forget")).total
        for name in ("store.db", "copy.db"):
            assert left(project.store_dir / name) == his
        assert maintenance.check(Workspace(project, Home(home))) == []
    assert killed > 0


async def test_two_programs_that_erase_her_at_once_agree(large: Path, tmp_path: Path) -> None:
    (project,) = Projects(Home(large)).list()
    his = left(project.store_dir / "store.db")
    (home,) = copies(large, tmp_path, 1)
    running = [begin(SCRIPT, str(home)) for _ in range(2)]
    told = sorted(ended(each).out for each in running)
    assert told == ["done 0\n", "done before\n"]
    assert traces(home) == []
    assert left(project.store_dir / "store.db") == his
