"""Puts the demo together: conversations from plays, memories that quote them.

A person's file names its ``user`` or ``agent``, then has ``[[conversation]]`` tables (``id``, ``at``,
``script``, for a group chat ``participants``, and ``message_ids`` where the messages show their ids,
which the service does not document and clients must not need) and the memories as ``[[fact]]``, ``[[preference]]``,
``[[tool]]``, ``[[skill]]``, ``[[event]]`` and ``[[profile]]`` tables. All memories take

* ``in``: the conversation; ``quotes``: words of the messages that it came from;
* ``how``: ``quote`` (the default: the whole message is the source), ``excerpt`` (the words alone),
  ``id`` (the message's id alone) or ``none`` (the service names no source);
* ``from``: another conversation that the quoted words stand in; ``document``: what a knowledge base says
  instead of messages; ``lost``: words that are quoted though no message of the conversation has them;
* ``at``, ``updated``: times, by default soon after the last quoted message;
* ``status``, ``tags``, ``info``; ``also``: another agent or user that lists it, ``agent:ops-agent``;
* ``json``: sources are strings of JSON, as some answers have them.

What was otherwise in the past, by times such as ``-12d 09:30`` (days before today):

* ``was``: tables of other values, each ``until`` a time, the earliest first; ``in`` is the conversation that it
  named then, whatever it quotes;
* ``away``: two times, between which no list has it; ``left``: the time since which none has it any more, and
  ``as`` the status that it then has by its id (none: it is found no more);
* of a conversation ``edited``: tables of ``now``, words of one message, ``until`` and what it ``was``;
  ``served``: tables of which messages there were, ``from`` one ``to`` another by their numbers, each ``until`` a
  time, the earliest first, the last perhaps for good: else all are there.

Whatever is later than the instant that is shown is not there yet.
"""

from __future__ import annotations

import functools
import json
import tomllib
import uuid
import zlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from memos_admin.emulator.demo.forms import FORMS
from memos_admin.emulator.demo.screenplay import Line, moment_of, perform
from memos_admin.emulator.extraction import CHINESE
from memos_admin.emulator.records import (
    LISTED,
    VIEWS,
    Record,
    Subject,
    Wire,
    message_time,
    wire_time,
)

TABLES = {
    "fact": "detail_factual",
    "preference": "preference",
    "tool": "tool_memory",
    "skill": "skill",
    "event": "event",
    "profile": "profile",
}


