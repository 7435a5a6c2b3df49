"""One window of messages, joined to those stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple, get_args
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from memos_admin.backend.sync import beginnings, intake, positions
from memos_admin.backend.sync.report import Running
from memos_admin.backend.sync.stitching import Order, Stitch, StoredRow, oldest_first, stitch
from memos_admin.cloud.answers import Message, MessageWindow
from memos_admin.cloud.errors import NotFound, Unusable
from memos_admin.language import gettext as _
from memos_admin.store import messages, runs
from memos_admin.store.incoming import StoredMessage, WindowChanges
from memos_admin.store.records import SubjectRef

TAIL = 1_000
"""Stored messages that a window of 50 is compared with. A service that deleted more than 950 of a
conversation's latest messages at once would be taken for one that has a gap."""


class Joined(NamedTuple):
    """What a window changed: how many messages are new, how many say something else, and whether a gap is new.

    `kept`: MemOS returned none of those that are stored; they are kept.
    """

    added: int
    changed: int
    gap: bool
    kept: bool


async def read_window(
    running: Running, ref: SubjectRef, conversation_pk: int, conversation_id: str
) -> None:
    """Read the latest messages of a conversation and store what is new in them.

    Raises:
        CloudError: they could not be read.
    """
    running.tell(_("{name}: messages of {id}").format(name=ref.external_id, id=conversation_id))
    started = running.clock()
    try:
        window = await running.remote.get_messages(ref.external_id, conversation_id)
    except NotFound:
        # A conversation without messages; it proves nothing about those that we have.
        window = MessageWindow(messages=(), limit=0)
    if window.took is not None:
        # Behind many others it was sent long after it was asked for.
        started = max(started, running.clock() - round(window.took * 1000))
    joined = await running.writer.run(
        partial(
            join_window,
            conversation_pk=conversation_pk,
            window=window,
            zone=running.zone,
            run_pk=running.run_pk,
            started=started,
        )
    )
    running.counts["answers"] += 1
    running.counts["messages read"] += len(window.messages)
    running.counts["messages"] += joined.added
    running.counts["messages changed"] += joined.changed
    running.counts["gaps"] += joined.gap
    running.counts["kept"] += joined.kept
    running.counts["replaced"] += window.replaced
    running.tell()


def join_window(
    connection: Connection,
    conversation_pk: int,
    window: MessageWindow,
    *,
    zone: ZoneInfo,
    run_pk: int | None,
    started: int,
) -> Joined:
    """Join a window to a conversation's stored messages; return what that changed.

    Raises:
        Unusable: it has stored messages without what tells them apart. Nothing is stored.
    """
    hint = runs.get_setting(connection, runs.MESSAGE_ORDER)
    served, order = oldest_first(window.messages, _order(hint))
    if order is not None and order != hint:
        runs.set_setting(connection, runs.MESSAGE_ORDER, order)
    stored = messages.tail(connection, conversation_pk, TAIL + 1)
    lost = _lost(stored, served)
    if lost:
        raise Unusable(
            _(
                "Reading messages failed: of {count} messages {lost} came without the time or the "
                "role_id that they had. Nothing of the answer was kept. Try again later."
            ).format(count=len(served), lost=lost),
            route="/get/message",
        )
    before = stored.pop(0).position if len(stored) > TAIL else None
    ids: Mapping[int, str] = {}
    if any(message.message_id for message in served):
        ids = messages.service_ids(connection, [message.pk for message in stored])
    joined = stitch(
        [_row(message, ids.get(message.pk)) for message in stored],
        served,
        full=len(window.messages) + window.skipped >= window.limit,
        complete=before is None,
    )
    changes = changes_of(joined, stored, served, zone, before=before)
    if changes != WindowChanges():
        messages.apply(connection, conversation_pk, changes, run_pk=run_pk, now=started)
    messages.note_window(
        connection,
        conversation_pk,
        size=len(window.messages),
        reaches_beginning=joined.reaches_beginning and not window.skipped,
        started=started,
    )
    beginnings.look(connection, conversation_pk, zone)
    gap = joined.seam is not None and joined.seam.kind == "gap"
    changed = len(changes.versions)
    return Joined(joined.added, changed, gap, kept=bool(stored) and not window.messages)


