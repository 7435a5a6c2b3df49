"""Why a row is in a list of the evidence: what was compared, with the words of both texts marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from textual.content import Content

from memos_admin.backend.author_words import who
from memos_admin.backend.display import BEYOND, one_line
from memos_admin.backend.evidence.denials import denials_in
from memos_admin.backend.evidence.matching import matching, share
from memos_admin.backend.evidence.support import SourceLink, Support, Unfound
from memos_admin.backend.evidence.wording import (
    LINK_WORDS,
    MISSING_WORDS,
    TELLER_WORDS,
    explained,
    why,
    why_not_compared,
)
from memos_admin.backend.model import Memory, Reads
from memos_admin.backend.provenance.quotes import joined_spans
from memos_admin.backend.strays import text_before
from memos_admin.backend.times import now_ms
from memos_admin.language import gettext as _
from memos_admin.language import sentences
from memos_admin.tui.layout.transcript import shown, shown_spans
from memos_admin.tui.rows.evidence import EvidenceRow
from memos_admin.tui.words import phrases

MOST_MESSAGES, MOST_QUOTES, _CUT = 4, 3, 1_500
"""So many messages and quotations are shown beside a memory, and so many characters of each text."""

READ = _CUT + BEYOND
"""Characters of each text that are looked at, so that no half of what is personal is shown."""

_FEW, _NEARLY_ALL = 4, 0.9
"""From so many marked places, and so large a share of the words on, a mark would say nothing."""

Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Paragraph:
    """A text with a heading, shown as far as `_CUT`; what both texts have is marked. Not gated."""

    heading: str
    text: str
    marks: Spans = ()
    style: str = ""


def paragraphs(reads: Reads, row: EvidenceRow) -> list[Paragraph]:
    """Return what is to be said of a row; to be called in the reader's thread."""
    if row.message is not None:
        return list(_of_message(reads, row))
    return list(_of_memory(reads, row))


def _of_message(reads: Reads, row: EvidenceRow) -> Iterator[Paragraph]:
    message = row.message
    if message is None:
        return
    text = reads.message_text(message.pk)[:READ]
    near = _("It is similar to a memory without a known source.") if row.nearest else ""
    none = _("No memory is known to come from this message.")
    yield Paragraph("", sentences(none, near), style="$text-muted")
    when = phrases.exact(message.created_at, now_ms())
    where = _("{conversation} · message {number} · {role} · {when}").format(
        conversation=one_line(row.conversation_id, 40),
        number=message.seq,
        role=phrases.role_word(message.role) if row.writer is None else who(row.writer),
        when=when,
    )
    yield Paragraph(where, text)


def _is_said(support: Support) -> bool:
    """Whether a check says already that no source is given."""
    none = support.missing == "none given"
    return none and any(one.kind == "nothing shared" for one in support.checks)


def _of_memory(reads: Reads, row: EvidenceRow) -> Iterator[Paragraph]:
    support, memories = row.support, reads.memories([row.key])
    if support is None or not memories:
        return
    memory = memories[0]
    content = memory.content[:READ]
    reason = Paragraph("", why(support), style="$text-primary")
    if row.name == "uncompared":
        reason = Paragraph("", why_not_compared(support), style="$text-primary")
    if row.name == "uncompared" or (row.name == "missing" and not _is_said(support)):
        yield reason
    for check in support.checks:
        said = explained(check, support, partial(phrases.exact, now=now_ms()))
        yield Paragraph("", said, style="$text-warning")
    elsewhere = row.name not in {"missing", "uncompared"}
    if support.missing is not None and support.given and elsewhere:
        yield reason
    texts = [(link, _said_by(reads, link)[:READ]) for link in support.links]
    mine = [span for _link, text in texts for span in matching(content, text)[0]]
    denied = [one for one in support.checks if one.kind == "negation"]
    in_memory = [words for one in denied if one.memory_denies for words in one.memory]
    in_source = [words for one in denied if not one.memory_denies for words in one.source]
    yield _marked(_about(memory, support), content, mine, denials_in(content, in_memory))
    for link, text in texts[:MOST_MESSAGES]:
        known = _("{conversation} · message {number} · {role} · by {how}")
        if link.how == "overlap":
            known = _(
                "{conversation} · message {number} · {role} · a similar message, not a known source"
            )
        heading = known.format(
            conversation=one_line(link.conversation_id, 40),
            number=link.seq,
            role=who(link.writer),
            how=_(LINK_WORDS[link.how]),
        )
        if link.earlier is not None:
            until = phrases.exact(link.earlier.until, now_ms())
            text_of_then = _("{heading} · in an earlier version, until {when}")
            heading = text_of_then.format(heading=heading, when=until)
        yield _marked(heading, text, matching(content, text)[1], denials_in(text, in_source))
    yield from _quoted(support.unfound, content)
    if not (support.links or support.given or support.checks) and row.name != "uncompared":
        yield Paragraph("", _unlinked(reads, memory), style="$text-muted")


