"""The command line that writes what the screen shows. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.times import utc_text
from memos_admin.tui.narrowing import ordered
from memos_admin.tui.place import Place


def command_line(project: Sequence[str], pane: str, place: Place | None, query: Filter) -> str:
    """Return a line for a shell, quoted where it must be.

    Args:
        project: the options that name the project.
        pane: the one with the focus.
        place: where one is; None: no user is chosen.
        query: the filter of the memories.
    """
    return shlex.join(["memos-admin", *project, *_command(pane, place, query)])


def _command(pane: str, place: Place | None, query: Filter) -> list[str]:
    if place is None or pane == "users":
        return ["users", "list"]
    whose = _whose(place.subject)
    if pane == "conversations":
        return ["conversations", "list", *whose]
    if place.memory_id is not None and pane == "detail":
        return ["memories", "show", place.memory_id]
    if place.conversation_id and (pane == "transcript" or place.message is not None):
        return ["messages", "list", *whose, f"--conversation={place.conversation_id}"]
    return ["memories", "list", *_filter(query)]


def _whose(ref: SubjectRef) -> list[str]:
    """With =, since an id may begin with a hyphen."""
    return [f"--{ref.kind}={ref.external_id}"]


def _filter(query: Filter) -> list[str]:
    options = _whose(query.subject) if query.subject is not None else []
    if query.conversation_id is not None:
        options.append(f"--conversation={query.conversation_id}")
    options += [f"--view={view}" for view in sorted(query.views)]
    options += [f"--tag={tag}" for tag in sorted(query.tags)]
    options += [f"--status={status}" for status in sorted(query.statuses)]
    if query.since is not None:
        options.append(f"--since={utc_text(query.since)}")

    if query.until is not None:
        options.append(f"--until={utc_text(query.until)}")
    if query.text:
        options.append(f"--text={query.text}")
    if query.as_of is not None:
        options.append(f"--as-of={utc_text(query.as_of)}")
    if query.vanished is not None:
        options.append(f"--vanished={'yes' if query.vanished else 'no'}")
    if query.order != Filter().order:
        options.append(f"--sort={query.order}")
    if query.descending != ordered(query, query.order).descending:
        options.append("--reverse")
    return options
