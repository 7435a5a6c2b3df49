"""Filters that a person saved under a name, for one project: a table of ``config.toml``.

::

    [projects.0d5ba0a3-….filters]
    "travel, unsure" = "tag:travel inferred:yes"

They name neither users nor conversations: they are for anybody's memories, and nobody's id is to stay
in the configuration when that person is erased.
"""

from __future__ import annotations

import contextlib
import shlex
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from memos_admin.backend import config
from memos_admin.backend.filter_language import (
    FilterError,
    Language,
    parse,
    parse_verdicts,
    refused,
    span_of,
)
from memos_admin.backend.home import Home
from memos_admin.backend.keys import KeyGiven, holds_key, refuse_key
from memos_admin.backend.model import Filter
from memos_admin.backend.projects.project import Project, ProjectError, comparable, read_projects
from memos_admin.language import N_, sentences
from memos_admin.language import gettext as _

if TYPE_CHECKING:
    from memos_admin.backend.verdicts.verdict_filter import VerdictFilter

F = TypeVar("F", bound=Filter)

LONGEST_NAME = 64
MOST = 200
"""Saved filters of a project."""


class BadFilterName(ProjectError):
    """A text that no saved filter can be called, or another one is."""


class UnknownFilter(ProjectError):
    """No saved filter has that name."""


class BadFilter(ProjectError):
    """A text that is no filter, or one that cannot be saved."""


class SavedFilter(NamedTuple):
    """A filter with its name; `typed` is in the language of filters, or was when it was saved."""

    name: str
    typed: str

    @property
    def problem(self) -> str:
        """Why it cannot be used, in a sentence: the language has changed since, or it was edited; ``""``: it can."""
        try:
            self.verdict_filter(None)
        except BadFilter as error:
            return str(error)
        return ""

    def filter(self, zone: tzinfo | None) -> Filter:
        """Return it; days are those of `zone`, None: of this machine.

        Raises:
            BadFilter: it is none, names a user or a conversation, or narrows verdicts.
        """
        return _anybodys(_parsed(parse, self.typed, zone, {}))

    def verdict_filter(self, zone: tzinfo | None) -> VerdictFilter:
        """Return it as a filter of verdicts; as `filter` otherwise."""
        return _anybodys(_parsed(parse_verdicts, self.typed, zone, {}))

    def applied(
        self, language: Language[F], zone: tzinfo | None, refused: Mapping[str, str]
    ) -> tuple[F, str]:
        """Return what it means where it is used, and a sentence on what of it does not apply there; ``""``: all does.

        It is saved for many places. Where rows have an order of their own, its order is left out: that
        changes nothing of what passes. Any other field that does not apply is an error.

        Args:
            language: what reads a filter there.
            zone: as in `filter`.
            refused: fields that do not apply there, with a sentence on why.

        Raises:
            BadFilter: as in `filter`, or it says what does not apply.
        """
        others = {field: why for field, why in refused.items() if field != "sort"}
        found = _anybodys(_parsed(language, self.typed, zone, others))
        if "sort" not in refused or span_of(self.typed, "order") is None:
            return found, ""
        text = _("The order of the filter {name} does not apply here.").format(name=self.name)
        usual = Filter()
        found = replace(found, order=usual.order, descending=usual.descending)
        return found, sentences(text, refused["sort"])


