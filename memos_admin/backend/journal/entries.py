"""What the journal says: who did what to whose data, when and why. Never a text of theirs."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import KW_ONLY, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, get_args

from memos_admin.backend.journal import chain
from memos_admin.backend.keys import holds_key, without_keys
from memos_admin.backend.occasion import LONGEST
from memos_admin.backend.times import now_ms, utc_text

if TYPE_CHECKING:
    from memos_admin.backend.model import Filter, SubjectRef
    from memos_admin.backend.occasion import Who
    from memos_admin.backend.projects.project import Project

Action = Literal[
    "view",
    "search",
    "reveal",
    "copy",
    "export",
    "sync",
    "add",
    "remove",
    "forget",
    "backup",
    "store.restore",
    "store.encrypt",
    "store.decrypt",
    "store.key",
    "memory.edit",
    "memory.archive",
    "memory.restore",
    "memory.delete",
    "memory.feedback",
    "verdict.give",
    "verdict.withdraw",
    "subject.delete",
    "subject.receipt",
    "project.add",
    "project.rename",
    "project.key",
    "project.writes",
    "project.timezone",
    "project.remove",
    "journal.export",
    "journal.missing",
    "journal.previous",
    "journal.off",
    "journal.on",
]
ACTIONS: tuple[Action, ...] = get_args(Action)
"""What is journaled, in the order of docs/journal.md."""

CHANGES: tuple[Action, ...] = (
    "memory.edit",
    "memory.archive",
    "memory.restore",
    "memory.delete",
    "memory.feedback",
    "subject.delete",
)
"""What changes what MemOS has."""

OF_NO_USER: tuple[Action, ...] = (
    "project.add",
    "project.rename",
    "project.key",
    "project.writes",
    "project.timezone",
    "journal.missing",
    "journal.previous",
    "journal.off",
    "journal.on",
)
"""What is done to nobody's data; any other entry that names no user may be about everybody's."""

Result = Literal["begun", "done", "failed"]
"""How far something went that is journaled before and after."""

_LONE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that an operator did; the journal adds who it was.

    Attributes:
        project: None: it is about none.
        subject: whose data.
        file: what was written to or read from.
        query: what the operator typed to be searched for.
        counts: of what there was, by names such as ``messages``.
        details: anything else, by name; never a text of a message or a memory.
        at: when, UTC milliseconds.
    """

    action: Action
    project: Project | None = None
    _: KW_ONLY
    subject: SubjectRef | None = None
    conversation_id: str | None = None
    memory_id: str | None = None
    file: str | None = None
    query: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
    result: Result | None = None
    at: int = field(default_factory=now_ms)


def narrowed(wanted: Filter) -> dict[str, Any]:
    """Return what an `Event` says of a filter of memories; its text is what an operator typed."""
    details = {
        "views": sorted(wanted.views),
        "tags": sorted(wanted.tags),
        "statuses": sorted(wanted.statuses),
        "since": None if wanted.since is None else utc_text(wanted.since),
        "until": None if wanted.until is None else utc_text(wanted.until),
        "created_since": None if wanted.created_since is None else utc_text(wanted.created_since),
        "created_until": None if wanted.created_until is None else utc_text(wanted.created_until),
        "any_tags": [", ".join(tags) for tags in sorted(map(sorted, wanted.any_tags))],
        "vanished": wanted.vanished,
        "inferred": wanted.inferred,
        "sourced": wanted.sourced,
        "not_views": sorted(wanted.not_views),
        "not_tags": sorted(wanted.not_tags),
        "not_statuses": sorted(wanted.not_statuses),
        "as_of": None if wanted.as_of is None else utc_text(wanted.as_of),
    }
    not_said = [f"-{text}" for text in sorted(wanted.not_texts)]
    return {
        "subject": wanted.subject,
        "conversation_id": wanted.conversation_id,
        "query": " ".join(filter(None, [*not_said, wanted.text])) or None,
        "details": {name: value for name, value in details.items() if value not in (None, [])},
    }


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the journal, with the columns of `memos_admin.store.journal_file.COLUMNS`.

    Attributes:
        seq: from 1, without a hole.
        hash: of the entry and all before it; see `memos_admin.backend.journal.chain`.
        seal: None: the journal was not sealed then.
    """

    seq: int
    at: int
    operator: str
    os_user: str
    via: str
    action: str
    result: str | None
    project_uuid: str | None
    project: str | None
    subject_kind: str | None
    user_id: str | None
    conversation_id: str | None
    memory_id: str | None
    file: str | None
    query: str | None
    counts: Mapping[str, int]
    details: Mapping[str, Any]
    reason: str | None
    ticket: str | None
    hash: str = ""
    seal: str | None = None

    def values(self) -> dict[str, Any]:
        """Return what lists and exports show of it, with JSON's types."""
        values = {name: getattr(self, name) for name in NAMES}
        values["at"] = utc_text(self.at)
        return values

    @property
    def is_about_everybody(self) -> bool:
        """Whether it names nobody, since it is about all users, of a project or here."""
        named = (self.user_id, self.conversation_id, self.memory_id, self.details.get("named"))
        return self.action not in {*OF_NO_USER, "add"} and not any(named)

    def canonical(self, journal: str, previous: str) -> bytes:
        """Return the bytes that are hashed and sealed.

        Args:
            journal: its UUID.
            previous: the hash of the entry before; ``""`` for the first.
        """
        values = self.values()
        del values["hash"], values["seal"]
        return chain.canonical({**values, "journal": journal, "previous": previous})


