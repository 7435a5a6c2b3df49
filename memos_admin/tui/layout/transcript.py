"""From messages to the lines of a transcript. Pure, so that it can run in the reader's thread.

A block is a message with what stands before it: a new day, a pause, a seam. Positions in lines are
positions in `shown(content)`, so that spans of the content can be underlined where they are drawn.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Literal

from memos_admin.backend import display
from memos_admin.backend.author_words import who
from memos_admin.backend.authors import PERHAPS_NOT_USER
from memos_admin.backend.display import one_line, pad
from memos_admin.backend.model import Message, SubjectRef
from memos_admin.backend.strays import writer_of
from memos_admin.backend.times import local, told_apart
from memos_admin.backend.tool_calls import tool_call
from memos_admin.backend.wrapping import wrap
from memos_admin.language import counted
from memos_admin.language import gettext as _
from memos_admin.tui.words import phrases

LONGEST_LINE = 90
"""Lines of text are never wider: the eye loses the next line."""

FOLD_LINES = 12
"""Longer messages are folded after so many lines."""

UNFOLDED_LINES = 400
"""An unfolded message shows at most so many lines; all of it is in the viewer and in a file."""

FOLD_CUT, UNFOLD_CUT = 2_000, 40_000
"""Characters of a message that are read for its folded and its unfolded form."""

_WRITER = 60
"""Cells of who wrote a message."""

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
    """A message laid out.

    Attributes:
        body: the number of its lines that stand before the message.
        before: the message before it, which these are about.
        unfolded: all its lines are shown.
    """

    message: Message
    lines: tuple[Line, ...]
    body: int
    before: Message | None = None
    unfolded: bool = False


def shown(text: str, most: int | None = None) -> str:
    """Return text as it is drawn: through the display gate, line ends kept, tabs as spaces.

    `most`: of a longer one so many characters.
    """
    return _drawn(display.masked(text) if most is None else display.beginning(text, most))


def _drawn(text: str) -> str:
    return display.safe(text, newlines=True).replace("\t", "    ")


def shown_spans(content: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans of `content` as spans of `shown(content)`."""
    if (veil := display.veil()) is not None:
        covered = veil.covered(content)
        content, spans = covered.text, [covered.moved(start, end) for start, end in spans]
    if _drawn(content) == content:
        return list(spans)
    return [(len(_drawn(content[:start])), len(_drawn(content[:end]))) for start, end in spans]


def lay_out(
    message: Message,
    before: Message | None,
    width: int,
    *,
    unfolded: bool,
    missing: str,
    whose: SubjectRef | None = None,
) -> Block:
    """Return a message's block for a transcript `width` cells wide.

    Args:
        message: its content may be cut.
        before: the message before it, None for the first one.
        width: cells of a line of text; wider than `LONGEST_LINE` counts as that.
        unfolded: show all lines (as far as the content is there).
        missing: what is said above the first one, where others may have been before it.
        whose: the user or agent of the conversation; None: nobody is told from it.
    """
    width = max(12, min(width, LONGEST_LINE))
    lines = _before(message, before, width, missing=missing)
    body = len(lines)
    new_day = any(line.kind == "day" for line in lines)
    lines.append(_head(message, before, whose, new_day=new_day))
    lines.extend(_body(message, width, unfolded=unfolded))
    lines.append(Line("blank"))
    return Block(message, tuple(lines), body, before, unfolded)


@dataclass(frozen=True, slots=True)
class Laid:
    """Messages laid out one below the other.

    Attributes:
        width: of a line of text, in cells.
        missing: what is said above the first one, where others may have been before it.
        turn: what was counted when it was begun: what is masked, and the language, were those.
        whose: the user or agent of the conversation, from whom other people are told.
    """

    blocks: Sequence[Block] = ()
    width: int = LONGEST_LINE
    missing: str = ""
    turn: int = 0
    whose: SubjectRef | None = None


