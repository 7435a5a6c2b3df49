"""What the detail of a memory or of a message says, as entries that a view wraps. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Literal

from memos_admin.backend.model import Memory, MemorySource, MemoryVersion, Message
from memos_admin.backend.wrapping import wrap
from memos_admin.tui import phrases
from memos_admin.tui.evidence import Lead, MemoryEvidence, MessageEvidence
from memos_admin.tui.transcript_layout import shown

EntryKind = Literal["title", "text", "field", "dim", "heading", "warn", "accent", "blank"]

LABEL = 11
"""Cells of the labels of fields."""

TEXT_CUT = 20_000
"""Characters of a text that the detail shows."""

EXCERPT_CUT = 2_000
"""Characters of a source's quoted text that the detail shows."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A paragraph or a field of the detail; its text may come from outside and is not yet gated."""

    kind: EntryKind
    text: str = ""
    label: str = ""
    lead: Lead | None = None


DetailLine = tuple[str, str, str, Lead | None]
"""Label, text, both gated, the kind of entry, and where its first line leads to."""

HINT = 3
"""Cells that stay free at the end of lines that lead somewhere: a space, the key that goes there,
and a scroll bar that comes with the text."""

QUOTES, QUOTE_CUT = 3, 200
"""So much is quoted beside the answer of sources that are not in the transcript."""


def lines(entries: list[Entry], width: int) -> list[DetailLine]:
    """Return entries wrapped to `width` cells."""
    width = max(width, 16)
    result: list[DetailLine] = []
    for entry in entries:
        text = shown(cut(entry.text))
        label, lead = entry.label, entry.lead
        room = (width - LABEL if label else width) - (HINT if lead else 0)
        for start, end in wrap(text, room):
            head = f"{label:<{LABEL}}" if entry.label else ""
            result.append((head, text[start:end], entry.kind, lead))
            label, lead = "", None
    return result


def cut(text: str, most: int = TEXT_CUT) -> str:
    """Return the beginning of a text, with a mark that says how much there is."""
    if len(text) <= most:
        return text
    return f"{text[:most]}… ({phrases.size(len(text))} in all)"


def state(memory: Memory, now: int) -> str:
    """Return what is special about a memory in a word or two, ``""`` where nothing is."""
    if memory.vanished_at is not None:
        return f"gone since {phrases.short_date(memory.vanished_at, now)}"
    if memory.status and memory.status != "activated":
        return memory.status
    if phrases.perspective(memory.content) == "assistant's inference":
        return "inferred"
    return ""


def memory_entries(evidence: MemoryEvidence, now: int, raw: str) -> list[Entry]:
    """Return the detail of a memory; `raw` is the key that shows its JSON."""
    memory = evidence.memory
    entries: list[Entry] = []
    if memory.vanished_at is not None:
        why = f": {memory.reason}" if memory.reason else ""
        gone = phrases.exact(memory.vanished_at, now)
        entries += [Entry("warn", f"No longer listed by MemOS since {gone}{why}"), Entry("blank")]
    if memory.title:
        entries += [Entry("title", memory.title), Entry("blank")]
    whose = phrases.perspective(memory.content)
    if whose:
        entries += [Entry("accent", whose)]
    entries += [Entry("text", memory.content or "(no text)"), Entry("blank")]
    for label, note in zip(chain(["source"], repeat(" ")), evidence.notes, strict=False):
        entries.append(Entry("field", note, label, evidence.leads.get(note)))
    if not evidence.certain:  # nothing in the transcript shows what was said
        quoted = [source.excerpt for source in evidence.sources if source.excerpt]
        entries += [Entry("field", f"“{cut(text, QUOTE_CUT)}”", " ") for text in quoted[:QUOTES]]
    if memory.tags:
        entries += [Entry("field", " · ".join(memory.tags), "tags")]
    entries += [Entry("blank"), *_fields(memory, now)]
    entries += [Entry("dim", f"{raw} shows the raw JSON of the service"), Entry("blank")]
    entries += _sources(evidence.sources)
    entries += list(_versions(evidence.versions, now))
    return entries


