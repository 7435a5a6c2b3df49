"""The local store's schema: the one definition that migrations and writes use.

One store holds one project. Two names keep ours and theirs apart: a column ``pk`` (and every
``…_pk`` that refers to one) is our INTEGER PRIMARY KEY; a column ``…_id`` is the service's id.

Times are UTC milliseconds (``…_at``), beside the raw text of the wire (``create_time``,
``update_time``) from which they are computed again when the project's zone changes.

Invariants that hold in every committed state:

* A message is never deleted or rewritten by a sync: what it said before goes to `MessageVersion`.
* ``position`` orders a conversation's messages; it is unique in it and means nothing else.
* A memory is *listed* for a subject while its listing has no ``vanished_at``.
* `MemoryVersion` holds superseded texts only; the memory itself is its latest version.
* A text that is no longer kept is ``''`` where only JSON can stand: ``raw``, ``tags`` of a
  `MemoryVersion`, ``parts`` of a `MessageVersion`; its row stays (see `retaining`).
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel


def _ref(table: str, *, nullable: bool = False, index: bool = False) -> Column[int]:
    """A foreign key that forbids deleting what it refers to: no cascade ever deletes rows."""
    return Column(Integer, ForeignKey(f"{table}.pk"), nullable=nullable, index=index)


class Subject(SQLModel, table=True):
    """A user or an agent of the project: the roster, since the service lists neither.

    ``listed_at``: last complete listing of all views; ``synced_at``: last sync without an error,
    complete or of changes only. The counts are those of the last commit that touched the subject.
    """

    __tablename__ = "subject"
    __table_args__ = (
        UniqueConstraint("kind", "external_id"),
        Index("ix_subject_last_activity", "last_activity"),
    )

    pk: int | None = Field(default=None, primary_key=True)
    kind: str
    external_id: str
    known_from: str
    added_at: int
    opened_at: int | None = None
    listed_at: int | None = None
    synced_at: int | None = None
    problem: str | None = None
    conversations: int = 0
    messages: int = 0
    memories: int = 0
    last_activity: int | None = None


class Conversation(SQLModel, table=True):
    """A conversation of one subject; ids repeat between subjects.

    ``window``: how many messages the last window held; ``from_beginning``: a short window has
    explained every message we have; ``known_from``: ``memory`` or ``hand``; ``stale``: something of
    it has changed since its messages were last read; ``older_at``: that is no proof, see `beginnings`;
    ``served_at``: as of when the messages are, see `Conversation` in `records`.
    """

    __tablename__ = "conversation"
    __table_args__ = (UniqueConstraint("subject_pk", "conversation_id"),)

    pk: int | None = Field(default=None, primary_key=True)
    subject_pk: int = Field(sa_column=_ref("subject"))
    conversation_id: str
    known_from: str
    added_at: int
    opened_at: int | None = None
    fetched_at: int | None = None
    window: int | None = None
    stale: bool = True
    from_beginning: bool = False
    messages: int = 0
    gaps: int = 0
    last_message_at: int | None = None
    older_at: int | None = None
    served_at: int | None = None


class Message(SQLModel, table=True):
    """One message as last served. ``parts`` and ``tool_calls`` are JSON of the service's lists."""

    __tablename__ = "message"
    __table_args__ = (UniqueConstraint("conversation_pk", "position"),)

    pk: int | None = Field(default=None, primary_key=True)
    conversation_pk: int = Field(sa_column=_ref("conversation"))
    position: int
    role: str
    role_id: str | None = None
    role_name: str | None = None
    content: str = Field(sa_column=Column(Text, nullable=False))
    parts: str | None = Field(default=None, sa_column=Column(Text))
    tool_calls: str | None = Field(default=None, sa_column=Column(Text))
    tool_call_id: str | None = None
    create_time: str | None = None
    update_time: str | None = None
    created_at: int | None = None
    updated_at: int | None = None
    first_seen: int


