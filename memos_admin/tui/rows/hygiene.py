"""The rows of the hygiene screen: a heading for each rule with how much it found, its findings below."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from memos_admin.backend.display import beginning, called, titled
from memos_admin.backend.hygiene.finding import Finding
from memos_admin.backend.hygiene.kinds import RULES, RuleId
from memos_admin.backend.hygiene.rules import DESCRIBED
from memos_admin.backend.model import Filter, Memory, Reads
from memos_admin.backend.perspective import without_marks
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.tui.desk.place import Place
from memos_admin.tui.rows.main import TITLE_CUT, TITLE_READ
from memos_admin.tui.widgets.columns import Column
from memos_admin.tui.words import phrases

_OF_A_RULE = 1_000_000
"""Keys of a rule: its heading has the first one."""


@dataclass(frozen=True)
class HygieneRow:
    """A finding, or the heading of a rule.

    Attributes:
        found: None: it is the heading.
        total: findings of the rule.
        kept: those of them that are listed.
        folded: they are not shown.
        off: the rule does not look.
    """

    key: int
    rule: RuleId
    total: int = 0
    kept: int = 0
    folded: bool = False
    off: bool = False
    found: Finding | None = None
    memory: Memory | None = None

    @property
    def name(self) -> str:
        """The name of the rule, before its findings."""
        if self.found is not None:
            return ""
        mark = "·" if not self.total else "▸" if self.folded else "▾"
        return f"{mark} {_(DESCRIBED[self.rule].name)}"

    @property
    def title(self) -> str:
        """What it says in a line."""
        if self.memory is not None:
            memory = self.memory
            title = (
                titled(memory.title or "", memory.content)
                or without_marks(memory.content)
                or _("(no text)")
            )
            word = phrases.state_word(memory)
            return f"{word} · {title}" if word else title
        if self.found is not None:
            return _("(removed since)")
        if self.off:
            return _("off in config.toml")
        if self.kept < self.total:
            return _("{total}, the first {kept} are listed").format(
                total=phrases.count(self.total), kept=phrases.count(self.kept)
            )
        return phrases.count(self.total)

    @property
    def place(self) -> Place | None:
        """Where its memory can be seen beside its source."""
        memory = self.memory
        if memory is None:
            return None
        return Place(memory.ref, memory.conversation_id or "", memory.memory_id, pane="memories")


@dataclass(frozen=True)
class HygieneRows:
    """The rows of a scan; equal to later ones of the same scan, whatever was found meanwhile.

    Attributes:
        looked: the rules that have looked at everything; None: they still look.
    """

    wanted: Filter
    folded: Set[RuleId] = field(default=frozenset(), compare=False)
    counts: Mapping[RuleId, int] = field(default_factory=dict, compare=False)
    kept: Mapping[RuleId, Sequence[Finding]] = field(default_factory=dict, compare=False)
    looked: Set[RuleId] | None = field(default=None, compare=False)

    def keys(self, _reads: Reads) -> array[int]:
        """Return the keys: rule by rule those that found something, then what found nothing, or is off."""
        found: array[int] = array("q")
        for rule in RULES:
            if self.counts.get(rule):
                first = heading_key(rule)
                listed = 0 if rule in self.folded else len(self.kept[rule])
                found.extend(range(first, first + listed + 1))
        if found and self.looked is not None:
            others = [rule for rule in RULES if not self.counts.get(rule)]
            others.sort(key=lambda rule: rule not in (self.looked or ()))
            found.extend(map(heading_key, others))
        return found

    def rows(self, reads: Reads, keys: Sequence[int]) -> list[HygieneRow]:
        """Return rows."""
        findings = {key: self._finding(key) for key in keys}
        wanted = {one.listing_pk for one in findings.values() if one is not None}
        memories = {one.listing_pk: one for one in reads.memories(sorted(wanted), cut=TITLE_READ)}
        return [self._row(key, one, memories) for key, one in findings.items()]

    def _finding(self, key: int) -> Finding | None:
        number = key % _OF_A_RULE
        return self.kept[rule_of(key)][number - 1] if number else None

    def _row(self, key: int, found: Finding | None, memories: Mapping[int, Memory]) -> HygieneRow:
        rule = rule_of(key)
        if found is not None:
            return HygieneRow(key, rule, found=found, memory=memories.get(found.listing_pk))
        total, kept = self.counts.get(rule, 0), len(self.kept.get(rule, ()))
        off = not total and self.looked is not None and rule not in self.looked
        return HygieneRow(key, rule, total, kept, rule in self.folded, off)


def heading_key(rule: RuleId) -> int:
    """Return the key of the heading of a rule."""
    return RULES.index(rule) * _OF_A_RULE


def rule_of(key: int) -> RuleId:
    """Return the rule of a row."""
    return RULES[key // _OF_A_RULE]


def is_heading(key: int) -> bool:
    """Whether a key is that of a heading."""
    return key % _OF_A_RULE == 0


def _style(row: HygieneRow) -> str:
    return "accent" if row.found is None else ""


def columns(*, whose: bool) -> tuple[Column[HygieneRow], ...]:
    """Return the columns; `whose` a memory is too."""
    cells = 2 + phrases.widest([_(one.name) for one in DESCRIBED.values()])
    shown: list[Column[HygieneRow]] = [
        Column(N_("Rule"), lambda row, _now, _s: row.name, cells, style=lambda _row: "warn"),
        Column(N_("Title"), lambda row, _now, _s: beginning(row.title, TITLE_CUT), style=_style),
    ]
    if whose:
        user: Column[HygieneRow] = Column(
            N_("User"),
            lambda row, _now, _s: "" if row.found is None else called(row.found.ref),
            20,
            gives_way=1,
            is_id=True,
        )
        shown.append(user)
    return tuple(shown)
