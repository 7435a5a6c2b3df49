"""What one can take along from where the cursor is: an id, a text, the service's JSON."""

from __future__ import annotations

import errno
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from memos_admin.backend.display import called, masked, one_line, printable, safe_json
from memos_admin.backend.errors import FULL
from memos_admin.backend.keys import KeyGiven, refuse_key
from memos_admin.backend.model import Conversation, Memory, Message, SubjectRef
from memos_admin.backend.times import now_ms
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.tui.desk.panes import Desk
from memos_admin.tui.journaling import About
from memos_admin.tui.rows import main as lists
from memos_admin.tui.words import phrases
from memos_admin.tui.words.failures import said_by


def id_under(desk: Desk, pane: str) -> str | None:
    """Return the id of what is under the cursor of a pane, as the service knows it.

    Messages have no id of their own: in the transcript it is the conversation's.
    """
    if pane == "users":
        subject = desk.panes.users.row
        return called(subject.ref) if subject is not None else None
    if pane == "conversations" or is_about_message(desk, pane):
        conversation = conversation_under(desk, pane)
        return conversation.conversation_id if conversation is not None else None
    memory = memory_under(desk, pane)
    return memory.memory_id if memory is not None else None


def conversation_under(desk: Desk, pane: str) -> Conversation | None:
    """Return the conversation under the cursor of the conversations; elsewhere the one shown."""
    if pane != "conversations":
        return desk.conversation
    row = desk.panes.conversations.row
    return row.conversation if row is not None else None


def no_conversation_under(desk: Desk, pane: str) -> str:
    """Return why there is no conversation to take along, and how to come by one."""
    row = desk.panes.conversations.row
    if row is None or row.conversation is not None:
        return _("There is no conversation here.")
    if pane == "conversations":
        if row.key == lists.ALL_MEMORIES:
            return _("All memories is no conversation, and has no id. Choose a conversation first.")
        return _("This row is no conversation, and has no id. Choose a conversation first.")
    return _("No conversation is shown here. Choose one, or a memory that names one.")


def _message_under(desk: Desk, pane: str) -> Message | None:
    """Return the message under the cursor of the transcript, or the one in the detail."""
    under = desk.panes.transcript.message
    return under if pane == "transcript" else desk.detail.message or under


def memory_under(desk: Desk, pane: str) -> Memory | None:
    """Return the memory under the cursor of the list, or the one that the detail is about."""
    if pane == "memories":
        return desk.panes.memories.row
    return None if is_about_message(desk, pane) else desk.detail.memory


@dataclass(frozen=True)
class Text:
    """The whole text of a message or a memory, and what a file of it may be called after."""

    text: str
    about: About
    name: str


def about_under(desk: Desk, pane: str) -> About | None:
    """Return what message or memory a pane is about; None: about none."""
    if is_about_message(desk, pane):
        message, conversation = _message_under(desk, pane), desk.conversation
        if message is None or conversation is None:
            return None
        return About(conversation.ref, conversation.conversation_id, message=message.seq)
    memory = memory_under(desk, pane)
    if memory is None:
        return None
    return About(memory.ref, memory.conversation_id, memory.memory_id)


async def text_under(desk: Desk, pane: str) -> Text | None:
    """Return the text of the message or memory that a pane is about; None: there is none."""
    about = about_under(desk, pane)
    message, memory = _message_under(desk, pane), memory_under(desk, pane)
    if about is None:
        return None
    if about.memory_id is None:
        if message is None:
            return None
        text = await desk.reader(lambda reads: reads.message_text(message.pk))
        return Text(text, about, f"{about.conversation_id}-message-{about.message}")
    if memory is None:
        return None
    then = desk.chosen.as_of
    found = await desk.reader(lambda reads: reads.memories([memory.listing_pk], as_of=then))
    return Text(found[0].content, about, memory.memory_id) if found else None


async def texts_under(desk: Desk, pane: str) -> list[str]:
    """Return all texts of the message or memory that a pane is about."""
    if is_about_message(desk, pane):
        message = _message_under(desk, pane)
        if message is None:
            return []
        text, raw = await desk.reader(
            lambda reads: (reads.message_text(message.pk), _pretty(reads.message_raw(message.pk)))
        )
        return [text, raw]
    memory = memory_under(desk, pane)
    if memory is None:
        return []
    rows, raw, sources = await desk.reader(
        lambda reads: (
            reads.memories([memory.listing_pk], as_of=desk.chosen.as_of),
            _pretty(reads.memory_raw(memory.pk)),
            reads.memory_sources(memory.pk),
        )
    )
    texts = [text for row in rows for text in (row.title or "", row.content, *row.tags)]
    return [*texts, raw, *(source.excerpt or "" for source in sources)]


async def raw_under(desk: Desk, pane: str) -> tuple[str, str] | None:
    """Return a title and the service's JSON of the message or memory that a pane is about."""
    if is_about_message(desk, pane):
        message = _message_under(desk, pane)
        if message is None:
            return None
        return await raw_message(desk, message)
    memory = memory_under(desk, pane)
    if memory is None:
        return None
    raw = await desk.reader(lambda reads: _pretty(reads.memory_raw(memory.pk)))
    title = _("Memory {id}, as MemOS sent it")
    if desk.chosen.as_of is not None:
        title = _("Memory {id}, as MemOS sent it last, not as of then")
    return title.format(id=memory.memory_id), raw