class MessageVersion(SQLModel, table=True):
    """What a message said before; ``replaced_at`` is when we saw that it no longer did."""

    __tablename__ = "message_version"

    pk: int | None = Field(default=None, primary_key=True)
    message_pk: int = Field(sa_column=_ref("message", index=True))
    content: str = Field(sa_column=Column(Text, nullable=False))
    parts: str | None = Field(default=None, sa_column=Column(Text))
    update_time: str | None = None
    replaced_at: int
    run_pk: int | None = Field(default=None, sa_column=_ref("sync_run", nullable=True))


class MessageRaw(SQLModel, table=True):
    """The service's own object of a message, ASCII-escaped JSON, and the id in it, where it gave one."""

    __tablename__ = "message_raw"
    __table_args__ = (
        Index(
            "ix_message_raw_message_id",
            "message_id",
            sqlite_where=text("message_id IS NOT NULL"),
        ),
    )

    message_pk: int = Field(
        sa_column=Column(Integer, ForeignKey("message.pk"), primary_key=True, autoincrement=False)
    )
    raw: str = Field(sa_column=Column(Text, nullable=False))
    message_id: str | None = None


class Seam(SQLModel, table=True):
    """A place before a message where two windows were joined without certainty.

    ``kind``: ``gap`` (messages that nobody could have served us), ``uncertain`` (repeats there are
    a lower bound), ``reset`` (the service no longer has the earlier ones). ``closed_at``: a later
    window covered both sides.
    """

    __tablename__ = "seam"

    pk: int | None = Field(default=None, primary_key=True)
    conversation_pk: int = Field(sa_column=_ref("conversation", index=True))
    message_pk: int = Field(sa_column=_ref("message", index=True))
    kind: str
    seen_at: int
    closed_at: int | None = None
    run_pk: int | None = Field(default=None, sa_column=_ref("sync_run", nullable=True))


class Memory(SQLModel, table=True):
    """A memory as last listed, or with the status for which it no longer is.

    ``digest`` covers all that a listing writes; ``version`` from 1.
    """

    __tablename__ = "memory"
    __table_args__ = (
        Index("ix_memory_updated_at", "updated_at"),
        Index("ix_memory_created_at", "created_at"),
        Index("ix_memory_view", "view"),
        Index("ix_memory_status", "status"),
        Index("ix_memory_confidence", "confidence"),
        Index(
            "ix_memory_title",
            text("substr(COALESCE(NULLIF(title, ''), content), 1, 40) COLLATE NOCASE"),
        ),
    )

    pk: int | None = Field(default=None, primary_key=True)
    memory_id: str = Field(unique=True)
    view: str
    title: str | None = None
    content: str = Field(sa_column=Column(Text, nullable=False))
    status: str | None = None
    type: str | None = None
    confidence: float | None = None
    conversation_id: str | None = None
    create_time: str | None = None
    update_time: str | None = None
    created_at: int | None = None
    updated_at: int | None = None
    first_seen: int
    version: int = 1
    version_since: int
    digest: bytes


class MemoryRaw(SQLModel, table=True):
    """The service's own object of a memory from its last listing, ASCII-escaped JSON."""

    __tablename__ = "memory_raw"

    memory_pk: int = Field(
        sa_column=Column(Integer, ForeignKey("memory.pk"), primary_key=True, autoincrement=False)
    )
    raw: str = Field(sa_column=Column(Text, nullable=False))


class MemoryDetail(SQLModel, table=True):
    """What ``get/memory/{id}`` or a search said of a memory, kept apart from listings."""

    __tablename__ = "memory_detail"

    memory_pk: int = Field(
        sa_column=Column(Integer, ForeignKey("memory.pk"), primary_key=True, autoincrement=False)
    )
    fetched_at: int
    status: str | None = None
    raw: str = Field(sa_column=Column(Text, nullable=False))


class MemoryTag(SQLModel, table=True):
    """A tag of a memory; ``ordinal`` keeps the service's order."""

    __tablename__ = "memory_tag"
    __table_args__ = (
        UniqueConstraint("memory_pk", "ordinal"),
        Index("ix_memory_tag_tag", "tag"),
    )

    pk: int | None = Field(default=None, primary_key=True)
    memory_pk: int = Field(sa_column=_ref("memory"))
    ordinal: int
    tag: str


