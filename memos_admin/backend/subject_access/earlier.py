"""What messages and memories of a document said before, and times as it has them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from memos_admin.backend.model import MemoryVersion, Message
from memos_admin.backend.subject_access.material import Material
from memos_admin.backend.subject_access.page import Earlier, Said
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


def of_memory(material: Material, versions: list[MemoryVersion]) -> Iterator[Earlier]:
    """Yield what a memory said before, of all its versions."""
    for version in versions:
        if version.replaced_at is None:
            continue
        label = _("From {since} until {time} it said:").format(
            since=at(version.seen_from), time=at(version.replaced_at)
        )
        if version.dropped:
            yield Earlier(_no_longer_kept(label), None, None)
            continue
        title = Said(material.masked("title", version.title)) if version.title else None
        yield Earlier(label, title, Said(material.masked("content", version.content)))


def _no_longer_kept(label: str) -> str:
    return sentences(label, _("The text is no longer kept."))


def at(ms: int) -> str:
    """Return a time in UTC: ``2025-06-10 09:30 UTC``."""
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return f"{moment:%Y-%m-%d %H:%M} UTC"
