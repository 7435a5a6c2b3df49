"""The rows of the jump box, and what it says about them. Pure; texts from outside are gated here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from rich.cells import cell_len

from memos_admin.backend.display import both_ends, called, pad
from memos_admin.backend.ids.from_paste import IdKind
from memos_admin.backend.jump import FoundMemory, FoundTask, Match, Matches, NothingFound
from memos_admin.backend.model import SubjectRef
from memos_admin.language import N_, counted, sentences
from memos_admin.language import gettext as _
from memos_admin.tui.desk.place import Place
from memos_admin.tui.widgets.line_view import Piece, fit
from memos_admin.tui.widgets.results import Row
from memos_admin.tui.words import phrases

KIND_CELLS, COUNT_CELLS = 12, 26
WIDE = 84
"""Cells from which a row has room for counts or a title."""


TASK_STATES = {
    "running": N_("running"),
    "completed": N_("completed"),
    "failed": N_("failed"),
}
"""What a task is at, as the service says it, with the words for it."""


_ASKED_FOR: dict[IdKind, str] = {
    "memory": N_("ask MemOS for the memory "),
    "task": N_("ask MemOS for the task "),
}
"""What the service can be asked for by an id."""


@dataclass(frozen=True)
class Going:
    """Go to a place; `match` is what is known of it."""

    place: Place
    match: Match | None = None


@dataclass(frozen=True)
class Asking:
    """Ask the service for what was typed."""

    typed: str


@dataclass(frozen=True)
class Adding:
    """Put a user or agent on the roster, or a conversation of one."""

    ref: SubjectRef
    conversation_id: str | None = None


@dataclass(frozen=True)
class Opening:
    """Open a memory that is not stored here: the service says whose it is."""

    memory_id: str


def place_of(match: Match) -> Place:
    """Return where a match leads."""
    if match.kind == "conversation":
        return Place(match.ref, match.id, pane="transcript")
    if match.kind == "memory":
        return Place(match.ref, memory_id=match.id, pane="memories")
    return Place(match.ref)


def match_row(match: Match, place: Place | None = None, view: str = "") -> Row:
    """Return the row of something that is stored here; `view`: the word before a memory's title."""
    place = place or place_of(match)
    return Row(partial(_match_pieces, match, view), ("match", place), Going(place, match))


def unknown_row(memory_id: str, view: str) -> Row:
    """Return the row of a memory that the service named and that is not stored here."""
    what = _("{view} · not stored here").format(view=phrases.view_word(view))
    return Row(
        lambda width, _now: _columns(width, _Cells(_("memory"), memory_id, what=what)),
        ("unknown", memory_id),
        Opening(memory_id),
    )


def last_rows(matches: Matches, typed: str, subject: SubjectRef | None) -> list[Row]:
    """Return the rows behind the matches: ask the service where it can know, else add the id."""
    askable = tuple(kind for kind in matches.kinds if kind in _ASKED_FOR)
    if askable:
        return [ask_row(typed, matches.id, askable)]
    if not matches.kinds or any(match.is_exact for match in matches.found):
        return []
    rows = add_rows(NothingFound(matches.id, (), matches.kinds), subject)
    return rows or [ask_row(typed, matches.id)]  # the answer says why there is nothing to add


def ask_row(typed: str, found: str, kinds: tuple[IdKind, ...] = (), *, again: bool = False) -> Row:
    """Return the last row: ask the service for the id in what was typed.

    The service knows memories and tasks by their ids: `kinds` says which of them it may be.
    """
    words = _("ask MemOS again for ") if again else _("ask MemOS for ")
    if not again and kinds:
        words = _(
            _ASKED_FOR[kinds[0]] if len(kinds) == 1 else N_("ask MemOS for a memory or task ")
        )
    return Row(
        lambda width, _now: [
            (words, "accent"),
            (both_ends(found, max(1, width - cell_len(words))), "strong"),
        ],
        "ask",
        Asking(typed),
    )


def heading(text: str) -> Row:
    """Return a line that says what the rows below are."""
    return Row(lambda width, _now: [(fit(text, width), "dim")])


