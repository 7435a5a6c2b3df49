"""What the tests of the search index share: a store to fill, and a search that looks at every text."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from memos_admin.store import erasing, memories, messages, subjects
from memos_admin.store.incoming import IncomingMemory, WindowChanges
from memos_admin.store.query import Query
from memos_admin.store.records import SubjectRef
from memos_admin.store.search.filling import Filling
from memos_admin.store.search.find import Search
from memos_admin.store.search.tokens import wanted
from memos_admin.store.writer import Writer
from tests.store.test_reads import incoming, said, subject_pk

T = TypeVar("T")
Key = tuple[str, int]

CLOCK = itertools.count(1_000)
"""Time goes on, also where a store is put back."""


class Filled:
    """A store that is filled step by step; every step has a time of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer = Writer(path)

    def run(self, job: Callable[[Connection], T]) -> T:
        return self.writer.submit(job).result(20)

    def list(self, ref: SubjectRef, *items: IncomingMemory) -> None:
        """A page of a listing."""
        now = next(CLOCK)
        self.run(lambda c: memories.record(c, subject_pk(c, ref), items, run_pk=None, now=now))

    def memory(self, ref: SubjectRef, memory_id: str, content: str, **fields: Any) -> None:
        item = incoming(memory_id, **{"content": content, "tags": ()} | fields)
        self.list(ref, replace(item, digest=repr(item).encode()))

    def say(self, ref: SubjectRef, conversation_id: str, *contents: str, **fields: Any) -> None:
        """Messages at the end of a conversation."""
        now = next(CLOCK)

        def job(c: Connection) -> None:
            pk = self._conversation(c, ref, conversation_id)
            at = len(messages.tail(c, pk, 10_000))
            inserts = [(1000 * (at + n), said(text, **fields)) for n, text in enumerate(contents)]
            changes = WindowChanges(inserts=inserts)
            messages.apply(c, pk, changes, run_pk=None, now=now)

        self.run(job)

    def edit(self, ref: SubjectRef, conversation_id: str, content: str) -> None:
        """The last message says something else now."""
        now = next(CLOCK)

        def job(c: Connection) -> None:
            pk = self._conversation(c, ref, conversation_id)
            for message in messages.tail(c, pk, 1):
                changes = WindowChanges(versions=[(message.pk, said(content))])
                messages.apply(c, pk, changes, run_pk=None, now=now)

        self.run(job)

    def remove(self, ref: SubjectRef) -> None:
        self.run(lambda c: erasing.remove(c, ref))

    def remove_conversation(self, ref: SubjectRef, conversation_id: str) -> None:
        self.run(
            lambda c: messages.remove_conversation(c, self._conversation(c, ref, conversation_id))
        )

    @staticmethod
    def _conversation(c: Connection, ref: SubjectRef, conversation_id: str) -> int:
        pk = subject_pk(c, ref)
        subjects.add_conversations(c, pk, [conversation_id], "hand", 1)
        return subjects.conversation_pks(c, pk)[conversation_id]

    def close(self) -> None:
        self.writer.close()


def fill(path: Path, steps: int = 1_000_000) -> None:
    """Let the index follow for some steps, at most until it has everything."""
    with Filling(path) as filling:
        for _ in range(steps):
            if not filling.step():
                break


def found(
    query: Query,
    text: str,
    ref: SubjectRef | None = None,
    kinds: Sequence[Any] = ("memory", "message"),
) -> list[Key]:
    """Return what is found, in order."""
    pk = None
    if ref is not None:
        pk = next(
            query.keys(
                "SELECT pk FROM subject WHERE kind = ? AND external_id = ?",
                [ref.kind, ref.external_id],
            ).__iter__(),
            -1,
        )
    return [
        (each.kind, each.pk) for each in Search(query, wanted(text), subject_pk=pk, kinds=kinds)
    ]


def naively(query: Query, text: str, ref: SubjectRef | None = None) -> list[Key]:
    """Return what is to be found: every text is looked at, by rules written anew."""
    terms = list(naive_terms(text))
    whose = ("", "") if ref is None else (ref.kind, ref.external_id)
    hits = []
    for pk, memory_pk, title, content, kind, name in query.rows(
        """SELECT l.pk, m.pk, m.title, m.content, s.kind, s.external_id
           FROM listing l JOIN memory m ON m.pk = l.memory_pk JOIN subject s ON s.pk = l.subject_pk"""
    ):
        tags = [
            tag
            for (tag,) in query.rows("SELECT tag FROM memory_tag WHERE memory_pk = ?", [memory_pk])
        ]
        if ref in (None, SubjectRef(kind, name)) and _fits(terms, [title or "", content, *tags]):
            hits.append(("memory", pk))
    for pk, content, kind, name in query.rows(
        """SELECT m.pk, m.content, s.kind, s.external_id FROM message m
           JOIN conversation c ON c.pk = m.conversation_pk JOIN subject s ON s.pk = c.subject_pk"""
    ):
        if whose in (("", ""), (kind, name)) and _fits(terms, [content]):
            hits.append(("message", pk))
    return hits


def _fits(terms: list[tuple[list[str], bool]], fields: list[str]) -> bool:
    words = [naive_words(field) for field in fields]
    return bool(terms) and all(any(_stands(term, field) for field in words) for term in terms)


def _stands(term: tuple[list[str], bool], words: list[str]) -> bool:
    sought, is_open = term
    for start in range(len(words) - len(sought) + 1):
        here = words[start : start + len(sought)]
        last = here[-1].startswith(sought[-1]) if is_open else here[-1] == sought[-1]
        if here[:-1] == sought[:-1] and last:
            return True
    return False


def naive_terms(text: str) -> Iterator[tuple[list[str], bool]]:
    for quoted, plain in re.findall(r'["“”„＂]([^"“”„＂]*)["“”„＂]|([^"“”„＂\s]+)', text):
        if words := naive_words(quoted or plain):
            yield words, not quoted and len(words[-1]) >= 2


def naive_words(text: str) -> list[str]:
    """The rules of `memos_admin.store.search.tokens` for the characters that these tests use."""
    words = [""]
    for char in unicodedata.normalize("NFKC", text):
        for plain, is_word in _naive_parts(char):
            if is_word:
                words += [plain, ""]
            elif plain:
                words[-1] += plain
            else:
                words.append("")
    return [word[:64] for word in words if word]


@cache
def _naive_parts(char: str) -> list[tuple[str, bool]]:
    """Return what a character is made of, and whether it is a word alone; an empty one ends a word."""
    parts = []
    for plain in unicodedata.normalize("NFD", char.casefold()):
        name, category = unicodedata.name(plain, ""), unicodedata.category(plain)
        if category == "Cf" or "COMBINING ACUTE" in name or "VARIATION" in name:
            continue
        is_word = category == "So" or name.startswith(("CJK", "HIRAGANA", "KATAKANA", "THAI"))
        parts.append((plain if is_word or plain.isalnum() else "", is_word))
    return parts
