"""What a memory says that it came from, in every form of the wire."""

from __future__ import annotations

import re
from typing import Any

from memos_admin.cloud.answers import Source
from memos_admin.cloud.readable import content_of, from_json_text, text_of

_IDENTIFIER = re.compile(r"(?=[^\s]*\d)[A-Za-z0-9_:.-]{8,100}")
_QUOTES = ("content", "text", "excerpt", "memory")
_TIMES = ("chat_time", "time", "create_time", "created_at")


def sources_of(sources: Any, source: Any, message_ids: Any) -> tuple[Source, ...]:
    """Return a memory's sources, in the service's order.

    Args:
        sources: a list of objects, of JSON texts of objects, of ids or of quotes; or one of these.
        source: the same under its singular name (tool memories).
        message_ids: ids alone (detail answers); those that a source names do not repeat.
    """
    found = [entry for item in _listed(sources) if (entry := _source(item)) is not None]
    found += [entry for item in _listed(source) if (entry := _single(item)) is not None]
    named = {entry.message_id for entry in found}
    for item in _listed(message_ids):
        identifier = text_of(item)
        if identifier and identifier not in named:
            named.add(identifier)
            found.append(Source(kind="message_id", message_id=identifier))
    return tuple(found)


def _listed(value: Any) -> list[Any]:
    value = from_json_text(value)
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def _single(item: Any) -> Source | None:
    """Return a source from the singular field, where one word is a kind, not a quote."""
    if isinstance(item, str) and item and not re.search(r"\s|\d", item) and item.isascii():
        return Source(kind=item)
    return _source(item)


def _source(item: Any) -> Source | None:
    """Return a source, or None where the item says nothing."""
    item = from_json_text(item)
    if isinstance(item, dict):
        return _from_object(item)
    text = text_of(item)
    if not text:
        return None
    if _IDENTIFIER.fullmatch(text):
        return Source(kind="message_id", message_id=text)
    return Source(kind="text", excerpt=text)


def _from_object(item: dict[str, Any]) -> Source | None:
    excerpt = next((text for name in _QUOTES if (text := content_of(item.get(name)))), None)
    role = text_of(item.get("role")) or None
    message_id = text_of(item.get("message_id")) or text_of(item.get("msg_id")) or None
    kind = text_of(item.get("type"))
    if not (excerpt or role or message_id or kind):
        return None
    if not kind:
        kind = "chat" if role else "text" if excerpt else "message_id"
    time = next((text for name in _TIMES if (text := text_of(item.get(name)))), None)
    return Source(kind=kind, excerpt=excerpt, role=role, message_id=message_id, time=time)
