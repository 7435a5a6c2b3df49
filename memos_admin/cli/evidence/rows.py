"""The rows of the evidence lists: their fields, the columns of a terminal, and where they come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from memos_admin.backend.authors import AUTHORS, Writer
from memos_admin.backend.view_words import VIEWS
from memos_admin.cli.lists import utc
from memos_admin.cli.table import Column, instant, number, text

if TYPE_CHECKING:
    from memos_admin.backend.evidence.support import Silent, Support
    from memos_admin.backend.model import Memory, Reads, Subject

_MESSAGES = 500
"""Messages that are read at once."""

_WRITER = ("role", "role_id", "role_name", "author")
"""Who wrote a message; author: who that is."""

SUMMARY_FIELDS = ("list", "kind", "user", "unmarked", "assistant", "total")
LINK_FIELDS = (
    "user_id",
    "memory_id",
    "view",
    "title",
    "told_as",
    "link",
    "conversation_id",
    "seq",
    *_WRITER,
    "words",
    "until",
)
SILENT_FIELDS = (
    "user_id",
    "conversation_id",
    "seq",
    *_WRITER,
    "content",
    "created_at",
    "overlap",
    "thanks",
)
MISSING_FIELDS = (
    "user_id",
    "memory_id",
    "view",
    "title",
    "content",
    "told_as",
    "why",
    "explanation",
    "kind",
    "excerpt",
    "message_id",
    "sources",
    "found",
    "conversation_id",
    "elsewhere",
)
UNCOMPARED_FIELDS = (
    "user_id",
    "memory_id",
    "view",
    "title",
    "content",
    "told_as",
    "why",
    "explanation",
    "conversation_id",
)
CHECK_FIELDS = (
    "user_id",
    "memory_id",
    "view",
    "title",
    "content",
    "told_as",
    "check",
    "memory_says",
    "source_says",
    "explanation",
    "conversation_id",
    "seqs",
    "elsewhere",
    "authors",
)


def what(row: Mapping[str, Any]) -> str:
    """Return what a memory is about, in a line; raw."""
    from memos_admin.backend.perspective import without_marks

    inferred = "inferred · " if row["told_as"] == "assistant" else ""
    return f"{inferred}{row['title'] or without_marks(row['content'])}"


def writer_values(writer: Writer | None) -> dict[str, Any]:
    """Return the fields of who wrote a message; None: there is none."""
    if writer is None:
        return dict.fromkeys(_WRITER)
    return {
        "role": writer.role,
        "role_id": writer.role_id,
        "role_name": writer.role_name,
        "author": writer.author,
    }


def said_by(row: Mapping[str, Any]) -> str:
    """Return who wrote a message, for a person; raw."""
    from memos_admin.backend.author_words import who

    if row["author"] is None:
        return ""
    return who(Writer(row["role"], row["author"], row["role_id"], row["role_name"]))


SAID_BY = Column("Said by", said_by, least=9, gives=1)
_USER = text("user_id", "User", least=12, gives=1)
_BELOW = text("user_id", "User", below=True), text("memory_id", "Memory", below=True)
"""Whose a memory is, and its id: whole, where there is no room beside what it is about."""
_TITLE = Column("Title", what, least=20)
_VIEW = Column("View", lambda row: VIEWS.get(row["view"], row["view"]), least=4, gives=3)

SUMMARY_COLUMNS = (
    text("list", "List"),
    text("kind", "Kind"),
    number("user", "The user"),
    number("unmarked", "Not marked"),
    number("assistant", "The assistant"),
    number("total", "All"),
)
LINK_COLUMNS = (
    _VIEW,
    _TITLE,
    text("link", "Link"),
    text("conversation_id", "Conversation", least=10, gives=1),
    number("seq", "Message"),
    SAID_BY,
    text("words", "Words of both", least=20, below=True),
    instant("until", "In an earlier version until", below=True),
    *_BELOW,
)
SILENT_COLUMNS = (
    _USER,
    SAID_BY,
    text("content", "Text", least=30),
    instant("created_at", "Said", gives=2),
    text("conversation_id", "Conversation", least=10, gives=1),
    number("seq", "Message"),
)
MISSING_COLUMNS = (
    _VIEW,
    _TITLE,
    text("why", "Source"),
    text("conversation_id", "Conversation", least=10, gives=1),
    text("elsewhere", "Found in", least=10, gives=2),
    text("excerpt", "Quoted", least=20, below=True),
    *_BELOW,
)
UNCOMPARED_COLUMNS = (
    _VIEW,
    _TITLE,
    text("why", "Reason"),
    text("conversation_id", "Conversation", least=10, gives=1),
    *_BELOW,
)


def link_rows(reads: Reads, memory: Memory, support: Support) -> Iterator[dict[str, Any]]:
    """Yield a row for each message that a memory is linked to, one where it is linked to none."""
    from memos_admin.backend.display import blanked, titled
    from memos_admin.backend.evidence.matching import matching
    from memos_admin.backend.perspective import without_marks
    from memos_admin.backend.strays import text_before

    # What the title says may be known from the content alone, which has no field here.
    title = titled(memory.title or "", memory.content) or without_marks(memory.content)
    about = {**_about(memory, support), "title": title}
    if not support.links:
        nothing = dict.fromkeys(("conversation_id", "seq", "until"))
        yield {**about, **nothing, **writer_values(None), "link": "none", "words": []}
    for link in support.links:
        # Words of what is masked would show it in pieces, and those of a mask were said by nobody.
        earlier = link.earlier
        said = (
            reads.message_text(link.message_pk) if earlier is None else text_before(reads, earlier)
        )
        content = blanked(said)
        _mine, theirs = matching(blanked(memory.content), content)
        yield {
            **about,
            "link": link.how,
            "conversation_id": link.conversation_id,
            "seq": link.seq,
            **writer_values(link.writer),
            "words": list(dict.fromkeys(content[start:end] for start, end in theirs)),
            "until": utc(None if earlier is None else earlier.until),
        }


def missing_rows(_reads: Reads, memory: Memory, support: Support) -> Iterator[dict[str, Any]]:
    """Yield a row for each source of a memory that is not in its transcript."""
    from memos_admin.backend.evidence.wording import why_each

    for one in support.unfound:
        source = one.source
        yield {
            **_told(memory, support, one.why, why_each(support, one)),
            "kind": None if source is None else source.kind,
            "excerpt": None if source is None else source.excerpt,
            "message_id": None if source is None else source.message_id,
            "sources": support.given,
            "found": support.found,
            "conversation_id": memory.conversation_id,
            "elsewhere": one.elsewhere,
        }


def uncompared_rows(_reads: Reads, memory: Memory, support: Support) -> Iterator[dict[str, Any]]:
    """Yield a row where a memory was compared with nothing."""
    from memos_admin.backend.evidence.wording import why_not_compared

    if support.uncompared is not None:
        yield {
            **_told(memory, support, support.uncompared, why_not_compared(support)),
            "conversation_id": memory.conversation_id,
        }


def check_rows(_reads: Reads, memory: Memory, support: Support) -> Iterator[dict[str, Any]]:
    """Yield a row for each thing of a memory that does not agree with its source."""
    from memos_admin.backend.evidence.wording import explained, part_shown

    for check in support.checks:
        yield {
            **_about(memory, support),
            "content": memory.content,
            "check": check.kind,
            "memory_says": [part_shown(part, check.texts) for part in check.memory],
            "source_says": [part_shown(part, check.texts) for part in check.source],
            "explanation": explained(check, support),
            "conversation_id": memory.conversation_id,
            "seqs": list(check.seqs),
            "elsewhere": [one.elsewhere for one in check.messages],
            "authors": [one for one in AUTHORS if one in support.authors_of(check.messages)],
        }


def _about(memory: Memory, support: Support) -> dict[str, Any]:
    return {
        "user_id": memory.ref.external_id,
        "memory_id": memory.memory_id,
        "view": memory.view,
        "title": memory.title,
        "told_as": support.teller,
    }


def _told(memory: Memory, support: Support, why: str, explanation: str) -> dict[str, Any]:
    """Return how the row begins of a memory of which something is not there, and why."""
    about = _about(memory, support)
    return {**about, "content": memory.content, "why": why, "explanation": explanation}


def silent_rows(
    reads: Reads, subject: Subject, silent: Iterator[Silent]
) -> Iterator[dict[str, Any]]:
    """Yield the rows of messages that no memory came from, read in batches."""
    names: dict[int, str] = {}
    while some := list(islice(silent, _MESSAGES)):
        unknown = {one.conversation_pk for one in some} - names.keys()
        found = reads.conversations(sorted(unknown))
        names |= {one.pk: one.conversation_id for one in found}
        by_pk = {one.pk: one for one in reads.messages([one.message_pk for one in some])}
        for one in some:
            message = by_pk[one.message_pk]
            yield {
                "user_id": subject.ref.external_id,
                "conversation_id": names[one.conversation_pk],
                "seq": one.seq,
                **writer_values(one.writer),
                "content": message.content,
                "created_at": utc(message.created_at),
                "overlap": one.nearest,
                "thanks": one.weight == "courtesy",
            }
