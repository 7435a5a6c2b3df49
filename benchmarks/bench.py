"""What a section of the benchmarks runs with: stores, made once for each size, and how thorough."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.generate import PROJECT, Size, make_home
from memos_admin.backend.home import Home
from memos_admin.backend.projects import Project, Projects
from memos_admin.backend.upkeep.maintenance import check
from memos_admin.backend.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Store:
    """A home with one project, whose store is filled. Sections only read it."""

    size: Size
    home: Home

    @property
    def project(self) -> Project:
        """The one project."""
        return Projects(self.home).get(PROJECT)

    @property
    def path(self) -> Path:
        """The file of the store."""
        return self.project.store_dir / "store.db"

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment in which a program uses this store."""
        return clean_environment() | {"MEMOS_ADMIN_HOME": str(self.home.path)}

    def workspace(self) -> Workspace:
        """Return the project, opened."""
        return Workspace(self.project, self.home)


@dataclass(slots=True)
class Bench:
    """One run of the benchmarks.

    Attributes:
        folder: for what is written meanwhile.
        kept: where stores are looked for, and left for the next run; None: in `folder`.
    """

    folder: Path
    sizes: tuple[Size, ...]
    full: bool = False
    seed: int = 0
    kept: Path | None = None
    skipped: list[str] = field(default_factory=list)
    _stores: dict[Size, Store] = field(default_factory=dict)

    @property
    def stores(self) -> Iterator[Store]:
        """The stores of all sizes, smallest first."""
        for size in self.sizes:
            yield self.store(size)

    @property
    def largest(self) -> Store:
        """The store of the largest size."""
        return self.store(self.sizes[-1])

    def store(self, size: Size) -> Store:
        """Return the store of a size, made at the first call.

        Raises:
            RuntimeError: what was made breaks an invariant of the store.
        """
        if size not in self._stores:
            folder = (self.kept or self.folder) / f"home-{size.memories}-{self.seed}"
            if not folder.exists():
                self._make(size, folder)
            self._stores[size] = Store(size, Home(folder))
        return self._stores[size]

    def _make(self, size: Size, folder: Path) -> None:
        """Make a store; only one that satisfies the check comes to `folder`."""
        start = time.monotonic()
        self.say(f"making a store of {size.memories:,} memories, {size.messages:,} messages")
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        make_home(part, size, seed=self.seed)
        made = time.monotonic() - start
        if wrong := check(Store(size, Home(part)).workspace()):
            raise RuntimeError(f"the generated store is wrong: {wrong}")
        part.rename(folder)
        self.say(f"made in {made:.0f} s; it satisfies the check of the store")

    @contextlib.contextmanager
    def copy(self, store: Store, *, base_url: str | None = None) -> Iterator[Store]:
        """A copy of a store for a section that writes; it is gone afterwards.

        Args:
            store: which.
            base_url: the address of the copy's service.
        """
        folder = self.folder / "copy"
        shutil.rmtree(folder, ignore_errors=True)
        home = Home(folder)
        address = store.project.base_url if base_url is None else base_url
        project = Projects(home).add(PROJECT, base_url=address)
        home.create_project_dir(project.uuid)
        with contextlib.closing(sqlite3.connect(store.path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(store.path, project.store_dir / "store.db")
        try:
            yield Store(store.size, home)
        finally:
            shutil.rmtree(folder)

    @contextlib.contextmanager
    def empty(self, *, base_url: str) -> Iterator[Store]:
        """An empty home with a project at `base_url`; it is gone afterwards."""
        folder = self.folder / "empty"
        shutil.rmtree(folder, ignore_errors=True)
        Projects(Home(folder)).add(PROJECT, base_url=base_url)
        try:
            yield Store(Size(0), Home(folder))
        finally:
            shutil.rmtree(folder)

    def skip(self, why: str) -> None:
        """Note that something was not measured, and why."""
        self.skipped.append(why)
        self.say(f"skipped: {why}")

    @staticmethod
    def say(text: str) -> None:
        """Tell on stderr what is going on."""
        print(f"  {text}", file=sys.stderr, flush=True)


def clean_environment() -> dict[str, str]:
    """Return the environment without anything that changes what the program does.

    Python's own variables too: where one keeps it from writing bytecode, each start would compile our
    modules, but none of those that pip installed.
    """
    ours = {name for name in os.environ if name.startswith(("MEMOS_", "TEXTUAL", "PYTHON"))}
    changed = {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", *ours}
    kept = {name: value for name, value in os.environ.items() if name not in changed}
    return kept | {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LC_ALL": "C.UTF-8",
        "NO_PROXY": "*",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
