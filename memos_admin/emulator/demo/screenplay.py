"""Reads conversations that are written down like a play.

::

    user: I need a hotel in Porto.
    assistant: For which nights?
    user: Two nights from Friday.
      The second line of the same message.
      [image: https://files.example/porto.jpg]
    assistant calls search_hotels {"city": "Porto", "nights": 2}
    tool: {"hotels": 14}
    assistant: I found fourteen.
    @ +2d 40m
    user Tom <tom.baker@example.com>: In a group chat the speaker is named.
    assistant 20 times: The same message again and again.

A line that begins with white space continues the message above it. Each message of a user begins a
batch one to four minutes after the one before; what follows shares its time, as messages that were
added together do. ``@`` moves the clock, ahead (``+1d 2h 3m``) or to a time
(``2026-03-02 10:00``, or ``-12d 10:00`` for what was said that many days before today).
"""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from memos_admin.emulator.records import Wire, message_time

SPEAKER = re.compile(r"(user|assistant|system|tool)(?: (\d+) times)?(?: ([^:<]+) <([^>]+)>)?: (.*)")
CALL = re.compile(r"assistant calls (\w+) (\{.*\})")
ATTACHMENT = re.compile(r"\[(image|file): (\S+)(?: (.+))?\]")
AHEAD = re.compile(r"(\d+)([dhm])")
MINUTES = {"d": 24 * 60, "h": 60, "m": 1}
AGO = re.compile(r"-(\d+)d (\d\d:\d\d)")
DAY_MS = 86_400_000


@dataclass(slots=True)
class Line:
    """A message of a play: what get/message shows, its text alone, and its time."""

    wire: Wire
    text: str
    moment: int


def moment_of(text: str, today: int = 0) -> int:
    """Return a time such as ``2026-03-02 10:00`` (UTC) in epoch milliseconds.

    ``-12d 10:00`` is twelve days before `today`, the epoch milliseconds of a midnight.
    """
    if ago := AGO.fullmatch(text):
        return today - int(ago[1]) * DAY_MS + moment_of(f"1970-01-01 {ago[2]}")
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


def perform(script: str, start: str, today: int = 0) -> list[Line]:
    """Return the messages of a play that begins at `start`. Raises ValueError for an odd line."""
    stage = _Stage(moment_of(start, today), today)
    for number, line in enumerate(script.strip().splitlines(), 1):
        if not stage.take(line):
            raise ValueError(f"line {number} is no message: {line!r}")
    return stage.lines


class _Stage:
    """The play so far."""

    def __init__(self, clock: int, today: int) -> None:
        self.lines: list[Line] = []
        self._clock, self._today = clock, today
        self._moved = True
        self._calls: list[str] = []

    def take(self, line: str) -> bool:
        """Add a line; say whether it could be understood."""
        if not line.strip():
            return True
        if line[0].isspace():
            return self._continue(line.strip())
        if line.startswith("@"):
            self._move(line[1:].strip())
            return True
        if call := CALL.fullmatch(line):
            return self._call(call[1], call[2])
        if spoken := SPEAKER.fullmatch(line):
            role, times, *others = spoken.groups()
            for _ in range(int(times or 1)):
                self._say(role, *others)
            return True
        return False

    def _move(self, text: str) -> None:
        if text.startswith("+"):
            for number, unit in AHEAD.findall(text):
                self._clock += int(number) * MINUTES[unit] * 60_000
        else:
            self._clock = moment_of(text, self._today)
        self._moved = True

    def _say(self, role: str, name: str | None, role_id: str | None, text: str) -> None:
        if role == "user" and not self._moved:
            self._clock += (1 + zlib.crc32(text.encode()) % 4) * 60_000
        self._moved = False
        wire: Wire = {"role": role, "content": text}
        if name and role_id:
            wire |= {"role_id": role_id, "role_name": name}
        if role == "tool" and self._calls:
            wire["tool_call_id"] = self._calls.pop(0)
        self._add(wire, text)

    def _call(self, name: str, arguments: str) -> bool:
        json.loads(arguments)
        call_id = f"call_{len(self.lines) + 1:03}"
        self._calls.append(call_id)
        function = {"name": name, "arguments": arguments}
        call = {"id": call_id, "type": "function", "function": function}
        self._add({"role": "assistant", "content": "", "tool_calls": [call]}, "")
        return True

    def _add(self, wire: Wire, text: str) -> None:
        moment = message_time(self._clock)
        wire |= {"create_time": moment, "update_time": moment}
        self.lines.append(Line(wire, text, self._clock))

    def _continue(self, text: str) -> bool:
        if not self.lines:
            return False
        line = self.lines[-1]
        if attached := ATTACHMENT.fullmatch(text):
            content = line.wire["content"]
            parts: list[Any] = content if isinstance(content, list) else [_text_part(content)]
            parts.append(_attachment(*attached.groups()))
            line.wire["content"] = parts
            return True
        line.text = f"{line.text}\n{text}"
        line.wire["content"] = line.text
        return True


def _text_part(text: str) -> Wire:
    return {"type": "text", "text": text}


def _attachment(kind: str, url: str, name: str | None) -> Wire:
    if kind == "image":
        return {"type": "image_url", "image_url": {"url": url}}
    return {"type": "file", "file": {"filename": name or url.rsplit("/", 1)[-1], "file_url": url}}
