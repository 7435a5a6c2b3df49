"""``config.toml``: read with errors that name file, line and key; edited without losing comments.

Reading stands on the standard library alone, since every command does it; tomlkit is imported for
edits only. What the keys mean is not known here: who owns a table asks it for typed values.
"""

from __future__ import annotations

import bisect
import contextlib
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from memos_admin.backend.home import Home, HomeError
from memos_admin.backend.private_files import locked, read_private, replace_private
from memos_admin.language import N_
from memos_admin.language import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tomlkit import TOMLDocument

_LARGEST = 1_000_000
"""Bytes; a configuration of a thousand projects has a third of it."""

_MOST_SCANNED = 200_000_000
"""Characters that are parsed to find a line: of a file of 3,000 lines and 60,000 characters."""

_DEEPEST = 16
"""Levels of nesting; settings have four."""

_BEYOND = N_("a number is too long, or the nesting too deep.")

_HEADER = """\
# memos-admin: projects and settings. API keys are never kept here: a keyring has them, if there is one.
"""


class ConfigError(HomeError):
    """The configuration says something that cannot be; names file, line and key.

    Attributes:
        path: the file.
        line: from 1; None where it is the file as a whole.
        key: dotted, such as ``projects.5f0c….name``; empty where it is the file as a whole.
        problem: what is wrong, without the place.
        others: what else is wrong there; told with it.
        keys: the same place as `key`, as `Table.without` takes it.
    """

    others: tuple[ConfigError, ...] = ()
    keys: tuple[str | int, ...] = ()

    def __init__(self, problem: str, *, path: Path, line: int | None = None, key: str = "") -> None:
        place = str(path) if line is None else _("{path}, line {line}").format(path=path, line=line)
        super().__init__(f"{place}: {key}: {problem}" if key else f"{place}: {problem}")
        self.path = path
        self.line = line
        self.key = key
        self.problem = problem

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *map(str, self.others)])


_MOST_UNKNOWN = 20
"""So many unknown keys of a table are told at once: each is looked for in the file."""


class Faults:
    """Collects what is wrong with a configuration: who corrects it wants to know all of it."""

    def __init__(self) -> None:
        self._found: list[ConfigError] = []

    @contextlib.contextmanager
    def collected(self) -> Iterator[None]:
        """Keep the fault that what is done here raises."""
        try:
            yield
        except ConfigError as error:
            self.add(error)

    def add(self, fault: ConfigError) -> None:
        """Keep a fault."""
        self._found.append(fault)

    def tell(self) -> None:
        """Raise ConfigError where there are faults."""
        if self._found:
            raise self.together()

    def together(self) -> ConfigError:
        """Return the first one with all others, in the order of the file; there has to be one."""
        found = {
            (one.line, one.key, one.problem): one
            for each in self._found
            for one in (each, *each.others)
        }
        first, *others = sorted(found.values(), key=lambda one: one.line or 0)
        for one in others:
            one.others = ()
        first.others = tuple(others)
        return first


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the configuration that knows where it stands.

    The typed accessors return None where the key is absent and raise ConfigError where its value
    has another type.
    """

    path: Path
    source: str = field(repr=False)
    values: Mapping[str, Any]
    keys: tuple[str | int, ...] = ()

    def error(self, key: str | None, problem: str) -> ConfigError:
        """Return an error about `key` of this table (None: the table itself), to be raised."""
        keys = self.keys if key is None else (*self.keys, key)
        # People count from 1.
        name = ".".join(f"{each + 1}" if isinstance(each, int) else each for each in keys)
        error = ConfigError(problem, path=self.path, line=_line_of(self.source, keys), key=name)
        error.keys = keys
        return error

    def without(self, keys: tuple[str | int, ...]) -> Table:
        """Return the table without what stands at `keys` below it; of a list without the whole list."""
        return replace(self, values=_without(self.values, keys))

    def only(self, known: Collection[str]) -> None:
        """Refuse keys that are not `known`: a misspelt setting must not be silently ignored."""
        faults = Faults()
        told = _("unknown. Known here: {names}.").format(names=", ".join(sorted(known)))
        unknown = (key for key in self.values if key not in known)
        for key in islice(unknown, _MOST_UNKNOWN):
            faults.add(self.error(key, told))
        faults.tell()

    def text(self, key: str) -> str | None:
        """Return the string at `key`."""
        value = self.values.get(key)
        if value is None or isinstance(value, str):
            return value
        raise self.error(key, _("must be a string."))

    def flag(self, key: str, *, default: bool) -> bool:
        """Return the boolean at `key`, `default` where it is absent."""
        value = self.values.get(key, default)
        if isinstance(value, bool):
            return value
        raise self.error(key, _("must be true or false."))

    def texts(self, key: str) -> tuple[str, ...] | None:
        """Return the list of strings at `key`."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise self.error(key, _("must be a list of strings."))

    def table(self, key: str) -> Table:
        """Return the table at `key`; an empty one where there is none."""
        value = self.values.get(key, {})
        if isinstance(value, dict):
            return Table(self.path, self.source, value, (*self.keys, key))
        raise self.error(key, _("must be a table."))

    def tables(self, key: str) -> list[Table]:
        """Return the tables of the list at `key`; none where there is no such key."""
        values = self.values.get(key, [])
        if isinstance(values, list) and all(isinstance(value, dict) for value in values):
            keys = [(*self.keys, key, at) for at in range(len(values))]
            return [
                Table(self.path, self.source, value, place)
                for value, place in zip(values, keys, strict=True)
            ]
        raise self.error(key, _("must be a list of tables."))


