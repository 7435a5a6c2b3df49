"""What the readable document says: plain words around messages and memories, which are kept apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count

import memos_admin
from memos_admin.backend.export.completeness import of_conversations, of_memories
from memos_admin.backend.history.memories import absences
from memos_admin.backend.ledger import Hole, holes
from memos_admin.backend.model import Conversation
from memos_admin.backend.remote import WINDOW
from memos_admin.backend.subject_access import checked, lacking, remembered, spoken
from memos_admin.backend.subject_access.earlier import at, exactly
from memos_admin.backend.subject_access.freshness import Freshness, freshness
from memos_admin.backend.subject_access.material import Counts, Material
from memos_admin.backend.subject_access.page import Entry, Fact, Page, Said
from memos_admin.backend.subject_access.sender import Sender
from memos_admin.backend.times import told_apart
from memos_admin.language import N_, counted, ngettext, sentences
from memos_admin.language import gettext as _

Write = Callable[[str], None]

_FILES = {
    "your-data.html": N_("this document, for a browser"),
    "your-data.md": N_("the same as plain text (Markdown)"),
    "data.xlsx": N_("tables for a spreadsheet program"),
    "conversations.csv": N_("the conversations as a table"),
    "messages.csv": N_("the messages as a table"),
    "memories.csv": N_("the memories as a table"),
    "versions.csv": N_("what messages and memories said before"),
    "verdicts.csv": N_("what those who checked the memories said of them"),
    "data.jsonl": N_("everything, for programs, with what MemOS sent"),
    "manifest.json": N_("what this archive is, how complete it is, and checksums of its files"),
}
"""The files of a bundle, in their order, with what they are."""

NAMES = tuple(_FILES)

_MOST_NAMED = 50
"""Conversations with gaps that are named where they are summed up; each says it itself."""


@dataclass(frozen=True, slots=True)
class About:
    """What the document says about itself.

    Attributes:
        request: the ticket.
        operator: who made it; `account`: that is only a name on the computer it was made on.
        sender: who answers, as far as the configuration says it.
        name: of the project; None: it has none.
        origin: where MemOS is.
        made_at: UTC milliseconds.
    """

    request: str
    operator: str
    account: bool
    sender: Sender
    name: str | None
    origin: str
    made_at: int
    language: str


@dataclass(frozen=True, slots=True)
class Document:
    """A document to be written.

    Attributes:
        page: what it is written as.
        material: of what; its `links` are known afterwards.
        counts: of the same.
        about: the document itself.
        out: takes it, piece by piece.
        tick: told how many messages or memories were just written.
    """

    page: Page
    material: Material
    counts: Counts
    about: About
    out: Write
    tick: Callable[[int], None]

    def write(self) -> None:
        """Write it."""
        page, out, material, counts = self.page, self.out, self.material, self.counts
        to_agent = material.is_of_agent
        out(page.begin(_("Data of an agent") if to_agent else _("Your data"), self.about.language))
        heading = _("Data of an agent in MemOS") if to_agent else _("Your data in MemOS")
        out(page.heading(1, heading))
        for text in _what_it_is_of_an_agent() if to_agent else _what_this_is():
            out(page.paragraph(text))
        fresh = freshness(material.reads, material.subject, self.about.made_at)
        if not fresh.is_fresh:
            unread = lacking.unread(material.reads, material.subject)
            out(page.paragraph(sentences(_("Perhaps not complete."), fresh.read(), *unread)))
        for text in (*lacking.unerased(material.subject), *lacking.erased(material.subject)):
            out(page.paragraph(text))
        out(page.facts(_facts(material, counts, self.about, fresh)))
        titles = {
            "missing": _("What this cannot contain"),
            "files": _("The files of this archive"),
            "messages": _("Messages: what was said"),
            "memories": _("Memories: what was derived from it"),
        }
        if counts.verdicts:
            titles["verdicts"] = _(
                "Verdicts: what was said of these memories when they were checked"
            )
        out(page.contents(_("Contents"), titles.items()))
        self._begin("missing", titles)
        out(page.points(_missing(material, counts)))
        self._begin("files", titles)
        out(page.facts(Fact(name, _(text)) for name, text in _FILES.items()))
        self._begin("messages", titles)
        read = material.subject.listed_at is not None
        out(page.paragraph(_about_messages(counts, to_agent=to_agent, read=read)))
        self._write_messages()
        self._begin("memories", titles)
        for text in _about_memories(counts, self.about.sender, to_agent=to_agent, read=read):
            out(page.paragraph(text))
        entries = self._write_memories()
        if counts.verdicts:
            self._begin("verdicts", titles)
            out(page.paragraph(_about_verdicts(to_agent=to_agent)))
            for facts in checked.facts(material, entries):
                out(page.facts(facts))
        out(page.end())

    def _begin(self, section: str, titles: Mapping[str, str]) -> None:
        self.out(self.page.heading(2, titles[section], anchor=section))

    def _write_messages(self) -> None:
        page, material = self.page, self.material
        for number, conversation, said in material.talks():
            name = material.masked("conversation_id", conversation.conversation_id)
            title = _("Conversation {number}:").format(number=f"{number:,}")
            self.out(page.heading(3, title, name, anchor=f"c{number}"))
            self.out(page.facts(_of_conversation(conversation)))
            for batch in said:
                for message in batch:
                    self.out(page.entry(spoken.entry(material, number, conversation, message)))
                self.tick(len(batch))

    def _write_memories(self) -> dict[str, Entry]:
        """Write the memories; return those of them that somebody has judged, by their ids."""
        numbers, judged = count(1), {memory_id for memory_id, _one in self.material.verdicts()}
        kept: dict[str, Entry] = {}
        for batch in self.material.memories():
            away = absences(self.material.reads, [memory for memory, _sources in batch])
            for memory, sources in batch:
                gone = [one for one in away if one.listing_pk == memory.listing_pk]
                entry = remembered.entry(self.material, next(numbers), memory, sources, gone)
                self.out(self.page.entry(entry))
                if memory.memory_id in judged:
                    kept[memory.memory_id] = entry
            self.tick(len(batch))
        return kept


def incomplete(material: Material, counts: Counts) -> Iterator[str]:
    """Yield what is known to be missing, a line each."""
    yield from of_conversations(material.reads, material.subject.pk)
    yield from of_memories(material.reads, material.subject.ref, counts.vanished)
    yield from lacking.no_longer_kept(counts)


def _what_this_is() -> Iterator[str]:
    yield _(
        "This is a copy of what is stored about you in MemOS, a memory for programs that you talk to. "
        "It was made because it was asked for."
    )
    yield _(
        "There are two kinds of data in it. Messages are what was said in conversations: by you, and by "
        "an assistant, which is a machine. Memories are notes that MemOS made from messages by itself; "
        "they can be wrong."
    )


def _what_it_is_of_an_agent() -> Iterator[str]:
    yield _(
        "This is a copy of what is stored for an agent in MemOS, a memory for such programs. It was made "
        "because it was asked for."
    )
    yield _(
        "There are two kinds of data in it. Messages are what was said in conversations: by people, and by "
        "the agent, which is a machine. Memories are notes that MemOS made from messages by itself; "
        "they can be wrong."
    )


def _facts(material: Material, counts: Counts, about: About, fresh: Freshness) -> Iterator[Fact]:
    ref = material.subject.ref
    whose = _("User id") if ref.kind == "user" else _("Agent id")
    if material.has_other_names:
        whose = _("Instead of the user id") if ref.kind == "user" else _("Instead of the agent id")
    yield Fact(whose, Said(material.masked("user_id", ref.external_id)))
    yield Fact(_("Exported for the request"), Said(about.request))
    yield Fact(_("Exported on"), at(about.made_at))
    yield from _made_by(about)
    yield Fact(_("Contains"), counts.said())
    listed, behind = fresh.listed_at, fresh.behind
    whole = _("never") if listed is None else at(listed)
    if behind is None:
        yield Fact(_("Read whole from MemOS on"), whole)
        return
    yield Fact(_("Memories read whole from MemOS on"), whole)
    from_then = behind.read_at
    since = _("never") if behind.never or from_then is None else at(from_then)
    yield Fact(_("Messages last read whole from MemOS on"), since)


def _made_by(about: About) -> Iterator[Fact]:
    """Yield who made it, and from what, in words that mean something to the person."""
    if about.sender.organisation is not None:
        yield Fact(_("Given by"), Said(about.sender.organisation))
    if about.sender.contact is not None:
        yield Fact(_("Contact"), Said(about.sender.contact))
    by = _("{account} (an account on the computer on which this was made)")
    who = by.format(account=about.operator) if about.account else about.operator
    yield Fact(_("Exported by"), Said(who))
    text = _("memos-admin {version}, a program that reads what MemOS stores")
    yield Fact(_("Exported with"), text.format(version=memos_admin.__version__))
    if about.name is not None:
        yield Fact(_("Project"), Said(about.name))
    yield Fact(_("Read from"), Said(_("MemOS at {address}").format(address=about.origin)))


def _missing(material: Material, counts: Counts) -> Iterator[str]:
    """Yield what is known to be missing, then what nobody can know; memories that are gone are here."""
    yield from lacking.never_read(material.reads, material.subject)
    yield from _where_gaps_are(material)
    yield from lacking.unread(material.reads, material.subject)
    yield from lacking.doubted(material.subject)
    yield from lacking.no_longer_kept(counts)
    if material.mask is not None:
        yield _(
            "Addresses, phones, numbers and secrets are masked where they were found in the texts."
        )
    if material.has_other_names:
        yield _(
            "The ids and names of users and agents are replaced by other ones, such as {name}. What people are called "
            "within texts stays as it was said."
        ).format(name=material.masked("user_id", material.subject.ref.external_id))
    yield _(
        "MemOS serves the latest {count} messages of a conversation. Older ones are here only if they "
        "were read while they still were among these."
    ).format(count=WINDOW)
    yield _(
        "MemOS does not list conversations. One that no memory names, and nobody has named, is not here."
    )
    yield _("Images and files in messages are named; what is in them is not here.")
    if material.is_of_agent:
        yield _(
            "Not here: knowledge bases, backups and logs of MemOS, and what is stored elsewhere."
        )
        return
    yield _(
        "Not here: knowledge bases, backups and logs of MemOS, and what is stored about you elsewhere."
    )
    yield _("Not here: what other people said about you in conversations of their own.")


def _where_gaps_are(material: Material) -> Iterator[str]:
    """Yield where messages are missing between others, if they are: in which conversations, and when."""
    numbered = zip(count(1), material.conversations(), strict=False)
    found = [(number, one.conversation_id) for number, one in numbered if one.gaps]
    if not found:
        return
    times: dict[str, list[str]] = {}
    for hole in holes(material.reads, material.subject.ref):
        if hole.kind == "gap":
            times.setdefault(hole.conversation_id, []).append(_between(hole))
    parts = [
        _("{number} ({times})").format(number=f"{number:,}", times=_("; ").join(times[name]))
        if name in times
        else f"{number:,}"
        for number, name in found[:_MOST_NAMED]
    ]
    named = _(", ").join(parts)
    if (more := len(found) - _MOST_NAMED) > 0:
        named = _("{some} and {count} more").format(some=named, count=f"{more:,}")
    yield ngettext(
        "Messages are missing between others in conversation {numbers}. Each place is marked.",
        "Messages are missing between others in conversations {numbers}. Each place is marked.",
        len(found),
    ).format(numbers=named)


def _between(hole: Hole) -> str:
    """Return between which times messages are missing."""
    if hole.before is not None and hole.after is not None:
        before, after = told_apart(hole.before, hole.after, at, exactly)
    else:
        before, after = (
            _("an unknown time") if when is None else at(when) for when in (hole.before, hole.after)
        )
    return _("between {before} and {after}").format(before=before, after=after)


def _about_messages(counts: Counts, *, to_agent: bool, read: bool) -> str:
    if not counts.messages and not read:
        return _("No messages are known: what MemOS has was never read whole.")
    if not counts.messages:
        return _("There are no messages.")
    if to_agent:
        people = counted(
            counts.by_others,
            "{count} message was written by a person.",
            "{count} messages were written by people.",
        )
        return sentences(people, _("All others are the agent's, its tools' or its instructions."))
    unclear = counted(
        counts.by_name_only,
        "{count} message has a name and no id: whether it is yours is not known.",
        "{count} messages have a name and no id: whether they are yours is not known.",
    )
    return sentences(
        counted(
            counts.by_subject,
            "{count} message is marked as yours: what you gave.",
            "{count} messages are marked as yours: what you gave.",
        ),
        unclear if counts.by_name_only else "",
        _("All others were written by the assistant, its tools, or other people, and say so."),
    )


def _about_memories(counts: Counts, sender: Sender, *, to_agent: bool, read: bool) -> Iterator[str]:
    if not counts.memories and not read:
        yield _("No memories are known: what MemOS has was never read whole.")
        return
    if not counts.memories:
        yield _("There are no memories.")
        return
    said = sentences(
        _("These are nobody's own words: MemOS derived them.")
        if to_agent
        else _("These are not your own words: MemOS derived them."),
        _("Each says when, and what it came from, as far as that is known."),
    )
    if counts.vanished:
        gone = counted(
            counts.vanished,
            "{count} of them is no longer in use: it is here as it was last read.",
            "{count} of them are no longer in use: they are here as they were last read.",
        )
        said = sentences(said, gone)
    if counts.doubted:
        unsure = counted(
            counts.doubted,
            "Of {count} of them it is not known whether it is still in use: its state says so.",
            "Of {count} of them it is not known whether they are still in use: their state says so.",
        )
        said = sentences(said, unsure)
    yield said
    yield _(
        "Some begin with a mark of MemOS in brackets, such as [user perspective]: “Point of view” says "
        "what it means."
    )
    if sender.contact is None:
        yield _(
            "If a memory is wrong, or should not be kept, say so to whoever gave you this document, "
            "with its id: it can be corrected or deleted."
        )
    else:
        yield _(
            "If a memory is wrong, or should not be kept, say so to the contact that is named above, with "
            "its id: it can be corrected or deleted."
        )


def _about_verdicts(*, to_agent: bool) -> str:
    if to_agent:
        return _(
            "People who check what MemOS derived say whether it is right. What they said of these memories "
            "is here, also what they took back; it is kept beside MemOS, not in it. Who said it stands in "
            "verdicts.csv."
        )
    return _(
        "People who check what MemOS derived say whether it is right. What they said of your memories is "
        "here, also what they took back; it is kept beside MemOS, not in it. Who said it stands in "
        "verdicts.csv."
    )


def _of_conversation(conversation: Conversation) -> Iterator[Fact]:
    messages = counted(conversation.messages, "{count} message", "{count} messages")
    yield Fact(_("Contains"), messages)
    if conversation.gaps:
        where = counted(
            conversation.gaps, "messages at {count} place", "messages at {count} places"
        )
        yield Fact(_("Missing"), where)
    then = conversation.as_of
    yield Fact(_("Read from MemOS on"), _("never") if then is None else at(then))
    if conversation.kept and conversation.fetched_at is not None:
        text = _("on {time} MemOS returned none of them: they are here as they were last read")
        yield Fact(_("No longer in MemOS"), text.format(time=at(conversation.fetched_at)))