class MemoryVersion(SQLModel, table=True):
    """A superseded version: what was read from ``seen_from`` on, until ``replaced_at``.

    ``tags`` is a JSON array. Versions are written by listings, and where a memory that is no longer
    listed was asked for by its id: then with the status that it has instead. ``conversation_id`` is
    ``''`` where it named none, and NULL where it is not known which: before schema 8 that was not kept.
    """

    __tablename__ = "memory_version"
    __table_args__ = (UniqueConstraint("memory_pk", "version"),)

    pk: int | None = Field(default=None, primary_key=True)
    memory_pk: int = Field(sa_column=_ref("memory"))
    version: int
    view: str
    title: str | None = None
    content: str = Field(sa_column=Column(Text, nullable=False))
    status: str | None = None
    tags: str = Field(sa_column=Column(Text, nullable=False))
    update_time: str | None = None
    seen_from: int
    replaced_at: int
    run_pk: int | None = Field(default=None, sa_column=_ref("sync_run", nullable=True))
    conversation_id: str | None = None


class MemorySource(SQLModel, table=True):
    """What a memory says that it came from. Which stored message that is, is found at reading."""

    __tablename__ = "memory_source"
    __table_args__ = (UniqueConstraint("memory_pk", "ordinal"),)

    pk: int | None = Field(default=None, primary_key=True)
    memory_pk: int = Field(sa_column=_ref("memory"))
    ordinal: int
    kind: str
    role: str | None = None
    excerpt: str | None = Field(default=None, sa_column=Column(Text))
    message_id: str | None = None
    time: str | None = None


class Listing(SQLModel, table=True):
    """That a memory is, or was, listed for a subject.

    ``last_seen`` is set when the memory is first missed: until then it is the subject's last
    complete listing. ``missed_at``: absent from a complete listing, not yet confirmed.
    ``reason``: ``archived``, ``deleted`` or another status told by the service, ``not found``,
    ``not listed twice``.
    """

    __tablename__ = "listing"
    __table_args__ = (
        UniqueConstraint("memory_pk", "subject_pk"),
        Index("ix_listing_subject", "subject_pk"),
        Index("ix_listing_conversation", "conversation_pk"),
        Index(
            "ix_listing_vanished",
            "vanished_at",
            sqlite_where=text("vanished_at IS NOT NULL"),
        ),
        Index(
            "ix_listing_doubted",
            "subject_pk",
            sqlite_where=text("missed_at IS NOT NULL AND vanished_at IS NULL"),
        ),
    )

    pk: int | None = Field(default=None, primary_key=True)
    memory_pk: int = Field(sa_column=_ref("memory"))
    subject_pk: int = Field(sa_column=_ref("subject"))
    conversation_pk: int | None = Field(default=None, sa_column=_ref("conversation", nullable=True))
    first_seen: int
    last_seen: int | None = None
    missed_at: int | None = None
    vanished_at: int | None = None
    reason: str | None = None


class Absence(SQLModel, table=True):
    """That a memory was not listed for a while and came back: what its `Listing` said meanwhile."""

    __tablename__ = "absence"

    pk: int | None = Field(default=None, primary_key=True)
    listing_pk: int = Field(sa_column=_ref("listing", index=True))
    last_seen: int | None = None
    missed_at: int | None = None
    vanished_at: int
    returned_at: int
    reason: str | None = None


class SyncRun(SQLModel, table=True):
    """One sync. ``outcome``: running, complete, partial, stopped, cancelled or failed.

    ``kept``: conversations that it read, of whose stored messages MemOS returned none; NULL: not known.
    """

    __tablename__ = "sync_run"

    pk: int | None = Field(default=None, primary_key=True)
    started_at: int
    finished_at: int | None = None
    mode: str
    scope: str
    outcome: str = "running"
    requests: int = 0
    added: int = 0
    changed: int = 0
    vanished: int = 0
    returned: int = 0
    messages: int = 0
    gaps: int = 0
    failed: int = 0
    kept: int | None = None


