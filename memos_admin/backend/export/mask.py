"""What a masked export says: texts as on a masked screen, users by other names.

Done to the values before a format sees them, so that all formats say the same. Nobody imports it
unless a masked export is asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import repeat
from typing import Any

from memos_admin.backend.export.json_lines import dumped
from memos_admin.backend.export.rows import PLAIN_COLUMNS
from memos_admin.backend.export.table import Block, Run
from memos_admin.backend.home import Home
from memos_admin.backend.masking.covering import Covered, cover
from memos_admin.backend.masking.finding import find
from memos_admin.backend.masking.pseudonyms import key_or_passing
from memos_admin.backend.masking.veil import MOST_KEPT, Veil
from memos_admin.backend.model import Reads
from memos_admin.language import gettext as _

NAMED = frozenset({"user_id", "agent_id", "role_id", "role_name"})
"""Columns, and keys of JSON objects, that say who somebody is."""

LONG_NUMBER = re.compile(r"\d{11,19}")
"""A number as long as those of phones and cards."""

_JSON_TOKEN = re.compile(
    rf'("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|(?<![\w.+-]){LONG_NUMBER.pattern}(?![\w.])', re.DOTALL
)
"""A string (a key, if a colon follows), or a long number."""

_TITLES = frozenset({"title", "key", "memory_key", "event_key"})
"""Keys of JSON objects that a title stands under, here and in what the service answers."""


class Mask:
    """Masks what is exported, and counts.

    All users and agents of the store are known by their other names before anything is written, so
    that what a text says of them does not depend on who came before it.

    Attributes:
        names: every user and agent has another name.
        parts: of texts that are masked so far, ids that have another name in them among these.
    """

    def __init__(self, home: Home, reads: Reads, *, names: bool) -> None:
        """Take the home of the names, the store, and whether every user has another name."""
        self.parts, self.names = 0, names
        self._veil = Veil(key_or_passing(home), names=names, translate=_)
        self._veil.meet_all(reads)
        self._key = lru_cache(MOST_KEPT)(self._of_key)

    def block(self, columns: Sequence[str], block: Block) -> Block:
        """Return rows of a table with masks."""
        shared = len(block.runs[0].first) if block.runs else 0
        ends = shared + len(block.columns)
        runs = []
        for length, first, last in block.runs:
            before = self.parts
            kind = (
                first[columns.index("subject_kind")] if "subject_kind" in columns[:shared] else None
            )
            head = tuple(map(self._value, columns, first, repeat(kind)))
            tail = tuple(map(self._value, columns[ends:], last))
            runs.append(Run(length, head, tail))
            self.parts = before + (self.parts - before) * length
        between = dict(zip(columns[shared:ends], block.columns, strict=True))
        if "title" in between and "content" in between:
            pairs = zip(between["title"], between["content"], strict=True)
            between["title"] = [
                title and self._title(title, [content or ""]) for title, content in pairs
            ]
        kinds = between.get("subject_kind") or repeat(None)
        return Block(
            runs,
            [
                values
                if name in PLAIN_COLUMNS
                else list(map(self._value, repeat(name), values, kinds))
                for name, values in between.items()
            ],
        )

    def line(self, line: str) -> str:
        """Return a line of JSON with masks; whatever needs none stays as it is written."""
        parts, at, key, kind = [], 0, "", None
        beside = _beside_titles(line)
        for token in _JSON_TOKEN.finditer(line):
            string, colon = token[1], token[2]
            text = token[0] if string is None else json.loads(string, strict=False)
            if colon is not None:
                key = text
                covered = self._key(text)
                self.parts += len(covered.edits)
                found = covered.text
            else:
                kind = text if key == "subject_kind" else kind
                title = self._title(text, beside.get(text, ())) if key in _TITLES else text
                found = self.text(key, title, kind)
            if found != text:
                parts += [line[at : token.start()], dumped(found), colon or ""]
                at = token.end()
        return "".join((*parts, line[at:]))

    def _value(self, column: str, value: Any, kind: str | None = None) -> Any:
        if isinstance(value, str):
            return self.text(column, value, kind)
        if isinstance(value, list):
            return [self._value(column, one) for one in value]
        return value

    def _title(self, title: str, contents: Sequence[str]) -> str:
        """Return a title with masks where it has what is masked in texts below it; the rest is masked later."""
        own = {*self._veil.covered(title).edits}
        more = [edit for edit in self._veil.beside(title, contents).edits if edit not in own]
        self.parts += len(more)
        return cover(title, more).text

    def document(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return an object with JSON's types with masks in all its texts."""
        masked: dict[str, Any] = json.loads(self.line(json.dumps(document, ensure_ascii=False)))
        return masked

    def text(self, name: str, text: str, kind: str | None = None) -> str:
        """Return what a text says that stands under a name; of which kind a ``user_id`` is, if known."""
        if name != "user_id":
            kind = None
        if name in NAMED and (called := self._called(text, kind)) != text:
            self.parts += 1
            return called
        covered = self._veil.covered(text)
        self.parts += len(covered.edits)
        return covered.text

    def _called(self, external_id: str, kind: str | None) -> str:
        return (
            self._veil.name_of_id(external_id)
            if kind is None
            else self._veil.name(external_id, kind)
        )

    def _of_key(self, key: str) -> Covered:
        # A key that is somebody's id too is a key first.
        return self._veil.covered(key) if find(key) else Covered(key)


def _beside_titles(line: str) -> dict[str, list[str]]:
    """Return which texts stand beside each title of a line of JSON: they may be what makes it known."""
    found: dict[str, list[str]] = {}

    def keep(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        title, content = value.get("title"), value.get("content")
        if isinstance(title, str) and isinstance(content, str):
            found.setdefault(title, []).append(content)
        return value

    if '"title"' in line:  # a number may be longer than Python reads one
        json.loads(line, object_pairs_hook=keep, parse_int=str, strict=False)
    return found
