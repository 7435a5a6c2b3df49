"""From messages to the lines of a transcript. Pure, so that it can run in the reader's thread.

A block is a message with what stands before it: a new day, a pause, a seam. Positions in lines are
positions in `shown(content)`, so that spans of the content can be underlined where they are drawn.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from memos_admin.backend.display import one_line, printable
from memos_admin.backend.model import Message
from memos_admin.backend.times import local
from memos_admin.backend.wrapping import wrap
from memos_admin.tui import phrases

LONGEST_LINE = 90
"""Lines of text are never wider: the eye loses the next line."""

FOLD_LINES = 12
"""Longer messages are folded after so many lines."""

UNFOLDED_LINES = 400
"""An unfolded message shows at most so many lines; all of it is in the viewer and in a file."""

FOLD_CUT, UNFOLD_CUT = 2_000, 40_000
"""Characters of a message that are read for its folded and its unfolded form."""

IDLE = 6 * phrases.HOUR

LineKind = Literal["blank", "day", "idle", "seam", "head", "text", "dim", "fold"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its text, and for lines of text where that starts in `shown(content)`."""

    kind: LineKind
    text: str = ""
    start: int = 0
    right: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A message laid out; `body` is the number of its lines that stand before the message."""

    message: Message
    lines: tuple[Line, ...]
    body: int


def shown(text: str) -> str:
    """Return text as it is drawn: through the display gate, line ends kept, tabs as spaces."""
    return printable(text, newlines=True).replace("\t", "    ")


def shown_spans(content: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans of `content` as spans of `shown(content)`."""
    if shown(content) == content:
        return list(spans)
    return [(len(shown(content[:start])), len(shown(content[:end]))) for start, end in spans]


def lay_out(
    message: Message, before: Message | None, width: int, *, unfolded: bool, from_beginning: bool
) -> Block:
    """Return a message's block for a transcript `width` cells wide.

    Args:
        message: its content may be cut.
        before: the message before it, None for the first one.
        width: cells of a line of text; wider than `LONGEST_LINE` counts as that.
        unfolded: show all lines (as far as the content is there).
        from_beginning: what is stored starts where the conversation starts.
    """
    width = max(12, min(width, LONGEST_LINE))
    lines = _before(message, before, width, from_beginning=from_beginning)
    body = len(lines)
    lines.append(_head(message, before, new_day=any(line.kind == "day" for line in lines)))
    lines.extend(_body(message, width, unfolded=unfolded))
    lines.append(Line("blank"))
    return Block(message, tuple(lines), body)


def _before(
    message: Message, before: Message | None, width: int, *, from_beginning: bool
) -> list[Line]:
    lines: list[Line] = []
    at, last = message.created_at, before.created_at if before is not None else None
    if before is None and not from_beginning:
        lines += _seam_lines("earlier messages are not served by MemOS", width)
    if message.seam is not None:
        lines += _seam_lines(_seam(message, before), width)
    if at is not None:
        if last is None or local(at).date() != local(last).date():
            lines += [Line("day", phrases.long_day(local(at))), Line("blank")]
        elif at - last >= IDLE:
            lines += [Line("idle", f"{phrases.idle(at - last)} later"), Line("blank")]
    return lines


def _seam_lines(text: str, width: int) -> list[Line]:
    """Return a rule that says something; on several lines rather than cut."""
    text = f"── {text} ──"
    spans = [*wrap(text, width)]
    return [*(Line("seam", text[start:end]) for start, end in spans), Line("blank")]


def _seam(message: Message, before: Message | None) -> str:
    if message.seam == "uncertain":
        return "joined without certainty: repeats may be missing here"
    if message.seam == "reset":
        return "MemOS no longer returns what stands above; it is kept here"
    if before is None or before.created_at is None or message.created_at is None:
        return "messages are missing here: MemOS does not serve them"
    start, end = local(before.created_at), local(message.created_at)
    if start.date() == end.date():
        times = f"{start:%H:%M} and {end:%H:%M}"
    else:
        year = "" if start.year == end.year else f" {start.year}"
        times = (
            f"{start.day} {phrases.MONTHS[start.month - 1]}{year} {start:%H:%M} and "
            f"{end.day} {phrases.MONTHS[end.month - 1]} {end.year} {end:%H:%M}"
        )
    return f"messages between {times} are not served by MemOS"


