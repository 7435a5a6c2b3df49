"""SQL of the store is made of texts of ours alone: what is written into it is a constant, a mark or listed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import memos_admin.store

FOLDER = Path(memos_admin.store.__file__).parent
FILES = {str(path.relative_to(FOLDER)): path for path in sorted(FOLDER.rglob("*.py"))}
SQL = re.compile(
    r"\b(SELECT|INSERT|UPDATE|DELETE|FROM|WHERE|JOIN|ORDER BY|LIMIT|CASE|AND|IN \(|IS NULL|MATCH"
    r"|PRAGMA|CREATE|DROP|ATTACH|VACUUM|EXISTS)"
)
MARKS = re.compile(
    r"""', ?'\.join\('\?' \* len\(\w+\)\)|', '\.join\([A-Z]+\)|int\(.*\)|_time\('[^']*'\)"""
)

COLUMNS_OF_THE_JOURNAL = ast.unparse(
    ast.parse(
        """', '.join(f"{name} {_NUMBERS.get(name) or ('TEXT NOT NULL' if name in _NEEDED else 'TEXT')}"
        for name in COLUMNS)"""
    )
)
LISTED = {
    "alike.py": {"sql": "one of two texts of this module", "column": "its column of keys"},
    "bulk.py": {
        "statement.compile(dialect=dialect())": "a statement of SQLAlchemy's, of our tables",
        "key": "a column of our tables",
    },
    "changes.py": {
        "whose": "one of two texts of this module",
        "statements": "of this module, with `whose`",
        "limit": "LIMIT and a mark",
    },
    "checks.py": {"query": "a value of _INVARIANTS"},
    "cipher.py": {"key.literal": "hexadecimal digits of a key"},
    "converting.py": {
        "number": "user_version, an integer of SQLite's",
        "which": "main or copy",
        "name": "a table of our own schema, read from sqlite_master",
    },
    "journal.py": {"busy_ms": "a number of milliseconds of the file's module"},
    "journal_file.py": {COLUMNS_OF_THE_JOURNAL: "names and types of this module"},
    "journal_reads.py": {
        "where": "conditions of this module",
        "' AND '.join(parts)": "the same",
    },
    "known_then.py": {"whose": "one of two texts of this module"},
    "ledger.py": {
        "'IS NOT ?1' if subject_pk is None else '= ?1'": "one of two texts of this module",
        "_about(_HOLES, subject_pk)": "a statement of this module",
        "found": "the same",
        "alone": "one of two texts of this module",
        "limit": "LIMIT and a mark",
    },
    "listings.py": {
        "contains('m.title')": "of a constant",
        "contains('m.content')": "of a constant",
        "contains('t.tag')": "of a constant",
        "contains('value')": "of a constant",
        "column": "a name of this module",
        "test": "a condition of this module, with marks",
        "table": "listing or memory",
        "tags": "a statement of this module",
        "mark": "question marks",
        "marks": "the same",
        "rows": "what a condition of this module reads",
        "condition.rows": "the same",
        "source": "one of three texts of this module",
        "where": "conditions of this module",
        "order": "of _ORDERS",
        "limit": "LIMIT and a number",
        "most": "a number",
        "most + 1": "a number",
        "fewest": "a number",
        "first": "a number",
        "end": "a number",
    },
    "lookups.py": {
        "_rank('c.conversation_id')": "of a constant",
        "_rank('external_id')": "of a constant",
        "_rank('m.memory_id')": "of a constant",
        "column": "a name of this module",
        "where": "terms of `_fits`: our columns, named marks",
        "which": "one of two texts of this module",
        "found": "statements of this module",
    },
    "names.py": {
        "sql": "a statement of this module",
        "column": "a name of this module",
        "_BEGINS.format(name=column)": "made of `column`",
        "sql.format(begins=_BEGINS.format(name=column))": "the same",
    },
    "query.py": {
        "select": "a statement of a module of the store",
        "column": "a name of such a module",
        "marks": "question marks",
    },
    "reads.py": {
        "contains('conversation_id')": "of a constant",
        "contains('external_id')": "of a constant",
        "where": "a condition of this module",
    },
    "rewriting.py": {"quoted": "a folder of ours, its quotes doubled: a PRAGMA takes no mark"},
    "search/checking.py": {"log.name": "of `logs.LOGS`"},
    "search/find.py": {"where": "a condition of this module"},
    "search/index.py": {"table": "of a shard: a number", "shard.table": "the same"},
    "search/logs.py": {
        "self.name": "of `LOGS`",
        "self.mark": "of `LOGS`",
        "self.documents": "of `LOGS`",
    },
    "search/removals.py": {
        "log.name": "of `logs.LOGS`",
        "log.of_subject": "of `logs.LOGS`",
        "name": "a table, from this module",
        "column": "a name of this module",
        "marks": "question marks",
    },
    "sql.py": {
        "table": "of _OF_SQLITE",
        "names": "of views, told to a person",
        "said": "what SQLite said, told to a person",
    },
    "sql_views.py": {
        "kind": "one of two texts of this module",
        "name": "of a view of this module",
        "view.select": "of such a view",
        "', '.join(view.columns)": "likewise",
        "_time(LAST_SEEN)": "an expression of our own",
    },
    "overview.py": {
        "age": "numbers",
        "len(bounds)": "a number",
        "test": "a condition of this module",
        "counts": "of conditions of this module",
        "columns": "names of this module, and numbers",
        "listed": "a condition of this module",
        "part.source": "a text of `listings`",
        "part.where": "conditions of `listings`",
    },
    "streams.py": {
        "columns": "names of this module",
        "_marks(conversation_pks)": "question marks",
        "_marks(said)": "question marks",
        "where": "one of two conditions of this module",
    },
}
"""What else is written into SQL, by module, and why nothing of the service's can be in it."""


