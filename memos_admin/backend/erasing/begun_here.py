"""Erasures here that were begun and have no end, as the journal knows them: their process was killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memos_admin.backend.command_words import placed, subject_option
from memos_admin.backend.private_files import HomeError
from memos_admin.language import gettext as _
from memos_admin.language import sentences
from memos_admin.store.errors import StoreError
from memos_admin.store.records import SubjectRef

if TYPE_CHECKING:
    from memos_admin.backend.home import Home
    from memos_admin.backend.projects.project import Project


def entries(home: Home, project: Project, ref: SubjectRef) -> tuple[int, ...]:
    """Return the journal's entries that began to erase a subject, without an end, the first one first.

    One that is under way is among them. None where the journal cannot be read, which says so itself. Blocks.
    """
    from memos_admin.backend import journal
    from memos_admin.backend.journal import reading

    journal.of(home).flush()  # what this program has done is written behind everything
    try:
        wanted = reading.Wanted(ref.kind, ref.external_id, "forget")
        found = list(reading.unfinished(home, wanted).entries)
    except (StoreError, HomeError):
        return ()
    return tuple(sorted(one.seq for one in found if one.project_uuid == str(project.uuid)))


def text_of(begun: tuple[int, ...]) -> str:
    """Return that an erasure was begun and has no end."""
    text = _("An erasure was begun and has no end: entry {number} of the operator journal.")
    return text.format(number=f"{begun[-1]:,}")


def of_nobody(begun: tuple[int, ...], ref: SubjectRef) -> str:
    """Return the same of somebody who is not on the roster, and what to do."""
    text = _("To finish it: memos-admin store forget {option}")
    return sentences(text_of(begun), placed(text).format(option=subject_option(ref)))
