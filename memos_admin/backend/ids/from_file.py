"""Whom a file names: one id a line, or a table with the column ``user_id``."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TextIO

from memos_admin.backend.display import one_line
from memos_admin.backend.ids.from_list import subject_named
from memos_admin.backend.keys import without_keys
from memos_admin.backend.roster import BadId, check_id
from memos_admin.language import N_, sentences
from memos_admin.language import gettext as _
from memos_admin.store.records import Kind, SubjectRef

_LONGEST_LINE = 1_000_000
_MOST_LINES = 1_000_000
_MOST_CHARACTERS = 100_000_000
"""More than that no roster holds; all that is read stays in memory until it was looked at."""
_NO_DELIMITER = "\x1f"
_DELIMITERS = {",": N_("a comma"), ";": N_("a semicolon"), "\t": N_("a tab")}
_COLUMN, _KIND_COLUMN = "user_id", "kind"
_HEADINGS = frozenset({"id", "user", "uid", "userid", "用户id", "用户_id"})
"""What else stands over ids that are alone on their lines, in a file of several lines."""
_JSON = re.compile(
    r"""[\[{]\s*(?:["\[{].*)?      # a list or an object begins, with what is in it
        |[\]}]+,?                  # one ends
        |"[^"]*"\s*(?::.*|,)?      # a text in it, or a name with what it has""",
    re.VERBOSE,
)
"""A line of JSON, whole or one of several; ids that begin so are not known, lists of them are."""
_TOLD = 3
"""Lines that cannot be taken are told one by one up to so many."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Whom a file names, in its order.

    Attributes:
        without_id: rows of its table that have no id.
        heading: its first line, where that could be an id but was taken for the heading of the others.
    """

    refs: tuple[SubjectRef, ...]
    without_id: int
    heading: str = ""


def read_subjects(stream: TextIO, kind: Kind = "user") -> Listed:
    """Return whom a file names: one id a line, or a table with the column ``user_id``.

    JSON is none of them, in a field of a table neither: taken as it stands it would be an id itself.
    ``agent:`` stands before the id of an agent, but in a table with a column ``kind``, which says
    user or agent. A table is known by its header; comma, semicolon or tab stand between its fields.
    Blank lines and rows without an id are passed over.

    Args:
        stream: the file.
        kind: of those of whom the file says nothing else.

    Raises:
        BadId: an id or a kind cannot be, the file is too long, or it is a table that does not say
            where its ids are.
        UnicodeDecodeError: the file is not UTF-8.
    """
    lines = _lines(stream)
    marked = ((n, line.removeprefix("\ufeff")) for n, line in lines)
    number, first = next((each for each in marked if not _says_nothing(each[1])), (0, ""))
    for delimiter in _DELIMITERS:
        header = [_comparable(name) for name in _fields(first, delimiter)]
        if _COLUMN in header:
            # A header of one column does not tell the delimiter: none is looked for.
            rows = _rows(lines, delimiter if len(header) > 1 else _NO_DELIMITER, number)
            return _of_table(rows, header, kind)
    plain = [(number, first), *lines]
    heading = "".join(_fields(first, _NO_DELIMITER)).strip()
    if _comparable(heading) in _HEADINGS and any(line.strip() for _, line in plain[1:]):
        table = _of_table(_rows(iter(plain[1:]), _NO_DELIMITER, number), [_COLUMN], kind)
        return replace(table, heading=heading)
    if not _part_of_json(first):
        _refuse_table(plain, _COLUMN)
    refs, flaws = [], _Flaws()
    for at, line in plain:
        with flaws.noted():
            if line.strip():
                if _part_of_json(line):
                    raise _is_json(at, line)
                refs.append(_of_line(at, line, kind))
    flaws.refuse()
    return Listed(tuple(refs), 0)


class _Flaws:
    """What is wrong with lines: all are looked at, so that a file need not be mended one by one."""

    def __init__(self) -> None:
        self._count = 0
        self._told: list[str] = []

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note what is wrong with a line instead of raising it."""
        try:
            yield
        except BadId as error:
            self._count += 1
            if len(self._told) < _TOLD:
                self._told.append(str(error))

    def refuse(self) -> None:
        """Raise BadId with how many lines cannot be, and the first ones; nothing where all can."""
        if self._count > 1:
            more = "…" if self._count > _TOLD else ""
            lines = _("{count} lines cannot be taken.").format(count=f"{self._count:,}")
            raise BadId(sentences(lines, *self._told, more))
        for flaw in self._told:
            raise BadId(flaw)


def _lines(stream: TextIO) -> Iterator[tuple[int, str]]:
    """Yield the lines with their numbers. Raises BadId where one, or all of them, have no end."""
    characters = 0
    for number, line in enumerate(iter(lambda: stream.readline(_LONGEST_LINE), ""), 1):
        if len(line) == _LONGEST_LINE and not line.endswith("\n"):
            raise BadId(
                _(
                    "Line {number}: it is longer than {most} characters. Give one id a line, or a table "
                    "with a column user_id."
                ).format(number=number, most=f"{_LONGEST_LINE:,}")
            )
        characters += len(line)
        if number > _MOST_LINES or characters > _MOST_CHARACTERS:
            raise BadId(
                _(
                    "It has more than {lines} lines or {characters} characters. Split it, and import its "
                    "parts one after the other."
                ).format(lines=f"{_MOST_LINES:,}", characters=f"{_MOST_CHARACTERS:,}")
            )
        yield number, line


def _rows(
    lines: Iterator[tuple[int, str]], delimiter: str, before: int
) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a table, each with the number of its last line.

    Strict: after a quote that is never closed the rest of the file would be one field.
    """
    reader = csv.reader(
        (line for _, line in lines), delimiter=delimiter, skipinitialspace=True, strict=True
    )
    try:
        for row in reader:
            yield before + reader.line_num, row
    except csv.Error as error:
        text = _("Line {number}: {error}. Check its quotes.")
        number = before + reader.line_num
        raise BadId(text.format(number=number, error=error)) from None


