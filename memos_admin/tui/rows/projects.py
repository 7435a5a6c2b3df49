"""What the list of projects says: a row each, and everything of one in words. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from memos_admin.backend.changing.permission import read_only
from memos_admin.backend.credentials.keyring_entry import without_other_ways
from memos_admin.backend.keys import (
    BadKey,
    ForeignKey,
    KeyBoundElsewhere,
    KeyInAddress,
    KeyringLocked,
    KeyringTimeout,
)
from memos_admin.backend.model import Reads, SyncRun
from memos_admin.backend.projects import BadAddress
from memos_admin.backend.projects.project import Project
from memos_admin.backend.projects.stored import StoreState
from memos_admin.language import N_, sentences
from memos_admin.language import gettext as _
from memos_admin.tui.widgets.columns import Column
from memos_admin.tui.words import phrases

if TYPE_CHECKING:
    from memos_admin.backend.credentials import KeyState

Kind = Literal["named", "environment", "demo", "gone"]

LOOKING = "…"
"""Stands for what is not known yet."""

_REGIONS = {"cn": N_("China"), "global": N_("Global")}
_SOURCES = {
    "keyring": N_("in the keyring of this system"),
    "environment": N_("from MEMOS_API_KEY, in the environment"),
    "key_command": N_("from its key_command, which is run when the key is needed"),
}
_CONDITIONS = {
    "none": N_("none yet"),
    "newer": N_("too new"),
    "damaged": N_("damaged"),
    "unreadable": N_("unreadable"),
}
_OUTCOMES = {
    "complete": N_("synced {age}"),
    "running": N_("synced {age}, not ended"),
    "partial": N_("synced {age}, in part"),
    "stopped": N_("synced {age}, stopped by an error"),
    "cancelled": N_("synced {age}, cancelled"),
    "failed": N_("synced {age}, failed"),
}
_KEY_WORDS = {"keyring": N_("keyring"), "environment": N_("environment")}
_NO_KEYS: tuple[tuple[type[Exception], str], ...] = (
    (KeyringLocked, N_("keyring locked")),
    (KeyringTimeout, N_("keyring silent")),
    (ForeignKey, N_("another's key")),
    (KeyBoundElsewhere, N_("other address")),
    (KeyInAddress, N_("key in address")),
    (BadKey, N_("no valid key")),
    (BadAddress, N_("no address")),
)


@dataclass(frozen=True)
class Tested:
    """What a test of address and key said, and when."""

    text: str
    at: int
    failed: bool = False


@dataclass(frozen=True)
class ProjectRow:
    """A project, with as much as is known of it by now.

    Attributes:
        project: None: the demo, before it is opened.
        kind: ``gone``: it is open here, and no project of the configuration any more.
        used: it is the one that `projects use` chose.
        given: its key was given for this run.
        key_state, store: None: not known yet.
        tested: None: it was not.
    """

    key: int
    project: Project | None
    kind: Kind = "named"
    open: bool = False
    used: bool = False
    given: bool = False
    key_state: KeyState | None = None
    store: StoreState | None = None
    tested: Tested | None = None

    @property
    def name(self) -> str:
        """What it is called; from outside."""
        return _("demo") if self.kind == "demo" or self.project is None else self.project.title

    @property
    def state(self) -> str:
        """Whether it is open, and the default."""
        words = (_("open"), self.open), (_("default"), self.used)
        return _(", ").join(word for word, holds in words if holds)

    @property
    def address(self) -> str:
        """The region's name, or the host."""
        if self.kind == "demo" or self.project is None:
            return _("on this machine")
        region = self.project.region
        return _(_REGIONS[region]) if region is not None else _host(self.project)

    @property
    def key_word(self) -> str:
        """Where its key would come from, or why from nowhere, in a word or two."""
        if self.kind == "demo":
            return _("its own")
        if self.given:
            return _("this run")
        if self.key_state is None:
            return LOOKING
        if self.key_state.source is not None:
            return _(_KEY_WORDS.get(self.key_state.source, self.key_state.source))
        error = self.key_state.error
        return next(
            (_(word) for kind, word in _NO_KEYS if isinstance(error, kind)), _("none known")
        )

    @property
    def store_word(self) -> str:
        """How large the store is, or why it cannot be read."""
        if self.project is None:
            return ""
        if self.store is None:
            return LOOKING
        condition = _CONDITIONS.get(self.store.condition)
        return _(condition) if condition else byte_size(self.store.size)

    @property
    def encrypted(self) -> str:
        """Whether its files are encrypted, ``""`` where there is no store to be."""
        if self.project is None:
            return ""
        if self.store is None:
            return LOOKING
        return _("yes") if self.store.encrypted else _("no")

    @property
    def broken(self) -> bool:
        """Whether its store cannot be read."""
        return self.store is not None and not self.store.usable

    def count(self, what: str) -> str:
        """Return how many ``users`` or ``memories`` it holds, ``""`` where that is not known."""
        totals = None if self.store is None else self.store.totals
        if totals is None:
            return ""
        users, memories = totals.users + totals.agents, totals.memories
        return phrases.count(users if what == "users" else memories)


@dataclass
class ProjectRows:
    """The rows in memory; equal to all others, so that the cursor stays where it is."""

    found: Sequence[ProjectRow] = field(compare=False)

    def keys(self, _reads: Reads) -> array[int]:
        """Return the keys."""
        return array("q", (row.key for row in self.found))

    def rows(self, _reads: Reads, keys: Sequence[int]) -> list[ProjectRow]:
        """Return the rows of these keys."""
        by_key = {row.key: row for row in self.found}
        return [by_key[key] for key in keys]


