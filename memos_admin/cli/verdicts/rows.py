"""The fields, columns and rows of lists of verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from memos_admin.backend.verdicts.kinds import VERDICTS
from memos_admin.backend.view_words import VIEWS
from memos_admin.cli.lists import counted, utc
from memos_admin.cli.table import Column, number, text
from memos_admin.cli.table import instant as column_of_time

if TYPE_CHECKING:
    from memos_admin.backend.model import Memory
    from memos_admin.backend.verdicts.agreement import Agreement
    from memos_admin.backend.verdicts.figures import Figure
    from memos_admin.backend.verdicts.standing import Standing

QUEUE_FIELDS = (
    "subject_kind",
    "user_id",
    "memory_id",
    "version",
    "view",
    "title",
    "content",
    "tags",
    "verdict",
    "others",
    "changed_since",
    "conversation_id",
    "updated_at",
    "found_by",
)
FIGURE_FIELDS = (
    "week",
    "view",
    "verdicts",
    "memories",
    *VERDICTS,
    "correct_share",
    "correct_low",
    "correct_high",
)
AGREEMENT_FIELDS = (
    "first",
    "second",
    "compared",
    "agreed",
    "share",
    "kappa",
    "kappa_low",
    "kappa_high",
    "disagreements",
)


def _judged(row: Mapping[str, Any]) -> str:
    changed = " (changed since)" if row["changed_since"] else ""
    return f"{row['verdict'] or '-'}{changed}"


def _became(row: Mapping[str, Any]) -> str:
    """Return what became of a verdict: how it ended, that the memory changed since, that it was sent."""
    sent = f"sent {row['sent_at'][:10]}" if row["sent_at"] else ""
    changed = "changed" if row["changed_since"] else ""
    return ", ".join(filter(None, [row["ended"] or changed, sent]))


def _title(row: Mapping[str, Any]) -> str:
    return str(row["title"] or row["content"] or "(no longer kept)")


def _share(row: Mapping[str, Any], name: str, low: str, high: str) -> str:
    if row[name] is None:
        return "too few"
    return f"{row[name]:.2f} ({row[low]:.2f} to {row[high]:.2f})"


_VIEW = Column("View", lambda row: VIEWS.get(row["view"], row["view"]), least=4, gives=4)
LIST_COLUMNS = (
    column_of_time("given_at", "Given"),
    text("verdict", "Verdict", least=7),
    Column("Now", _became, least=9),
    Column("Title", _title, least=20),
    text("note", "Note", least=10, gives=2),
    text("operator", "Operator", least=6, gives=3),
    text("user_id", "User", least=12, gives=5),
    _VIEW,
    text("memory_id", "Memory", least=12, gives=1),
)
QUEUE_COLUMNS = (
    _VIEW,
    Column("Title", _title, least=20),
    Column("Verdict", _judged, least=7),
    text("user_id", "User", least=12, gives=2),
    text("memory_id", "Memory", least=12),
)
FINDINGS_COLUMNS = (text("found_by", "Found by", least=12, gives=1), *QUEUE_COLUMNS)
FIGURE_COLUMNS = (
    Column("Week of", lambda row: row["week"] or "in all"),
    _VIEW,
    number("verdicts", "Verdicts"),
    Column(
        "Share correct",
        lambda row: _share(row, "correct_share", "correct_low", "correct_high"),
        right=True,
    ),
)
AGREEMENT_COLUMNS = (
    text("first", "First", least=6),
    text("second", "Second", least=6),
    number("compared", "Compared"),
    number("agreed", "Agreed"),
    Column("Share", lambda row: "too few" if row["share"] is None else f"{row['share']:.2f}"),
    Column("Kappa", lambda row: _share(row, "kappa", "kappa_low", "kappa_high")),
    text("disagreements", "Where they differ", least=12, gives=1),
)


def queue_row(memory: Memory, said: Standing, found_by: Sequence[str] = ()) -> dict[str, Any]:
    """Return a memory of a queue as a row; `found_by`: the rules of a hygiene scan that found it."""
    own = said.own
    return {
        "subject_kind": memory.ref.kind,
        "user_id": memory.ref.external_id,
        "memory_id": memory.memory_id,
        "version": memory.version,
        "view": memory.view,
        "title": memory.title,
        "content": memory.content,
        "tags": list(memory.tags),
        "verdict": None if own is None else own.verdict,
        "others": [f"{one.operator}: {one.verdict}" for one in said.others],
        "changed_since": said.changed,
        "conversation_id": memory.conversation_id,
        "updated_at": utc(memory.updated_at),
        "found_by": list(found_by),
    }


def figure_row(one: Figure) -> dict[str, Any]:
    """Return the verdicts of a week and view as a row."""
    low, high = one.interval or (None, None)
    return {
        "week": one.week,
        "view": one.view,
        "verdicts": one.verdicts,
        "memories": one.memories,
        **{name: one.counts.get(name, 0) for name in VERDICTS},
        "correct_share": one.correct,
        "correct_low": low,
        "correct_high": high,
    }


def counted_words(row: Mapping[str, Any]) -> str:
    """Return how often what was said, of a row of figures: for a line below it, since all need 90 cells."""
    found = [(row[name], name) for name in VERDICTS if row[name]]
    most_first = sorted(found, key=lambda one: -one[0])
    return " · ".join(f"{name} {count:,}" for count, name in most_first)


def total_words(one: Figure) -> str:
    """Return what was said in all, for a line: piped rows are those of weeks and views alone."""
    row = figure_row(one)
    share = _share(row, "correct_share", "correct_low", "correct_high")
    of = f"{counted(one.verdicts, 'verdict')} on {counted(one.memories, 'memory')}"
    return f"{of}; {counted_words(row)}; share correct: {share}"


def agreement_row(one: Agreement) -> dict[str, Any]:
    """Return how two operators agree as a row."""
    low, high = one.interval or (None, None)
    return {
        "first": one.first,
        "second": one.second,
        "compared": one.compared,
        "agreed": one.agreed,
        "share": one.share,
        "kappa": one.kappa,
        "kappa_low": low,
        "kappa_high": high,
        "disagreements": [f"{a}/{b}: {n}" for a, b, n in one.disagreements],
    }