class SavedFilters:
    """The saved filters of a project. Every method may raise HomeError or its ConfigError."""

    def __init__(self, home: Home, project: Project) -> None:
        self._home, self._project = home, project

    def list(self) -> tuple[SavedFilter, ...]:
        """Return them by name."""
        top = config.read(self._home)
        tables = top.table("projects")
        if str(self._project.uuid) not in tables.values:
            return ()
        found = tables.table(str(self._project.uuid)).table("filters")
        all_ = (SavedFilter(name, found.text(name) or "") for name in found.values)
        return tuple(sorted(all_, key=lambda one: comparable(one.name)))

    def get(self, name: str) -> SavedFilter:
        """Return one, capitals aside. Raises UnknownFilter."""
        return _find(name, self.list())

    def save(self, name: str, typed: str, *, replace: bool = False) -> SavedFilter:
        """Save a filter under a name.

        Args:
            name: a new one, unless it is to `replace` another.
            typed: in the language of filters.
            replace: one of this name.

        Raises:
            BadFilterName: it cannot be called so, or another one is.
            BadFilter: it is no filter, or names a user or a conversation.
            UnknownProject: the project is in no configuration.
        """
        saved = SavedFilter(spelled(name), typed.strip())
        check(saved)
        with self._changing() as table:
            known = next((one for one in table if comparable(one) == comparable(saved.name)), None)
            if known is not None and not replace:
                raise BadFilterName(
                    _("There is a saved filter {name} already. Choose another name.").format(
                        name=known
                    )
                )
            if known is not None:
                del table[known]
            if len(table) >= MOST:
                raise BadFilterName(_("There are {most} already. Remove one.").format(most=MOST))
            table[saved.name] = saved.typed
        return saved

    def rename(self, name: str, new_name: str) -> SavedFilter:
        """Give one another name. Raises as `get` and `save`."""
        new_name = spelled(new_name)
        with self._changing() as table:
            old = _find(name, [SavedFilter(key, str(value)) for key, value in table.items()])
            taken = [one for one in table if one != old.name]
            if comparable(new_name) in map(comparable, taken):
                raise BadFilterName(
                    _("There is a saved filter {name} already. Choose another name.").format(
                        name=new_name
                    )
                )
            del table[old.name]
            table[new_name] = old.typed
        return SavedFilter(new_name, old.typed)

    def remove(self, name: str) -> SavedFilter:
        """Remove one, and return what it was. Raises UnknownFilter."""
        with self._changing() as table:
            old = _find(name, [SavedFilter(key, str(value)) for key, value in table.items()])
            del table[old.name]
        return old

    @contextlib.contextmanager
    def _changing(self) -> Iterator[Any]:
        uuid = str(self._project.uuid)
        if self._project.name is None:
            raise BadFilter(self._unnamed())
        import tomlkit

        with config.editing(self._home, lambda top: read_projects(top, self._home)) as document:
            of_project = document.get("projects", {}).get(uuid)
            if of_project is None:
                raise BadFilter(_("Filters are saved for a project of the configuration only."))
            if "filters" not in of_project:
                of_project["filters"] = tomlkit.table()
            yield of_project["filters"]
            if not of_project["filters"]:
                del of_project["filters"]

    def _unnamed(self) -> str:
        """Return why a filter is not saved for this project, and for which one it can be."""
        named, _used = read_projects(config.read(self._home), self._home)
        of_key = [one for one in named if set(one.fingerprints) & set(self._project.fingerprints)]
        if not named:
            return _(
                "Filters are saved for a project with a name; this one is that of the environment's "
                "key. memos-admin projects add NAME makes one."
            )
        return _(
            "Filters are saved for a project with a name; this one is that of the environment's key. "
            "Name the one that is meant: memos-admin --project {name}"
        ).format(name=" | ".join(shlex.quote(one.title) for one in of_key or named))


def check_table(table: config.Table) -> None:
    """Raise ConfigError where a table of saved filters has no text, an API key, or a name that cannot be.

    What is no filter (any more) is told where it is listed or used: it keeps nobody from all else.
    """
    for name in table.values:
        if holds_key(f"{name} {table.text(name)}"):
            raise table.error(name, _("is or holds an API key. Take it out."))
        try:
            if spelled(name) != name:
                raise BadFilterName(_("A name has no spaces around it."))
        except ProjectError as error:
            raise table.error(name, str(error)) from None


def check(saved: SavedFilter) -> None:
    """Raise BadFilter where it cannot be saved."""
    found = saved.verdict_filter(None)
    try:
        refuse_key(f"{saved.name} {saved.typed}", N_("filter"))
    except KeyGiven as error:
        raise BadFilter(str(error)) from None
    if found == type(found)():
        raise BadFilter(_("There is nothing to save: no filter is active."))


def spelled(name: str) -> str:
    """Return a name in the form that is kept (NFC, no white space around).

    Letters, marks and digits of any script, spaces and ``. , _ - + &``; it begins with a letter or a digit.

    Raises:
        BadFilterName: it is something else, empty, or longer than `LONGEST_NAME`.
    """
    kept = unicodedata.normalize("NFC", name).strip()
    if not kept or len(kept) > LONGEST_NAME:
        text = _("A filter's name has 1 to {count} characters.")
        raise BadFilterName(text.format(count=LONGEST_NAME))
    if unicodedata.category(kept[0])[0] not in "LN":
        raise BadFilterName(_("A filter's name begins with a letter or a digit."))
    if any(c not in " .,_-+&" and unicodedata.category(c)[0] not in "LMN" for c in kept):
        raise BadFilterName(
            _("A filter's name has letters, digits, spaces and . , _ - + & in it, nothing else.")
        )
    return kept


def _parsed(
    language: Language[F], typed: str, zone: tzinfo | None, refused: Mapping[str, str]
) -> F:
    try:
        return language(typed, zone, refused)
    except FilterError as error:
        text = _("Column {number}: {why}").format(number=error.start + 1, why=error)
        raise BadFilter(text) from error


def _anybodys(found: F) -> F:
    """Return a filter, or raise BadFilter where it names somebody."""
    if found.subject is not None or found.conversation_id:
        raise BadFilter(refused("saved")["user"])
    return found


def _find(name: str, known: Any) -> SavedFilter:
    wanted = comparable(unicodedata.normalize("NFC", name).strip())
    for one in known:
        if comparable(one.name) == wanted:
            found: SavedFilter = one
            return found
    names = ", ".join(one.name for one in known)
    there = _("There are: {names}.").format(names=names) if names else _("There is none yet.")
    raise UnknownFilter(
        _("There is no saved filter {name}. {there}").format(name=f"{name!r}", there=there)
    )
