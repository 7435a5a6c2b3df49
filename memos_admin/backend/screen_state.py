"""Where a person left the screen, kept from one start to the next: small JSON, private, bounded.

::

    <home>/state.json                     theme, language, mask: `InterfaceState`
    <home>/projects/<uuid>/state.json     user, conversation, panes, filter of memories: `ScreenState`

A convenience, never evidence: what cannot be read, or was written by another version, is left out
field by field, and nothing here raises for what a file says. What a person chose by hand in
``config.toml`` is not here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, get_args

from memos_admin.backend.home import Home, HomeError
from memos_admin.backend.keys import holds_key
from memos_admin.backend.model import Filter, Kind, MemoryOrder, Reads, SubjectOrder, SubjectRef
from memos_admin.backend.private_files import read_private, replace_private
from memos_admin.store import cipher

FILE_NAME = "state.json"

LARGEST_FILE = 512 * 1024
"""Bytes; more than the bounds below can come to."""

LONGEST_TEXT = 256
"""Characters of an id, tag or name; a longer one is not remembered."""

MOST_VALUES = 32
"""Tags and the like; of more, none is remembered: a filter by half of them means something else."""

LATEST = 4_102_444_800_000
"""Milliseconds: the year 2100."""

_NONE: frozenset[str] = frozenset()

T = TypeVar("T")
_Read = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class InterfaceState:
    """What holds for every project.

    Attributes:
        theme: name of the theme that was chosen last; None: none was.
        language: the one that was chosen last; None: none was.
        mask: whether screen-safe mode was on; None: it was never switched.
        pseudonyms: whether users had other names in it, as was chosen last; None: that never was.
    """

    theme: str | None = None
    language: str | None = None
    mask: bool | None = None
    pseudonyms: bool | None = None


@dataclass(frozen=True, slots=True)
class ScreenState:
    """Where a person left the main screen of one project.

    Attributes:
        subject: under the cursor of the users.
        conversation_id: as in `Filter`: None: all memories; ``""``: those of no conversation.
        pane: the one with the focus; None: not known.
        user_order: of the users; `users_turned`: it is the other way round.
        zoomed: the pane had the whole screen.
        views, tags, statuses, since, vanished, order, descending: of the memories, as in `Filter`.
        more: the rest of that filter, in the language of filters; None: there is none.
        questions: the file that the recall lab had its questions from; None: none.
    """

    subject: SubjectRef | None = None
    conversation_id: str | None = None
    pane: str | None = None
    user_order: SubjectOrder = "activity"
    users_turned: bool = False
    zoomed: bool = False
    views: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    since: int | None = None
    vanished: bool | None = None
    order: MemoryOrder = "updated"
    descending: bool = True
    more: str | None = None
    questions: str | None = None

    @property
    def filter(self) -> Filter:
        """How the memories were filtered and ordered; whose they are is not part of it."""
        more = Filter()
        if self.more is not None:
            from memos_admin.backend.filter_language import FilterError, parse

            try:
                more = parse(self.more)
            except FilterError:
                return Filter(order=self.order, descending=self.descending)
        return replace(
            more,
            views=self.views,
            tags=self.tags,
            statuses=self.statuses,
            since=self.since,
            vanished=self.vanished,
            order=self.order,
            descending=self.descending,
        )

    def with_filter(self, chosen: Filter) -> ScreenState:
        """Return this state with the filter and order of memories; its texts are not remembered.

        Nor is one that is too long to be kept whole.
        """
        from memos_admin.backend.filter_language import printed

        rest = replace(
            chosen, subject=None, conversation_id=None, text="", not_texts=frozenset(), as_of=None
        )
        rest = replace(rest, views=_NONE, tags=_NONE, statuses=_NONE, since=None, vanished=None)
        more = printed(replace(rest, order=Filter().order, descending=Filter().descending))
        if len(more) > LONGEST_TEXT:
            chosen, more = Filter(order=chosen.order, descending=chosen.descending), ""
        return replace(
            self,
            more=more or None,
            views=chosen.views,
            tags=chosen.tags,
            statuses=chosen.statuses,
            since=chosen.since,
            vanished=chosen.vanished,
            order=chosen.order,
            descending=chosen.descending,
        )


def interface_state_path(home: Home) -> Path:
    """Return where the state of the whole interface is kept; it need not exist."""
    return home.path / FILE_NAME


def screen_state_path(project_dir: Path) -> Path:
    """Return where the state of a project's screen is kept; removing the project deletes it."""
    return project_dir / FILE_NAME


def load_interface(home: Home) -> InterfaceState:
    """Return what was remembered for every project."""
    found = _read(interface_state_path(home))
    switch = _one_of((False, True, None), None)
    return InterfaceState(
        _text(found.get("theme")),
        _text(found.get("language")),
        switch(found.get("mask")),
        switch(found.get("pseudonyms")),
    )


