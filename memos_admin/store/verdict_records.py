"""What verdicts are, as plain values: what is written, and what reads return."""

from typing import NamedTuple

from memos_admin.store.records import SubjectRef


class Judgement(NamedTuple):
    """A verdict to be given.

    Attributes:
        version: the one that was judged.
        judged_at: when, UTC milliseconds; None: now.
        ref: for whom the memory was listed where it was looked at.
    """

    memory_id: str
    version: int
    verdict: str
    note: str | None = None
    ticket: str | None = None
    ref: SubjectRef | None = None
    judged_at: int | None = None


class Verdict(NamedTuple):
    """A verdict as it was given.

    Attributes:
        view: of the version that was judged.
        latest: the memory's version now; above `version` it was changed since.
        ended_at, ended: when and how it ended (``replaced``, ``withdrawn``, ``slip``); None: it stands.
    """

    pk: int
    memory_pk: int
    version: int
    operator: str
    verdict: str
    note: str | None
    ticket: str | None
    judged_at: int
    ended_at: int | None
    ended: str | None
    view: str
    latest: int

    @property
    def is_of_now(self) -> bool:
        """Whether it stands, and the memory still says what was judged."""
        return self.ended_at is None and self.version == self.latest


class Queue(NamedTuple):
    """A queue that an operator goes through; see `memos_admin.store.tables.VerdictQueue`.

    Attributes:
        items: how many memories are in it.
        position: which of them is at hand, from 0.
    """

    pk: int
    kind: str
    blind: bool
    ref: SubjectRef | None
    asked: str
    made_at: int
    fitting: int
    items: int
    position: int