def lay_out_all(
    messages: Sequence[Message], unfolded: Collection[int], like: Laid, known: Laid
) -> Laid:
    """Return messages laid out; blocks that are known and as they would be are taken again.

    Args:
        messages: of a conversation, in order.
        unfolded: keys of those of which all lines are shown.
        like: for which width and so on; its blocks do not matter.
        known: what was laid out before.
    """
    blocks: dict[int, Block] = {}
    if (known.width, known.turn, known.whose) == (like.width, like.turn, like.whose):
        blocks = {block.message.pk: block for block in known.blocks}
        if known.blocks and known.missing != like.missing:
            del blocks[known.blocks[0].message.pk]
    laid = []
    for before, message in zip([None, *messages], messages, strict=False):
        block, whole = blocks.get(message.pk), message.pk in unfolded
        if block is None or (block.message, block.before, block.unfolded) != (
            message,
            before,
            whole,
        ):
            block = lay_out(
                message,
                before,
                like.width,
                unfolded=whole,
                missing=like.missing,
                whose=like.whose,
            )
        laid.append(block)
    return replace(like, blocks=laid)


def _before(message: Message, before: Message | None, width: int, *, missing: str) -> list[Line]:
    lines: list[Line] = []
    at, last = message.created_at, before.created_at if before is not None else None
    if before is None and missing:
        lines += _seam_lines(missing, width)
    if message.seam is not None:
        lines += _seam_lines(_seam(message, before), width)
    if at is not None:
        if last is None or local(at).date() != local(last).date():
            lines += [Line("day", phrases.long_day(local(at))), Line("blank")]
        elif at - last >= IDLE:
            lines += [
                Line("idle", _("{time} later").format(time=phrases.idle(at - last))),
                Line("blank"),
            ]
    return lines


def _seam_lines(text: str, width: int) -> list[Line]:
    """Return a rule that says something; on several lines rather than cut."""
    text = f"── {text} ──"
    spans = [*wrap(text, width)]
    return [*(Line("seam", text[start:end]) for start, end in spans), Line("blank")]


def _seam(message: Message, before: Message | None) -> str:
    if message.seam == "uncertain":
        return _("joined without certainty: repeats may be missing here")
    if message.seam == "reset":
        return _("MemOS no longer returns what stands above; it is kept here")
    if before is None or before.created_at is None or message.created_at is None:
        return _("messages are missing here: MemOS does not serve them")
    start, end = local(before.created_at), local(message.created_at)
    if start.date() == end.date():
        first, last = told_apart(
            before.created_at, message.created_at, phrases.clock, phrases.clock_seconds
        )
    else:
        first = phrases.minute(start, year=start.year != end.year)
        last = phrases.minute(end, year=True)
    text = _("messages between {start} and {end} are not served by MemOS")
    return text.format(start=first, end=last)


def _head(
    message: Message, before: Message | None, whose: SubjectRef | None, *, new_day: bool
) -> Line:
    role = one_line(phrases.role_word(message.role), 12) or _("(no role)")
    by = None if whose is None else writer_of(message, whose)
    if by is not None and by.author in PERHAPS_NOT_USER:
        role = one_line(who(by), _WRITER)
    elif message.role_name or message.role_id:
        role = (
            f"{role} {one_line(display.other_name(message.role_name or message.role_id or ''), 30)}"
        )
    time = "" if message.created_at is None else phrases.clock(message.created_at)
    if (
        not new_day
        and before is not None
        and before.created_at is not None
        and time == phrases.clock(before.created_at)
    ):
        time = ""
    edited = _("edited") if message.versions else ""
    return Line("head", f"{pad(role, 10)} {time}".rstrip(), right=edited)


def _body(message: Message, width: int, *, unfolded: bool) -> list[Line]:
    if message.role == "tool":
        name = one_line(message.tool_call_id or "", 30)
        result = (_("tool result"), name, phrases.size(message.length))
        return [Line("dim", "  ".join(result))]
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
    text = shown(content if whole else display.cut_before(content))
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
        return _("… cut here, {size} in all: enter opens all of it").format(
            size=phrases.size(message.length)
        )
    if len(message.content) < message.length:
        return _("… {size} in all").format(size=phrases.size(message.length))
    rest = len([*wrap(text, width)]) - len(lines)
    return counted(rest, "… {count} more line", "… {count} more lines")


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
            return f"{name}  {_inline(str(inline))}".strip()
        return _("{name}  {count} bytes").format(name=name, count=size) if size else str(name)
    text = str(value)
    return _inline(text) if text.startswith("data:") else text


def _inline(text: str) -> str:
    return _("inline, {size}").format(size=phrases.size(len(text)))


def _call(call: Any) -> str:
    """Return the line of a tool call: name, size and beginning of what was sent."""
    name, sent = tool_call(call)
    parts = [_("tool call"), name] if name else [_("tool call")]
    if sent:
        parts += [phrases.size(len(sent)), display.beginning(sent, 200)]
    return "  ".join(parts)
