"""A filter as it is typed, taken apart: words and quoted texts, each with its place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

from memos_admin.backend.filter_language.fields import FIELDS, OF_VERDICTS, VERDICT_FIELDS, WORDS
from memos_admin.backend.translated_names import meant
from memos_admin.language import gettext as _
from memos_admin.language import sentences

_NAME = re.compile(r"([^\s:：,，、\"“”()（）]+)([:：])(?!//)")
_SPACE = re.compile(r"\s+")
_BARE = re.compile(r"[^\s,，、]+")
_WORD = re.compile(r"\S+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_CURLED = re.compile(r"[“”＂]((?:[^“”＂\\]|\\.)*)[“”＂]", re.DOTALL)
_CURLS = frozenset("“”＂")
_COMMAS = frozenset(",，、")
_WIDE_COLON, _WIDE_HYPHEN = "：", "－"
"""What a Chinese input method writes for its ASCII twin."""
_BRACKETS = re.compile(r"[(（]+-?")
_OPERATORS = frozenset({"OR", "AND", "NOT", "|", "||", "&&"})
_BESIDE_FIELDS = _OPERATORS | {"&"}
_IN_SMALL_LETTERS = frozenset({"or", "and"})
"""Words of a text, but for between two conditions where one is on a field."""
_ESCAPE = re.compile(r'\\(?:u\{([0-9a-fA-F]{1,6})\}|(["\\]))', re.DOTALL)


class Name(NamedTuple):
    """A word before a colon.

    Attributes:
        text: as it was typed.
        field: the field that it is, or would be if there were one.
        end: of the colon.
    """

    text: str
    field: str
    end: int

    @property
    def said(self) -> str:
        """As it was typed, with a colon."""
        return f"{self.text}:"


class FilterError(ValueError):
    """A text is no filter. Its text says why in a sentence.

    Attributes:
        start, end: the place in what was typed, in characters from 0, `end` excluded.
    """

    def __init__(self, problem: str, start: int, end: int) -> None:
        super().__init__(problem)
        self.start, self.end = start, max(end, start + 1)


@dataclass(frozen=True)
class Word:
    """A value or a text.

    Attributes:
        text: what it says.
        start, end: its place.
        quoted: it stood in quotes, and is taken as it is.
    """

    text: str
    start: int
    end: int
    quoted: bool = False


@dataclass(frozen=True)
class Term:
    """A condition: a field with values, or a text where `field` is ``""``.

    Attributes:
        negated: a hyphen stands before it.
        start, end: its place.
        said: the field with its colon as it was typed.
    """

    field: str
    values: tuple[Word, ...]
    negated: bool
    start: int
    end: int
    said: str = ""


def terms(
    typed: str, known: Collection[str] = FIELDS, refused: Mapping[str, str] | None = None
) -> list[Term]:
    """Return the conditions of a text, left to right, on these fields. Raises FilterError.

    `refused`: those of which no value is asked for where none stands, with a sentence on why.
    """
    found: list[Term] = []
    at = 0
    while True:
        space = _SPACE.match(typed, at)
        at = space.end() if space else at
        if at == len(typed):
            break
        found.append(_term(typed, at, known, refused or {}))
        at = found[-1].end
    closing = [_closes(term) for term in found]
    for number, term in enumerate(found):
        by_field = any(one.field for one in found[max(0, number - 1) : number + 2])
        operators = _BESIDE_FIELDS if by_field else _OPERATORS
        if by_field and 0 < number < len(found) - 1:
            operators |= _IN_SMALL_LETTERS
        opens = _opens(term) and any(closing[number + 1 :])
        _refuse_logic(term, operators if len(found) > 1 else frozenset(), opens=opens)
    return found


def _opens(term: Term) -> bool:
    """Whether a text begins with a bracket that it does not close."""
    word = term.values[0]
    is_plain = not (term.field or word.quoted)
    return is_plain and word.text.startswith("(") and word.text.count("(") > word.text.count(")")


def _closes(term: Term) -> bool:
    """Whether a term ends with a bracket that it does not open."""
    word = term.values[-1]
    is_plain = not word.quoted and word.text.endswith(")")
    return is_plain and word.text.count(")") > word.text.count("(")


def _refuse_logic(term: Term, operators: Collection[str], *, opens: bool) -> None:
    """Raise FilterError where brackets or operators stand between conditions, as in other languages.

    They would be looked for as texts, and nothing has those. `opens`: brackets around several words do.
    """
    (word, *_more) = term.values
    if term.field or word.quoted:
        return
    brackets = _BRACKETS.match(word.text)
    name = _name(word.text, brackets.end()) if brackets else None
    if opens or (name and name.field in OF_VERDICTS):
        raise FilterError(
            _("There are no brackets here. {logic}").format(logic=_logic()),
            term.start,
            term.start + 1,
        )
    if not term.negated and word.text.strip("()") in operators:
        said = _("{word} means nothing here. {logic}")
        raise FilterError(said.format(word=word.text, logic=_logic()), term.start, term.end)


def field_of(name: str) -> str:
    """Return a name before a colon as fields are called: the words of screens in any language are names too."""
    plain = unicodedata.normalize("NFKC", name).lower()
    field = plain.replace("_", "-")
    return field if plain.isascii() else meant(plain, WORDS) or field


def _name(typed: str, at: int) -> Name | None:
    """Return the word before a colon that stands there; None: it is a text.

    It has letters of any script and no digits, else times were names. A full-width colon is one behind a field,
    or what is nearly one: in Chinese it stands in texts too.
    """
    found = _NAME.match(typed, at)
    if found is None or not _is_word(found[1]):
        return None
    name = Name(found[1], field_of(found[1]), found.end())
    if found[2] == _WIDE_COLON and name.field not in OF_VERDICTS and not _near(name, OF_VERDICTS):
        return None
    return name


def _is_word(name: str) -> bool:
    kinds = [unicodedata.category(char)[0] for char in name]
    return kinds[0] == "L" and all(
        kind in "LM" or char in "_-" for kind, char in zip(kinds, name, strict=True)
    )


def _near(name: Name, known: Iterable[str]) -> str:
    """Return the field that is nearly called so, accents aside; ``""``: none is."""
    parts = unicodedata.normalize("NFKD", name.text.lower())
    return nearest("".join(char for char in parts if not unicodedata.combining(char)), known)


def _is_negated(typed: str, at: int) -> bool:
    """Whether a hyphen stands there that turns round what is behind it."""
    if typed[at] == _WIDE_HYPHEN:
        name = _name(typed, at + 1)
        return name is not None and name.field in OF_VERDICTS
    return typed[at] == "-"


def _logic() -> str:
    return _(
        "All conditions hold, and commas say one of several: view:fact,event. To look for the text, put "
        "it in quotes."
    )


def apart(typed: str, refused: Mapping[str, str] | None = None) -> tuple[str, list[Term]]:
    """Return a text without the conditions on fields that stand in it, and these. Raises FilterError.

    What names no field is text, as is whatever stands in quotes: they stay as they are. `refused` as in `terms`.
    """
    kept: list[str] = []
    found: list[Term] = []
    at = 0
    while at < len(typed):
        space = _SPACE.match(typed, at)
        begin = space.end() if space else at
        if begin == len(typed):
            break
        name = _name(typed, begin + _is_negated(typed, begin))
        if name is not None and name.field in FIELDS:
            term = _term(typed, begin, FIELDS, refused or {})
            found.append(term)
            end = term.end
        else:
            quote = _QUOTED.match(typed, begin)
            word = quote or _WORD.match(typed, begin)
            end = word.end() if word is not None else len(typed)
            kept.append(typed[at:end])
        at = end
    return "".join(kept).strip(), found


def names_a_field(typed: str) -> bool:
    """Whether a condition on a field stands in a text, whatever is behind its colon."""
    return any(name.field in FIELDS for name in _names(typed))


def slip(words: str) -> str:
    """Return that a word before a colon is nearly a field, in a search, where it is a text; ``""``: none is."""
    for name in _names(_QUOTED.sub(" ", words)):
        if name.field not in FIELDS and (name.field in VERDICT_FIELDS or _near(name, FIELDS)):
            return sentences(_no_such(name, FIELDS), _("It was looked for as a text."))
    return ""


def _names(typed: str) -> Iterator[Name]:
    """Yield the names that stand in a text, whatever is behind their colons."""
    for word in typed.split():
        name = _name(word, _is_negated(word, 0))
        if name is not None:
            yield name


def _term(typed: str, start: int, known: Collection[str], refused: Mapping[str, str]) -> Term:
    negated = _is_negated(typed, start) and bool(_WORD.match(typed, start + 1))
    at = start + negated
    name = _name(typed, at)
    if name is None:
        word = _value(typed, at, _WORD)
        if word.quoted and not word.text:
            raise FilterError(_("There is no text in these quotes."), start, word.end)
        return Term("", (word,), negated, start, word.end)
    field = name.field
    if field not in known:
        raise _no_field(name, known, at)
    if field in refused and not _BARE.match(typed, name.end):
        raise FilterError(refused[field], start, name.end)
    values = [_value(typed, name.end, _BARE, name)]
    while typed[values[-1].end : values[-1].end + 1] in _COMMAS:
        values.append(_value(typed, values[-1].end + 1, _BARE, name))
    return Term(field, tuple(values), negated, start, values[-1].end, name.said)


def _value(typed: str, at: int, bare: re.Pattern[str], name: Name | None = None) -> Word:
    opens = typed[at : at + 1]
    if opens == '"' or (name and opens in _CURLS):
        found = (_QUOTED if opens == '"' else _CURLED).match(typed, at)
        if found is None:
            raise FilterError(_("This quote is not closed. Close it with another."), at, len(typed))
        end = found.end()
        after = typed[end : end + 1]
        if after and not after.isspace() and not (name and after in _COMMAS):
            raise FilterError(_("A space has to follow behind a quote."), end, end + 1)
        return Word(_unescaped(found, at + 1), at, end, quoted=True)
    word = bare.match(typed, at)
    if word is None:
        field, values = ("", "") if name is None else (name.said, _(OF_VERDICTS[name.field]))
        text = _("A value is missing behind {field} {values}.").format(field=field, values=values)
        raise FilterError(text, at, at + 1)
    return Word(word[0], at, word.end())


def _unescaped(found: re.Match[str], start: int) -> str:
    def one(escape: re.Match[str]) -> str:
        if escape[2]:
            return escape[2]
        code = int(escape[1], 16)
        if code > 0x10FFFF:
            place = start + escape.start(), start + escape.end()
            raise FilterError(_("There is no such character."), *place)
        return chr(code)

    return _ESCAPE.sub(one, found[1])


def _no_field(name: Name, known: Collection[str], start: int) -> FilterError:
    text = _("{said} To look for the text, put it in quotes.")
    return FilterError(text.format(said=_no_such(name, known)), start, name.end)


def _no_such(name: Name, known: Collection[str]) -> str:
    """Return that there is no such field, and which one may be meant."""
    if name.field in VERDICT_FIELDS:
        return _("{field} narrows verdicts, not memories.").format(field=name.said)
    if near := _near(name, known):
        text = _("There is no field {name}. Did you mean {near}?")
        return text.format(name=name.text, near=near)
    return _("There is no field {name}.").format(name=name.text)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return what of `known` is near to a word, ``""`` where nothing is."""
    names = list(known)
    begun = [name for name in names if len(word) > 1 and name.startswith(word)]
    near = begun or get_close_matches(word[:100], names, n=1, cutoff=0.7)
    near = near or [name for name in names if _has_swapped(word, name)]
    return near[0] if near else ""


def _has_swapped(word: str, name: str) -> bool:
    """Whether two letters that stand beside each other are swapped: of three that makes much of a difference."""
    return len(word) == len(name) and any(
        word == name[:at] + name[at + 1] + name[at] + name[at + 2 :] for at in range(len(name) - 1)
    )