def _lost(stored: Sequence[StoredMessage], served: Sequence[Message]) -> int:
    """Return how many messages are stored ones that lost their time or role_id on the way.

    They say the words of stored ones that the window lacks, and would be taken for new ones.
    """
    shown = {_identity(message) for message in served}
    unshown: dict[tuple[str, str], list[StoredMessage]] = defaultdict(list)
    known = set()
    for row in stored:
        known.add(_identity(row))
        if _identity(row) not in shown:
            unshown[row.role, row.content].append(row)
    return sum(
        (message.create_time is None or message.role_id is None)
        and _identity(message) not in known
        and any(
            message.create_time in (None, row.create_time)
            and message.role_id in (None, row.role_id)
            for row in unshown.get((message.role, message.content), ())
        )
        for message in served
    )


def _identity(message: StoredMessage | Message) -> tuple[str, str | None, str, str | None]:
    return message.role, message.role_id, message.content, message.create_time


def _order(text: str | None) -> Order | None:
    return next((order for order in get_args(Order) if order == text), None)


def _row(message: StoredMessage, message_id: str | None) -> StoredRow:
    return StoredRow(
        pk=message.pk,
        role=message.role,
        role_id=message.role_id,
        content=message.content,
        create_time=message.create_time,
        update_time=message.update_time,
        seam=message.seam,
        message_id=message_id,
    )


def changes_of(
    joined: Stitch,
    stored: Sequence[StoredMessage],
    served: Sequence[Message],
    zone: ZoneInfo,
    *,
    before: int | None = None,
) -> WindowChanges:
    """Return what a stitch changes in the store, with a position for each new message.

    Args:
        joined: how `served` stands to `stored`.
        stored: the conversation's stored tail.
        served: the window, oldest first.
        zone: what times without a zone are read in.
        before: position of the message before the tail; None: the tail is the whole.
    """
    new = [index for insert in joined.inserts for index in insert.window]
    placed, moved = _places(joined, [message.position for message in stored], before)
    rank = {index: n for n, index in enumerate(new)}
    seam = None
    if joined.seam is not None and joined.seam.window is not None:
        seam = (joined.seam.kind, rank[joined.seam.window])
    elif joined.seam is not None and joined.seam.stored is not None:
        seam = (joined.seam.kind, -stored[joined.seam.stored].pk)
    return WindowChanges(
        inserts=tuple(
            (position, intake.message(served[index], zone))
            for position, index in zip(placed, new, strict=True)
        ),
        positions=tuple((message.pk, at) for message, at in zip(stored, moved, strict=False)),
        versions=tuple((stored[i].pk, intake.message(served[n], zone)) for i, n in joined.versions),
        seam=seam,
        closed=tuple(stored[i].pk for i in joined.closes),
        moved_gaps=_moved_gaps(joined, stored, rank),
    )


def _places(
    joined: Stitch, old: Sequence[int], before: int | None
) -> tuple[list[int], Sequence[int]]:
    """Return positions of the new messages in order, and new ones of all stored (mostly none)."""
    placed: list[int] = []
    for insert in joined.inserts:
        behind = insert.after + 1
        room = positions.between(
            old[insert.after] if insert.after >= 0 else before,
            old[behind] if behind < len(old) else None,
            len(insert.window),
        )
        if room is None:
            return _places_anew(joined, len(old), before)
        placed += room
    return placed, ()


def _places_anew(
    joined: Stitch, stored: int, before: int | None
) -> tuple[list[int], Sequence[int]]:
    """Number the whole tail anew, since somewhere there is no room between two messages."""
    counts = {insert.after: len(insert.window) for insert in joined.inserts}
    fresh = iter(positions.renumbered(stored + sum(counts.values()), before))
    placed = [next(fresh) for _ in range(counts.get(-1, 0))]
    moved = []
    for i in range(stored):
        moved.append(next(fresh))
        placed += [next(fresh) for _ in range(counts.get(i, 0))]
    return placed, moved


def _moved_gaps(
    joined: Stitch, stored: Sequence[StoredMessage], rank: dict[int, int]
) -> tuple[tuple[int, int], ...]:
    """Return the gaps that now stand before messages which a window has put behind them."""
    shown = {i for i, _ in (*joined.matched, *joined.versions)}
    moved = []
    for insert in joined.inserts:
        behind = insert.after + 1
        if (
            behind in shown
            and insert.after not in shown
            and behind not in joined.closes
            and stored[behind].seam == "gap"
        ):
            moved.append((stored[behind].pk, rank[insert.window[0]]))
    return tuple(moved)