def read(home: Home) -> Table:
    """Return the whole configuration; an empty table where there is no file. Creates nothing.

    Raises:
        ConfigError: it is not UTF-8 or not TOML.
        HomeError: the file cannot be trusted or read.
    """
    try:
        content = read_private(home.config_path, _LARGEST)
    except FileNotFoundError:
        content = b""
    return parse(home.config_path, content)


def parse(path: Path, content: bytes) -> Table:
    """Return the table that the bytes of a TOML file hold. Raises ConfigError where they hold none."""
    try:
        source = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            _("not UTF-8. Save the file as UTF-8 text."), path=path, line=line
        ) from None
    source = source.replace("\r\n", "\n")
    try:
        values = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        placed = re.search(r"^(.*) \(at line (\d+), column \d+\)$", str(error), re.DOTALL)
        problem, line = (
            (placed[1], int(placed[2])) if placed else (str(error), source.count("\n") + 1)
        )
        raise ConfigError(
            _("not TOML: {problem}.").format(problem=problem), path=path, line=line
        ) from None
    except (ValueError, RecursionError):  # thousands of digits, of brackets
        raise ConfigError(_(_BEYOND), path=path, line=_line_that_is_too_much(source)) from None
    found = Table(path, source, values)
    for key, value in values.items():
        if _is_deep(value):
            raise found.error(key, _(_BEYOND))
    return found


def _without(values: Mapping[str, Any], keys: tuple[str | int, ...]) -> dict[str, Any]:
    left = dict(values)
    first, *behind = keys
    inner = left.get(str(first))
    if behind and isinstance(inner, dict):
        left[str(first)] = _without(inner, tuple(behind))
    else:
        left.pop(str(first), None)
    return left


def _line_that_is_too_much(source: str) -> int:
    """Return the line at which the parser gives up, from 1."""
    lines = source.split("\n")

    def is_reached(count: int) -> bool:
        try:
            tomllib.loads("\n".join(lines[:count]))
        except ValueError as error:
            return not isinstance(error, tomllib.TOMLDecodeError)
        except RecursionError:
            return True
        return False

    return bisect.bisect_left(range(1, len(lines)), True, key=is_reached) + 1


def _is_deep(value: Any) -> bool:
    """Return whether tables and lists are nested deeper than a configuration has any."""
    level = [value]
    for _level in range(_DEEPEST):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return bool(level)


def _line_of(source: str, keys: tuple[str | int, ...]) -> int | None:
    """Return the line on which `keys` is first defined, from 1; None for the whole file.

    The parser keeps no lines, so lines are added until the key is there: exact whatever way of
    writing (dotted, inline, multi-line) was chosen, and paid for by a faulty file only. What is
    longer than a person writes by hand is told as a whole, since that would take minutes.
    """
    lines = source.split("\n")
    if not keys or len(lines) * len(source) > _MOST_SCANNED:
        return None
    complete = 0
    for count in range(1, len(lines) + 1):
        try:
            value: Any = tomllib.loads("\n".join(lines[:count]))
        except ValueError:
            continue
        for key in keys:
            value = _within(value, key)
        if value is not None:
            return complete + 1
        complete = count
    return None


def _within(value: Any, key: str | int) -> Any:
    """Return what stands in a table under a key, or in a list at a place; None: nothing does."""
    if isinstance(key, int):
        return value[key] if isinstance(value, list) and key < len(value) else None
    return value.get(key) if isinstance(value, dict) else None


@contextlib.contextmanager
def editing(home: Home, check: Callable[[Table], object]) -> Iterator[TOMLDocument]:
    """Change the configuration: yields the document, writes it on leaving without an error.

    The file is locked from reading to writing, so that two processes cannot lose each other's
    change, and replaced atomically. Comments and order survive.

    Args:
        home: is created where it does not exist.
        check: is given the configuration as it was and as it shall be, and raises what is wrong
            with it: nothing is written that could not be read again.

    Raises:
        ConfigError: the configuration was faulty already.
        HomeError: it cannot be written.
    """
    import tomlkit

    home.create()
    with locked(home.config_lock_path):
        before = read(home)
        check(before)
        try:
            document = tomlkit.parse(before.source or _HEADER)
        except ValueError as error:  # the standard library and tomlkit disagree in odd corners
            raise ConfigError(
                _(
                    "cannot be edited here ({error}). Write it more simply, or edit it by hand."
                ).format(error=error),
                path=home.config_path,
            ) from None
        yield document
        content = tomlkit.dumps(document).encode()
        check(parse(home.config_path, content))
        if content.decode() != before.source:
            replace_private(home.config_path, content)
