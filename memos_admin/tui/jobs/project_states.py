"""What is known of the projects so far: the list at once, stores and keys as they are looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING
from uuid import UUID

from memos_admin.backend.environment import ENVIRONMENT
from memos_admin.backend.home import Home
from memos_admin.backend.projects.project import Project
from memos_admin.backend.projects.stored import Listing, StoreState, listing, look_at_store
from memos_admin.language import gettext as _
from memos_admin.tui.reader import in_thread
from memos_admin.tui.rows.projects import Kind, ProjectRow, Tested
from memos_admin.tui.session import Session

if TYPE_CHECKING:
    from memos_admin.backend.credentials import KeyState
    from memos_admin.backend.keys import KeyringError

KEYRING_SECONDS = 5.0
"""How long the keyring may take; one that does not answer is asked once."""

STORE_SECONDS = 5.0
"""After that a store that does not answer (a disk that hangs) is left alone."""

DEMO = 0
"""The key of the demo's row."""


class ProjectStates:
    """The projects of a home, with what was found out about each."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.listing = Listing((), None, None)
        self.tested: dict[UUID, Tested] = {}
        self._keys: dict[UUID, KeyState] = {}
        self._stores: dict[UUID, StoreState] = {}
        self._numbers: dict[UUID, int] = {}

    async def read(self) -> None:
        """Read which projects there are. Raises ConfigError, HomeError."""
        self.listing = await in_thread(listing, self._home, ENVIRONMENT)

    def rows(
        self, session: Session | None, given: Collection[UUID], *, demo: bool
    ) -> list[ProjectRow]:
        """Return a row each.

        Args:
            session: the project that is open.
            given: those whose key was given for this run.
            demo: the demo is among them.
        """
        opened = None if session is None or session.demo else session.workspace.project
        rows = [
            ProjectRow(
                self._numbers.setdefault(project.uuid, len(self._numbers) + 1),
                project,
                kind,
                open=opened is not None and opened.uuid == project.uuid,
                used=project.uuid == self.listing.used,
                given=project.uuid in given,
                key_state=self._keys.get(project.uuid),
                store=self._stores.get(project.uuid),
                tested=self.tested.get(project.uuid),
            )
            for project, kind in self._all(opened)
        ]
        if session is not None and session.demo:
            project = session.workspace.project
            store, tested = self._stores.get(project.uuid), self.tested.get(project.uuid)
            rows.append(ProjectRow(DEMO, project, "demo", open=True, store=store, tested=tested))
        elif demo:
            rows.append(ProjectRow(DEMO, None, "demo"))
        return rows

    def _all(self, opened: Project | None) -> list[tuple[Project, Kind]]:
        found: list[tuple[Project, Kind]] = [(project, "named") for project in self.listing.named]
        if self.listing.environment is not None:
            found.append((self.listing.environment, "environment"))
        if opened is not None and all(opened.uuid != project.uuid for project, _ in found):
            found.append((opened, "gone"))
        return found

    async def look_at_stores(self, session: Session | None, changed: Callable[[], None]) -> None:
        """Look at each project's store, and say so after each."""
        for row in self.rows(session, (), demo=False):
            if row.project is not None:
                self._stores[row.project.uuid] = await _look(row.project)
                changed()

    async def look_for_keys(self, changed: Callable[[], None]) -> None:
        """Look for each project's key, and say so after each."""
        unusable: KeyringError | None = None
        for project, _kind in self._all(None):
            state = await in_thread(_key_state, project, unusable)
            self._keys[project.uuid] = state
            unusable = state.unusable or unusable
            changed()


async def _look(project: Project) -> StoreState:
    try:
        async with asyncio.timeout(STORE_SECONDS):
            return await in_thread(look_at_store, project)
    except TimeoutError:
        told = _("{path} did not answer in {seconds} s. Look at its disk.").format(
            path=project.store_dir, seconds=f"{STORE_SECONDS:g}"
        )
        return StoreState(project.store_dir / "store.db", 0, "unreadable", told)


def _key_state(project: Project, unusable: KeyringError | None) -> KeyState:
    from memos_admin.backend.credentials import OsKeyring, key_state

    keyring = OsKeyring(KEYRING_SECONDS)
    return key_state(project, ENVIRONMENT, keyring=keyring, unusable=unusable)
