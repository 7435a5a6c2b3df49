"""The rows of the search screen, and what it says about them. Pure; foreign texts are gated here."""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Sequence
from functools import lru_cache, partial

from rich.cells import cell_len

from memos_admin.backend.display import (
    ELLIPSIS,
    beginning,
    both_ends,
    called,
    one_line,
    safe,
)
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.perspective import without_marks
from memos_admin.backend.search import MOST_RANKED, Hit, Order, incomplete, spans_in
from memos_admin.language import N_, sentences
from memos_admin.language import gettext as _
from memos_admin.tui.desk.place import Place
from memos_admin.tui.jobs.searching import (
    MOST_RECALLED,
    MOST_SHOWN,
    Recalled,
    Searched,
    SearchState,
    Where,
)
from memos_admin.tui.widgets.line_view import Piece, fit
from memos_admin.tui.widgets.results import Row
from memos_admin.tui.words import phrases

WORD_CELLS, RANK_CELLS, RELATIVITY_CELLS = 11, 4, 6
_MARK = "match accent"
_LONGEST = 400
"""Characters of a title or a snippet that are looked at for a line."""

_MARKS = (
    "[user perspective]",
    "[assistant perspective]",
    "[user opinion]",
    "[用户视角]",
    "[助手视角]",
)

ORDERS: dict[Order, str] = {
    "arrival": N_("what arrived here last first"),
    "relevance": N_("best of the latest {count} first"),
}

WHERE: dict[Where, str] = {
    "all": N_("messages and memories"),
    "messages": N_("messages"),
    "memories": N_("memories"),
}


def place_of(hit: Hit) -> Place:
    """Return where a hit leads."""
    if hit.type == "message":
        return Place(hit.ref, hit.conversation_id, message=hit.message_pk, pane="transcript")
    return Place(hit.ref, memory_id=hit.memory_id, pane="memories")


def key_of(hit: Hit) -> Hashable:
    """Return what a hit is known by again."""
    return ("message", hit.message_pk) if hit.type == "message" else (hit.ref, hit.memory_id)


def found_rows(hits: Sequence[Hit], text: str) -> list[Row]:
    """Return hits by user and conversation, each group under a heading, where it was found first."""
    groups: dict[tuple[SubjectRef, str | None], list[Hit]] = {}
    for hit in hits[:MOST_SHOWN]:
        groups.setdefault((hit.ref, hit.conversation_id), []).append(hit)
    rows = []
    for (ref, conversation_id), found in groups.items():
        rows.append(Row(partial(_heading_pieces, ref, conversation_id)))
        rows += [_row(hit, text, None) for hit in found]
    return rows


def recalled_rows(recalled: Recalled) -> list[Row]:
    """Return what the service recalled, the best first."""
    return [_row(hit, recalled.text, rank) for rank, hit in enumerate(recalled.hits, 1)]


def _row(hit: Hit, words: str, rank: int | None) -> Row:
    return Row(partial(_pieces, hit, words, rank), key_of(hit), place_of(hit))


