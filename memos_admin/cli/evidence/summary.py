"""``evidence summary``: how many links and gaps there are of each kind, by whose words they are."""

from __future__ import annotations

import argparse

from memos_admin.cli.context import Context
from memos_admin.cli.conversations import conversation_of
from memos_admin.cli.evidence.review import reviewed, tell_messages, tell_not_kept, whose
from memos_admin.cli.evidence.rows import SUMMARY_COLUMNS, SUMMARY_FIELDS
from memos_admin.cli.exits import Exit
from memos_admin.cli.lists import counted
from memos_admin.cli.memory_filters import filter_of

_SEVERAL = "A memory of several kinds of check counts in each of them, and once in all."


def summarise(context: Context, args: argparse.Namespace) -> Exit:
    """``evidence summary``: user by user; nothing but the counts is kept."""
    from memos_admin.backend.evidence.collected import Collected, added
    from memos_admin.backend.evidence.narrowing import of_memories_alone
    from memos_admin.backend.journal import narrowed
    from memos_admin.backend.model import Filter

    wanted, out = filter_of(args), context.out
    everyone = whose(context, wanted)
    one = next(everyone) if wanted.subject is not None else None
    if one is not None and wanted.conversation_id:
        conversation_of(context, one.subject, wanted.conversation_id)
    context.viewed("evidence", **narrowed(wanted))
    narrows = wanted != Filter(subject=wanted.subject)
    counts, users, messages, several = Collected().counts(), 0, 0, one is None
    for each in everyone if one is None else (one,):
        found = reviewed(context, each, whole=True, narrowed=narrows)
        counts = added(counts, found.counts())
        users, messages = users + 1, messages + each.messages
        several = several or any(
            len({check.kind for check in it.checks}) > 1 for it in found.supports.values()
        )
    rows = [{**it._asdict(), "total": it.total} for it in counts]
    shown = rows[: args.limit or None]
    out.rows(shown, fields=SUMMARY_FIELDS, columns=SUMMARY_COLUMNS, as_json=args.json)
    many = f"ompared with {counted(messages, 'message')} that are here."
    if one is None:
        out.note(
            f"Of {counted(users, 'user or agent')}: c{many} A memory counts once for each who lists it."
        )
    else:
        out.note(f"C{many}")
    if several:
        out.note(_SEVERAL)
    if foreign := of_memories_alone(wanted):
        out.note(
            f"Messages have no {' and no '.join(foreign)}: in silent they are narrowed by all else."
        )
    unknown = (it.total for it in counts if (it.list, it.kind) == ("missing", "not kept"))
    tell_not_kept(context, sum(unknown))
    tell_messages(context, one)
    return Exit.DONE
