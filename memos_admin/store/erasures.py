"""Erasures of a subject that were begun and have no end yet, and the last one of somebody who came back.

Both go with the subject.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from sqlalchemy import Connection, select

from memos_admin.store import runs
from memos_admin.store.records import SubjectRef
from memos_admin.store.scopes import erasures_of, scope_of

_MOST = 50
"""Attempts that are kept of one subject: the first ones, whose archives hold the most, and the last."""

Answer = Literal["", "answered", "done", "absent", "unknown"]
"""What the service said of the deletion: nothing that was noted; something, before it was read back; that it was
done; that there is nothing of it; not whether it was done."""

Shown = Literal["nothing", "others", "listing", "not all", "something", "unread"]
"""What the service showed afterwards; see `memos_admin.backend.changing.subject_reading.Seen`."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One that was begun.

    Attributes:
        at: when, UTC milliseconds.
        request: the ticket.
        archive: SHA-256 of what was written before, ``""``: nothing was, or that was not reached.
        file: where that was written.
        sent: the deletion was about to be sent, or was.
        memories, messages, conversations: what was stored once all had been read, gone ones too; None: it
            was not noted.
        still_shown: the service showed something afterwards.
        erased_here: what was stored here was erased, by it while something elsewhere remained, or by hand.
        verified: the service showed nothing any more of all that was known of it.
        answer: what it said of the deletion.
        seen: what it showed afterwards, ``""``: it was not read back to the end.
    """

    at: int
    request: str
    archive: str = ""
    sent: bool = False
    file: str = ""
    memories: int | None = None
    messages: int | None = None
    conversations: int | None = None
    erased_here: bool = False
    still_shown: bool = False
    verified: bool = False
    answer: Answer = ""
    seen: Shown | Literal[""] = ""

    @property
    def shown(self) -> Shown | None:
        """What the service showed afterwards; None: that was not noted."""
        if self.seen:
            return self.seen
        if self.still_shown:
            return "something"
        if not self.verified:
            return None
        knew_nothing = self.memories == 0 and self.conversations == 0
        return "listing" if knew_nothing else "nothing"


def read(value: str | None) -> tuple[Attempt, ...]:
    """Return the attempts that a remembered value has, the first one first."""
    return () if value is None else tuple(Attempt(**each) for each in json.loads(value))


def is_sound(value: Any) -> bool:
    """Return whether a value is what `asdict` makes of an attempt."""
    kinds: dict[str, tuple[type, ...]] = {
        "at": (int,),
        **dict.fromkeys(("request", "archive", "file", "answer", "seen"), (str,)),
        **dict.fromkeys(("sent", "erased_here", "still_shown", "verified"), (bool,)),
        **dict.fromkeys(("memories", "messages", "conversations"), (int, type(None))),
    }
    return (
        isinstance(value, dict)
        and {"at", "request"} <= value.keys() <= kinds.keys()
        and all(isinstance(given, kinds[name]) for name, given in value.items())
        and value.get("answer", "") in get_args(Answer)
        and value.get("seen", "") in {"", *get_args(Shown)}
    )


def open_of(connection: sqlite3.Connection, ref: SubjectRef) -> tuple[Attempt, ...]:
    """Return the attempts that a store of any schema remembers of a subject, the first one first."""
    row = connection.execute(
        "SELECT value FROM setting WHERE name = ?", [erasures_of(ref)]
    ).fetchone()
    return () if row is None else read(row[0])


def of(connection: Connection, ref: SubjectRef) -> tuple[Attempt, ...]:
    """Return the attempts that are remembered of a subject, the first one first."""
    return tuple(_but(connection, ref, None))


def note(connection: Connection, ref: SubjectRef, attempt: Attempt) -> None:
    """Remember how far an attempt is, in place of what was remembered of the same one."""
    kept = [*_but(connection, ref, attempt.at), attempt]
    _set(connection, ref, [*kept[: _MOST - 1], *kept[_MOST - 1 :][-1:]])


def drop(connection: Connection, ref: SubjectRef, at: int) -> None:
    """Remember an attempt no more, since nothing came of it."""
    _set(connection, ref, _but(connection, ref, at))


def note_ended(connection: Connection, ref: SubjectRef, value: str) -> None:
    """Remember of somebody who is on the roster again how it was erased before."""
    runs.set_setting(connection, _ended_name(ref), value)


def forget(connection: Connection, ref: SubjectRef) -> None:
    """Remember nothing of a subject any more."""
    for name in (erasures_of(ref), _ended_name(ref)):
        runs.drop_setting(connection, name)


def _ended_name(ref: SubjectRef) -> str:
    return f"erased {scope_of([ref])}"


def _but(connection: Connection, ref: SubjectRef, at: int | None) -> list[Attempt]:
    setting = runs.setting
    found = connection.scalar(select(setting.c.value).where(setting.c.name == erasures_of(ref)))
    return [each for each in read(found) if each.at != at]


def _set(connection: Connection, ref: SubjectRef, attempts: list[Attempt]) -> None:
    if attempts:
        kept = json.dumps([asdict(each) for each in attempts])
        runs.set_setting(connection, erasures_of(ref), kept)
    else:
        runs.drop_setting(connection, erasures_of(ref))
