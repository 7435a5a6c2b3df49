"""What is said of somebody whom a project does not know: the same words wherever it shows."""

from __future__ import annotations

import shlex

from memos_admin.store.records import SubjectRef


def nobody(ref: SubjectRef) -> str:
    """Return that a user or agent is not on the roster, and what to do."""
    flag = "--agent " if ref.kind == "agent" else ""
    return (
        f"There is no {ref.kind} {ref.external_id!r} on this project's roster. "
        f"Add it: memos-admin users add {flag}{shlex.quote(ref.external_id)}. "
        "Who is there: memos-admin users list"
    )