COLUMNS: tuple[Column[ProjectRow], ...] = (
    Column(N_("Name"), lambda row, _now, _s: row.name, style="strong"),
    Column("", lambda row, _now, _s: row.state, 13, style="accent"),
    Column(N_("Where"), lambda row, _now, _s: row.address, 22, gives_way=2, style="dim"),
    Column(
        N_("Key"),
        lambda row, _now, _s: row.key_word,
        14,
        style=lambda row: "warn" if row.key_state is not None and not row.key_state.source else "",
    ),
    Column(N_("Users"), lambda row, _now, _s: row.count("users"), 6, right=True, gives_way=4),
    Column(N_("Memories"), lambda row, _now, _s: row.count("memories"), 8, right=True, gives_way=3),
    Column(N_("Synced"), lambda row, now, _s: _age(row, now), phrases.age_cells, right=True),
    Column(
        N_("Store"),
        lambda row, _now, _s: row.store_word,
        10,
        right=True,
        style=lambda row: "warn" if row.broken else "",
    ),
    Column(N_("Encrypted"), lambda row, _now, _s: row.encrypted, 9, gives_way=1, style="dim"),
)


def facts(row: ProjectRow, now: int) -> list[tuple[str, str]]:
    """Return everything of a project as (label, text), texts from outside among them."""
    project = row.project
    if project is None:
        return [
            (_("Demo"), _("A MemOS Cloud inside this program; it is gone when the program ends."))
        ]
    region = "" if project.region is None else f" ({_(_REGIONS[project.region])})"
    found = [(_("Address"), f"{project.base_url}{region}"), (_("Key"), _key(row, project))]
    tested = _("not tested; t tests it")
    if row.tested is not None:
        text, age = row.tested.text, phrases.ago(row.tested.at, now)
        tested = _("{text} ({age})").format(text=text, age=age)
    found += [
        (_("Connection"), tested),
        (_("Holds"), _holds(row.store, now)),
        (_("Store"), _store(row)),
    ]
    if row.kind in {"named", "environment"}:
        found.append((_("In MemOS"), _changes(project, named=row.kind == "named")))
    if row.kind == "named":
        used = _("yes: memos-admin opens it where nothing else is said")
        found.append((_("Default"), used if row.used else _("no; u makes it the default")))
    elif row.kind == "environment":
        found.append((_("Default"), _("MEMOS_API_KEY goes before the default while it is set")))
    elif row.kind == "gone":
        found.append((_("Default"), _("it is no longer among the projects of config.toml")))
    return found


def _changes(project: Project, *, named: bool) -> str:
    if project.allow_writes:
        return _("memories and users may be changed and deleted from here")
    return read_only(project, named=named)


def byte_size(number: int) -> str:
    """Return ``512 B``, ``12 kB``, ``3.2 MB``, ``1.4 GB``."""
    if number < 1000:
        return f"{number} B"
    for unit, power in (("kB", 1e3), ("MB", 1e6)):
        if number < power * 1000:
            return f"{number / power:.{0 if unit == 'kB' else 1}f} {unit}"
    return f"{number / 1e9:,.1f} GB"


def _host(project: Project) -> str:
    return project.base_url.partition("://")[2].partition("/")[0]


def _age(row: ProjectRow, now: int) -> str:
    run = None if row.store is None else row.store.last_run
    return "" if run is None else phrases.short_age(run.finished_at or run.started_at, now)


def _key(row: ProjectRow, project: Project) -> str:
    if row.kind == "demo":
        return _("its own")
    if row.given:
        return _with_fingerprint(_("given for this run, and kept nowhere"), project)
    state = row.key_state
    if state is None:
        return _("being looked for …")
    if state.source is not None:
        return _with_fingerprint(_(_SOURCES[state.source]), project)
    if state.error is None:
        return _("none known here; k takes one")
    return sentences(_("none to be used."), without_other_ways(state.error))


def _with_fingerprint(text: str, project: Project) -> str:
    if not project.fingerprints:
        return text
    told = _("{text}, fingerprint {fingerprint}")
    return told.format(text=text, fingerprint=project.fingerprints[-1])


def _holds(store: StoreState | None, now: int) -> str:
    if store is None:
        return _("being counted …")
    if store.problem:
        return store.problem
    if store.condition in {"none", "empty"}:
        return _("nothing yet; the first sync makes its store")
    if store.condition == "locked":
        return _("it is encrypted, and looked into when the project is opened")
    if store.condition == "older":
        return _("an older version's store; it is brought up to date when it is opened")
    held, synced = store.holds or _("too much to count quickly"), _synced(store.last_run, now)
    return _("{holds}; {synced}").format(holds=held, synced=synced)


def _synced(run: SyncRun | None, now: int) -> str:
    if run is None:
        return _("never synced")
    age = phrases.ago(run.finished_at or run.started_at, now)
    return _(_OUTCOMES.get(run.outcome, _OUTCOMES["complete"])).format(age=age)


def _store(row: ProjectRow) -> str:
    if row.store is None:
        return LOOKING
    if row.store.condition == "none":
        return _("none yet, in {path}").format(path=row.store.path.parent)
    text = _("{size}, not encrypted, in {path}")
    if row.store.encrypted:
        text = _("{size}, encrypted, in {path}")
    return text.format(size=byte_size(row.store.size), path=row.store.path.parent)
