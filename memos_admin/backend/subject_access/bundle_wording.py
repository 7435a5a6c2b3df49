"""What a bundle would hold, and what was written, in lines for screens and commands."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from memos_admin.backend.changing.lines import Line, Part, below, path_of
from memos_admin.backend.display import called, veil
from memos_admin.backend.subject_access.bundle import BundlePreview, BundleReport, Order
from memos_admin.backend.subject_access.material import Counts
from memos_admin.language import LANGUAGES, counted
from memos_admin.language import gettext as _


def preview_lines(
    order: Order,
    preview: BundlePreview,
    path: Path,
    anew: bool = False,
) -> Iterator[Line]:
    """Yield what would be written.

    Args:
        order: what is wanted.
        preview: what it would hold.
        path: where to.
        anew: it is read from MemOS first although it is fresh.
    """
    counts = preview.counts
    title = _("Write all that is stored of {id} as one archive")
    yield (Part(title.format(id=called(order.ref)), "strong"),)
    yield below(_("For the request {ticket}").format(ticket=order.request))
    yield below(counts.said(), "")
    text = _("A document for the person ({language}), tables, JSON lines, and checksums")
    yield below(text.format(language=LANGUAGES[order.language]), "")
    fresh = preview.freshness
    yield below(fresh.said(), "" if fresh.is_fresh else "warn")
    if not fresh.is_fresh:
        yield below(_("So it is read from MemOS first."), "")
    elif anew:
        yield below(_("It is read from MemOS once more first."), "")
    if veil() is not None and not order.privacy.mask:
        text = _("Masks are seen here only: the file will have what is behind them.")
        yield below(text, "warn")
    yield below(_("To {path}").format(path=path_of(path, order.ref)), "")
    if preview.unnamed:
        yield below(preview.unnamed, "warn")
    yield from _others(counts)
    yield from _quoted(counts)
    yield from _missing(preview.incomplete)


def report_lines(report: BundleReport, unread: str = "") -> Iterator[Line]:
    """Yield what was written, how old it is, what is missing, and what to do with it.

    Args:
        report: what was written.
        unread: why it could not be read from MemOS before, ``""``: it was, or was not meant to be.
    """
    counts = report.counts
    yield (Part(_("Wrote the archive to {path}").format(path=path_of(report.path, report.ref))),)
    yield below(counts.said(), "")
    if unread:
        yield below(_("It could not be read from MemOS first: {why}").format(why=unread), "warn")
    fresh = report.freshness
    yield below(fresh.said(), "" if fresh.is_fresh else "warn")
    yield from _others(counts)
    yield from _quoted(counts)
    if report.masked == 0:
        yield below(_("Masks were asked for; nothing was found that they hide."))
    elif report.masked is not None:
        text = counted(
            report.masked,
            "It is masked: {count} part of what it says. It does not hold all.",
            "It is masked: {count} parts of what it says. It does not hold all.",
        )
        yield below(text, "warn")
    yield from _changed(report)
    yield from _missing(report.incomplete)
    if report.unnamed:
        yield below(report.unnamed, "warn")
    if report.ref.kind == "agent":
        hint = _("In it, your-data.html is for whoever asked. Read it before you send it.")
    else:
        hint = _("In it, your-data.html is for the person. Read it before you send it.")
    yield below(hint, "strong")
    yield from _provable(report)


def _provable(report: BundleReport) -> Iterator[Line]:
    """Yield what proves later that it is whole, and how that is looked at."""
    path = str(report.path)
    if path_of(report.path, report.ref) != path:  # the name has the id, which is masked
        path = "FILE"
    command = f"memos-admin subject verify {shlex.quote(path)}"
    if report.throwaway:
        yield below(_("SHA-256 of the archive: {hash}").format(hash=report.sha256))
        text = _(
            "The journal of the demo is gone when the program ends, so what checks an archive later ({command}) "
            "compares its files only, and ends with 4."
        )
        yield below(text.format(command=command))
        return
    yield below(_("SHA-256 {hash}, also in the journal").format(hash=report.sha256))
    yield below(report.journal)
    yield below(_("To check it later: {command}").format(command=command))


def _others(counts: Counts) -> Iterator[Line]:
    if counts.by_others:
        text = counted(
            counts.by_others,
            "{count} message of other people is in it: see whether you may hand it over.",
            "{count} messages of other people are in it: see whether you may hand them over.",
        )
        yield below(text, "warn")

    if counts.by_name_only:
        text = counted(
            counts.by_name_only,
            "{count} message in it has a name and no id: whether the person wrote it is not known.",
            "{count} messages in it have a name and no id: whether the person wrote them is not known.",
        )
        yield below(text, "warn")


def _quoted(counts: Counts) -> Iterator[Line]:
    if counts.made_of_others:
        text = counted(
            counts.made_of_others,
            "{count} memory in it came from messages here that other people wrote: see whether you may hand it over.",
            "{count} memories in it came from messages here that other people wrote: see whether you may hand them over.",
        )
        yield below(text, "warn")
    if counts.quoted_of_others:
        text = counted(
            counts.quoted_of_others,
            "{count} memory in it came from a message of another user: see whether you may hand it over.",
            "{count} memories in it came from messages of other users: see whether you may hand them over.",
        )
        yield below(text, "warn")
    if counts.untraced:
        text = counted(
            counts.untraced,
            "Of {count} memory in it it cannot be known whether it came from a message of other people.",
            "Of {count} memories in it it cannot be known whether they came from messages of other people.",
        )
        yield below(text, "warn")


def _changed(report: BundleReport) -> Iterator[Line]:
    if report.guarded:
        text = counted(
            report.guarded,
            "{count} cell of CSV began like a formula, or a part did, and got a ' there.",
            "{count} cells of CSV began like a formula, or a part did, and got a ' there.",
        )
        yield below(text)
    if report.cut:
        text = counted(
            report.cut,
            "{count} cell of the workbook was cut: one holds 32,767 characters.",
            "{count} cells of the workbook were cut: one holds 32,767 characters.",
        )
        yield below(text)


def _missing(lines: Sequence[str]) -> Iterator[Line]:
    for line in lines:
        yield below(line, "warn")
