"""What the operator journal says of an export, and an export of the journal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from memos_admin.backend import journal
from memos_admin.backend.export.scope import (
    ConversationScope,
    MessagesScope,
    Scope,
    SubjectScope,
    VerdictsScope,
)
from memos_admin.backend.export.target import STDOUT
from memos_admin.backend.home import Home
from memos_admin.backend.journal import Event
from memos_admin.backend.privacy import Privacy
from memos_admin.backend.projects.project import Project
from memos_admin.language import gettext as _


def event_of(
    project: Project,
    scope: Scope,
    form: str,
    output: Path | str,
    *,
    raw: bool,
    privacy: Privacy,
) -> Event:
    """Return what is journaled of an export: whose data, which of it, where to."""
    about: dict[str, Any]
    if isinstance(scope, ConversationScope):
        what, about = "conversation", {"conversation_id": scope.conversation_id}
    elif isinstance(scope, SubjectScope):
        what, about = "user", {}
    elif isinstance(scope, MessagesScope):
        what, about = "messages", {}
    else:
        what, about = "memories", journal.narrowed(scope.wanted)
    if isinstance(scope, VerdictsScope):
        what = "verdicts"
        about["details"] |= scope.verdicts.details
    if isinstance(scope, ConversationScope | SubjectScope):
        about["subject"] = scope.ref
    details = {"what": what, "format": form, **about.pop("details", {})}
    if raw:
        details["raw"] = True
    if privacy.mask:
        details["masked"] = True
        if privacy.pseudonyms:
            details["pseudonyms"] = True
    return Event("export", project, file=named(output), details=details, **about)


def named(output: Path | str) -> str:
    """Return what the journal calls the place that something is written to."""
    return "standard output" if str(output) == STDOUT else str(Path(output).absolute())


def not_journaled(home: Home) -> tuple[str, ...]:
    """Return what an export has to say of a journal that is switched off: a line, or none."""
    if journal.of(home).settings().enabled:
        return ()
    return (_("Who exported this is not journaled: {why}.").format(why=_(journal.OFF)),)