def _of_table(rows: Iterable[tuple[int, list[str]]], header: Sequence[str], kind: Kind) -> Listed:
    """Return whom the rows name. Raises BadId for one whose fields may be other columns'."""
    refs, without_id, flaws = [], 0, _Flaws()
    kinds = header.index(_KIND_COLUMN) if _KIND_COLUMN in header else len(header)
    for number, row in rows:
        found = "".join(row[header.index(_COLUMN) :][:1])
        with flaws.noted():
            if any(field.strip() for field in row[len(header) :]):
                raise BadId(
                    _(
                        "Line {number}: it has {fields} fields and the header {header}. Quote a field "
                        "that holds a delimiter."
                    ).format(number=number, fields=len(row), header=len(header))
                )
            if found.strip():
                if _holds_json(found):
                    raise _is_json(number, found)
                refs.append(
                    SubjectRef(
                        _kind(number, "".join(row[kinds:][:1]), kind), _checked(number, found)
                    )
                    if kinds < len(header)
                    else _of_line(number, found, kind)
                )
            elif any(field.strip() for field in row):
                without_id += 1
    flaws.refuse()
    return Listed(tuple(refs), without_id)


def _kind(number: int, text: str, default: Kind) -> Kind:
    said = text.strip().casefold()
    if not said:
        return default
    if said == "user":
        return "user"
    if said == "agent":
        return "agent"
    raise BadId(
        _("Line {number}: the kind is {kind}. It must be user or agent.").format(
            number=number, kind=repr(one_line(text.strip(), 40))
        )
    )


def _of_line(number: int, line: str, kind: Kind) -> SubjectRef:
    """Return whom a line names that is no table's row."""
    ref = subject_named(line, kind)
    return SubjectRef(ref.kind, _checked(number, ref.external_id))


def _part_of_json(line: str) -> bool:
    """Return whether a line is JSON, or one of several of it; a quoted text is."""
    return _JSON.fullmatch(line.strip()) is not None or _holds_json(line)


def _holds_json(text: str) -> bool:
    """Return whether a text is a list or an object of JSON."""
    if text.lstrip()[:1] not in {"[", "{"}:
        return False
    try:
        return isinstance(json.loads(text), list | dict)
    except (ValueError, RecursionError):
        return False


def _is_json(number: int, text: str) -> BadId:
    """Return the error of a line that is JSON."""
    told = _(
        "Line {number}: {found} is JSON or in quotes. Give the ids alone, one a line, without brackets "
        "and quotes."
    )
    return BadId(told.format(number=number, found=one_line(without_keys(text.strip()), 40)))


def _refuse_table(lines: Sequence[tuple[int, str]], column: str) -> None:
    """Raise BadId where most lines have as many fields as the first: no id is on a line of its own."""
    texts = [line for _, line in lines if line.strip()]
    for delimiter, word in _DELIMITERS.items():
        names = _fields(texts[0], delimiter) if texts else []
        if len(names) < 2:
            continue
        alike = sum(len(_fields(text, delimiter)) == len(names) for text in texts)
        if alike * 2 > len(texts):
            found = ", ".join(one_line(name.strip(), 40) or _("(empty)") for name in names[:10])
            if len(names) > 10:
                found = _("{found} and {count} more").format(found=found, count=len(names) - 10)
            text = _(
                "This looks like a table without a column {column}; its first line has: {found}. Call "
                "the column of the ids {column}, or give the ids alone, one a line. An id that holds "
                "{sign} needs a table: quoted, under {column}. Nothing was added."
            )
            raise BadId(text.format(column=column, found=found, sign=_(word)))


def _says_nothing(line: str) -> bool:
    """Return whether a first line is blank, or the one by which Excel knows the delimiter."""
    return line.strip() in {"", *(f"sep={delimiter}".strip() for delimiter in _DELIMITERS)}


def _fields(line: str, delimiter: str) -> list[str]:
    """Return the fields of one line; of one with odd quotes, the line itself."""
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return [line]


def _comparable(name: str) -> str:
    """Return a column's name without what spreadsheets and people vary: capitals and spaces."""
    return "_".join(name.replace("\ufeff", "").split()).casefold()


def _checked(number: int, text: str) -> str:
    try:
        return check_id(text)
    except BadId as error:
        raise BadId(_("Line {number}: {error}").format(number=number, error=error)) from None
