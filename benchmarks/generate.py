"""Fills a store from a seed, fast: plain SQL, no service, no sync.

Equal arguments give equal rows. What comes out is what syncs would have left behind: users with few
and with many memories, English, Chinese and mixed; conversations with and without gaps; vanished
memories, earlier versions, memories of a user that an agent lists too. The largest user has the
same size in every store from 25,000 memories on, so that what one user costs can be compared
between stores.

``python -m benchmarks.generate --memories 100000 FOLDER`` makes a home to look around in.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.texts import Texts
from memos_admin.backend.home import Home
from memos_admin.backend.projects import Project, Projects
from memos_admin.backend.sync.positions import SPACING
from memos_admin.store.schema import open_current

NOWHERE = "http://127.0.0.1:9/api/openmem/v1"
"""An address that nobody answers at."""

PROJECT = "bench"
LARGEST = 5_000
"""Memories of the largest user; it has twice as many messages."""

_NEWEST = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp()) * 1000
_SYNCED = _NEWEST + 3_600_000
_SPAN = 400 * 24 * 3_600_000
_MINUTE = 60_000
_ROWS_AT_ONCE = 20_000
_VIEWS = (
    *("detail_factual",) * 11,
    *("preference",) * 4,
    *("tool_memory",) * 2,
    "skill",
    "event",
    "profile",
)
_UNTITLED = frozenset({"preference", "tool_memory", "profile"})

_COLUMNS = {
    "subject": "pk kind external_id known_from added_at listed_at synced_at conversations messages "
    "memories last_activity",
    "conversation": "pk subject_pk conversation_id known_from added_at fetched_at window stale "
    "from_beginning messages gaps last_message_at served_at",
    "message": "pk conversation_pk position role content create_time update_time created_at "
    "updated_at first_seen",
    "message_raw": "message_pk raw",
    "seam": "conversation_pk message_pk kind seen_at",
    "memory": "pk memory_id view title content status type confidence conversation_id create_time "
    "update_time created_at updated_at first_seen version version_since digest",
    "memory_raw": "memory_pk raw",
    "memory_tag": "memory_pk ordinal tag",
    "memory_source": "memory_pk ordinal kind role excerpt time",
    "memory_version": "memory_pk version view title content status tags seen_from replaced_at "
    "conversation_id",
    "listing": "memory_pk subject_pk conversation_pk first_seen last_seen vanished_at reason",
}


@dataclass(frozen=True, slots=True)
class Size:
    """How large a store is; everything follows from its memories."""

    memories: int

    @property
    def messages(self) -> int:
        """Messages."""
        return 2 * self.memories

    @property
    def users(self) -> int:
        """Users; there are some agents beside them."""
        return max(2, self.memories // 100)

    @property
    def largest(self) -> int:
        """Memories of the largest user."""
        return min(LARGEST, self.memories // 5)

    def __str__(self) -> str:
        if self.memories % 1_000_000 == 0:
            return f"{self.memories // 1_000_000} M"
        return f"{self.memories // 1_000} k" if self.memories >= 1_000 else str(self.memories)


def user_id(number: int) -> str:
    """Return the id of the user with a number, from 0; number 0 is the largest one."""
    return f"memos_user_{number:06}" if number % 50 != 7 else f"用户_{number:06}"


def make_home(folder: Path, size: Size, *, seed: int = 0, base_url: str = NOWHERE) -> Project:
    """Make a home at `folder` with one project, whose store is filled; return the project."""
    project = Projects(Home(folder)).add(PROJECT, base_url=base_url)
    Home(folder).create_project_dir(project.uuid)
    connection = open_current(project.store_dir / "store.db")
    try:
        fill(connection, size, seed=seed)
    finally:
        connection.close()
    return project


def fill(connection: sqlite3.Connection, size: Size, *, seed: int = 0) -> None:
    """Fill an empty store. It is not safe against a crash meanwhile."""
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("PRAGMA cache_size = -200000")
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    for name, _ in indexes:  # one sort at the end is faster than a million insertions
        connection.execute(f"DROP INDEX {name}")
    connection.execute("BEGIN")
    _Filling(connection, size, seed).run()
    for _, sql in indexes:
        connection.execute(sql)
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL")


@dataclass(frozen=True, slots=True)
class _Talk:
    """The conversation that memories come from."""

    subject_pk: int
    pk: int
    conversation_id: str
    language: int
    ended: int
    asked: Sequence[str]


class _Filling:
    """One store being filled."""

    def __init__(self, connection: sqlite3.Connection, size: Size, seed: int) -> None:
        self._connection, self._size = connection, size
        self._rng = Random(seed)
        self._texts = Texts(self._rng)
        self._rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in _COLUMNS}
        self._waiting = 0
        self._agents = max(1, size.users // 100)
        self._listed_by_agent = [0] * self._agents
        self._next = {"conversation": 1, "message": 1, "memory": 1}

    def run(self) -> None:
        """Write everything."""
        for number, memories in enumerate(self._shares()):
            self._user(number, memories)
        for number, memories in enumerate(self._listed_by_agent):
            seen = (_SYNCED, _SYNCED, _SYNCED)
            row = (self._agent_pk(number), "agent", f"agent-{number:04}", "import", *seen)
            self._add("subject", (*row, 0, 0, memories, None))
        self._connection.execute(
            """INSERT INTO sync_run (started_at, finished_at, mode, scope, outcome, requests, added,
               changed, vanished, returned, messages, gaps, failed)
               VALUES (?, ?, 'changes', 'all', 'complete', ?, 0, 0, 0, 0, 0, 0, 0)""",
            (_SYNCED - 60_000, _SYNCED, self._size.users),
        )
        self._flush()
        self._connection.execute(
            """UPDATE subject SET last_activity = (SELECT max(m.updated_at) FROM listing l
               JOIN memory m ON m.pk = l.memory_pk
               WHERE l.subject_pk = subject.pk AND l.vanished_at IS NULL) WHERE kind = 'agent'"""
        )

    def _shares(self) -> Iterator[int]:
        """Yield how many memories each user has: one has many, some a few hundred, most few."""
        size, rng = self._size, self._rng
        rest = size.memories - size.largest
        weights = [min(rng.paretovariate(1.2), 30.0) for _ in range(size.users - 1)]
        counts = [int(rest * weight / sum(weights)) for weight in weights]
        left = rest - sum(counts)
        yield size.largest
        yield from (count + (number < left) for number, count in enumerate(counts))

    def _agent_pk(self, number: int) -> int:
        return self._size.users + 1 + number

    def _user(self, number: int, memories: int) -> None:
        pk = number + 1
        language = 2 if number % 10 == 0 else int(number % 3 == 2)
        newest = _NEWEST - int(_SPAN * self._rng.random() ** 2 * 0.9)
        conversations = max(1, memories // 10)
        active, listed = 0, 0
        for place in range(conversations):
            share = _share(memories, conversations, place)
            started = newest - _SPAN // 10 * (conversations - 1 - place) // conversations
            name = f"{place + 1:04}"
            conversation_pk, last, asked = self._conversation(pk, name, language, share, started)
            active = max(active, last)
            talk = _Talk(pk, conversation_pk, name, language, last, asked)
            for _ in range(share):
                said = self._memory(talk)
                listed += said is not None
                active = max(active, said or 0)
        row = (pk, "user", user_id(number), "import", _SYNCED, _SYNCED, _SYNCED, conversations)
        self._add("subject", (*row, 2 * memories, listed, active or None))

    def _conversation(
        self, subject_pk: int, name: str, language: int, share: int, start: int
    ) -> tuple[int, int, list[str]]:
        """Write a conversation of twice `share` messages; return key, last time and questions."""
        pk, count, rng = self._take("conversation"), 2 * share, self._rng
        gap = rng.randrange(2, count) if count > 10 and rng.random() < 0.05 else None
        asked: list[str] = []
        at = start - count * _MINUTE
        for number in range(count):
            at = start - (count - number) * _MINUTE
            message_pk, role = self._take("message"), ("user", "assistant")[number % 2]
            content = self._texts.text(language, rng.randint(1, 4 + number % 2))
            when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at // 1000))
            at -= at % 1000
            place = SPACING * (number + 1)
            times = (when, when, at, at, _SYNCED)
            self._add("message", (message_pk, pk, place, role, content, *times))
            raw = {"role": role, "content": content, "create_time": when, "update_time": when}
            self._add("message_raw", (message_pk, json.dumps(raw, separators=(",", ":"))))
            if number == gap:
                self._add("seam", (pk, message_pk, "gap", _SYNCED))
            if number % 2 == 0:
                asked.append(content)
        whole = gap is None and count < 50
        row = (pk, subject_pk, name, "memory", _SYNCED, _SYNCED, min(count, 50), 0, whole, count)
        last = (at, _SYNCED) if count else (None, None)
        self._add("conversation", (*row, int(gap is not None), *last))
        return pk, at, asked

    def _memory(self, talk: _Talk) -> int | None:
        """Write a memory with all that belongs to it; return its update time while it is listed."""
        pk, rng = self._take("memory"), self._rng
        view = rng.choice(_VIEWS)
        title = None if view in _UNTITLED else self._texts.title(talk.language)
        content = self._texts.text(talk.language, rng.randint(1, 3))
        created = talk.ended + rng.randrange(1000, 10 * _MINUTE)
        updated = created + (0 if rng.random() < 0.7 else rng.randrange(20 * _MINUTE))
        gone = rng.random() < 0.02
        tags, quoted = self._texts.tags(), rng.choice(talk.asked) if rng.random() < 0.7 else None
        version = 2 if rng.random() < 0.025 else 1
        confidence = rng.randrange(100) / 100
        memory_id = f"{rng.getrandbits(128):032x}"
        raw = self._sides(
            pk,
            {
                "id": memory_id,
                "memory_key": title,
                "memory_value": content,
                "confidence": confidence,
                "tags": tags,
                "create_time": created,
            },
            quoted,
        )
        digest = blake2b(f"{view}\n{raw}".encode("ascii"), digest_size=16).digest()
        row = (pk, memory_id, view, title, content, "activated", "LongTermMemory", confidence)
        times = (str(created), str(updated), created, updated, created, version, updated)
        self._add("memory", (*row, talk.conversation_id, *times, digest))
        if version == 2:
            before = self._texts.text(talk.language, 1), "activated", json.dumps(tags)
            said = (1, view, title, *before, created, updated, talk.conversation_id)
            self._add("memory_version", (pk, *said))
        ended = (created, _SYNCED, "not found") if gone else (None, None, None)
        self._add("listing", (pk, talk.subject_pk, talk.pk, created, *ended))
        if view == "tool_memory" and rng.random() < 0.1:
            agent = rng.randrange(self._agents)
            self._listed_by_agent[agent] += 1
            self._add("listing", (pk, self._agent_pk(agent), None, created, None, None, None))
        return None if gone else updated

    def _sides(self, pk: int, item: dict[str, Any], quoted: str | None) -> str:
        """Write tags, source and raw JSON of a memory; return the JSON."""
        for ordinal, tag in enumerate(item["tags"]):
            self._add("memory_tag", (pk, ordinal, tag))
        item["sources"] = []
        if quoted is not None:
            self._add("memory_source", (pk, 0, "chat", "user", quoted, str(item["create_time"])))
            item["sources"].append({"type": "chat", "role": "user", "content": quoted})
        raw = json.dumps(item, separators=(",", ":"))
        self._add("memory_raw", (pk, raw))
        return raw

    def _take(self, table: str) -> int:
        pk = self._next[table]
        self._next[table] = pk + 1
        return pk

    def _add(self, table: str, row: tuple[Any, ...]) -> None:
        self._rows[table].append(row)
        self._waiting += 1
        if self._waiting >= _ROWS_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        for table, rows in self._rows.items():
            if rows:
                names = _COLUMNS[table].split()
                marks = ",".join("?" * len(names))
                sql = f"INSERT INTO {table} ({','.join(names)}) VALUES ({marks})"
                self._connection.executemany(sql, rows)
                rows.clear()
        self._waiting = 0


def _share(total: int, parts: int, place: int) -> int:
    return total // parts + (place < total % parts)


def main() -> None:
    """Make a home to look around in."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generate", description=__doc__)
    parser.add_argument("folder", type=Path, help="of the new home")
    parser.add_argument("--memories", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    make_home(options.folder, Size(options.memories), seed=options.seed)
    print(f"MEMOS_ADMIN_HOME={options.folder.absolute()} memos-admin")


if __name__ == "__main__":
    main()