class FixedListing:
    """Memories that are all there."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = records

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, position: int, /) -> Record:
        return self._records[position]

    def position(self, memory_id: str) -> int | None:
        """Where a memory stands."""
        return next((n for n, record in enumerate(self._records) if record.id == memory_id), None)

    def between(self, low: int | None, high: int | None) -> range:
        """All positions: there are few enough."""
        return range(len(self._records))


NOTHING = FixedListing(())


class Fixed:
    """Data that are all there."""

    def __init__(
        self,
        subjects: Sequence[Subject],
        transcripts: dict[tuple[str, str], list[Wire]],
        records: Sequence[Record],
    ) -> None:
        self.users: Sequence[str] = [subject.id for subject in subjects if subject.kind == "user"]
        self.agents: Sequence[str] = [subject.id for subject in subjects if subject.kind == "agent"]
        self.transcripts = transcripts
        self._records = {record.id: record for record in records}
        lists: defaultdict[tuple[Subject, str], list[Record]] = defaultdict(list)
        for record in sorted(records, key=lambda record: -record.updated):
            for subject in record.subjects if record.status in LISTED else ():
                lists[subject, record.view].append(record)
        self._listings = {key: FixedListing(found) for key, found in lists.items()}

    @property
    def records(self) -> list[Record]:
        """All memories, of any status."""
        return list(self._records.values())

    def transcript(self, owner: str, conversation_id: str) -> Sequence[Wire]:
        """The messages of a conversation."""
        return self.transcripts.get((owner, conversation_id), ())

    def listing(self, subject: Subject, view: str) -> FixedListing:
        """The memories listed for a subject."""
        return self._listings.get((subject, view), NOTHING)

    def find(self, memory_id: str) -> Record | None:
        """A memory of any status."""
        return self._records.get(memory_id)


class Cast:
    """The people of the demo so far.

    Args:
        today: the midnight that times such as ``-12d 09:30`` count from, in epoch milliseconds.
        then: the instant to show everything as of; None: now.
    """

    def __init__(self, today: int = 0, then: int | None = None) -> None:
        self._today, self._then = today, then
        self.subjects: dict[Subject, None] = {}
        self.records: list[Record] = []
        self._plays: dict[tuple[str, str], list[Line]] = {}
        self._served: dict[tuple[str, str], Sequence[Wire]] = {}
        self._waiting: list[tuple[str, Subject, str, Wire]] = []

    def data(self) -> Fixed:
        """Return what has been added. Raises ValueError for memories that quote what nobody said.

        Memories are made last: they may quote a group chat that another person's file tells.
        """
        for name, owner, view, entry in self._waiting:
            try:
                record = self._record(owner, view, entry)
                if record is not None:
                    self.records.append(record)
            except (ValueError, KeyError) as error:
                raise ValueError(f"{name}: {error!r} in {entry}") from error
        self._waiting.clear()
        transcripts = {
            key: [
                line.wire for line in self._served_of(key, play) if not self._is_later(line.moment)
            ]
            for key, play in self._plays.items()
        }
        return Fixed(list(self.subjects), transcripts, self.records)

    def add_conversation(self, owner: Subject, conversation_id: str, play: list[Line]) -> None:
        """Add a conversation of a subject."""
        if self._plays.setdefault((owner.id, conversation_id), play) is not play:
            raise ValueError(f"{owner.id} has two conversations {conversation_id!r}")
        self.subjects.setdefault(owner)

    def add(self, text: str, name: str) -> None:
        """Add a person's file. Raises ValueError that names the file and what is wrong."""
        try:
            person = _parsed(text)
            kind: Any = "user" if "user" in person else "agent"
            owner = Subject(kind, person[kind])
            self.subjects.setdefault(owner)
            for scene in person.get("conversation", ()):
                play = perform(scene["script"], scene["at"], self._today)
                self._edit(play, scene.get("edited", ()))
                if scene.get("message_ids"):
                    for number, line in enumerate(play):
                        line.wire["message_id"] = _message_id(owner, scene["id"], number)
                for participant in scene.get("participants", [owner.id]):
                    subject = owner if participant == owner.id else Subject("user", participant)
                    self.add_conversation(subject, scene["id"], play)
                    self._served[subject.id, scene["id"]] = scene.get("served", ())
        except (ValueError, KeyError) as error:
            raise ValueError(f"{name}: {error!r}") from error
        for table, view in TABLES.items():
            self._waiting += [(name, owner, view, entry) for entry in person.get(table, ())]

    def _is_later(self, moment: int) -> bool:
        """Whether something happens after the instant that is shown."""
        return self._then is not None and moment > self._then

    def _served_of(self, key: tuple[str, str], play: list[Line]) -> list[Line]:
        """Return the messages of a conversation that the service has at the instant."""
        for part in self._served.get(key, ()):
            if "until" not in part or self._is_later(self._moment(part["until"])):
                return play[part["from"] - 1 : part["to"]]
        return play

    def _moment(self, text: str) -> int:
        return moment_of(text, self._today)

    def _edit(self, play: Sequence[Line], edits: Sequence[Wire]) -> None:
        """Give messages that were edited the words that they had then, or the time of the edit."""
        for edit in edits:
            line = play[_quoted(play, edit["now"])[0]]
            at = self._moment(edit["until"])
            if self._is_later(at):
                line.wire["content"] = line.text.replace(edit["now"], edit["was"])
            else:
                line.wire["update_time"] = message_time(at)

    def _then_of(self, view: str, entry: Wire) -> tuple[Wire, int | None, str | None]:
        """Return what is told of a memory at the instant: its form, its update time, its status.

        The time is None where it was not changed by then; the status where no list or id has it.
        """
        status: str | None = entry.get("status", "activated")
        changed = None
        told = entry
        for was in entry.get("was", ()):
            until = self._moment(was["until"])
            if self._is_later(until):
                told = {**entry, **was}
                status = told.get("status", "activated")
                break
            changed = until
        if "left" in entry and not self._is_later(self._moment(entry["left"])):
            status, changed = entry.get("as"), self._moment(entry["left"])
        if "away" in entry:
            since, until = map(self._moment, entry["away"])
            if not self._is_later(since) and self._is_later(until):
                status = None
            elif not self._is_later(until):
                changed = max(changed or 0, until)
        return told, changed, status

    def _record(self, owner: Subject, view: str, entry: Wire) -> Record | None:
        """Return a memory at the instant; None where there is none."""
        form = VIEWS[view]
        told, changed, status = self._then_of(view, entry)
        conversation_id, home = told.get("in"), entry.get("in")
        play = self._plays[owner.id, home] if home else []
        said_in = entry.get("from", home)
        quoting = self._plays[owner.id, said_in] if said_in else []
        quoted = [_quoted(quoting, words) for words in entry.get("quotes", ())]
        own = FORMS[view](entry)
        memory_id = _id(owner, view, json.dumps(own, sort_keys=True))
        created = self._created(entry, quoting, [number for number, _ in quoted], memory_id)
        if status is None or self._is_later(created):
            return None
        updated = self._moment(entry["updated"]) if "updated" in entry else created
        updated = changed or (created if self._is_later(updated) else updated)
        message_ids = [_message_id(owner, said_in, number) for number, _ in quoted]
        item: Wire = {"id": memory_id, **(own if told is entry else FORMS[view](told))}
        if view != "profile":
            item["conversation_id"] = conversation_id
        item["status"] = status
        if "tags" in told:
            item["tags"] = told["tags"]
        sources = _sources(entry.get("how", "quote"), quoting, quoted, message_ids)
        sources += _not_said(entry, play)
        if sources:
            item["sources"] = [_as_text(s) if entry.get("json") else s for s in sources]
        item[form.created] = wire_time(created, form.times)
        item[form.updated] = wire_time(updated, form.times)
        if "info" in entry:
            item["info"] = entry["info"]
        return Record(
            memory_id,
            view,
            (owner, *_others(entry)),
            item,
            item["status"],
            created,
            updated,
            tuple(message_ids) if entry.get("how") != "none" else (),
            conversation_id,
            entry.get("info", {}).get("app_id"),
        )

    def _created(
        self, entry: Wire, play: Sequence[Line], quoted: Sequence[int], memory_id: str
    ) -> int:
        """Return when a memory was made: as written, or soon after the last quoted message."""
        if "at" in entry:
            return self._moment(entry["at"])
        last = play[max(quoted)] if quoted else play[-1]
        return last.moment + 4_000 + zlib.crc32(memory_id.encode()) % 40_000


