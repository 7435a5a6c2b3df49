"""What a command runs in: its streams, its project, its workspace, and the demo's if asked for."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

from memos_admin.backend import command_words, occasion
from memos_admin.cli.asking import Person
from memos_admin.cli.masking import Masking
from memos_admin.cli.output import Output

if TYPE_CHECKING:
    from memos_admin.backend.credentials import FoundKey
    from memos_admin.backend.home import Home
    from memos_admin.backend.journal import Action
    from memos_admin.backend.model import Kind
    from memos_admin.backend.projects import Project, Projects
    from memos_admin.backend.workspace import Workspace
    from memos_admin.cli.demo import Demo

T = TypeVar("T")

_SEALING = {"cli": 3.0, "tui": 0.3}
"""Seconds that the end waits for the keyring, where it may be asked at all."""


class Options(NamedTuple):
    """The global options."""

    project: str | None = None
    verbose: bool = False
    demo: bool = False
    reason: str | None = None
    ticket: str | None = None
    mask: bool | None = None


class Context:
    """The surroundings of one command; a context manager that closes what was opened."""

    def __init__(self, out: Output, options: Options, env: Mapping[str, str]) -> None:
        self.out = out
        self.options = options
        self.env = env
        self.person = Person(out)
        self._masking = Masking(out)
        self._closing = ExitStack()
        self._demo: Demo | None = None
        self._demo_folder: Path | None = None
        self._workspace: Workspace | None = None
        self._project: Project | None = None
        self._key: FoundKey | None = None
        self._told_new = self._fixed = False
        self._sealing = 0.0
        self._is_command = False
        self._place = command_words.Place()
        self._told = set[str]()

    def __enter__(self) -> Self:
        self._closing.enter_context(command_words.told_for(self._place))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Before the demo's folder is gone.
        self._close_journals()
        if self._fixed:
            self._tell_fixed(error)
        self._closing.__exit__(kind, error, trace)

    def begin(self, via: str, *, seals: bool) -> None:
        """Say what is to be journaled of all that follows: by which interface, and why.

        Args:
            via: ``cli`` or ``tui``.
            seals: the keyring may be asked for that, which lists have no time for.
        """
        self._sealing = _SEALING[via]
        self._is_command = via == "cli"  # the interface goes from one project to another
        options = self.options
        occasion.begin(via, self.env, reason=options.reason, ticket=options.ticket, seals=seals)
        present = occasion.present()
        for name, text in (("reason", present.reason), ("ticket", present.ticket)):
            if text is not None and len(text) > occasion.LONGEST:
                self.out.note(
                    f"The {name} has {len(text):,} characters; the journal keeps the first "
                    f"{occasion.LONGEST - 1:,}."
                )

    def viewed(
        self,
        what: str,
        counts: Mapping[str, int] | None = None,
        *,
        details: Mapping[str, Any] | None = None,
        **about: Any,
    ) -> None:
        """Journal what is about to be shown of the project."""
        self.record("view", counts=counts or {}, details={"what": what, **(details or {})}, **about)

    def note_once(self, text: str) -> None:
        """Tell something that several parts of a command may have to tell."""
        if text not in self._told:
            self._told.add(text)
            self.out.note(text)

    def record(self, action: Action, **about: Any) -> None:
        """Journal something about the project; `about` as `memos_admin.backend.journal.Event`."""
        from memos_admin.backend import journal

        if self.out.mask is not None and self._workspace is not None:
            self.out.mask.meet_all(self._workspace.reads)
        if self._masking.is_lifted:
            about["details"] = {**about.get("details", {}), "unmasked": True}
        event = journal.Event(action, self.project(), **about)
        journal.of(self.home).record(event)

    def _close_journals(self) -> None:
        """Write what is left for the journal; tell what could not be written."""
        if "memos_admin.backend.journal" in sys.modules:
            from memos_admin.backend import journal

            for text in journal.close_all(sealing=self._sealing):
                self.out.note(text)
        occasion.end()

    def prepare(self, *, needs_data: bool, whom: Mapping[Kind, Iterable[str]]) -> None:
        """Do what ``--verbose``, ``--mask`` and ``--demo`` ask for before a command.

        Args:
            whom: the users and agents that it is about, of whom the store may have nothing.
            needs_data: the command reads, so the demo is read into its store first.
        """
        if self.options.verbose:
            from memos_admin.cli.requests import telling_requests

            self._closing.enter_context(telling_requests(self.out))
        self._masking.begin(self.options.mask, lambda: self.home)
        self._closing.callback(self._masking.end)
        for kind, ids in whom.items():
            self._masking.meet(kind, ids)
        if not self.options.demo:
            return
        demo = self.demo()
        self.run(lambda _workspace: demo.fill_roster())
        if needs_data:
            self.out.note("Reading the demo project …")
            self.run(demo.sync)

    def demo(self) -> Demo:
        """Return the embedded demo, started at the first call and gone when the command ends."""
        if self._demo is None:
            from memos_admin.backend.projects import environment
            from memos_admin.cli.demo import Demo

            demo = Demo(self._demo_folder, allow_writes=environment.allows_writes(self.env))
            self._demo = self._closing.enter_context(demo)
        return self._demo

    def reserve_demo_folder(self) -> None:
        """Make the demo's folder now, in the main thread, so that `demo` may come from another."""
        from memos_admin.cli.throwaway import throw_away_folder

        self._demo_folder = self._closing.enter_context(throw_away_folder())

    @property
    def home(self) -> Home:
        """Where projects live: the environment's, or the demo's throw-away folder."""
        from memos_admin.backend.home import Home

        return self.demo().home if self.options.demo else Home.from_environment(self.env)

    def home_of_interface(self) -> Home:
        """Return the environment's home: the interface opens the demo later, if at all."""
        from memos_admin.backend.home import Home

        return Home.from_environment(self.env)

    @property
    def projects(self) -> Projects:
        """The projects of the home."""
        from memos_admin.backend.projects import Projects

        return Projects(self.home)

    def project(self, *, tell: bool = True) -> Project:
        """Return the project that the command is about.

        Args:
            tell: say at the first call if it was the environment's key that chose it.
        """
        if self._project is None:
            if self.options.demo:
                self._project = self.demo().project
            else:
                self._project = self.projects.resolve(self.options.project, self.env)
                if tell:
                    self._tell_chosen_by_key(self._project)
            self._stand()
        return self._project

    def _stand(self) -> None:
        """Have the commands that are told name the project, unless they are certain to be of it without that."""
        project = self._project
        if not self._is_command or project is None:
            return
        if self.options.demo:
            self._place.options = "--demo"
            return
        if project.name is None:
            self._place.options = ""
            return
        certain = self.options.project is None and not self.env.get("MEMOS_API_KEY", "").strip()
        is_used = certain and project == self.projects.used()
        self._place.options = "" if is_used else command_words.option("project", project.name)

    def _tell_chosen_by_key(self, project: Project) -> None:
        """Tell that the environment's key chose a named project, where it went before another."""
        given = self.env.get("MEMOS_API_KEY", "").strip()
        if not given or self.options.project is not None or project.name is None:
            return
        used = self.projects.used()
        if self.options.verbose or (used is not None and used != project):
            self.out.note(f"MEMOS_API_KEY is the key of {project.name}.")

    def _tell_new(self, project: Project) -> None:
        """Tell once that the environment's project is one of which nothing is stored."""
        if project.name is not None or self.options.demo or self._told_new:
            return
        self._told_new = True
        from memos_admin.backend.projects.stored import new_here

        if note := new_here(project):
            self.out.note(note)

    def choose(self, name: str) -> Project:
        """Make the project called `name` the one that the command is about. Raises UnknownProject."""
        self._project, self._key = self.projects.get(name), None
        self._stand()
        return self._project

    def take(self, project: Project) -> None:
        """Make the command one about `project`, which was found elsewhere."""
        self._project = project
        self._stand()

    def choose_key(self, project: Project, key: FoundKey) -> None:
        """Make the command one about `project`, with a key that is known already."""
        self._project, self._key = project, key
        self._stand()

    def env_of_doctor(self) -> Mapping[str, str]:
        """Return the environment, or one that means the demo."""
        return self.demo().environment(self.env) if self.options.demo else self.env

    def workspace(self) -> Workspace:
        """Return the opened project for reads in this thread; the same one at every call."""
        if self._workspace is None:
            self._tell_new(self.project())
            self._workspace = self.new_workspace()
            self._closing.callback(self._workspace.close_store)
        return self._workspace

    def new_workspace(self, *, rate: float | None = None, ask: bool = True) -> Workspace:
        """Return the project, opened anew; the caller closes it.

        Args:
            rate: requests a second; the usual ones where None.
            ask: a person may be asked for the key; not while the interface has the terminal.

        Raises:
            ConfigError: what the configuration says of the journal cannot be: nobody's data is read unjournaled
                because of a slip of the pen.
        """
        if self.options.demo:
            workspace = self.demo().workspace()
            workspace.on_opened = self._masking.meet_all
            return workspace
        from memos_admin.backend import journal
        from memos_admin.backend.workspace import Workspace

        journal.of(self.home).settings()
        project = self.project(tell=ask)
        workspace = Workspace(project, self.home, find_key=self._find_key if ask else None)
        workspace.on_opened = self._masking.meet_all
        if ask and self.person.is_there:
            workspace.ask_store_key = partial(
                self.person.ask_store_key, "Passphrase or recovery key", project.title
            )
        workspace.on_fixed = self._found_fixed
        if ask:  # the interface tells that itself
            workspace.on_upgraded = self._tell_upgraded
        workspace.on_busy = partial(
            self.note_once,
            "Another program has the store locked; waiting for it, for some seconds …",
        )
        if ask:  # the interface does that behind what it shows
            workspace.on_unlooked = partial(self._look_at_beginnings, workspace)
        if rate is not None:
            workspace.rate = rate
        return workspace

    def _look_at_beginnings(self, workspace: Workspace) -> None:
        from memos_admin.cli.long_reads import look_at_beginnings

        look_at_beginnings(self.out, workspace)

    def _tell_upgraded(self, copy: Path) -> None:
        from memos_admin.backend.upkeep import upgraded

        self.note_once(f"{upgraded.done()} {upgraded.left(copy)}")

    def _found_fixed(self) -> None:
        self._fixed = True

    def _tell_fixed(self, error: BaseException | None) -> None:
        """Tell that the store is where nothing can be written, unless that was to be done, and failed."""
        from memos_admin.backend.errors import StoreError
        from memos_admin.backend.home import HomeError

        if not isinstance(error, StoreError | HomeError):
            self.out.note(
                "Nothing can be written beside the store (it or its folder may not be, or the disk or your quota "
                "of it is full): it was read as it is there, and nothing was noted in it."
            )

    def key(self) -> FoundKey:
        """Return the project's key, found at the first call; asks a person where nobody else knows.

        Raises:
            CredentialsError: there is none, or not one that this project knows.
        """
        if self._key is None:
            from memos_admin.backend import credentials

            project = self.project()
            prompt = partial(self.person.ask_key, project.title, project.base_url)
            self._key = credentials.find_key(
                project, self.env, prompt if self.person.is_there else None
            )
        return self._key

    def run(
        self,
        action: Callable[[Workspace], Awaitable[T]],
        *,
        online: bool = False,
        store: bool = True,
        rate: float | None = None,
    ) -> T:
        """Run something asynchronous in a workspace of its own and return its result.

        Ctrl+C cancels it, closes the workspace (what was committed stays) and raises
        KeyboardInterrupt.

        Args:
            action: is given the workspace.
            online: it will ask the service: the key is found first, where a person can be asked.
            store: it will use the store: that is unlocked first, where it is encrypted.
            rate: requests a second.
        """
        import asyncio

        if store and not self.options.demo:
            self.new_workspace().unlock()
        if online and not self.options.demo:
            self.key()
            self._tell_new(self.project())

        async def whole() -> T:
            workspace = self.new_workspace(rate=rate)
            try:
                return await action(workspace)
            finally:
                await workspace.close()

        return asyncio.run(whole())

    async def _find_key(self) -> FoundKey:
        # `run` has found it before the event loop began: nothing waits here.
        return self.key()
