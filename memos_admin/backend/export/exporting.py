"""Exports: conversations, users and memories, to a file or standard output."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from memos_admin.backend import absent
from memos_admin.backend.export import json_lines
from memos_admin.backend.export.completeness import of_conversations, of_memories
from memos_admin.backend.export.csv_format import BYTE_ORDER_MARK, CsvFormat
from memos_admin.backend.export.rows import (
    MEMORY_COLUMNS,
    MESSAGE_COLUMNS,
    derived_ids,
    each_memory,
    each_message,
    memory_row,
    message_row,
)
from memos_admin.backend.export.target import STDOUT, Write, writing
from memos_admin.backend.model import Conversation, Filter, Reads, SubjectRef
from memos_admin.backend.workspace import Workspace

Format = Literal["csv", "jsonl"]


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written.

    Attributes:
        path: the file; None for standard output.
        rows: messages, or memories where these were asked for.
        memories: memories that a JSON lines export of messages has beside them.
        guarded: cells that got a leading ``'``.
        incomplete: what is known to be missing, a line each.
    """

    path: Path | None
    rows: int
    guarded: int
    incomplete: tuple[str, ...]
    memories: int = 0


def export_conversation(
    workspace: Workspace,
    ref: SubjectRef,
    conversation_id: str,
    *,
    format: Format = "csv",  # noqa: A002 - the option's name
    output: Path | str = STDOUT,
    excel: bool = False,
    raw: bool = False,
) -> ExportReport:
    """Write one conversation: a row a message; as JSON lines its memories too.

    Args:
        workspace: the project.
        ref: whose conversation.
        conversation_id: its id.
        format: ``csv``, or ``jsonl`` which loses nothing.
        output: a file, replaced as a whole when everything is written; ``-``: standard output.
        excel: begin the CSV with a byte order mark.
        raw: leave cells of the CSV that a spreadsheet would take for formulas.

    Raises:
        LookupError: there is no such conversation in the store.
        OSError: the file cannot be written; what was there is untouched.
        StoreError: the store cannot be read.
    """
    form = _Form(format, output, excel, raw)
    with workspace.open_reads() as reads:
        found = reads.conversation(ref, conversation_id)
        if found is None:
            raise LookupError(f"There is no conversation {conversation_id!r} in this store.")
        wanted = Filter(subject=ref, conversation_id=conversation_id)
        with _Sheet.opened(workspace, reads, MESSAGE_COLUMNS, form) as sheet:
            sheet.conversation(found)
            if format == "jsonl":
                sheet.memories(wanted)
        incomplete = of_conversations(reads, [found]) + of_memories(reads, ref, 0)
    return sheet.report(output, sheet.message_count, incomplete, beside=sheet.memory_count)


def export_user(
    workspace: Workspace,
    ref: SubjectRef,
    *,
    format: Format = "csv",  # noqa: A002 - the option's name
    output: Path | str = STDOUT,
    excel: bool = False,
    raw: bool = False,
) -> ExportReport:
    """Write all conversations of a user or agent, the one that began first at the beginning.

    As JSON lines all memories of the subject follow. Arguments and errors as in
    `export_conversation`; LookupError where the subject is unknown.
    """
    form = _Form(format, output, excel, raw)
    with workspace.open_reads() as reads:
        subject = reads.subject(ref)
        if subject is None:
            raise LookupError(absent.nobody(ref))
        ordered = _by_first_message(reads, subject.pk)
        with _Sheet.opened(workspace, reads, MESSAGE_COLUMNS, form) as sheet:
            for pk in ordered:
                for found in reads.conversations([pk]):
                    sheet.conversation(found)
            if format == "jsonl":
                sheet.memories(Filter(subject=ref))
        conversations = (found for pk in ordered for found in reads.conversations([pk]))
        incomplete = of_conversations(reads, conversations) + of_memories(reads, ref, 0)
    return sheet.report(output, sheet.message_count, incomplete, beside=sheet.memory_count)