def _head(message: Message, before: Message | None, *, new_day: bool) -> Line:
    role = one_line(message.role, 12) or "(no role)"
    if message.role_name or message.role_id:
        role = f"{role} {one_line(message.role_name or message.role_id or '', 30)}"
    time = "" if message.created_at is None else phrases.clock(message.created_at)
    if (
        not new_day
        and before is not None
        and before.created_at is not None
        and time == phrases.clock(before.created_at)
    ):
        time = ""
    edited = "edited" if message.versions else ""
    return Line("head", f"{role:<10} {time}".rstrip(), right=edited)


def _body(message: Message, width: int, *, unfolded: bool) -> list[Line]:
    if message.role == "tool":
        name = one_line(message.tool_call_id or "", 30)
        return [Line("dim", f"tool result  {name}  {phrases.size(message.length)}")]
    attached = _attached(message.parts)
    lines = _text(message, width, unfolded=unfolded, skip=len(attached))
    lines += [Line("dim", one_line(text, width)) for text in attached]
    lines += [Line("dim", one_line(_call(call), width)) for call in message.tool_calls or ()]
    return lines


def _text(message: Message, width: int, *, unfolded: bool, skip: int) -> list[Line]:
    content = message.content
    whole = len(content) >= message.length
    if skip and whole:  # the lines of images and files come as lines of their own
        content = "\n".join(content.split("\n")[:-skip])
    text = shown(content)
    if not text.strip():
        return []
    limit = UNFOLDED_LINES if unfolded else FOLD_LINES
    # One more than the limit: a fold that would hide a single line shows it instead.
    spans = list(islice(wrap(text, width), limit + 1 if whole else limit))
    lines = [Line("text", text[start:end], start) for start, end in spans]
    if whole and len(spans) <= limit + 1 and spans[-1][1] >= len(text.rstrip()):
        return lines
    lines = lines[:limit]
    return [*lines, Line("fold", _fold(message, text, lines, width, unfolded=unfolded))]


def _fold(message: Message, text: str, lines: list[Line], width: int, *, unfolded: bool) -> str:
    if unfolded:
        return f"… cut here, {phrases.size(message.length)} in all: enter opens all of it"
    if len(message.content) < message.length:
        return f"… {phrases.size(message.length)} in all"
    rest = sum(1 for _ in wrap(text, width)) - len(lines)
    return f"… {phrases.counted(rest, 'more line')}"


def _attached(parts: Sequence[Any] | None) -> list[str]:
    """Return a line for each image or file among the parts of a message."""
    lines = []
    for part in parts or ():
        if not isinstance(part, Mapping) or part.get("type") in {"text", None}:
            continue
        kind = str(part["type"]).removesuffix("_url")
        value = part.get(str(part["type"]), part)
        lines.append(f"{kind}  {_name(value)}".rstrip())
    return lines


def _name(value: Any) -> str:
    """Return what names an image or a file, and how large it is if that is said or seen."""
    if isinstance(value, Mapping):
        name = next(
            (value[key] for key in ("filename", "name", "url", "file_id") if value.get(key)), ""
        )
        size = value.get("size")
        inline = value.get("file_data") or (name if str(name).startswith("data:") else None)
        if inline is not None:
            name = "" if inline is name else name
            return f"{name}  inline, {phrases.size(len(str(inline)))}".strip()
        return f"{name}  {size} bytes" if size else str(name)
    text = str(value)
    return f"inline, {phrases.size(len(text))}" if text.startswith("data:") else text


def _call(call: Any) -> str:
    """Return the line of a tool call: name, size and beginning of its arguments."""
    inner = call.get("function", call) if isinstance(call, Mapping) else call
    if not isinstance(inner, Mapping):
        return f"tool call  {inner}"
    arguments = inner.get("arguments", "")
    if not isinstance(arguments, str):
        arguments = json.dumps(arguments, ensure_ascii=False)
    return f"tool call  {inner.get('name', '?')}  {phrases.size(len(arguments))}  {arguments[:200]}"
