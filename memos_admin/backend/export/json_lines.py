"""JSON lines: everything that the store knows, one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

from memos_admin.backend.export.batches import batches
from memos_admin.backend.export.linking import with_derived
from memos_admin.backend.export.rows import memory_batches, utc
from memos_admin.backend.history.memories import absences
from memos_admin.backend.model import Conversation, Filter, Memory, Message, Reads, SubjectRef
from memos_admin.backend.strays import Elsewhere
from memos_admin.store import streams

_OURS = frozenset(
    {
        "pk",
        "listing_pk",
        "subject_pk",
        "ref",
        "length",
        "versions",
        "sources",
        "not_kept",
        "unlooked",
    }
)
"""Keys of the store, counts of what stands in the line itself, what only lines as of then have, and why."""
_INSTANTS = frozenset(
    {
        "created_at",
        "updated_at",
        "fetched_at",
        "served_at",
        "last_message_at",
        "older_at",
        "first_seen",
        "last_seen",
        "missed_at",
        "vanished_at",
        "version_since",
        "seen_from",
        "replaced_at",
        "returned_at",
    }
)
_NAMES = {"type": "memory_type", "older_at": "older_memory_at"}
"""A memory's type, where ``type`` is the line's, and the time of what is older than a conversation."""
# Line ends for some programs, which would cut the object in two; in JSON only within text.
_LINE_ENDS = str.maketrans({"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def conversation_line(project: str, conversation: Conversation) -> str:
    """Return the line of a conversation."""
    return _line({"type": "conversation", **_whose(project, conversation.ref)}, conversation)


def message_lines(
    reads: Reads, project: str, conversation: Conversation, elsewhere: Elsewhere
) -> Iterator[list[str]]:
    """Yield the lines of a conversation's messages in order, batch by batch."""
    head = {"type": "message", **_whose(project, conversation.ref)}
    head["conversation_id"] = conversation.conversation_id
    found = _messages(reads, conversation)
    for batch, derived in with_derived(reads, conversation, found, _keys, elsewhere):
        raws = streams.message_raws(reads.query, [message.pk for message in batch])
        yield [
            _line(
                head,
                message,
                {
                    "derived_memory_ids": derived.get(message.pk, []),
                    "earlier_versions": [
                        _fields(one)
                        for one in (reads.message_versions(message.pk) if message.versions else ())
                    ],
                },
                raws.get(message.pk),
            )
            for message in batch
        ]


def memory_lines(reads: Reads, project: str, wanted: Filter) -> Iterator[list[str]]:
    """Yield the lines of the memories that a filter names, in its order, batch by batch."""
    for batch in memory_batches(reads, wanted):
        pks = [memory.pk for memory, _ in batch]
        # The service's JSON is that of the last listing, not of an instant before.
        raws = streams.memory_raws(reads.query, pks) if wanted.as_of is None else {}
        gone = absences(reads, [memory for memory, _ in batch], wanted.as_of)
        yield [
            _line(
                {"type": "memory", **_whose(project, memory.ref)} | _then(wanted, memory),
                memory,
                {
                    "sources": [source._asdict() for source in sources],
                    "earlier_versions": _superseded(reads, memory),
                    "absences": [
                        _fields(one) for one in gone if one.listing_pk == memory.listing_pk
                    ],
                },
                raws.get(memory.pk),
            )
            for memory, sources in batch
        ]


def _then(wanted: Filter, memory: Memory) -> dict[str, Any]:
    """Return as of when a memory is told, where that is not now, and what of it is not kept."""
    if wanted.as_of is None:
        return {}
    return {"as_of": utc(wanted.as_of), "not_kept": list(memory.not_kept)}


def _messages(reads: Reads, conversation: Conversation) -> Iterator[list[Message]]:
    return batches(
        reads.message_pks(conversation.pk),
        lambda pks, before: reads.messages(pks, first_seq=before + 1),
    )


def _keys(messages: Sequence[Message]) -> list[int]:
    return [message.pk for message in messages]


def _superseded(reads: Reads, memory: Memory) -> list[dict[str, Any]]:
    if memory.version == 1:
        return []
    versions = reads.memory_versions(memory.pk)
    return [
        {**_fields(one), "not_kept": list(one.not_kept)}
        for one in versions
        if one.version < memory.version
    ]


def _whose(project: str, ref: SubjectRef) -> dict[str, str]:
    return {"project": project, "subject_kind": ref.kind, "user_id": ref.external_id}


def _line(
    head: Mapping[str, Any],
    value: Conversation | Message | Memory,
    more: Mapping[str, Any] = MappingProxyType({}),
    raw: str | None = None,
) -> str:
    # The raw object is spliced in as it is stored: decoding it could change it.
    text = dumped({**head, **_fields(value), **more})
    return f'{text[:-1]}, "raw": {_on_one_line(raw)}}}\n'


def _fields(value: Any) -> dict[str, Any]:
    return {
        key: utc(getattr(value, name)) if instant else getattr(value, name)
        for name, key, instant in _names(value.__class__)
    }


@cache
def _names(of: type[Any]) -> list[tuple[str, str, bool]]:
    """Return (field, key in the line, whether it is a time) of what a line has of a record."""
    names = [name for name in of._fields if name not in _OURS]
    return [(name, _NAMES.get(name, name), name in _INSTANTS) for name in names]


def dumped(value: Any) -> str:
    """Return a value as JSON on one line, whatever ends a line for a reader."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate has no other form in UTF-8
        return json.dumps(value)
    # Searching for each is far cheaper than translating, and hardly any text has one.
    return text.translate(_LINE_ENDS) if any(map(text.__contains__, "\x85\u2028\u2029")) else text


def _on_one_line(raw: str | None) -> str:
    if not raw:
        return "null" if raw is None else 'null, "raw_dropped": true'
    # A line end in JSON text stands between values, never within one.
    return raw.replace("\r", " ").replace("\n", " ")