def save_interface(home: Home, state: InterfaceState) -> None:
    """Remember what holds for every project; makes the home where there is none.

    Raises:
        HomeError: it cannot be written.
    """
    home.create()
    kept: dict[str, Any] = {"theme": _text(state.theme), "language": _text(state.language)}
    if state.mask is not None:
        kept["mask"] = state.mask
    if state.pseudonyms is not None:
        kept["pseudonyms"] = state.pseudonyms
    _write(interface_state_path(home), kept)


def load(path: Path) -> ScreenState:
    """Return where the screen was left; as at the first start where nothing is known."""
    return _decoded(_read(path))


def save(path: Path, state: ScreenState) -> None:
    """Remember where the screen was left; texts and lists over the bounds are left out.

    Raises:
        HomeError: it cannot be written, as where the project was removed.
    """
    _write(path, _encoded(_decoded(_encoded(state))))


def save_known(path: Path, store: Path, state: ScreenState) -> None:
    """As `save`; where the roster no longer has the subject, nothing of it is kept.

    Of a project whose store is encrypted nothing is kept at all: this file is not. It may have been erased by another program. That is looked at afterwards: whoever erases it later
    finds what was written.

    Raises:
        HomeError, StoreError: it cannot be written, or the store not be read.
    """
    if cipher.is_declared(store.parent):
        return
    save(path, state)
    if state.subject is not None:
        with Reads(store) as reads:
            if reads.subject(state.subject) is None:
                save(path, nowhere(state))


def names(path: Path, ref: SubjectRef) -> bool:
    """Return whether a screen was left at a subject."""
    return load(path).subject == ref


def forget(path: Path, ref: SubjectRef) -> None:
    """Forget that a screen was left at a subject, with the conversation and filters of then.

    Raises:
        HomeError: it cannot be written.
    """
    state = load(path)
    if state.subject == ref:
        save(path, nowhere(state))


def nowhere(state: ScreenState) -> ScreenState:
    """Return a state without a place: how the screen was arranged, and nothing of whom it showed."""
    return ScreenState(user_order=state.user_order, zoomed=state.zoomed, pane=state.pane)


def _encoded(state: ScreenState) -> dict[str, Any]:
    """Return a state as JSON has it."""
    values: dict[str, Any] = {name: getattr(state, name) for name in _FIELDS}
    if state.subject is not None:
        values["subject"] = {"kind": state.subject.kind, "id": state.subject.external_id}
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in values.items()
    }


def _decoded(values: dict[str, Any]) -> ScreenState:
    """Return what may be kept of values that anybody may have written."""
    return ScreenState(
        **{name: read(values[name]) for name, read in _FIELDS.items() if name in values}
    )


def _read(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file of ours; an empty one for everything else."""
    try:
        found = json.loads(read_private(path, LARGEST_FILE))
    except (OSError, HomeError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(path: Path, values: dict[str, Any]) -> None:
    replace_private(path, json.dumps(values, indent=1).encode() + b"\n")


# -- fields: each returns what may be kept of anything ---------------------------------------------


def _text(value: Any) -> str | None:
    """Return a text that can be stored and looked up again, else None; an API key is not stored."""
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or "\0" in value:
        return None
    if holds_key(value):
        return None
    return None if any("\ud800" <= character <= "\udfff" for character in value) else value


def _texts(value: Any) -> frozenset[str]:
    """Return a set of texts; an empty one if any of them cannot be kept."""
    if not isinstance(value, list) or len(value) > MOST_VALUES:
        return frozenset()
    texts = [_text(item) for item in value]
    return frozenset(text for text in texts if text) if all(texts) else frozenset()


def _moment(value: Any) -> int | None:
    """Return a moment of this era, milliseconds; dates in it can be written."""
    return value if type(value) is int and 0 <= value <= LATEST else None


def _subject(value: Any) -> SubjectRef | None:
    """Return a reference to a user or agent."""
    if not isinstance(value, dict):
        return None
    kind, name = value.get("kind"), _text(value.get("id"))
    return next(
        (SubjectRef(known, name) for known in get_args(Kind) if name and known == kind), None
    )


def _one_of(known: tuple[T, ...], default: T) -> _Read:
    """Return a reader of one of the `known` values; their types count, since 1 == True."""

    def read(value: Any) -> T:
        return next((k for k in known if type(k) is type(value) and k == value), default)

    return read


_FIELDS: dict[str, _Read] = {
    "subject": _subject,
    "conversation_id": _text,
    "pane": _text,
    "user_order": _one_of(get_args(SubjectOrder), "activity"),
    "users_turned": _one_of((False, True), False),
    "zoomed": _one_of((False, True), False),
    "views": _texts,
    "tags": _texts,
    "statuses": _texts,
    "since": _moment,
    "vanished": _one_of((None, False, True), None),
    "order": _one_of(get_args(MemoryOrder), "updated"),
    "descending": _one_of((False, True), True),
    "more": _text,
    "questions": _text,
}
