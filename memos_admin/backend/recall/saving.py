"""Saving a question, with what is expected of its answer, into a file that a team shares."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from memos_admin.backend.keys import refuse_key
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.recall import lab, questions, writing
from memos_admin.backend.recall.parameters import Parameters
from memos_admin.backend.recall.questions import Expectation, Saved
from memos_admin.language import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from memos_admin.backend.journal import Event
    from memos_admin.backend.workspace import Workspace


class Kept(NamedTuple):
    """Where a question was saved: the file, the name that it has there, and its number there."""

    path: Path
    name: str
    number: int


def save(workspace: Workspace, path: str, saved: Saved) -> Kept:
    """Add a question to a file, which is made where there is none; blocks, and is journaled.

    Where its name is taken it gets a number behind it.

    Raises:
        ConfigError: the file is not one with questions.
        KeyGiven: something of it, or the name of the file, is the API key.
        NotJournaled: nothing was written, since it could not be journaled.
        OSError: the file cannot be read or written.
    """
    from memos_admin.backend import journal

    lab.refuse_keys(saved.question(Parameters()), workspace.project.fingerprints)
    refuse_key(path, N_("file name"))
    file = Path(path).expanduser().absolute()
    saved = replace(saved, name=_free_name(file, saved.name))
    event = _event(workspace, file, saved, len(saved.expected))
    with journal.journaled(workspace.home, event, N_("Nothing was written")):
        number = writing.add(file, saved)
    return Kept(file, saved.name, number)


def expect(workspace: Workspace, path: str, saved: Saved, expected: Sequence[Expectation]) -> Saved:
    """Write what is expected of a question of a file from now on; blocks, and is journaled.

    Returns:
        The question as the file has it then.

    Raises:
        ConfigError: the file is not one with questions, or has another one under this name.
        NotJournaled: nothing was written, since it could not be journaled.
        OSError: the file cannot be read or written.
    """
    from memos_admin.backend import journal

    file = Path(path).expanduser().absolute()
    event = _event(workspace, file, saved, len(expected))
    with journal.journaled(workspace.home, event, N_("Nothing was written")):
        return writing.expect(file, saved, expected)


def _event(workspace: Workspace, file: Path, saved: Saved, expectations: int) -> Event:
    from memos_admin.backend import journal

    return journal.Event(
        "export",
        workspace.project,
        subject=SubjectRef("user", saved.user_id),
        conversation_id=saved.conversation_id,
        file=str(file),
        query=saved.text,
        counts={"expectations": expectations},
        details={"what": "question"},
    )


def _free_name(path: Path, name: str) -> str:
    try:
        taken = {one.name for one in questions.read(path)}
    except FileNotFoundError:
        return name
    number = 2
    free = name
    while free in taken:
        behind = f" ({number})"
        free = f"{name[: questions.LONGEST_NAME - len(behind)]}{behind}"
        number += 1
    return free