@functools.cache
def _parsed(text: str) -> Wire:
    """Return a person's file, which each instant is made of; nobody changes it."""
    return tomllib.loads(text)


def _quoted(play: Sequence[Line], words: str) -> tuple[int, str]:
    """Return the number of the one message that has some words, and the words."""
    found = [number for number, line in enumerate(play) if words in line.text]
    if len(found) != 1:
        raise ValueError(f"{words!r} stands in {len(found)} messages")
    return found[0], words


def _sources(
    how: str, play: Sequence[Line], quoted: Sequence[tuple[int, str]], message_ids: Sequence[str]
) -> list[Wire]:
    if how == "none":
        return []
    if how == "id":
        return [{"type": "chat", "message_id": message_id} for message_id in message_ids]
    sources = []
    for (number, words), message_id in zip(quoted, message_ids, strict=True):
        line = play[number]
        sources.append(
            {
                "type": "chat",
                "role": line.wire["role"],
                "content": words if how == "excerpt" else line.text,
                "chat_time": line.wire["create_time"],
                "message_id": message_id,
                "lang": "zh" if CHINESE.search(line.text) else "en",
            }
        )
    return sources


def _not_said(entry: Wire, play: Sequence[Line]) -> list[Wire]:
    """Return the sources that no message of the conversation is."""
    found: list[Wire] = []
    if "document" in entry:
        found.append({"type": "doc", "content": entry["document"]})
    if "lost" in entry:
        time = play[-1].wire["create_time"]
        found.append({"type": "chat", "role": "user", "content": entry["lost"], "chat_time": time})
    return found


def _others(entry: Wire) -> tuple[Subject, ...]:
    named = entry.get("also")
    if not named:
        return ()
    kind, _, subject_id = named.partition(":")
    return (Subject("agent" if kind == "agent" else "user", subject_id),)


def _as_text(source: Wire) -> str:
    return json.dumps(source, ensure_ascii=False)


def _id(owner: Subject, view: str, text: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"memos demo {owner.id} {view} {text}"))


def _message_id(owner: Subject, conversation_id: str | None, number: int) -> str:
    return _id(owner, "message", f"{conversation_id} {number}")