def add_rows(answer: NothingFound, subject: SubjectRef | None) -> list[Row]:
    """Return the rows that add an id which the service cannot confirm."""
    rows = []
    if "user" in answer.kinds:
        rows.append(add_row(SubjectRef("user", answer.id)))
    if "conversation" in answer.kinds and subject is not None:
        rows.append(add_row(subject, answer.id))
    if "agent" in answer.kinds:
        rows.append(add_row(SubjectRef("agent", answer.id)))
    return rows


def add_row(ref: SubjectRef, conversation_id: str | None = None) -> Row:
    """Return the row that adds a user or agent, or a conversation of one."""
    kind = _(phrases.KINDS[ref.kind])
    name = _("the {kind} {id}").format(kind=kind, id=both_ends(called(ref), 40))
    if conversation_id is not None:
        of = _("the conversation {id} of {owner}")
        name = of.format(id=both_ends(conversation_id, 40), owner=name)
    adding, add = Adding(ref, conversation_id), _("add ")
    return Row(
        lambda width, _now: [(add, "accent"), (fit(name, width - cell_len(add)), "")],
        adding,
        adding,
    )


def link_rows(place: Place) -> list[Row]:
    """Return the rows for a link to what is not stored here."""
    if place.memory_id is not None:
        return [ask_row(f'"memory_id": "{place.memory_id}"', place.memory_id)]
    return [add_row(place.subject, place.conversation_id or None)]


def task_rows(task: FoundTask, known: Sequence[Match | None]) -> list[Row]:
    """Return the memories that a task names, those that are stored here with what they say."""
    rows = []
    for (view, memory_id), match in zip(task.memories, known, strict=False):
        word = phrases.view_word(view)
        rows.append(match_row(match, view=word) if match else unknown_row(memory_id, view))
    return rows


def memory_row(found: FoundMemory, ref: SubjectRef) -> Row:
    """Return the row of a memory that the service has."""
    place = Place(ref, memory_id=found.memory_id, pane="memories")
    status = phrases.status_word(found.status or "")
    return Row(
        lambda width, _now: _columns(
            width, _Cells(_("memory"), found.memory_id, called(ref), status)
        ),
        ("match", place),
        Going(place),
    )


# -- what the box says ---------------------------------------------------------------------------


def found_text(matches: Matches, typed: str, search: str) -> str:
    """Return what is said about matches: how many, taken for what, looked for where.

    `search` is the key that searches texts, for words that are no part of an id.
    """
    if not matches.kinds:
        return _("This is too long for an id.") if matches.id else _("This cannot be an id.")
    parts = []
    if len(matches.kinds) == 1:
        kind = _(phrases.KINDS[matches.kinds[0]])
        parts.append(f"{kind} {both_ends(matches.id, 40)}")
    elif matches.id != typed.strip():
        parts.append(_("taken as {id}").format(id=both_ends(matches.id, 40)))
    if matches.capped:
        parts.append(
            _("the best {count} · type more of the id for others").format(count=len(matches.found))
        )
    elif matches.found:
        parts.append(counted(len(matches.found), "{count} match", "{count} matches"))
    else:
        parts.append(_("nothing stored here fits"))
        if typed.replace(" ", "").isalpha():  # a word, more likely than an id
            parts.append(_("to search texts for it: escape, then {key}").format(key=search))
    if matches.beginnings:
        parts.append(_("conversations and memories: by the beginning of their ids"))
    return " · ".join(parts)


def nothing_text(answer: NothingFound, *, chosen: bool) -> str:
    """Return what is said where the service knows nothing."""
    if not answer.id or not (answer.asked or answer.kinds):
        return _("This cannot be an id. Copy only the id itself.")
    no = ""
    if answer.asked:
        kinds = _(" and no ").join(_(phrases.KINDS[kind]) for kind in answer.asked)
        no = _("MemOS has no {kinds} with this id.").format(kinds=kinds)
    if not answer.kinds:
        return no
    add = _("It lists no users and no conversations: add the id, and a sync tells.")
    if "conversation" in answer.kinds and not chosen:
        add = sentences(add, _("To add it as a conversation, choose its user first."))
    return sentences(no, add)


