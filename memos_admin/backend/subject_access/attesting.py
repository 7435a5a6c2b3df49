"""What the operator journal of this home says of a bundle: its files and its manifest may have been changed together.

For the command line, whose language is English.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from memos_admin.backend import journal
from memos_admin.backend.home import Home
from memos_admin.backend.journal import reading
from memos_admin.backend.journal.entries import Entry
from memos_admin.backend.journal.reading import Wanted
from memos_admin.backend.subject_access.verifying import Verified
from memos_admin.backend.times import utc_text

Verdict = Literal["agrees", "disagrees", "unknown"]


@dataclass(frozen=True, slots=True)
class Attested:
    """What the journal says.

    Attributes:
        verdict: ``unknown``: it proves nothing of the bundle.
        entry: the one that is spoken of; None: there is none.
        said: the same in a sentence or two.
    """

    verdict: Verdict
    entry: Entry | None
    said: str


def attest(home: Home, found: Verified) -> Attested:
    """Return what the journal of a home says of a bundle. Blocks.

    It agrees where it has the SHA-256 of the whole file. It disagrees where it has another one for the export
    whose entry the manifest names. Another archive of the same project for the same request proves nothing: one
    may have been made without a journal, or elsewhere.

    Raises:
        StoreError: the journal cannot be read.
    """
    journal.of(home).flush()
    ended = list(_bundles(home))
    for entry in ended:
        if entry.details.get("sha256") == found.sha256:
            said = f"Entry {entry.seq:,} of the operator journal here agrees: {_told(entry)}"
            return Attested("agrees", entry, said)
    begun = _entry_of(home, found)
    if begun is not None:
        return _of_export(begun, ended)
    project, request = found.manifest.get("project"), found.manifest.get("request")
    uuid = project.get("uuid") if isinstance(project, dict) else None
    for entry in ended:
        if (entry.project_uuid, entry.ticket) == (uuid, request):
            said = (
                "No entry of the operator journal here has this SHA-256. What it has for that project and request "
                f"is another archive, by entry {entry.seq:,}: {_told(entry)} So this one was made elsewhere, or "
                "without a journal, or something of it and its manifest was changed."
            )
            return Attested("unknown", entry, said)
    return Attested(
        "unknown",
        None,
        "The operator journal here does not know this archive: it was made elsewhere, or without a journal, "
        "or its manifest was changed too. Where it was made, this command compares it with the journal there.",
    )


def _of_export(begun: Entry, ended: list[Entry]) -> Attested:
    """Return what is said of a bundle whose manifest names the entry that began an export."""
    same = [one for one in ended if one.seq > begun.seq and one.file == begun.file]
    if not same:
        said = (
            f"Entry {begun.seq:,} of the operator journal here, which the manifest names, says that it was begun; "
            "none says that it was done, so its SHA-256 is not known."
        )
        return Attested("unknown", begun, said)
    last = same[-1]
    said = (
        f"The operator journal here disagrees: by entry {last.seq:,} the archive whose export entry {begun.seq:,} "
        f"began has another SHA-256: {_told(last)} This file is not that one: something of it was changed."
    )
    return Attested("disagrees", last, said)


def _entry_of(home: Home, found: Verified) -> Entry | None:
    """Return the entry that the manifest names, if this journal has it with that hash."""
    named = found.manifest.get("journal")
    seq, hash_ = (named.get("seq"), named.get("hash")) if isinstance(named, dict) else (None, None)
    if type(seq) is not int or not isinstance(hash_, str):
        return None
    listing = reading.listing(home, Wanted(action="export"))
    return next((one for one in listing.entries if (one.seq, one.hash) == (seq, hash_)), None)


def _bundles(home: Home) -> Iterator[Entry]:
    """Yield the entries of bundles that were written, the latest first."""
    for entry in reading.listing(home, Wanted(action="export")).entries:
        if entry.result == "done" and entry.details.get("what") == "subject":
            yield entry


def _told(entry: Entry) -> str:
    """Return what an entry says of a bundle."""
    request = f" for {entry.ticket}" if entry.ticket else ""
    whose = f"{entry.subject_kind} {entry.user_id}"
    return (
        f"written on {utc_text(entry.at)} by {entry.operator}, of {whose}{request}, "
        f"SHA-256 {entry.details.get('sha256')}."
    )
