"""Exports: what a scope holds, to a file or standard output, and a look at it before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from memos_admin.backend import journal
from memos_admin.backend.export import content as contents
from memos_admin.backend.export.content import Content
from memos_admin.backend.export.csv_format import BYTE_ORDER_MARK, CsvFormat
from memos_admin.backend.export.journaling import event_of, not_journaled
from memos_admin.backend.export.rows import PLAIN_COLUMNS
from memos_admin.backend.export.scope import MemoriesScope, Scope, VerdictsScope
from memos_admin.backend.export.target import STDOUT, writing, writing_bytes
from memos_admin.backend.model import Reads
from memos_admin.backend.privacy import Privacy
from memos_admin.backend.workspace import Workspace
from memos_admin.language import N_, sentences, written_in
from memos_admin.language import gettext as _

if TYPE_CHECKING:
    from memos_admin.backend.export.xlsx_format import XlsxFormat

Format = Literal["csv", "jsonl", "xlsx"]
FORMATS: tuple[Format, ...] = get_args(Format)

UNMASKED = Privacy()

OnProgress = Callable[[int, int], None]
"""Takes how many messages and memories were written, and of how many; what it raises ends the export."""


class ExportStopped(Exception):
    """Somebody stopped an export; to be raised by what is told about its progress."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written.

    Attributes:
        path: the file; None for standard output.
        rows: messages, or memories where these were asked for.
        memories: memories that a JSON lines export of messages has beside them.
        guarded: cells that got a ``'``.
        cut: cells of a workbook that were longer than a cell can be.
        incomplete: what is known to be missing, a line each.
        journal: which entry of the operator journal was the last, or why there is none.
        manifest: the file beside it that says what it is; None: there is none, beside standard output
            or a device, or since it could not be written.
        no_manifest: why it could not be written, else ``""``.
        masked: parts that are masked, ids with another name among them; None: it is not masked.
    """

    path: Path | None
    rows: int
    guarded: int
    incomplete: tuple[str, ...]
    memories: int = 0
    cut: int = 0
    journal: str = ""
    manifest: Path | None = None
    no_manifest: str = ""
    masked: int | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What an export would write.

    Attributes:
        columns: of the rows; none for JSON lines, where a row is one line.
        rows: the first ones, as a reader of the file finds them in its cells.
        total: messages, or memories where these were asked for.
        memories: memories that a JSON lines export of messages has beside them.
        incomplete: what is known to be missing, a line each.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int
    memories: int
    incomplete: tuple[str, ...]


def export(
    workspace: Workspace,
    scope: Scope,
    *,
    format: Format = "csv",  # noqa: A002 - the option's name
    output: Path | str = STDOUT,
    excel: bool = False,
    raw: bool = False,
    privacy: Privacy = UNMASKED,
    on_progress: OnProgress | None = None,
) -> ExportReport:
    """Write what a scope holds; it is journaled before and after.

    Args:
        workspace: the project.
        scope: what of it.
        format: ``csv``; ``jsonl``, which loses nothing; ``xlsx``.
        output: a file, replaced as a whole when everything is written; ``-``: standard output.
        excel: begin the CSV with a byte order mark.
        raw: leave cells of the CSV that a spreadsheet would take for formulas.
        privacy: whether what is personal or secret is masked, and users have other names.
        on_progress: told after each batch. Whatever it raises ends the export and is raised here.

    Raises:
        LookupError: the store does not have what the scope names.
        ValueError: there is no such format, or not for a terminal.
        OSError: the file cannot be written; what was there is untouched.
        StoreError: the store cannot be read, or the journal not be written.
    """
    check_format(format)
    event = event_of(workspace.project, scope, format, output, raw=raw, privacy=privacy)
    with journal.journaled(workspace.home, event, N_("Nothing was exported")) as counts:
        report, content = _write(
            workspace,
            scope,
            format=format,
            output=output,
            excel=excel,
            raw=raw,
            privacy=privacy,
            on_progress=on_progress,
        )
        if isinstance(scope, VerdictsScope):
            counts["verdicts"] = report.rows
        else:
            one = "memories" if isinstance(scope, MemoriesScope) else "messages"
            counts |= {"memories": report.memories, one: report.rows}
        if report.masked is not None:
            counts["masked"] = report.masked
    ours = journal.of(workspace.home)
    ours.flush()
    report = replace(report, journal=ours.said())
    if report.path is None:
        return report
    messages_only = content.has_messages and format == "csv"
    return _with_manifest(workspace, scope, report, content, messages_only=messages_only)


MESSAGES_ONLY = (
    "This file holds messages only; how many memories are listed is told in the ledger. They are in an "
    "export of memories, and in JSON lines of the same."
)
"""Said in the manifest of a table of messages: nothing in it counts memories."""


def _with_manifest(
    workspace: Workspace,
    scope: Scope,
    report: ExportReport,
    content: Content,
    *,
    messages_only: bool,
) -> ExportReport:
    """Write what the export is beside it; where that cannot be done, say so: the file is there."""
    from memos_admin.backend.export import beside

    counts, said = {"messages": content.messages, "memories": content.memories}, content.said
    if isinstance(scope, VerdictsScope):
        counts = {"verdicts": content.memories}
    elif messages_only:
        del counts["memories"]
        said = (*said, MESSAGES_ONLY)
    written = beside.Written(
        counts=counts,
        guarded=report.guarded,
        cut=report.cut,
        said=said,
        mask=content.mask,
        pseudonyms=content.mask is not None and content.mask.names,
    )
    try:
        path = beside.write(workspace, scope, report.path or Path(), written)
    except OSError as error:
        return replace(report, no_manifest=error.strerror or str(error))
    return replace(report, manifest=path)


def _write(
    workspace: Workspace,
    scope: Scope,
    *,
    format: Format,  # noqa: A002 - the option's name
    output: Path | str,
    excel: bool,
    raw: bool,
    privacy: Privacy,
    on_progress: OnProgress | None,
) -> tuple[ExportReport, Content]:
    with workspace.open_reads() as reads:
        content = _opened(workspace, reads, scope, privacy)
        tell = _teller(content, format, on_progress)
        guarded = cut = 0
        if format == "csv":
            sheet = CsvFormat(content.columns, guard=not raw, plain=PLAIN_COLUMNS)
            with writing(output) as write:
                write((BYTE_ORDER_MARK if excel else "") + sheet.header())
                for block in content.table():
                    write(sheet.lines(block))
                    tell()
            guarded = sheet.guarded
        elif format == "jsonl":
            with writing(output) as write:
                for lines in content.lines():
                    write("".join(lines))
                    tell()
        else:
            with _workbook(workspace, content, output, tell) as book:
                for block in content.table():
                    book.write(block.rows())
                    tell()
            cut = book.cut
        incomplete = _said_beside(workspace, content, privacy)
        with written_in("en"):
            content.said = _said_beside(workspace, content, privacy)
    written = content.messages, content.memories
    if not content.has_messages:
        written = content.memories, 0
    path = None if str(output) == STDOUT else Path(output)
    masked = None if content.mask is None else content.mask.parts
    report = ExportReport(path, written[0], guarded, incomplete, written[1], cut, masked=masked)
    return report, content


def preview(
    workspace: Workspace,
    scope: Scope,
    *,
    format: Format = "csv",  # noqa: A002 - the option's name
    raw: bool = False,
    privacy: Privacy = UNMASKED,
    rows: int = 20,
) -> Preview:
    """Return the first rows that `export` would write, and how many and what is missing.

    Raises:
        LookupError, ValueError, StoreError: as `export` does.
    """
    check_format(format)
    with workspace.open_reads() as reads:
        content = _opened(workspace, reads, scope, privacy)
        total, beside = content.count()
        if format == "jsonl":
            lines = islice(chain.from_iterable(content.lines()), rows)
            columns: tuple[str, ...] = ()
            first: tuple[tuple[str, ...], ...]
            first = tuple([(line.removesuffix("\n"),) for line in lines])
        else:
            columns = tuple(content.columns)
            table = (block.rows() for block in content.table())
            found = islice(chain.from_iterable(table), rows)
            if format == "csv":
                sheet = CsvFormat(columns, guard=not raw)
                first = tuple([sheet.cells(row) for row in found])
            else:
                from memos_admin.backend.export.xlsx_format import cells

                first = tuple([cells(row) for row in found])
            beside = 0
        incomplete = _said_beside(workspace, content, privacy)
        return Preview(columns, first, total, beside, incomplete)


def _opened(workspace: Workspace, reads: Reads, scope: Scope, privacy: Privacy) -> Content:
    mask = None
    if privacy.mask:
        from memos_admin.backend.export.mask import Mask

        mask = Mask(workspace.home, reads, names=privacy.pseudonyms)
    return contents.opened(reads, workspace.project.title, scope, mask)


def _said_beside(workspace: Workspace, content: Content, privacy: Privacy) -> tuple[str, ...]:
    """Return what an export cannot contain or does not say, a line each."""
    lines = (*content.incomplete(), *not_journaled(workspace.home))
    if not privacy.mask:
        return lines
    what = _(
        "Masked: addresses, phones, numbers of persons and cards, and secrets that were found."
    )
    if privacy.pseudonyms:
        what = sentences(what, _("Users and agents have other names."))
    not_found = _("Names of people and what they tell of themselves are not found.")
    return (sentences(what, not_found), *lines)


def check_format(name: str) -> None:
    """Raise ValueError where there is no such format."""
    if name not in FORMATS:
        raise ValueError(f"There is no export format {name!r}. Take csv, jsonl or xlsx.")


@contextmanager
def _workbook(
    workspace: Workspace, content: Content, output: Path | str, tell: Callable[[], None]
) -> Iterator[XlsxFormat]:
    from memos_admin.backend.export.xlsx_format import XlsxFormat

    with writing_bytes(output, workspace.project) as (file, scratch):
        book = XlsxFormat(file, content.columns, content.title, scratch, on_write=tell)
        try:
            yield book
        except BaseException:
            book.abandon()
            raise
        book.close()


def _teller(
    content: Content,
    format: Format,  # noqa: A002 - the option's name
    on_progress: OnProgress | None,
) -> Callable[[], None]:
    if on_progress is None:
        return lambda: None
    rows, beside = content.count()
    total = rows + beside if format == "jsonl" else rows
    return lambda: on_progress(content.handed_out, total)
