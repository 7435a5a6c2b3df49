"""What those who checked a person's memories said of them, in a readable document; who they are, tables say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from memos_admin.backend.subject_access.earlier import at
from memos_admin.backend.subject_access.material import Material
from memos_admin.backend.subject_access.page import Entry, Fact, Said
from memos_admin.backend.verdicts.kinds import WORDS
from memos_admin.language import gettext as _
from memos_admin.store.verdict_records import Verdict


def facts(material: Material, entries: Mapping[str, Entry]) -> Iterator[Iterator[Fact]]:
    """Yield the facts of each verdict, taken back or not.

    Args:
        material: what it stands in.
        entries: the memories of the document by their ids.
    """
    for memory_id, verdict in material.verdicts():
        yield _facts(material, memory_id, verdict, entries.get(memory_id))


def _facts(
    material: Material, memory_id: str, verdict: Verdict, entry: Entry | None
) -> Iterator[Fact]:
    if entry is None:
        yield Fact(_("Memory"), Said(material.masked("memory_id", memory_id)))
    else:
        yield Fact(_("Memory"), entry.title, entry.anchor)
    word = WORDS.get(verdict.verdict)
    yield Fact(_("Said of it"), _(word) if word else Said(verdict.verdict))
    if verdict.note:
        yield Fact(_("Note"), Said(material.masked("note", verdict.note)))
    yield Fact(_("Said on"), at(verdict.judged_at))
    if verdict.is_changed:
        yield Fact(_("Since then"), _("the memory says something else"))
    if verdict.ended_at is not None:
        replaced = verdict.ended == "replaced"
        name = _("Replaced on") if replaced else _("Taken back on")
        yield Fact(name, at(verdict.ended_at))
