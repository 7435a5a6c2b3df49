"""What the detail of a memory or of a message says, as entries that a view wraps. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Literal

from memos_admin.backend import display
from memos_admin.backend.display import beginning, called, cut_before, pad, titled
from memos_admin.backend.history.memories import Absence
from memos_admin.backend.history.messages import until_changed
from memos_admin.backend.history.worddiff import marked
from memos_admin.backend.model import Memory, MemorySource, MemoryVersion, Message, MessageVersion
from memos_admin.backend.perspective import perspective, without_marks
from memos_admin.backend.verdicts.standing import Verdict
from memos_admin.backend.wrapping import wrap
from memos_admin.language import N_, counted
from memos_admin.language import gettext as _
from memos_admin.tui.desk.place import Place
from memos_admin.tui.jobs.evidence import OVERLAP, Lead, MemoryEvidence
from memos_admin.tui.jobs.judging import told
from memos_admin.tui.jobs.made_of import MessageEvidence
from memos_admin.tui.layout.transcript import shown
from memos_admin.tui.words import phrases

EntryKind = Literal["title", "text", "field", "dim", "heading", "warn", "accent", "blank"]

LABEL = 11
"""Cells of the labels of fields."""

TEXT_CUT = 20_000
"""Characters of a text that the detail shows."""

NO_LONGER_KEPT = N_("The text is no longer kept: keep_versions_days of config.toml has it dropped.")
"""Stands in the place of a text that retention has dropped."""

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

HINT, WIDE_HINT = 3, 5
"""Cells that stay free at the end of lines that lead somewhere: a space, the key that goes there, in brackets
where there is room for them, and a scroll bar that comes with the text."""

_WIDE = 60

QUOTES, QUOTE_CUT = 3, 200
"""So much is quoted beside the answer of sources that are not in the transcript, and of the message near to them."""


def lines(entries: list[Entry], width: int) -> list[DetailLine]:
    """Return entries wrapped to `width` cells."""
    width = max(width, 16)
    hint = WIDE_HINT if width >= _WIDE else HINT
    result: list[DetailLine] = []
    for entry in entries:
        text = shown(cut(entry.text))
        label, lead = entry.label, entry.lead
        room = (width - LABEL if label else width) - (hint if lead else 0)
        for start, end in wrap(text, room):
            head = pad(label, LABEL) if entry.label else ""
            line = text[start:end].replace(phrases.NO_BREAK, " ")
            result.append((head, line, entry.kind, lead))
            label, lead = "", None
    return result


def cut(text: str, most: int = TEXT_CUT) -> str:
    """Return the beginning of a text, with a mark that says how much there is."""
    if len(text) <= most:
        return text
    return _("{text}… ({size} in all)").format(
        text=beginning(text, most), size=phrases.size(len(text))
    )


def cut_message(message: Message) -> str:
    """Return what was read of a message, with a mark that says how much there is."""
    if len(message.content) >= message.length:
        return message.content or _("(no text)")
    return _("{text}… ({size} in all)").format(
        text=cut_before(message.content), size=phrases.size(message.length)
    )


def memory_entries(
    evidence: MemoryEvidence,
    now: int,
    raw: str,
    *,
    then: Sequence[str] = (),
    compare: str = "",
    explain: str = "",
) -> list[Entry]:
    """Return the detail of a memory; `raw` is the key that shows its JSON.

    `explain` is the key that shows what does not agree beside its messages.
    `compare` is the key that shows its versions beside each other. `then` says as of when it is told, and what of that cannot be known; nothing where that is now.
    """
    memory = evidence.memory
    entries = [Entry("warn", then[0]), Entry("blank")] if then else []
    if memory.vanished_at is not None:
        text = _("No longer listed by MemOS since {when}")
        if memory.reason:
            text = _("No longer listed by MemOS since {when}: {reason}")
        gone, why = phrases.exact(memory.vanished_at, now), phrases.reason_word(memory.reason or "")
        entries.append(Entry("warn", text.format(when=gone, reason=why)))
        entries += [Entry("dim", _("What follows is what was read last.")), Entry("blank")]
    elif memory.in_doubt and memory.missed_at is not None:
        text = _(
            "In doubt since {when}: a whole listing lacked it, and MemOS does not say that it is gone."
        )
        when = phrases.exact(memory.missed_at, now)
        entries += [Entry("warn", text.format(when=when)), Entry("blank")]
    if memory.title:
        entries += [Entry("title", titled(memory.title, memory.content)), Entry("blank")]
    whose = perspective(memory.content)
    if whose:
        entries += [Entry("accent", _(whose))]
    entries += [_content(memory), Entry("blank")]
    entries += _came_from(evidence)
    entries += check_entries(evidence.checks)
    if evidence.checks and explain:
        text = _("{key} shows it beside the messages")
        entries.append(Entry("dim", text.format(key=explain), " "))
    if evidence.only_reviewed and explain:
        text = _("not compared here: {key} does")
        entries.append(Entry("dim", text.format(key=explain), _("check")))
    if memory.tags:
        entries += [Entry("field", " · ".join(memory.tags), _("tags"))]
    entries += _verdicts(evidence.verdicts, now)
    entries += [Entry("blank"), *_fields(memory, evidence.absences, now)]
    entries += [
        Entry("dim", _("{key} shows the raw JSON of the service").format(key=raw)),
        Entry("blank"),
    ]
    entries += _sources(evidence.sources)
    entries += list(_versions(evidence.versions, memory, now, compare))
    if then:
        entries.append(Entry("heading", _("What cannot be known of then")))
        entries += [Entry("text", text) for text in then[1:]]
    return entries


def _came_from(evidence: MemoryEvidence) -> Iterator[Entry]:
    """Yield where the sources are, then why others are not here, then the message with the nearest words.

    Each with its own words, so that none seems to be said by another.
    """
    lines = [(note, evidence.leads.get(note)) for note in evidence.notes]
    left = QUOTES
    for why in dict.fromkeys(one.why for one in evidence.lacking):
        lines.append((why, None))
        quotes = [one.quote for one in evidence.lacking if one.why == why and one.quote]
        for quote in quotes[:left]:
            said = _("MemOS quotes: “{text}”").format(text=cut(quote, QUOTE_CUT))
            lines.append((said, None))
        left -= len(quotes[:left])
    for label, (text, lead) in zip(chain([_("source")], repeat(" ")), lines, strict=False):
        yield Entry("field", text, label, lead)
    near = evidence.near
    if near is not None:
        text = _("similar, no known source: message {number}, “{text}”")
        said = text.format(number=near.seq, text=cut(near.content, QUOTE_CUT))
        yield Entry("field", said, " ", evidence.leads.get(OVERLAP))


def check_entries(checks: Sequence[str]) -> Iterator[Entry]:
    """Yield what of a memory does not agree with its messages, each a sentence."""
    for label, said in zip(chain([_("● check")], repeat(" ")), checks, strict=False):
        yield Entry("warn", said, label)


def _verdicts(verdicts: Sequence[Verdict], now: int) -> Iterator[Entry]:
    for label, one in zip(chain([_("verdict")], repeat(" ")), verdicts, strict=False):
        yield Entry("field" if one.is_of_now else "warn", told(one, now), label)
        if one.note:
            yield Entry("field", f"“{cut(one.note, QUOTE_CUT)}”", " ")
        if one.ticket:
            yield Entry("field", _("ticket {ticket}").format(ticket=one.ticket), " ")


def _content(memory: Memory) -> Entry:
    if memory.dropped:
        return Entry("dim", _(NO_LONGER_KEPT))
    return Entry("text", memory.content or _("(no text)"))


def _fields(memory: Memory, absences: Sequence[Absence], now: int) -> Iterator[Entry]:
    none, lost = _("not given"), _("not kept by date")
    confidence = none if memory.confidence is None else f"{memory.confidence:.2f}"
    updated = phrases.exact(memory.updated_at, now)
    version = _("{version}, read {when}").format(
        version=memory.version, when=phrases.exact(memory.version_since, now)
    )
    whose = perspective(memory.content)
    fields = (
        (_("view"), phrases.view_word(memory.view)),
        (_("status"), phrases.full_status(memory.status) if memory.status else none),
        (_("type"), memory.type or none),
        (_("told as"), _(whose) if whose else none),
        (_("confidence"), lost if "confidence" in memory.not_kept else confidence),
        (_("updated"), lost if "updated_at" in memory.not_kept else updated),
        (_("created"), phrases.exact(memory.created_at, now)),
        (_("first seen"), phrases.exact(memory.first_seen, now)),
        (_("listed"), phrases.exact(memory.last_seen, now)),
        *zip(chain([_("absent")], repeat(" ")), map(phrases.absence, absences), strict=False),
        (_("version"), version),
        (_("from"), _from(memory)),
        (_(phrases.KINDS[memory.ref.kind]), called(memory.ref)),
        (_("memory id"), memory.memory_id),
    )
    for label, text in fields:
        yield Entry("field", text, label)


def _from(memory: Memory) -> str:
    if "conversation_id" in memory.not_kept:
        if not memory.conversation_id:
            return _("not kept for this version")
        text = _("not kept for this version; now conversation {id}")
        return text.format(id=memory.conversation_id)
    if memory.conversation_id:
        return _("conversation {id}").format(id=memory.conversation_id)
    return _("no conversation is named")


def _sources(sources: tuple[MemorySource, ...]) -> list[Entry]:
    if not sources:
        return []
    heading = counted(
        len(sources),
        "{count} source given by the service",
        "{count} sources given by the service",
    )
    entries = [Entry("heading", heading)]
    for source in sources:
        about = [source.kind, phrases.role_word(source.role or ""), source.time]
        if source.message_id:
            about.append(_("message id {id}").format(id=source.message_id))
        entries.append(Entry("dim", " · ".join(part for part in about if part)))
        if source.excerpt:
            entries.append(Entry("text", cut(source.excerpt, EXCERPT_CUT)))
    return [*entries, Entry("blank")]


def _versions(
    versions: tuple[MemoryVersion, ...], memory: Memory, now: int, compare: str
) -> Iterator[Entry]:
    earlier = [version for version in versions if version.replaced_at is not None]
    if not earlier:
        return
    yield Entry(
        "heading",
        counted(len(earlier), "{count} earlier version", "{count} earlier versions"),
    )
    if compare:
        yield Entry("dim", _("{key} shows what changed, word by word").format(key=compare))
    for version in reversed(earlier):
        until = phrases.exact(version.replaced_at, now)
        told = _("version {version}, until {when}").format(version=version.version, when=until)
        yield Entry("dim", told)
        status = phrases.status_word(version.status or "")
        about = [
            phrases.view_word(version.view),
            status,
            *version.tags,
            _elsewhere(version, memory),
        ]
        yield Entry("dim", " · ".join(part for part in about if part))
        if version.title:
            yield Entry("title", titled(version.title, version.content))
        yield _said(version)
        yield Entry("blank")


def _elsewhere(version: MemoryVersion, memory: Memory) -> str:
    """Return which conversation an earlier version named; ``""``: the same, or it is not known which."""
    unknown = {*version.not_kept, *memory.not_kept}
    if "conversation_id" in unknown or version.conversation_id == memory.conversation_id:
        return ""
    if version.conversation_id is None:
        return _("no conversation is named")
    return _("conversation {id}").format(id=version.conversation_id)


def _said(version: MemoryVersion | MessageVersion) -> Entry:
    """Return what an earlier version said, or that it is no longer kept."""
    if version.dropped:
        return Entry("dim", _(NO_LONGER_KEPT))
    return Entry("text", version.content)


def message_entries(evidence: MessageEvidence, now: int, raw: str) -> list[Entry]:
    """Return the detail of a message; `raw` is the key that shows its JSON."""
    message = evidence.message
    entries: list[Entry] = [Entry("text", _beginning(message)), Entry("blank")]
    made = evidence.memories
    if made:
        heading = counted(len(made), "{count} memory made from it", "{count} memories made from it")
        entries.append(Entry("heading", heading))
    elif evidence.looking:
        entries.append(Entry("dim", _("looking which memories came from it …")))
    else:
        entries.append(Entry("dim", _("no memory is known to come from it")))
    for memory in made:
        title = titled(memory.title or "", memory.content) or beginning(
            without_marks(memory.content), 200
        )
        words = [phrases.view_word(memory.view), phrases.state(memory, now), title]
        place = None
        if memory.conversation_id != evidence.conversation.conversation_id:
            where = memory.conversation_id or ""
            place = Place(memory.ref, where, memory.memory_id, pane="memories")
        lead = Lead("memory", memory.memory_id, _("the memory"), place)
        if how := evidence.how.get(memory.memory_id):
            words.append(_("by {how}").format(how=how))
        if place is not None and place.conversation_id:
            words.append(_("of conversation {name}").format(name=place.conversation_id))
        entries.append(Entry("text", " · ".join(word for word in words if word), lead=lead))
    entries.append(Entry("blank"))
    fields = (
        (_("role"), phrases.role_word(message.role)),
        (_("name"), display.other_name(message.role_name or "")),
        (_("role id"), display.other_name(message.role_id or "")),
        (_("tool call"), message.tool_call_id),
        (_("created"), phrases.exact(message.created_at, now)),
        (_("updated"), phrases.exact(message.updated_at, now)),
        (_("first seen"), phrases.exact(message.first_seen, now)),
        (_("length"), phrases.size(message.length)),
        (_("tool calls"), str(len(message.tool_calls)) if message.tool_calls else None),
    )
    entries += [Entry("field", text, label) for label, text in fields if text]
    entries += [
        Entry("dim", _("{key} shows the raw JSON of the service").format(key=raw)),
        Entry("blank"),
    ]
    if evidence.versions:
        entries.append(
            Entry(
                "heading",
                counted(
                    len(evidence.versions), "{count} earlier version", "{count} earlier versions"
                ),
            )
        )
        text = _("{gone} and {new} mark the words that changed then")
        entries.append(Entry("dim", text.format(gone="[-…-]", new="{+…+}")))
    whole = message.content if len(message.content) >= message.length else None
    for version, parts in until_changed(evidence.versions, whole):
        until = phrases.exact(version.replaced_at, now)
        said = Entry("text", "".join(map(marked, parts))) if parts else _said(version)
        entries += [Entry("dim", _("until {when}").format(when=until)), said, Entry("blank")]
    return entries


def _beginning(message: Message) -> str:
    if len(message.content) >= message.length:
        return message.content or _("(no text)")
    text = _("{text}… ({size} in all: enter opens them)")
    return text.format(text=cut_before(message.content), size=phrases.size(message.length))
