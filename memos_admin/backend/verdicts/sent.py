"""What was sent to MemOS of which memory, in which way and when: as the operator journal has it.

Each change is journaled before it is sent, and what came of it behind that; so what is not known here was
not sent from here, unless the journal was switched off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from memos_admin.backend.verdicts.standing import stood_at
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.store.verdict_records import Verdict

if TYPE_CHECKING:
    from memos_admin.backend.home import Home
    from memos_admin.backend.journal import Action
    from memos_admin.backend.projects.project import Project

Way = Literal["feedback", "update", "archive"]

WAYS: Mapping[Way, str] = {
    "feedback": N_("feedback"),
    "update": N_("new text"),
    "archive": N_("archiving"),
}
_ACTIONS: Mapping[Action, Way] = {
    "memory.feedback": "feedback",
    "memory.edit": "update",
    "memory.archive": "archive",
}


class Sent(NamedTuple):
    """Something that was sent about a memory.

    Attributes:
        at: when, UTC milliseconds; `operator`: by whom.
        is_certain: MemOS took it; else it is not known whether it did.
    """

    way: Way
    at: int
    operator: str
    is_certain: bool


def sent(home: Home, project: Project) -> dict[str, list[Sent]]:
    """Return what was sent about each memory, by its id, earliest first. Blocks.

    Raises:
        StoreError: the journal cannot be read.
    """
    from memos_admin.backend import journal
    from memos_admin.backend.journal import reading

    journal.of(home).flush()  # what this program has done is written behind everything
    ways: Mapping[str, Way] = dict(_ACTIONS.items())
    found: list[tuple[str, Sent]] = []
    begun: dict[tuple[str, Way], Sent] = {}
    for entry in reading.of_actions(home, project.uuid, tuple(_ACTIONS)):
        what = entry.memory_id or "", ways[entry.action]
        if entry.result == "begun":
            begun[what] = Sent(what[1], entry.at, entry.operator, is_certain=False)
        elif (one := begun.pop(what, None)) is not None:
            is_done = entry.result == "done"
            if is_done or entry.details.get("carried_out") == "unknown":
                found.append((what[0], one._replace(is_certain=is_done)))
    found += [(memory_id, one) for (memory_id, _way), one in begun.items()]
    by_memory: dict[str, list[Sent]] = {}
    for memory_id, one in sorted(found, key=lambda it: it[1].at):
        by_memory.setdefault(memory_id, []).append(one)
    return by_memory


def said_already(verdict: Verdict, some: Sequence[Sent], history: Sequence[Verdict]) -> Sent | None:
    """Return what was sent last while somebody's verdict said the same of the same; None: nothing was.

    Args:
        verdict: on a memory.
        some: what was sent about it, earliest first.
        history: all that was ever said of it.
    """
    same = verdict.version, verdict.verdict
    found = (
        one
        for one in reversed(some)
        if same in {(said.version, said.verdict) for said in stood_at(history, one.at)}
    )
    return next(found, None)


def told(one: Sent, when: str) -> str:
    """Return what was sent and when, in a sentence; `when`: how that is written."""
    text = _("Sent as {way} on {when} by {operator}.")
    if not one.is_certain:
        text = _("Sent as {way} on {when} by {operator}; whether MemOS took it is not known.")
    return text.format(way=_(WAYS[one.way]), when=when, operator=one.operator)
