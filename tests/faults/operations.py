"""What people do that asks the service, done as they do it: commands, an export, a screen."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from memos_admin.backend.changing import reading_back
from memos_admin.backend.export.exporting import export
from memos_admin.backend.export.scope import MemoriesScope
from memos_admin.backend.home import Home
from memos_admin.backend.model import Filter
from memos_admin.backend.projects import Projects
from memos_admin.backend.remote import Remote
from memos_admin.backend.sync import SyncProgress, SyncReport, SyncScope, sync
from memos_admin.backend.times import now_ms
from memos_admin.backend.workspace import Workspace
from memos_admin.cli.main import main
from memos_admin.cloud.client import CloudClient
from memos_admin.cloud.key import ApiKey
from memos_admin.cloud.transport import Timeouts
from memos_admin.tui.words import troubles
from tests.faults.world import AIM, ANN, KEY, NEW_TEXT, REFS, served
from tests.tui.looking import go_to_user, opened, press, rest, seen
from tests.tui.looking import main as main_screen

QUERY = "a quiet place"
PROJECT = "faults"
PATIENT = Timeouts()


@dataclass
class Done:
    """How an operation ended.

    Attributes:
        whole: it says that everything was done.
        told: what it said of what was not, as a person reads it.
        shown: what it gave; of an export while it runs, what it wrote.
        noted: everything that a command said beside what it gave.
        waited: seconds between tries, which are not waited here.
        crash: what no person should see; ``""``: nothing.
    """

    whole: bool
    told: str = ""
    shown: str = ""
    waited: float = 0.0
    crash: str = ""
    noted: str = ""


@dataclass
class Waits:
    """Waits of a client that end at once, and how long they would have been."""

    seconds: float = 0.0
    made: list[Remote] = field(default_factory=list)

    async def wait(self, seconds: float) -> None:
        """Let others go on meanwhile."""
        self.seconds += seconds
        await asyncio.sleep(0)


@contextlib.contextmanager
def hasty(home: Home, timeouts: Timeouts) -> Iterator[Waits]:
    """Let every client wait for nothing between two tries; the home and its key are the environment's."""
    waits = Waits()

    def connect(workspace: Workspace, key: ApiKey) -> Remote:
        address = workspace.project.base_url
        return CloudClient(address, key, rate=1000, timeouts=timeouts, wait=waits.wait)

    environment = {"MEMOS_API_KEY": KEY, "MEMOS_ADMIN_HOME": str(home.path)}
    with (
        patch.object(Workspace, "_connect", connect),
        patch.object(reading_back, "PAUSES", (0.0, 0.0)),
        patch.dict(os.environ, environment),
    ):
        yield waits


def template(folder: Path) -> Path:
    """Make a home whose project was read whole once."""
    home = folder / "template"
    with served() as running:
        Projects(Home(home)).add(PROJECT, base_url=running.base_url)
        Projects(Home(home)).allow_writes(PROJECT, allowed=True)
        done = command(Home(home), PATIENT, "sync", "--user", *(ref.external_id for ref in REFS))
        assert done.whole, done.noted
    return home


def command(home: Home, timeouts: Timeouts, *arguments: str) -> Done:
    """Run a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with (
        hasty(home, timeouts) as waits,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = main(["--project", PROJECT, *arguments])
    text = err.getvalue()
    crash = text if "unexpected error" in text or "Traceback" in text else ""
    told = "" if code == 0 else text
    return Done(code == 0, told, out.getvalue(), waits.seconds, crash, text)


def sync_one(home: Home, timeouts: Timeouts) -> Done:
    """What changed of one user, by the command."""
    return command(home, timeouts, "sync", "--user", ANN.external_id)


def sync_all(home: Home, timeouts: Timeouts) -> Done:
    """Everything of everybody, by the command."""
    return command(home, timeouts, "sync", "--full")


def search_remote(home: Home, timeouts: Timeouts) -> Done:
    """What the service recalls, by the command."""
    asked = ("search", QUERY, "--user", ANN.external_id, "--remote", "--json")
    return command(home, timeouts, *asked)


def edit(home: Home, timeouts: Timeouts) -> Done:
    """A memory's text is changed in the service, by the command."""
    asked = ("memories", "edit", AIM, "--content", NEW_TEXT, "--confirm", AIM)
    return command(home, timeouts, *asked)


def delete(home: Home, timeouts: Timeouts) -> Done:
    """A memory is deleted in the service, by the command."""
    return command(home, timeouts, "memories", "delete", AIM, "--confirm", AIM)


def delete_user(home: Home, timeouts: Timeouts) -> Done:
    """All that the service holds of a user is deleted there, by the command."""
    name = ANN.external_id
    return command(home, timeouts, "users", "delete", name, "--no-export", "--confirm", name)


def export_while_syncing(home: Home, timeouts: Timeouts) -> Done:
    """Everything is listed again, and exported meanwhile."""
    return in_workspace(home, timeouts, _exported)


def in_workspace(
    home: Home, timeouts: Timeouts, act: Callable[[Home, Workspace], Coroutine[None, None, Done]]
) -> Done:
    """Do something in the project of a home, opened anew; `act` closes it."""
    (project,) = Projects(home).list()
    with hasty(home, timeouts) as waits:
        done = asyncio.run(act(home, Workspace(project, home)))
    done.waited = waits.seconds
    return done


async def _exported(home: Home, workspace: Workspace) -> Done:
    begun = asyncio.Event()

    def progress(_: SyncProgress) -> None:
        begun.set()

    def write(file: Path) -> tuple[str, ...]:
        scope = MemoriesScope(Filter())
        return export(workspace, scope, format="jsonl", output=file).incomplete

    async def synced() -> SyncReport:
        try:
            return await sync(workspace, SyncScope(full=True), on_progress=progress)
        finally:
            begun.set()

    try:
        syncing = asyncio.create_task(synced())
        await begun.wait()
        file = home.path.with_name("meanwhile.jsonl")
        await asyncio.to_thread(write, file)
        report = await syncing
    finally:
        await workspace.close()
    trouble = troubles.of_report(report, (), str, again="sync")
    told = "" if trouble is None else trouble.page(now_ms())
    return Done(report.complete, told, file.read_text())


def open_user(home: Home, timeouts: Timeouts) -> Done:
    """A user is opened on the screen."""
    return in_workspace(home, timeouts, _opened)


async def _opened(home: Home, workspace: Workspace) -> Done:
    try:
        async with opened(workspace, (120, 40)) as look:
            await go_to_user(look, ANN.external_id)
            await press(look, "r")
            await rest(look)
            told = main_screen(look).fetching.error
            unread = bool(main_screen(look).fetching.read())
            shown = seen(look)
    finally:
        workspace.abandon()
    return Done(not unread, told if unread else "", shown)


Operation = Callable[[Home, Timeouts], Done]

OPERATIONS: dict[str, Operation] = {
    "open a user": open_user,
    "sync one": sync_one,
    "sync all": sync_all,
    "search remote": search_remote,
    "export while syncing": export_while_syncing,
    "edit": edit,
    "delete": delete,
    "delete a user": delete_user,
}

WRITES = frozenset({"edit", "delete", "delete a user"})