def _fields(memory: Memory, now: int) -> Iterator[Entry]:
    confidence = "not given" if memory.confidence is None else f"{memory.confidence:.2f}"
    since = phrases.exact(memory.version_since, now)
    fields = (
        ("view", phrases.view_word(memory.view)),
        ("status", memory.status or "not given"),
        ("type", memory.type or "not given"),
        ("told as", phrases.perspective(memory.content) or "not given"),
        ("confidence", confidence),
        ("updated", phrases.exact(memory.updated_at, now)),
        ("created", phrases.exact(memory.created_at, now)),
        ("first seen", phrases.exact(memory.first_seen, now)),
        ("last seen", phrases.exact(memory.last_seen, now)),
        ("version", f"{memory.version}, read {since}"),
        ("from", _from(memory)),
        (memory.ref.kind, memory.ref.external_id),
        ("memory id", memory.memory_id),
    )
    for label, text in fields:
        yield Entry("field", text, label)


def _from(memory: Memory) -> str:
    if memory.conversation_id:
        return f"conversation {memory.conversation_id}"
    return "no conversation is named"


def _sources(sources: tuple[MemorySource, ...]) -> list[Entry]:
    if not sources:
        return []
    number = phrases.counted(len(sources), "source")
    entries = [Entry("heading", f"{number} given by the service")]
    for source in sources:
        about = [source.kind, source.role, source.time]
        if source.message_id:
            about.append(f"message id {source.message_id}")
        entries.append(Entry("dim", " · ".join(part for part in about if part)))
        if source.excerpt:
            entries.append(Entry("text", cut(source.excerpt, EXCERPT_CUT)))
    return [*entries, Entry("blank")]


def _versions(versions: tuple[MemoryVersion, ...], now: int) -> Iterator[Entry]:
    earlier = [version for version in versions if version.replaced_at is not None]
    if not earlier:
        return
    yield Entry("heading", phrases.counted(len(earlier), "earlier version"))
    for version in reversed(earlier):
        until = phrases.exact(version.replaced_at, now)
        yield Entry("dim", f"version {version.version}, until {until}")
        about = [phrases.view_word(version.view), version.status or "", *version.tags]
        yield Entry("dim", " · ".join(part for part in about if part))
        if version.title:
            yield Entry("title", version.title)
        yield Entry("text", version.content)
        yield Entry("blank")


def message_entries(evidence: MessageEvidence, now: int, raw: str) -> list[Entry]:
    """Return the detail of a message; `raw` is the key that shows its JSON."""
    message = evidence.message
    entries: list[Entry] = [Entry("text", _beginning(message)), Entry("blank")]
    made = evidence.memories
    entries.append(
        Entry("heading", f"{phrases.counted(len(made), 'memory', 'memories')} made from it")
        if made
        else Entry("dim", "no memory is known to come from it")
    )
    for memory in made:
        title = memory.title or phrases.without_marks(memory.content)[:200]
        words = [phrases.view_word(memory.view), state(memory, now), title]
        lead = Lead("memory", memory.memory_id, "the memory")
        entries.append(Entry("text", " · ".join(word for word in words if word), lead=lead))
    entries.append(Entry("blank"))
    fields = (
        ("role", message.role),
        ("name", message.role_name),
        ("role id", message.role_id),
        ("tool call", message.tool_call_id),
        ("created", phrases.exact(message.created_at, now)),
        ("updated", phrases.exact(message.updated_at, now)),
        ("first seen", phrases.exact(message.first_seen, now)),
        ("length", phrases.size(message.length)),
        ("tool calls", str(len(message.tool_calls)) if message.tool_calls else None),
    )
    entries += [Entry("field", text, label) for label, text in fields if text]
    entries += [Entry("dim", f"{raw} shows the raw JSON of the service"), Entry("blank")]
    if evidence.versions:
        entries.append(Entry("heading", phrases.counted(len(evidence.versions), "earlier version")))
    for version in reversed(evidence.versions):
        until = phrases.exact(version.replaced_at, now)
        entries += [
            Entry("dim", f"until {until}"),
            Entry("text", version.content),
            Entry("blank"),
        ]
    return entries


def _beginning(message: Message) -> str:
    if len(message.content) >= message.length:
        return message.content or "(no text)"
    return f"{message.content}… ({phrases.size(message.length)} in all: enter opens them)"
