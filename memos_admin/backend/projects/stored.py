"""The projects beside each other: which there are, and what is stored of each.

Looking at a store that is not open here creates, upgrades and locks nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal
from uuid import UUID

from memos_admin.backend.home import Home
from memos_admin.backend.keys import BadKey
from memos_admin.backend.model import SyncRun, Totals
from memos_admin.backend.projects import BadAddress, Projects
from memos_admin.backend.projects.project import Project, unnamed_title
from memos_admin.language import counted
from memos_admin.language import gettext as _

SECONDS = 2.0
"""How long counting what a store holds may take."""

_EMPTY_BYTES = 2_000_000
"""An empty store has fewer bytes, its log included; what a larger one holds is not counted."""

Condition = Literal["fine", "none", "empty", "older", "locked", "newer", "damaged", "unreadable"]


@dataclass(frozen=True, slots=True)
class Listing:
    """The projects that there are.

    Attributes:
        named: by name.
        used: of the one that `projects use` chose; it may be no project's any more.
        environment: the unnamed project that ``MEMOS_API_KEY`` makes; None: it makes none.
        problem: why the environment makes none though it should, else ``""``.
    """

    named: tuple[Project, ...]
    used: UUID | None
    environment: Project | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A folder of a project that the configuration does not have: one that ``MEMOS_API_KEY`` made.

    Attributes:
        base_url, fingerprint: of its service and key; None where nothing says which.
    """

    uuid: UUID
    store_dir: Path
    base_url: str | None
    fingerprint: str | None

    @property
    def title(self) -> str:
        """What stands for its name."""
        return unnamed_title(self.fingerprint)


@dataclass(frozen=True, slots=True)
class StoreState:
    """What is stored of a project.

    Attributes:
        path: of the store; there may be none.
        size: its bytes.
        condition: ``older`` and ``empty`` ones are brought up to date when they are opened,
            ``locked`` ones are encrypted and unlocked then.
        problem: why it cannot be read, and what to do; ``""``: it can.
        totals: None where they are not known.
        versions: earlier versions of memories and messages.
        last_run: the latest sync.
        encrypted: its files are.
    """

    path: Path
    size: int
    condition: Condition
    problem: str = ""
    totals: Totals | None = None
    versions: int = 0
    last_run: SyncRun | None = None
    encrypted: bool = False

    @property
    def usable(self) -> bool:
        """Whether the project can be opened."""
        return self.condition in {"fine", "none", "empty", "older", "locked"}

    @property
    def holds(self) -> str:
        """What it holds, in words: ``2 users, 41 conversations, …``; ``""``: not known."""
        return "" if self.totals is None else _held(self.totals, self.versions)


def listing(home: Home, env: Mapping[str, str]) -> Listing:
    """Return the projects of a home and of the environment. Creates nothing.

    Raises:
        ConfigError: the configuration is faulty.
        HomeError: it cannot be read.
    """
    projects = Projects(home)
    named, used = projects.list(), projects.used()
    environment, problem = None, ""
    try:
        environment = projects.of_environment(env)
    except (BadKey, BadAddress) as error:
        problem = str(error)
    return Listing(named, None if used is None else used.uuid, environment, problem)


def unnamed(home: Home, known: Listing) -> tuple[Unnamed, ...]:
    """Return the folders of projects without a name that are here. Blocks for a moment.

    Raises:
        HomeError: the folder of all projects cannot be read.
    """
    from memos_admin.store import glance
    from memos_admin.store.records import ADDRESS, FINGERPRINT

    found = []
    of_key = known.environment
    for uuid in home.project_uuids():
        if any(project.uuid == uuid for project in known.named):
            continue
        folder = home.project_dir(uuid)
        said = glance.settings(folder / "store.db")
        address, fingerprint = said.get(ADDRESS), said.get(FINGERPRINT)
        if of_key is not None and of_key.uuid == uuid:
            address, fingerprint = of_key.base_url, of_key.fingerprints[0]
        found.append(Unnamed(uuid, folder, address, fingerprint))
    return tuple(found)


def is_encrypted(folder: Path) -> bool:
    """Return whether the files in a project's folder are encrypted."""
    from memos_admin.store import cipher

    return cipher.is_declared(folder)


def look_at_store(project: Project, seconds: float = SECONDS) -> StoreState:
    """Return what is stored of a project; blocks for about `seconds` at most, and never raises.

    Nobody is asked for the key of an encrypted store: it is looked into where it is unlocked.
    """
    from memos_admin.store import glance
    from memos_admin.store.errors import StoreError, StoreLocked

    path = project.store_dir / "store.db"
    state = partial(StoreState, path, encrypted=is_encrypted(project.store_dir))
    size = 0
    try:
        size = glance.size(path)
        found = glance.glance(path, seconds)
    except FileNotFoundError:
        return state(0, "none")
    except StoreLocked:
        return state(size, "locked")
    except StoreError as error:
        return state(size, _condition(error), str(error))
    except OSError as error:
        told = _("{path}: {problem}. Check the permissions of its folder.").format(
            path=path, problem=error.strerror
        )
        return state(size, "unreadable", told)
    if not found.schema:
        return state(size, "empty")
    condition: Condition = "fine" if found.schema == found.current else "older"
    return state(
        size,
        condition,
        totals=found.totals,
        versions=found.versions,
        last_run=found.last_run,
    )


def new_here(project: Project) -> str:
    """Return a sentence about the environment's project where nothing is stored of it, else ``""``.

    A mistyped key makes a project of its own, which has nothing to show. Blocks for a moment.
    """
    if project.name is not None:
        return ""
    state = look_at_store(project) if _is_small(project) else None
    totals = None if state is None else state.totals
    empty = totals is not None and not (totals.users or totals.agents or totals.memories)
    if not empty and (state is None or state.condition not in {"none", "empty"}):
        return ""
    host = project.origin.partition("://")[2]
    return _(
        "This is the project of MEMOS_API_KEY ({project} at {address}); nothing is stored for it."
    ).format(project=project.title, address=host)


def _is_small(project: Project) -> bool:
    from memos_admin.store import glance

    try:
        return glance.size(project.store_dir / "store.db") < _EMPTY_BYTES
    except OSError:
        return False


def _condition(error: Exception) -> Condition:
    from memos_admin.store.errors import StoreBroken, StoreTooNew

    if isinstance(error, StoreTooNew):
        return "newer"
    return "damaged" if isinstance(error, StoreBroken) else "unreadable"


def _held(totals: Totals, versions: int) -> str:
    memories, gone = totals.memories + totals.vanished, totals.vanished
    held = counted(memories, "{count} memory", "{count} memories")
    if gone:
        text = _("{memories} ({count} of them gone from MemOS)")
        held = text.format(memories=held, count=f"{gone:,}")
    parts = [
        counted(totals.users, "{count} user", "{count} users"),
        counted(totals.agents, "{count} agent", "{count} agents") if totals.agents else "",
        counted(totals.conversations, "{count} conversation", "{count} conversations"),
        counted(totals.messages, "{count} message", "{count} messages"),
        held,
        counted(versions, "{count} earlier version", "{count} earlier versions")
        if versions
        else "",
    ]
    *before, last = filter(None, parts)
    return _("{parts} and {last}").format(parts=_(", ").join(before), last=last)
