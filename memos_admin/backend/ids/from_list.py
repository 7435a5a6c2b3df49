"""The ids in a list that a person typed or pasted: a column, a row, JSON, lines of a log. Pure."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Collection, Iterator

from memos_admin.backend.ids.as_shown import meant
from memos_admin.store.records import Kind, SubjectRef

_AGENT = "agent:"
"""Stands before an agent's id wherever ids are given without their kind."""

_LABELLED = re.compile(
    r"""(?<![A-Za-z0-9])(user|agent|conversation)[_\ -]?ids?\b["']?\s*[:=]\s*
        (?:"([^"]*)"|'([^']*)'|([^\s"',;&\#<>\[\](){}]+))""",
    re.IGNORECASE | re.VERBOSE,
)
_HEADER = re.compile(r"(?:user|agent|conversation)[_ -]?ids?", re.IGNORECASE)
_BETWEEN = r"\s,;，；、"
_ITEM = re.compile(
    rf"""(agent:)?(?:"([^"]*)"|'([^']*)'|“([^”]*)”|‘([^’]*)’|`([^`]*)`)(?=[{_BETWEEN}]|$)
        |([^{_BETWEEN}]+)""",
    re.VERBOSE,
)
_AROUND = {"[": "]", "(": ")", "{": "}"}
_NEEDS_QUOTES = re.compile(rf"[{_BETWEEN}\"'`“‘\[({{]")


def read_ids(text: str, kinds: Collection[str]) -> list[str]:
    """Return the ids in a text, each once: between them stand spaces, commas, semicolons or lines.

    Quotes keep together what has any of these in it. Where the text names ids of one of the `kinds`
    (``user_id:``), as JSON and logs do, it is those. An agent's id has ``agent:`` before it.
    """
    text = text.strip()
    labelled = [*_labelled(text, kinds)]
    return [*dict.fromkeys(meant(found) for found in labelled or _listed(text) if found)]


def subject_named(text: str, kind: Kind = "user") -> SubjectRef:
    """Return whom an id names, as it is shown too: the agent behind ``agent:``, else who is of this kind."""
    text = meant(text)
    agent = text.strip().removeprefix(_AGENT).strip()
    return SubjectRef(kind, text) if agent in {"", text.strip()} else SubjectRef("agent", agent)


def quoted(name: str) -> str:
    """Return an id as `read_ids` reads it as one."""
    if not _NEEDS_QUOTES.search(name):
        return name
    mark = "'" if '"' in name else '"'
    return f"{mark}{name}{mark}"


def _labelled(text: str, kinds: Collection[str]) -> Iterator[str]:
    for label, *values in _LABELLED.findall(text):
        value = "".join(values).strip()
        if value and label.lower() in kinds:
            yield f"{_AGENT}{value}" if label.lower() == "agent" else value


def _listed(text: str) -> Iterator[str]:
    if text[:1] == "[":
        items: object = None
        with contextlib.suppress(ValueError, RecursionError):
            items = json.loads(text)
        if isinstance(items, list) and all(isinstance(item, str | int) for item in items):
            yield from (str(item).strip() for item in items)
            return
    if len(text) > 1 and _AROUND.get(text[0]) == text[-1]:
        text = text[1:-1]
    for number, found in enumerate(_ITEM.finditer(text)):
        agent, *inner, plain = found.groups()
        item = plain or f"{agent or ''}{''.join(part or '' for part in inner).strip()}"
        if number or found.end() == len(text) or not _HEADER.fullmatch(item):
            yield item
