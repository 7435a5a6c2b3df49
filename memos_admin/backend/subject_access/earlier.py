"""What messages and memories of a document said before, and times as it has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise

from memos_admin.backend.model import MemoryVersion, Message
from memos_admin.backend.subject_access import words
from memos_admin.backend.subject_access.material import Material
from memos_admin.backend.subject_access.page import Earlier, Fact, Said
from memos_admin.language import gettext as _
from memos_admin.language import sentences


def of_message(material: Material, message: Message) -> Iterator[Earlier]:
    """Yield what a message said before."""
    if not message.versions:
        return
    for version in material.reads.message_versions(message.pk):
        label = _("Until {time} it said:").format(time=at(version.replaced_at))
        if version.dropped:
            yield Earlier(_no_longer_kept(label), None, None)
        else:
            yield Earlier(label, None, Said(material.masked("content", version.content)))


def of_memory(material: Material, versions: Sequence[MemoryVersion]) -> Iterator[Earlier]:
    """Yield what a memory was before, of all its versions; a text that stayed is not repeated."""
    for version, after in pairwise(versions):
        if version.replaced_at is None:
            continue
        changed = tuple(_changed(material, version, after))
        label = _("From {since} until {time} it said:").format(
            since=at(version.seen_from), time=at(version.replaced_at)
        )
        if version.dropped:
            yield Earlier(_no_longer_kept(label), None, None, changed)
        elif not after.dropped and _text_of(version) == _text_of(after):
            stayed = _("On {time} this changed, and the text stayed:")
            yield Earlier(stayed.format(time=at(version.replaced_at)), None, None, changed)
        else:
            title = Said(material.masked("title", version.title)) if version.title else None
            content = Said(material.masked("content", version.content))
            yield Earlier(label, title, content, changed)


def _text_of(version: MemoryVersion) -> tuple[str, str]:
    return version.title or "", version.content


def _changed(material: Material, before: MemoryVersion, after: MemoryVersion) -> Iterator[Fact]:
    """Yield what beside the text changed with the next version."""

    def tags(version: MemoryVersion) -> str:
        masked = (material.masked("tags", tag) for tag in version.tags)
        return _(", ").join(masked) or _("none")

    if before.status != after.status:
        status = words.state(before.status or "?"), words.state(after.status or "?")
        yield _turned(_("State"), *status)
    if before.view != after.view:
        yield _turned(_("Kind"), words.kind(before.view), words.kind(after.view))
    if {*before.tags} != {*after.tags} and not (before.dropped or after.dropped):
        yield _turned(_("Tags"), Said(tags(before)), Said(tags(after)))
    if "conversation_id" in {*before.not_kept, *after.not_kept}:
        return
    if before.conversation_id != after.conversation_id:
        names = (
            Said(material.masked("conversation_id", one.conversation_id))
            if one.conversation_id
            else _("none")
            for one in (before, after)
        )
        yield _turned(_("Conversation"), *names)


def _turned(name: str, before: str, after: str) -> Fact:
    """Return what something was, and became; from outside where one of the two is."""
    value = f"{before} → {after}"
    return Fact(name, Said(value) if Said in {type(before), type(after)} else value)


def _no_longer_kept(label: str) -> str:
    return sentences(label, _("The text is no longer kept."))


def at(ms: int) -> str:
    """Return a time in UTC: ``2025-06-10 09:30 UTC``."""
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"


def exactly(ms: int) -> str:
    """Return a time in UTC with its seconds: ``2025-06-10 09:30:05 UTC``."""
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
