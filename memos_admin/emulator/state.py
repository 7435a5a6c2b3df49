"""What the emulator knows now: the data it started with and, beside it, everything written since.

The data a state starts with may be computed on demand and is never changed. Written memories (new
or changed) stand in front of a list, last change first; the positions that they or deleted ones
had before are left out. So a page costs the same whether there are ten memories or a million.
"""

from __future__ import annotations

import time
import uuid
from bisect import bisect_left, bisect_right, insort
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from memos_admin.emulator import codes
from memos_admin.emulator.codes import ApiError
from memos_admin.emulator.records import (
    LISTED,
    STATUSES,
    VIEWS,
    Data,
    Listing,
    Record,
    Subject,
    SubjectKind,
    Wire,
    wire_time,
)

TASK_MS = 300
"""How long a task runs, in milliseconds."""

KEPT_TASKS = 10_000
"""How many tasks are remembered."""


def now_ms() -> int:
    """Return the time in epoch milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class Task:
    """A task: what it will do when it is due, and what it did."""

    id: str
    due: int
    work: Callable[[], Sequence[Record]] | None
    views: dict[str, list[str]] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """``running`` or ``completed``."""
        return "completed" if self.work is None else "running"


class Merged:
    """A list of memories as it is now: the written ones, then what is left of the first ones."""

    def __init__(self, base: Listing | None, written: Sequence[Record], gone: list[int]) -> None:
        self._base = base
        self._written = written
        self._gone = gone
        # the k-th remaining one stands k plus the number of gaps before it: gaps[j] is the rank
        # among the remaining ones at which gap j lies
        self._gaps = [position - rank for rank, position in enumerate(gone)]
        self._left = (len(base) if base is not None else 0) - len(gone)

    def __len__(self) -> int:
        return len(self._written) + self._left

    def __getitem__(self, position: int) -> Record:
        written = len(self._written)
        if position < written:
            return self._written[written - 1 - position]
        rank = position - written
        if self._base is None or rank >= self._left:
            raise IndexError(position)
        return self._base[rank + bisect_right(self._gaps, rank)]

    def between(self, low: int | None, high: int | None) -> Iterator[int]:
        """Yield the positions whose update time may lie from `low` up to `high`, excluded."""
        written = len(self._written)
        yield from range(written)
        if self._base is None:
            return
        found = self._base.between(low, high)
        first = found.start - bisect_left(self._gone, found.start)
        last = found.stop - bisect_left(self._gone, found.stop)
        yield from range(written + first, written + last)


class State:
    """The project's users, conversations, messages, memories and tasks.

    Args:
        data: what to start with.
        clock: the time in epoch milliseconds; tasks fall due by it.
        task_ms: how long a task runs.
    """

    def __init__(
        self, data: Data, *, clock: Callable[[], int] = now_ms, task_ms: int = TASK_MS
    ) -> None:
        self._data = data
        self._clock = clock
        self._task_ms = task_ms
        self._current: dict[str, Record | None] = {}
        self._written: dict[tuple[Subject, str], list[Record]] = {}
        self._gone: dict[tuple[Subject, str], list[int]] = {}
        self._purged: set[Subject] = set()
        self._said: dict[tuple[str, str], list[Wire]] = {}
        self._new: dict[Subject, None] = {}
        self._tasks: OrderedDict[str, Task] = OrderedDict()
        self._due: deque[Task] = deque()
        self._made = 0
        self.revision = 0
        """Changes with every write, so that what was computed from a state can be kept."""

    def now(self) -> int:
        """Return the state's time in epoch milliseconds."""
        return self._clock()

    def turn_to(self, data: Data, clock: Callable[[], int]) -> None:
        """Show the same project at another time. Raises ValueError once anything was written."""
        if self._new or self._current:
            raise ValueError("what was written is of one time only")
        self._data, self._clock = data, clock
        self.revision += 1

    def settle(self) -> None:
        """Complete the tasks that are due. To be called before anything is read."""
        now = self.now()
        while self._due and self._due[0].due <= now:
            self._complete(self._due.popleft())

    # who there is

    def subjects(self, kind: SubjectKind) -> list[str]:
        """Return the ids of all users or all agents, those that were written last at the end."""
        known = self._data.users if kind == "user" else self._data.agents
        ids = dict.fromkeys(known)
        for subject in self._purged:
            if subject.kind == kind:
                ids.pop(subject.id, None)
        ids.update((subject.id, None) for subject in self._new if subject.kind == kind)
        return list(ids)

    # reading

    def transcript(self, owner: str, conversation_id: str, limit: int) -> list[Wire]:
        """Return the at most `limit` latest messages, oldest first."""
        purged = Subject("user", owner) in self._purged or Subject("agent", owner) in self._purged
        base = () if purged else self._data.transcript(owner, conversation_id)
        said = self._said.get((owner, conversation_id), [])
        if len(said) >= limit:
            return said[-limit:]
        wanted = limit - len(said)
        first = max(0, len(base) - wanted)
        return [base[n] for n in range(first, len(base))] + said

    def listing(self, subject: Subject, view: str) -> Merged:
        """Return the memories listed for a subject, last updated first."""
        key = (subject, view)
        base = None if subject in self._purged else self._data.listing(subject, view)
        gone = [] if base is None else self._gone.get(key, [])
        return Merged(base, self._written.get(key, ()), gone)

    def listings(self) -> Iterator[Merged]:
        """Yield every list of every subject."""
        kinds: tuple[SubjectKind, ...] = ("user", "agent")
        for kind in kinds:
            for subject_id in self.subjects(kind):
                for view in VIEWS:
                    yield self.listing(Subject(kind, subject_id), view)

    def find(self, memory_id: str) -> Record | None:
        """Return a memory of any status, None where there is none."""
        if memory_id in self._current:
            return self._current[memory_id]
        record = self._data.find(memory_id)
        if record is None or not self._purged.isdisjoint(record.subjects):
            return None
        return record

    def task(self, task_id: str) -> Task:
        """Return a task. Raises ApiError where it is unknown."""
        if task_id not in self._tasks:
            raise ApiError(codes.TASK_UNKNOWN)
        return self._tasks[task_id]

    # writing

    def new_id(self, kind: str) -> str:
        """Return a UUID that depends on what was written before only."""
        self._made += 1
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"memos emulator {kind} {self._made}"))

    def say(self, owners: Sequence[Subject], conversation_id: str, messages: list[Wire]) -> None:
        """Append messages to the conversation of each owner."""
        self.revision += 1
        for owner in owners:
            self._new.setdefault(owner)
            self._said.setdefault((owner.id, conversation_id), []).extend(messages)

    def schedule(self, work: Callable[[], Sequence[Record]], *, at_once: bool = False) -> Task:
        """Have `work` make memories after the time a task takes, or at once."""
        task = Task(self.new_id("task"), self.now() + self._task_ms, work)
        self._tasks[task.id] = task
        while len(self._tasks) > KEPT_TASKS:
            self._tasks.popitem(last=False)
        if at_once:
            self._complete(task)
        else:
            self._due.append(task)
        return task

    def _complete(self, task: Task) -> None:
        if task.work is None:
            return
        for record in task.work():
            self.put(record)
            task.views.setdefault(record.view, []).append(record.id)
        task.work = None

    def put(self, record: Record) -> None:
        """Add a memory, or put it in the place of the one with its id."""
        self.revision += 1
        before = self.find(record.id)
        if before is not None:
            self._withdraw(before)
        self._current[record.id] = record
        for subject in record.subjects:
            self._new.setdefault(subject)
            if record.status in LISTED:
                self._written.setdefault((subject, record.view), []).append(record)

    def update(
        self,
        memory_id: str,
        *,
        content: str | None = None,
        title: str | None = None,
        status: str | None = None,
    ) -> Record:
        """Change a memory and its update time; return it. Raises ApiError."""
        record = self.find(memory_id)
        if record is None:
            raise ApiError(codes.NOT_FOUND, "no memory has this id")
        if status is not None and status not in STATUSES:
            raise ApiError(codes.UNSUPPORTED, f"status must be one of {', '.join(STATUSES)}")
        if content is not None and record.view == "profile":
            raise ApiError(codes.UNSUPPORTED, "edit/profile changes a profile")
        view = VIEWS[record.view]
        item = dict(record.item)
        holder = item
        if record.view == "skill":
            holder = item["skill_value"] = dict(item["skill_value"])
        if content is not None and view.content is not None:
            holder[view.content] = content
        if title is not None and view.title is not None:
            holder[view.title] = title
        changed = replace(
            record,
            item=item,
            status=status or record.status,
            heading=title if title is not None and view.title is None else record.heading,
        )
        return self._stamp(changed)

    def _stamp(self, record: Record) -> Record:
        """Give a changed memory its new update time and put it in place of the old one."""
        view = VIEWS[record.view]
        record.updated = max(self.now(), record.updated + 1)
        record.item["status"] = record.status
        record.item[view.updated] = wire_time(record.updated, view.times)
        self.put(record)
        return record

    def delete(self, memory_ids: Sequence[str]) -> None:
        """Delete memories for good, all or none. Raises ApiError where one is unknown."""
        found = [self.find(memory_id) for memory_id in memory_ids]
        if any(record is None for record in found):
            raise ApiError(codes.MEMORY_UNKNOWN)
        self.revision += 1
        for record in found:
            if record is not None:
                self._withdraw(record)
                self._current[record.id] = None

    def purge(self, subject: Subject) -> None:
        """Delete everything of a subject. Raises ApiError where it is unknown."""
        if subject.id not in self.subjects(subject.kind):
            raise ApiError(codes.USER_UNKNOWN)
        self.revision += 1
        # what another subject lists as well goes there too; without agents nothing is shared
        if self._data.agents or subject.kind == "agent":
            for view in VIEWS:
                listing = self.listing(subject, view)
                shared = [listing[n] for n in range(len(listing))]
                self.delete([record.id for record in shared if len(record.subjects) > 1])
        for memory_id, written in self._current.items():
            if written is not None and subject in written.subjects:
                self._current[memory_id] = None
        for view in VIEWS:
            self._written.pop((subject, view), None)
        for key in [key for key in self._said if key[0] == subject.id]:
            del self._said[key]
        self._purged.add(subject)
        self._new.pop(subject, None)

    def _withdraw(self, record: Record) -> None:
        """Take a memory out of the lists that show it."""
        for subject in record.subjects:
            key = (subject, record.view)
            written = self._written.get(key, [])
            for place, other in enumerate(written):
                if other.id == record.id:
                    del written[place]
                    break
            position = self._data.listing(subject, record.view).position(record.id)
            gone = self._gone.setdefault(key, [])
            if position is not None and not _contains(gone, position):
                insort(gone, position)

    def edit_profile(
        self,
        subject: Subject,
        template_id: str,
        metadata: Mapping[str, Any],
        remove: Sequence[str],
    ) -> Record:
        """Merge `metadata` into a subject's profile, take out paths like ``diet.likes``."""
        listing = self.listing(subject, "profile")
        found = (listing[n] for n in range(len(listing)))
        record = next((r for r in found if r.item["profile_template_id"] == template_id), None)
        if record is None:
            record = self._new_profile(subject, template_id)
        properties = _merged(record.item["properties"], metadata)
        for path in remove:
            properties = _without(properties, path.split("."))
        return self._stamp(replace(record, item={**record.item, "properties": properties}))

    def _new_profile(self, subject: Subject, template_id: str) -> Record:
        now = self.now()
        memory_id = self.new_id("profile")
        item: Wire = {
            "id": memory_id,
            "profile_template_id": template_id,
            "project_id": "project-emulator",
            "properties": {},
            "status": "activated",
            "created_at": wire_time(now, "zoned"),
            "updated_at": None,
        }
        return Record(memory_id, "profile", (subject,), item, "activated", now, now)


def _contains(sorted_list: list[int], value: int) -> bool:
    place = bisect_left(sorted_list, value)
    return place < len(sorted_list) and sorted_list[place] == value


def _merged(tree: Mapping[str, Any], changes: Mapping[str, Any]) -> Wire:
    """Return a properties tree with changes; a plain value becomes a leaf."""
    merged = dict(tree)
    for name, change in changes.items():
        before = merged.get(name)
        if not isinstance(change, Mapping):
            merged[name] = {"value": change, "algorithm_updatable": True}
        elif isinstance(before, Mapping) and "value" not in before and "value" not in change:
            merged[name] = _merged(before, change)
        else:
            merged[name] = dict(change) if "value" in change else _merged({}, change)
    return merged


def _without(tree: Mapping[str, Any], path: Sequence[str]) -> Wire:
    """Return a properties tree without the node at `path`."""
    rest = {name: node for name, node in tree.items() if name != path[0]}
    node = tree.get(path[0])
    if len(path) > 1 and isinstance(node, Mapping) and "value" not in node:
        rest[path[0]] = _without(node, path[1:])
    return rest
