"""The embedded demo: an emulator on a thread, a throw-away home, a roster."""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from memos_admin.backend.home import Home
from memos_admin.backend.workspace import Workspace
from memos_admin.cli.throwaway import throw_away_folder

if TYPE_CHECKING:
    from memos_admin.backend.credentials import FoundKey
    from memos_admin.backend.model import SubjectRef
    from memos_admin.backend.projects import Project

RATE = 1000.0
"""Requests a second: nobody else's production shares this account."""

CHANGING = ("nora.lindqvist@example.se", "张伟", "maria.gonzalez@example.com", "u-88120")
"""Of whom something changed in the last weeks."""

READINGS: tuple[tuple[str, tuple[str, ...], bool], ...] = (
    ("-40d 09:10", (), True),
    ("-26d 09:05", CHANGING, True),
    ("-12d 16:40", CHANGING, True),
    ("-5d 08:30", CHANGING, True),
    ("-1d 08:15", CHANGING, False),
)
"""The syncs of the weeks before: when, of which users (none: everybody), and whether all was listed."""


class Demo:
    """A MemOS Cloud in this process and a project on it; gone without a trace when left.

    Args:
        folder: a throw-away folder to work in; one of its own where None, which only the main
            thread can guard against signals.
        allow_writes: what the emulator holds may be changed.

    Attributes:
        home: in that folder.
        project: called ``demo``.
    """

    home: Home
    project: Project

    def __init__(self, folder: Path | None = None, *, allow_writes: bool = False) -> None:
        self._folder = folder
        self._allow_writes = allow_writes
        self._closing = ExitStack()
        self._lived = False

    def __enter__(self) -> Self:
        from memos_admin.backend.keys import check_key
        from memos_admin.backend.projects import Projects
        from memos_admin.emulator.thread import EmulatorThread

        with ExitStack() as stack:
            folder = self._folder or stack.enter_context(throw_away_folder())
            self.home = Home(folder / "home", throwaway=True)
            emulator = self._emulator = stack.enter_context(EmulatorThread())
            self._root = emulator.root_url
            self._key = check_key(emulator.api_key, "The demo")
            unnamed = Projects(self.home).unnamed(emulator.base_url, self._key)
            self.project = replace(unnamed, name="demo", allow_writes=self._allow_writes)
            self._closing = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()

    def workspace(self) -> Workspace:
        """Return the demo's project, opened anew; the caller closes it.

        Whoever asks its service first makes it live through its past before.
        """
        return Workspace(self.project, self.home, find_key=self._find_key, rate=RATE)

    async def _live_through(self) -> None:
        """Give the store its history: sync as of some past instants, one after the other.

        These are syncs like any other, from the same service; it shows what it had at each of them, and
        tells that time, as the clock does by which the store dates what it reads.
        """
        from memos_admin.backend.model import SubjectRef
        from memos_admin.backend.sync import SyncScope, read
        from memos_admin.backend.times import now_ms
        from memos_admin.emulator.demo import demo_data

        # Off the event loop: a screen is being painted.
        instants = [_instant(moment) for moment, _, _ in READINGS]
        shown = await asyncio.to_thread(lambda: [demo_data(then) for then in instants])
        back = 0

        def clock() -> int:
            return now_ms() - back

        workspace = Workspace(
            self.project, self.home, find_key=self._key_at_once, rate=RATE, clock=clock
        )
        try:
            for then, data, (_, names, full) in zip(instants, shown, READINGS, strict=True):
                back = now_ms() - then
                self._emulator.turn_to(data, clock)
                refs = tuple(SubjectRef("user", name) for name in names)
                await read(workspace, SyncScope(refs, full=full))
        finally:
            self._emulator.turn_to(demo_data())
            await workspace.close()

    def subjects(self) -> list[SubjectRef]:
        """Return the users and agents of the demo, as the emulator's own routes list them."""
        from memos_admin.backend.model import SubjectRef

        users = [SubjectRef("user", found) for found in self._ask("/_emulator/users")]
        return users + [SubjectRef("agent", found) for found in self._ask("/_emulator/agents")]

    def environment(self, env: Mapping[str, str]) -> Mapping[str, str]:
        """Return `env` as a shell would have it that works on the demo."""
        return {
            **env,
            "MEMOS_API_KEY": self._key.reveal(),
            "MEMOS_BASE_URL": self.project.base_url,
            "MEMOS_ADMIN_HOME": str(self.home.path),
        }

    async def fill_roster(self) -> None:
        """Add everybody of the demo to the roster, at the time of the first sync."""
        from memos_admin.backend import roster

        first = _instant(READINGS[0][0])
        workspace = Workspace(self.project, self.home, clock=lambda: first)
        try:
            await roster.add_subjects(workspace, self.subjects(), known_from="demo")
        finally:
            await workspace.close()

    async def sync(self, workspace: Workspace) -> None:
        """Read what there is now."""
        from memos_admin.backend.sync import SyncScope, sync

        await sync(workspace, SyncScope())

    async def _find_key(self) -> FoundKey:
        if not self._lived:
            self._lived = True
            await self._live_through()
        return await self._key_at_once()

    async def _key_at_once(self) -> FoundKey:
        from memos_admin.backend.credentials import FoundKey

        return FoundKey(self._key, "environment")

    def _ask(self, path: str) -> list[str]:
        # http.client knows no proxies: this request never leaves the machine.
        connection = http.client.HTTPConnection(urlsplit(self._root).netloc, timeout=10)
        try:
            connection.request("GET", path)
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return [str(found) for found in answer]


def _instant(moment: str) -> int:
    """Return the epoch milliseconds of an instant of `READINGS`."""
    from memos_admin.emulator.demo import midnight
    from memos_admin.emulator.demo.screenplay import moment_of

    return moment_of(moment, midnight())