def written(tree: ast.AST) -> Iterator[str]:
    """Yield what is written into texts that read as SQL, by f-strings, ``+``, ``%`` and format."""
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr(values=parts):
                said = "".join(str(p.value) for p in parts if isinstance(p, ast.Constant))
                places = [p.value for p in parts if isinstance(p, ast.FormattedValue)]
            case ast.BinOp(left=left, op=ast.Add() | ast.Mod(), right=right):
                sides = (left, right)
                said = " ".join(str(s.value) for s in sides if isinstance(s, ast.Constant))
                places = [s for s in sides if not isinstance(s, ast.Constant)]
            case ast.Call(func=ast.Attribute(attr="format", value=template)):
                plain = isinstance(template, ast.Constant)
                said = str(template.value) if isinstance(template, ast.Constant) else "SELECT"
                if not plain and not isinstance(template, ast.Name):
                    continue  # a text for people, `_("…").format(…)`
                places = [*node.args, *(keyword.value for keyword in node.keywords)]
            case _:
                continue
        if SQL.search(said):
            yield from (ast.unparse(one) for one in places if not isinstance(one, ast.Constant))


def is_constant(place: str) -> bool:
    """Whether it is a constant of a module, or an entry of one, or marks, or a number."""
    name = place.partition("[")[0].rpartition(".")[2].strip("_")
    return name.isupper() or MARKS.fullmatch(place) is not None


@pytest.mark.parametrize("file", FILES)
def test_only_texts_of_ours_are_written_into_sql(file: str) -> None:
    found = set(written(ast.parse(FILES[file].read_text(encoding="utf-8"))))
    assert {place for place in found if not is_constant(place)} == LISTED.get(file, {}).keys()


def test_the_search_finds_each_way_of_writing() -> None:
    for source in (
        'f"SELECT pk FROM memory WHERE title = {title}"',
        '"SELECT pk FROM memory WHERE title = " + title',
        '"SELECT pk FROM memory WHERE title = %s" % title',
        '"SELECT pk FROM memory WHERE title = {}".format(title)',
        "sql.format(title=title)",
    ):
        assert "title" in set(written(ast.parse(source)))
        assert not is_constant("title")
