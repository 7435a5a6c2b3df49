"""The manifest beside the file of an export: ``answers.csv.manifest.json`` of ``answers.csv``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memos_admin.backend import ledger
from memos_admin.backend.export import manifest
from memos_admin.backend.export.completeness import NOTHING
from memos_admin.backend.export.rows import (
    MEMORIES_EXPLAINED,
    MESSAGES_EXPLAINED,
    THEN_EXPLAINED,
)
from memos_admin.backend.export.scope import (
    ConversationScope,
    MemoriesScope,
    MessagesScope,
    Scope,
    SubjectScope,
    VerdictsScope,
)
from memos_admin.backend.export.target import is_special, writing
from memos_admin.backend.journal import narrowed, of
from memos_admin.backend.model import Reads, SubjectRef
from memos_admin.backend.times import now_ms
from memos_admin.backend.verdicts.rows import VERDICTS_EXPLAINED
from memos_admin.backend.workspace import Workspace
from memos_admin.store import bundles

if TYPE_CHECKING:
    from memos_admin.backend.export.mask import Mask

ENDING = ".manifest.json"


@dataclass(frozen=True, slots=True)
class Written:
    """What a manifest says of an export beside what the store knows.

    Attributes:
        counts: messages and memories, by these names.
        said: what is known to be missing, a sentence each, in English.
        mask: what masked it; None: nothing.
        pseudonyms: users and agents have other names in it.
    """

    counts: dict[str, int]
    guarded: int
    cut: int
    said: Sequence[str]
    mask: Mask | None
    pseudonyms: bool


def path_beside(file: Path) -> Path:
    """Return where the manifest of a file is."""
    return file.with_name(file.name + ENDING)


def write(workspace: Workspace, scope: Scope, file: Path, written: Written) -> Path | None:
    """Write the manifest of a file that was exported; return where. None: it is a device or a pipe.

    Raises:
        OSError: it cannot be written; the exported file stays.
        StoreError: the store cannot be read.
    """
    if is_special(file):
        return None
    target = path_beside(file)
    with workspace.open_reads() as reads:
        text = _manifest(workspace, reads, scope, file, written).text()
    with writing(target) as put:
        put(text)
    return target


def _manifest(
    workspace: Workspace, reads: Reads, scope: Scope, file: Path, written: Written
) -> manifest.Manifest:
    mask, ref = written.mask, _whose(scope)
    subject = None if ref is None else reads.subject(ref)
    dropped = {} if subject is None else bundles.dropped(reads.query, subject.pk)._asdict()
    known = ledger.document(reads, ledger.ledger(reads, None if subject is None else ref))
    parts = None if mask is None else mask.parts
    return manifest.Manifest(
        workspace.project,
        _scope(scope, mask),
        now_ms(),
        counts=written.counts,
        completeness=_masked(mask, {"said": list(written.said or [NOTHING]), "ledger": known}),
        files=[_entry(file)],
        guarded_cells=written.guarded,
        cut_cells=written.cut,
        redactions=manifest.redactions(parts, pseudonyms=written.pseudonyms),
        dropped=dropped,
        journal=manifest.journal_entry(of(workspace.home).stamp),
        request=manifest.request(),
        columns={file.name: _explained(scope)},
    )


def _explained(scope: Scope) -> Mapping[str, str]:
    """Return what stands in the columns of an export."""
    if isinstance(scope, VerdictsScope):
        return VERDICTS_EXPLAINED
    if isinstance(scope, MemoriesScope):
        return MEMORIES_EXPLAINED if scope.wanted.as_of is None else THEN_EXPLAINED
    return MESSAGES_EXPLAINED


def _whose(scope: Scope) -> SubjectRef | None:
    if isinstance(scope, ConversationScope | SubjectScope):
        return scope.ref
    return None if isinstance(scope, MessagesScope) else scope.wanted.subject


def _scope(scope: Scope, mask: Mask | None) -> manifest.Scope:
    ref = _whose(scope)
    if ref is not None:
        ref = SubjectRef(ref.kind, _masked(mask, {"user_id": ref.external_id})["user_id"])
    if isinstance(scope, SubjectScope):
        return manifest.Scope("subject", ref)
    if isinstance(scope, MessagesScope):
        return manifest.Scope("messages")
    if isinstance(scope, ConversationScope):
        name = _masked(mask, {"conversation_id": scope.conversation_id})["conversation_id"]
        return manifest.Scope("conversation", ref, name)
    wanted = scope.wanted
    filters = narrowed(wanted)["details"] | {"text": wanted.text or None}
    filters = {name: value for name, value in filters.items() if value is not None}
    if isinstance(scope, VerdictsScope):
        filters |= scope.verdicts.details
    told = _masked(mask, {"conversation_id": wanted.conversation_id, "filters": filters})
    kind = "verdicts" if isinstance(scope, VerdictsScope) else "memories"
    return manifest.Scope(kind, ref, told["conversation_id"], told["filters"], as_of=wanted.as_of)


def _masked(mask: Mask | None, document: dict[str, Any]) -> dict[str, Any]:
    """Return a document as the export says it."""
    return document if mask is None else mask.document(document)


def _entry(file: Path) -> manifest.FileEntry:
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return manifest.FileEntry(file.name, file.stat().st_size, digest)
