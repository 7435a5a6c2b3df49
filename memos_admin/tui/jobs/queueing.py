"""A queue as the screen shows it, and of each memory what was said of it, why it is there and its sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memos_admin.backend.display import called, titled
from memos_admin.backend.history.memories import differences
from memos_admin.backend.history.worddiff import around, marked
from memos_admin.backend.hygiene.rules import DESCRIBED
from memos_admin.backend.model import Memory, MemoryVersion, Message, Reads
from memos_admin.backend.verdicts import queues
from memos_admin.backend.verdicts.kinds import VERDICTS, WORDS
from memos_admin.backend.verdicts.queues import Asked, Item, Queue
from memos_admin.backend.verdicts.sent import Sent
from memos_admin.backend.verdicts.sent import told as sent_told
from memos_admin.backend.verdicts.standing import Standing, standing
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.tui.jobs.evidence import MemoryEvidence, memory_evidence
from memos_admin.tui.jobs.judging import told
from memos_admin.tui.layout.detail import NO_LONGER_KEPT, Entry, check_entries, cut, cut_message
from memos_admin.tui.layout.version import WORDS as FIELD_WORDS
from memos_admin.tui.words import phrases

if TYPE_CHECKING:
    from memos_admin.tui.jobs.queue_findings import Why
    from memos_admin.tui.session import Session

KINDS = {
    "unreviewed": N_("unreviewed"),
    "changed": N_("changed since review"),
    "sample": N_("a sample"),
    "flagged": N_("flagged"),
    "findings": N_("findings"),
}
"""The kinds of queues, with the words for them."""

MOST_SOURCES = 5
"""Messages that a memory came from which are shown beside it, each with the one before it."""

MESSAGE_CUT = 4_000
"""Characters of a message that is shown there."""

BESIDE_DIFFERENCE = 40
"""Characters beside a difference that are shown of what is the same; the text stands whole below."""


@dataclass(frozen=True)
class Opened:
    """A queue with its items."""

    queue: Queue
    items: Sequence[Item]


@dataclass(frozen=True)
class Shown:
    """A memory of a queue.

    Attributes:
        sources: message and whether the memory came from it, else it is the one before.
        before: what it said when it was judged last and what it says now, where that is something else;
            it is compared when it is shown, as masked as everything is by then.
    """

    evidence: MemoryEvidence
    standing: Standing
    sources: tuple[tuple[Message, bool], ...]
    before: tuple[MemoryVersion, MemoryVersion] | None = None

    @property
    def memory(self) -> Memory:
        """The memory as it is now."""
        return self.evidence.memory


async def made(session: Session, asked: Asked) -> Queue:
    """Begin a queue, and return it. Raises as `queues.make` does."""
    judging = session.judging
    await session.reader(lambda reads: judging.read(reads, ()))
    await session.open_writer()
    queue = await queues.make(session.workspace, asked, judging.operator)
    judging.made[queue.pk] = asked
    return queue


def name_of(queue: Queue) -> str:
    """Return what a queue is, in words: ``a sample · seed 4711 · li.wei``."""
    parts = [_(KINDS.get(queue.kind, queue.kind))]
    if queue.blind:
        parts.insert(0, _("second reviewer"))
    parts += [_(DESCRIBED[rule].name) for rule in queues.rules_of(queue)]
    if (seed := queues.facts_of(queue).get("seed")) is not None:
        parts.append(_("seed {seed}").format(seed=seed))
    if queue.ref is not None:
        parts.append(called(queue.ref))
    return " · ".join(parts)


def options_of(queue: Queue) -> list[str]:
    """Return the options of the command that lists what would be in such a queue, its filters aside."""
    facts = queues.facts_of(queue)
    drawn = [f"--{name}={facts[name]}" for name in ("number", "seed") if name in facts]
    rules = [f"--rule={rule}" for rule in queues.rules_of(queue)]
    return [*drawn, *rules, *(["--second"] if queue.blind else [])]


def opened(reads: Reads, queue: Queue) -> Opened:
    """Return a queue with its items."""
    return Opened(queue, queues.items(reads, queue))


def shown(reads: Reads, item: Item, operator: str) -> Shown | None:
    """Return a memory with all that stands beside it; None where it is gone from here."""
    evidence = memory_evidence(reads, item.listing_pk)
    if evidence is None:
        return None
    memory = evidence.memory
    said = standing(reads, [memory], operator).get(memory.pk, Standing())
    return Shown(evidence, said, _sources(reads, evidence), _before(reads, memory, said))


def _sources(reads: Reads, evidence: MemoryEvidence) -> tuple[tuple[Message, bool], ...]:
    if evidence.conversation is None or not evidence.spans:
        return ()
    keys = reads.message_pks(evidence.conversation.pk)
    place = {pk: number for number, pk in enumerate(keys)}
    came = [place[pk] for pk in evidence.spans if pk in place][:MOST_SOURCES]
    wanted = sorted({at for number in came for at in (number - 1, number) if at >= 0})
    found: list[tuple[Message, bool]] = []
    for at in wanted:
        messages = reads.messages(keys[at : at + 1], cut=MESSAGE_CUT, first_seq=at + 1)
        found += [(message, at in came) for message in messages]
    return tuple(found)


def _before(
    reads: Reads, memory: Memory, said: Standing
) -> tuple[MemoryVersion, MemoryVersion] | None:
    if not said.changed:
        return None
    judged = max(one.version for one in said.all)
    versions = {one.version: one for one in reads.memory_versions(memory.pk)}
    if judged not in versions or memory.version not in versions:
        return None
    return versions[judged], versions[memory.version]


def _changed(before: MemoryVersion, after: MemoryVersion) -> Iterator[Entry]:
    if before.dropped:
        yield Entry("text", _(NO_LONGER_KEPT))
        return
    for one in differences(before, after):
        parts = one.parts if one.between else around(one.parts, BESIDE_DIFFERENCE)
        word = _(FIELD_WORDS[one.field]) if one.field in FIELD_WORDS else one.field
        yield Entry("text", one.between.join(map(marked, parts)), word)


def memory_entries(
    found: Shown,
    said: Standing,
    now: int,
    *,
    hidden: bool,
    whys: Sequence[Why] = (),
    checks: Sequence[str] = (),
    sent: Sequence[Sent] = (),
) -> list[Entry]:
    """Return the memory.

    Args:
        found: the memory.
        said: what stands of it.
        now: UTC milliseconds.
        hidden: what others said is not shown yet.
        whys: why a hygiene scan found it.
        checks: what of it does not agree with its messages, each in a sentence.
        sent: what was sent to MemOS about it.
    """
    memory = found.memory
    title = titled(memory.title or "", memory.content)
    entries = [Entry("title", title), Entry("blank")] if title else []
    if found.before is not None:
        entries.append(Entry("heading", _("What changed since it was judged")))
        entries += [*_changed(*found.before), Entry("blank"), Entry("heading", _("It says now"))]
    if whys:
        entries += [*(Entry("warn", why.text) for why in whys), Entry("blank")]
    entries += [Entry("text", memory.content or _("(no text)")), Entry("blank")]
    if checks:
        entries += [*check_entries(checks), Entry("blank")]
    for why in whys:
        if why.other:
            other = Entry("text", cut(why.other, MESSAGE_CUT), _("earlier"))
            entries += [other, Entry("blank")]
    entries += list(_verdicts(said, now, hidden=hidden))
    if sent and not hidden:  # it would tell what others said
        entries += [*(_sent(one, now) for one in sent), Entry("blank")]
    if memory.tags:
        entries.append(Entry("field", " · ".join(memory.tags), _("tags")))
    fields = (
        (_("status"), phrases.full_status(memory.status) if memory.status else ""),
        (_("updated"), phrases.exact(memory.updated_at, now)),
        (_(phrases.KINDS[memory.ref.kind]), called(memory.ref)),
        (_("from"), memory.conversation_id or _("no conversation is named")),
        (_("memory id"), memory.memory_id),
    )
    return [*entries, *(Entry("field", text, label) for label, text in fields if text)]


def _verdicts(said: Standing, now: int, *, hidden: bool) -> Iterator[Entry]:
    if not said.all:
        none = _("none yet")
        text = _("none of yours yet; what others said is shown when there is") if hidden else none
        yield Entry("dim", text, _("verdict"))
        keys = (f"{n} {_(WORDS[name])}" for n, name in enumerate(VERDICTS, 1))
        yield Entry("dim", " · ".join(key.replace(" ", phrases.NO_BREAK) for key in keys), " ")
    for one in said.all:
        yield Entry("accent" if one.is_of_now else "warn", told(one, now), _("verdict"))
        if one.note:
            yield Entry("field", f"“{cut(one.note, MESSAGE_CUT)}”", " ")
        if one.ticket:
            yield Entry("field", _("ticket {ticket}").format(ticket=one.ticket), " ")
    yield Entry("blank")


def _sent(one: Sent, now: int) -> Entry:
    return Entry("field", sent_told(one, phrases.exact(one.at, now)), _("corrected"))


def source_entries(found: Shown, now: int) -> list[Entry]:
    """Return the messages that the memory came from, or why there are none, and what is quoted."""
    evidence = found.evidence
    entries = [Entry("dim", note) for note in evidence.told]
    entries.append(Entry("blank"))
    for message, is_source in found.sources:
        role = phrases.role_word(message.role)
        head = _("message {number}").format(number=message.seq)
        parts = [head, role, phrases.exact(message.created_at, now)]
        if is_source:
            parts.insert(0, _("source") if evidence.certain else _("similar, no known source"))
        entries.append(Entry("accent" if is_source else "dim", " · ".join(parts)))
        entries.append(Entry("text" if is_source else "dim", cut_message(message)))
        entries.append(Entry("blank"))
    quoted = [one for one in evidence.lacking if one.quote]
    if quoted:
        entries.append(Entry("heading", _("Quoted by MemOS")))
        for one in quoted[:MOST_SOURCES]:
            entries += [Entry("dim", one.why), Entry("text", cut(one.quote, MESSAGE_CUT))]
    return entries
