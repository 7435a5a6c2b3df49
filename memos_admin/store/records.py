"""What reads return: plain frozen values, and the one filter that reads are asked with.

Times are UTC milliseconds; None where unknown. Nothing here is cut unless a field says so. Rows are
named tuples: Python makes their class in a seventh of the time that one of a frozen dataclass takes,
and each of them in a fifth. Annotations are no texts here, since each of a named tuple would be compiled.
"""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Kind = Literal["user", "agent"]
SeamKind = Literal["gap", "uncertain", "reset"]
Bound = Literal["exact", "least", "most", "about"]
"""What a number of listed memories is: with ``about`` there may be more, and fewer."""

ADDRESS = "base_url"
"""Setting: the address of an unnamed project, whose configuration is written nowhere."""
RECALL_CHECKS = "recall_checks"
"""Setting: how the last checks of questions of the recall lab ended, by digests of these."""
FINGERPRINT = "fingerprint"
"""Setting: of the key that an unnamed project is that of."""
UNLOOKED = "beginnings_unlooked"
"""Setting, while it is there: nobody has looked yet whether something is older than the first messages of
conversations (of all: a migration began to keep that, or their times were computed anew)."""
MOVES_KEPT_SINCE = "moves_kept_since"
"""Setting: since when, in milliseconds, a memory that moves to another conversation makes a version; a store that
no upgrade taught that has none."""


def bound(*, lacks: bool, doubted: bool) -> Bound:
    """Return what a number of memories is: some may be missing in it, some may be gone and not known to be."""
    if lacks:
        return "about" if doubted else "least"
    return "most" if doubted else "exact"


@dataclass(frozen=True, slots=True, order=True)
class SubjectRef:
    """Names a user or an agent the way the service does."""

    kind: Kind
    external_id: str


class Subject(NamedTuple):
    """A user or an agent with what is known of it.

    Attributes:
        memories: listed now (vanished ones do not count).
        listed_at: last complete listing of all views; None: never, so counts are a lower bound.
        synced_at: last sync of it that ended without an error.
        problem: the last error in one line, None after a sync without one.
        erasing: erasures of it that have no end, as `store.erasures` keeps them; None: there are none.
        erased: when it was erased before it came back, see `backend.erased_before`; None: not known.
        begun_elsewhere: erasures that other stores of the same people have begun and that have no end, see
            `backend.erasing.begun_elsewhere`; None: there are none.
        doubted: of the memories, those that are in doubt: see `Memory.in_doubt`.
    """

    pk: int
    ref: SubjectRef
    known_from: str
    conversations: int
    messages: int
    memories: int
    last_activity: int | None
    listed_at: int | None
    synced_at: int | None
    opened_at: int | None
    problem: str | None
    erasing: str | None = None
    erased: str | None = None
    begun_elsewhere: str | None = None
    doubted: int = 0

    @property
    def bound(self) -> Bound:
        """What the number of its memories is."""
        return bound(lacks=self.listed_at is None, doubted=self.doubted > 0)

    @property
    def is_unfinished(self) -> bool:
        """Whether an erasure of it has no end, here or elsewhere."""
        return self.erasing is not None or self.begun_elsewhere is not None


class Conversation(NamedTuple):
    """A conversation of one subject.

    Attributes:
        memories: memories that name it and are listed now.
        gaps: places where messages are missing that nobody could have served us.
        from_beginning: what is stored starts where the conversation starts, as far as is known.
        known_from: ``memory`` (a memory names it) or ``hand``.
        fetched_at: when its messages were last read, whether or not MemOS returned any; None: never.
        served_at: as of when the messages are: the last reading that returned any. Of those that were kept
            when the store came from a version that did not note it, the last one that is known to have. None:
            none did.
        window: how many messages the last reading returned.
        older_at: of a memory of it, or of what one quotes, that is older than its first message, though MemOS
            has shown all that it has: it may have had others before.
        unlooked: its beginning may be stored; nobody has looked yet whether anything is older.
    """

    pk: int
    subject_pk: int
    ref: SubjectRef
    conversation_id: str
    known_from: str
    messages: int
    memories: int
    gaps: int
    from_beginning: bool
    fetched_at: int | None
    served_at: int | None
    window: int | None
    last_message_at: int | None
    older_at: int | None = None
    unlooked: bool = False

    @property
    def as_of(self) -> int | None:
        """As of when its messages are: where there are none, when it was read; None: never."""
        return self.fetched_at if self.served_at is None else self.served_at

    @property
    def kept(self) -> bool:
        """Whether it has messages that are only kept here: the last reading returned none."""
        return self.fetched_at is not None and self.messages > 0 and not self.window


class Seam(NamedTuple):
    """A place before message `message_pk` where two windows were joined without certainty."""

    message_pk: int
    kind: SeamKind
    seen_at: int


class Message(NamedTuple):
    """A message.

    Attributes:
        seq: position at reading, from 1; not an identity.
        content: text; only its beginning where the reader asked for a cut.
        length: characters that the whole content has.
        parts, tool_calls: the service's lists, decoded; None where it gave none.
        versions: how many earlier versions are kept.
        seam: what precedes the message, if it was joined without certainty.
    """

    pk: int
    seq: int
    role: str
    role_id: str | None
    role_name: str | None
    content: str
    length: int
    parts: list[Any] | None
    tool_calls: list[Any] | None
    tool_call_id: str | None
    create_time: str | None
    created_at: int | None
    updated_at: int | None
    first_seen: int
    versions: int
    seam: SeamKind | None


class MessageVersion(NamedTuple):
    """What a message said before `replaced_at`; `dropped`: that is no longer kept."""

    content: str
    update_time: str | None
    replaced_at: int
    dropped: bool = False