def task_counts(task: FoundTask) -> list[str]:
    """Return how many memories a task added, updated and deleted, as far as MemOS says it."""
    return [
        _(text).format(count=phrases.count(number))
        for number, text in (
            (task.added, N_("{count} added")),
            (task.updated, N_("{count} updated")),
            (task.deleted, N_("{count} deleted")),
        )
        if number is not None
    ]


def task_text(task: FoundTask) -> str:
    """Return what a task is doing or did."""
    counts = task_counts(task)
    told = [
        _("Task {id}: {state}.").format(
            id=both_ends(task.task_id, 40), state=_(TASK_STATES.get(task.state, task.state))
        )
    ]
    if not task.has_ended:
        told.append(_("Ask again in a moment."))
    elif counts:
        told.append(_("Memories: {counts}.").format(counts=_(", ").join(counts)))
    if task.memories and task.did is None:
        told.append(_("MemOS names these, but not which it added and which it updated."))
    return sentences(*told)


def memory_text(found: FoundMemory) -> str:
    """Return what is said of a memory that the service has but that does not simply open."""
    if found.ref is None:
        return _("MemOS has this memory, but does not say whose it is.")
    return _(
        "MemOS has this memory, but no longer lists it: it is {status}. Enter opens its user."
    ).format(status=phrases.full_status(found.status or ""))


def sentence(match: Match, now: int) -> str:
    """Return all that a row says, uncut."""
    parts = [match.id]
    if match.kind in ("conversation", "memory"):
        parts.append(_("of {name}").format(name=called(match.ref)))
    if match.title:
        parts.insert(0, match.title)
    parts.append(_counts(match))
    if match.at is not None:
        parts.append(phrases.ago(match.at, now))
    return " · ".join(filter(None, parts))


def _counts(match: Match) -> str:
    if match.kind == "memory":
        return _("gone") if match.gone else ""
    if match.memories is None and match.messages is None:
        return _("not fetched yet")
    memories = _("{count} mem").format(count=phrases.count(match.memories or 0))
    messages = _("not read")
    if match.messages is not None:
        messages = _("{count} msg").format(count=phrases.count(match.messages))
    return f"{memories} · {messages}"


def _match_pieces(match: Match, view: str, width: int, now: int) -> list[Piece]:
    whose = called(match.ref) if match.kind in ("conversation", "memory") else ""
    gone = _("gone") if match.gone else ""
    what = " · ".join(filter(None, (gone, view, match.title))) if match.title else _counts(match)
    age = phrases.short_age(match.at, now)
    last = age if width >= WIDE else gone or age
    return _columns(width, _Cells(_(phrases.KINDS[match.kind]), match.id, whose, what, last))


@dataclass(frozen=True)
class _Cells:
    """What stands in the columns of a row."""

    kind: str
    id: str
    whose: str = ""
    what: str = ""
    last: str = ""


def _columns(width: int, cells: _Cells) -> list[Piece]:
    """Return a row's columns; the counts or the title where there is room."""
    wide, age_cells = width >= WIDE, phrases.age_cells()
    room = width - KIND_CELLS - age_cells - 2 - (COUNT_CELLS + 1 if wide else 0)
    whose_cells = room * 2 // 5 if cells.whose else 0
    id_cells = room - whose_cells - (1 if cells.whose else 0)
    pieces: list[Piece] = [
        (fit(cells.kind, KIND_CELLS), "dim"),
        (" ", ""),
        (pad(both_ends(cells.id, id_cells), id_cells), "strong"),
    ]
    if cells.whose:
        pieces += [(" ", ""), (pad(both_ends(cells.whose, whose_cells), whose_cells), "")]
    if wide:
        pieces += [(" ", ""), (fit(cells.what, COUNT_CELLS), "dim")]
    return [*pieces, (" ", ""), (fit(cells.last, age_cells, right=True), "dim")]