class SyncProgress(SQLModel, table=True):
    """A subject whose memories a run has read; committed with the subject's last data.

    That its messages, or some of them, could not be read says the subject's problem.
    """

    __tablename__ = "sync_progress"
    __table_args__ = (UniqueConstraint("run_pk", "subject_pk"),)

    pk: int | None = Field(default=None, primary_key=True)
    run_pk: int = Field(sa_column=_ref("sync_run"))
    subject_pk: int = Field(sa_column=_ref("subject", index=True))
    finished_at: int
    listed: bool
    pages: int


class RequestLog(SQLModel, table=True):
    """How many requests a run sent on a route; no bodies."""

    __tablename__ = "request_log"
    __table_args__ = (UniqueConstraint("run_pk", "route"),)

    pk: int | None = Field(default=None, primary_key=True)
    run_pk: int = Field(sa_column=_ref("sync_run"))
    route: str
    requests: int


class SubjectRequests(SQLModel, table=True):
    """How many requests syncs sent on a route for a subject, since the setting ``requests_counted_from``.

    It is the ``pk`` of the first run that counted them so; of earlier ones `RequestLog` knows the whole.
    """

    __tablename__ = "subject_requests"
    __table_args__ = (UniqueConstraint("subject_pk", "route"),)

    pk: int | None = Field(default=None, primary_key=True)
    subject_pk: int = Field(sa_column=_ref("subject"))
    route: str
    requests: int


class Verdict(SQLModel, table=True):
    """An operator's judgement of one version of a memory; a row is never rewritten, only ended.

    One that is given a note, or stands again since what replaced it was taken back, is another row of the
    same ``judged_at``: among those that could have stood at an instant the first one did.

    ``subject_pk``: whose listing was looked at, so that it goes with that subject; ``ended``:
    ``replaced`` by a later one of the same operator on what says the same, ``withdrawn``, or a ``slip``:
    taken back in a review before what others said was shown, with all rows of that verdict. Of each operator and version at most one
    stands.
    """

    __tablename__ = "verdict"
    __table_args__ = (
        Index("ix_verdict_memory_pk", "memory_pk"),
        Index("ix_verdict_subject_pk", "subject_pk"),
        Index(
            "ix_verdict_standing",
            "memory_pk",
            "version",
            "operator",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
        ),
    )

    pk: int | None = Field(default=None, primary_key=True)
    memory_pk: int = Field(sa_column=_ref("memory"))
    version: int
    operator: str
    verdict: str
    note: str | None = None
    ticket: str | None = None
    judged_at: int
    subject_pk: int | None = Field(default=None, sa_column=_ref("subject", nullable=True))
    ended_at: int | None = None
    ended: str | None = None


class VerdictQueue(SQLModel, table=True):
    """Memories that an operator goes through, in an order that stays, and where they are in it.

    ``asked``: JSON of what it was made of, without anybody's id or words; ``blind``: verdicts of
    others are hidden until the operator's own is given; ``fitting``: how many fitted when it was made,
    which may be more than it holds; ``position``: ordinal of the item at hand.
    """

    __tablename__ = "verdict_queue"
    __table_args__ = (UniqueConstraint("operator", "kind", "blind"),)

    pk: int | None = Field(default=None, primary_key=True)
    operator: str
    kind: str
    blind: bool
    subject_pk: int | None = Field(
        default=None, sa_column=_ref("subject", nullable=True, index=True)
    )
    asked: str
    made_at: int
    used_at: int
    fitting: int
    position: int = 0


class VerdictQueueItem(SQLModel, table=True):
    """A memory in a queue."""

    __tablename__ = "verdict_queue_item"
    __table_args__ = (UniqueConstraint("queue_pk", "ordinal"),)

    pk: int | None = Field(default=None, primary_key=True)
    queue_pk: int = Field(sa_column=_ref("verdict_queue"))
    ordinal: int
    memory_pk: int = Field(sa_column=_ref("memory", index=True))


class Setting(SQLModel, table=True):
    """What the store remembers of itself: the zone it was computed with, what was probed, …."""

    __tablename__ = "setting"

    pk: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    value: str


def table_of(model: type[SQLModel]) -> Table:
    """Return the table behind a model, for writes in bulk."""
    return SQLModel.metadata.tables[str(model.__tablename__)]
