"""What a run says while it works and at its end, and what its parts share."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal
from zoneinfo import ZoneInfo

from memos_admin.backend.remote import Remote
from memos_admin.backend.times import now_ms
from memos_admin.cloud.errors import CloudError
from memos_admin.store.records import SubjectRef
from memos_admin.store.scopes import scope_of
from memos_admin.store.writer import Writer

Part = Literal["memories", "messages"]
"""What of a subject was not read, or not all of it; the messages are read after all of the memories."""

_TOLERATED_MS = 3_600_000
"""How wrong the clock of this machine may be."""


@dataclass(frozen=True, slots=True)
class SyncScope:
    """What to read.

    Attributes:
        subjects: whom; empty means the whole roster.
        conversation_id: only this conversation's messages, of the one subject named.
        full: list all memories and read all windows, instead of what changed.
    """

    subjects: tuple[SubjectRef, ...] = ()
    conversation_id: str | None = None
    full: bool = False

    @property
    def text(self) -> str:
        """The scope in words that name it and nothing else, so that a run can be gone on with."""
        return scope_of(self.subjects, self.conversation_id)


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """How far a run is.

    Attributes:
        done, total: subjects.
        memories, messages: those read.
        doing: what it does, or what it waits for.
        waiting: what it waits for; ``""``: it does not.
        before: subjects that an interrupted run had read already, and this one does not.
        beside: not an interrupted one has read them, but another one that is under way.
    """

    done: int
    total: int
    requests: int
    memories: int
    messages: int
    doing: str
    eta_seconds: float | None
    waiting: str = ""
    before: int = 0
    beside: bool = False


@dataclass(frozen=True, slots=True)
class SyncFailure:
    """What could not be read, and why, in one line.

    Attributes:
        conversation_id: whose messages; None: those of all that were to be read, or memories.
        cause: what the service raised; None where it answered, and the answers do not add up.
    """

    ref: SubjectRef
    conversation_id: str | None
    error: str
    cause: CloudError | None = field(default=None, compare=False, repr=False)
    part: Part = "memories"


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a run changed here.

    Attributes:
        subjects: read, all that was asked for of them.
        skipped: that an interrupted run had read within the last hour, or another one that is under way.
        beside: it was another one that is under way.
        added, changed, vanished, returned: memories.
        messages: new ones; `messages_changed`: that say something else; `gaps`: new places where messages are missing.
        unconfirmed: memories that a whole listing lacked, and that may be gone or not.
        kept: conversations that were read, of whose stored messages MemOS returned none.
        failed: what could not be read, of each subject that was asked for.
        up_to_date: subjects listed whole, none of whose memories is in doubt: the store has what MemOS has.
        finishes: entries of the journal that began a change and have no end; what came of it was read.
        not_begun: subjects that were not asked for, since the run ended before its time.
        complete: everything asked for was read.
        stopped: why the run ended before its time, else None.
        refused: the service refused the key.
        nothing_of: those of the scope, listed whole, of whom nothing was ever served: mistyped,
            perhaps.
        unheard_of: MemOS returned no messages for the scope's conversation, and no memory names it.
            It was not kept unless it was known before.
        cause: what the service raised that ended the run, None where it was read to its end.
        answers: pages of memories and windows of messages that were read.
        listed_in_part: subjects of whom only what changed was listed: what is gone was not looked for.
        listed_whole: subjects of whom it was, since their listing had everything.
        asked: subjects that there were to read; `missing`: those of them not read, or in part.
        run_pk: of the run, as the store notes it.
        clock_ahead: seconds that the clock of this machine is ahead of the service's; 0: that is not known.
    """

    subjects: int
    skipped: int
    requests: int
    added: int
    changed: int
    vanished: int
    returned: int
    messages: int
    gaps: int
    failed: tuple[SyncFailure, ...]
    complete: bool
    stopped: str | None = None
    refused: bool = False
    nothing_of: tuple[SubjectRef, ...] = ()
    unheard_of: bool = False
    cause: CloudError | None = field(default=None, compare=False, repr=False)
    answers: int = 0
    listed_in_part: int = 0
    listed_whole: int = 0
    asked: int = 0
    missing: int = 0
    run_pk: int = 0
    beside: bool = False
    kept: int = 0
    messages_changed: int = 0
    clock_ahead: float = 0.0
    unconfirmed: int = 0
    not_begun: tuple[SubjectRef, ...] = ()
    up_to_date: frozenset[SubjectRef] = frozenset()
    finishes: tuple[int, ...] = ()


@dataclass(slots=True)
class Running:
    """A run at work: what its parts read with, write with, and count into.

    `most_details`: missing memories of a subject that are asked for by their id.
    """

    remote: Remote
    writer: Writer
    zone: ZoneInfo
    run_pk: int
    total: int
    most_details: int
    skipped: int = 0
    beside: bool = False
    clock: Callable[[], int] = now_ms
    on_progress: Callable[[SyncProgress], None] | None = None
    done: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    spent: dict[int, Counter[str]] = field(default_factory=dict)
    failed: list[SyncFailure] = field(default_factory=list)
    up_to_date: set[SubjectRef] = field(default_factory=set)
    doing: str = ""
    waiting: str = ""
    started: float = field(default_factory=time.monotonic)
    before: Mapping[str, int] = field(default_factory=dict)
    probing: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def routes(self) -> Counter[str]:
        """Requests sent by route since the run began, retries included."""
        return Counter(self.remote.requests) - Counter(self.before)

    @property
    def requests(self) -> int:
        """Requests sent since the run began, retries included."""
        return self.routes.total()

    def counting(self, subject_pk: int) -> AbstractContextManager[None]:
        """Count the requests that are sent meanwhile as those of a subject too."""
        return self.remote.counting(self.spent.setdefault(subject_pk, Counter()))

    def now(self) -> int:
        """Return the present instant in UTC milliseconds, by the service's clock if ours is wrong.

        What changed later than that is asked for next time: hours do not matter, days would.
        """
        ahead = round(self.remote.clock_ahead * 1000)
        return self.clock() - ahead if abs(ahead) > _TOLERATED_MS else self.clock()

    def corrected(self, started: int, seconds: float) -> int:
        """Return when something was started `seconds` ago; our clock said `started` then."""
        truly = self.now() - round(seconds * 1000)
        return truly if abs(truly - started) > _TOLERATED_MS else started

    def tell(self, doing: str | None = None) -> None:
        """Tell how far the run is."""
        if doing is not None:
            self.doing, self.waiting = doing, ""
        if self.on_progress is None:
            return
        elapsed = time.monotonic() - self.started
        left = self.total - self.done
        self.on_progress(
            SyncProgress(
                done=self.done,
                total=self.total,
                requests=self.requests,
                memories=self.counts["memories read"],
                messages=self.counts["messages read"],
                doing=self.waiting or self.doing,
                eta_seconds=elapsed / self.done * left if self.done else None,
                waiting=self.waiting,
                before=self.skipped,
                beside=self.beside,
            )
        )

    def tell_wait(self, waiting: str) -> None:
        """Tell what a request waits for; ``""``: it waits no more."""
        self.waiting = waiting
        self.tell()
