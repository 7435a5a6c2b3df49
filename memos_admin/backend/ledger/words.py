"""The completeness ledger in words: what is known, and in its place what cannot be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from memos_admin.backend.erasing import erased_before, unfinished_erasures
from memos_admin.backend.ledger import Hole, HoleKind, Ledger, Windows
from memos_admin.backend.remote import WINDOW
from memos_admin.backend.times import told_apart
from memos_admin.backend.view_words import VIEWS
from memos_admin.language import N_, counted
from memos_admin.language import gettext as _

Say = Callable[[int], str]
"""Says an instant."""

OUTCOMES = {
    "complete": N_("complete"),
    "partial": N_("partial"),
    "stopped": N_("stopped"),
    "cancelled": N_("cancelled"),
    "failed": N_("failed"),
    "running": N_("not ended"),
}
"""How syncs end, in words."""

KINDS: dict[HoleKind, str] = {
    "gap": N_("gap"),
    "reset": N_("reset"),
    "uncertain": N_("uncertain"),
    "beginning": N_("beginning"),
    "unread": N_("unread"),
}
"""What a hole is, in a word."""


class Fact(NamedTuple):
    """A line of the ledger; `lacks`: something is missing, or may be; `gone`: of memories that are gone."""

    label: str
    text: str
    lacks: bool = False
    gone: bool = False


def facts(found: Ledger, say: Say) -> Iterator[tuple[str, list[Fact]]]:
    """Yield the parts of a ledger, each with its heading."""
    yield _("Memories"), list(_memories(found, say))
    yield _("Conversations"), list(_conversations(found, say))
    yield _("Requests of syncs"), list(_requests(found))
    yield _("Errors"), list(_errors(found))


def _memories(found: Ledger, say: Say) -> Iterator[Fact]:
    readings, subject = found.readings, found.subject
    views = _(", ").join(
        f"{_(VIEWS[view.view]) if view.view in VIEWS else view.view} {view.listed:,}"
        for view in found.memories
    )
    text = _("all six are asked for in each listing. Listed now: {views}")
    yield Fact(_("views"), text.format(views=views or _("none")))
    if subject is not None:
        listed = subject.listed_at
        began = _("by a reading that began {time}")
        never = _("never: memories may be missing")
        whole = never if listed is None else began.format(time=say(listed))
        yield Fact(_("all listed"), whole, lacks=listed is None)
        latest = subject.synced_at
        read = _("never everything") if found.has_read else _("never")
        if latest is not None:
            read = began.format(time=say(latest))
        yield Fact(_("last read"), read, lacks=latest is None)
    else:
        text = _("{count} of {all} users and agents never were: memories may be missing")
        never = text.format(count=f"{found.never:,}", all=f"{found.subjects:,}")
        whole = _("all {count} users and agents").format(count=f"{found.subjects:,}")
        told = never if found.never else whole
        if not found.subjects:
            told = _("no user or agent is known here: nothing was read")
        yield Fact(_("all listed"), told, lacks=bool(found.never) or not found.subjects)
    if readings.first is not None and readings.last is not None:
        text = _(
            "{whole} of {readings}, the first ended {first}, the last {last}; that one took {pages} of "
            "at most 50 memories"
        )
        if found.ref is None:
            text = _(
                "{whole} of {readings}, the first ended {first}, the last {last}; the last one of each "
                "took {pages} of at most 50 memories in all"
            )
        pages = counted(readings.pages, "{count} page", "{count} pages")
        yield Fact(
            _("listings"),
            text.format(
                whole=counted(readings.whole, "{count} whole listing", "{count} whole listings"),
                readings=counted(readings.readings, "{count} reading", "{count} readings"),
                first=say(readings.first),
                last=say(readings.last),
                pages=pages,
            ),
        )
    if readings.set_back:
        text = _(
            "a reading is dated before one that was made before it, since this computer's clock was wrong or was set "
            "back: which was the first and which the last is told by their times, not by their order"
        )
        yield Fact(_("clock"), text, lacks=True)
    if found.ended_before_it_began:
        text = _(
            "the last whole listing ended before it began: that is told by this computer's clock, which was wrong "
            "or was set back, and when it began by that of MemOS"
        )
        yield Fact(_("clock"), text, lacks=True)
    if found.vanished:
        text = _("{count}, with their last texts and why")
        yield Fact(_("gone"), text.format(count=f"{found.vanished:,}"), gone=True)
    if found.unconfirmed:
        text = _(
            "{count} more, listed before and missed by the last whole listing: lists and counts have them until "
            "a second one, or MemOS by id, tells"
        )
        yield Fact(_("in doubt"), text.format(count=f"{found.unconfirmed:,}"), lacks=True)


def _conversations(found: Ledger, say: Say) -> Iterator[Fact]:
    windows = found.windows
    text = _(
        "{count}: {memory} named by memories, {hand} added by hand. MemOS lists none: there may be more"
    )
    yield Fact(
        _("known"),
        text.format(
            count=f"{windows.conversations:,}",
            memory=f"{windows.by_memory:,}",
            hand=f"{windows.by_hand:,}",
        ),
    )
    if windows.never:
        yield Fact(_("unread"), f"{windows.never:,}", lacks=True)
    if windows.empty:
        text = _("{count}: MemOS returned no messages")
        yield Fact(_("empty"), text.format(count=f"{windows.empty:,}"), lacks=True)
    if windows.kept:
        yield Fact(_("kept"), kept(windows, say), lacks=True)
    if windows.oldest is not None and windows.latest is not None:
        oldest, latest = say(windows.oldest), say(windows.latest)
        text = _("{count}; their conversations were last read between {oldest} and {latest}")
        if oldest == latest:
            text = _("{count}; their conversations were last read {latest}")
        count = counted(windows.messages, "{count} message", "{count} messages")
        span = text.format(count=count, oldest=oldest, latest=latest)
        yield Fact(_("messages"), span)
    if windows.stale:
        text = _("{count} changed, or were opened, since they were read")
        yield Fact(_("changed"), text.format(count=f"{windows.stale:,}"), lacks=True)
    read = windows.conversations - windows.never
    text = _(
        "{full} of {read} full at the last reading: MemOS serves the latest {most} messages only"
    )
    full = text.format(full=f"{windows.full:,}", read=f"{read:,}", most=WINDOW)
    yield Fact(_("windows"), full)
    if found.full:
        more = "" if windows.full <= len(found.full) else " …"
        yield Fact(_("full"), _(", ").join(found.full) + more)
    if windows.late:
        yield Fact(_("beginnings"), _beginnings(windows), lacks=True)
    gaps, resets, uncertain = (found.holes.get(kind, 0) for kind in ("gap", "reset", "uncertain"))
    if gaps or resets or uncertain:
        text = _("gaps {gaps}, resets {resets}, joined without certainty {uncertain}")
        told = text.format(gaps=f"{gaps:,}", resets=f"{resets:,}", uncertain=f"{uncertain:,}")
        yield Fact(_("seams"), told, lacks=True)
    elif not read:
        yield Fact(_("seams"), _("not known: no messages were read"))
    else:
        yield Fact(_("seams"), _("no gap is known"))


def kept(windows: Windows, say: Say) -> str:
    """Return which messages are kept here that MemOS returned no more."""
    text = _(
        "{messages} of {conversations}, as of {served} or later: MemOS returned none of them at the last "
        "reading of each, {read} or later"
    )
    if windows.kept == 1:
        text = _(
            "{messages} of {conversations}, as of {served}: MemOS returned none of them at the last reading, "
            "{read}"
        )
    served, read = (
        _("an unknown time") if at is None else say(at)
        for at in (windows.kept_served_at, windows.kept_fetched_at)
    )
    return text.format(
        messages=counted(windows.kept_messages, "{count} message", "{count} messages"),
        conversations=counted(windows.kept, "{count} conversation", "{count} conversations"),
        served=served,
        read=read,
    )


def _beginnings(windows: Windows) -> str:
    """Return of how many conversations what was said first is not known, and why."""
    late = windows.late - windows.older - windows.unlooked
    unserved = _("of {count} what was said first was not served").format(count=f"{late:,}")
    older = counted(
        windows.older,
        "{count} is known as far back as MemOS shows; a memory of it goes back further",
        "{count} are known as far back as MemOS shows; memories of them go back further",
    )
    unlooked = _("of {count} it was not looked at yet").format(count=f"{windows.unlooked:,}")
    told = ((late, unserved), (windows.older, older), (windows.unlooked, unlooked))
    return _("; ").join(text for number, text in told if number)


def _requests(found: Ledger) -> Iterator[Fact]:
    sent = found.requests
    total = counted(sum(sent.routes.values()), "{count} request", "{count} requests")
    spent = _("{requests}, retries included").format(requests=total)
    if found.ref is None:
        of_it = counted(sent.runs, "{count} sync", "{count} syncs")
        spent = _("{syncs}: {requests}, retries included").format(syncs=of_it, requests=total)
    yield Fact(_("spent"), spent)
    for route, number in sent.routes.items():
        yield Fact(" ", f"{route}  {number:,}")
    if sent.shared:
        text = _(
            "{syncs} of several users, from before requests were counted for each, sent {requests} in all; "
            "how many of them were for this one is not known"
        )
        syncs = counted(sent.shared, "{count} sync", "{count} syncs")
        requests = counted(sent.shared_requests, "{count} request", "{count} requests")
        yield Fact(_("earlier"), text.format(syncs=syncs, requests=requests))
    if sent.unknown:
        text = _(
            "{syncs} without an end, or running now: what was sent then is not known, or not all of it"
        )
        syncs = counted(sent.unknown, "{count} sync", "{count} syncs")
        yield Fact(_("unknown"), text.format(syncs=syncs), lacks=True)


def _errors(found: Ledger) -> Iterator[Fact]:
    subject = found.subject
    yield from _erasures(found)
    if subject is not None:
        problem = subject.problem
        if problem is None and subject.synced_at is None:
            yield _unread(found)
        else:
            yield Fact(_("last sync"), problem or _("no problem"), lacks=bool(problem))
    elif found.failed or found.without_end:
        text = counted(
            found.failed + found.without_end,
            "{count} user or agent was not read by the last sync, or in part",
            "{count} users and agents were not read by the last sync, or in part",
        )
        yield Fact(_("last sync"), text, lacks=True)
    elif not found.readings.readings:
        yield _unread(found)
    else:
        yield Fact(_("last sync"), _("no problem"))
    if found.outcomes:
        told = (
            f"{_(OUTCOMES[name]) if name in OUTCOMES else name} {number:,}"
            for name, number in found.outcomes.items()
        )
        ended = _(", ").join(told)
        if subject is not None:
            ended = _("{outcomes} (syncs of it alone)").format(outcomes=ended)
        yield Fact(_("ended"), ended, lacks=found.outcomes.keys() != {"complete"})


def _erasures(found: Ledger) -> Iterator[Fact]:
    if found.subject is None and found.erasing:
        text = counted(
            found.erasing,
            "unfinished of {count} user or agent",
            "unfinished of {count} users and agents",
        )
        yield Fact(_("erasure"), text, lacks=True)
    if erasing := unfinished_erasures.of(found.subject):
        yield Fact(_("erasure"), erasing, lacks=True)
    if erased := erased_before.said_of(found.subject):
        yield Fact(_("erased"), erased, lacks=True)


def _unread(found: Ledger) -> Fact:
    text = _("none has read anything yet")
    if found.has_read:
        text = _("none has read everything yet; what was read stays")
    return Fact(_("last sync"), text, lacks=True)


def hole_words(hole: Hole, say: Say, exactly: Say | None = None) -> str:
    """Return what is missing at a hole, and when it was found.

    `exactly` says both ends of a gap where `say` says the same of them.
    """
    after = _("an unknown time") if hole.after is None else say(hole.after)
    before = _("an unknown time") if hole.before is None else say(hole.before)
    if hole.before is not None and hole.after is not None:
        before, after = told_apart(hole.before, hole.after, say, exactly or say)
    if hole.kind == "unread":
        return _("never read; a sync reads it")
    if hole.kind == "beginning" and hole.older_at is not None:
        text = _("as far back as MemOS shows, {time}; a memory goes back to {older}")
        return text.format(time=after, older=say(hole.older_at))
    if hole.unlooked:
        return _("whether anything was said before {time} was not looked at yet").format(time=after)
    if hole.kind == "beginning":
        return _("what was said before {time} was not served").format(time=after)
    texts = {
        "gap": _("messages between {before} and {after} were not served"),
        "reset": _("before {after} MemOS no longer had the earlier messages; some may be missing")
        if hole.before is None
        else _(
            "between {before} and {after} messages may be missing: MemOS no longer had the earlier ones"
        ),
        "uncertain": _("repeated messages between {before} and {after} are a lower bound"),
    }
    text = texts[hole.kind].format(before=before, after=after)
    if hole.seen_at is None:
        return text
    return _("{missing}; found {when}").format(missing=text, when=say(hole.seen_at))
