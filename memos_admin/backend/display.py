r"""The display gate: every text from outside passes here before a terminal sees it.

Texts of the service are kept raw and shown safe. A terminal obeys ESC sequences (OSC 52 writes the
clipboard), C1 codes and bidirectional overrides wherever they come from, and neither Textual nor
Rich takes them out. The gate turns whatever a reader could not see, or a terminal would obey, into
visible marks:

* C0 and DEL into control pictures (``␛``), all others into ``⟨U+202E⟩``-like marks: C1, bidi
  controls, zero-width and filler characters, tag characters, interlinear annotation, line and
  paragraph separators, lone surrogates, noncharacters;
* ZWNJ stays between letters of a script that joins, variation selectors one behind a character;
* what terminals give different widths is shown so that all agree, or borders would break: what a ZWJ
  joins, emoji or letters, part by part (``👩‿👧``), skin tones as ``⟨tone 4⟩``, emoji that a selector
  makes wide without it;
* at most `MAX_MARKS` combining characters stay behind a character, the rest is counted; one that
  would sit on something of ours (a border) gets a dotted circle to sit on.

While a veil is drawn (screen-safe mode, `memos_admin.backend.masking`) masks stand where a text is
personal or secret, before anything is cut or wrapped.

No import beyond the standard library and Rich's cell widths; without a veil pure functions.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len, split_graphemes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from memos_admin.backend.masking.covering import Edit
    from memos_admin.backend.masking.veil import Veil
    from memos_admin.backend.model import SubjectRef

MAX_MARKS: Final = 6
"""How many combining characters may stay behind one character. Real scripts need four."""

ELLIPSIS: Final = "…"

_TAB: Final = "    "

_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
_UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and newline, DEL, C1
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e"  # soft hyphen, joiner, ALM, fillers
    "\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"  # zero width, separators, bidi, invisible
    "\u3164\ufeff\uffa0\ufff0-\ufffb"  # fillers, BOM, interlinear annotation
    "\ud800-\udfff"  # lone surrogates: a terminal's encoding refuses them
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # format controls
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"  # tags and reserved invisible
) + _NONCHARACTERS
_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_EMOJI = "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
# Arabic to Indic, Myanmar, Khmer and Mongolian, less what is unseen among them.
_JOINING = (
    "\u0620-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17b3\u17b6-\u17ff\u1810-\u18af"
    "\ua840-\ua87f\ua8e0-\ua8ff\ufb50-\ufdcf\ufdf0-\ufdff\ufe70-\ufefe\U00010e80-\U000116cf"
)

_TONES = "\U0001f3fb-\U0001f3ff"
_WIDER = "\ufe0f"
_APART = f"(?<=[{_JOINING}])\u200c(?=[{_JOINING}])"
_TIED = (
    f"(?:(?<=[{_EMOJI}])|(?<=[{_EMOJI}]{_WIDER}))\u200d(?=[{_EMOJI}])"
    f"|(?<=[{_JOINING}])\u200d(?=[{_JOINING}])"
)
_SELECTED = rf"(?<=[^\s\u200c\u200d{_UNSEEN}{_SELECTORS}])[{_SELECTORS}]"

# The first group matches what may stay: an alternative that matches first keeps the others off.
_LINES = f"({_APART}|{_SELECTED})|({_TIED})|[\u200c\u200d{_SELECTORS}{_UNSEEN}{_TONES}]"
_LINE = f"({_APART}|{_SELECTED})|({_TIED})|[\t\n\u200c\u200d{_SELECTORS}{_UNSEEN}{_TONES}]"
# Combining characters are neither letters, digits, spaces nor ASCII to `re`: a cheap way to find
# the few places where looking at every character is worth it.
_CROWD = rf"[^\w\s!-~]{{{MAX_MARKS + 1},}}"
_BARE = r"(?:^|(?<=\n))[^\w\s!-~]"
_BREAK = re.compile(r"\r\n|[\r\n]")
_HIDDEN = f"[\u200c\u200d{_SELECTORS}{_UNSEEN}]"
_SUSPECT = f"[\u200c\u200d{_SELECTORS}{_UNSEEN}{_TONES}]"
_SUSPECT_LINE = f"[\t\n\u200c\u200d{_SELECTORS}{_UNSEEN}{_TONES}]"

_TONE_NUMBERS = range(0x1F3FB, 0x1F400)
"""Fitzpatrick's types from the second one on; the first two are one here."""

