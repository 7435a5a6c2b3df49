"""What a reviewed batch asks of MemOS: which memories, and in words what is wrong with each.

Made into a plan and carried out by `memos_admin.backend.changing`: shown before, sent once, read back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from memos_admin.backend.changing.plan import BadChange, Edit
from memos_admin.backend.model import Memory, Reads
from memos_admin.backend.times import utc_text
from memos_admin.backend.verdicts.kinds import VERDICTS, WORDS
from memos_admin.backend.verdicts.sent import Sent, Way, said_already, told
from memos_admin.language import gettext as _
from memos_admin.store import verdict_reads
from memos_admin.store.verdict_records import Verdict

LONGEST = 2_000
"""Characters of a memory that feedback quotes."""

_SAYS: Mapping[str, str] = {
    "correct": "This memory is correct",
    "wrong": "This memory is wrong",
    "outdated": "This memory is outdated",
    "duplicate": "This memory is a duplicate of another one",
    "too_sensitive": "This memory is too sensitive to be kept",
    "about_someone_else": "This memory is about someone else, not about the user",
    "unsure": "It is not certain that this memory is right",
}
"""English, since it is for the service; the notes of the operators stand behind it."""


class Batch(NamedTuple):
    """Memories to be corrected, each with the verdict for which; and those left out, with why.

    A verdict has the notes of all who say the same, the last one first.
    """

    chosen: tuple[tuple[Memory, Verdict], ...]
    left_out: tuple[tuple[str, str], ...]

    @property
    def memory_ids(self) -> list[str]:
        """The memories."""
        return [memory.memory_id for memory, _verdict in self.chosen]


def batch(reads: Reads, found: Iterable[tuple[Verdict, Memory]]) -> Batch:
    """Return what of some verdicts can be sent: what is said of what a memory says now, undisputed.

    Args:
        reads: the store.
        found: verdicts with their memories; of a memory the first one counts.
    """
    first: dict[int, tuple[Memory, Verdict]] = {}
    notes: dict[tuple[int, str], list[str]] = {}
    for verdict, memory in found:
        first.setdefault(memory.pk, (memory, verdict))
        if verdict.is_of_now and verdict.note:
            notes.setdefault((memory.pk, verdict.verdict), []).append(verdict.note)
    standing = verdict_reads.standing(reads.query, list(first))
    chosen, left_out = [], []
    for pk, (memory, verdict) in first.items():
        said = {one.verdict for one in standing.get(pk, ()) if one.is_of_now}
        if not verdict.is_of_now:
            left_out.append((memory.memory_id, _("It says something else since it was judged.")))
        elif len(said) > 1:
            words = _(", ").join(_(WORDS[one]) for one in VERDICTS if one in said)
            text = _("Operators disagree: {verdicts}.").format(verdicts=words)
            left_out.append((memory.memory_id, text))
        else:
            said_why = dict.fromkeys(notes.get((pk, verdict.verdict), ()))
            chosen.append((memory, verdict._replace(note=" / ".join(said_why) or None)))
    return Batch(tuple(chosen), tuple(left_out))


def without_sent(
    reads: Reads, some: Batch, way: Way, sent: Mapping[str, Sequence[Sent]]
) -> tuple[Batch, Batch]:
    """Return a batch without what was sent in this way before, and what that is alone.

    A memory was sent where that was done while somebody's verdict said the same of the same version.

    Args:
        reads: the store.
        some: the batch.
        way: how it is to be sent.
        sent: what was sent about each memory, see `sent.sent`.
    """
    left: list[tuple[Memory, Verdict]] = []
    again: list[tuple[Memory, Verdict]] = []
    why = list(some.left_out)
    for memory, verdict in some.chosen:
        known = sent.get(memory.memory_id, ())
        history = verdict_reads.history(reads.query, memory.pk) if known else ()
        of_way = [one for one in known if one.way == way]
        if (one := said_already(verdict, of_way, history)) is None:
            left.append((memory, verdict))
        else:
            again.append((memory, verdict))
            why.append((memory.memory_id, told(one, _minute(one.at))))
    return Batch(tuple(left), tuple(why)), Batch(tuple(again), some.left_out)


def _minute(at: int) -> str:
    return f"{utc_text(at)[:16].replace('T', ' ')}Z"


def feedback(chosen: Sequence[tuple[Memory, Verdict]]) -> dict[str, Edit]:
    """Return what is said of each memory in words, by its id."""
    return {
        memory.memory_id: Edit(feedback=feedback_on(memory, verdict)) for memory, verdict in chosen
    }


def feedback_on(memory: Memory, verdict: Verdict) -> str:
    """Return what is said of a memory: what is wrong with it, what it says, and the notes."""
    quoted = memory.content[:LONGEST] + ("…" if len(memory.content) > LONGEST else "")
    note = f" {verdict.note}" if verdict.note else ""
    return f"{_SAYS.get(verdict.verdict, verdict.verdict)}: “{quoted}”.{note}"


def read_edits(lines: Iterable[str]) -> dict[str, Edit]:
    """Return what memories shall say: of each line of JSON its ``memory_id``, ``title``, ``content``.

    Raises:
        BadChange: a line says it in another way; its number is told.
    """
    return dict(_edits(lines))


def _edits(lines: Iterable[str]) -> Iterator[tuple[str, Edit]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            said = None
        texts = said if isinstance(said, dict) else {}
        memory_id, title, content = (texts.get(key) for key in ("memory_id", "title", "content"))
        fits = all(isinstance(text, str | None) for text in (title, content))
        if not isinstance(memory_id, str) or not memory_id or not fits:
            text = _('Line {number} is not such as {{"memory_id": "…", "content": "…"}}.')
            raise BadChange(text.format(number=f"{number:,}"))
        yield memory_id, Edit(title, content)