def _said_by(reads: Reads, link: SourceLink) -> str:
    """Return what a message says, or said where a memory came from that."""
    if link.earlier is None:
        return reads.message_text(link.message_pk)
    return text_before(reads, link.earlier)


def _about(memory: Memory, support: Support) -> str:
    """Return what a memory is, whose words it says that it holds, and of which conversation it is."""
    told = _("memory · {view} · {teller}").format(
        view=phrases.view_word(memory.view), teller=_(TELLER_WORDS[support.teller])
    )
    if not memory.conversation_id:
        return told
    name = one_line(memory.conversation_id, 40)
    return _("{about} · of conversation {name}").format(about=told, name=name)


def _marked(heading: str, text: str, spans: Spans, denials: Spans = ()) -> Paragraph:
    """Return a text with the words that the other one has too; where nearly all are, that is said instead.

    The words that deny what the other text says are marked in any case.
    """
    if len(spans) < _FEW or share(text, spans) < _NEARLY_ALL:
        return Paragraph(heading, text, joined_spans([*spans, *denials]))
    said = _("{heading} · most words are the same in both, so none is marked")
    return Paragraph(said.format(heading=heading), text, denials)


def _unlinked(reads: Reads, memory: Memory) -> str:
    """Return why a memory without a source is linked to no message."""
    if not memory.conversation_id:
        return _("It names no conversation, so no message was compared with it.")
    conversation = reads.conversation(memory.ref, memory.conversation_id)
    if conversation is None or not conversation.messages:
        return _("No message of its conversation is here, so none was compared with it.")
    return _("No message of its conversation is similar to it and has its numbers and names.")


def _quoted(unfound: Sequence[Unfound], content: str) -> Iterator[Paragraph]:
    """Yield what the service quotes as sources of a memory that are not in its transcript, and why not."""
    quoted = [(one, one.source) for one in unfound if one.elsewhere is None]
    for one, source in quoted[:MOST_QUOTES]:
        if source is not None and source.excerpt:
            heading = _("quoted by MemOS · {kind} · {why}").format(
                kind=one_line(source.kind, 20), why=_(MISSING_WORDS[one.why])
            )
            text = source.excerpt[:READ]
            yield _marked(heading, text, matching(content, text)[1])


def as_content(found: Sequence[Paragraph]) -> Content:
    """Return paragraphs as they are drawn, gated."""
    parts: list[Content] = []
    for one in found:
        if one.heading:
            parts.append(Content.styled(one_line(one.heading, 200), "$text-muted"))
        text = Content(shown(one.text, _CUT))
        if one.style:
            text = text.stylize(one.style)
        for start, end in shown_spans(one.text, sorted(set(one.marks))):
            text = text.stylize("underline bold", start, min(end, len(text)))
        parts += [text, Content("")]
    return Content("\n").join(parts[:-1])