# Compiled when first needed: together they cost more than a list of plain texts takes to print.
_compiled = cache(re.compile)


_veil: Veil | None = None

BEYOND: Final = 1_024
"""Characters behind a cut that are looked at, so that what goes on there is known for what it is.

More than what the veil takes for a key whatever it is: one that goes on behind them is masked as well.
"""

BEFORE: Final = 4_000
"""Characters before a part that are looked at: more, since lines of a key are fewer than its characters."""


def draw(veil: Veil | None) -> None:
    """Let every text pass a veil from now on; None: none."""
    global _veil  # noqa: PLW0603 - there is one screen, as there is one language
    _veil = veil


def veil() -> Veil | None:
    """Return the veil that is drawn."""
    return _veil


def called(ref: SubjectRef) -> str:
    """Return what a user or agent is called: its id, or another name while that is asked for."""
    return ref.external_id if _veil is None else _veil.name(ref.external_id, ref.kind)


def other_name(name: str) -> str:
    """Return the other name of who said a message, where all users have one; else `name`."""
    return name if _veil is None or not name else _veil.name_of_id(name)


def id_of(name: str, kind: str) -> str:
    """Return the id of the user or agent that is called so here; `name` itself where it is an id, or nobody's."""
    return name if _veil is None else _veil.id_of(name, kind)


def masked(text: str) -> str:
    """Return a text with masks where it is personal or secret, else as it is; for no terminal."""
    return text if _veil is None else _veil.covered(text).text


def blanked(text: str) -> str:
    """Return a text as long as it is, with spaces where it is personal or secret: no word is of a mask."""
    for edit in edits(text):
        text = f"{text[: edit.start]}{' ' * (edit.end - edit.start)}{text[edit.end :]}"
    return text


def edits(text: str) -> Sequence[Edit]:
    """Return which parts of a text are personal or secret, with their masks; none without a veil."""
    return () if _veil is None else _veil.covered(text).edits


def edits_beside(text: str, *others: str) -> Sequence[Edit]:
    """Return the same of a text that stands beside others, which may make known what it has: as `Veil.beside`."""
    return () if _veil is None else _veil.beside(text, others).edits


def titled(title: str, content: str) -> str:
    """Return a title with masks where it has what is masked in the text below it."""
    return title if _veil is None else _veil.beside(title, [content]).text


