"""From a text to a `Filter`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any, TypeVar, cast

from memos_admin.backend.display import id_of
from memos_admin.backend.filter_language.fields import (
    ASCENDING,
    FIELDS,
    FLAGS,
    OF_VERDICTS,
    ORDERS,
    REVERSE,
    SHORT_VIEWS,
    STATUSES,
    TURNED,
    VALUES,
)
from memos_admin.backend.filter_language.reading import (
    FilterError,
    Term,
    Word,
    apart,
    nearest,
    terms,
)
from memos_admin.backend.filter_language.times import past, period
from memos_admin.backend.model import Filter, Kind, MemoryOrder, SubjectRef
from memos_admin.backend.translated_names import meant, spoken
from memos_admin.backend.verdicts.kinds import SHORT, VERDICTS, WORDS
from memos_admin.backend.view_words import VIEWS
from memos_admin.language import gettext as _

if TYPE_CHECKING:
    from memos_admin.backend.verdicts.verdict_filter import VerdictFilter

F = TypeVar("F", bound=Filter)

Language = Callable[[str, tzinfo | None, Mapping[str, str]], F]
"""What reads a filter: `parse`, or `parse_verdicts`."""

LONGEST = 2_000
"""Characters of a filter."""

_LONGEST_ID = 100
"""Characters of an id of a user or agent (memos-cloud-api, "Addresses and identity")."""


def parse(
    typed: str, zone: tzinfo | None = UTC, refused: Mapping[str, str] | None = None
) -> Filter:
    """Return the filter that a text says.

    Args:
        typed: as a person types it.
        zone: of days and times that name none; None: this machine's.
        refused: fields that do not apply where it is typed, with a sentence on why; ``""``: words.

    Raises:
        FilterError: it is none; the error knows the place.
    """
    return _read(typed, zone, refused, FIELDS).filter()


def parse_verdicts(
    typed: str, zone: tzinfo | None = UTC, refused: Mapping[str, str] | None = None
) -> VerdictFilter:
    """Return the filter of verdicts that a text says; as `parse` otherwise."""
    return _read(typed, zone, refused, OF_VERDICTS).verdict_filter()


def _read(
    typed: str, zone: tzinfo | None, refused: Mapping[str, str] | None, known: Collection[str]
) -> _Reading:
    if len(typed) > LONGEST:
        text = _("A filter has at most {most} characters.").format(most=LONGEST)
        raise FilterError(text, LONGEST, len(typed))
    reading = _Reading(typed, zone)
    for term in terms(typed, known, refused):
        _check(term, refused)
        reading.take(term)
    return reading


def split(
    typed: str, zone: tzinfo | None = UTC, refused: Mapping[str, str] | None = None
) -> tuple[str, Filter]:
    """Return the words of a search, as they were typed, and the filter that stands among them.

    Only what begins with the name of a field and a colon is part of the filter.

    Raises:
        FilterError: such a condition cannot be read.
    """
    words, found = apart(typed, refused)
    reading = _Reading(typed, zone)
    for term in found:
        _check(term, refused)
        reading.take(term)
    return words, reading.filter()


def _check(term: Term, refused: Mapping[str, str] | None) -> None:
    """Raise FilterError for a condition that does not apply; words that are left out narrow what is found."""
    if refused and term.field in refused and (term.field or not term.negated):
        raise FilterError(refused[term.field], term.start, term.end)


class _Reading:
    def __init__(self, typed: str, zone: tzinfo | None) -> None:
        self._typed, self._zone = typed, zone
        self._sets: dict[str, set[Any]] = {}
        self._values: dict[str, Any] = {}
        self._text: list[str] = []
        self._last: Term | None = None
        self._source: Term | None = None
        self._operators: list[Term] = []
        self._leaves_verdicts = False

    def verdict_filter(self) -> VerdictFilter:
        """Return what was said of verdicts."""
        from memos_admin.backend.verdicts.verdict_filter import VerdictFilter

        names = ("verdicts", "operators", "both")
        said: dict[str, Any] = {name: frozenset(self._sets.pop(name, ())) for name in names}
        for name in ("given_since", "given_until", "changed"):
            said[name] = self._values.pop(name, None)
        return VerdictFilter.on(self.filter(), **said)

    def filter(self) -> Filter:
        """Return what was said. Raises FilterError where parts of it exclude each other."""
        if self._source is not None and "as_of" in self._values:
            text = _("What came from which source is not known of a past instant.")
            raise FilterError(text, self._source.start, self._source.end)
        sets: dict[str, Any] = {name: frozenset(found) for name, found in self._sets.items()}
        return Filter(text="".join(self._text), **sets, **self._values)

    def take(self, term: Term) -> None:
        """Take a condition."""
        if not term.field:
            self._said(term)
        else:
            takers: dict[str, Callable[[Term], None]] = {
                "view": lambda one: self._names(one, "views", _view),
                "status": lambda one: self._names(one, "statuses", _status),
                "tag": self._tag,
                "updated": lambda one: self._period(one, "since", "until"),
                "created": lambda one: self._period(one, "created_since", "created_until"),
                "vanished": lambda one: self._flag(one, "vanished"),
                "inferred": lambda one: self._flag(one, "inferred"),
                "source": self._sourced,
                "conversation": lambda one: self._once(one, "conversation_id", _single(one).text),
                "user": self._subject,
                "agent": self._subject,
                "as-of": lambda one: self._once(one, "as_of", past(_single(one), self._zone)),
                "sort": self._sort,
                "verdict": self._verdict,
                "operator": self._operator,
                "given": lambda one: self._period(one, "given_since", "given_until"),
                "changed": lambda one: self._flag(one, "changed"),
            }
            takers[term.field](term)
        self._last = term

    def _said(self, term: Term) -> None:
        (word,) = term.values
        if term.negated:
            self._add("not_texts", word.text)
            return
        last = self._last
        beside = last is not None and not (last.field or last.negated or last.values[0].quoted)
        if self._text:
            plain = beside and last is not None and not word.quoted
            self._text.append(self._typed[last.end : term.start] if plain and last else " ")
        self._text.append(word.text)

    def _names(self, term: Term, name: str, read: Callable[[Word], str]) -> None:
        for word in term.values:
            self._add(f"not_{name}" if term.negated else name, read(word))

    def _verdict(self, term: Term) -> None:
        """Take which verdicts; those that are excluded leave the others."""
        if "verdicts" in self._sets and (term.negated or self._leaves_verdicts):
            text = _("{field} can be said once only.").format(field=term.said)
            raise FilterError(text, term.start, term.end)
        self._leaves_verdicts = term.negated
        named: set[str] = {_verdict(word) for word in term.values}
        if term.negated:
            named = {name for name in VERDICTS if name not in named}
            if not named:
                raise FilterError(_("This leaves no verdict."), term.start, term.end)
        self._sets.setdefault("verdicts", set()).update(named)

    def _operator(self, term: Term) -> None:
        """Take whose they are: of one of several, or on what each of those has judged who are said apart."""
        if term.negated:
            raise _not_negated(term)
        self._operators.append(term)
        if len(self._operators) == 1:
            self._sets["operators"] = {word.text for word in term.values}
            return
        several = next((one for one in self._operators if len(one.values) > 1), None)
        if several is not None:
            text = _("Said twice, {field} takes one name each: on what both have judged.")
            raise FilterError(text.format(field=several.said), several.start, several.end)
        names = {one.values[0].text for one in self._operators}
        self._sets["operators"], self._sets["both"] = set(), names
        if len(names) == 1:
            self._sets["operators"], self._sets["both"] = names, set()

    def _tag(self, term: Term) -> None:
        tags = frozenset(word.text for word in term.values)
        if term.negated:
            for tag in tags:
                self._add("not_tags", tag)
        elif len(tags) == 1:
            self._add("tags", *tags)
        else:
            self._add("any_tags", tags)

    def _add(self, name: str, value: Any) -> None:
        self._sets.setdefault(name, set()).add(value)

    def _period(self, term: Term, since: str, until: str) -> None:
        if term.negated:
            text = _(
                "{field} cannot be turned round with a hyphen. Earlier than 7 days ago is {field}<7d."
            )
            raise FilterError(text.format(field=term.said), term.start, term.end)
        begin, end = period(_single(term), self._zone)
        if begin is not None:
            self._values[since] = max(begin, self._values.get(since, begin))
        if end is not None:
            self._values[until] = min(end, self._values.get(until, end))

    def _flag(self, term: Term, name: str) -> None:
        word = _single(term)
        said = meant(word.text, VALUES[term.field])
        if said is None:
            text = _("{value} is neither yes nor no.").format(value=word.text)
            raise FilterError(text, word.start, word.end)
        self._once(term, name, FLAGS[said] != term.negated, may_negate=True)

    def _sourced(self, term: Term) -> None:
        self._flag(term, "sourced")
        self._source = term

    def _subject(self, term: Term) -> None:
        word = _single(term)
        if not word.text or len(word.text) > _LONGEST_ID:
            text = _("An id has 1 to {most} characters.").format(most=_LONGEST_ID)
            raise FilterError(text, word.start, word.end)
        kind = cast("Kind", term.field)
        self._once(term, "subject", SubjectRef(kind, id_of(word.text, kind)))

    def _sort(self, term: Term) -> None:
        first, *rest = term.values
        order = meant(first.text, ORDERS)
        if order is None:
            said = first.text.lower()
            raise _no_name(first, said, ORDERS, _("There is no order {name}."))
        if [meant(word.text, TURNED) for word in rest] not in ([], [REVERSE]):
            word = spoken(REVERSE, TURNED[REVERSE])
            text = _("Behind the order only {word} may stand.").format(word=word)
            raise FilterError(text, rest[0].start, rest[-1].end)
        self._once(term, "order", cast("MemoryOrder", order))
        self._values["descending"] = (order not in ASCENDING) != bool(rest)

    def _once(self, term: Term, name: str, value: Any, *, may_negate: bool = False) -> None:
        if term.negated and not may_negate:
            raise _not_negated(term)
        if name in self._values:
            text = _("{field} can be said once only.").format(field=term.said)
            raise FilterError(text, term.start, term.end)
        self._values[name] = value


def _single(term: Term) -> Word:
    if len(term.values) > 1:
        text = _("{field} takes one value only.").format(field=term.said)
        raise FilterError(text, term.values[1].start, term.values[-1].end)
    return term.values[0]


def _not_negated(term: Term) -> FilterError:
    text = _("{field} cannot be turned round with a hyphen.").format(field=term.said)
    return FilterError(text, term.start, term.end)


def _view(word: Word) -> str:
    said = word.text.lower()
    if word.quoted or said in VIEWS:
        return word.text if word.quoted else said
    found = SHORT_VIEWS.get(said) or meant(said, VIEWS)
    if found is None:
        raise _no_name(word, said, {**VALUES["view"], **VIEWS}, _("There is no view {name}."))
    return found


def _status(word: Word) -> str:
    said = word.text.lower()
    if word.quoted or said in STATUSES:
        return word.text if word.quoted else said
    if (found := meant(said, VALUES["status"])) is not None:
        return found
    text = _("There is no status {name} that is known here; in quotes it is taken as it is.")
    raise _no_name(word, said, VALUES["status"], text)


def _verdict(word: Word) -> str:
    said = word.text.lower().replace("-", "_")
    if word.quoted or said in VERDICTS:
        return word.text if word.quoted else said
    spoken = said.replace("_", " ")
    found = meant(spoken, WORDS) or meant(spoken, SHORT)
    if found is None:
        raise _no_name(word, said, WORDS, _("There is no verdict {name}."))
    return found


def _no_name(word: Word, said: str, known: Mapping[str, str], text: str) -> FilterError:
    """Return that a value is no name; `known`: those that there are, with what screens call them."""
    names = list(dict.fromkeys(spoken(name, called) for name, called in known.items()))
    near = nearest(said, [*names, *known])
    text = text.format(name=word.text)
    if near:
        text = _("{said} Did you mean {near}?").format(said=text, near=near)
    else:
        text = _("{said} There are: {names}.").format(said=text, names=_(", ").join(names))
    return FilterError(text, word.start, word.end)