def export_memories(
    workspace: Workspace,
    wanted: Filter,
    *,
    format: Format = "csv",  # noqa: A002 - the option's name
    output: Path | str = STDOUT,
    excel: bool = False,
    raw: bool = False,
) -> ExportReport:
    """Write the memories that a filter names, in its order. Arguments as in `export_conversation`."""
    form = _Form(format, output, excel, raw)
    with workspace.open_reads() as reads:
        with _Sheet.opened(workspace, reads, MEMORY_COLUMNS, form) as sheet:
            sheet.memories(wanted)
        incomplete = of_memories(reads, wanted.subject, sheet.vanished_count)
    return sheet.report(output, sheet.memory_count, incomplete)


def _by_first_message(reads: Reads, subject_pk: int) -> list[int]:
    """Return a subject's conversations in the order in which they began; empty ones last."""
    began: list[tuple[bool, int, int]] = []
    for pk in reads.conversation_pks(subject_pk):
        first = reads.messages(reads.message_pks(pk)[:1])
        time = first[0].created_at if first else None
        began.append((time is None, time or 0, pk))
    return [pk for _, _, pk in sorted(began)]


@dataclass(frozen=True, slots=True)
class _Form:
    """How an export is written, and where to."""

    format: Format
    output: Path | str
    excel: bool
    raw: bool


class _Sheet:
    """An export being written: rows in one of the formats, and what was counted."""

    def __init__(self, project: str, reads: Reads, csv: CsvFormat | None, write: Write) -> None:
        self._project, self._reads, self._csv, self._write = project, reads, csv, write
        self.message_count = self.memory_count = self.vanished_count = 0

    @classmethod
    @contextmanager
    def opened(
        cls,
        workspace: Workspace,
        reads: Reads,
        columns: tuple[str, ...],
        form: _Form,
    ) -> Iterator[_Sheet]:
        """Open the output and write what comes before the rows."""
        if form.format not in ("csv", "jsonl"):
            raise ValueError(f"There is no export format {form.format!r}. Take csv or jsonl.")
        csv = CsvFormat(columns, guard=not form.raw) if form.format == "csv" else None
        with writing(form.output) as write:
            if csv is not None:
                write((BYTE_ORDER_MARK if form.excel else "") + csv.header())
            yield cls(workspace.project.title, reads, csv, write)

    def conversation(self, conversation: Conversation) -> None:
        """Write a conversation's messages."""
        made_from = derived_ids(self._reads, conversation)
        if self._csv is None:
            self._write(json_lines.conversation_line(self._project, conversation))
        for message in each_message(self._reads, conversation):
            derived = made_from.get(message.pk, ())
            if self._csv is not None:
                row = message_row(self._project, conversation, message, derived)
                self._write(self._csv.line(row))
            else:
                line = json_lines.message_line(
                    self._project,
                    conversation,
                    message,
                    derived=derived,
                    versions=self._reads.message_versions(message.pk) if message.versions else (),
                    raw=self._reads.message_raw(message.pk),
                )
                self._write(line)
            self.message_count += 1

    def memories(self, wanted: Filter) -> None:
        """Write the memories that a filter names."""
        for memory in each_memory(self._reads, wanted):
            sources = self._reads.memory_sources(memory.pk) if memory.sources else []
            if self._csv is not None:
                self._write(self._csv.line(memory_row(self._project, memory, sources)))
            else:
                line = json_lines.memory_line(
                    self._project,
                    memory,
                    sources=sources,
                    versions=self._reads.memory_versions(memory.pk) if memory.version > 1 else (),
                    raw=self._reads.memory_raw(memory.pk),
                )
                self._write(line)
            self.memory_count += 1
            self.vanished_count += memory.vanished_at is not None

    def report(
        self, output: Path | str, rows: int, incomplete: tuple[str, ...], *, beside: int = 0
    ) -> ExportReport:
        """Return what was written."""
        path = None if str(output) == STDOUT else Path(output)
        guarded = 0 if self._csv is None else self._csv.guarded
        return ExportReport(path, rows, guarded, incomplete, beside)