def uncut(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a part of a text that is as much longer as it takes to have nothing personal cut."""
    for edit in edits(text):
        start = edit.start if edit.start < start < edit.end else start
        end = edit.end if edit.start < end < edit.end else end
    return start, end


def part(text: str, start: int, end: int) -> str:
    """Return a part of a text with masks; of one that is cut it has the whole.

    It is cut where the text itself has these places: behind masks, which may be shorter than what they
    stand for, there would be what was not looked at.
    """
    if _veil is None:
        return text[start:end]
    covered = _veil.covered(text)
    first, last = covered.moved(start, end)
    return covered.text[first:last]


def quoted(words: str, texts: Iterable[str]) -> str:
    """Return words that stand in some texts as they are shown there: what is masked wherever it stands as its mask."""
    if _veil is None or not words:
        return words
    masks = list[str]()
    for text in texts:
        at = text.find(words)
        covered = _veil.covered(text).edits if at >= 0 else ()
        while at >= 0:
            end = at + len(words)
            if not any(edit.start < end and at < edit.end for edit in covered):
                return words
            masks.append(part(text, at, end))
            at = text.find(words, at + 1)
    return masks[0] if masks else masked(words)


def beginning(text: str, most: int) -> str:
    """Return the first `most` characters of a text, with masks, and nothing personal cut."""
    return part(text[: most + BEYOND], 0, most)[:most] if len(text) > most else masked(text)


def cut_before(text: str) -> str:
    """Return a text that was cut at its end, with masks, without what may go on behind the cut.

    Half an address would not be known for one.
    """
    return text if _veil is None else part(text, 0, max(0, len(text) - BEYOND))


def safe(text: str, *, newlines: bool = False) -> str:
    """Return what `printable` does of a text that has its masks already, or needs none."""
    if text.isascii() and text.isprintable():
        return text
    if newlines and "\r\n" in text:
        text = text.replace("\r\n", "\n")
    if not text.isascii():
        text = _compiled(_CROWD).sub(_thin, text)
        text = _compiled(_BARE).sub(_seat, text)
    # One search with one set is ten times as fast as the substitution with its contexts.
    if not _compiled(_SUSPECT if newlines else _SUSPECT_LINE).search(text):
        return text
    return _compiled(_LINES if newlines else _LINE).sub(_mark, text)


def printable(text: str, *, newlines: bool = False) -> str:
    r"""Return `text` with everything that is unseen or obeyed turned into visible marks.

    The answer holds none of the characters that this module lists, is the same object where there
    was nothing to do, and passing it again changes nothing.

    Args:
        text: anything.
        newlines: keep line ends (``\r\n`` becomes ``\n``) and tabs; else they become ``␊``, ``␉``.
    """
    return safe(masked(text), newlines=newlines)


def readable(text: str) -> str:
    r"""Return `text` for a document that a browser or an editor shows, no terminal; masks are apart.

    What is unseen or turns text round becomes a mark, as in `safe` with ``newlines``; emoji and what
    letters are joined by stay as they are, since widths do not matter there.
    """
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n")
    if not text.isascii():
        text = _compiled(_CROWD).sub(_thin, text)
        text = _compiled(_BARE).sub(_seat, text)
    return _compiled(f"[{_UNSEEN}]").sub(_mark_unseen, text)


def unseen_in(text: str) -> int:
    """Return how many characters of a text `readable` has marks for."""
    if text.isascii() and text.isprintable():
        return 0
    return len(_compiled(f"[{_UNSEEN}]").findall(text.replace("\r\n", "\n")))


def one_line(text: str, cells: int) -> str:
    r"""Return the first line of `text` that is not blank, safe and at most `cells` wide.

    Tabs become spaces. Whatever is left out, of the line or behind it, is told by a final ``…``.
    """
    if cells <= 0:
        return ""
    start = len(text) - len(text.lstrip(" \t\r\n"))
    # Every cell may carry some combining characters; more than this cannot fit.
    reach = cells * (MAX_MARKS + 2) + 2
    if _veil is not None:
        goes_on = not text[start + reach :].isspace() and start + reach < len(text)
        text = part(text[start : start + reach + BEYOND], 0, reach) + ELLIPSIS * goes_on
        start = 0
    end = start + reach
    looked = text[start:end]
    found = _BREAK.search(looked)
    line = looked[: found.start()] if found else looked
    more = not text[start + len(line) :].isspace() and start + len(line) < len(text)
    line = safe(line.replace("\t", _TAB))
    if not more and cell_len(line) <= cells:
        return line
    return _cut(line, cells - 1) + ELLIPSIS


def both_ends(text: str, cells: int) -> str:
    """Return an id as one safe line at most `cells` wide: what is too much is a ``…`` in its middle.

    Ids of one kind often begin alike, and as often end alike: with both ends they can be told apart.
    """
    if cells <= 0:
        return ""
    reach = cells * (MAX_MARKS + 2) + 2  # as in `one_line`
    if _veil is not None:
        if len(text) <= 2 * (reach + BEFORE):
            text = masked(text)
        else:
            last = text[-(reach + BEFORE) :]
            text = part(text[: reach + BEYOND], 0, reach) + part(last, BEFORE, len(last))
    if len(text) > 2 * reach:
        text = text[:reach] + text[-reach:]
    line = safe(text.replace("\t", _TAB))
    if cell_len(line) <= cells:
        return line
    tail = (cells - 1) // 2
    return _cut(line, cells - 1 - tail) + ELLIPSIS + _end(line, tail)


def pad(text: str, cells: int, *, right: bool = False) -> str:
    """Return `text` filled with spaces to `cells`, in front where `right`. Never cuts."""
    fill = " " * (cells - cell_len(text))
    return fill + text if right else text + fill


def all_seen(text: str, mark: str) -> str:
    """Return `text` with `mark` for each character that is unseen, joiners among them, or breaks a line."""
    return _compiled(f"[\t\n\u200c\u200d{_UNSEEN}]").sub(mark, text)


def safe_json(document: str) -> str:
    r"""Return a JSON document that means the same with every unseen character as ``\u`` escapes.

    So are combining characters beyond `MAX_MARKS`. For JSON on a terminal. Line ends and tabs between
    its tokens stay.
    """
    if document.isascii() and "\x7f" not in document:
        return document
    return _compiled(_HIDDEN).sub(_escape, _compiled(_CROWD).sub(_escape_crowd, document))


def _thin(found: re.Match[str]) -> str:
    """Leave `MAX_MARKS` combining characters behind each character, count the rest."""
    kept: list[str] = []
    for part, beyond in _runs(found.group()):
        kept += (part, f"⟨+{len(beyond)} marks⟩" if beyond else "")
    return "".join(kept)


def _escape_crowd(found: re.Match[str]) -> str:
    """Leave as many behind each character, escape the rest."""
    return "".join(part + "".join(map(_escaped, beyond)) for part, beyond in _runs(found.group()))


def _runs(text: str) -> Iterator[tuple[str, str]]:
    """Yield parts of a text, each with the combining characters beyond `MAX_MARKS` that it ends in."""
    start = run = 0
    for at, char in enumerate(text):
        if _combines(char):
            run += 1
            continue
        if run > MAX_MARKS:
            yield text[start : at - run + MAX_MARKS], text[at - run + MAX_MARKS : at]
            start = at
        run = 0
    end = len(text) - max(0, run - MAX_MARKS)
    yield text[start:end], text[end:]


def _seat(found: re.Match[str]) -> str:
    char = found.group()
    return f"◌{char}" if unicodedata.category(char) in {"Mn", "Me", "Mc"} else char


def _combines(char: str) -> bool:
    return char in "\u200c\u200d" or unicodedata.category(char) in {"Mn", "Me", "Mc"}


def _mark(found: re.Match[str]) -> str:
    if (kept := found.group(1)) is not None:
        return "" if kept == _WIDER else kept
    if found.group(2) is not None:
        return "‿"
    code = ord(found.group())
    if code in _TONE_NUMBERS:
        return f"⟨tone {_TONE_NUMBERS.index(code) + 2}⟩"
    return _mark_unseen(found)


def _mark_unseen(found: re.Match[str]) -> str:
    code = ord(found.group())
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    return f"⟨U+{code:04X}⟩"


def _escape(found: re.Match[str]) -> str:
    return _escaped(found.group())


def _escaped(char: str) -> str:
    encoded = char.encode("utf-16-be", "surrogatepass")
    return "".join(
        f"\\u{encoded[at] << 8 | encoded[at + 1]:04x}" for at in range(0, len(encoded), 2)
    )


def _cut(text: str, cells: int) -> str:
    """Return the longest beginning of whole graphemes that is at most `cells` wide."""
    taken = cells + 1
    while taken < len(text) and cell_len(text[:taken]) <= cells:
        taken *= 2
    text = text[:taken]
    end = 0
    for start, stop, width in split_graphemes(text)[0]:
        if width > cells:
            return text[:start]
        cells -= width
        end = stop
    return text[:end]


def _end(text: str, cells: int) -> str:
    """Return the longest end of whole graphemes that is at most `cells` wide."""
    begin = len(text)
    for start, _, width in reversed(split_graphemes(text)[0]):
        if width > cells:
            break
        cells -= width
        begin = start
    return text[begin:]
