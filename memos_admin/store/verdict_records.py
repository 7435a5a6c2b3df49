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
        latest: the memory's version now.
        ended_at, ended: when and how it ended (``replaced``, ``withdrawn``, ``slip``); None: it stands.
        alike: the versions that say what was judged, as far as they are kept.
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
    alike: frozenset[int] = frozenset()

    @property
    def said(self) -> int:
        """The first version that says what was judged."""
        return min(self.alike, default=self.version)

    @property
    def is_changed(self) -> bool:
        """Whether the memory says something else now; one that was archived and restored does not."""
        return not self.is_on(self.latest)

    @property
    def is_of_now(self) -> bool:
        """Whether it stands, and the memory says what was judged."""
        return self.ended_at is None and not self.is_changed

    def is_on(self, version: int) -> bool:
        """Return whether it is on what a version says."""
        return version == self.version or version in self.alike


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
