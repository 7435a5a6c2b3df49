"""What is here of somebody who is to be erased, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from memos_admin.backend.projects.elsewhere import Elsewhere
from memos_admin.store.erasing import NAMES, Held
from memos_admin.store.erasures import Attempt
from memos_admin.store.records import SubjectRef


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was written once.

    Attributes:
        held: what it holds of the subject; None where that is not known.
        problem: why it is out of reach, a sentence; ``""``: it is not.
        shared: ids of memories that it has for others too.
    """

    path: Path
    held: Held | None = None
    problem: str = ""
    shared: tuple[str, ...] = field(default=(), repr=False)

    @property
    def is_due(self) -> bool:
        """Whether something is to be erased there, and can be."""
        held = self.held
        return not self.problem and held is not None and (held.anything or held.unswept)


@dataclass(frozen=True, slots=True)
class Kept:
    """A store whose place a backup has taken, and which is left as it is.

    Attributes:
        held: what it holds of the subject; None where that is not known.
        problem: why that is not known, in a sentence; ``""``: it is known.
    """

    path: Path
    held: Held | None = None
    problem: str = ""

    @property
    def may_hold(self) -> bool:
        """Whether something of the subject stands there, or may."""
        return self.held is None or self.held.anything or self.held.unswept


@dataclass(frozen=True, slots=True)
class Plan:
    """What is here of a subject.

    Attributes:
        held: what the store holds; None where there is no store.
        backups: those that are known.
        old_copies: of the store, from before it was upgraded; they are deleted whole.
        leftovers: of programs that were killed; they are deleted.
        replaced: stores whose place backups have taken; they are left, and told.
        screen: the screen was left at the subject.
        unfinished: files that an earlier erasure of it could not reach.
        shared: ids of memories that the store or a backup has for others too.
        elsewhere: other projects here that hold it, or may.
        lacking: why the disk of the store has no room to erase it, and what to do; ``""``: it has.
        filters: names of the project's saved filters, which may look for words of it, and stay.
        begun: the journal's entries of erasures of it here that have no end: they were killed.
        attempts: to erase it in the service too, that were begun and have no end, the first one first.
    """

    ref: SubjectRef
    held: Held | None
    backups: tuple[Backup, ...] = ()
    old_copies: tuple[Path, ...] = ()
    leftovers: tuple[Path, ...] = ()
    replaced: tuple[Kept, ...] = ()
    screen: bool = False
    unfinished: tuple[Path, ...] = ()
    shared: tuple[str, ...] = field(default=(), repr=False)
    elsewhere: tuple[Elsewhere, ...] = ()
    lacking: str = ""
    filters: tuple[str, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    begun: tuple[int, ...] = ()

    @property
    def said_elsewhere(self) -> int:
        """Messages that it said in conversations of others, which an erasure leaves there."""
        return 0 if self.held is None else self.held.said_elsewhere

    @property
    def not_looked_into(self) -> tuple[Path, ...]:
        """Backups and kept stores that may hold something of it, which cannot be told."""
        unknown = [one.path for one in self.backups if one.held is None]
        return (*unknown, *(one.path for one in self.replaced if one.held is None))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is here of the subject, and nothing of an earlier removal is left to do."""
        return not (
            (self.held is not None and (self.held.anything or self.held.unswept))
            or any(one.held is not None and one.held.anything for one in self.backups)
            or any(one.held is not None and one.held.anything for one in self.replaced)
            or self.screen
            or self.unfinished
            or self.begun
        )


@dataclass(slots=True)
class Erased:
    """What came of it.

    Attributes:
        plan: what was here.
        backups: those that were erased in.
        deleted: files that were deleted.
        remains: what could not be erased and what to do, a sentence or two each.
        unerased: the files that is about.
        keeps_id: the id stays on the roster, marked, since the erasure in the service was not verified.
    """

    plan: Plan
    backups: list[Path] = field(default_factory=list)
    deleted: list[Path] = field(default_factory=list)
    remains: list[str] = field(default_factory=list)
    unerased: list[Path] = field(default_factory=list)
    keeps_id: bool = False

    @property
    def elsewhere(self) -> tuple[Elsewhere, ...]:
        """Other projects that hold it, so that something remains however often it is repeated here."""
        return tuple(other for other in self.plan.elsewhere if other.is_left)

    @property
    def kept(self) -> tuple[Kept, ...]:
        """Stores whose place backups have taken, and in which it remains until they are deleted."""
        return tuple(one for one in self.plan.replaced if one.may_hold)

    @property
    def repeating_helps(self) -> bool:
        """Whether something else remains than what other projects and kept stores hold."""
        return len(self.remains) > len(self.elsewhere) + len(self.kept)

    def leave(self, path: Path, why: str) -> None:
        """Note that a file remains as it is, and why."""
        self.remains.append(why)
        self.unerased.append(path)


__all__ = ["NAMES", "Backup", "Erased", "Held", "Kept", "Plan"]