NAMES = tuple(one.name for one in fields(Entry))
_AS_JSON = tuple(NAMES.index(name) for name in ("counts", "details"))


def entry_of(seq: int, event: Event, who: Who, *, keep_queries: bool) -> Entry:
    """Return the entry of an event, neither hashed nor sealed."""
    details = {name: _said(value) for name, value in event.details.items()}
    query = event.query
    if query is not None and not keep_queries:
        query = None
        details["query"] = "not kept"
    project, subject = event.project, event.subject
    keys = () if project is None else project.fingerprints
    return Entry(
        seq=seq,
        at=event.at,
        operator=_kept(who.operator) or "",
        os_user=_kept(who.os_user) or "",
        via=who.via,
        action=event.action,
        result=event.result,
        project_uuid=None if project is None else str(project.uuid),
        project=None if project is None else _kept(project.title),
        subject_kind=None if subject is None else subject.kind,
        user_id=None if subject is None else _id(subject.external_id, keys),
        conversation_id=_id(event.conversation_id, keys),
        memory_id=_id(event.memory_id, keys),
        file=_said(event.file),
        query=_said(query),
        counts=dict(event.counts),
        details=details,
        reason=_said(who.reason),
        ticket=_said(who.ticket),
    )


def row_of(entry: Entry) -> tuple[Any, ...]:
    """Return an entry as the file has it."""
    row = [getattr(entry, name) for name in NAMES]
    for at in _AS_JSON:
        row[at] = chain.canonical(row[at]).decode()
    return tuple(row)


def read_row(row: tuple[Any, ...]) -> Entry:
    """Return the entry of a row.

    Raises:
        ValueError: the row is not as `row_of` would have written it.
    """
    values = list(row)
    try:
        for at in _AS_JSON:
            values[at] = json.loads(row[at])
        entry = Entry(*values)
        # Hash and seal are the two texts that are not part of the canonical bytes.
        texts = all(isinstance(value, str | None) for value in row[-2:])
        unchanged = texts and row_of(entry) == row and bool(entry.canonical("", ""))
    except (ValueError, TypeError, OverflowError, RecursionError, AttributeError):
        unchanged = False
    if not unchanged:
        raise ValueError("it is not written as entries are")
    return entry


def _said(value: Any) -> Any:
    """Return what was typed or may hold what was typed, without anything that is an API key."""
    if isinstance(value, str):
        return _kept(without_keys(value))
    return [_said(one) for one in value] if isinstance(value, list | tuple) else value


def _id(text: str | None, fingerprints: Collection[str]) -> str | None:
    """Return an id; a key that was given for one is not kept."""
    if text is not None and holds_key(text, fingerprints):
        return "[API key]"
    return _kept(text)


def _kept(text: str | None) -> str | None:
    """Return a text as the journal keeps it: no lone surrogate, not without end."""
    if text is None:
        return None
    text = _LONE.sub("\ufffd", text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
