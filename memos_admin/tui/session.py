"""An opened project on the screen: its workspace, the thread that reads it, and its network work.

Everything that imports the client or SQLAlchemy is imported here, in a thread, at first use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from memos_admin.backend import screen_state
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.screen_state import ScreenState
from memos_admin.language import gettext as _
from memos_admin.tui.importing import imported
from memos_admin.tui.jobs.beginnings import Beginnings
from memos_admin.tui.jobs.judging import Judging
from memos_admin.tui.jobs.waiting import Waiting
from memos_admin.tui.journaling import Journaling
from memos_admin.tui.reader import Reader, in_thread
from memos_admin.tui.standing import Standing

if TYPE_CHECKING:
    from memos_admin.backend.changing.said import Said
    from memos_admin.backend.erasing.plan import Erased
    from memos_admin.backend.ids.from_file import Listed
    from memos_admin.backend.sync import SyncProgress, SyncReport
    from memos_admin.backend.workspace import Workspace
    from memos_admin.tui.remembering import Remembering


class Draft(NamedTuple):
    """What a person has made of a memory and not sent: title and text, and what MemOS said then."""

    texts: tuple[str | None, str]
    said: tuple[str | None, str]


class Session:
    """A workspace in use. What its methods raise is an error whose text is for a person."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        demo: bool = False,
        remembering: Remembering | None = None,
    ) -> None:
        self.workspace = workspace
        self.demo = demo
        self._remembering = None if demo else remembering
        self.reader = Reader(lambda: workspace.reads, workspace.open_reads)
        self.journaling = Journaling(workspace)
        self.judging = Judging(workspace)
        self.beginnings = Beginnings(workspace)
        workspace.on_unlooked = self.beginnings.look
        self.upgraded: Path | None = None  # what is left of the store as it was, until that is told
        workspace.on_upgraded = partial(setattr, self, "upgraded")
        self.waiting = Waiting(workspace)
        self.standing = Standing()
        self.locked = False  # its store waits for its key
        self.export_folder: Path | None = None  # where a person last exported to
        self.taken_away: set[SubjectRef] = set()  # by this program, which says so itself
        self.drafts: dict[str, Draft] = {}  # what was typed of memories, by their ids

    @property
    def name(self) -> str:
        """What the project is called on the screen; from outside, not gated."""
        if self.demo:
            return _("demo")
        return self.workspace.project.title

    @property
    def project_name(self) -> str:
        """What the project is called in files, in whatever language the screen is."""
        return self.workspace.project.title

    @property
    def unnamed(self) -> str:
        """The key and the host of a project that only the environment names, ``""`` for others."""
        named = self.demo or self.workspace.project.name is not None
        return "" if named else _("{name} at {host}").format(name=self.name, host=self.host)

    @property
    def project_options(self) -> list[str]:
        """The options of the command line that name this project."""
        if self.demo:
            return ["--demo"]
        name = self.workspace.project.name
        return [] if name is None else ["--project", name]

    @property
    def host(self) -> str:
        """The host of the service, or what stands for it."""
        if self.demo:
            return _("on this machine")
        return self.workspace.project.base_url.partition("://")[2].partition("/")[0]

    @property
    def proposes_private(self) -> bool:
        """Whether a file is proposed to be written into the folder of exports."""
        home, folder = self.workspace.home, self.export_folder
        return not home.throwaway and folder in (None, home.exports_dir)

    def propose_folder(self) -> Path:
        """Return where a file is proposed to be written: where a person last wrote one in this run.

        Before that as `Home.unnamed_dir` says; where there can be no such folder, where the program was started.
        Blocks.
        """
        from memos_admin.backend.errors import HomeError

        if self.export_folder is not None:
            return self.export_folder
        try:
            return self.workspace.home.unnamed_dir()
        except HomeError:
            return Path.cwd()

    async def open_subject(
        self, ref: SubjectRef, on_progress: Callable[[SyncProgress], None]
    ) -> SyncReport:
        """Fetch what changed of a user or agent: memories, then messages of what changed."""
        sync = await imported("memos_admin.backend.sync")
        report: SyncReport = await sync.open_subject(self.workspace, ref, on_progress=on_progress)
        return report

    async def open_conversation(
        self,
        ref: SubjectRef,
        conversation_id: str,
        on_progress: Callable[[SyncProgress], None],
    ) -> SyncReport:
        """Fetch the latest messages of a conversation."""
        sync = await imported("memos_admin.backend.sync")
        report: SyncReport = await sync.open_conversation(
            self.workspace, ref, conversation_id, on_progress=on_progress
        )
        return report

    async def sync(
        self,
        refs: tuple[SubjectRef, ...],
        on_progress: Callable[[SyncProgress], None],
        *,
        full: bool = False,
    ) -> SyncReport:
        """Sync these subjects, all where there is none. Cancel to stop; what arrived stays.

        With `full` everything is listed, which shows what is gone.
        """
        sync = await imported("memos_admin.backend.sync")
        scope = sync.SyncScope(subjects=refs, full=full)
        report: SyncReport = await sync.sync(self.workspace, scope, on_progress=on_progress)
        return report

    async def add_subjects(
        self, refs: list[SubjectRef], on_wait: Callable[[str], None], *, known_from: str = "hand"
    ) -> Any:
        """Put users or agents on the roster. Raises ValueError for what is no id.

        `on_wait` is told what is waited for; `known_from` is kept with them.
        """
        roster = await imported("memos_admin.backend.roster")
        self.taken_away.difference_update(refs)
        return await roster.add_subjects(
            self.workspace, refs, known_from=known_from, on_wait=on_wait
        )

    async def listed_in(self, path: str) -> Listed:
        """Return whom a file names. Raises ValueError where it is no list of ids, or OSError."""
        file_text = await imported("memos_admin.backend.ids.file_text")
        from_file = await imported("memos_admin.backend.ids.from_file")

        def read() -> Listed:
            with file_text.opened(str(Path(path).expanduser())) as file:
                found: Listed = from_file.read_subjects(file)
            return found

        return await in_thread(read)

    async def add_conversations(
        self, ref: SubjectRef, ids: list[str], on_wait: Callable[[str], None]
    ) -> Any:
        """Note conversations of a subject. Raises and tells as `add_subjects`."""
        roster = await imported("memos_admin.backend.roster")
        return await roster.add_conversations(self.workspace, ref, ids, on_wait=on_wait)

    async def remove(
        self, ref: SubjectRef, conversation_id: str | None, on_wait: Callable[[str], None]
    ) -> None:
        """Take a user or agent off the roster, or a conversation of it, with what is stored of it.

        Args:
            ref: whom.
            conversation_id: None: all of it.
            on_wait: is told, perhaps in another thread, what is waited for.
        """
        roster = await imported("memos_admin.backend.roster")
        if conversation_id is None:
            with self.takes_away(ref):
                await roster.remove_subject(self.workspace, ref, on_wait)
        else:
            await roster.remove_conversation(self.workspace, ref, conversation_id, on_wait)

    async def plan_erasure(self, ref: SubjectRef) -> list[str]:
        """Return what erasing a user or agent here would do, a line each. Raises as `forgetting.look`."""
        forgetting = await imported("memos_admin.backend.erasing.forgetting")
        wording = await imported("memos_admin.backend.subject_access.erasure_wording")
        plan = await in_thread(forgetting.look, self.workspace.home, self.workspace.project, ref)
        return ["".join(part.text for part in line).strip() for line in wording.here_lines(plan)]

    async def erase(self, ref: SubjectRef, on_wait: Callable[[str], None]) -> Erased:
        """Erase a user or agent here, in backups too; return what came of it."""
        forgetting = await imported("memos_admin.backend.erasing.forgetting")
        with self.takes_away(ref):
            done: Erased = await forgetting.forget(self.workspace, ref, on_wait)
        return done

    @contextmanager
    def takes_away(self, ref: SubjectRef) -> Iterator[None]:
        """Take a user or agent out of the store within it, unless another program has done that meanwhile."""
        from memos_admin.backend.absent import NotInRoster

        self.taken_away.add(ref)
        try:
            yield
        except NotInRoster:
            self.taken_away.discard(ref)
            raise

    async def open_writer(self) -> None:
        """Open what writes to the store, and import it off the event loop."""
        await imported("memos_admin.store.writer")
        await self.workspace.open_writer()

    async def ask_memory(self, memory_id: str) -> Said | None:
        """Return what MemOS says of a memory now; None: it has no such memory."""
        asking = await imported("memos_admin.backend.changing.said")
        said: Said | None = await asking.ask(await self.workspace.remote(), memory_id)
        return said

    async def left(self) -> ScreenState:
        """Return where the screen of this project was left; as at a first start in the demo."""
        if self._remembering is None:
            return ScreenState()
        return await in_thread(screen_state.load, self._state_path)

    def leave(self, state: ScreenState) -> None:
        """Remember where the screen is, soon and in another thread; the demo remembers nothing."""
        if self._remembering is not None:
            path, store = self._state_path, self.workspace.store_path
            self._remembering.keep(str(path), partial(screen_state.save_known, path, store, state))

    @property
    def _state_path(self) -> Path:
        return screen_state.screen_state_path(self.workspace.project.store_dir)

    def abandon(self) -> None:
        """End at once, whatever is running; waits for nothing."""
        self.reader.close()
        self.workspace.abandon()
