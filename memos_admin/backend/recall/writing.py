"""Writes questions into files that a team shares: what stands there stays as it is, comments too."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from memos_admin.backend.config import ConfigError
from memos_admin.backend.display import safe
from memos_admin.backend.recall import questions
from memos_admin.backend.recall.questions import EXPECTATIONS, Expectation, Saved
from memos_admin.language import gettext as _


def add(path: Path, saved: Saved) -> int:
    """Write a question behind those of a file, which is made where there is none; return how many.

    What stands in the file stays as it is. It is replaced as a whole, and keeps its permissions.

    Raises:
        ConfigError: the file is not one with questions, or would be none with this one.
        OSError: it cannot be read or written.
    """
    path = path.resolve()
    try:
        before = questions.content(path)
    except FileNotFoundError:
        before = b""
    questions.parsed(path, before)
    content = before + (b"" if before.endswith(b"\n") or not before else b"\n")
    content += (b"\n" if before else b"") + _written(saved).encode()
    count = len(questions.parsed(path, content))
    _replace(path, content)
    return count


def expect(path: Path, saved: Saved, expected: Sequence[Expectation]) -> Saved:
    """Write what is expected of a question from now on; return it as the file has it then.

    All else in the file stays as it is, comments too. It is replaced as a whole, and keeps its permissions.

    Args:
        path: of the file.
        saved: the question, as it was read.
        expected: what is expected of it.

    Raises:
        ConfigError: the file is not one with questions, or would be none then, or does not have the
            question as it was read.
        OSError: the file cannot be read or written.
    """
    import tomlkit

    path = path.resolve()
    before = questions.content(path)
    found = questions.parsed(path, before)
    if saved not in found:
        text = _("has another “{name}” than was read, or none. Read the file again.")
        raise ConfigError(text.format(name=saved.name), path=path)
    at = found.index(saved)
    kept = dict.fromkeys(expected)
    wanted = replace(saved, expected=tuple(sorted(kept, key=lambda one: not one.must)))
    impossible = ConfigError(
        _("cannot be edited here. Write it more simply, or edit it by hand."), path=path
    )
    try:
        document: Any = tomlkit.parse(before.decode("utf-8-sig"))
        for key, must in zip(EXPECTATIONS, (True, False), strict=True):
            old, new = (
                [one for one in each.expected if one.must == must] for each in (saved, wanted)
            )
            _change(document["question"][at], key, old, new)
    except ValueError:  # the standard library and tomlkit disagree in odd corners
        raise impossible from None
    content = tomlkit.dumps(document).encode()
    if questions.parsed(path, content) != (*found[:at], wanted, *found[at + 1 :]):
        raise impossible
    _replace(path, content)
    return wanted


def _change(table: Any, key: str, old: Sequence[Expectation], new: Sequence[Expectation]) -> None:
    """Make a table of a document have other expectations, and leave those alone that stay."""
    if old == new:
        return
    if not old or not new:
        table.pop(key, None)
        if new:
            table.add(key, _array(new))
        return
    array = table[key]
    if len(old) == len(new):
        for place, one in enumerate(new):
            if one != old[place]:
                _put(array, place, one)
        return
    for place in reversed(range(len(old))):
        if old[place] not in new or old[place] in old[:place]:
            del array[place]
    for one in new:
        if one not in old:
            array.append(_table(one, array))


def _put(array: Any, place: int, one: Expectation) -> None:
    import tomlkit

    if isinstance(array, tomlkit.items.AoT):
        del array[place]
        array.insert(place, _table(one, array))
    else:
        array[place] = _table(one, array)


def _table(one: Expectation, array: Any) -> Any:
    """Return an expectation as it stands in a list that is written so."""
    import tomlkit

    table = tomlkit.table() if isinstance(array, tomlkit.items.AoT) else tomlkit.inline_table()
    table.update(_given(one))
    return table


def typed(one: Expectation) -> str:
    """Return an expectation as it stands between the braces of a file, for a person to change.

    What a terminal could not show is escaped.
    """
    return ", ".join(f"{key} = {_value(value)}" for key, value in _given(one).items())


def _value(value: str | int | list[str]) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return str(value) if isinstance(value, int) else f'"{"".join(map(_character, value))}"'


def _character(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char.isprintable() and safe(char) == char:
        return char
    return f"\\u{ord(char):04x}" if char <= "\uffff" else f"\\U{ord(char):08x}"


def _written(saved: Saved) -> str:
    import tomlkit

    table = tomlkit.table()
    values: dict[str, Any] = {
        "name": saved.name,
        "user": saved.user_id,
        "ask": saved.text,
        "conversation": saved.conversation_id,
    }
    for key, value in values.items():
        if value is not None:
            table.add(key, value)
    if body := saved.sent.body():
        sent = tomlkit.inline_table()
        sent.update(body)
        table.add("sent", sent)
    for key, must in (("must_contain", True), ("must_not_contain", False)):
        wanted = [one for one in saved.expected if one.must == must]
        if wanted:
            table.add(key, _array(wanted))
    document = tomlkit.document()
    questions = tomlkit.aot()
    questions.append(table)
    document.add("question", questions)
    return tomlkit.dumps(document)


def _array(wanted: Sequence[Expectation]) -> Any:
    import tomlkit

    array = tomlkit.array()
    for one in wanted:
        array.append(_table(one, array))
    return array.multiline(multiline=len(wanted) > 1)


def _given(one: Expectation) -> dict[str, Any]:
    given = {
        "memory": one.memory_id,
        "words": _said(one.words),
        "view": one.view,
        "within": one.within,
    }
    return {name: value for name, value in given.items() if value is not None}


def _said(words: tuple[str, ...]) -> str | list[str] | None:
    return words[0] if len(words) == 1 else list(words) or None


def _replace(path: Path, content: bytes) -> None:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        mode = 0o600  # it has a person's id and words; who shares it says so
    descriptor, name = tempfile.mkstemp(prefix=".memos-admin.", dir=path.parent)
    half = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        half.replace(path)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
