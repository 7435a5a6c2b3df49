"""What the evidence screen says of its lists: how far it is, how many there are, why there is none. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from memos_admin.backend.evidence.collected import Collected
from memos_admin.backend.evidence.kinds import NOT_KEPT, Teller
from memos_admin.backend.evidence.wording import TELLER_WORDS
from memos_admin.language import counted
from memos_admin.language import gettext as _
from memos_admin.tui.jobs.reviewing import MOST_KEPT, Reviewing
from memos_admin.tui.layout.fitting import Part
from memos_admin.tui.rows.evidence import (
    LISTS,
    SHORTER,
    TITLES,
    Counts,
    ListName,
    kind_word,
)
from memos_admin.tui.words import phrases

_AROUND = 4
"""Cells of a sign and the spaces around a name."""


def tabs(counts: Counts | None, chosen: ListName, cells: int) -> list[tuple[str, str, str]]:
    """Return the names of the lists as keys: sign, text, action; with counts as far as there is room.

    `counts`; None: they are not known. Of *links* it is said how many are known where that is not all.
    """
    numbers = {} if counts is None else {name: phrases.count(counts.rows[name]) for name in LISTS}
    if counts is not None and counts.linked < counts.rows["links"]:
        numbers["links"] = phrases.of(counts.linked, counts.rows["links"])

    def texts(counted: Sequence[ListName], titles: Mapping[ListName, str]) -> list[str]:
        return [
            f"{_(titles[name])} {numbers[name]}"
            if name in numbers and name in counted
            else _(titles[name])
            for name in LISTS
        ]

    fuller = (texts(LISTS, TITLES), texts(LISTS, SHORTER), texts([chosen], SHORTER))
    shown = next((some for some in fuller if _cells(some) <= cells), texts([], SHORTER))
    return [
        ("●" if name == chosen else "○", text, f"choose('{name}')")
        for name, text in zip(LISTS, shown, strict=True)
    ]


def _cells(names: Sequence[str]) -> int:
    return sum(cell_len(name) + _AROUND for name in names)


def note(
    reviewing: Reviewing,
    name: ListName,
    kind: str,
    teller: Teller | None,
    taken: Sequence[Part] = (),
) -> list[Part]:
    """Return how far the review is, and what narrows the list; `taken`: the filter in words."""
    found, parts = reviewing.found, list[Part]()
    done = _("{done} of {of} messages").format(
        done=phrases.count(found.progress.messages), of=phrases.count(found.progress.of)
    )
    if reviewing.state == "running":
        parts.append(Part(_("comparing · {done} · x stops").format(done=done)))
    elif reviewing.state == "stopped":
        parts.append(Part(_("stopped at {done}: not all is here · r again").format(done=done)))
    elif reviewing.state == "full":
        text = _("only the first {count} memories and messages, {done}: choose a user for all")
        parts.append(Part(text.format(count=phrases.count(MOST_KEPT), done=done)))
    if kind:
        parts.append(Part(_("only {kind}").format(kind=kind_word(name, kind))))
    if teller is not None and name != "silent":
        parts.append(Part(_(TELLER_WORDS[teller])))
    parts += taken
    if not parts and name == "silent":
        order = _("the user's first, then what says little, then others', thanks last")
        parts.append(Part(_("no memory came of these")))
        parts.append(Part(order, (_("the user's first, thanks last"), "")))
    if not parts and name == "check":
        parts += _compared(found)
    if name == "missing" and kind in {"", NOT_KEPT}:
        parts += _not_kept(reviewing)
    if not parts and name in {"links", "uncompared"}:
        parts += _by_kind(reviewing, name)
    return parts


def _compared(found: Collected) -> list[Part]:
    """Return how many memories were compared, and how many of them only with what MemOS quotes."""
    text = _("{compared} of {memories} could be compared with what was said")
    shorter = _("{compared} of {memories} compared")
    compared = phrases.count(found.compared)
    memories = phrases.memories(len(found.supports))
    texts = [one.format(compared=compared, memories=memories) for one in (text, shorter)]
    parts = [Part(texts[0], (texts[1],))]
    if found.by_quotes:
        quoted = _("{count} of them only with what MemOS quotes")
        brief = _("{count} by quotes alone")
        count = phrases.count(found.by_quotes)
        parts.append(Part(quoted.format(count=count), (brief.format(count=count),), 1))
    return parts


def _not_kept(reviewing: Reviewing) -> list[Part]:
    """Return of how many memories the source is not kept, and by which settings."""
    counts = reviewing.found.counts()
    number = sum(one.total for one in counts if (one.list, one.kind) == ("missing", NOT_KEPT))
    if not number:
        return []
    fuller = _(
        "{count} not kept: config.toml has ids (keep_raw_json) or earlier versions (keep_versions_days) dropped; "
        "true keeps those that are read from then on"
    )
    texts = (
        fuller,
        _(
            "{count} not kept: keep_raw_json or keep_versions_days; true keeps what is read from then on"
        ),
        _("{count} not kept: keep_raw_json, keep_versions_days"),
        _("{count} not kept"),
    )
    first, *shorter = (text.format(count=phrases.count(number)) for text in texts)
    return [Part(first, tuple(shorter))]


def _by_kind(reviewing: Reviewing, name: ListName) -> list[Part]:
    """Return how many memories of a list there are of each kind, the rarest give way."""
    counts = reviewing.found.counts()
    found = [one for one in counts if one.list == name and one.kind != "all" and one.total]
    text = _("{reason} {count}")
    return [
        Part(
            text.format(reason=kind_word(name, one.kind), count=phrases.count(one.total)),
            ("",) if place else (),
            gives_way=-place,
        )
        for place, one in enumerate(sorted(found, key=lambda one: -one.total))
    ]


def nothing(reviewing: Reviewing, name: ListName, *, narrowed: bool) -> str:
    """Return why a list is empty; `narrowed`: something may have been left out."""
    if reviewing.state in {"new", "running"}:
        return _("Comparing what is remembered with what was said …")
    if narrowed:
        return _("Nothing here passes the filter. Press escape to drop it.")
    return _silence(reviewing) if name == "silent" else _agreement(reviewing, name)


def _silence(reviewing: Reviewing) -> str:
    if reviewing.found.progress.of:
        return _("A memory came of every message that is here.")
    return _("No message is here. A sync fetches them.")


def _agreement(reviewing: Reviewing, name: ListName) -> str:
    if not reviewing.found.supports:
        return _("No memory is here. A sync fetches them.")
    if name == "uncompared":
        return _("Every memory could be compared with what was said.")
    if name == "missing":
        return _("The source of every memory is in its transcript.")
    return counted(
        reviewing.found.compared,
        "Nothing that does not agree was found in {count} memory that could be compared. → goes on.",
        "Nothing that does not agree was found in {count} memories that could be compared. → goes on.",
    )
