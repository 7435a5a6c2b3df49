"""The embedded demo: an emulator on a thread, a throw-away home, a roster."""

from __future__ import annotations

import http.client
import json
import signal
import tempfile
import threading
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from memos_admin.backend.home import Home
from memos_admin.backend.workspace import Workspace

if TYPE_CHECKING:
    from memos_admin.backend.credentials import FoundKey
    from memos_admin.backend.model import SubjectRef
    from memos_admin.backend.projects import Project

RATE = 1000.0
"""Requests a second: nobody else's production shares this account."""


class Demo:
    """A MemOS Cloud in this process and a project on it; gone without a trace when left.

    Attributes:
        home: a temporary folder.
        project: called ``demo``.
    """

    home: Home
    project: Project

    def __init__(self) -> None:
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        from memos_admin.backend.keys import check_key
        from memos_admin.backend.projects import Projects
        from memos_admin.emulator.thread import EmulatorThread

        with ExitStack() as stack:
            stack.enter_context(_ending_on_sigterm())
            folder = stack.enter_context(
                tempfile.TemporaryDirectory(prefix="memos-admin-demo-", ignore_cleanup_errors=True)
            )
            self.home = Home(Path(folder).resolve() / "home")
            emulator = stack.enter_context(EmulatorThread())
            self._root = emulator.root_url
            self._key = check_key(emulator.api_key, "The demo")
            unnamed = Projects(self.home).unnamed(emulator.base_url, self._key)
            self.project = replace(unnamed, name="demo")
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
        """Return the demo's project, opened anew; the caller closes it."""
        return Workspace(self.project, self.home, find_key=self._find_key, rate=RATE)

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

    async def fill_roster(self, workspace: Workspace) -> None:
        """Add everybody of the demo to the roster."""
        from memos_admin.backend import roster

        await roster.add_subjects(workspace, self.subjects(), known_from="demo")

    async def sync(self, workspace: Workspace) -> None:
        """Read everything."""
        from memos_admin.backend.sync import SyncScope, sync

        await sync(workspace, SyncScope())

    async def _find_key(self) -> FoundKey:
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


class _ending_on_sigterm:  # noqa: N801 - a context manager, used like a function
    """Turns SIGTERM into SystemExit, so that the temporary folder is removed."""

    def __enter__(self) -> None:
        self._before = None
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGTERM, self._end)

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            with suppress(ValueError):
                signal.signal(signal.SIGTERM, self._before)

    @staticmethod
    def _end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)
