"""Pages as Markdown (CommonMark), in which text from outside stands as code: nothing in it is markup."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from memos_admin.backend.display import readable
from memos_admin.backend.subject_access.page import Called, Entry, Fact, Said
from memos_admin.language import gettext as _

_FENCE = 3
_TICKS = re.compile("`+")
_BREAKS = re.compile(r"[ \t\n]+")
# What can begin markup where it stands, and what some readers make links of; nothing else, since many
# read the file as it is. Without what defines a link, [text] is none.
_MARKUP = re.compile(
    r"[\\`*~$@]|(?<![^\W_])_|_(?![^\W_])|\](?=[(\[])|<(?=[A-Za-z/!?])|&(?=#?\w+;)"
    r"|^[#+=>[-]|(?<=www)\.|:(?=//)"
)
_NUMBERED = re.compile(r"^(\d{1,9})([.)])")


class MarkdownPage:
    """A page of Markdown; see `memos_admin.backend.subject_access.page.Page`."""

    def begin(self, title: str, language: str) -> str:
        """Return what stands before everything: nothing."""
        return ""

    def end(self) -> str:
        """Return what stands behind everything: nothing."""
        return ""

    def heading(self, level: int, text: str, said: str = "", anchor: str = "") -> str:
        """Return a heading."""
        behind = f" {_inline(Said(said))}" if said else ""
        return f"{'#' * level} {_inline(text)}{behind}\n\n"

    def paragraph(self, text: str) -> str:
        """Return a paragraph."""
        return f"{_inline(text)}\n\n"

    def facts(self, facts: Iterable[Fact]) -> str:
        """Return a list of names and values."""
        return "".join([*map(_fact, facts), "\n"])

    def points(self, texts: Iterable[str]) -> str:
        """Return a list of sentences."""
        return "".join([*(f"* {_inline(text)}\n" for text in texts), "\n"])

    def contents(self, title: str, entries: Iterable[tuple[str, str]]) -> str:
        """Return nothing: the files are read from the top, and anchors differ between readers."""
        return ""

    def entry(self, entry: Entry) -> str:
        """Return a message or a memory below a heading."""
        pieces = [
            f"> {_inline(entry.before)}\n\n" if entry.before else "",
            f"#### {_inline(entry.title)}{_byline(entry)}\n\n",
            self.facts(entry.facts) if entry.facts else "",
            _body(entry.text) if entry.text or not entry.called else "",
            *map(_called, entry.called),
        ]
        for earlier in entry.earlier:
            pieces.append(self.paragraph(earlier.label))
            pieces += [_body(text) for text in (earlier.title, earlier.text) if text is not None]
            pieces.append(self.facts(earlier.changed) if earlier.changed else "")
        return "".join(pieces)


def _inline(text: str) -> str:
    """Return text on one line: as code where it is from outside, else with no markup in it."""
    if not isinstance(text, Said):
        return _ours(text)
    line = _on_one_line(text)
    if not line:
        return _inline(_("(empty)"))
    ticks = "`" * (_longest(line) + 1)
    # A space beside the marks is taken away by readers, once, and keeps backticks apart from them.
    apart = " " if line[0] == "`" or line[-1] == "`" else ""
    return f"{ticks}{apart}{line}{apart}{ticks}"


@lru_cache(maxsize=256)
def _ours(text: str) -> str:
    """Return a text of ours with no markup in it; most of them come again and again."""
    return _NUMBERED.sub(r"\1\\\2", _MARKUP.sub(r"\\\g<0>", _on_one_line(text)))


def _on_one_line(text: str) -> str:
    return _BREAKS.sub(" ", readable(text)).strip(" ")


def _byline(entry: Entry) -> str:
    return f" ({_inline(entry.byline)})" if entry.byline else ""


def _fact(fact: Fact) -> str:
    return f"* **{_inline(fact.name)}:** {_inline(fact.value)}\n"


def _called(call: Called) -> str:
    label = _ours(call.label).replace("{name}", _inline(call.name))
    sent = "" if call.sent is None else _body(call.sent)
    cut = f"{_ours(call.cut)}\n\n" if call.cut else ""
    return f"{label}\n\n{sent}{cut}"


def _body(text: str) -> str:
    """Return text as it is, between fences that it cannot close."""
    if not text:
        return _inline(_("(no text)")) + "\n\n"
    shown = readable(text)
    fence = "`" * max(_FENCE, _longest(shown) + 1)
    end = "" if shown.endswith("\n") else "\n"
    return f"{fence}\n{shown}{end}{fence}\n\n"


def _longest(text: str) -> int:
    """Return the length of the longest run of backticks."""
    return max(map(len, _TICKS.findall(text)), default=0)