class SaidBefore(NamedTuple):
    """What a message said until something else was read of it; number, key and all else are the message's.

    Attributes:
        version_pk: of what it said.
        until: when something else was read.
    """

    seq: int
    pk: int
    role: str
    content: str
    create_time: str | None
    created_at: int | None
    version_pk: int
    until: int
    role_id: str | None = None
    role_name: str | None = None


class Memory(NamedTuple):
    """A memory as listed for one subject.

    Attributes:
        pk: of the memory; `listing_pk` is of its listing for `ref`.
        content: text; only its beginning where the reader asked for a cut.
        length: characters that the whole content has.
        last_seen: the last complete listing that contained it, or when what it says was first read,
            where that was later: not every reading lists all.
        missed_at: when a whole listing lacked it first; None: none did, or it was listed again since.
        vanished_at, reason: since when and why it is no longer listed; None while it is.
        version: from 1; `version_since` is when we first read it.
        sources: how many sources the service gave.
        dropped: it is asked for as of an instant, and what it said then is no longer kept.
        not_kept: it is asked for as of an instant, and these fields of then nobody can know;
            ``conversation_id`` is nevertheless that of now.
    """

    pk: int
    listing_pk: int
    ref: SubjectRef
    memory_id: str
    view: str
    title: str | None
    content: str
    length: int
    tags: tuple[str, ...]
    status: str | None
    type: str | None
    confidence: float | None
    conversation_id: str | None
    create_time: str | None
    update_time: str | None
    created_at: int | None
    updated_at: int | None
    first_seen: int
    last_seen: int
    missed_at: int | None
    vanished_at: int | None
    reason: str | None
    version: int
    version_since: int
    sources: int
    dropped: bool = False
    not_kept: tuple[str, ...] = ()

    @property
    def in_doubt(self) -> bool:
        """Whether MemOS did not list it when it was last read, and that it is gone is not confirmed."""
        return self.missed_at is not None and self.vanished_at is None


class MemorySource(NamedTuple):
    """What a memory says that it came from. A tuple, since exports make one for nearly each memory."""

    kind: str
    role: str | None
    excerpt: str | None
    message_id: str | None
    time: str | None


class NamedSource(NamedTuple):
    """What a memory that names a conversation says that it came from, as far as it tells the message."""

    conversation_pk: int
    memory_id: str
    role: str | None
    excerpt: str | None
    message_id: str | None
    time: str | None


class MemoryVersion(NamedTuple):
    """What a memory said from `seen_from` until `replaced_at` (None: still does).

    `dropped`: title, content and tags are no longer kept. `not_kept`: these fields never were, as
    ``conversation_id`` before schema 8; None there means else that it named none.
    """

    version: int
    view: str
    title: str | None
    content: str
    status: str | None
    tags: tuple[str, ...]
    update_time: str | None
    seen_from: int
    replaced_at: int | None
    dropped: bool = False
    conversation_id: str | None = None
    not_kept: tuple[str, ...] = ()


SubjectOrder = Literal["activity", "name", "memories"]
ConversationOrder = Literal["activity", "name", "messages", "memories"]
MemoryOrder = Literal["updated", "created", "title", "view", "status", "confidence"]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which memories: what screens, commands and exports ask with. Empty fields do not narrow.

    Attributes:
        conversation_id: only those that name it; ``""``: only those that name none.
        since, until: bounds of the update time, milliseconds, `until` excluded.
        vanished: True only vanished, False only listed, None both.
        as_of: as the store knew them at this instant, milliseconds; None: as it knows them now.
        text: contained in title, content or a tag, capitals of ASCII aside.
        any_tags: of each of these sets at least one tag.
        created_since, created_until: bounds of the time of creation, as those of the update time.
        inferred: True only those that say that an assistant inferred them, False only others.
        sourced: True only those for which the service names a source, False only others.
        not_views, not_tags, not_statuses, not_texts: none of these; what has no status has none of them.
    """

    subject: SubjectRef | None = None
    conversation_id: str | None = None
    views: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    since: int | None = None
    until: int | None = None
    vanished: bool | None = None
    as_of: int | None = None
    text: str = ""
    order: MemoryOrder = "updated"
    descending: bool = True
    any_tags: frozenset[frozenset[str]] = frozenset()
    created_since: int | None = None
    created_until: int | None = None
    inferred: bool | None = None
    sourced: bool | None = None
    not_views: frozenset[str] = frozenset()
    not_tags: frozenset[str] = frozenset()
    not_statuses: frozenset[str] = frozenset()
    not_texts: frozenset[str] = frozenset()


class Totals(NamedTuple):
    """Counts of the whole store.

    Attributes:
        memories: those that are listed, each once, however many list it.
        vanished: those that nobody lists any more.
    """

    users: int
    agents: int
    conversations: int
    messages: int
    memories: int
    vanished: int


class SyncRun(NamedTuple):
    """A past or running sync.

    Attributes:
        mode: ``full`` or ``changes``.
        scope: whom it was about, as `sync.SyncScope.text` has it.
        added, changed, vanished, returned: memories; known at the end of the run.
        messages, gaps: new ones; known at the end of the run.
        kept: conversations that it read, of whose stored messages MemOS returned none; None: not known.
    """

    pk: int
    started_at: int
    finished_at: int | None
    mode: str
    outcome: str
    requests: int
    failed: int
    scope: str = ""
    added: int = 0
    changed: int = 0
    vanished: int = 0
    returned: int = 0
    messages: int = 0
    gaps: int = 0
    kept: int | None = None