async def raw_message(desk: Desk, message: Message) -> tuple[str, str]:
    """Return a title and the service's JSON of a message."""
    raw = await desk.reader(lambda reads: _pretty(reads.message_raw(message.pk)))
    return _("Message {number}, as MemOS sent it").format(number=message.seq), raw


async def whole_message(desk: Desk, message: Message) -> tuple[str, str]:
    """Return a title and a message whole: its text, then tool calls, images and files as JSON."""
    text = await desk.reader(lambda reads: reads.message_text(message.pk))
    if message.parts or message.tool_calls:
        raw = await desk.reader(lambda reads: _pretty(reads.message_raw(message.pk)))
        text = "\n\n".join(part for part in (text, raw) if part)
    title = _("Message {number} · {role} · {time}").format(
        number=message.seq,
        role=one_line(phrases.role_word(message.role), 40),
        time=phrases.exact(message.created_at, now_ms()),
    )
    return title, text or _("(no text)")


def is_about_message(desk: Desk, pane: str) -> bool:
    """Whether what is under the cursor of a pane is a message."""
    return pane == "transcript" or (pane == "detail" and desk.detail.about == "message")


def _pretty(raw: str | None) -> str:
    """Return JSON for reading: indented, in the letters of its language, nothing unseen in it."""
    if raw is None:
        return _("MemOS sent no JSON for this that is kept here.")
    if not raw:
        return _("The JSON is no longer kept: keep_raw_json of config.toml has it dropped.")
    with suppress(ValueError):
        return safe_json(json.dumps(json.loads(raw), indent=2, ensure_ascii=False))
    return raw


def suggest_path(
    project: str,
    ref: SubjectRef | None,
    name: str,
    *,
    ending: str,
    folder: Path,
) -> str:
    """Return a path made of ids; not on the event loop.

    Args:
        project: what it is called in files.
        ref: whose it is; None: everyone's.
        name: of what it is.
        ending: of the name, without a full stop.
        folder: that it is in; nothing is there yet.
    """
    from memos_admin.backend.export.names import suggest_name

    if ref is not None:
        ref = SubjectRef(ref.kind, called(ref))
    name = suggest_name(project, ref, masked(name), ending)
    # A field shows its text as it is, so that what could not be shown must not be in it.
    name = "".join(char if printable(char) == char else "_" for char in name)
    path, number, home = folder / name, 1, Path.home()
    while os.path.lexists(path) and number < MOST_NUMBERED:
        number += 1
        path = folder / f"{name.removesuffix(f'.{ending}')}-{number}.{ending}"
    within = home in path.parents
    return str("~" / path.relative_to(home) if within else path)


MOST_NUMBERED = 1000
"""Files of one name that are looked for before a person has to think of another one."""


def write_text(path: str, text: str) -> Path:
    """Write a text to a new file with mode 0600, and return where; ``~`` means one's home.

    Raises:
        CannotWrite: it cannot be written, the API key is in its name, or something is there; nothing
            was changed.
    """
    try:
        refuse_key(path, N_("file name"))
    except KeyGiven as error:
        raise CannotWrite(said_by(error)) from None
    try:
        target = Path(path).expanduser()
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except (OSError, RuntimeError, ValueError) as error:
        raise CannotWrite(why_not(error, path)) from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="") as file:
            file.write(text)
    except OSError as error:  # half a text is worse than none
        target.unlink(missing_ok=True)
        raise CannotWrite(why_not(error, path)) from None
    return target


class CannotWrite(Exception):
    """A file cannot be written; the text says which, why, and what to do."""


_REASONS = {
    (errno.ENOENT, errno.ENOTDIR): N_("its folder is not there. Choose one that exists."),
    (errno.EACCES, errno.EPERM, errno.EROFS): N_("it is not allowed there. Choose another folder."),
    tuple(FULL): N_("the disk is full, or your quota of it. Make room, or choose another one."),
    (errno.ENAMETOOLONG,): N_("the name is too long. Choose a shorter one."),
    (errno.EEXIST,): N_("it exists, and was left alone. Choose another name."),
}


def why_not(error: Exception, path: str) -> str:
    """Return in a sentence why nothing could be written to a path that was typed, and what to do."""
    reason = ""
    problem: object = said_by(error).rstrip(".。")
    if isinstance(error, OSError):
        reasons = (text for numbers, text in _REASONS.items() if error.errno in numbers)
        reason, problem = _(next(reasons, "")), error.strerror or error
        if error.errno in {errno.EEXIST, errno.EISDIR} and Path(path).expanduser().is_dir():
            reason = _("it is a folder. Name a file in it.")
    reason = reason or _("{problem}. Choose another place.").format(problem=problem)
    return _("{path} cannot be written: {reason}").format(path=path, reason=reason)
