"""A memory in a readable document: what it is, since when, and what it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from memos_admin.backend.authors import PEOPLE, Author
from memos_admin.backend.documents import is_document
from memos_admin.backend.gone_words import GONE, WAS_GONE
from memos_admin.backend.history.memories import Absence
from memos_admin.backend.model import Memory, MemorySource
from memos_admin.backend.perspective import INFERENCE, OPINION, PERSPECTIVE, perspective
from memos_admin.backend.subject_access import earlier, words
from memos_admin.backend.subject_access.earlier import at
from memos_admin.backend.subject_access.material import Material
from memos_admin.backend.subject_access.page import Entry, Fact, Said
from memos_admin.language import N_
from memos_admin.language import gettext as _

_POINTS_OF_VIEW = {
    INFERENCE: N_("the assistant's inference: it concluded this; you may never have said it"),
    OPINION: N_("the user's opinion: MemOS marks it as what you think, in its own words"),
    PERSPECTIVE: N_(
        "the user's perspective: MemOS marks it as what you said or did, in its own words"
    ),
}
_POINTS_OF_VIEW_TO_AGENTS = {
    INFERENCE: N_("the assistant's inference: it concluded this; nobody may ever have said it"),
    OPINION: N_("the user's opinion, in the words of MemOS"),
    PERSPECTIVE: N_("the user's perspective, in the words of MemOS"),
}
_QUOTED: dict[Author, str] = {
    "user": N_("Quoted as yours"),
    "assistant": N_("Quoted as the assistant's"),
    "another person": N_("Quoted from another person"),
    "by name only": N_("Quoted from you or another person"),
    "system": N_("Quoted"),
    "tool": N_("Quoted"),
    "other": N_("Quoted"),
}
_LONGEST = 500
"""Characters of a quotation; the message itself, and the JSON, have all of it."""


def entry(
    material: Material,
    number: int,
    memory: Memory,
    sources: Sequence[MemorySource],
    absences: Sequence[Absence],
) -> Entry:
    """Return a memory as an entry.

    Args:
        material: what it stands in; its `links` are known.
        number: counts the memories, from 1.
        memory: whole.
        sources: what it says that it came from.
        absences: when it was not listed for a while.
    """
    versions = [] if memory.version == 1 else material.reads.memory_versions(memory.pk)
    title = material.masked("title", memory.title or "")
    return Entry(
        "memory",
        Said(title) if title else _("Memory without a title"),
        list(_facts(material, memory, sources, absences)),
        Said(material.masked("content", memory.content)),
        anchor=f"m{number}",
        earlier=tuple(earlier.of_memory(material, versions)),
    )


def _facts(
    material: Material,
    memory: Memory,
    sources: Sequence[MemorySource],
    absences: Sequence[Absence],
) -> Iterator[Fact]:
    yield Fact(_("Kind"), words.kind(memory.view))
    if (whose := perspective(memory.content)) is not None:
        meant = _POINTS_OF_VIEW_TO_AGENTS if material.is_of_agent else _POINTS_OF_VIEW
        yield Fact(_("Point of view"), _(meant[whose]))
    if memory.confidence is not None:
        text = _("how sure MemOS says that it is: {confidence} of 1")
        yield Fact(_("Confidence"), text.format(confidence=f"{memory.confidence:.2f}"))
    yield from _state(memory)
    for one in absences:
        away = {"gone": at(one.vanished_at), "back": at(one.returned_at)}
        if one.reason is None:
            text = _("from {gone} until {back}")
            yield Fact(_("Was not in use"), text.format(**away))
        else:
            text = _("from {gone} until {back}: {why}")
            yield _gone(_("Was not in use"), text, one.reason, WAS_GONE, **away)
    if memory.tags:
        tags = (material.masked("tags", tag) for tag in memory.tags)
        yield Fact(_("Tags"), Said(_(", ").join(tags)))
    times = [
        (N_("Derived on"), memory.created_at),
        (N_("Last changed on"), memory.updated_at),
        (N_("First read by memos-admin on"), memory.first_seen),
    ]
    for name, ms in times:
        if ms is not None:
            yield Fact(_(name), at(ms))
    yield from _origin(material, memory, sources)
    yield Fact(_("Id"), Said(material.masked("memory_id", memory.memory_id)))


def _state(memory: Memory) -> Iterator[Fact]:
    if memory.vanished_at is not None:
        text = _("no longer in use since {time}: {why}")
        yield _gone(_("State"), text, memory.reason or "?", time=at(memory.vanished_at))
    elif memory.in_doubt and memory.missed_at is not None:
        text = _("not listed by MemOS on {time}; whether it is still in use is not known")
        yield Fact(_("State"), text.format(time=at(memory.missed_at)))
    elif memory.status is not None:
        yield Fact(_("State"), words.state(memory.status))


def _gone(
    name: str, text: str, reason: str, known_ones: Mapping[str, str] = GONE, **times: str
) -> Fact:
    """Return that a memory was not in use, and why: from outside where the reason is not one of ours."""
    known = known_ones.get(reason)
    value = text.format(why=_(known) if known else reason, **times)
    return Fact(name, value if known else Said(value))


def _origin(material: Material, memory: Memory, sources: Sequence[MemorySource]) -> Iterator[Fact]:
    """Yield what is known of where a memory came from."""
    known = False
    for conversation, seq, author in material.links.get(memory.memory_id, ()):
        known = True
        text = _("message {number} of conversation {conversation} in this document")
        if author == "another person":
            text = _(
                "message {number} of conversation {conversation} in this document, which another person wrote"
            )
        value = text.format(number=f"{seq:,}", conversation=f"{conversation:,}")
        yield Fact(_("Came from"), value, anchor=f"c{conversation}-{seq}")
    documents = [source for source in sources if is_document(source.kind)]
    messages = [source for source in sources if not is_document(source.kind)]
    authors = list(zip(messages, material.whose(memory, messages), strict=True))
    theirs = [source for source in messages if material.is_of_others(source)]
    yield from _quotations(
        material, ((one, _quoted(by)) for one, by in authors if by and one not in theirs)
    )
    if documents:
        known = True
        yield Fact(_("Came from"), _("a document of a knowledge base, not a message"))
        label = _("Quoted from the document")
        yield from _quotations(material, ((one, label) for one in documents))
    if theirs:
        known = True
        yield Fact(_("Came from"), _("a message of another person, in a conversation of theirs"))
        label = _quoted({"another person"})
        yield from _quotations(material, ((one, label) for one in theirs))
    lost = [source for source, by in authors if not by and source.excerpt]
    if lost:
        known = True
        yield Fact(
            _("Came from"), _("not found among the messages of this document; MemOS quotes it:")
        )
        yield from _quotations(material, ((one, _quoted_of(one.role)) for one in lost))
    if not known:
        yield Fact(_("Came from"), _("not known: MemOS does not say it"))
    if memory.conversation_id:
        name = material.masked("conversation_id", memory.conversation_id)
        yield Fact(_("In the conversation"), Said(name))


def _quotations(material: Material, sources: Iterable[tuple[MemorySource, str]]) -> Iterator[Fact]:
    """Yield what MemOS quotes of sources, each with what the quotation is called."""
    for source, label in sources:
        if source.excerpt:
            quote = material.masked("sources", source.excerpt)
            cut = f"{quote[:_LONGEST]}…" if len(quote) > _LONGEST else quote
            yield Fact(label, Said(cut))


def _quoted_of(role: str | None) -> str:
    """Return whose words MemOS says that it quotes, of what was found in no message: that is not certain."""
    if role == "user":
        return _("Quoted by MemOS as a user's words; whose is not certain")
    if role == "assistant":
        return _("Quoted by MemOS as the assistant's")
    return _quoted(set())


def _quoted(authors: Set[Author]) -> str:
    """Return whose words a quotation of MemOS holds, of whose messages it was found in."""
    if len(authors) == 1:
        return _(_QUOTED[next(iter(authors))])
    if authors and authors <= PEOPLE:
        return _("Quoted from you or another person")
    return _("Quoted by MemOS, from whom is not known")