def _heading_pieces(
    ref: SubjectRef, conversation_id: str | None, width: int, _now: int
) -> list[Piece]:
    whose = both_ends(called(ref), max(8, width // 2))
    agent = _(" (agent)") if ref.kind == "agent" else ""
    what = (
        both_ends(conversation_id, max(8, width // 3)) if conversation_id else _("no conversation")
    )
    return [(fit(f"{whose}{agent} · {what}", width), "dim")]


def _pieces(hit: Hit, words: str, rank: int | None, width: int, now: int) -> list[Piece]:
    """Return rank and word in front, relativity and date behind, and between them what was found."""
    if hit.type == "message":
        word = phrases.role_word(hit.role) if hit.role else _("message")
    else:
        word = phrases.view_word(hit.view or "")
    front: list[Piece] = [(fit(f"{rank}", RANK_CELLS - 1, right=True), "dim"), (" ", "")]
    front = (front if rank is not None else []) + [(fit(word, WORD_CELLS - 1), "dim"), (" ", "")]
    back: list[Piece] = [(" ", ""), (fit(_age(hit, now), phrases.age_cells(), right=True), "dim")]
    if rank is not None:
        figure = "" if hit.relativity is None else f"{hit.relativity:.3f}"
        back = [(" ", ""), (fit(figure, RELATIVITY_CELLS, right=True), ""), *back]
    room = max(0, width - sum(cell_len(text) for text, _ in front + back))
    return [*front, *_text_pieces(hit, words, room), *back]


def _age(hit: Hit, now: int) -> str:
    return _("gone") if hit.vanished else phrases.short_age(hit.updated_at, now)


def _text_pieces(hit: Hit, words: str, room: int) -> list[Piece]:
    title = hit.heading
    text = _without_marks(hit.snippet) if hit.type == "memory" else hit.snippet
    if not title:
        return [*marked(text, words, room)]
    head = marked(title, words, min(cell_len(_flat(title)), max(0, room * 3 // 5)), "strong")
    used = sum(cell_len(piece) for piece, _ in head)
    if not text.strip() or room - used < 8:
        return [*head, (" " * (room - used), "")]
    return [*head, (" · ", "dim"), *marked(text, words, room - used - 3)]


def _without_marks(snippet: str) -> str:
    """Return a memory's snippet without its perspective marks, one cut at its beginning too."""
    text = without_marks(snippet)
    end = text.find("]") + 1
    if text.startswith(ELLIPSIS) and any(mark.endswith(text[1:end]) for mark in _MARKS if end):
        return ELLIPSIS + text[end:].lstrip()
    return text


@lru_cache(maxsize=2_000)
def marked(text: str, words: str, cells: int, style: str = "") -> tuple[Piece, ...]:
    """Return a text on one line of exactly `cells`, the words marked, the first of them in sight."""
    if cells <= 0:
        return ()
    line = _flat(text)
    found = spans_in(words, line)
    if found and cell_len(line) > cells and cell_len(line[: found[0][1]]) > cells - 1:
        at = _near(line, found[0][0], cells // 3)
        line = ELLIPSIS + line[at:]
        found = [(start - at + 1, end - at + 1) for start, end in found]
    whole, line = line, one_line(line, cells)
    last = len(line) if line == whole else len(line) - len(ELLIPSIS)
    pieces: list[Piece] = []
    at = 0
    for start, end in found:
        if start < last:
            pieces += [(line[at:start], style), (line[start : min(end, last)], f"{style} {_MARK}")]
            at = min(end, last)
    pieces += [(line[at:], style), (" " * (cells - cell_len(line)), "")]
    return tuple(piece for piece in pieces if piece[0])


def _flat(text: str) -> str:
    return safe(" ".join(beginning(text, _LONGEST).split()))


def _near(line: str, start: int, cells: int) -> int:
    """Return where the line begins about `cells` before `start`, no character torn from its marks."""
    at = start
    while at > 0 and cell_len(line[at - 1 : start]) <= cells:
        at -= 1
    while at < start and unicodedata.category(line[at])[0] in "MCZ":
        at += 1
    if 0 < at < start and unicodedata.category(line[at - 1]) == "Cf":
        return start  # inside an emoji of several
    return at


# -- what the screen says ------------------------------------------------------------------------


def whom(subject: SubjectRef | None, cells: int = 24) -> str:
    """Return ``everyone`` or the id, cut in its middle."""
    return _("everyone") if subject is None else both_ends(called(subject), cells)


def before_text(looked: Searched | None, where: Where, subject: SubjectRef | None, now: int) -> str:
    """Return what is said while nothing is typed."""
    return _("Finds words in {where}.").format(where=_where(looked, where, subject, now))


def searching_text(indexed: float | None, looked: float | None) -> str:
    """Return that a search goes on and, where that takes long, why, how far it is and what ends it.

    Args:
        indexed: how much of the store the index has, while it is being made; else None.
        looked: how much was looked through of what the index did not have; None: it has all.
    """
    if looked is None:
        return _("Searching …")
    so_far = _("{share} of what is not in the index is looked through.").format(
        share=_share(looked)
    )
    if indexed is not None:
        so_far = _(
            "The index is being made, {made}: meanwhile everything is looked through, {share} so far."
        ).format(made=_share(indexed), share=_share(looked))
    return sentences(_("Searching …"), so_far, _("Another letter begins anew, escape leaves."))


def _share(share: float) -> str:
    return f"{min(99, int(share * 100))} %"


def local_text(
    number: int,
    looked: Searched | None,
    state: SearchState,
    subject: SubjectRef | None,
    now: int,
    *,
    ranked: int | None = None,
) -> str:
    """Return how many are shown of how many, what was searched, as of when, and in what order.

    `ranked`: how many were found at least, where they were ranked (`Hits.ranked`).
    """
    where = _where(looked, state.where, subject, now)
    if not number:
        text = _("Nothing found in {where}. Press tab to ask MemOS; ids are not searched.")
        return text.format(where=where)
    shown = min(number, MOST_SHOWN)
    of = phrases.count(max(number, ranked or 0))
    if number > MOST_SHOWN and (ranked is None or ranked >= MOST_RANKED):
        of = f"≥ {of}"
    more = _("Another word narrows it.") if number > MOST_SHOWN else ""
    text = _("{count} of {of} found in {where}, {order}.")
    if number == 1:
        text = _("{count} of {of} found in {where}.")
    found = text.format(
        count=phrases.count(shown), of=of, where=where, order=order_words(state.order)
    )
    return sentences(found, more)


def order_words(order: Order) -> str:
    """Return in what order hits are shown."""
    return _(ORDERS[order]).format(count=phrases.count(MOST_RANKED))


def recalled_text(recalled: Recalled, now: int) -> str:
    """Return what the service was asked, and when."""
    whose = whom(recalled.ref, 40)
    when = phrases.ago(recalled.at, now)
    if not recalled.hits:
        return _("MemOS recalled nothing for {whose}, {when}, threshold off.").format(
            whose=whose, when=when
        )
    found = _("{memories} of {whose} recalled by MemOS {when}, best first, with relativity.")
    found = found.format(memories=phrases.memories(len(recalled.hits)), whose=whose, when=when)
    most = _("Threshold off (0 instead of 0.45); at most {count} of a view.")
    return sentences(incomplete(recalled.hits), found, most.format(count=MOST_RECALLED))


def recall_hint(subject: SubjectRef | None, text: str) -> str:
    """Return what to do to have something recalled."""
    if subject is None:
        return _(
            "MemOS recalls for one user at a time. Go back with escape, choose a user, "
            "and search again."
        )
    if subject.kind == "agent":
        return _("MemOS recalls for users only, and {whom} is an agent.").format(
            whom=whom(subject, 40)
        )
    if not text.strip():
        return _("Type what is said to the assistant: MemOS recalls memories of {whom}.").format(
            whom=whom(subject, 40)
        )
    return _("Press enter to ask MemOS what it would recall of {whom}.").format(
        whom=whom(subject, 40)
    )


def _scope(looked: Searched | None, where: Where, subject: SubjectRef | None) -> str:
    if looked is None:
        what = _(WHERE[where])
    elif where == "all":
        what = _("{messages} and {memories}").format(
            messages=phrases.messages(looked.messages), memories=phrases.memories(looked.memories)
        )
    else:
        what = (
            phrases.messages(looked.messages)
            if where == "messages"
            else phrases.memories(looked.memories)
        )
    return _("{what} of {whose}").format(what=what, whose=whom(subject, 40))


def _where(looked: Searched | None, where: Where, subject: SubjectRef | None, now: int) -> str:
    """Return what is searched, and as of when."""
    scope = _scope(looked, where, subject)
    if looked is None:
        return scope
    if looked.at is None:
        return _("{what}, never synced").format(what=scope)
    text = _("{what}, as of {age}") if looked.whole else _("{what}, as of {age} (synced in part)")
    return text.format(what=scope, age=phrases.ago(looked.at, now))
