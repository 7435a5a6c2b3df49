"""A change that a watch has found, on one line or as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from memos_admin.backend.display import beginning
from memos_admin.backend.gone_words import why_gone
from memos_admin.backend.view_words import VIEWS
from memos_admin.cli.lists import utc

if TYPE_CHECKING:
    from memos_admin.backend.history.memories import Difference
    from memos_admin.backend.watching.watch import Found

_CONTEXT, _MOST = 24, 400
"""Characters of what stayed beside what changed, and of all that is told of a field."""


def line(row: Mapping[str, Any], found: Found) -> str:
    """Return a change on one line; `row`: as `changes` has it."""
    view = VIEWS.get(row["view"], row["view"] or "Messages")
    if row["messages"]:
        what = f"{row['messages']:,} new in {row['conversation_id']}"
    elif row["message"]:
        what = f"message {row['message']:,} of {row['conversation_id']}"
        what += f": {shortened(row['diff'])}" if row["diff"] else ""
    else:
        lost = "no longer kept" if "content" in row["not_kept"] else ""
        what = row["title"] or shortened(row["content"] or "") or lost
    told = [str(row["found_at"])[:19] + "Z", row["kind"], row["user_id"], view, what]
    if row["reason"]:
        told.append(why_gone(row["reason"]))
    told += [_words(one) for one in found.differences]
    return flat("  ".join(told))


def _words(difference: Difference) -> str:
    """Return what of a field is gone and new, with a little of what stayed."""
    from memos_admin.backend.history.worddiff import marked

    parts = []
    for part in difference.parts:
        text = part.text
        if part.kind == "same" and len(text) > 2 * _CONTEXT:
            parts.append(f"{text[:_CONTEXT]}…{text[-_CONTEXT:]}")
        else:
            parts.append(marked(part._replace(text=shortened(text))))
    return f"{difference.field}: {shortened(difference.between.join(parts))}"


def json_words(difference: Difference) -> dict[str, Any]:
    """Return which words of a field are gone and new."""
    of = {
        kind: [part.text for part in difference.parts if part.kind == kind]
        for kind in ("gone", "new")
    }
    return {"field": difference.field, **of}


def shortened(text: str) -> str:
    """Return a text, or its beginning with a mark."""
    return text if len(text) <= _MOST else beginning(text, _MOST - 1) + "…"


def flat(text: str) -> str:
    """Return a text on one line."""
    return " ".join(text.split("\n")).replace("\r", " ").replace("\t", " ")


def clock(ms: int) -> str:
    """Return the time of day of an instant, in UTC."""
    return str(utc(ms))[11:19]
