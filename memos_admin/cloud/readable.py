"""Readable text from the service's structured values: parts of messages, skills, profiles, tools.

Everything here is total: any JSON value gives a text, in the worst case the value as JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from memos_admin.cloud.jsontext import BadJSON, decode

_WHOLE_FLOAT = re.compile(r"(-?\d+)\.0")
_NAMES = ("filename", "file_name", "name", "title", "url", "file_url", "file_id", "id")
_SKILL_PARTS = ("procedure", "experience", "preference", "examples", "script", "others")
_LONGEST_LABEL = 200
"""Characters of an attachment's name or address in a text; the whole stays in ``raw``."""


def text_of(value: Any) -> str:
    """Return a text for any JSON value: texts as they are, nothing for null, else JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def time_of(raw: str | None) -> str | None:
    """Return the raw text of a time, None where there is none; whole floats lose their ``.0``."""
    if not raw:
        return None
    whole = _WHOLE_FLOAT.fullmatch(raw)
    return whole[1] if whole else raw


def from_json_text(value: Any) -> Any:
    """Return what a text holds where the text is a JSON object or list, else `value` itself."""
    if isinstance(value, str) and value.lstrip()[:1] in {"{", "["}:
        try:
            return decode(value)
        except BadJSON:
            return value
    return value


def content_of(value: Any) -> str:
    """Return the text of a message's content.

    Of a multi-modal list: the texts, then ``[image: …]`` and ``[file: …]``, joined by line ends.
    """
    if not isinstance(value, list):
        return _part(value)[1] if isinstance(value, dict) else text_of(value)
    parts = [_part(part) for part in value]
    return "\n".join(
        [text for first, text in parts if first] + [text for first, text in parts if not first]
    )


def skill_text(value: Any) -> str:
    """Return a skill (``skill_value``, an object or JSON text of one) as text.

    The description, then each other part under its name, lists as ``- `` lines. The name is the
    skill's title and does not repeat here.
    """
    value = from_json_text(value)
    if not isinstance(value, dict):
        return text_of(value)
    blocks = [text_of(value.get("description"))]
    for name in _SKILL_PARTS:
        lines = _lines(value.get(name))
        if len(lines) == 1 and isinstance(value[name], str):
            blocks.append(f"{name}: {lines[0]}")
        elif lines:
            blocks.append("\n".join([f"{name}:", *lines]))
    return "\n".join(filter(None, blocks))


def skill_name(value: Any) -> str | None:
    """Return ``skill_value.name``, or None."""
    value = from_json_text(value)
    return text_of(value.get("name")) or None if isinstance(value, dict) else None


def profile_text(properties: Any) -> str:
    """Return a profile's tree as lines ``path: value``, a line a leaf, in the service's order.

    Leaves are ``{value, algorithm_updatable}`` or plain values; the names on the way are joined by
    dots. A leaf without a value is a line without one.
    """
    properties = from_json_text(properties)
    if not isinstance(properties, dict):
        return text_of(properties)
    return "\n".join(f"{path}: {value}".rstrip() for path, value in _leaves(properties, ""))


def tool_text(value: Any, used: Any) -> str:
    """Return a tool memory as text: its value, then ``tool: experience`` for every tool used.

    Success rates stay out: they move with every use and would make a version of each.
    """
    lines = [content_of(value)]
    for use in used if isinstance(used, list) else ():
        if isinstance(use, dict) and use.get("tool_experience"):
            name = text_of(use.get("used_tool")) or "tool"
            lines.append(f"{name}: {text_of(use['tool_experience'])}")
    return "\n".join(filter(None, lines))


def tags_of(value: Any) -> tuple[str, ...]:
    """Return tags from a list, a JSON text of one, or a text with commas, in order, each once."""
    value = from_json_text(value)
    if isinstance(value, str):
        value = re.split(r"[,，、;；]", value)
    if not isinstance(value, list):
        return ()
    tags = (text_of(tag).strip() for tag in value)
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def count_of(value: Any) -> int | None:
    """Return a count, which may be a whole float or a text of digits; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
        return int(value)
    if isinstance(value, float) and abs(value) < 1e9 and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def ids_of(value: Any) -> tuple[str, ...]:
    """Return the ids of a view in a task's answer: ``{"memory_ids": […]}``, or the list alone."""
    ids = value.get("memory_ids") if isinstance(value, dict) else value
    if not isinstance(ids, list):
        return ()
    return tuple(dict.fromkeys(each for each in ids if isinstance(each, str) and each))


def _part(part: Any) -> tuple[bool, str]:
    """Return whether a part of a multi-modal message is text, and what stands for it."""
    if not isinstance(part, dict):
        return True, text_of(part)
    kind = text_of(part.get("type")) or next(
        (k for k in ("text", "image_url", "file") if k in part), ""
    )
    if kind in {"text", "input_text", "output_text"}:
        return True, text_of(part.get("text", part.get("content")))
    if not kind:
        return True, text_of(part)
    label = _attachment(part.get(kind, part))
    word = "image" if kind == "image_url" else kind
    return False, f"[{word}: {label}]" if label else f"[{word}]"


def _attachment(value: Any) -> str:
    """Return a name or an address of an image or file, short; embedded data only by its kind."""
    if isinstance(value, dict):
        value = next((value[name] for name in _NAMES if isinstance(value.get(name), str)), None)
    label = value if isinstance(value, str) else ""
    if label.startswith("data:"):
        head, _, data = label.partition(",")
        return f"{head[:_LONGEST_LABEL]}, {len(data)} characters"
    return label if len(label) <= _LONGEST_LABEL else f"{label[:_LONGEST_LABEL]}…"


def _lines(value: Any) -> list[str]:
    """Return a skill's part as lines."""
    if not value:
        return []
    if isinstance(value, str):
        return value.splitlines() or []
    if isinstance(value, list):
        return [f"- {text_of(entry)}" for entry in value]
    if isinstance(value, dict):
        return [f"- {name}: {text_of(entry)}" for name, entry in value.items()]
    return [text_of(value)]


def _leaves(tree: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
    """Yield path and text of every leaf. Depth is bounded by what `jsontext.decode` lets in."""
    for name, node in tree.items():
        here = f"{path}.{name}" if path else str(name)
        if isinstance(node, dict) and "value" in node:
            node = node["value"]  # noqa: PLW2901 - a leaf and its value are the same place
        if isinstance(node, dict) and node:
            yield from _leaves(node, here)
        elif isinstance(node, list) and all(isinstance(entry, str) for entry in node):
            yield here, ", ".join(node)
        else:
            yield here, text_of(node)
