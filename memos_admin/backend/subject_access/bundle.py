"""A bundle: one zip with all that is stored of a subject, for the person, for programs, for auditors."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from memos_admin.backend import absent, config, journal, occasion
from memos_admin.backend.erasing import erased_before, unfinished_erasures
from memos_admin.backend.errors import StoreError
from memos_admin.backend.export import content, json_lines, manifest
from memos_admin.backend.export.csv_format import CsvFormat
from memos_admin.backend.export.exporting import UNMASKED, OnProgress
from memos_admin.backend.export.journaling import named, not_journaled
from memos_admin.backend.export.scope import SubjectScope
from memos_admin.backend.export.target import writing_bytes
from memos_admin.backend.export.xlsx_format import XlsxFormat
from memos_admin.backend.journal import Stamp
from memos_admin.backend.journal.settings import journal_settings
from memos_admin.backend.keys import refuse_key
from memos_admin.backend.model import Reads, SubjectRef
from memos_admin.backend.subject_access import DEFAULT_LANGUAGE
from memos_admin.backend.subject_access.archive import Archive
from memos_admin.backend.subject_access.document import NAMES, About, Document, incomplete
from memos_admin.backend.subject_access.freshness import Freshness, freshness
from memos_admin.backend.subject_access.material import Counts, Material
from memos_admin.backend.subject_access.page import Page
from memos_admin.backend.subject_access.page_html import HtmlPage
from memos_admin.backend.subject_access.page_markdown import MarkdownPage
from memos_admin.backend.subject_access.sender import sender, unnamed
from memos_admin.backend.subject_access.tables import (
    EXPLAINED,
    PLAIN,
    VERDICT_COLUMNS,
    tables,
    verdict_rows,
)
from memos_admin.backend.times import now_ms
from memos_admin.language import N_, written_in
from memos_admin.language import gettext as _
from memos_admin.store import bundles

if TYPE_CHECKING:
    from memos_admin.backend.export.mask import Mask
    from memos_admin.backend.privacy import Privacy
    from memos_admin.backend.workspace import Workspace

_ATTEMPTS = 3
"""How often a bundle is begun anew because a sync has changed what is stored meanwhile."""

_PASSES = 5
"""How often each message and memory is written: twice for people, twice in tables, once as JSON."""


class Changed(StoreError):
    """What is stored has changed while it was written, again and again; nothing was written."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted.

    Attributes:
        request: the ticket that it is for.
        language: of the document, one of `memos_admin.language.LANGUAGES`.

    Raises:
        KeyGiven: the request is, or holds, the API key: it would go to the person.
    """

    ref: SubjectRef
    request: str
    language: str = DEFAULT_LANGUAGE
    privacy: Privacy = UNMASKED

    def __post_init__(self) -> None:
        refuse_key(self.request, N_("ticket"))

    @property
    def ticket(self) -> str:
        """The request as files and their names have it: where it is masked, the id is not in it."""
        return self._id.sub("…", self.request) if self.privacy.mask else self.request

    @property
    def names_whom(self) -> bool:
        """Whether the id stands in the request."""
        return self._id.search(self.request) is not None

    @property
    def _id(self) -> re.Pattern[str]:
        """Finds the id as a word of its own."""
        return re.compile(rf"(?<!\w){re.escape(self.ref.external_id)}(?!\w)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BundleReport:
    """What was written.

    Attributes:
        size: of the file, in bytes; `sha256`: of the file.
        counts: of what it holds.
        guarded: cells of CSV files that got a ``'``; `cut`: cells of the workbook.
        masked: parts that are masked; None: it is not masked.
        freshness: how old what it holds is.
        incomplete: what is known to be missing, a line each.
        journal: which entries the operator journal has of it, or why there is none.
        unnamed: what the document does not say of who answers, and how it would; ``""``: nothing.
        half_erased: an erasure is unfinished, and MemOS may have deleted something for it.
        throwaway: the journal that knows of it is gone with the process.
    """

    ref: SubjectRef
    path: Path
    size: int
    sha256: str
    counts: Counts
    guarded: int
    cut: int
    masked: int | None
    freshness: Freshness
    incomplete: Sequence[str]
    journal: str = ""
    unnamed: str = ""
    half_erased: bool = False
    throwaway: bool = False


@dataclass(frozen=True, slots=True)
class BundlePreview:
    """What a bundle would hold; see `BundleReport`."""

    counts: Counts
    freshness: Freshness
    incomplete: Sequence[str]
    unnamed: str = ""


def look(workspace: Workspace, ref: SubjectRef) -> BundlePreview:
    """Return what a bundle would hold. Blocks.

    Raises:
        LookupError: there is no such subject in the store.
        StoreError: the store cannot be read.
        HomeError: the configuration cannot be read, or is wrong.
    """
    with workspace.open_reads() as reads:
        subject = reads.subject(ref)
        if subject is None:
            raise LookupError(_nobody(workspace, reads, ref))
        material = Material(reads, subject, workspace.project.title)
        counts = material.counts()
        missing = tuple(incomplete(material, counts))
        return BundlePreview(counts, freshness(reads, subject), missing, unnamed(workspace.home))


def _nobody(workspace: Workspace, reads: Reads, ref: SubjectRef) -> str:
    erased = erased_before.of_nobody(workspace.home, workspace.project, ref)
    is_other = reads.subject(absent.other_kind(ref)) is not None
    return absent.nobody(ref, erased, is_other=is_other)


def export(
    workspace: Workspace, order: Order, output: Path, on_progress: OnProgress | None = None
) -> BundleReport:
    """Write a bundle; it is journaled before and after. Blocks.

    Args:
        workspace: the project.
        order: what is wanted.
        output: the file, replaced as a whole when everything is written.
        on_progress: told how much of how much is written. Whatever it raises ends the export.

    Raises:
        LookupError: there is no such subject in the store.
        OSError: the file cannot be written; what was there is untouched.
        Changed: syncs changed what is stored each time while it was written.
        StoreError: the store cannot be read, or the journal not be written.
    """
    event = event_of(workspace, order, output)
    begun = journal.begin(workspace.home, event, N_("Nothing was exported"))
    try:
        report = _write(workspace, order, output, begun, on_progress)
    except BaseException as error:
        journal.failed(workspace.home, event, error)
        raise
    event = replace(event, details={**event.details, "sha256": report.sha256})
    counts = report.counts
    told = {
        "conversations": counts.conversations,
        "messages": counts.messages,
        "memories": counts.memories,
    }
    if report.masked is not None:
        told["masked"] = report.masked
    ended = journal.settled(workspace.home, event, told)
    return replace(report, journal=journal.of(workspace.home).said_of(begun, ended))


def event_of(workspace: Workspace, order: Order, output: Path) -> journal.Event:
    """Return what is journaled of a bundle."""
    details: dict[str, object] = {"what": "subject", "format": "zip", "language": order.language}
    if order.privacy.mask:
        details["masked"] = True
        if order.privacy.pseudonyms:
            details["pseudonyms"] = True
    return journal.Event(
        "export", workspace.project, subject=order.ref, file=named(output), details=details
    )


def _write(
    workspace: Workspace,
    order: Order,
    output: Path,
    begun: Stamp | None,
    on_progress: OnProgress | None,
) -> BundleReport:
    for _attempt in range(_ATTEMPTS):
        with workspace.open_reads() as reads:
            writer = _Writer(workspace, reads, order, begun, on_progress)
            try:
                return writer.write(output)
            except Changed:
                continue
    raise Changed(
        _(
            "What is stored of {name} changed each time while it was written: a sync is running. "
            "Nothing was written. Repeat it when the sync has ended."
        ).format(name=order.ref.external_id)
    )


class _Writer:
    """Writes one bundle from one connection."""

    def __init__(
        self,
        workspace: Workspace,
        reads: Reads,
        order: Order,
        begun: Stamp | None,
        on_progress: OnProgress | None,
    ) -> None:
        subject = reads.subject(order.ref)
        if subject is None:
            raise LookupError(_nobody(workspace, reads, order.ref))
        self._workspace, self._reads, self._order = workspace, reads, order
        self._material = Material(
            reads, subject, workspace.project.title, mask=_mask(workspace, reads, order)
        )
        self._before = bundles.standing(reads.query, subject.pk)
        self._counts = self._material.counts()
        self._made_at = now_ms()
        self._guarded = self._cut = self._done = 0
        self._total = _PASSES * (self._counts.messages + self._counts.memories)
        self._begun, self._on_progress = begun, on_progress

    def write(self, output: Path) -> BundleReport:
        """Write it to a file. Raises Changed where it would not be of one state."""
        with writing_bytes(output, self._workspace.project) as (file, scratch):
            hashed = _Hashed(file)
            with closing(Archive(hashed, self._made_at)) as archive:  # type: ignore[arg-type]  # only written to and flushed
                self._write_documents(archive)
                self._write_workbook(archive, scratch)
                self._write_tables(archive)
                self._write_lines(archive)
                if bundles.standing(self._reads.query, self._material.subject.pk) != self._before:
                    raise Changed
                with archive.member(manifest.NAME) as member:
                    member.text(self._manifest(archive).text())
        mask = self._material.mask
        return BundleReport(
            self._order.ref,
            output,
            size=hashed.size,
            sha256=hashed.sha256,
            counts=self._counts,
            guarded=self._guarded,
            cut=self._cut,
            masked=None if mask is None else mask.parts,
            freshness=freshness(self._reads, self._material.subject),
            incomplete=(*self._incomplete(), *not_journaled(self._workspace.home)),
            unnamed=unnamed(self._workspace.home),
            half_erased=unfinished_erasures.may_have_deleted(self._material.subject),
            throwaway=self._workspace.home.throwaway,
        )

    def _write_documents(self, archive: Archive) -> None:
        about = self._about()
        pages: tuple[Page, Page] = (HtmlPage(), MarkdownPage())
        with written_in(about.language):
            for name, page in zip(NAMES, pages, strict=False):
                with archive.member(name) as member:
                    Document(
                        page, self._material, self._counts, about, member.text, self._tick
                    ).write()

    def _about(self) -> About:
        """Return what the document says about itself. Raises HomeError."""
        top = config.read(self._workspace.home)
        operator = journal_settings(top).operator
        project, order = self._workspace.project, self._order
        return About(
            order.ticket,
            occasion.present().who(operator).operator,
            account=operator is None,
            sender=sender(top),
            name=project.name,
            origin=project.origin,
            made_at=self._made_at,
            language=order.language,
        )

    def _write_workbook(self, archive: Archive, scratch: Path) -> None:
        with archive.member("data.xlsx", packed=True) as member:
            book: XlsxFormat | None = None
            try:
                for table in tables(self._material):
                    if book is None:
                        book = XlsxFormat(
                            member,
                            table.columns,
                            table.title,
                            scratch,
                            on_write=lambda: self._tick(0),
                        )
                    else:
                        book.begin(table.columns, table.title)
                    for block in table.blocks:
                        book.write(block.rows())
                        self._tick(_weight(table.name, block.length))
            except BaseException:
                if book is not None:
                    book.abandon()
                raise
            if book is not None:
                book.close()
                self._cut = book.cut

    def _write_tables(self, archive: Archive) -> None:
        for table in tables(self._material):
            sheet = CsvFormat(table.columns, plain=PLAIN)
            with archive.member(table.name) as member:
                member.text(sheet.header())
                for block in table.blocks:
                    member.text(sheet.lines(block))
                    self._tick(_weight(table.name, block.length))
            self._guarded += sheet.guarded

    def _write_lines(self, archive: Archive) -> None:
        material = self._material
        scope = SubjectScope(material.subject.ref)
        held = content.opened(self._reads, material.project, scope, material.mask)
        written = 0
        with archive.member("data.jsonl") as member:
            for lines in held.lines():
                member.text("".join(lines))
                self._tick(held.handed_out - written)
                written = held.handed_out
            for row in verdict_rows(material):
                said = {"type": "verdict", **dict(zip(VERDICT_COLUMNS, row, strict=True))}
                line = f"{json_lines.dumped(said)}\n"
                member.text(line if material.mask is None else material.mask.line(line))

    def _manifest(self, archive: Archive) -> manifest.Manifest:
        material, order, mask = self._material, self._order, self._material.mask
        subject = material.subject
        dropped = bundles.dropped(self._reads.query, subject.pk)
        called = SubjectRef(subject.ref.kind, material.masked("user_id", subject.ref.external_id))
        known = manifest.completeness(self._reads, subject, self._counts.vanished)
        if mask is not None:
            known = mask.document(known)
        return manifest.Manifest(
            self._workspace.project,
            manifest.Scope("subject", called),
            self._made_at,
            counts=self._counts.document(),
            completeness=known,
            files=archive.files,
            guarded_cells=self._guarded,
            cut_cells=self._cut,
            redactions=manifest.redactions(
                None if mask is None else mask.parts, pseudonyms=order.privacy.pseudonyms
            ),
            dropped=dropped._asdict(),
            journal=manifest.journal_entry(self._begun),
            request=order.ticket,
            columns=EXPLAINED,
        )

    def _incomplete(self) -> Sequence[str]:
        return tuple(incomplete(self._material, self._counts))

    def _tick(self, written: int) -> None:
        self._done += written
        if self._on_progress is not None:
            self._on_progress(min(self._done, self._total), self._total)


def _weight(name: str, rows: int) -> int:
    """Return how many messages or memories some rows of a table are."""
    return rows if name in {"messages.csv", "memories.csv"} else 0


def _mask(workspace: Workspace, reads: Reads, order: Order) -> Mask | None:
    if not order.privacy.mask:
        return None
    from memos_admin.backend.export.mask import Mask

    return Mask(workspace.home, reads, names=order.privacy.pseudonyms)


class _Hashed:
    """A file that only grows, and the hash and size of what was written to it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash, self.size = hashlib.sha256(), 0

    @property
    def sha256(self) -> str:
        """Of all that was written, in hexadecimal digits."""
        return self._hash.hexdigest()

    def write(self, data: bytes) -> int:
        """Take bytes."""
        self._hash.update(data)
        self.size += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        """Hand on what waits."""
        self._file.flush()
