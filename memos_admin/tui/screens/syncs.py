"""The log of syncs: when, whom they were about, what they found, how they ended, latest first."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, cast

from textual.binding import Binding, BindingType

from memos_admin.backend.display import both_ends
from memos_admin.backend.history.changes import MOST_RUNS
from memos_admin.backend.ledger.words import OUTCOMES
from memos_admin.backend.model import Reads, SyncRun
from memos_admin.backend.upkeep.under_way import BROKEN_OFF, as_they_are
from memos_admin.language import N_, counted
from memos_admin.language import gettext as _
from memos_admin.tui.copies_command import COPY, CommandOf, CopiesCommand
from memos_admin.tui.jobs.running import summary
from memos_admin.tui.screens.follows_store import FollowsStore
from memos_admin.tui.screens.over_list import MOVES, ListByWords
from memos_admin.tui.session import Session
from memos_admin.tui.widgets.columns import Column
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.widgets.row_list import RowList
from memos_admin.tui.words import phrases
from memos_admin.tui.words.command_line import SYNCS

_NAMED_CELLS = 14
"""How much of an id names the first of several users."""


@dataclass(frozen=True)
class Syncs:
    """The latest syncs of the store at a path, as far as all words stand in what is told of them."""

    store: Path
    words: tuple[str, ...] = ()

    def keys(self, reads: Reads) -> array[int]:
        """Return the keys of the syncs."""
        return array("q", [run.pk for run in self._all(reads) if self._fits(run)])

    def _all(self, reads: Reads) -> list[SyncRun]:
        return as_they_are(self.store, reads.runs(MOST_RUNS))

    def _fits(self, run: SyncRun) -> bool:
        told = "\n".join([whose(run), read(run), found(run), ended(run), run.outcome]).casefold()
        return all(word in told for word in self.words)

    def rows(self, reads: Reads, keys: Sequence[int]) -> list[SyncRun]:
        """Return syncs."""
        found = {run.pk: run for run in self._all(reads)}
        return [found[key] for key in keys if key in found]


def whose(run: SyncRun) -> str:
    """Return whom a sync was about; ids are from outside and not gated."""
    return _("everyone") if run.scope == "all" else run.scope.removeprefix("user:")


def shortly_whose(run: SyncRun) -> str:
    """Return the same in few cells: of several the first, and how many more."""
    first, *others = run.scope.split(" ")
    if not others or others[0].startswith("conversation:"):
        return whose(run)
    name = both_ends(first.removeprefix("user:"), _NAMED_CELLS)
    return _("{name} and {count} more").format(name=name, count=phrases.count(len(others)))


def read(run: SyncRun) -> str:
    """Return what a sync read."""
    return _("everything") if run.mode == "full" else _("what changed")


_UNENDED = {"running": N_("running"), BROKEN_OFF: N_("broken off")}
"""The words for those without an end, of which the store does not know whether they run."""


def ended(run: SyncRun) -> str:
    """Return how a sync ended, or that it runs, or was killed."""
    return _(_UNENDED.get(run.outcome) or OUTCOMES.get(run.outcome, run.outcome))


def found(run: SyncRun) -> str:
    """Return what a sync found."""
    if run.outcome in _UNENDED:
        return ""
    kept = counted(run.kept or 0, "{count} conversation kept", "{count} conversations kept")
    told = summary(run), kept if run.kept else ""
    return _(", ").join(filter(None, told)) or _("nothing new")


COLUMNS: tuple[Column[SyncRun], ...] = (
    Column(
        N_("Began"),
        lambda run, now, _s: phrases.short_age(run.started_at, now),
        phrases.age_cells,
        right=True,
    ),
    Column(N_("Whose"), lambda run, _now, _s: shortly_whose(run), 26, is_id=True),
    Column(
        N_("Read"),
        lambda run, _now, _s: read(run),
        12,
        gives_way=2,
        style="dim",
    ),
    Column(N_("Found"), lambda run, _now, _s: found(run)),
    Column(
        N_("Requests"),
        lambda run, _now, _s: phrases.count(run.requests) if run.finished_at else "",
        8,
        right=True,
        gives_way=1,
        style="dim",
    ),
    Column(
        N_("Ended"),
        lambda run, _now, _s: ended(run),
        10,
        gives_way=3,
        style=lambda run: "dim" if run.outcome == "complete" else "warn",
    ),
)


class SyncsScreen(
    CopiesCommand, FollowsStore[SyncRun | None], ListByWords[SyncRun | None], inherit_bindings=False
):
    """Returns the sync whose changes a person wants to see; None where a person left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("l", "dismiss(None)", show=False),
        Binding("q,ctrl+q", "app.quit", show=False),
        Binding("enter", "enter", show=False),
        Binding("slash", "filter", show=False),
        Binding("r", "again", show=False),
        COPY,
        *MOVES,
    ]
    unreadable = N_("The syncs cannot be read: {error}")
    reads_in = "syncs"
    KEYS = (
        ("enter", N_("its changes"), "enter"),
        ("/", N_("filter"), "filter"),
        ("escape", N_("back"), "leave"),
    )

    def __init__(self, session: Session) -> None:
        """Take the project."""
        super().__init__()
        self._session = session
        self._list = RowList[SyncRun](COLUMNS, lambda run: run.pk, id="syncs", least=24)
        self._pane = Pane(
            _("Syncs"), self._list, id="syncs-pane", prompt=_("whose, what it found, how it ended")
        )

    def command(self) -> CommandOf:
        """Return the command for the list."""
        return CommandOf(SYNCS)

    async def _show(self) -> None:
        with self.reads() as whose:
            words = tuple(self._pane.filter.casefold().split())
            if not await self.list_rows(whose, Syncs(self._session.workspace.store_path, words)):
                return
            number = len(self._list)
            latest = _("the latest {count}").format(count=phrases.count(number))
            self._pane.set_count(latest if number == MOST_RUNS else phrases.count(number))
            nothing = _("No sync has these words.") if words else _("There was no sync yet.")
            self._pane.set_empty("" if number else nothing)

    def on_row_list_entered(self, event: RowList.Entered) -> None:
        """Return the sync."""
        self.dismiss(cast("SyncRun", event.row))
