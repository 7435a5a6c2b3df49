"""The id in what a person typed or pasted: an id alone, a line of JSON, an address, a sentence. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import unquote, urlsplit

from memos_admin.backend.ids.as_shown import meant

IdKind = Literal["user", "agent", "conversation", "memory", "task"]

LONGEST_ID = 100
"""Characters of a user's, an agent's or a conversation's id (memos-cloud-api, 40010 and 40011)."""

LONGEST_MEMORY_ID = 200
"""Characters of an id of anything else, far more than those of the service have."""

_MOST = 10_000
"""Characters that are looked at; the rest of a longer text is not read."""

_UUID = re.compile(
    r"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Za-z])"
)
_LABELLED = re.compile(
    r"""(?<![A-Za-z0-9])(user|agent|conversation|memory|task)[_\ -]?ids?\b["']?
        \s*[:=]\s*\[?\s*
        (?:"([^"]*)"|'([^']*)'|["']?([^\s"',;&\#<>\[\](){}]+))""",
    re.IGNORECASE | re.VERBOSE,
)
_PLAIN_LABEL = re.compile(r"""["']id["']\s*:\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_ADDRESS = re.compile(r"""https?://[^\s"'<>]+""", re.IGNORECASE)
_LIKE_AN_ID = re.compile(r"[0-9_@]|\w-\w|\w\.\w")
_AROUND = "\"'`“”‘’«»‹›()[]{}<>,;"

_SPECIAL_FIRST: tuple[IdKind, ...] = ("memory", "task", "conversation", "user", "agent")

_KINDS: tuple[IdKind, ...] = ("user", "conversation", "memory", "agent", "task")
_LONG_KINDS: tuple[IdKind, ...] = ("memory", "task")


@dataclass(frozen=True, slots=True)
class Pasted:
    """What may be an id.

    Attributes:
        id: what to ask the service for; ``""`` where there is nothing that could be an id.
        kinds: what it can be the id of, the likeliest first; one only where the text says so.
        readings: what to look for here, in this order: the next where nothing fits the one before.
    """

    id: str
    kinds: tuple[IdKind, ...]
    readings: tuple[str, ...]


def read_id(typed: str) -> Pasted:
    """Return the id in a text, whatever the text is: names of fields, quotes, addresses, prose."""
    whole = _cleaned(meant(typed[:_MOST]))
    if not whole:
        return Pasted("", (), ())
    labelled = _labelled(whole)
    if labelled is not None:
        kind, found = labelled
        longest = LONGEST_MEMORY_ID if kind in _LONG_KINDS else LONGEST_ID
        return Pasted(found, (kind,) if len(found) <= longest else (), _each(found, whole))
    for certain in (_of_address(whole), _after(_PLAIN_LABEL, whole)):
        if certain:
            return Pasted(certain, _kinds(certain), _each(certain, whole))
    words = [stripped for word in whole.split() if (stripped := word.strip(_AROUND))]
    if len(words) < 2:
        found = words[0] if words else whole
        return Pasted(found, _kinds(found), _each(found, whole))
    if uuid := _UUID.search(whole):
        return Pasted(uuid[0], _kinds(uuid[0]), _each(uuid[0], whole))
    # Ids may have spaces: what is typed is looked for as it is before a word of it.
    found = max((word for word in words if _LIKE_AN_ID.search(word)), key=len, default=whole)
    return Pasted(found, _kinds(found), _each(whole, found))


def _cleaned(text: str) -> str:
    """Return the text on one line, without what cannot be part of an id."""
    shown = "".join(" " if unicodedata.category(char) in {"Cc", "Cs"} else char for char in text)
    line = " ".join(shown.split())
    start, end = 0, len(line)  # byte order marks and zero-width characters come along from pages
    while start < end and _unseen(line[start]):
        start += 1
    while end > start and _unseen(line[end - 1]):
        end -= 1
    return line[start:end]


def _unseen(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) == "Cf"


def _labelled(text: str) -> tuple[IdKind, str] | None:
    """Return what the text calls an id of something: of several the most special one."""
    found: dict[IdKind, str] = {}
    for label, *values in _LABELLED.findall(unquote(text) if "://" in text else text):
        kind = cast("IdKind", label.lower())
        value = _cleaned("".join(values))
        if value:
            found.setdefault(kind, value)
    return next(((kind, found[kind]) for kind in _SPECIAL_FIRST if kind in found), None)


def _of_address(text: str) -> str:
    """Return the id that an address ends with, ``""`` where the text has no address."""
    address = _ADDRESS.search(text)
    if address is None:
        return ""
    uuids = _UUID.findall(address[0])
    if uuids:
        return str(uuids[-1])
    try:
        parts = urlsplit(address[0])
    except ValueError:  # such as a broken IPv6 host
        return ""
    ends = [part for part in f"{parts.path}/{parts.fragment}".split("/") if part]
    return _cleaned(unquote(ends[-1].rstrip(".!"))).strip(_AROUND) if ends else ""


def _after(label: re.Pattern[str], text: str) -> str:
    found = label.search(text)
    return _cleaned("".join(filter(None, found.groups()))) if found else ""


def _kinds(text: str) -> tuple[IdKind, ...]:
    """Return what a text without a name can be the id of."""
    if _UUID.fullmatch(text):
        return _SPECIAL_FIRST
    if len(text) <= LONGEST_ID:
        return _KINDS
    return _LONG_KINDS if len(text) <= LONGEST_MEMORY_ID else ()


def _each(*readings: str) -> tuple[str, ...]:
    """Return the readings once each, those left out that are too long to be an id."""
    return tuple(dict.fromkeys(text for text in readings if 0 < len(text) <= LONGEST_MEMORY_ID))
